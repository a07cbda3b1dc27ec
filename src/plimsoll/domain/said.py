"""Sentences that can be said again in another language: English that remembers how it was made.

A sentence is written where its figures are known, far below the window, and it is English there:
the command line, logs, JSON and the archive see a plain `str`. What the window needs to put it in
the reader's words goes with it: the template, and what it was filled with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Self

Value = str | int
"""What a sentence is filled with: names and amounts as they are written, counts, and sentences."""

_NOTHING: Mapping[str, Value] = MappingProxyType({})


class Said(str):
    """A text in English, made of `template` and `values`, or of `parts` with `template` between.

    It is equal to its text in every way; cut or added to, it is a plain `str` again.
    """

    __slots__ = ("parts", "template", "values")

    template: str
    values: Mapping[str, Value]
    parts: tuple[str, ...]

    def __new__(
        cls,
        text: str,
        template: str,
        values: Mapping[str, Value] = _NOTHING,
        parts: tuple[str, ...] = (),
    ) -> Self:
        """Made by `say`, `counted` and `together` only."""
        said = super().__new__(cls, text)
        said.template, said.values, said.parts = template, values, parts
        return said

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Whole again in another process, and in a copy."""
        return (str(self), self.template, dict(self.values), self.parts)

    def __getstate__(self) -> None:
        """All of it is in the arguments."""


def say(template: str, /, **values: Value) -> Said:
    """A sentence: `say("{name} is gone.", name=source)`. The template is the catalogue's key."""
    return Said(template.format(**values) if values else template, template, values)


def counted(count: int, one: str, many: str, /, **values: Value) -> Said:
    """`one` for a single thing, else `many` with its `{count}`."""
    return say(one, **values) if count == 1 else say(many, count=count, **values)


def together(parts: Iterable[str], by: str = " ") -> Said:
    """Several sentences, or the items of a list, with `by` between them; empty ones are left out.

    `by` is a word of the catalogue too: where sentences follow each other, Chinese has no space.
    """
    told = tuple(part for part in parts if part)
    return Said(by.join(told), by, parts=told) if told else Said("", "")


def recognised(text: str, templates: Iterable[str]) -> str:
    """The sentence that one of the templates makes of this text, the first that does; the text
    itself where none does. For texts that were stored without how they were made.
    """
    for template in templates:
        match = _pattern(template).fullmatch(text)
        if match:
            return say(template, **match.groupdict())
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    from string import Formatter  # needed for old stored texts only, and slow at every start

    parts = Formatter().parse(template)
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, *_ in parts)
    )


def kept(sentence: str) -> str:
    """How a sentence was made, as JSON to be stored beside its text; nothing for a plain text."""
    if not isinstance(sentence, Said):
        return ""
    return json.dumps(_document(sentence), ensure_ascii=False, separators=(",", ":"))


def again(text: str, how: str) -> str:
    """The sentence that was stored as `text` and as `how` it was made, by `kept`."""
    return _made(json.loads(how)) if how else text


def _document(value: Value) -> Any:
    if not isinstance(value, Said):
        return value
    if value.parts:
        return {"by": value.template, "parts": [_document(part) for part in value.parts]}
    return {"say": value.template, "with": {n: _document(v) for n, v in value.values.items()}}


def _made(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    if "parts" in document:
        return together((_made(part) for part in document["parts"]), document["by"])
    return say(document["say"], **{n: _made(v) for n, v in document["with"].items()})
