"""Cline: tasks of its extension for editors, and sessions of its command line and newer versions.

Units, as its logs write them: within an editor `tokensIn` is fresh input, cache reads and writes
are apart; but some of the services that it asks tell an input with what was read from the cache,
and it is written down as it came (see `_WITH_CACHE`). In sessions `inputTokens` always includes
both. Output includes reasoning.

A session that goes on with a task of an older version begins with that task's tokens as one sum,
which is not counted again. A forked session copies messages with their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from plimsoll.domain.calls import Call, CallClass, Origin, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, LogFile, Memory, Place
from plimsoll.sources.logs.beside import json_beside
from plimsoll.sources.logs.editors import storage_within, storages
from plimsoll.sources.logs.makers import maker_of, whose_prices
from plimsoll.sources.logs.notes import Impossible, Notes, count, from_millis, parsed, table, word
from plimsoll.sources.logs.tasks import MESSAGES, Answering, Dialect, Surroundings

NAME = "cline"

_EXTENSION = "saoudrizwan.claude-dev"

_WITH_CACHE = frozenset(
    {
        "openai",
        "openai-codex",
        "litellm",
        "requesty",
        "xai",
        "zai",
        "qwen",
        "doubao",
        "fireworks",
        "hicap",
        "lmstudio",
        "oca",
    }
)
"""Services whose input is written down with what was read from the cache and written to it, by
Cline's own source (version 3.89)."""

_SERVICES = {
    "cline": "openrouter",
    "openai-native": "openai",
    "openai-codex": "openai",
    "doubao": "volcengine",
    "zai": "zai",
    "bedrock": "amazon-bedrock",
    "vertex": "google-vertex",
    "vscode-lm": "copilot",
    "openai": "",
    "litellm": "",
    "requesty": "",
    "unknown": "",
}
"""Cline's words for services, where others say something else; an empty one is any service that
speaks a known protocol, so that the model tells whose list counts.
"""

_OLDER = "Warning: this is a legacy conversation"
"""How a session says that what stands before it is a task of an older version."""

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [root for folder in given for root in _within(folder)]
    environ = place.environ
    own = Path(environ.get("CLINE_DIR") or place.home / ".cline")
    data = Path(environ.get("CLINE_DATA_DIR") or own / "data")
    sessions = environ.get("CLINE_SESSION_DATA_DIR")
    return [data, *([Path(sessions)] if sessions else []), *storages(place, _EXTENSION)]


def _within(folder: Path) -> list[Path]:
    """The folders of data in one that a user named: the data, their sessions, or around them."""
    for below in (folder / "data", folder / ".cline" / "data"):
        if below.is_dir():
            return [below]
    if (folder / "sessions").is_dir():
        return [folder]
    return storage_within(folder, (_EXTENSION,))


# -- tasks within an editor --------------------------------------------------------------------


def _look(file: LogFile) -> Surroundings:
    told = json_beside(Path(file.path).with_name("task_metadata.json")).get("model_usage")
    answering = [
        Answering(
            from_millis(one.get("ts")) or 0,
            word(one.get("model_provider_id")),
            word(one.get("model_id")),
        )
        for one in map(table, told if isinstance(told, list) else ())
    ]
    return Surroundings(answering=sorted(answering, key=lambda one: one.since))


def _prices(service: str | None, model: str | None) -> str:
    known = _SERVICES.get(service or "", service)
    return whose_prices(known, model) if known else maker_of(model) or NAME


_TASKS = Dialect(
    name=NAME,
    look=_look,
    holds_cache=lambda request: request.service in _WITH_CACHE,
    prices=_prices,
)


# -- sessions ----------------------------------------------------------------------------------


def _read_session(content: bytes, file: LogFile, notes: Notes, _memory: Memory) -> Iterator[Call]:
    session = parsed(content)
    messages = session.get("messages") if session is not None else None
    if session is None or not isinstance(messages, list):
        notes.bad_line()
        return
    yield from _Session(session, file, notes).calls([table(message) for message in messages])


class _Session:
    """Reads the messages of one session."""

    def __init__(self, session: Json, file: LogFile, notes: Notes) -> None:
        self._notes = notes
        path = PurePosixPath(file.below)
        root = path.parent.name
        self._id = word(session.get("sessionId")) or path.name.removesuffix(".messages.json")
        about = json_beside(Path(file.path).with_name(f"{root}.json"))
        origin = table(session.get("origin"))
        self._parent = word(origin.get("parentThreadId"))
        self._folder = word(about.get("cwd")) or word(about.get("workspace_root"))
        self._provider, self._model = word(about.get("provider")), word(about.get("model"))
        self._fixed: CallClass | None = None
        if word(session.get("agent")) in {"subagent", "teammate"}:
            self._fixed = "subagent"
            self._parent = self._parent or root
        elif about.get("interactive") is False or word(origin.get("trigger")):
            self._fixed = "headless"
        self._next: CallClass = "tool_loop"

    def calls(self, messages: Sequence[Json]) -> Iterator[Call]:
        """The calls of these messages."""
        begin = 0
        for place, message in enumerate(messages):
            if message.get("role") == "user" and _text_of(message).startswith(_OLDER):
                begin = place + 1
        for message in messages[begin:]:
            if message.get("role") == "user":
                self._user(message)
            elif message.get("role") == "assistant" and message.get("metrics") is not None:
                yield from self._answer(message)

    def _user(self, message: Json) -> None:
        if table(message.get("metadata")).get("kind") == "compaction":
            self._next = "auto" if self._next != "human" else "human"
        elif _text_of(message):
            self._next = "human"

    def _answer(self, message: Json) -> Iterator[Call]:
        at, metrics = from_millis(message.get("ts")), table(message.get("metrics"))
        try:
            sent, read, written, output = (
                count(metrics.get(name))
                for name in ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens")
            )
        except Impossible:
            self._notes.bad_call()
            return
        if not sent + read + written + output:
            return
        number = word(message.get("id"))
        if at is None or number is None:
            self._notes.bad_call()
            return
        fresh = sent - read - written if sent >= read + written else sent
        info = table(message.get("modelInfo"))
        model = word(info.get("id")) or self._model
        provider = word(info.get("provider")) or self._provider
        yield Call(
            key_of(NAME, "message", number, str(at)),
            at,
            rank_of(output=output, total=fresh + read + written + output),
            self._origin(),
            self._notes.service(_prices(provider, model), model),
            fresh,
            read,
            written,
            output=output,
        )

    def _origin(self) -> Origin:
        answered, self._next = self._fixed or self._next, "tool_loop"
        return self._notes.origin(self._id, self._parent, self._folder, None, answered)


def _text_of(message: Json) -> str:
    """What a message says in words: a person's prompt, but not a tool's answer."""
    content = message.get("content")
    if isinstance(content, str):
        return content.strip()
    blocks = map(table, content if isinstance(content, list) else ())
    texts = (str(block.get("text") or "") for block in blocks if block.get("type") == "text")
    return "\n".join(texts).strip()


AGENT = Agent(
    name=NAME,
    title="Cline",
    roots=_roots,
    files=(
        Documents(MESSAGES, _TASKS.read),
        Documents("sessions/*/*.messages.json", _read_session),
        Documents("*/*.messages.json", _read_session),
    ),
    missing=say(
        "Tasks that were deleted before the first sync, and requests that ended "
        "without a count of tokens, are not in its logs."
    ),
)
