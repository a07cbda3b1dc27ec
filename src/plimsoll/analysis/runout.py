"""Run-out: when a prepaid balance reaches zero if its account goes on as it has, a range of days.

The forecast of the account's own spend is followed day by day: the balance is gone where the median
total passes it, at the earliest where the upper end of the 80 % range does, at the latest where the
lower end does. Credit that lapses on a known day is taken as used first, as providers do; what is
left of it on that day goes with it, and is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plimsoll.analysis.forecast import Forecast, Quality, Table, forecast_period
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import DaySpend
from plimsoll.domain.usage import Expiring

DAYS_AHEAD = 92
"""How far is looked: what lasts longer lasts more than three months."""


class Lasts(StrEnum):
    """What can be said of a balance."""

    DATES = "dates"
    """It runs out in the next three months, more likely than not."""
    LONGER = "longer"
    IDLE = "idle"
    """Nothing has been spent for long; it lasts as long as that."""
    UNKNOWN = "unknown"
    """There are too few days to say."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RunOut:
    """When a balance reaches zero.

    `day` is the median, `earliest` and `latest` span 80 %; each is None beyond three months, or
    where nothing can be said, with the `reason`. `lapsing` is credit that will expire unspent, by
    the median, and when. `likely` are the odds, from 0.02 to 0.98, that it is gone within the days
    that were asked for; None where nothing can be said.
    """

    lasts: Lasts
    day: date | None = None
    earliest: date | None = None
    latest: date | None = None
    reason: str = ""
    quality: Quality = "normal"
    lapsing: tuple[Expiring, ...] = ()
    likely: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a balance: nano-units `left`, on which day, and what of it is expiring;
    `elapsed` is the share of that day that lay behind.
    """

    left: int
    on: date
    elapsed: float
    expiring: tuple[Expiring, ...] = ()


def run_out(
    history: Sequence[DaySpend], known: Known, *, today: date, within: int, table: Table
) -> RunOut:
    """When a balance that was read on a day runs out, and the odds that it does `within` so many
    days, today among them. `history` are its account's days in its currency: those before the
    reading count, because a reading knows of all that was spent by then.
    """
    if known.left <= 0:
        return RunOut(Lasts.GONE, day=known.on, earliest=known.on, latest=known.on, likely=1.0)
    past = [day for day in history if day.day < known.on]
    expiring = sorted((c for c in known.expiring if c.last >= known.on), key=_by_day)

    def ahead(days: int, *, with_curve: bool) -> Forecast:
        return forecast_period(
            past,
            period=Period(known.on, max(today + timedelta(days=days - 1), known.on)),
            today=known.on,
            day_elapsed=known.elapsed,
            spent_so_far=0,
            table=table,
            with_curve=with_curve,
        )

    found = ahead(DAYS_AHEAD, with_curve=True)
    if found.quality == "idle":
        return RunOut(Lasts.IDLE, reason=found.reason, quality="idle")
    if not found.curve:
        return RunOut(Lasts.UNKNOWN, reason=found.reason, quality="thin")
    days = [point.day for point in found.curve]
    median, lapsing = _followed(days, [p.median for p in found.curve], known.left, expiring)
    earliest, _ = _followed(days, [p.high80 for p in found.curve], known.left, expiring)
    latest, _ = _followed(days, [p.low80 for p in found.curve], known.left, expiring)
    soon = today + timedelta(days=within - 1)
    gone = sum(credit.nanos for credit in lapsing if credit.last <= soon)
    return RunOut(
        Lasts.LONGER if median is None else Lasts.DATES,
        day=median and max(median, today),
        earliest=earliest and max(earliest, today),
        latest=latest and max(latest, today),
        reason=found.reason,
        quality=found.quality,
        lapsing=lapsing,
        likely=ahead(within, with_curve=False).probability_above(max(known.left - gone, 1)),
    )


def _by_day(credit: Expiring) -> date:
    return credit.last


def _followed(
    days: Sequence[date], totals: Sequence[int], left: int, expiring: Sequence[Expiring]
) -> tuple[date | None, tuple[Expiring, ...]]:
    """The first day at whose end nothing is left, by what has been spent up to each day's end; and
    what lapses until then.
    """
    due, lost = list(expiring), list[Expiring]()
    lapsed = lapsable = 0
    for day, spent in zip(days, totals, strict=True):
        while due and due[0].last <= day:
            credit = due.pop(0)
            lapsable += credit.nanos
            unspent = min(max(lapsable - lapsed - spent, 0), credit.nanos)
            if unspent:
                lapsed += unspent
                lost.append(Expiring(credit.last, unspent))
        if spent + lapsed >= left:
            return day, tuple(lost)
    return None, tuple(lost)
