"""Aider: the history of its chats, in Markdown, or the log of its analytics where one is kept.

Both lie wherever the user has them, so that the user names the folders: projects, folders of
projects, or the folder of an analytics log (`--analytics-log`, known by `aider` in its name). They
tell of the same messages; where there is an analytics log, only it counts.

Units, as the history writes them: tokens rounded to two digits from a thousand on, which is flagged
as estimated. What is *sent* includes what was written to the cache (from aider's own source) and,
where it can, what was read from it. A message has no time of its own: it stands at the beginning of
its chat, which is written in the machine's own zone. The analytics log has the time and the exact
tokens of each message, but does not tell what was cached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, Service, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.makers import maker_of, whose_prices
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_seconds,
    parsed,
    table,
    word,
)

NAME = "aider"

_HISTORY = ".aider.chat.history.md"
_ANALYTICS = "*aider*.jsonl"

_STARTED = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_MODEL = re.compile(r"> (?:Main model|Models?): (\S+) with ")
_PROMPT = "#### "
_TOKENS = re.compile(
    r"> Tokens: ([\d.,]+k?) sent(?:, ([\d.,]+k?) cache write)?(?:, ([\d.,]+k?) cache hit)?"
    r", ([\d.,]+k?) received\."
)
_FEW = re.compile(r"\d{1,3}|\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?k")

_SERVICES = {
    "vertex_ai": "google-vertex",
    "bedrock": "amazon-bedrock",
    "bedrock_converse": "amazon-bedrock",
    "dashscope": "alibaba",
    "github_copilot": "github_copilot",
}
"""LiteLLM's words for services, where others say something else."""

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:  # noqa: ARG001 - there is none
    return list(given)


class _Chats:
    """Reads one project's history, and remembers the chat that is going on."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        self._folder = Path(file.path).parent
        self._started = cast("str | None", memory.get("started"))
        self._messages = cast("int", memory.get("messages", 0))
        self._model = cast("str | None", memory.get("model"))
        self._next = cast("CallClass", memory.get("next", "tool_loop"))

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(
            started=self._started, messages=self._messages, model=self._model, next=self._next
        )

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            if line[:1] == b"#":
                self._heading(line.decode("utf-8", "replace"))
            elif line[:2] == b"> ":
                text = line.decode("utf-8", "replace")
                named = _MODEL.match(text)
                if named is not None:
                    self._model = word(named[1])
                told = _TOKENS.match(text)
                if told is not None:
                    yield from self._message(told)

    def _heading(self, text: str) -> None:
        begun = _STARTED.match(text)
        if begun is not None:
            self._started, self._messages, self._next = begun[1], 0, "tool_loop"
        elif text.startswith(_PROMPT):
            self._next = "human"

    def _message(self, told: re.Match[str]) -> Iterator[Call]:
        at = _local(self._started)
        figures = _rounded(told)
        if at is None or figures is None:
            self._notes.bad_call()
            return
        self._messages += 1
        answered, self._next = self._next, "tool_loop"
        sent, written, read, output = figures
        flag = "estimated" if any((text or "").endswith("k") for text in told.groups()) else None
        fresh = max(sent - written, 0)
        if fresh >= read:
            fresh -= read
        if not fresh + read + written + output:
            return
        yield Call(
            key_of(NAME, "history", str(self._started), str(self._messages), told[0]),
            at,
            rank_of(output=output, total=fresh + read + written + output),
            self._notes.origin(
                f"{self._folder.name} {self._started}", None, str(self._folder), None, answered
            ),
            _service(self._notes, self._model, flag),
            fresh,
            read,
            written,
            output=output,
        )


class _Analytics:
    """Reads one log of analytics."""

    def __init__(self, _file: LogFile, notes: Notes, _memory: Memory) -> None:
        self._notes = notes

    def keep(self) -> None:
        """Nothing: each line tells all of its message."""

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            entry = parsed(line)
            if entry is None:
                if line.strip():
                    self._notes.bad_line()
            elif entry.get("event") == "message_send":
                yield from self._message(entry, table(entry.get("properties")))

    def _message(self, entry: Json, told: Json) -> Iterator[Call]:
        at = from_seconds(entry.get("time"))
        try:
            sent, output = count(told.get("prompt_tokens")), count(told.get("completion_tokens"))
        except Impossible:
            at = None
        if at is None:
            self._notes.bad_call()
            return
        if not sent + output:
            return
        model = word(told.get("main_model"))
        names = (at, model, sent, output, told.get("cost"), told.get("total_cost"))
        yield Call(
            key_of(NAME, "analytics", *map(str, names)),
            at,
            rank_of(output=output, total=sent + output),
            self._notes.origin("", None, None, None, None),
            _service(self._notes, model, "no_split"),
            sent,
            output=output,
        )


def _local(text: str | None) -> int | None:
    """An instant in the machine's own zone."""
    if text is None:
        return None
    try:
        return from_seconds(datetime.fromisoformat(text).astimezone().timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def _rounded(told: re.Match[str]) -> tuple[int, int, int, int] | None:
    """Sent, written to the cache, read from it, received; None for what is no count."""
    texts = [text or "0" for text in told.groups()]
    if not all(map(_FEW.fullmatch, texts)):
        return None
    try:
        sent, written, read, output = map(_tokens, texts)
    except Impossible:
        return None
    return sent, written, read, output


def _tokens(text: str) -> int:
    thousands = text.endswith("k")
    number = Decimal(text.removesuffix("k").replace(",", ""))
    return count(int(number * 1000 if thousands else number))


def _service(notes: Notes, name: str | None, flag: str | None) -> Service:
    """The service and the model in a name of LiteLLM's, like `gemini/gemini-2.5-pro`."""
    service, slash, model = (name or "").partition("/")
    if not slash:
        service, model = "", service
    known = _SERVICES.get(service, service)
    provider = whose_prices(known, model) if known else maker_of(model) or NAME
    return notes.service(provider, word(model), None, (("flag", flag),) if flag else ())


AGENT = Agent(
    name=NAME,
    title="aider",
    roots=_roots,
    files=(
        Lines(_ANALYTICS, _Analytics),
        Lines(f"*/{_ANALYTICS}", _Analytics),
        Lines(_HISTORY, _Chats),
        Lines(f"*/{_HISTORY}", _Chats),
        Lines(f"*/*/{_HISTORY}", _Chats),
    ),
    missing="aider's history rounds tokens to two digits, and calls that write commit messages or "
    "sum up a chat are not in it.",
    advice=say(
        "Name the folders of your projects, or of aider's analytics log, with "
        "--set root=FOLDER,FOLDER."
    ),
    either=True,
)
