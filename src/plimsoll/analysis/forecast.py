"""Forecast: where a period will end, as a range and odds, from the days spent so far.

The method in one paragraph: complete days give a weekday profile, a level and a dispersion; weeks
drawn from the past make a thousand paths through the days ahead (`paths`); a learned table widens
or narrows their quantiles until ranges cover what they say (`conformal`); what is already spent is
added. Nothing else knows the future: the range means “if you go on as you have lately”.

Days that are known but not final count as complete, as long as they were asked for after they were
over. Providers report most of a day within minutes or hours, and leaving the newest days out would
hide exactly what is new; a day reported low today is forecast again, from its true figure, after
the next sync. A day that was last asked for while it lasted is provably not all there: in the
history it stands at its pace, and inside the period the share of it that was still to come is
forecast. Taken as complete it drags the median down by 2.3 % of a month; so it does not, and the
loss of the ranges is the same within 2 % (benchmarks/cut_days.py). A day without an answer is
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

from plimsoll.analysis.conformal import PROBABILITIES, Correction, Quantiles, Table, load_table
from plimsoll.analysis.paths import Pattern, pattern_of, quantiles, simulate
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

LEAST_DAYS = 5
"""Complete days, since the first with spend, below which there is no range."""

NORMAL_DAYS = 21
"""Complete days from which a range is more than rough."""

MOST_DAYS = 200
"""Complete days looked at, the newest ones."""

IDLE_DAYS = 60
"""Known days without spend after which nothing is expected."""

LEAST_ELAPSED = 0.25
"""Of a day that was seen in part, the share from which its pace says something: a burst in the
first hour is not taken for a whole day of it."""

_MONTH_DAYS, _FEW_UNKNOWN = 28, 0.20
_MARGIN = 0.10
_LEAST_ODDS, _MOST_ODDS = 0.02, 0.98
_LOW80, _MEDIAN, _HIGH80 = 1, 3, 5

Quality = Literal["rough", "normal", "thin", "idle"]


@dataclass(frozen=True, slots=True)
class CurveDay:
    """One day ahead: the period's total up to its end, nano-units, what is spent included."""

    day: date
    median: int
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
    paths: int = 1000,
) -> Forecast:
    """Forecast the total of `period` from days up to and including `today`.

    `history` are days of one currency, today's the unfinished one; `day_elapsed` is the share of
    today's usual spend that lies behind us (the share of the day, unless better is known), and
    `spent_so_far` what the period holds already, nano-units, which may be negative after refunds.
    Refunds count in what is spent; for the pattern a day is never below zero. 1,000 paths are for
    figures that are shown, 300 do for long lists (2 and 4 % of noise in the median).
    """
    if not 0.0 <= day_elapsed <= 1.0:
        raise ValueError("day_elapsed is a share from 0 to 1")
    if period.last < today:
        return _closed(spent_so_far)
    days = _Days.of(history, today)
    columns = _columns(days, period, today, day_elapsed)
    naive = spent_so_far + _run_rate(days, period, day_elapsed, columns)
    if days.idle >= IDLE_DAYS:
        reason = f"No recent use: nothing was spent in the last {IDLE_DAYS} days."
        return Forecast(spent_so_far, spent_so_far, naive, "idle", reason=reason)
    if len(days.complete) < LEAST_DAYS:
        reason = f"Not enough days yet: {len(days.complete)} of {LEAST_DAYS} complete days."
        return Forecast(spent_so_far, naive, naive, "thin", reason=reason)
    ends = _simulated_ends(days, columns, table, paths)
    reason = _unknown_reason(days, today)
    return _opened(days, ends, spent=spent_so_far, naive=naive, reason=reason)


# -- the days behind ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Days:
    """A history sorted out, oldest first.

    `complete` are the known days before today, from the first with spend on, that the pattern is
    made from, those of `partial` at their pace; `partial` are the ones of which a part was still to
    come when they were asked for; `unknown` the days since then without an answer; `idle` counts
    the known days without spend up to now; `today` is None where the history does not hold it.
    """

    complete: tuple[DaySpend, ...]
    partial: tuple[DaySpend, ...]
    unknown: tuple[DaySpend, ...]
    idle: int
    today: DaySpend | None

    @classmethod
    def of(cls, history: Sequence[DaySpend], today: date) -> _Days:
        past = sorted((day for day in history if day.day < today), key=lambda day: day.day)
        now = next((day for day in history if day.day == today), None)
        used = _from_first_spend([day for day in past if day.known])
        complete = _from_first_spend([_at_its_pace(day) for day in used[-MOST_DAYS:]])
        first = complete[0].day if complete else today
        return cls(
            complete=tuple(complete),
            partial=tuple(day for day in used if day.elapsed < 1.0),
            unknown=tuple(day for day in past if not day.known and day.day > first),
            idle=_idle_days(used, now),
            today=now,
        )

    @property
    def amounts(self) -> list[float]:
        """Spend of the complete days in units of the currency, none below zero."""
        return [max(day.spent, 0) / NANO for day in self.complete]

    @property
    def weekdays(self) -> list[int]:
        """Their weekdays, Monday 0."""
        return [day.day.weekday() for day in self.complete]


def _at_its_pace(day: DaySpend) -> DaySpend:
    """A day as it would have ended; a whole one as it is."""
    if day.elapsed >= 1.0:
        return day
    return replace(day, billed=round(day.spent / max(day.elapsed, LEAST_ELAPSED)), estimated=0)


def _from_first_spend(days: list[DaySpend]) -> list[DaySpend]:
    first = next((place for place, day in enumerate(days) if day.spent > 0), len(days))
    return days[first:]


def _idle_days(used: Sequence[DaySpend], now: DaySpend | None) -> int:
    known = [*used, now] if now is not None and now.known else used
    return next((age for age, day in enumerate(reversed(known)) if day.spent > 0), 0)


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


def _columns(days: _Days, period: Period, today: date, day_elapsed: float) -> list[_Column]:
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


def _run_rate(days: _Days, period: Period, day_elapsed: float, columns: Sequence[_Column]) -> int:
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


def _simulated_ends(
    days: _Days, columns: Sequence[_Column], table: Table, paths: int
) -> list[_End]:
    amounts, weekdays = days.amounts, days.weekdays
    pattern = pattern_of(amounts, weekdays)
    factors = [pattern.profile[column.weekday] * column.share for column in columns]
    correction = table.correction(
        dispersion=pattern.dispersion, idle=pattern.idle, history=len(amounts)
    )
    sums = simulate(amounts, weekdays, pattern, factors, paths=paths)
    horizons = accumulate(column.share for column in columns)
    weights = accumulate(factors)
    return [
        _End(column.day, _corrected(ordered, pattern, correction, horizon, weight))
        for column, ordered, horizon, weight in zip(columns, sums, horizons, weights, strict=True)
    ]


def _corrected(
    ordered: Sequence[float],
    pattern: Pattern,
    correction: Correction,
    horizon: float,
    weight: float,
) -> Quantiles:
    raw = quantiles(ordered, PROBABILITIES)
    return correction.apply(raw, horizon=horizon, margin=_MARGIN * pattern.base * weight)


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
        reason="This period is over.",
        over=True,
    )


def _opened(days: _Days, ends: Sequence[_End], *, spent: int, naive: int, reason: str) -> Forecast:
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
    """The seven quantiles day by day: never falling, and ending exactly at the period's totals.

    Each day has its own correction, so that a quantile may dip by a little from one day to the
    next, or stand above its end; a running maximum, held under the end, takes that away.
    """
    points = []
    reached = [0, 0, 0]
    for end in ends:
        for place, level in enumerate((_MEDIAN, _LOW80, _HIGH80)):
            here = min(round(end.quantiles[level] * NANO), rest[level])
            reached[place] = max(reached[place], here)
        if end.day is not None:
            median, low, high = (spent + amount for amount in reached)
            points.append(CurveDay(end.day, median, low, high))
    return tuple(points)


def _unknown_reason(days: _Days, today: date) -> str:
    first = today - _MONTH_DAYS * ONE_DAY
    unknown = sum(day.day >= first for day in days.unknown)
    if unknown <= _FEW_UNKNOWN * _MONTH_DAYS:
        return ""
    return f"Incomplete data: {unknown} of the last {_MONTH_DAYS} days have no answer."


__all__ = [
    "CurveDay",
    "Forecast",
    "Quality",
    "Table",
    "forecast_period",
    "load_table",
]
