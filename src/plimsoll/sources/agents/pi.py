"""Pi, and its fork omp: sessions, one line for each message, in the order of writing.

Units, as its log writes them: `input` is fresh input, `cacheRead` and `cacheWrite` are apart, and
`output` includes reasoning. `cost` is pi's own, and notional where a plan pays.

A fork, a clone or a branch copies messages with their times and usage into a new file, and a newer
version gives the entries of an old file new ids. A call is therefore known by its times, its model
and its usage, which all of them keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.makers import maker_of, whose_prices
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_millis,
    millis,
    parsed,
    table,
    word,
)

NAME = "pi"

_HOMES = (("PI_CODING_AGENT_DIR", ".pi"), ("OMP_CODING_AGENT_DIR", ".omp"))

_COUNTERS = ("input", "cacheRead", "cacheWrite", "output")

_PLANS = re.compile(r"openai-codex|azure-.*|kimi-coding|google-(gemini-cli|antigravity)|opencode.*")
"""Services that sell other makers' models, in pi's words."""

_bears_nothing = re.compile(
    rb'\{"type":"(?:custom|label|thinking_level_change|model_change|branch_summary)"'
    rb'|\{"type":"message","id":"[^"\\]*","parentId":(?:"[^"\\]*"|null),'
    rb'"timestamp":"[^"\\]*","message":\{"role":"(?:toolResult|bashExecution)"'
).match
"""Whether a line is proven by its beginning to bear nothing, without parsing it (D2)."""

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [root for folder in given for root in _within(folder)]
    roots = []
    for variable, home in _HOMES:
        chosen = place.environ.get(variable, "")
        folder = _expanded(chosen, place.home) if chosen else place.home / home / "agent"
        roots.append(folder / "sessions")
    return roots


def _expanded(chosen: str, home: Path) -> Path:
    return home / chosen[2:] if chosen.startswith("~/") else Path(chosen)


def _within(folder: Path) -> list[Path]:
    """The folders of sessions in one that a user named, or that folder itself."""
    below = ("sessions", "agent/sessions", ".pi/agent/sessions", ".omp/agent/sessions")
    return [folder / name for name in below if (folder / name).is_dir()] or [folder]


class _Session:
    """Reads one session, and remembers who the next message answers."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        path = PurePosixPath(file.below)
        self._id = cast("str", memory.get("id", _session_of(path)))
        self._folder = cast("str | None", memory.get("folder"))
        above = _session_of(path.parent)
        self._side = above != path.parent.name
        self._parent = cast("str | None", memory.get("parent", above if self._side else None))
        self._next = cast("CallClass", memory.get("next", "tool_loop"))

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(id=self._id, folder=self._folder, parent=self._parent, next=self._next)

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            if _bears_nothing(line):
                continue
            entry = parsed(line)
            if entry is not None:
                yield from self._entry(entry)
            elif line.strip():
                self._notes.bad_line()

    def _entry(self, entry: Json) -> Iterable[Call]:
        kind = entry.get("type")
        if kind == "message":
            message = table(entry.get("message"))
            if message.get("role") == "user":
                self._next = "human"
            elif message.get("role") == "assistant":
                return self._answer(entry, message)
        elif kind == "session":
            self._begin(entry)
        elif kind == "session_info":
            self._notes.title(self._id, entry.get("name"))
        elif kind == "custom_message" and self._next != "human":
            self._next = "auto"
        return ()

    def _begin(self, header: Json) -> None:
        """A subagent's file lies in a folder of its session's name; a fork's names it."""
        self._id = word(header.get("id")) or self._id
        self._folder = word(header.get("cwd"))
        forked = word(header.get("parentSession")) or word(header.get("branchedFrom"))
        if forked is not None and not self._side:
            self._parent = _session_of(_path(forked))
        self._notes.title(self._id, header.get("title"))

    def _answer(self, entry: Json, message: Json) -> Iterator[Call]:
        usage = table(message.get("usage"))
        try:
            fresh, read, written, output = counts = [count(usage.get(n)) for n in _COUNTERS]
        except Impossible:
            self._notes.bad_call()
            return
        if not any(counts):
            return
        noted, made = millis(entry.get("timestamp")), from_millis(message.get("timestamp"))
        at = noted if noted is not None else made
        if at is None:
            self._notes.bad_call()
            return
        answered: CallClass = "subagent" if self._side else self._next
        self._next = "tool_loop"
        model, service = word(message.get("model")), word(message.get("provider"))
        yield Call(
            key_of(NAME, str(noted), str(made), str(model), str(counts)),
            at,
            rank_of(output=output, total=sum(counts)),
            self._notes.origin(self._id, self._parent, self._folder, None, answered),
            self._notes.service(_prices(service, model), model),
            fresh,
            read,
            written,
            output=output,
        )


def _prices(service: str | None, model: str | None) -> str:
    if service is not None and _PLANS.fullmatch(service):
        return maker_of(model) or service
    return whose_prices(service, model)


def _path(text: str) -> PurePath:
    return PureWindowsPath(text) if "\\" in text else PurePosixPath(text)


def _session_of(path: PurePath) -> str:
    """The session's id in a name like `2026-09-02T12-00-00-000Z_<id>.jsonl`."""
    name = path.name.removesuffix(".jsonl")
    time, _, number = name.partition("_")
    return number if number and time[:1].isdigit() else name


AGENT = Agent(
    name=NAME,
    title="pi",
    roots=_roots,
    files=(Lines("**/*.jsonl", _Session),),
    missing=say("Calls that compact a session or sum up a branch are not in its logs."),
)
