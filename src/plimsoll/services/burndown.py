"""Burn-down: what a budget uses day by day, the even pace beside it, and when it is used up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from plimsoll.analysis.forecast import Forecast
from plimsoll.domain.budget import TOKENS, Budget, BudgetStatus
from plimsoll.domain.cadence import Rolling
from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger

LEAST_ROLLING, MOST_ROLLING = 30, 92
"""How many days back the sum of rolling days is shown: as many as it holds, within these."""


@dataclass(frozen=True, slots=True)
class BurnDay:
    """A day of a burn-down: what is used at its end, nano-units or tokens; of today, until now.

    `used` is None on days to come and on days without an answer; a day that is not `final` can
    still change. `even` is what would be used if every day used the same. The median and the ranges
    are what is forecast to be used by the end of a day, from today on, where there is a forecast.
    """

    day: date
    used: int | None = None
    final: bool = True
    even: int | None = None
    median: int | None = None
    low50: int | None = None
    high50: int | None = None
    low80: int | None = None
    high80: int | None = None


@dataclass(frozen=True, slots=True)
class BurnDown:
    """How a budget is used up, in days of its own zone; every day of its period is there.

    `today_elapsed` is the share of `today` that has passed. `used_up_on` is the day at whose end
    the limit is reached: by what was used, else by the forecast's median, else None. Where days
    roll there is no end: `days` are then the last ones, `used` the sum of as many as roll, and
    there is neither an even pace nor a forecast.
    """

    budget: Budget
    limit: int
    today: date
    today_elapsed: float
    days: tuple[BurnDay, ...]
    used_up_on: date | None = None

    @property
    def rolls(self) -> bool:
        """Whether the days roll, so that `used` rises and falls."""
        return isinstance(self.budget.span, Rolling)


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What a budget used on each day, and which days are known and final."""

    by_day: dict[date, int]
    known: frozenset[date]
    final: frozenset[date]


def burn_down(
    ledger: Ledger, status: BudgetStatus, forecast: Forecast, *, now: datetime
) -> BurnDown:
    """The burn-down of a budget that stands like this; its status rests on the forecast."""
    budget = status.budget
    zone = ZoneInfo(budget.zone)
    today = now.astimezone(zone).date()
    midnight = day_start(today, zone=zone)
    length = day_start(today + ONE_DAY, zone=zone) - midnight
    span = budget.span
    days = (
        _rolling(ledger, budget, span.days, today=today, now=now)
        if isinstance(span, Rolling)
        else _falling(ledger, status, forecast, today=today, now=now)
    )
    used_up_on = status.passes_on
    if status.spent >= status.limit and not isinstance(span, Rolling):
        reached = (day.day for day in days if (day.used or 0) >= status.limit)
        used_up_on = next(reached, None)
    return BurnDown(budget, status.limit, today, (now - midnight) / length, days, used_up_on)


def _falling(
    ledger: Ledger, status: BudgetStatus, forecast: Forecast, *, today: date, now: datetime
) -> tuple[BurnDay, ...]:
    """The period from its first day to its last: used until today, and forecast from then on."""
    period, count = status.period, len(status.period)
    begun = period.overlap(Period(min(today, period.first), today))
    amounts = _amounts(ledger, status.budget, begun, today=today, now=now)
    ahead = {point.day: point for point in forecast.curve if point.day in period}
    found, used = [], 0
    for position, day in enumerate(period.days(), start=1):
        used += amounts.by_day[day]
        point = ahead.get(day)
        found.append(
            BurnDay(
                day=day,
                used=used if day in amounts.known else None,
                final=day in amounts.final or day > today,
                even=status.limit * position // count,
                median=point.median if point else None,
                low50=point.low50 if point else None,
                high50=point.high50 if point else None,
                low80=point.low80 if point else None,
                high80=point.high80 if point else None,
            )
        )
    return tuple(found)


def _rolling(
    ledger: Ledger, budget: Budget, width: int, *, today: date, now: datetime
) -> tuple[BurnDay, ...]:
    """The last days, each with the sum of as many as roll."""
    shown = min(max(width, LEAST_ROLLING), MOST_ROLLING)
    first = today - timedelta(days=shown + width - 2)
    amounts = _amounts(ledger, budget, Period(first, today), today=today, now=now)
    days = list(Period(first, today).days())
    sums = [0, *accumulate(amounts.by_day[day] for day in days)]
    return tuple(
        BurnDay(
            day=day,
            used=sums[place + 1] - sums[place + 1 - width] if day in amounts.known else None,
            final=day in amounts.final,
        )
        for place, day in enumerate(days)
        if place >= width - 1
    )


def _amounts(
    ledger: Ledger, budget: Budget, period: Period | None, *, today: date, now: datetime
) -> _Amounts:
    """What a budget used in the days of its zone; whether a day is known is told of provider days.

    Today counts as known, whatever has come of it: so much is used by now as far as anyone knows.
    """
    used: dict[date, int] = defaultdict(int)
    if period is None:
        return _Amounts(used, frozenset(), frozenset())
    utc_today = utc_day(now)
    question = Question(period, (Dimension.DAY,), budget.scope, budget.zone)
    for row in answers.answer(ledger, question, today=utc_today).rows:
        amount = row.tokens.total if budget.currency == TOKENS else row.spent(budget.currency)
        used[date.fromisoformat(row.key[0] or "")] = amount
    series = answers.daily(
        ledger, period, currency=budget.currency, scope=budget.scope, today=utc_today
    )
    return _Amounts(
        used,
        known=frozenset(d.day for d in series.days if d.known or d.day == today),
        final=frozenset(d.day for d in series.days if d.final),
    )
