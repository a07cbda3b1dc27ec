"""Spend: the words of a question (dimensions, conditions, days), read into one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plimsoll.domain.calendar import Period, month_of
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.said import say


def read_period(first: date | None, last: date | None, *, today: date) -> Period:
    """The asked days, both included; the current UTC month without dates. Raises `WrongUse`."""
    first = first or month_of(last or today).first
    last = last or max(month_of(today).last, first)
    if last < first:
        raise WrongUse(
            say(
                "The period ends on {last}, before it begins on {first}.",
                last=str(last),
                first=str(first),
            )
        )
    return Period(first, last)


def read_zone(name: str) -> str:
    """A time zone by its IANA name; raises `WrongUse` for an unknown one."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUse(
            say("There is no time zone called {name}.", name=name),
            remedy=say("Use a name such as Asia/Shanghai."),
        ) from None
    return name


def read_scope(conditions: Sequence[str]) -> Scope:
    """A scope from `dimension=value` words; the same dimension twice is either-or.

    `dimension=` (nothing behind) asks for rows that do not have it. Raises `WrongUse`.
    """
    found: dict[Dimension, list[str | None]] = {}
    for condition in conditions:
        word, equals, value = condition.partition("=")
        if not equals:
            raise WrongUse(
                say("A condition is written dimension=value, not {condition}.", condition=condition)
            )
        found.setdefault(read_dimension(word), []).append(value or None)
    return Scope(tuple((dimension, tuple(values)) for dimension, values in found.items()))


def read_dimensions(text: str) -> tuple[Dimension, ...]:
    """Dimensions from `day,model`; raises `WrongUse` for an unknown word or one named twice."""
    chosen = tuple(read_dimension(word) for word in text.split(",") if word.strip())
    if len(set(chosen)) != len(chosen):
        raise WrongUse(say("A dimension was named twice."))
    return chosen


def read_dimension(word: str) -> Dimension:
    """One dimension by its word."""
    try:
        return Dimension(word.strip().lower())
    except ValueError:
        known = ", ".join(dimension.value for dimension in Dimension)
        raise WrongUse(
            say("There is no dimension called {word}.", word=word),
            remedy=say("Known: {names}.", names=known),
        ) from None
