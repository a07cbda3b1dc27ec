"""Roo's tasks: the dialect of the tasks' format that Roo Code and its fork Kilo Code speak.

A request tells by `apiProtocol` what its `tokensIn` means: with `openai` it includes the cache,
with `anthropic` it does not; and since 31 October 2025 it includes the cache with either (Roo Code
#8954, from its source). Requests that tell no protocol are of older versions, and do not include
it. What a request reads and writes being more than its `tokensIn` proves that they are apart.

The model is not told with a request: it stands in the environment that the model was shown. Nor is
the service, so that a model's name tells whose list counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from plimsoll.sources.logs.agent import LogFile
from plimsoll.sources.logs.beside import content_beside, json_beside
from plimsoll.sources.logs.makers import maker_of
from plimsoll.sources.logs.notes import from_millis, table, word
from plimsoll.sources.logs.tasks import (
    Answering,
    Dialect,
    Request,
    Surroundings,
    folder_in,
    list_of,
)

_ALWAYS_WHOLE = 1_761_938_069_000
"""31 October 2025, 19:14:29 UTC: from then on `tokensIn` is all of the input."""

_MODEL = re.compile(r"<model>([^<]{1,200})</model>")
_LARGEST = 64 * 2**20


def roo_dialect(name: str) -> Dialect:
    """The dialect, for the agent of that word."""

    def prices(_service: str | None, model: str | None) -> str:
        if model is not None and "/" in model:
            return "openrouter"
        return maker_of(model) or name

    return Dialect(name=name, look=_look, holds_cache=_holds_cache, prices=prices)


def _holds_cache(request: Request) -> bool:
    return request.at >= _ALWAYS_WHOLE or request.info.get("apiProtocol") == "openai"


def _look(file: LogFile) -> Surroundings:
    """The models by what the conversation with the model says, the rest by the task's entry."""
    path = Path(file.path)
    item = json_beside(path.with_name("history_item.json"))
    texts = list(_environments(path.with_name("api_conversation_history.json")))
    answering, since = [], 0
    for at, text in texts:
        found = _MODEL.search(text)
        if found is not None:
            answering.append(Answering(since, None, found[1].strip()))
        since = at + 1
    folder = word(item.get("workspace"))
    if folder is None:
        folders = (folder_in(text) for _, text in texts)
        folder = next((name for name in folders if name), None)
    return Surroundings(folder, word(item.get("parentTaskId")), answering)


def _environments(path: Path) -> Iterator[tuple[int, str]]:
    """When a model was told something, and the parts of it that tell its environment. A request is
    noted down first, and told to the model then.
    """
    at = 0
    for message in map(table, list_of(content_beside(path, _LARGEST)) or ()):
        at = from_millis(message.get("ts")) or at
        content = message.get("content")
        for block in map(table, content if isinstance(content, list) else ()):
            text = block.get("text")
            if isinstance(text, str) and text.lstrip().startswith("<environment_details>"):
                yield at, text
