"""Paths into a JSON answer: where something stands, written so that a person can write it.

A path is names with dots between them; `["a.b"]` is a name with other signs in it, `[0]` the first
of a list, and `[]` each of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plimsoll.domain.said import say
from plimsoll.sources.fields import FieldError

_STEP = re.compile(r"\.?([A-Za-z_$][\w$-]*)|\[\"([^\"]+)\"\]|\[(\d{1,4})\]|(\[\])", re.ASCII)

Step = str | int | None
"""A name, a place in a list, or None for each of a list."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where something stands in an answer."""

    text: str
    steps: tuple[Step, ...]

    def of(self, answer: object) -> object:
        """What stands there; None where nothing does. Raises `FieldError` where it cannot."""
        for number, step in enumerate(self.steps):
            if answer is None:
                return None
            answer = _stepped(answer, step, self._until(number))
        return answer

    def each(self, answer: object) -> Iterator[tuple[str, object]]:
        """Everything that stands there, with its place; a list that is missing is refused."""
        found: list[tuple[str, object]] = [("", answer)]
        for number, step in enumerate(self.steps):
            name = self._until(number)
            if step is not None:
                found = [(where, _stepped(one, step, name)) for where, one in found]
                continue
            lists = [(where, _list(one, name)) for where, one in found]
            found = [(f"{where}[{n}]", one) for where, many in lists for n, one in enumerate(many)]
        yield from found

    def _until(self, number: int) -> str:
        return "".join(map(_written, self.steps[: number + 1])).lstrip(".") or say("the answer")


def parse_path(text: str) -> Path:
    """A path; raises `ValueError` that says what is wrong with it."""
    steps: list[Step] = []
    place = 0
    while place < len(text):
        found = _STEP.match(text, place)
        # A name has a dot before it, but for the first.
        if found is None or (found[1] and text[place].startswith(".") is (place == 0)):
            raise ValueError(f"is no path from “{text[place : place + 20]}” on")
        name, quoted, number, every = found.groups()
        steps.append(None if every else int(number) if number else name or quoted)
        place = found.end()
    return Path(text, tuple(steps))


def _stepped(answer: object, step: Step, name: str) -> object:
    if isinstance(step, int):
        many = _list(answer, name)
        return many[step] if step < len(many) else None
    if not isinstance(answer, dict):
        raise FieldError(name, say("is not there: what it should stand in is no object"), answer)
    return answer.get(step)


def _list(answer: object, name: str) -> list[Any]:
    if not isinstance(answer, list):
        raise FieldError(
            name, say("is not there") if answer is None else say("is not a list"), answer
        )
    return answer


def _written(step: Step) -> str:
    if step is None:
        return "[]"
    return f"[{step}]" if isinstance(step, int) else f".{step}"
