"""Reading one cell of a sheet strictly: what is not what it should be is refused.

As in `fields`, every reading function raises `FieldError`, which names the column; texts, amounts
and quantities are read by `fields` itself. An empty cell tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.money import NotAnAmount, read_amount
from plimsoll.domain.said import say
from plimsoll.sources.fields import MOST, FieldError

Cells = Mapping[str, str]

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_PLAIN_DAY = re.compile(r"20\d{6}", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d(\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_SECONDS = re.compile(r"\d{9,10}(\.0+)?", re.ASCII)


def count(cells: Cells, name: str) -> int:
    """A whole number from zero up: `59200`, and `59200.0`, as some consoles write it."""
    found = maybe_count(cells, name)
    if found is None:
        raise FieldError(name, say("is missing"))
    return found


def maybe_count(cells: Cells, name: str) -> int | None:
    """The same where the column, or its cell, may be empty."""
    text = cells.get(name, "")
    if not text:
        return None
    try:
        number = read_amount(text)
    except NotAnAmount:
        raise FieldError(name, say("is not a whole number"), text) from None
    if number < 0 or number > MOST or number != int(number):
        raise FieldError(name, say("is not a whole number from zero up"), text)
    return int(number)


def known(cells: Cells, name: str) -> str | None:
    """A cell that says something; None for an empty one or none."""
    return cells.get(name) or None


def amount_text(cells: Cells, name: str, *, grouped: bool = False) -> str:
    """An amount as `fields.money` reads it; where it may be `grouped`, without the commas of
    `1,234.50`. A comma that could be a decimal sign is refused.
    """
    text = cells.get(name, "")
    if not text:
        raise FieldError(name, say("is missing"))
    if grouped and re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text, re.ASCII):
        text = text.replace(",", "")
    try:
        read_amount(text)
    except NotAnAmount:
        problem = say("is not an amount with a point as its decimal sign")
        raise FieldError(name, problem, text) from None
    return text


def day(cells: Cells, name: str) -> date:
    """A day, `2026-08-05` or `20260805`. What could be read in two ways is refused."""
    text = cells.get(name, "")
    if _PLAIN_DAY.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if not _DAY.fullmatch(text):
        raise _no_day(name, text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _no_day(name, text) from None


def instant(cells: Cells, name: str) -> datetime:
    """An instant: whole Unix seconds, or a day with a time, in UTC where no offset is told."""
    text = cells.get(name, "")
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(Decimal(text)), UTC)
    whole = _INSTANT.fullmatch(text)
    if whole is None:
        raise FieldError(name, say("is not a time") if text else say("is missing"), text)
    try:
        read = datetime.fromisoformat(f"{whole[1]}T{whole[2]}{whole[5] or '+00:00'}")
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError(name, say("is not a time"), text) from None


def day_and_hour(cells: Cells, name: str) -> tuple[date, datetime, datetime]:
    """A day in UTC and the span that a row is about: the whole day, or an hour of it where the
    cell tells one.
    """
    text = cells.get(name, "")
    if len(text) <= 10:
        found = day(cells, name)
        start = datetime(found.year, found.month, found.day, tzinfo=UTC)
        return found, start, start + timedelta(days=1)
    start = instant(cells, name)
    if start.minute or start.second or start.microsecond:
        raise FieldError(name, say("is not a full hour"), text)
    return utc_day(start), start, start + timedelta(hours=1)


def _no_day(name: str, text: str) -> FieldError:
    return FieldError(
        name, say("is not a day like 2026-08-05") if text else say("is missing"), text
    )
