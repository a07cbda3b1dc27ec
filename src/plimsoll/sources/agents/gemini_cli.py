"""Gemini CLI: recordings of chats, as one document (older versions) or as a log that is replayed.

Units, as its log writes them: `input` includes `cached` (but in some old documents, which is told
by `total`), `tool` is prompt that came from tools, apart from `input`, and `thoughts` are apart
from `output`. A message is appended again whenever its tokens or its tools' results arrive; what
is rewound or compressed away stays billed, and so stays here. The recorder keeps one usage a
message: a call that no message follows is lost. Headless runs look like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, key_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.beside import json_beside, text_beside
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.notes import Impossible, Notes, count, millis, parsed, table, word

NAME = "gemini-cli"

_NOT_A_PERSON = ("/", "?", "<session_context>", "<hook_context>")
_HASH = re.compile(r"[0-9a-f]{64}")
"""The name of a project's folder in older versions, which says nothing to anybody."""

_FEW = 64
_TOTAL_BITS = 32

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [_chats(folder) for folder in given]
    chosen = place.environ.get("GEMINI_DATA_DIR", "")
    folders = [Path(text.strip()).expanduser() for text in chosen.split(",") if text.strip()]
    if folders:
        return [_chats(folder) for folder in folders]
    home = place.environ.get("GEMINI_CLI_HOME")
    return [(Path(home).expanduser() if home else place.home) / ".gemini" / "tmp"]


def _chats(folder: Path) -> Path:
    """The folder of chats, in the settings' folder or in the home folder around it."""
    return first_below(folder, ".gemini/tmp", "tmp")


class _Chat:
    """Reads one recording, and remembers who the next message answers."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        path = Path(file.path)
        inside = path.parent.parent.name == "chats"
        self._session = cast("str", memory.get("session", path.stem))
        self._parent = path.parent.name if inside else None
        self._kind = cast("str | None", memory.get("kind", "subagent" if inside else None))
        self._project = cast("str | None", memory.get("project"))
        self._next = cast("CallClass", memory.get("next", "tool_loop"))
        self._recent = cast("dict[str, CallClass]", memory.get("recent", {}))
        """The last messages, and what they answer: they come again."""
        self._place = cast("int", memory.get("place", 0))
        """How many messages were read: of the tokens of one message the last count (G1)."""
        self._at = cast("int | None", memory.get("at"))
        if self._project is None:
            self._project = _project_beside(path.parent.parent if inside else path.parent)

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(
            session=self._session,
            kind=self._kind,
            project=self._project,
            next=self._next,
            recent=dict(list(self._recent.items())[-_FEW:]),
            place=self._place,
            at=self._at,
        )

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            entry = parsed(line)
            if entry is not None:
                yield from self.record(entry)
            elif line.strip():
                self._notes.bad_line()

    def record(self, entry: Json) -> Iterator[Call]:
        """The calls of one record: a message, what is set, or a whole old document.

        G2: a rewind changes the conversation and nothing that was spent.
        """
        if isinstance(entry.get("id"), str):
            yield from self._message(entry)
        elif isinstance(entry.get("$set"), dict):
            yield from self._set(table(entry.get("$set")))
        elif isinstance(entry.get("sessionId"), str):
            yield from self._set(entry)

    def _set(self, told: Json) -> Iterator[Call]:
        """What is known of the session; with messages it is a checkpoint, or an old document."""
        self._session = word(told.get("sessionId")) or self._session
        self._kind = word(told.get("kind")) or self._kind
        self._notes.title(self._session, told.get("summary"))
        folders = told.get("directories")
        if self._project is None and isinstance(folders, list) and folders:
            self._project = word(folders[0])
        messages = told.get("messages")
        for message in messages if isinstance(messages, list) else ():
            if isinstance(table(message).get("id"), str):
                if message["id"] in self._recent:  # told again: a prompt, or what answered one
                    self._next = "human" if message.get("type") == "user" else "tool_loop"
                yield from self._message(message)

    def _message(self, message: Json) -> Iterator[Call]:
        kind, number = message.get("type"), str(message["id"])
        self._at = millis(message.get("timestamp")) or self._at
        if kind == "user":
            if number not in self._recent and _is_person(message.get("content")):
                self._next = self._recent[number] = "human"
            return
        if kind != "gemini":
            return
        self._place += 1
        answered = self._answered(number)
        tokens = message.get("tokens")
        if not isinstance(tokens, dict):
            return
        if self._at is None:
            self._notes.bad_call()
            return
        try:
            call = self._call(number, self._at, answered, tokens, word(message.get("model")))
        except Impossible:
            self._notes.bad_call()
            return
        if call.tokens.total:
            yield call

    def _answered(self, number: str) -> CallClass:
        """Who a message answers: the first after a prompt its giver, the next the loop itself."""
        if self._kind == "subagent":
            return "subagent"
        known = self._recent.get(number)
        if known is None:
            known = self._recent[number] = self._next
            self._next = "tool_loop"
        return known

    def _call(
        self, number: str, at: int, answered: CallClass, tokens: Json, model: str | None
    ) -> Call:
        """G4: what is fresh, and what is read from the cache; G1: the key, and which line counts.

        The place of a line is its rank: the last tokens of a message count. An old document and
        the log that goes on with it tell the same until the log tells more (G3).
        """
        sent, cached, tool = (count(tokens.get(name)) for name in ("input", "cached", "tool"))
        output, thoughts = count(tokens.get("output")), count(tokens.get("thoughts"))
        total = count(tokens.get("total"))
        if not (cached and total == sent + cached + tool + output + thoughts):
            cached = min(cached, sent)
            sent -= cached
        return Call(
            key_of(NAME, self._session, number),
            at,
            self._place << _TOTAL_BITS | min(total, (1 << _TOTAL_BITS) - 1),
            self._notes.origin(self._session, self._parent, self._project, None, answered),
            self._notes.service("google", model),
            sent + tool,
            cached,
            output=output + thoughts,
            reasoning=thoughts,
        )


def _is_person(content: object) -> bool:
    text = _text(content).strip()
    return bool(text) and not text.startswith(_NOT_A_PERSON)


def _text(content: object) -> str:
    """The text of a message's parts; what tools answered has none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(_text, content))
    text = table(content).get("text")
    return text if isinstance(text, str) else ""


def _project_beside(chats: Path) -> str | None:
    """The folder that a chat was about, by what lies beside the chats."""
    home = chats.parent
    root = word(text_beside(home / ".project_root"))
    if root is not None:
        return root
    named = table(json_beside(home.parent.parent / "projects.json").get("projects"))
    for path, name in named.items():
        if name == home.name:
            return word(path)
    return None if _HASH.fullmatch(home.name) else word(home.name)


def _document(content: bytes, file: LogFile, notes: Notes, memory: Memory) -> Iterator[Call]:
    """The calls of a chat that older versions kept as one document."""
    entry = parsed(content)
    if entry is None:
        notes.bad_line()
        return
    memory.clear()
    yield from _Chat(file, notes, memory).record(entry)


AGENT = Agent(
    name=NAME,
    title="Gemini CLI",
    roots=_roots,
    files=(
        Lines("**/session-*.jsonl", _Chat),
        Lines("**/chats/*/*.jsonl", _Chat),
        Documents("**/session-*.json", _document),
    ),
    missing=say(
        "Calls that no message followed, searches with Google, and chats that "
        "Gemini CLI deleted before the first sync (after 30 days) are not in its "
        "logs."
    ),
)
