"""Forecast: where a period will end, as a range and odds, from the days spent so far.

The method in one paragraph: complete days give a pattern of ratios (`pattern`): the level by
several memories, how often anything is spent, how wild it is, the weekdays; a small network that
learned from simulated spend answers which totals followed such pasts, as seven quantiles, whose
ranges were brought to what they say on series that it never saw (`network`); what is already spent
is added.
Nothing else knows the future: the range means “if you go on as people with your past do”.

Days that are known but not final count as complete, as long as they were asked for after they were
over. Providers report most of a day within minutes or hours, and leaving the newest days out would
hide exactly what is new; a day reported low today is forecast again, from its true figure, after
the next sync. A day that was last asked for while it lasted is provably not all there: in the
history it stands at its pace, and inside the period the share of it that was still to come is
forecast. Taken as complete it drags the median down by 3.4 % of a month; so it does by 0.6 %, and
the loss of the ranges is the same within 1 % (benchmarks/cut_days.py). A day without an answer is
unknown, never zero: it is left out of the history, and one inside the period that holds no money is
forecast like a day still to come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Literal

from plimsoll.analysis.network import PROBABILITIES, Quantiles, Table, load_table
from plimsoll.analysis.past import IDLE_DAYS, LEAST_DAYS, NORMAL_DAYS, PastDays
from plimsoll.analysis.pattern import pattern_of
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend
from plimsoll.domain.said import say

_MONTH_DAYS, _FEW_UNKNOWN = 28, 0.20
_LEAST_ODDS, _MOST_ODDS = 0.02, 0.98
_CURVE_LEVELS = (3, 2, 4, 1, 5)
"""Which of the seven quantiles a curve shows: the median, the 50 % and the 80 % range."""

Quality = Literal["rough", "normal", "thin", "idle"]


@dataclass(frozen=True, slots=True)
class CurveDay:
    """One day ahead: the period's total up to its end, nano-units, what is spent included."""

    day: date
    median: int
    low50: int
    high50: int
    low80: int
    high80: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a period ends, in nano-units of one currency; what is `spent` so far is included.

    `quality` is `normal`; `rough` below 21 complete days; `thin` below 5, with the run-rate for a
    median; `idle` after 60 days without spend, with what is spent for a median. In the last two
    the ranges are None, `curve` is empty and `reason` says why. `run_rate` is what simple trackers
    would say, for comparison. `rest` are the seven quantiles of what is still to come; `over` says
    that the period lies in the past and nothing is left to guess.
    """

    spent: int
    median: int
    run_rate: int
    quality: Quality
    low50: int | None = None
    high50: int | None = None
    low80: int | None = None
    high80: int | None = None
    low95: int | None = None
    high95: int | None = None
    reason: str = ""
    curve: tuple[CurveDay, ...] = ()
    rest: tuple[int, ...] = ()
    over: bool = False

    def probability_above(self, nanos: int) -> float | None:
        """The odds that the period's total passes `nanos`, from 0.02 to 0.98.

        Exactly 1 once that much is spent, exactly 0 for a period that ended below it, and None
        where there is too little history for odds.
        """
        if self.spent >= nanos:
            return 1.0
        if self.over:
            return 0.0
        if not self.rest:
            return None
        odds = _chance_above(nanos - self.spent, self.rest)
        return min(max(odds, _LEAST_ODDS), _MOST_ODDS)

    def passes_on(self, limit: int) -> date | None:
        """The first day, from today on, at whose end the median total has reached `limit`."""
        return next((point.day for point in self.curve if point.median >= limit), None)


def forecast_period(
    history: Sequence[DaySpend],
    *,
    period: Period,
    today: date,
    day_elapsed: float,
    spent_so_far: int,
    table: Table,
    with_curve: bool = True,
) -> Forecast:
    """Forecast the total of `period` from days up to and including `today`.

    `history` are days of one currency, today's the unfinished one; `day_elapsed` is the share of
    today's usual spend that lies behind us (the share of the day, unless better is known), and
    `spent_so_far` what the period holds already, nano-units, which may be negative after refunds.
    Refunds count in what is spent; for the pattern a day is never below zero. Where only the
    end is asked for, nothing is computed for the curve to it.
    """
    if not 0.0 <= day_elapsed <= 1.0:
        raise ValueError("day_elapsed is a share from 0 to 1")
    if period.last < today:
        return _closed(spent_so_far)
    days = PastDays.of(history, today)
    columns = _columns(days, period, today, day_elapsed)
    naive = spent_so_far + _run_rate(days, period, day_elapsed, columns)
    if days.idle >= IDLE_DAYS:
        reason: str = say(
            "No recent use: nothing was spent in the last {idle_days} days.", idle_days=IDLE_DAYS
        )
        return Forecast(spent_so_far, spent_so_far, naive, "idle", reason=reason)
    if len(days.complete) < LEAST_DAYS:
        reason = say(
            "Not enough days yet: {count} of {least_days} complete days.",
            count=len(days.complete),
            least_days=LEAST_DAYS,
        )
        return Forecast(spent_so_far, naive, naive, "thin", reason=reason)
    lead = max((period.first - today).days, 0)
    ends = _ends(days, columns, table, lead=lead, only_last=not with_curve)
    reason = _unknown_reason(days, today)
    found = _opened(days, ends, spent=spent_so_far, naive=naive, reason=reason)
    return found if with_curve else replace(found, curve=())


# -- the days ahead ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """A day whose spend, or the `share` of it that is missing, has to be forecast.

    A past day without an answer, or with a part of one, stands before the others and on no curve
    (`day` is None).
    """

    weekday: int
    share: float
    day: date | None


def _columns(days: PastDays, period: Period, today: date, day_elapsed: float) -> list[_Column]:
    missing = [day.day for day in days.unknown if day.day in period and day.spent == 0]
    columns = [_Column(day.weekday(), 1.0, None) for day in missing]
    columns += [
        _Column(day.day.weekday(), 1.0 - day.elapsed, None)
        for day in days.partial
        if day.day in period
    ]
    if today in period:
        unseen = days.today is not None and not days.today.known and days.today.spent == 0
        columns.append(_Column(today.weekday(), 1.0 if unseen else 1.0 - day_elapsed, today))
    day = max(today + ONE_DAY, period.first)
    while day <= period.last:
        columns.append(_Column(day.weekday(), 1.0, day))
        day += ONE_DAY
    return columns


def _run_rate(
    days: PastDays, period: Period, day_elapsed: float, columns: Sequence[_Column]
) -> int:
    """What the days ahead would cost at the average pace of the period so far, nano-units.

    The pace is what other trackers use, month to date by days passed; days before the first spend
    and days without an answer do not count. A period without a complete day has the pace of the
    last thirty.
    """
    counted = [day for day in days.complete if day.day in period] or list(days.complete[-30:])
    spent = sum(day.spent for day in counted)
    passed = float(len(counted))
    if days.today is not None and days.today.known:
        spent += days.today.spent
        passed += day_elapsed
    ahead = math.fsum(column.share for column in columns)
    return round(max(spent, 0) / max(passed, 1.0) * ahead)


# -- quantiles ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _End:
    """Quantiles of the spend from now to the end of a day, in units of the currency."""

    day: date | None
    quantiles: Quantiles


def _ends(
    days: PastDays, columns: Sequence[_Column], table: Table, *, lead: int, only_last: bool
) -> list[_End]:
    """The end of every column, or of the last; `lead` days lie between today and the first."""
    pattern = pattern_of(days.amounts, days.weekdays)
    reading = table.reading(pattern, history=len(days.complete))
    horizons = accumulate(column.share for column in columns)
    weights = accumulate(pattern.profile[column.weekday] * column.share for column in columns)
    ends = list(zip(columns, horizons, weights, strict=True))
    return [
        _End(column.day, reading.quantiles(horizon=horizon, weight=weight, lead=lead))
        for column, horizon, weight in (ends[-1:] if only_last else ends)
    ]


def _chance_above(nanos: int, rest: Sequence[int]) -> float:
    """The odds that the rest passes `nanos`: linear in the probability between the seven
    quantiles, falling to certainty at zero below them and exponentially above them.
    """
    if nanos < rest[0]:
        return 1 - PROBABILITIES[0] * nanos / rest[0]
    if nanos >= rest[-1]:
        width = max(rest[-1] - rest[-2], 1)
        return (1 - PROBABILITIES[-1]) * math.exp(-1.1 * (nanos - rest[-1]) / width)
    left = max(place for place, quantile in enumerate(rest[:-1]) if quantile <= nanos)
    share = (nanos - rest[left]) / (rest[left + 1] - rest[left])
    below = PROBABILITIES[left] + share * (PROBABILITIES[left + 1] - PROBABILITIES[left])
    return 1 - below


# -- the answer --------------------------------------------------------------------------------


def _closed(spent: int) -> Forecast:
    """A period that is over: it ended at what was spent."""
    return Forecast(
        spent=spent,
        median=spent,
        run_rate=spent,
        quality="normal",
        low50=spent,
        high50=spent,
        low80=spent,
        high80=spent,
        low95=spent,
        high95=spent,
        reason=say("This period is over."),
        over=True,
    )


def _opened(
    days: PastDays, ends: Sequence[_End], *, spent: int, naive: int, reason: str
) -> Forecast:
    rest = tuple(round(quantile * NANO) for quantile in ends[-1].quantiles)
    low95, low80, low50, median, high50, high80, high95 = (spent + quantile for quantile in rest)
    return Forecast(
        spent=spent,
        median=median,
        run_rate=naive,
        quality="rough" if len(days.complete) < NORMAL_DAYS else "normal",
        low50=low50,
        high50=high50,
        low80=low80,
        high80=high80,
        low95=low95,
        high95=high95,
        reason=reason,
        curve=_curve(ends, spent, rest),
        rest=rest,
    )


def _curve(ends: Sequence[_End], spent: int, rest: Sequence[int]) -> tuple[CurveDay, ...]:
    """Five quantiles day by day: never falling, and ending exactly at the period's totals.

    Each day has its own correction, so that a quantile may dip by a little from one day to the
    next, or stand above its end; a running maximum, held under the end, takes that away.
    """
    points = []
    reached = [0] * len(_CURVE_LEVELS)
    for end in ends:
        for place, level in enumerate(_CURVE_LEVELS):
            here = min(round(end.quantiles[level] * NANO), rest[level])
            reached[place] = max(reached[place], here)
        if end.day is not None:
            points.append(CurveDay(end.day, *(spent + amount for amount in reached)))
    return tuple(points)


def _unknown_reason(days: PastDays, today: date) -> str:
    first = today - _MONTH_DAYS * ONE_DAY
    unknown = sum(day.day >= first for day in days.unknown)
    if unknown <= _FEW_UNKNOWN * _MONTH_DAYS:
        return ""
    return say(
        "Incomplete data: {unknown} of the last {month_days} days have no answer.",
        unknown=unknown,
        month_days=_MONTH_DAYS,
    )


__all__ = [
    "CurveDay",
    "Forecast",
    "Quality",
    "Table",
    "forecast_period",
    "load_table",
]
