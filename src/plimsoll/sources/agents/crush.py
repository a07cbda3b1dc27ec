"""Crush: one database in each project, of which only the cost of each session can be counted.

Units, as its log writes them: `cost` is in dollars and grows with every call of a session;
`prompt_tokens` and `completion_tokens` are those of its last call alone and are overwritten by the
next (from Crush's own source), so that they are no tokens of anything that can be summed. Times are
in seconds, whatever the schema says. A session that another one started adds its cost to that one
when it has ended, so that only those count that nobody started. A flat rate costs nothing here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from plimsoll.domain.calls import Call, key_of
from plimsoll.domain.money import NotAnAmount, nanos_of, read_amount
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Databases, LogFile, Memory, Place
from plimsoll.sources.logs.beside import json_beside
from plimsoll.sources.logs.makers import maker_of
from plimsoll.sources.logs.notes import Notes, from_millis, from_seconds, table, word
from plimsoll.sources.logs.tables import Tables, tables_of

NAME = "crush"

_SESSIONS = ("id", "parent_session_id", "title", "cost", "created_at", "updated_at")
_MESSAGES = ("session_id", "role", "model", "provider", "parts")

_LATEST_SECOND = 10**11
"""A time above this is in milliseconds, as the schema has always said it would be."""

_UNTITLED = re.compile(r"(Untitled|New) Session")


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    """Crush's own folder, and those of the projects that it has a list of there."""
    if given:
        return list(given)
    registry = _registry(place)
    projects = json_beside(registry).get("projects")
    folders = [registry.parent]
    for project in map(table, projects if isinstance(projects, list) else ()):
        path, data = word(project.get("path")), word(project.get("data_dir"))
        if path is not None:
            folders.append(Path(path) / (data or ".crush"))
    return folders


def _registry(place: Place) -> Path:
    chosen = place.environ.get("CRUSH_GLOBAL_DATA")
    if chosen:
        return Path(chosen) / "projects.json"
    data = place.environ.get("XDG_DATA_HOME")
    if not data and place.platform == "win32":
        data = place.environ.get("LOCALAPPDATA") or str(place.home / "AppData" / "Local")
    return Path(data or place.home / ".local" / "share") / "crush" / "projects.json"


class _Talk(NamedTuple):
    """What a session's messages tell of it: the models that answered, and how it was opened."""

    models: set[tuple[str | None, str | None]]
    opening: list[str]


def _read(copy: Path, file: LogFile, notes: Notes, _memory: Memory) -> Iterator[Call]:
    folder = Path(file.path).parent
    project = str(folder.parent) if folder.name == ".crush" else None
    with tables_of(copy, notes) as tables:
        talks = _talks(tables)
        for row in tables.rows("sessions", *_SESSIONS):
            yield from _session(row, talks, project, notes)


def _session(
    row: tuple[Any, ...], talks: dict[str, _Talk], project: str | None, notes: Notes
) -> Iterator[Call]:
    number, parent, title, told, created, updated = row
    session = word(number)
    if session is None or parent:
        return
    try:
        cost = nanos_of(read_amount(told or 0))
    except NotAnAmount:
        cost = -1
    at = _instant(updated) or _instant(created)
    if cost < 0 or at is None:
        notes.bad_call()
        return
    talk = talks.get(session, _Talk(set(), []))
    if isinstance(title, str) and not _UNTITLED.match(title) and not _is_said(title, talk):
        notes.title(session, title)
    if cost:
        provider, model = next(iter(talk.models)) if len(talk.models) == 1 else (None, None)
        yield Call(
            key_of(NAME, session),
            at,
            cost,
            notes.origin(session, None, project, None, None),
            notes.service(maker_of(model) or provider or NAME, model),
            requests=None,
            cost=cost,
        )


def _talks(tables: Tables) -> dict[str, _Talk]:
    found: dict[str, _Talk] = defaultdict(lambda: _Talk(set(), []))
    for session, role, model, provider, parts in tables.rows("messages", *_MESSAGES):
        talk = found[session]
        if role == "assistant" and word(model):
            talk.models.add((word(provider), word(model)))
        elif role == "user" and not talk.opening:
            talk.opening.append(_text(parts))
    return found


def _is_said(title: str, talk: _Talk) -> bool:
    """Whether a title is but the beginning of the prompt, for want of a better one."""
    opening = " ".join("".join(talk.opening).split())
    return opening.startswith(" ".join(title.split()).removesuffix("…"))


def _text(parts: object) -> str:
    try:
        listed = orjson.loads(parts) if isinstance(parts, str) else None
    except orjson.JSONDecodeError:
        return ""
    blocks = map(table, listed if isinstance(listed, list) else ())
    return "".join(str(table(block.get("data")).get("text") or "") for block in blocks)


def _instant(value: object) -> int | None:
    if isinstance(value, int | float) and value > _LATEST_SECOND:
        return from_millis(value)
    return from_seconds(value)


AGENT = Agent(
    name=NAME,
    title="Crush",
    roots=_roots,
    files=(Databases("**/crush.db", _read),),
    missing=say(
        "Crush keeps the cost of each session and no tokens that can be summed; "
        "what a flat rate or a failed subagent used is not in its logs."
    ),
    advice=say(
        "Use the agent once, or name your projects with --set root=FOLDER,FOLDER: "
        "Crush keeps a database in each."
    ),
)
