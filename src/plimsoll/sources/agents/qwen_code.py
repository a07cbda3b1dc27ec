"""Qwen Code: chats of sessions and of their subagents, one line for each message.

Units, as its log writes them: `promptTokenCount` includes `cachedContentTokenCount`;
`thoughtsTokenCount` is apart from `candidatesTokenCount` or inside, depending on the service that
was asked, which `totalTokenCount` tells. Lines of telemetry repeat the usage of messages and are
not counted. A branched session copies its messages under their own ids; what is rewound stays
billed. Before version 0.14.5 chats were kept elsewhere, without tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, Service, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.makers import maker_of
from plimsoll.sources.logs.notes import Impossible, Notes, count, millis, parsed, table, word

NAME = "qwen-code"

_AUTOMATIC = frozenset(
    {"notification", "background_task_completed", "cron", "goal_runtime", "agent_retry"}
)
"""Kinds of user lines that no person typed."""

_FEW = 64

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [_projects(folder) for folder in given]
    for name in ("QWEN_RUNTIME_DIR", "QWEN_HOME"):
        chosen = place.environ.get(name, "").strip()
        if chosen:
            return [_projects(Path(chosen).expanduser())]
    return [_projects(place.home / ".qwen")]


def _projects(folder: Path) -> Path:
    """The folder of projects, in the settings' folder or in the home folder around it."""
    return first_below(folder, "projects", ".qwen/projects")


class _Chat:
    """Reads one chat, and remembers who the next message answers."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        self._beside = "subagents/" in file.below
        self._name = Path(file.path).stem
        self._parent = cast("str | None", memory.get("parent"))
        self._at = cast("int | None", memory.get("at"))
        self._next = cast("CallClass", memory.get("next", "tool_loop"))
        self._recent = cast("dict[str, CallClass]", memory.get("recent", {}))
        """The last messages, and what they answer."""

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(
            parent=self._parent,
            at=self._at,
            next=self._next,
            recent=dict(list(self._recent.items())[-_FEW:]),
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
        kind = entry.get("type")
        self._at = millis(entry.get("timestamp")) or self._at
        if kind == "assistant":
            yield from self._answer(entry)
        elif kind == "user":
            self._user(entry)
        elif kind == "system":
            self._system(entry)

    def _user(self, entry: Json) -> None:
        """Whoever wrote a prompt: a person, or the agent itself."""
        by_machine = word(entry.get("provenance")) in {"system", "goal_runtime", "goal_control"}
        if word(entry.get("subtype")) in _AUTOMATIC or by_machine:
            self._next = "auto"
        elif _has_text(entry):
            self._next = "human"

    def _system(self, entry: Json) -> None:
        payload, session = table(entry.get("systemPayload")), self._session(entry)
        if entry.get("subtype") == "custom_title":
            self._notes.title(session, payload.get("customTitle"))
        elif entry.get("subtype") == "parent_session":
            self._parent = word(payload.get("parentSessionId"))

    def _session(self, entry: Json) -> str:
        return word(entry.get("sessionId")) or self._name

    def _answer(self, entry: Json) -> Iterator[Call]:
        number, usage = word(entry.get("uuid")), entry.get("usageMetadata")
        if number is None:
            return
        answered = self._answered(number, side=self._beside or entry.get("isSidechain") is True)
        if not isinstance(usage, dict):
            return
        if self._at is None:
            self._notes.bad_call()
            return
        try:
            call = self._call(number, self._at, answered, entry, usage)
        except Impossible:
            self._notes.bad_call()
            return
        if call.tokens.total:
            yield call

    def _answered(self, number: str, *, side: bool) -> CallClass:
        """Who a message answers: the first after a prompt its giver, the next the loop itself."""
        if side:
            return "subagent"
        known = self._recent.get(number)
        if known is None:
            known = self._recent[number] = self._next
            self._next = "tool_loop"
        return known

    def _call(self, number: str, at: int, answered: CallClass, entry: Json, usage: Json) -> Call:
        sent = count(usage.get("promptTokenCount"))
        output = count(usage.get("candidatesTokenCount"))
        thoughts = count(usage.get("thoughtsTokenCount"))
        total = count(usage.get("totalTokenCount"))
        cached = min(count(usage.get("cachedContentTokenCount")), sent)
        if thoughts > output or total != sent + output:
            output += thoughts
        folder, branch = word(entry.get("cwd")), word(entry.get("gitBranch"))
        session = self._session(entry)
        return Call(
            key_of(NAME, number),
            at,
            rank_of(output=output, total=sent + output),
            self._notes.origin(session, self._parent, folder, branch, answered),
            self._service(word(entry.get("model"))),
            sent - cached,
            cached,
            output=output,
            reasoning=thoughts,
        )

    def _service(self, model: str | None) -> Service:
        return self._notes.service(maker_of(model) or "alibaba", model)


def _has_text(entry: Json) -> bool:
    """Whether there is something that a person can have written; a tool's answer has no text."""
    parts = table(entry.get("message")).get("parts")
    return isinstance(parts, list) and any(
        isinstance(table(part).get("text"), str) and not table(part).get("thought")
        for part in parts
    )


AGENT = Agent(
    name=NAME,
    title="Qwen Code",
    roots=_roots,
    files=(Lines("**/*.jsonl", _Chat),),
    missing=say(
        "Calls that make titles, compress a chat or search, and chats of "
        "versions before 0.14.5 are not in its logs."
    ),
)
