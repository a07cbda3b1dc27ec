"""Windows: how long a plan's allowance lasts, when it starts anew, and how much of it is used.

Providers of plans write these in ways of their own; here they get the words and instants of
`QuotaReading`. As in `fields`, what is not what it should be raises `FieldError`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from plimsoll.domain.said import say
from plimsoll.sources.fields import FieldError, Row, quantity

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 4_102_444_800_000
"""The year 2100, in milliseconds."""

_LENGTHS = (
    (timedelta(days=7), "week"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def window_words(length: timedelta) -> str | None:
    """A window in plain words ("5 hours", "week"); None for no length, or an odd one."""
    if length <= timedelta(0):
        return None
    for one, word in _LENGTHS:
        if length % one == timedelta(0):
            count = length // one
            return word if count == 1 else f"{count} {word}s"
    return None


def starts_anew(row: Row, name: str) -> datetime | None:
    """An instant in whole milliseconds of Unix time, UTC; None where there is none (0 or −1)."""
    value = row.get(name)
    if value is None or value in (0, -1):
        return None
    if type(value) is not int or not 1_000_000_000_000 < value < _LAST:
        raise FieldError(name, say("is not an instant in milliseconds"), value)
    return _EPOCH + timedelta(milliseconds=value)


def amount(row: Row, name: str) -> Decimal | None:
    """A figure from zero up, a number or text; None where it is absent or null."""
    text = quantity(row, name)
    if text is None:
        return None
    if text.startswith("-"):
        raise FieldError(name, say("is below zero"), row.get(name))
    return Decimal(text)
