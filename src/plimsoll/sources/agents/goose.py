"""Goose: its database of sessions, with a ledger of calls since schema 15.

Units, as its ledger writes them: `input_tokens` includes cache reads and writes, `output_tokens`
includes reasoning. Sessions from before the ledger have one sum, which keeps its day of creation;
the first call of such a session carries the sum forward as a row of the ledger, which is the same
sum and no charge. What Goose did through another coding agent stands in that agent's own logs and
is left to them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from plimsoll.domain.calls import MOST_TOKENS, Call, CallClass, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Databases, LogFile, Memory, Place
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.makers import whose_prices
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_millis,
    from_seconds,
    millis,
    nanos_of_dollars,
    parsed,
    table,
    word,
)
from plimsoll.sources.logs.tables import Tables, tables_of

NAME = "goose"

_CARRIED = "carried_forward"
_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_SUMS = tuple(f"accumulated_{name}" for name in _COUNTS)
_MOST_SUMMED = 10**12
"""A session's sum may be above what one call can use."""

_NO_SPLIT = (("flag", "no_split"),)
_IN_MILLIS = 10**10
"""Times above this are milliseconds, as Goose itself holds."""

_ELSEWHERE = frozenset({"claude-code", "claude-acp", "codex", "codex-acp", "gemini-cli"})
"""Providers that are coding agents with logs of their own."""

_LOCAL_NAMES = re.compile(r".*(?:-acp|claude-code|codex|cursor-agent|gemini-cli)")
"""Providers whose sessions are named by the beginning of the first prompt."""


class _Session(NamedTuple):
    """A session as far as calls need it; `since` is when it was made."""

    number: str
    parent: str | None = None
    folder: str | None = None
    kind: str = ""
    service: str | None = None
    model: str | None = None
    since: int | None = None


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    root = place.environ.get("GOOSE_PATH_ROOT", "").strip()
    homes = list(given) or ([Path(root).expanduser()] if root else [])
    if homes:
        return [_sessions(home) for home in homes]
    if place.platform == "win32":
        programs = place.environ.get("APPDATA") or place.home / "AppData" / "Roaming"
        return [Path(programs) / "Block" / "goose" / "data" / "sessions"]
    shared = Path(place.environ.get("XDG_DATA_HOME") or place.home / ".local" / "share")
    folders = [shared / "goose" / "sessions"]
    if place.platform == "darwin":
        programs = place.home / "Library" / "Application Support"
        folders.append(programs / "Block" / "goose" / "data" / "sessions")
    return folders


def _sessions(folder: Path) -> Path:
    """The folder of the database, in a root folder or in the home folder around it."""
    return first_below(folder, "data/sessions", "sessions", ".local/share/goose/sessions")


def _database(copy: Path, file: LogFile, notes: Notes, memory: Memory) -> Iterator[Call]:  # noqa: ARG001 - a reader's arguments
    """The calls of the ledger, and the sums of sessions that it has nothing of."""
    with tables_of(copy, notes) as tables:
        sessions = _all_sessions(tables, notes)
        prompts = _prompts(tables)
        told: set[str] = set()
        rows = tables.rows(
            "usage_ledger",
            *("id", "session_id", "created_timestamp", "model", "cost", "cost_source"),
            *("is_compaction", *_COUNTS),
        )
        for number, session, time, model, cost, source, compacts, *counts in rows:
            known = sessions.get(session) or _Session(str(session))
            told.add(known.number)
            if source == _CARRIED:
                yield from _sum(known, counts, notes)
                continue
            at = _instant(time)
            first = at is not None and _is_asked(prompts.get(known.number, []), at)
            answered: CallClass = "human" if first else "tool_loop"
            yield from _made(
                known,
                counts,
                notes,
                key=key_of(NAME, known.number, str(number), str(time)),
                at=at,
                model=word(model) or known.model,
                answered="auto" if compacts else answered,
                cost=nanos_of_dollars(cost),
            )
        for session, *counts in tables.rows("sessions", "id", *_SUMS):
            if session in sessions and session not in told:
                yield from _sum(sessions[session], counts, notes)


def _sum(session: _Session, counts: Sequence[object], notes: Notes) -> Iterator[Call]:
    """What a session used before there was a ledger; how many calls that were, nobody knows."""
    yield from _made(
        session,
        counts,
        notes,
        key=key_of(NAME, session.number, "sum", str(session.since)),
        at=session.since,
        model=session.model,
        answered="tool_loop",
        details=_NO_SPLIT,
        requests=0,
    )


def _made(
    session: _Session,
    counts: Sequence[object],
    notes: Notes,
    *,
    key: int,
    at: int | None,
    model: str | None,
    answered: CallClass,
    details: tuple[tuple[str, str], ...] = (),
    requests: int = 1,
    cost: int | None = None,
) -> Iterator[Call]:
    """One call of these counts; none where nothing was used, or where it cannot be."""
    if session.service in _ELSEWHERE:
        return
    most = MOST_TOKENS if requests else _MOST_SUMMED
    try:
        sent, output, read, written = (count(value, most) for value in counts)
    except Impossible:
        notes.bad_call()
        return
    if not sent + output:
        return
    if at is None:
        notes.bad_call()
        return
    read = min(read, sent)
    written = min(written, sent - read)
    service = notes.service(whose_prices(session.service, model), model, None, details)
    yield Call(
        key,
        at,
        rank_of(output=min(output, MOST_TOKENS), total=sent + output),
        notes.origin(
            session.number, session.parent, session.folder, None, _class(session, answered)
        ),
        service,
        sent - read - written,
        read,
        written,
        output=output,
        requests=requests,
        cost=cost,
    )


def _class(session: _Session, answered: CallClass) -> CallClass:
    """Whom a session's calls answer, where that does not depend on what was asked."""
    if session.parent or session.kind == "sub_agent":
        return "subagent"
    if session.kind == "scheduled":
        return "headless"
    return "auto" if session.kind == "hidden" else answered


def _all_sessions(tables: Tables, notes: Notes) -> dict[object, _Session]:
    found: dict[object, _Session] = {}
    rows = tables.rows(
        "sessions",
        *("id", "parent_session_id", "working_dir", "session_type", "provider_name"),
        *("model_config_json", "created_at", "schedule_id", "name", "description"),
        "user_set_name",
    )
    for number, parent, folder, kind, service, model, since, schedule, *title in rows:
        if not isinstance(number, str):
            notes.bad_line()
            continue
        settings = table(parsed(model.encode()) if isinstance(model, str) else None)
        found[number] = _Session(
            number,
            word(parent),
            word(folder),
            "scheduled" if schedule else str(kind or ""),
            word(service),
            word(settings.get("model_name")),
            millis(since) if isinstance(since, str) else _instant(since),
        )
        name, description, by_user = title
        if by_user or not _LOCAL_NAMES.fullmatch(str(service or "")):
            notes.title(number, name or description)
    return found


def _prompts(tables: Tables) -> dict[str, list[int]]:
    """When people wrote in each session, in order; whether it was answered is not known yet."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = tables.rows("messages", "session_id", "role", "created_timestamp", "content_json")
    for session, role, time, content in rows:
        at = _instant(time)
        if role == "user" and at is not None and _is_text(content):
            found[session].append(at)
    return {session: sorted(times) for session, times in found.items()}


def _is_text(content: object) -> bool:
    """Whether a message is something that a person wrote, and no tool's answer."""
    parts = parsed(f'{{"parts":{content}}}'.encode()) if isinstance(content, str) else None
    listed = table(parts).get("parts")
    kinds = (
        {word(table(part).get("type")) for part in listed} if isinstance(listed, list) else set()
    )
    return "text" in kinds and not kinds & {"toolResponse", "toolRequest"}


def _is_asked(waiting: list[int], at: int) -> bool:
    """Whether a prompt waits for this call, which is its first answer then."""
    asked = bisect_right(waiting, at)
    del waiting[:asked]
    return asked > 0


def _instant(value: object) -> int | None:
    if type(value) is int and value > _IN_MILLIS:
        return from_millis(value)
    return from_seconds(value)


AGENT = Agent(
    name=NAME,
    title="Goose",
    roots=_roots,
    files=(Databases("sessions.db", _database),),
    missing=say(
        "Calls that name a session, single calls of versions before schema 15, "
        "and what Goose did through Claude Code, Codex or Gemini CLI (it stands "
        "in their own logs) are not in its database."
    ),
)
