"""Kimi Code: what was written on the wire of each agent of a session, one record a line.

Units, as its log writes them: `inputOther` is fresh input, cache reads and writes are apart, and
`output` includes thinking. A call is told twice, at the end of its step and as `usage.record`, of
which the latter counts. Records of a turn are calls. One for the session is a call only where a
compaction asked for it; otherwise it may be a sum of what was told, and counts for nothing. The
record's model is an alias of the settings; the request before it has the real name. A forked
session copies its lines as they are, times and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, Service, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.beside import json_beside
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.makers import maker_of
from plimsoll.sources.logs.notes import Impossible, Notes, count, from_millis, parsed, table, word

NAME = "kimi-code"

_USAGE = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")

_DESKTOP = "kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"
"""Where the desktop program has its own home, below the folder of programs' data."""

_AUTOMATIC = frozenset({"system_trigger", "task", "cron_job", "cron_missed", "hook_result"})
"""What a prompt comes from that no person typed."""

_FEW = 32

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [_sessions(folder) for folder in given]
    chosen = place.environ.get("KIMI_CODE_HOME", "").strip()
    if chosen:
        return [_sessions(Path(chosen).expanduser())]
    return [_sessions(home) for home in (place.home / ".kimi-code", _programs(place) / _DESKTOP)]


def _programs(place: Place) -> Path:
    """The folder in which desktop programs keep their data on this platform."""
    if place.platform == "darwin":
        return place.home / "Library" / "Application Support"
    if place.platform == "win32":
        return Path(place.environ.get("APPDATA") or place.home / "AppData" / "Roaming")
    return Path(place.environ.get("XDG_CONFIG_HOME") or place.home / ".config")


def _sessions(folder: Path) -> Path:
    """The folder of sessions, in the agent's home or in the home folder around it."""
    return first_below(folder, "sessions", ".kimi-code/sessions")


class _Wire:
    """Reads one agent's wire, and remembers its model and who the next step answers."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        folder = Path(file.path).parent
        home = folder.parent.parent
        self._main = folder.name == "main"
        self._session = home.name if self._main else f"{home.name}/{folder.name}"
        self._parent = None if self._main else home.name
        state = json_beside(home / "state.json")
        self._project = (
            cast("str | None", memory.get("project"))
            or word(state.get("cwd"))
            or word(state.get("workDir"))
        )
        self._model = cast("str | None", memory.get("model"))
        """The real name of the model that was asked last."""
        self._models = cast("dict[str, str]", memory.get("models", {}))
        """Real names by the aliases of the settings."""
        self._compacts = bool(memory.get("compacts"))
        self._next = cast("CallClass", memory.get("next", "tool_loop"))

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(
            project=self._project,
            model=self._model,
            models=dict(list(self._models.items())[-_FEW:]),
            compacts=self._compacts,
            next=self._next,
        )

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            entry = parsed(line)
            if entry is not None:
                yield from self._entry(entry)
            elif line.strip():
                self._notes.bad_line()

    def _entry(self, entry: Json) -> Iterator[Call]:
        kind = word(entry.get("type"))
        if kind == "usage.record":
            yield from self._record(entry)
        elif kind == "llm.request":
            self._request(entry)
        elif kind == "context.append_message":
            self._appended(table(entry.get("message")))
        elif kind == "turn.prompt":
            self._asked(table(entry.get("origin")))
        elif kind in {"config.update", "profile.bind"}:
            self._project = word(entry.get("cwd")) or self._project
        elif kind == "full_compaction.begin":
            self._compacts = True
        elif kind in {"full_compaction.complete", "full_compaction.cancel"}:
            self._compacts = False

    def _request(self, entry: Json) -> None:
        self._model = word(entry.get("model"))
        self._compacts = entry.get("kind") == "compaction"
        alias = word(entry.get("modelAlias"))
        if alias and self._model:
            self._models[alias] = self._model

    def _appended(self, message: Json) -> None:
        if message.get("role") == "user":
            self._asked(table(message.get("origin")))

    def _asked(self, origin: Json) -> None:
        """A prompt: a person's, or one that the agent gave itself."""
        kind = word(origin.get("kind"))
        if kind == "user" or origin.get("trigger") == "user-slash":
            self._next = "human"
        elif kind in _AUTOMATIC and self._next != "human":
            self._next = "auto"

    def _record(self, entry: Json) -> Iterator[Call]:
        usage, at = table(entry.get("usage")), from_millis(entry.get("time"))
        of_turn = entry.get("usageScope") == "turn"
        if not of_turn and not self._compacts:
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
        alias = word(entry.get("model")) or ""
        if not total:
            return
        answered = self._answered() if of_turn else "auto"
        self._compacts = self._compacts and of_turn
        yield Call(
            key_of(NAME, str(at), alias, f"{fresh} {read} {written} {output}"),
            at,
            rank_of(output=output, total=total),
            self._notes.origin(self._session, self._parent, self._project, None, answered),
            self._service(alias),
            fresh,
            read,
            written,
            0,
            output,
        )

    def _answered(self) -> CallClass:
        """Who a step answers: the first of a turn its giver, the next the loop itself."""
        if not self._main:
            return "subagent"
        answered, self._next = self._next, "tool_loop"
        return answered

    def _service(self, alias: str) -> Service:
        """The real name of an alias: as it was told, or as the last request had it."""
        model = self._models.get(alias) or self._model or alias or None
        return self._notes.service(maker_of(model) or "moonshot", model)


def _state(content: bytes, file: LogFile, notes: Notes, memory: Memory) -> Iterable[Call]:  # noqa: ARG001 - a reader's arguments
    """A session's state has its title, and no calls.

    A title that nobody gave is the beginning of the first prompt, which is nobody's business.
    """
    state = table(parsed(content))
    if state.get("isCustomTitle") is True or word(state.get("titleKind")) in {
        "custom",
        "generated",
    }:
        notes.title(Path(file.path).parent.name, state.get("title"))
    return ()


AGENT = Agent(
    name=NAME,
    title="Kimi Code",
    roots=_roots,
    files=(
        Lines("**/agents/*/wire.jsonl", _Wire),
        Documents("*/*/state.json", _state),
    ),
    missing=say(
        "Calls that make titles, and sessions that were moved over from Kimi "
        "CLI, are not in its logs."
    ),
)
