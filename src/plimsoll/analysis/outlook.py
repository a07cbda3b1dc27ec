"""Outlook: what each of the next ninety days may cost, and how fast consumption doubles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from plimsoll.analysis.network import Table
from plimsoll.analysis.past import IDLE_DAYS, LEAST_DAYS, PastDays
from plimsoll.analysis.pattern import WEEK, pattern_of
from plimsoll.domain.calendar import ONE_DAY
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

DAYS_AHEAD = 90

_LEAST_WEEKS, _MOST_WEEKS = 8, 16
_Z80 = 1.2816
"""The normal quantile of a two-sided 80 % range."""


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day to come, by itself: nano-units in the middle, and the three ranges.

    Quantiles do not add up: the sum of ninety medians is not the median of ninety days.
    """

    day: date
    median: int
    low50: int
    high50: int
    low80: int
    high80: int
    low95: int
    high95: int


@dataclass(frozen=True, slots=True)
class Doubling:
    """Days in which consumption doubles, and the 80 % range."""

    days: float
    low: float
    high: float


def days_ahead(history: Sequence[DaySpend], *, today: date, table: Table) -> tuple[DayAhead, ...]:
    """The ninety days from tomorrow on, each by itself, as `forecast_period` sees them.

    `history` are days of one currency. Empty where there is too little of it, or no recent use.
    """
    past = PastDays.of(history, today)
    if past.idle >= IDLE_DAYS or len(past.complete) < LEAST_DAYS:
        return ()
    pattern = pattern_of(past.amounts, past.weekdays)
    reading = table.reading(pattern, history=len(past.complete))
    found = []
    for lead in range(1, DAYS_AHEAD + 1):
        day = today + lead * ONE_DAY
        weight = pattern.profile[day.weekday()]
        quantiles = reading.quantiles(horizon=1.0, weight=weight, lead=lead)
        low95, low80, low50, middle, high50, high80, high95 = (
            round(quantile * NANO) for quantile in quantiles
        )
        found.append(DayAhead(day, middle, low50, high50, low80, high80, low95, high95))
    return tuple(found)


def doubling(amounts: Sequence[float]) -> Doubling | None:
    """How fast whole days' amounts (money or tokens), oldest first, double; None where they do not
    measurably grow, or there are fewer than eight weeks of them.

    The slope of the logarithms of whole weeks, sixteen at most, is the median of the slopes of all
    pairs (Theil 1950, Sen 1968), and its range the one of Kendall's test at 80 %. Days before the
    first use do not count; a week without any, later, counts as a hundredth of the mean one. It
    grows measurably where the whole range is more than zero, and faster than twofold in two years.
    """
    first = next((place for place, amount in enumerate(amounts) if amount > 0), len(amounts))
    used = amounts[first:]
    ends = range(len(used), WEEK - 1, -WEEK)
    weeks = [math.fsum(used[end - WEEK : end]) for end in ends][:_MOST_WEEKS][::-1]
    least = math.fsum(weeks) / max(len(weeks), 1) / 100
    if len(weeks) < _LEAST_WEEKS or least <= 0:
        return None
    logs = [math.log2(max(week, least)) for week in weeks]
    slopes = sorted(
        (logs[later] - logs[sooner]) / (later - sooner)
        for sooner in range(len(logs))
        for later in range(sooner + 1, len(logs))
    )
    low, high = _range_of(slopes, len(logs))
    middle = median(slopes)
    if low <= 0 or WEEK / middle > 2 * 365:
        return None
    return Doubling(WEEK / middle, WEEK / high, WEEK / low)


def _range_of(slopes: Sequence[float], count: int) -> tuple[float, float]:
    """The slopes between which Kendall's statistic stays four times of five (normal by then)."""
    spread = _Z80 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(int((len(slopes) - spread) / 2), 0)
    high = min(len(slopes) - 1 - low, len(slopes) - 1)
    return slopes[low], slopes[high]
