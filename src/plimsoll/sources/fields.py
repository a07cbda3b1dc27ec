"""Reading one field of a provider's answer strictly: what is not what it should be is refused.

Every reading function raises `FieldError`, which names the field; `paging` adds where in the
answer it stood and makes an `OddValue` of it. Nothing here makes a zero of garbage.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from plimsoll.domain.errors import OddValue
from plimsoll.domain.money import Money, NotAnAmount, nanos_of, read_amount, read_currency
from plimsoll.domain.said import say
from plimsoll.domain.usage import Name, NameKind
from plimsoll.sources.base import Finding

Row = Mapping[str, Any]
"""One JSON object of an answer, as the door parsed it."""

DAYS_STAY = say("Nothing of these days was stored; what was there stays.")
BALANCE_STAYS = say("No balance was stored; earlier readings stay.")
QUOTAS_STAY = say("Earlier readings stay.")
"""What becomes of the figures where an answer cannot be right: the remedy of its error."""

MOST = 10**15
"""Largest counter accepted: a year of such rows still sums inside SQLite's 64 bits."""

LONGEST_WORD = 256
"""Characters of a name, id or model that are kept."""

_WIDE = Context(prec=120)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_SHOWABLE = re.compile(r"[0-9.,+\-eE_ :TZ]{0,40}", re.ASCII)
_OLDEST, _NEWEST = 1262304000, 4102444800
"""Unix seconds accepted: the years 2010 to 2099."""


class FieldError(ValueError):
    """A field that is missing, of the wrong type or out of range."""

    def __init__(self, name: str, problem: str, value: object = None) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem
        self.shown = shown(value)


def surprise(title: str, problem: FieldError, *, where: str = "", remedy: str) -> OddValue:
    """The error for an answer of the provider `title` with a bad field at the place `where`."""
    place = f"{where}.{problem.name}" if where else problem.name
    return OddValue(
        say(
            "{title} sent an answer that cannot be right: {place} {problem}.",
            title=title,
            place=place,
            problem=problem.problem,
        ),
        remedy=remedy,
        answer=f"{place} = {problem.shown}",
    )


@dataclass(slots=True)
class Place:
    """Where in an answer it is being read."""

    where: str = ""


@contextmanager
def answer_of(title: str, *, remedy: str, where: str = "") -> Iterator[Place]:
    """Read an answer of the provider `title` inside this block: a bad field in it becomes an
    `OddValue` that names the place, which the block moves on.
    """
    place = Place(where)
    try:
        yield place
    except FieldError as problem:
        raise surprise(title, problem, where=place.where, remedy=remedy) from None


class EachRow:
    """Rows of an answer that count each by itself, so that one that cannot be right costs no other:
    each is read inside a block of `row`, and `tell` raises for the first that was none.
    """

    def __init__(self, title: str, *, remedy: str) -> None:
        self._title, self._remedy = title, remedy
        self._first: OddValue | None = None

    @contextmanager
    def row(self, where: str) -> Iterator[None]:
        """Read the row at this place."""
        try:
            with answer_of(self._title, remedy=self._remedy, where=where):
                yield
        except OddValue as odd:
            self._first = self._first or odd

    def tell(self) -> None:
        """All were read: raise for the first that cannot be right."""
        if self._first is not None:
            raise self._first


def shown(value: object) -> str:
    """A value for an error's text: numbers as they are, free text only as its length.

    Free text could be anything, a key that the server sent back included.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > MOST * MOST:
        return say("a number beyond any range")
    if isinstance(value, int | float | Decimal):
        return str(value)[:40]
    if isinstance(value, str):
        return (
            repr(value)
            if _SHOWABLE.fullmatch(value)
            else say("text of {count} characters", count=len(value))
        )
    return say("an object") if isinstance(value, dict) else "a list"


def list_of(row: Row, name: str) -> list[Any]:
    """A required JSON list."""
    value = row.get(name)
    if not isinstance(value, list):
        raise FieldError(name, say("is not a list"), value)
    return value


def row_of(value: object, name: str) -> Row:
    """A JSON object, or `FieldError`."""
    if not isinstance(value, dict):
        raise FieldError(name, say("is not an object"), value)
    return value


def counter(row: Row, name: str) -> int:
    """A required counter: a whole number from zero up."""
    value = row.get(name)
    if type(value) is int and 0 <= value <= MOST:
        return value
    return _odd_counter(name, value, missing=name not in row)


def optional_counter(row: Row, name: str) -> int | None:
    """A counter that may be absent or null, which is unknown and not zero."""
    value = row.get(name)
    return None if value is None else counter(row, name)


def _odd_counter(name: str, value: object, *, missing: bool) -> int:
    """Accept `12.0` and `1.2e3`, which JSON allows for whole numbers; refuse everything else."""
    if missing:
        raise FieldError(name, say("is missing"))
    if isinstance(value, Decimal) and value.is_finite() and 0 <= value <= MOST:
        whole = int(value)
        if whole == value:
            return whole
    if isinstance(value, int) and not isinstance(value, bool) and value > MOST:
        raise FieldError(name, say("is out of range"), value)
    raise FieldError(name, say("is not a whole number from zero up"), value)


def word(row: Row, name: str) -> str | None:
    """A name, id or other short text; None where it is absent, null or empty."""
    value = row.get(name)
    if not value and (value is None or value == ""):
        return None
    if not isinstance(value, str):
        raise FieldError(name, say("is not text"), value)
    if len(value) <= LONGEST_WORD and value.isprintable():
        return value
    return _cleaned(value)


def required_word(row: Row, name: str) -> str:
    """A short text that must be there."""
    text = word(row, name)
    if text is None:
        raise FieldError(name, say("is missing"))
    return text


def _cleaned(text: str) -> str:
    """Text without control signs and lone surrogates, cut to length; a mark keeps it distinct."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    clean = "".join(sign for sign in text if sign.isprintable())
    return f"{clean[: LONGEST_WORD - 10].strip()}~{mark}"


def flag(row: Row, name: str) -> bool | None:
    """True or false, or None where it is absent or null."""
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise FieldError(name, say("is neither true nor false"), value)


def unix_instant(row: Row, name: str) -> datetime:
    """An instant given as whole Unix seconds, UTC."""
    value = row.get(name)
    if type(value) is not int or not _OLDEST <= value < _NEWEST:
        raise FieldError(name, say("is not a time in Unix seconds"), value)
    return datetime.fromtimestamp(value, UTC)


def rfc3339_instant(row: Row, name: str) -> datetime:
    """An instant given as RFC 3339 text with its offset, in UTC."""
    value = row.get(name)
    if not isinstance(value, str):
        raise FieldError(name, say("is not a time"), value)
    instant = _parsed_instant(value)
    if instant is None:
        raise FieldError(name, say("is not a time with its offset"), value)
    return instant


@lru_cache(maxsize=4096)
def _parsed_instant(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_DAY = re.compile(r"(\d{4}-\d\d-\d\d)([T ]00:00:00(\.0+)?(Z|\+00:00)?)?", re.ASCII)


def calendar_day(row: Row, name: str) -> date:
    """A day given as `2026-11-16`, with or without its midnight (UTC)."""
    value = row.get(name)
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        if found:
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    raise FieldError(name, say("is not a day"), value)


def money(row: Row, name: str, currency: object, *, unit: Decimal) -> tuple[Money, str]:
    """A required amount, and the provider's own writing of it.

    `unit` is what the provider counts in, as a share of the currency: 1 for dollars, 0.01 for
    cents. The amount is rounded once, half to even, to nano-units. It may be negative (a credit).
    """
    value = row.get(name)
    if value is None:
        raise FieldError(name, say("is missing"))
    try:
        amount = _WIDE.multiply(read_amount(value), unit)
        return Money(read_currency(currency), nanos_of(amount)), str(value)
    except NotAnAmount as problem:
        what = str(problem).partition(":")[0]
        raise FieldError(name, say("is {what}", what=what), value) from None


def maybe_nanos(row: Row, name: str, *, unit: Decimal) -> int | None:
    """An amount that need not be told, in nano-units; None where it is absent or null. `unit` is
    as in `money`.
    """
    value = row.get(name)
    if value is None:
        return None
    try:
        return nanos_of(_WIDE.multiply(read_amount(value), unit))
    except NotAnAmount as problem:
        raise FieldError(
            name, say("is {partition}", partition=str(problem).partition(":")[0]), value
        ) from None


def quantity(row: Row, name: str) -> str | None:
    """A decimal quantity as plain text, None where it is absent or null."""
    value = row.get(name)
    if value is None:
        return None
    try:
        return f"{read_amount(value):f}"
    except NotAnAmount:
        raise FieldError(name, say("is not a quantity"), value) from None


def named(kind: NameKind, entry: Row, *names: str) -> Name:
    """An entry of a list: the first of its fields `names` that says something, else its id."""
    identity = required_word(entry, "id")
    for name in names:
        if isinstance(entry.get(name), str) and (text := word(entry, name)):
            return Name(kind, identity, text)
    return Name(kind, identity, identity)


def readable(what: str, *, ok: bool, remedy: str = "", essential: bool = True) -> Finding:
    """A line of *Test*: whether something can be read, with a remedy where it cannot."""
    if ok:
        return Finding(True, say("{what} can be read.", what=what), essential=essential)
    return Finding(False, say("{what} cannot be read.", what=what), remedy, essential)
