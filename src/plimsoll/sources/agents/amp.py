"""Amp: threads of versions before the spring of 2026, one file of JSON each, written anew.

Newer versions keep their threads on Amp's servers, and leave no tokens on disk.

Units, as its log writes them: `inputTokens` is fresh input, cache reads and writes are apart; but
OpenAI's models have their fresh input in `cacheCreationInputTokens`. Output includes reasoning. A
call is told by its message, by an event of the thread's ledger, or by both: the message tells of
the cache, the event of the time. The ledger can lack calls that messages have, and the other way
round, so that each is taken for what the other does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from plimsoll.domain.calls import Call, CallClass, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, LogFile, Memory, Place
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.makers import maker_of
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

NAME = "amp"

_ELSEWHERE = say(
    "Amp has kept its threads on its own servers since the spring of 2026: of newer "
    "versions there is no local data."
)

_INFERENCE = frozenset({None, "inference"})

Json = Mapping[str, Any]
Figures = tuple[int, int, int, int]
"""Fresh input, cache reads, cache writes, output."""


class _Told(NamedTuple):
    """A call as one of the two tells it; `event` is None where it is not known to the ledger."""

    name: tuple[str, ...]
    at: int | None
    model: str | None
    figures: Figures
    answered: CallClass


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    chosen = place.environ.get("AMP_DATA_DIR", "")
    folders = list(given) or [Path(t.strip()).expanduser() for t in chosen.split(",") if t.strip()]
    if not folders:
        data = place.environ.get("XDG_DATA_HOME") or place.home / ".local" / "share"
        folders = [Path(data) / "amp"]
    return [_threads(folder) for folder in folders]


def _threads(folder: Path) -> Path:
    """The folder of threads in Amp's own or in the home folder around it, or that folder itself."""
    return first_below(folder, "threads", ".local/share/amp/threads", "amp/threads")


def _read(content: bytes, file: LogFile, notes: Notes, _memory: Memory) -> Iterator[Call]:
    thread = parsed(content)
    if thread is None:
        notes.bad_line()
        return
    yield from _Thread(thread, file, notes).calls()


class _Thread:
    """Reads one thread."""

    def __init__(self, thread: Json, file: LogFile, notes: Notes) -> None:
        self._notes = notes
        self._thread = thread
        self._id = word(thread.get("id")) or PurePosixPath(file.below).stem
        initial = table(table(thread.get("env")).get("initial"))
        trees = initial.get("trees")
        first = table(trees[0]) if isinstance(trees, list) and trees else {}
        self._folder = _folder(first.get("uri")) or word(first.get("displayName"))
        ref = word(table(first.get("repository")).get("ref")) or ""
        self._branch = ref.removeprefix("refs/heads/") or None
        self._begun = from_millis(thread.get("created"))

    def calls(self) -> Iterator[Call]:
        """The calls of a thread, each once."""
        self._notes.title(self._id, self._thread.get("title"))
        messages = {told.name: told for told in self._messages()}
        for event in self._events():
            name = self._matching(event, messages)
            known = messages.pop(name, None)
            yield from self._call(event._replace(name=name), known)
        for told in messages.values():
            yield from self._call(told, None)

    def _matching(self, event: _Told, messages: Mapping[tuple[str, ...], _Told]) -> tuple[str, ...]:
        """The name of the message that an event tells of, or its own."""
        if event.name[0] == "message" or event.answered == "auto":
            return event.name
        alike = (
            name
            for name, told in messages.items()
            if told.model == event.model and told.figures[3] == event.figures[3]
        )
        return next(alike, event.name)

    def _messages(self) -> Iterator[_Told]:
        """The calls that messages tell of, and whom each answered."""
        answered: CallClass = "tool_loop"
        messages = self._thread.get("messages")
        for message in map(table, messages if isinstance(messages, list) else ()):
            if message.get("role") == "user":
                if _is_prompt(message):
                    answered = "human"
                continue
            usage = message.get("usage")
            number = message.get("messageId")
            if message.get("role") != "assistant" or not isinstance(usage, dict) or number is None:
                continue
            model = word(usage.get("model")) or word(message.get("model"))
            at = millis(usage.get("timestamp")) or millis(message.get("timestamp"))
            figures = self._figures(usage, model, "inputTokens", "outputTokens")
            if figures is not None and any(figures):
                yield _Told(_name(number, figures), at, model, figures, answered)
                answered = "tool_loop"

    def _events(self) -> Iterator[_Told]:
        """The calls that the thread's ledger tells of."""
        events = table(self._thread.get("usageLedger")).get("events")
        for event in map(table, events if isinstance(events, list) else ()):
            model, at = word(event.get("model")), millis(event.get("timestamp"))
            tokens = {**event, **table(event.get("tokens"))}
            figures = self._figures(tokens, model, "input", "output")
            if figures is None or not any(figures):
                continue
            number, kind = event.get("toMessageId"), word(event.get("operationType"))
            own = word(event.get("id")) or f"{at} {model} {figures}"
            if kind not in _INFERENCE:
                yield _Told(("event", str(kind), own), at, model, figures, "auto")
            elif number is not None:
                yield _Told(_name(number, figures), at, model, figures, "tool_loop")
            else:
                yield _Told(("event", own), at, model, figures, "tool_loop")

    def _figures(self, usage: Json, model: str | None, sent: str, output: str) -> Figures | None:
        try:
            fresh = count(usage.get(sent))
            read = count(usage.get("cacheReadInputTokens"))
            written = count(usage.get("cacheCreationInputTokens"))
            out = count(usage.get(output))
        except Impossible:
            self._notes.bad_call()
            return None
        if maker_of(model) == "openai":
            return fresh + written, read, 0, out
        return fresh, read, written, out

    def _call(self, told: _Told, message: _Told | None) -> Iterator[Call]:
        """One call of what is told of it: the message's figures, and the earlier time."""
        times = [one.at for one in (told, message) if one is not None and one.at is not None]
        at = min(times, default=self._begun)
        if at is None:
            self._notes.bad_call()
            return
        better = message or told
        fresh, read, written, output = better.figures
        origin = self._notes.origin(self._id, None, self._folder, self._branch, better.answered)
        yield Call(
            key_of(NAME, self._id, *told.name),
            at,
            rank_of(output=output, total=sum(better.figures)),
            origin,
            self._notes.service(maker_of(better.model) or NAME, better.model),
            fresh,
            read,
            written,
            output=output,
        )


def _name(number: object, figures: Figures) -> tuple[str, ...]:
    """A call's name: its message, which has several calls where one was tried again."""
    return "message", str(number), str(figures[3])


def _is_prompt(message: Json) -> bool:
    """Whether a person wrote a message; the results of tools are the user's, too."""
    content = message.get("content")
    if not isinstance(content, list):
        return isinstance(content, str) and bool(content.strip())
    kinds = {word(table(block).get("type")) for block in content}
    return "text" in kinds and "tool_result" not in kinds


def _folder(uri: object) -> str | None:
    if not isinstance(uri, str) or not uri.startswith("file:"):
        return None
    path = unquote(urlsplit(uri).path)
    return word(path[1:] if path[2:3] == ":" else path)


AGENT = Agent(
    name=NAME,
    title="Amp",
    roots=_roots,
    files=(Documents("**/T-*.json", _read),),
    missing=_ELSEWHERE,
    advice=_ELSEWHERE,
)
