"""Kimi CLI: what was written on the wire of a session, the forerunner of Kimi Code.

Units, as its log writes them: `input_other` is fresh input, cache reads and writes are apart, and
`output` includes thinking. Times are in seconds. The log names no model; the settings of today do,
which is marked as assumed. What a subagent did stands in its own file, and a copy of it in the
session's. A forked session copies its lines as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.beside import json_beside, text_beside
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.makers import maker_of
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_seconds,
    parsed,
    table,
    word,
)

NAME = "kimi-cli"

_USAGE = ("input_other", "input_cache_read", "input_cache_creation", "output")

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    chosen = place.environ.get("KIMI_SHARE_DIR", "").strip()
    homes = list(given) or [Path(chosen).expanduser() if chosen else place.home / ".kimi"]
    return [_sessions(home) for home in homes]


def _sessions(folder: Path) -> Path:
    """The folder of sessions, in the share folder or in the home folder around it."""
    return first_below(folder, "sessions", ".kimi/sessions")


class _Wire:
    """Reads one session's wire, and remembers who the next step answers."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        folder = Path(file.path).parent
        self._side = folder.parent.name == "subagents"
        home = folder.parent.parent if self._side else folder
        self._session = folder.name
        self._parent = home.name if self._side else None
        self._next = cast("CallClass", memory.get("next", "tool_loop"))
        self._recent = cast("list[list[Any]]", memory.get("recent", []))
        """The last step's message and whom it answers: its status may come again."""
        share = home.parent.parent.parent
        self._project = _project_of(home.parent.name, json_beside(share / "kimi.json"))
        self._model = cast("str | None", memory.get("model")) or _model_of(share)
        """What is assumed of a session once is not changed."""
        flag = (("flag", "model_assumed"),)
        maker = maker_of(self._model) or "moonshot"
        self._service = notes.service(maker, self._model, None, flag)

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(next=self._next, recent=self._recent, model=self._model)

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            entry = parsed(line)
            if entry is None:
                if line.strip():
                    self._notes.bad_line()
                continue
            message = table(entry.get("message"))
            at = from_seconds(entry.get("timestamp"))
            yield from self._message(at, word(message.get("type")), table(message.get("payload")))

    def _message(self, at: int | None, kind: object, payload: Json) -> Iterator[Call]:
        if kind in {"TurnBegin", "SteerInput"}:
            self._next = "human"
        elif kind == "StatusUpdate":
            yield from self._status(at, payload)
        elif kind == "SubagentEvent":
            event = table(payload.get("event"))
            status = table(event.get("payload"))
            if event.get("type") == "StatusUpdate" and word(status.get("message_id")):
                yield from self._status(at, status, helper=word(payload.get("agent_id")) or "")

    def _status(self, at: int | None, status: Json, *, helper: str | None = None) -> Iterator[Call]:
        """The call of a step; `helper` is the subagent whose step is told in the session's file."""
        usage = status.get("token_usage")
        if not isinstance(usage, dict):
            return
        try:
            fresh, read, written, output = (count(usage.get(name)) for name in _USAGE)
        except Impossible:
            self._notes.bad_call()
            return
        if at is None:
            self._notes.bad_call()
            return
        total = fresh + read + written + output
        if not total:
            return
        number = word(status.get("message_id")) or f"{at} {fresh} {read} {written} {output}"
        session, parent = self._session, self._parent
        if helper:
            session, parent = helper, session
        answered = self._answered(number, side=self._side or helper is not None)
        origin = self._notes.origin(session, parent, self._project, None, answered)
        rank = rank_of(output=output, total=total)
        yield Call(
            key_of(NAME, number), at, rank, origin, self._service, fresh, read, written, 0, output
        )

    def _answered(self, number: str, *, side: bool) -> CallClass:
        """Who a step answers: the first of a turn its giver, the next the loop itself."""
        if side:
            return "subagent"
        if self._recent and self._recent[0][0] == number:
            return cast("CallClass", self._recent[0][1])
        self._recent = [[number, self._next]]
        answered, self._next = self._next, "tool_loop"
        return answered


def _project_of(name: str, known: Json) -> str | None:
    """The folder whose hash names a folder of sessions, one of those that Kimi worked in."""
    folders = known.get("work_dirs")
    for folder in map(table, folders if isinstance(folders, list) else ()):
        path = word(folder.get("path"))
        if path and name.endswith(md5(path.encode(), usedforsecurity=False).hexdigest()):
            return path
    return None


def _model_of(share: Path) -> str | None:
    """What the settings name now, which is the best guess for what the log leaves out."""
    settings = _settings(share)
    chosen = word(settings.get("default_model"))
    return word(table(table(settings.get("models")).get(chosen or "")).get("model")) or chosen


def _settings(share: Path) -> Json:
    try:
        return tomllib.loads(text_beside(share / "config.toml")) or json_beside(
            share / "config.json"
        )
    except tomllib.TOMLDecodeError:
        return {}


def _state(content: bytes, file: LogFile, notes: Notes, memory: Memory) -> Iterable[Call]:  # noqa: ARG001 - a reader's arguments
    """A session's state has its title, and no calls.

    Until there is one, the beginning of the first prompt stands in its place (and in the names of
    forks), which is nobody's business.
    """
    state = table(parsed(content))
    title = word(state.get("custom_title")) or ""
    tries = state.get("title_generate_attempts") or 0
    if state.get("title_generated") is True and tries in range(3) and not title.startswith("Fork:"):
        notes.title(Path(file.path).parent.name, title)
    return ()


AGENT = Agent(
    name=NAME,
    title="Kimi CLI",
    roots=_roots,
    files=(
        Lines("**/wire.jsonl", _Wire),
        Documents("*/*/state.json", _state),
    ),
    missing=say(
        "The model of a call, and calls that compact a session or answer a side "
        "question, are not in its logs."
    ),
)
