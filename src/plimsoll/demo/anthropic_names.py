"""The lists of the simulated Anthropic organisation: itself, workspaces, keys and people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from plimsoll.demo import company
from plimsoll.demo.asking import Asked, RefusedError, read_question
from plimsoll.demo.company import Home, Key, Person
from plimsoll.domain.calendar import day_start

Row = dict[str, object]


def answer_names(path: str, query: str) -> Row | None:
    """The answer of a list, None for a path that is none; `RefusedError` as the real one does."""
    lists: dict[str, Callable[[str, str], Row]] = {
        "/v1/organizations/me": _me,
        "/v1/organizations/workspaces": _workspaces,
        "/v1/organizations/api_keys": _keys,
        "/v1/organizations/users": _users,
    }
    return lists[path](path, query) if path in lists else None


def _me(path: str, query: str) -> Row:
    read_question(path, query, single=(), arrays=(), brackets_only=True)
    return {"id": company.ANTHROPIC_ORGANIZATION, "type": "organization", "name": "Northwind"}


def _workspaces(path: str, query: str) -> Row:
    """The default workspace is a row of this list only where it is asked for."""
    asked = _read(path, query, extra=("include_archived", "include_default"), arrays=("ids",))
    truths = {"true", "false"}
    archived = asked.choice("include_archived", truths, "false") == "true"
    default = asked.choice("include_default", truths, "false") == "true"
    homes = [
        home
        for home in company.WORKSPACES
        if (default or home is not company.DEFAULT_WORKSPACE)
        and (archived or home.archived is None)
        and (not asked.many("ids") or home.id in asked.many("ids"))
    ]
    return _list(asked, [_workspace(home) for home in homes])


def _keys(path: str, query: str) -> Row:
    asked = _read(path, query, extra=("status", "workspace_id", "created_by_user_id"))
    status = asked.choice("status", {"active", "inactive", "archived", "expired"}, "")
    workspace, maker = asked.one("workspace_id"), asked.one("created_by_user_id")
    keys = [
        key
        for key in company.ANTHROPIC_KEYS
        if (not status or _status(key) == status)
        and (workspace is None or key.home.id == workspace)
        and (maker is None or (key.owner or company.MIRA).anthropic_id == maker)
    ]
    return _list(asked, [_key(key) for key in keys])


def _users(path: str, query: str) -> Row:
    asked = _read(path, query, extra=("email",))
    email = asked.one("email")
    people = [person for person in company.PEOPLE if email in (None, person.email)]
    return _list(asked, [_user(person) for person in people])


def _read(path: str, query: str, *, extra: Sequence[str] = (), arrays: Sequence[str] = ()) -> Asked:
    single = {"limit", "after_id", "before_id", *extra}
    return read_question(path, query, single=single, arrays=arrays, brackets_only=True)


def _list(asked: Asked, rows: list[Row]) -> Row:
    """A page of a list, after the row `after_id` or before the row `before_id`."""
    limit = asked.number("limit", least=1, most=1000, default=20)
    known = [row["id"] for row in rows]
    after, before = asked.one("after_id"), asked.one("before_id")
    for name, value in (("after_id", after), ("before_id", before)):
        if value is not None and value not in known:
            raise RefusedError(400, f"{name}: not found", param=name)
    if after is not None:
        rows = rows[known.index(after) + 1 :]
    if before is not None:
        earlier = rows[: known.index(before)]
        page, more = earlier[-limit:], len(earlier) > limit
    else:
        page, more = rows[:limit], len(rows) > limit
    return {
        "data": page,
        "has_more": more,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }


def _workspace(home: Home) -> Row:
    return {
        "id": home.id,
        "type": "workspace",
        "name": home.name,
        "display_color": "#6C5BB9",
        "created_at": _instant(home.created),
        "archived_at": None if home.archived is None else _instant(home.archived),
        "compartment_id": company.made_up_id("cmpt_", home.name, 16),
        "data_residency": {
            "allowed_inference_geos": "unrestricted",
            "default_inference_geo": "global",
            "workspace_geo": "us",
        },
        "external_key_id": None,
        "tags": {},
        "user_profile_id": None,
    }


def _key(key: Key) -> Row:
    owner = key.owner
    return {
        "id": key.id,
        "type": "api_key",
        "name": key.name,
        "status": _status(key),
        "partial_key_hint": f"sk-ant-api03-{key.id[-3:]}...{key.id[-7:-3]}AA",
        "created_at": _instant(key.created),
        "expires_at": None,
        "created_by": {"id": (owner or company.MIRA).anthropic_id, "type": "user"},
        "principal": None
        if owner is None
        else {"type": "user_actor", "user_id": owner.anthropic_id},
        "scope": {"type": "workspace", "workspace_id": key.home.id},
    }


def _status(key: Key) -> str:
    return "archived" if key.home.archived is not None else "active"


def _user(person: Person) -> Row:
    return {
        "id": person.anthropic_id,
        "type": "user",
        "email": person.email,
        "name": person.name,
        "role": "admin" if person.role == "owner" else "developer",
        "added_at": _instant(person.joined),
    }


def _instant(day: date) -> str:
    return day_start(day).strftime("%Y-%m-%dT%H:%M:%SZ")
