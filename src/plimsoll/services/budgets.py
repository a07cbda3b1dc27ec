"""Budgets: where each stands in its period, what it fires, and what last month would propose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from plimsoll.analysis.forecast import Forecast
from plimsoll.analysis.forecast import Table as ForecastTable
from plimsoll.domain.alerting import carried_into, is_crossed, weight
from plimsoll.domain.budget import (
    TOKENS,
    Alert,
    Budget,
    BudgetStatus,
    Threshold,
    ThresholdKind,
    crossed,
)
from plimsoll.domain.burning import pace_of
from plimsoll.domain.cadence import Rolling, period_at
from plimsoll.domain.calendar import (
    Period,
    day_start,
    month_of,
    spoken,
    utc_day,
)
from plimsoll.domain.question import Question, Row
from plimsoll.domain.said import say
from plimsoll.ledger import answers
from plimsoll.ledger import budgets as stored
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.zones import zone_named
from plimsoll.services.forecasts import (
    forecast_of,
    month_curve,
    month_end_of,
)

if TYPE_CHECKING:
    from plimsoll.services.answers import BudgetCard, BudgetsPage


@dataclass(frozen=True, slots=True)
class _Standing:
    """A budget's status together with the forecast it came from."""

    status: BudgetStatus
    forecast: Forecast


def standing(
    ledger: Ledger, budget: Budget, *, now: datetime, table: ForecastTable
) -> BudgetStatus:
    """Where a budget stands in the period that holds `now` in the budget's own zone."""
    return _standing(ledger, budget, now=now, table=table).status


def _standing(ledger: Ledger, budget: Budget, *, now: datetime, table: ForecastTable) -> _Standing:
    local = now.astimezone(zone_named(budget.zone))
    today = local.date()
    period = period_at(budget.span, today)
    carried = carried_into(budget, period, lambda past: spent_in(ledger, budget, past, now))
    limit = budget.nanos + carried
    if today < period.first:
        status = BudgetStatus(
            budget, period, 0, reason=say("Begins on {day}.", day=spoken(period.first))
        )
        return _Standing(status, Forecast(0, 0, 0, "thin", reason=status.reason))
    so_far = _so_far(ledger, budget, Period(period.first, min(today, period.last)), now)
    spent = _spent(so_far, budget)
    if isinstance(budget.span, Rolling):
        forecast = Forecast(spent, spent, spent, "thin", reason=_NO_END)
    else:
        forecast = forecast_of(
            ledger,
            period=period,
            currency=budget.currency,
            scope=budget.scope,
            now=now,
            today=today,
            spent=spent,
            table=table,
        )
    odds = forecast.probability_above(limit)
    likely = {
        t: probability
        for t in budget.thresholds
        if t.kind is ThresholdKind.FORECAST
        if (probability := _odds_of(forecast, limit, t)) is not None
    }
    pace = None
    if any(t.kind is ThresholdKind.BURN for t in budget.thresholds):
        pace = pace_of(
            period,
            now=now,
            today=today,
            limit=limit,
            spent_in=lambda days: spent_in(ledger, budget, days, now),
            starts_at=lambda day: day_start(day, zone=ZoneInfo(budget.zone)),
        )
    status = BudgetStatus(
        budget=budget,
        period=period,
        spent=spent,
        median=forecast.median if forecast.low80 is not None else None,
        low80=forecast.low80,
        high80=forecast.high80,
        likely=odds,
        passes_on=forecast.passes_on(limit) if forecast.low80 is not None else None,
        reason=forecast.reason,
        crossed=crossed(budget.thresholds, spent=spent, limit=limit, likely=likely, pace=pace),
        estimated=sum(a.estimated for a in so_far.amounts if a.currency == budget.currency),
        not_priced_tokens=0 if budget.currency == TOKENS else so_far.not_priced_tokens,
        carried=carried,
        odds=tuple(likely.items()),
        pace=pace,
    )
    return _Standing(status, forecast)


WHOLE = Decimal(100)

_NO_END = say("Rolling days have no end that could be forecast.")


def _odds_of(forecast: Forecast, limit: int, threshold: Threshold) -> float | None:
    return forecast.probability_above(int(limit * threshold.percent / 100))


def spent_in(ledger: Ledger, budget: Budget, period: Period, now: datetime) -> int:
    """What was spent of a budget in a period, nano-units or tokens."""
    return _spent(_so_far(ledger, budget, period, now), budget)


def _spent(row: Row, budget: Budget) -> int:
    return row.tokens.total if budget.currency == TOKENS else row.spent(budget.currency)


def _so_far(ledger: Ledger, budget: Budget, period: Period, now: datetime) -> Row:
    question = Question(period, scope=budget.scope, zone=budget.zone)
    return answers.answer(ledger, question, today=utc_day(now)).total


def weightiest(thresholds: Iterable[Threshold]) -> Threshold:
    """The threshold that says most: likely to pass all of it, or the largest share spent."""
    return max(thresholds, key=weight)


def sentence_of(status: BudgetStatus, threshold: Threshold) -> str:
    """What a crossed threshold says to a person."""
    budget = status.budget
    limit = budget.words(status.limit)
    if threshold.kind is ThresholdKind.ACTUAL:
        return say(
            "{name}: {words} spent, {share}% of {limit} ({percent}% threshold).",
            name=budget.name,
            words=budget.words(status.spent),
            share=int(status.share),
            limit=limit,
            percent=f"{threshold.percent:f}",
        )
    if threshold.kind is ThresholdKind.BURN:
        return say(
            "{name}: spent {pace} times as fast as would last the period; "
            "{words} of {limit} is gone.",
            name=budget.name,
            pace=f"{status.pace or 0:.1f}",
            words=budget.words(status.spent),
            limit=limit,
        )
    odds = dict(status.odds).get(threshold, status.likely or 0)
    is_whole = threshold.percent == WHOLE
    passed = budget.words(int(status.limit * threshold.percent / WHOLE))
    when: str = ""
    if status.passes_on and is_whole:
        when = say(", around {when}", when=spoken(status.passes_on))
    by = spoken(status.period.last)
    return say(
        "{name}: {percent}% likely to pass {passed} by {by}{when}{likely_total}.",
        name=budget.name,
        percent=round(odds * 100),
        passed=passed,
        by=by,
        when=when,
        likely_total=_likely_total(status),
    )


def _likely_total(status: BudgetStatus) -> str:
    """Where the period will likely end, and the range in which four of five such periods end."""
    if status.median is None or status.low80 is None or status.high80 is None:
        return ""
    budget = status.budget
    low, high = budget.words(status.low80, places=0), budget.words(status.high80, places=0)
    return say(
        "; likely total {median} (80% range {low} to {high})",
        median=budget.words(status.median, places=0),
        low=low,
        high=high,
    )


def page(
    ledger: Ledger, *, now: datetime, table: ForecastTable, currency: str | None
) -> BudgetsPage:
    """The Forecast & budgets page in one currency."""
    from plimsoll.services.anomalies import unusual_spend
    from plimsoll.services.answers import BudgetsPage
    from plimsoll.services.outlook import outlook_of
    from plimsoll.services.proposals import propose

    currencies = answers.currencies(ledger)
    chosen = currency if currency in currencies else next(iter(currencies), "USD")
    today = utc_day(now)
    period = month_of(today)
    has_data = bool(currencies)
    forecast = (
        forecast_of(ledger, period=period, currency=chosen, now=now, today=today, table=table)
        if has_data
        else None
    )
    cards = tuple(_card(ledger, b, now=now, table=table) for b in stored.budgets(ledger))
    worst, nearest = _worst_limit(cards, chosen), worst_of(card.status for card in cards)
    curve = (
        month_curve(ledger, forecast, period=period, currency=chosen, today=today)
        if forecast
        else None
    )
    if curve and worst:
        curve = replace(curve, limit=worst.limit, limit_name=worst.budget.name)
    return BudgetsPage(
        now=now,
        currency=chosen,
        currencies=currencies,
        has_data=has_data,
        month_end=month_end_of(forecast, chosen, period) if forecast else None,
        curve=curve,
        budgets=cards,
        worst=nearest.budget.name if nearest else "",
        proposals=propose(ledger, now=now, currencies=currencies),
        unusual=unusual_spend(ledger, currency=chosen, today=today) if has_data else None,
        outlook=outlook_of(ledger, currency=chosen, now=now, table=table) if has_data else None,
    )


def taken_back(
    ledger: Ledger, budget: Budget, alerts: Iterable[Alert], now: datetime
) -> tuple[Alert, ...]:
    """The alerts on what was spent that would not fire by the figures as they are now: a day was
    restated, or traffic turned out to be counted twice.
    """

    @cache
    def spent(period: Period) -> int:
        return spent_in(ledger, budget, period, now)

    return tuple(
        alert
        for alert in alerts
        if alert.threshold.kind is ThresholdKind.ACTUAL
        and not is_crossed(
            alert.threshold,
            spent=spent(alert.period),
            limit=budget.nanos + carried_into(budget, alert.period, spent),
        )
    )


def _card(ledger: Ledger, budget: Budget, *, now: datetime, table: ForecastTable) -> BudgetCard:
    from plimsoll.services.answers import BudgetCard
    from plimsoll.services.burndown import burn_down

    found = _standing(ledger, budget, now=now, table=table)
    fired = stored.alerts(ledger, budget=budget.name)
    since = now - timedelta(days=92)
    recent = tuple(a for a in fired if a.fired_at.astimezone(UTC) >= since)
    return BudgetCard(
        found.status,
        burn_down(ledger, found.status, found.forecast, now=now),
        recent,
        taken_back(ledger, budget, recent, now),
    )


def _worst_limit(cards: tuple[BudgetCard, ...], currency: str) -> BudgetStatus | None:
    whole = [
        c.status
        for c in cards
        if c.status.budget.currency == currency and not c.status.budget.scope
    ]
    return worst_of(whole)


def worst_of(statuses: Iterable[BudgetStatus]) -> BudgetStatus | None:
    """The budget that is nearest to being passed, by forecast where there is one."""
    return max(
        statuses,
        key=lambda s: Decimal(max(s.spent, s.median or 0)) / Decimal(s.limit),
        default=None,
    )
