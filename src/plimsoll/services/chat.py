"""Chat: a request in JSON, taken apart into the texts that a model reads of it.

What the APIs for chats of OpenAI (both of them) and Anthropic take, or only the list of messages;
and their batches, which are files with a request on each line.
Tools and their calls are texts, too, as the JSON that they are; pictures, sound and files are none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

MOST_CHARACTERS = 10_000_000
"""A longer text is no chat that any model takes; parsing it would hold up all other threads."""

_NO_TEXT = frozenset(
    {"image", "image_url", "input_image", "audio", "input_audio", "video", "video_url"}
    | {"file", "input_file", "document"}
)
"""The types of parts that are priced by other rules."""

_READ = ("role", "name", "text", "thinking", "refusal", "content", "output")
"""What a model reads of a message or a part, in the order in which it is written."""

_BATCHED = ("body", "params")
"""What holds the request on a line of a batch: OpenAI's word, and Anthropic's."""


@dataclass(frozen=True, slots=True)
class Chat:
    """The texts of a chat, how many messages and names are among them, how many tools and calls of
    tools, and how many parts that are no text were left out.
    """

    texts: tuple[str, ...]
    messages: int
    names: int
    tools: int
    left_out: int


def chats_of(text: str) -> tuple[Chat, ...]:
    """A chat, or one on each line; none where the text is something else."""
    if text.lstrip()[:1] not in {"{", "["}:
        return ()
    whole = _chat_of(text)
    if whole is not None:
        return (whole,)
    found = []
    for line in text.split("\n"):  # no other mark ends a line of JSON
        if line.strip():
            chat = _chat_of(line)
            if chat is None:
                return ()
            found.append(chat)
    return tuple(found)


def _chat_of(text: str) -> Chat | None:
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        return _Reader().chat(json.loads(text))
    except (ValueError, RecursionError):
        return None


class _Reader:
    """Collects the texts of one chat."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._names = self._tools = self._left_out = 0

    def chat(self, told: object) -> Chat | None:
        """What `told` holds; None where it has no messages."""
        request = _request_in(told)
        messages = request.get("messages", request.get("input"))
        if not isinstance(messages, list) or not messages:
            return None
        told_before = [request[key] for key in ("system", "instructions") if request.get(key)]
        for text in told_before:
            self._read(text)
        for message in messages:
            if not isinstance(message, dict) or not _is_message(message, "input" in request):
                return None
            self._read(message)
        for tools in (request.get("tools"), request.get("functions")):
            for tool in tools if isinstance(tools, list) else ():
                self._tool(tool)
        count = len(messages) + len(told_before)
        return Chat(tuple(self._texts), count, self._names, self._tools, self._left_out)

    def _read(self, part: object) -> None:
        if isinstance(part, str):
            self._texts.append(part)
        elif isinstance(part, list):
            for one in part:
                self._read(one)
        elif isinstance(part, dict):
            self._read_part(part)

    def _read_part(self, part: dict[str, object]) -> None:
        kind = part.get("type")
        if kind in _NO_TEXT:
            self._left_out += 1
        elif kind == "tool_use":
            self._tool([part.get("name"), part.get("input")])
        elif kind == "function_call":
            self._tool([part.get("name"), part.get("arguments")])
        else:
            for key in _READ:
                self._read(part.get(key))
            self._names += "role" in part and isinstance(part.get("name"), str)
            calls = part.get("tool_calls")
            for call in calls if isinstance(calls, list) else ():
                called = call.get("function", call) if isinstance(call, dict) else call
                self._tool(called)
            if isinstance(part.get("function_call"), dict):
                self._tool(part["function_call"])

    def _tool(self, told: object) -> None:
        self._tools += 1
        self._texts.append(json.dumps(told, ensure_ascii=False, separators=(",", ":")))


def _request_in(told: object) -> dict[str, object]:
    """The request that JSON holds: itself, a line of a batch, or only the list of messages."""
    if not isinstance(told, dict):
        return {"messages": told}
    return next((told[name] for name in _BATCHED if isinstance(told.get(name), dict)), told)


def _is_message(message: dict[str, object], is_input: bool) -> bool:
    """Whether it says whose it is; among the items of an input some say only what they are."""
    return isinstance(message.get("role"), str) or (
        is_input and isinstance(message.get("type"), str)
    )
