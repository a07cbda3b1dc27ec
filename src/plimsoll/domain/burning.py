"""Burning: how many times as fast as evenly a budget is spent; over a day and over a week at once.

The week keeps one dear day from being taken for a pace, and the day lets the alarm end soon after
the spending does (two windows, as in Google's Site Reliability Workbook, chapter 5). Providers tell
days, not hours, and late: the short window is yesterday, the long one the seven days before today,
each divided by the time that it truly lasted; today is added to it where that makes it faster, so
that a day whose figures are still on their way slows nothing down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from plimsoll.domain.calendar import ONE_DAY, Period

WINDOWS = (1, 7)
"""Days before today that the windows begin."""

LEAST_USED = 10
"""Percent of the limit that each window must have used in the current period: the first dollars of
a month are no alarm, however fast they came."""


def pace_of(
    period: Period,
    *,
    now: datetime,
    today: date,
    limit: int,
    spent_in: Callable[[Period], int],
    starts_at: Callable[[date], datetime],
) -> Decimal | None:
    """The pace that both windows hold, as a multiple of the even one; 0 where one used too little.

    None where the period is no longer than the short window, so that no pace could warn in time.
    Windows that are longer than the period say nothing of it and are left out.
    """
    windows = [days for days in WINDOWS if len(period) > days]
    if not windows:
        return None
    whole = starts_at(period.last + ONE_DAY) - starts_at(period.first)
    paces = []
    for days in windows:
        window = Period(today - timedelta(days=days), today)
        inside = window.overlap(period)
        used = spent_in(inside) if inside is not None else 0
        if used * 100 < limit * LEAST_USED:
            return Decimal(0)
        begun = starts_at(window.first)
        before = Period(window.first, today - ONE_DAY)
        paces.append(
            max(
                Decimal(spent_in(part)) * _seconds(whole) / (limit * _seconds(ended - begun))
                for part, ended in ((before, starts_at(today)), (window, now))
            )
        )
    return min(paces)


def _seconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(microseconds=1)) / 1_000_000
