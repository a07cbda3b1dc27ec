"""Hours: whether a price is that of peak hours at an instant, and when that changes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.domain.calendar import ONE_DAY, day_start, utc_day
from plimsoll.domain.tariff import Holidays, HolidaysUnknown, PriceRow, Schedule

_AHEAD = 14
"""Days that are looked through for the next change; the longest holidays are nine days."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a price that has some, at one instant.

    `peak` is None where it hangs on holidays that nobody knows, which `doubt` says. `until` is the
    instant, UTC, at which it becomes another; None where that is not known.
    """

    peak: bool | None
    until: datetime | None
    doubt: str = ""


def hours_at(row: PriceRow, instant: datetime, holidays: Holidays) -> Hours | None:
    """The hours of a price at an instant; None where its prices are the same at all of them."""
    if row.schedule is None:
        return None
    peak, doubt = _peak(row.schedule, instant, holidays)
    until = _next_change(row.schedule, instant, holidays)
    if row.effective_to is not None and (until is None or row.effective_to < until):
        until = row.effective_to
    return Hours(peak, until, doubt)


def _peak(schedule: Schedule, instant: datetime, holidays: Holidays) -> tuple[bool | None, str]:
    try:
        return schedule.is_peak(instant, holidays), ""
    except HolidaysUnknown as unknown:
        return None, unknown.args[0]


def _next_change(schedule: Schedule, instant: datetime, holidays: Holidays) -> datetime | None:
    now, _ = _peak(schedule, instant, holidays)
    for ahead in range(_AHEAD):
        day = utc_day(instant) + timedelta(days=ahead)
        for edge in sorted(schedule.edges(day_start(day), day_start(day + ONE_DAY))):
            later, _ = _peak(schedule, edge, holidays)
            if edge > instant and later is not now:
                return edge if later is not None else None
    return None


__all__ = ["Hours", "hours_at"]
