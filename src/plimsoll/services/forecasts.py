"""Forecasts: the ledger's days handed to the engine, and its answer as figures and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import accumulate

from plimsoll.analysis.forecast import Forecast, forecast_period, load_table
from plimsoll.analysis.forecast import Table as ForecastTable
from plimsoll.domain.calendar import Period, month_of, previous_month, utc_day
from plimsoll.domain.question import EVERYTHING, DaySpend, Question, Scope
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.verdicts import verdicts
from plimsoll.services.figures import CurvePoint, MonthCurve, MonthEnd
from plimsoll.shipped import resource

HISTORY_DAYS = 210
"""Days of history handed to the engine, which uses the last 200 complete ones."""


@cache
def forecast_table() -> ForecastTable:
    """The engine's conformal table, read once."""
    return load_table(resource("forecast_table.json").read_text(encoding="utf-8"))


def month_ends(
    ledger: Ledger, *, now: datetime, scope: Scope = EVERYTHING, table: ForecastTable
) -> tuple[MonthEnd, ...]:
    """Where the calendar month (UTC) ends, one figure for each currency that has been spent."""
    today = utc_day(now)
    month = month_of(today)
    return tuple(
        month_end_of(
            forecast_of(
                ledger,
                period=month,
                currency=currency,
                scope=scope,
                now=now,
                today=today,
                table=table,
            ),
            currency,
            month,
        )
        for currency in _currencies(ledger, scope, today)
    )


def _currencies(ledger: Ledger, scope: Scope, today: date) -> tuple[str, ...]:
    """The currencies spent within a scope in the days that the engine looks at."""
    history = Period(today - timedelta(days=HISTORY_DAYS), today)
    total = answers.answer(ledger, Question(history, scope=scope), today=today).total
    return tuple(a.currency for a in total.amounts if a.spent)


def forecast_of(
    ledger: Ledger,
    *,
    period: Period,
    currency: str,
    now: datetime,
    today: date,
    table: ForecastTable,
    scope: Scope = EVERYTHING,
    spent: int | None = None,
) -> Forecast:
    """The engine's forecast of one period, from the ledger's days (provider days, UTC).

    Days that the user expected to be unusual count as planned: what they cost is spent, and no part
    of the pattern that goes on. `spent` is what the period holds so far, where the caller counts it
    otherwise than by UTC days.
    """
    first = min(period.first, today - timedelta(days=HISTORY_DAYS))
    series = answers.daily(
        ledger, Period(first, today), currency=currency, scope=scope, today=utc_day(now)
    )
    so_far = sum(d.spent for d in series.days if d.day in period) if spent is None else spent
    days = _without_planned(series.days, verdicts(ledger, currency=currency))
    instant = now.astimezone(UTC)
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    elapsed = min((instant - midnight) / timedelta(days=1), _seen_of(days, today))
    return _forecast(days, period, today, elapsed, so_far, table)


def _without_planned(days: tuple[DaySpend, ...], said: Mapping[date, bool]) -> tuple[DaySpend, ...]:
    """The same days, of which those that were expected say nothing of others."""
    if not any(said.values()):
        return days
    return tuple(replace(day, known=False) if said.get(day.day) else day for day in days)


def _seen_of(days: Sequence[DaySpend], today: date) -> float:
    """How much of today its figures can hold: it was asked for a while ago."""
    return next((day.elapsed for day in days if day.day == today), 1.0)


@lru_cache(maxsize=32)
def _forecast(  # noqa: PLR0917 - a cache knows its values by place
    days: tuple[DaySpend, ...],
    period: Period,
    today: date,
    elapsed: float,
    spent: int,
    table: ForecastTable,
) -> Forecast:
    """The engine, which is pure: a page's month and a budget on all of it are one computation."""
    return forecast_period(
        days,
        period=period,
        today=today,
        day_elapsed=elapsed,
        spent_so_far=spent,
        table=table,
    )


def month_end_of(forecast: Forecast, currency: str, period: Period) -> MonthEnd:
    """A forecast as the figures that pages and commands show."""
    return MonthEnd(
        currency=currency,
        period=period,
        spent=forecast.spent,
        median=forecast.median,
        run_rate=forecast.run_rate,
        low50=forecast.low50,
        high50=forecast.high50,
        low80=forecast.low80,
        high80=forecast.high80,
        low95=forecast.low95,
        high95=forecast.high95,
        quality=forecast.quality,
        reason=forecast.reason,
    )


def month_curve(
    ledger: Ledger,
    forecast: Forecast,
    *,
    period: Period,
    currency: str,
    today: date,
    scope: Scope = EVERYTHING,
) -> MonthCurve:
    """The cumulative period: what happened, then the forecast fan, and last month beside it."""
    past = Period(period.first, min(max(today, period.first), period.last))
    actual = _cumulative(ledger, past, currency, scope, today)
    fan = {point.day: point for point in forecast.curve} if forecast.low80 is not None else {}
    points = []
    for position, day in enumerate(period.days()):
        ahead = fan.get(day)
        points.append(
            CurvePoint(
                day=day,
                actual=actual[position] if day <= today and actual else None,
                median=ahead.median if ahead else None,
                low80=ahead.low80 if ahead else None,
                high80=ahead.high80 if ahead else None,
            )
        )
    before: tuple[int, ...] = ()
    if period == month_of(today):
        before = _cumulative(ledger, previous_month(today), currency, scope, today)
    return MonthCurve(period, currency, today, tuple(points), before)


def _cumulative(
    ledger: Ledger, period: Period, currency: str, scope: Scope, today: date
) -> tuple[int, ...]:
    series = answers.daily(ledger, period, currency=currency, scope=scope, today=today)
    if not any(day.known for day in series.days):
        return () if period.last < today else tuple(0 for _ in series.days)
    return tuple(accumulate(day.spent for day in series.days))


__all__ = ["forecast_of", "forecast_table", "month_curve", "month_end_of", "month_ends"]
