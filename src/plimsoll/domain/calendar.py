"""Days and periods: provider days in UTC, local days by zone, budget periods by calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING

from plimsoll.domain.said import Said, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)

_BEIJING = timezone(timedelta(hours=8))
_FEBRUARY = 2
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The standard library's `calendar` knows them too, and brings locales along at every start."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of whole days, `first` and `last` both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends before it begins")

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or isinstance(day, datetime):
            return False
        return self.first <= day <= self.last

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Every day, in order."""
        for offset in range(len(self)):
            yield self.first + timedelta(days=offset)

    def overlap(self, other: Period) -> Period | None:
        """The days in both, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Period(first, last) if first <= last else None


def utc_day(instant: datetime) -> date:
    """The provider day of an instant: its date in UTC."""
    return instant.astimezone(UTC).date()


def day_start(day: date, *, zone: ZoneInfo | None = None) -> datetime:
    """The instant at which `day` begins, as UTC, in `zone` (UTC if None)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone or UTC).astimezone(UTC)


def month_of(day: date) -> Period:
    """The calendar month that holds `day`."""
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    last = 29 if leap and day.month == _FEBRUARY else _MONTH_DAYS[day.month - 1]
    return Period(day.replace(day=1), day.replace(day=last))


def next_month(day: date) -> date:
    """The first day of the month after the one that holds `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def previous_month(day: date) -> Period:
    """The calendar month before the one that holds `day`."""
    return month_of(day.replace(day=1) - ONE_DAY)


def month_before(day: date, months: int) -> date:
    """The first day of the month so many months before the one that holds `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def by_month(period: Period | None) -> Iterator[Period]:
    """A period cut where months end, in order; nothing for None."""
    while period is not None:
        part = Period(period.first, min(period.last, month_of(period.first).last))
        yield part
        period = Period(part.last + ONE_DAY, period.last) if part.last < period.last else None


def beijing_day(instant: datetime) -> date:
    """The day of an instant by which the mainland's providers cut their bills: China has one zone,
    and never changes its clocks.
    """
    return instant.astimezone(_BEIJING).date()


class Span(StrEnum):
    """How long a budget's period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def period_of(span: Span, day: date, *, week_start: int = 0, month_start: int = 1) -> Period:
    """The period of kind `span` that holds `day`.

    `week_start` is 0 for Monday; `month_start` 1 to 31, where a shorter month uses its last day.
    """
    match span:
        case Span.DAY:
            return Period(day, day)
        case Span.WEEK:
            first = day - timedelta(days=(day.weekday() - week_start) % 7)
            return Period(first, first + timedelta(days=6))
        case Span.MONTH:
            return _month_from(day, month_start)
        case Span.QUARTER:
            first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
            return Period(first, month_of(date(day.year, first.month + 2, 1)).last)
        case Span.YEAR:
            return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def _month_from(day: date, month_start: int) -> Period:
    if month_start == 1:
        return month_of(day)
    here = _nth_of_month(day, month_start)
    first = here if day >= here else _nth_of_month(previous_month(day).first, month_start)
    return Period(first, _nth_of_month(next_month(first), month_start) - ONE_DAY)


def _nth_of_month(day: date, nth: int) -> date:
    return day.replace(day=min(nth, month_of(day).last.day))


def spoken(day: date, *, year: bool = False) -> Said:
    """A day in words, `24 November`, on every platform and in every locale.

    Not by `strftime`: Windows does not know `%-d`, and Qt sets the locale of the whole process.
    """
    words = say("{day} {month}", day=day.day, month=month_name(day), number=day.month)
    return say("{date} {year}", date=words, year=day.year) if year else words


def month_name(day: date) -> Said:
    """The month of a day in full: `November`."""
    return _MONTHS[day.month - 1]


_MONTHS = (
    *(say("January"), say("February"), say("March"), say("April"), say("May"), say("June")),
    *(say("July"), say("August"), say("September"), say("October")),
    *(say("November"), say("December")),
)
