"""Track record: what the forecast would have said in past months, against how those ended.

A rolling-origin back-test on the user's own days: each past month is forecast again as it stood on
the same day of the month as today, from the days before that day alone. The run-rate is judged
beside it, and where it was nearer, that is said. Days are taken as they are known now: what a
provider corrected later is corrected here, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from statistics import median

from plimsoll.analysis.forecast import Forecast, forecast_period
from plimsoll.analysis.network import Table
from plimsoll.domain.calendar import ONE_DAY, Period, previous_month
from plimsoll.domain.question import DaySpend

MONTHS = 6
"""Past months that are told of."""

LEAST_MONTHS = 3
"""Below so many nothing is said: two of two would mean little."""

_MOST_UNKNOWN = 0.2


@dataclass(frozen=True, slots=True)
class PastMonth:
    """One month as it was forecast and as it ended, nano-units."""

    month: Period
    actual: int
    median: int
    low80: int
    high80: int
    run_rate: int

    @property
    def held(self) -> bool:
        """Whether the month ended within the 80 % range."""
        return self.low80 <= self.actual <= self.high80


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The last months, newest first, all forecast from the same day of the month.

    `miss` is the typical error of the median, a share of what the month was (the median of them),
    `run_rate_miss` that of the run-rate; None where every month was without spend.
    """

    months: tuple[PastMonth, ...]
    miss: float | None
    run_rate_miss: float | None

    @property
    def held(self) -> int:
        """In how many months the 80 % range held."""
        return sum(each.held for each in self.months)

    @property
    def beats_run_rate(self) -> bool:
        """Whether the medians lay nearer to the truth, all money together."""
        ours = sum(abs(each.median - each.actual) for each in self.months)
        return ours <= sum(abs(each.run_rate - each.actual) for each in self.months)


def track_record(history: Sequence[DaySpend], *, today: date, table: Table) -> TrackRecord | None:
    """The record over the last six whole months; None with fewer than three that can be judged.

    `history` are days of one currency, as many as are known. A month is left out where more than a
    fifth of its days is unknown, or where there was too little history for a range.
    """
    months = tuple(islice(_judged(history, today, table), MONTHS))
    if len(months) < LEAST_MONTHS:
        return None
    spent = [each for each in months if each.actual > 0]
    return TrackRecord(
        months=months,
        miss=_typical([abs(each.median / each.actual - 1) for each in spent]),
        run_rate_miss=_typical([abs(each.run_rate / each.actual - 1) for each in spent]),
    )


def _typical(misses: Sequence[float]) -> float | None:
    return median(misses) if misses else None


def _judged(history: Sequence[DaySpend], today: date, table: Table) -> Iterator[PastMonth]:
    """Past months, newest first, no older than the history."""
    days = sorted(history, key=lambda day: day.day)
    for month in _months_before(today, days, MONTHS + LEAST_MONTHS):
        seen_on = min(month.first + (today.day - 1) * ONE_DAY, month.last)
        found = _seen(days, month, seen_on, table)
        if found is not None and found.low80 is not None and found.high80 is not None:
            yield PastMonth(
                month=month,
                actual=_spent(days, month),
                median=found.median,
                low80=found.low80,
                high80=found.high80,
                run_rate=found.run_rate,
            )


def _months_before(today: date, days: Sequence[DaySpend], count: int) -> Iterator[Period]:
    month = previous_month(today)
    for _ in range(count):
        if not days or month.first < days[0].day:
            return
        yield month
        month = previous_month(month.first)


def _seen(days: Sequence[DaySpend], month: Period, seen_on: date, table: Table) -> Forecast | None:
    """The forecast of a past month at the beginning of one of its days; None where too little of
    the month is known for it to be judged.
    """
    within = [day for day in days if day.day in month]
    if sum(not day.known for day in within) > _MOST_UNKNOWN * len(within):
        return None
    before = [day for day in days if day.day < seen_on]
    return forecast_period(
        before,
        period=month,
        today=seen_on,
        day_elapsed=0.0,
        spent_so_far=sum(day.spent for day in before if day.day in month),
        table=table,
        with_curve=False,
    )


def _spent(days: Sequence[DaySpend], month: Period) -> int:
    return sum(day.spent for day in days if day.day in month)
