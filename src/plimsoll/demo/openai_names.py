"""The lists of a simulated OpenAI organisation: projects, keys, people, limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from plimsoll.demo import company
from plimsoll.demo.asking import Asked, RefusedError, read_question
from plimsoll.demo.company import Home, Key, OpenAIOrganisation, Person
from plimsoll.domain.calendar import day_start

Row = dict[str, object]


def answer_names(path: str, query: str, organisation: OpenAIOrganisation) -> Row | None:
    """The answer of a list, None for a path that is none; `RefusedError` as the real one does."""
    lists: dict[str, Callable[[str, str, OpenAIOrganisation], Row]] = {
        "/organization/projects": _projects,
        "/organization/users": _users,
        "/organization/admin_api_keys": _admin_keys,
        "/organization/spend_limit": _spend_limit,
        "/organization/spend_alerts": _nothing,
    }
    if path in lists:
        return lists[path](path, query, organisation)
    before, _, rest = path.partition("/organization/projects/")
    project_id, _, what = rest.partition("/")
    return None if before or not what else _of_project(path, query, organisation, project_id, what)


def _users(path: str, query: str, organisation: OpenAIOrganisation) -> Row:
    asked = _read(path, query, arrays=("emails",))
    emails = asked.many("emails")
    people = [person for person in organisation.people if not emails or person.email in emails]
    return _list(asked, [_user(person) for person in people])


def _admin_keys(path: str, query: str, organisation: OpenAIOrganisation) -> Row:
    return _list(_read(path, query, extra=("order",)), [_admin_key(organisation.owner)])


def _spend_limit(path: str, query: str, organisation: OpenAIOrganisation) -> Row:
    return _limit_of(path, query, organisation, None)


def _project_limit(path: str, query: str, organisation: OpenAIOrganisation, home: Home) -> Row:
    return _limit_of(path, query, organisation, home)


def _limit_of(path: str, query: str, organisation: OpenAIOrganisation, home: Home | None) -> Row:
    _read(path, query)
    cents = dict(organisation.limits).get(home.id if home else None)
    if cents is None:
        raise RefusedError(404, "No spend limit is set.", code="not_found")
    return {
        "object": "project.spend_limit" if home else "organization.spend_limit",
        "threshold_amount": cents,
        "currency": "USD",
        "interval": "month",
        "enforcement": {"status": "inactive"},
    }


def _projects(path: str, query: str, organisation: OpenAIOrganisation) -> Row:
    asked = _read(path, query, extra=("include_archived",))
    archived = asked.choice("include_archived", {"true", "false"}, "false") == "true"
    homes = [home for home in organisation.projects if archived or home.archived is None]
    return _list(asked, [_project(home) for home in homes])


def _of_project(
    path: str, query: str, organisation: OpenAIOrganisation, project_id: str, what: str
) -> Row | None:
    lists: dict[str, Callable[[str, str, OpenAIOrganisation, Home], Row]] = {
        "api_keys": _keys,
        "users": _project_users,
        "service_accounts": _service_accounts,
        "rate_limits": _nothing_there,
        "spend_limit": _project_limit,
        "spend_alerts": _nothing_there,
    }
    if what not in lists:
        return None
    home = next((home for home in organisation.projects if home.id == project_id), None)
    if home is None:
        raise RefusedError(404, f"No project found with id '{project_id}'.", code="not_found")
    return lists[what](path, query, organisation, home)


def _nothing(path: str, query: str, _organisation: OpenAIOrganisation) -> Row:
    return _list(_read(path, query, extra=("before", "order")), [])


def _nothing_there(path: str, query: str, organisation: OpenAIOrganisation, _home: Home) -> Row:
    return _nothing(path, query, organisation)


def _keys(path: str, query: str, organisation: OpenAIOrganisation, home: Home) -> Row:
    asked = _read(path, query, extra=("owner_project_access",))
    access = asked.choice("owner_project_access", {"active", "inactive", "any"}, "active")
    keys = [key for key in organisation.keys if key.home is home and not key.deleted]
    rows = [_key(key, is_hidden=key is organisation.hidden) for key in keys]
    return _list(asked, [row for row in rows if access in ("any", row["owner_project_access"])])


def _project_users(path: str, query: str, organisation: OpenAIOrganisation, home: Home) -> Row:
    _refuse_archived(home)
    owners = {key.owner for key in organisation.keys if key.home is home}
    people = [person for person in organisation.people if person in owners]
    rows: list[Row] = [
        {
            "object": "organization.project.user",
            "id": person.openai_id,
            "name": person.name,
            "email": person.email,
            "role": person.role,
            "added_at": _seconds(person.joined),
        }
        for person in people
    ]
    return _list(_read(path, query), rows)


def _service_accounts(path: str, query: str, organisation: OpenAIOrganisation, home: Home) -> Row:
    _refuse_archived(home)
    keys = [key for key in organisation.keys if key.home is home and key.owner is None]
    return _list(_read(path, query), [_service_account(key) for key in keys])


def _refuse_archived(home: Home) -> None:
    if home.archived is not None:
        raise RefusedError(400, "The project is archived.", code="project_archived")


def _read(path: str, query: str, *, extra: Sequence[str] = (), arrays: Sequence[str] = ()) -> Asked:
    return read_question(
        path, query, single={"limit", "after", *extra}, arrays=arrays, brackets_only=False
    )


def _list(asked: Asked, rows: list[Row]) -> Row:
    """A page of a list: `after` is the id of the last row already seen."""
    limit = asked.number("limit", least=1, most=100, default=20)
    after = asked.one("after")
    if after is not None:
        known = [row["id"] for row in rows]
        if after not in known:
            raise RefusedError(400, f"No such object: '{after}'.", param="after")
        rows = rows[known.index(after) + 1 :]
    page = rows[:limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(rows) > limit,
    }


def _project(home: Home) -> Row:
    return {
        "id": home.id,
        "object": "organization.project",
        "name": home.name,
        "created_at": _seconds(home.created),
        "archived_at": None if home.archived is None else _seconds(home.archived),
        "status": "active" if home.archived is None else "archived",
        "external_key_id": None,
        "residency": "GLOBAL",
    }


def _key(key: Key, *, is_hidden: bool) -> Row:
    owner: Row
    if key.owner is None:
        owner = {"type": "service_account", "service_account": _service_account(key)}
    else:
        owner = {
            "type": "user",
            "user": {
                "id": key.owner.openai_id,
                "email": key.owner.email,
                "name": key.owner.name,
                "created_at": _seconds(key.owner.joined),
                "role": key.owner.role,
            },
        }
    return {
        "object": "organization.project.api_key",
        "id": key.id,
        "name": key.name,
        "redacted_value": f"sk-proj-****{key.id[-4:]}",
        "created_at": _seconds(key.created),
        "last_used_at": None,
        "owner_project_access": "inactive" if is_hidden else "active",
        "owner": owner,
    }


def _service_account(key: Key) -> Row:
    return {
        "object": "organization.project.service_account",
        "id": company.made_up_id("svc_", key.id, 16),
        "name": key.name,
        "role": "member",
        "created_at": _seconds(key.created),
    }


def _user(person: Person) -> Row:
    return {
        "object": "organization.user",
        "id": person.openai_id,
        "name": person.name,
        "email": person.email,
        "role": "owner" if person.role == "owner" else "reader",
        "added_at": _seconds(person.joined),
        "is_service_account": False,
        "api_key_last_used_at": None,
    }


def _admin_key(owner: Person) -> Row:
    return {
        "object": "organization.admin_api_key",
        "id": company.made_up_id("key_", "admin", 16),
        "name": "Plimsoll",
        "redacted_value": "sk-admin-****demo",
        "created_at": _seconds(owner.joined),
        "expires_at": None,
        "last_used_at": None,
        "owner": {
            "type": "user",
            "object": "organization.user",
            "id": owner.openai_id,
            "name": owner.name,
            "created_at": _seconds(owner.joined),
            "role": "owner",
        },
    }


def _seconds(day: date) -> int:
    return int(day_start(day).timestamp())
