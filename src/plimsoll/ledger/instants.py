"""Days and instants as the whole numbers that the archive keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)

MS_PER_HOUR = 3_600_000
MS_PER_DAY = 24 * MS_PER_HOUR


def number_of(day: date) -> int:
    """A day as the count of days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def day_of(number: int) -> date:
    """The day that is `number` days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH_DAY)


def micros_of(instant: datetime) -> int:
    """An instant as microseconds since 1970-01-01 UTC, exact."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(micros: int) -> datetime:
    """The UTC instant that is `micros` microseconds after 1970-01-01."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_instant(micros: int | None) -> datetime | None:
    """As `instant_of`, where there may be none."""
    return None if micros is None else instant_of(micros)


def millis_of(instant: datetime) -> int:
    """An instant as whole milliseconds since 1970-01-01 UTC, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def instant_of_millis(millis: int) -> datetime:
    """The UTC instant that is `millis` milliseconds after 1970-01-01."""
    return _EPOCH + timedelta(milliseconds=millis)
