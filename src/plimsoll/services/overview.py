"""Overview: the first screen's four answers from the rollups, as one frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter

from plimsoll.analysis.forecast import Forecast
from plimsoll.analysis.forecast import Table as ForecastTable
from plimsoll.domain.budget import BudgetStatus
from plimsoll.domain.calendar import ONE_DAY, Period, month_name, previous_month, utc_day
from plimsoll.domain.money import Money, shown
from plimsoll.domain.question import Dimension, Question
from plimsoll.domain.said import say
from plimsoll.ledger import accounts, usage
from plimsoll.ledger import budgets as stored_budgets
from plimsoll.ledger.database import Ledger
from plimsoll.services import budgets, subscriptions
from plimsoll.services.anomalies import latest_unusual, unusual_spend
from plimsoll.services.figures import Combined, MonthCurve, Mover, Overview
from plimsoll.services.forecasts import forecast_of, month_curve, month_end_of, month_ends
from plimsoll.services.freshness import as_of
from plimsoll.services.needs import needs_of
from plimsoll.services.prepaid import Prepaid, balances
from plimsoll.services.spending import Spending, choose, spending_in
from plimsoll.services.stacks import daily_stack
from plimsoll.services.stored import StoredFigures, stored_figures

MOVERS = 5
SPANS = {"7d": 7, "30d": 30, "90d": 90}


def overview(
    ledger: Ledger,
    *,
    now: datetime,
    table: ForecastTable,
    currency: str | None,
    span: str,
    together: bool | None = None,
    display: str = "",
) -> Overview:
    """Everything the first screen shows, in one currency (the most spent unless named), or all
    `together`, converted into the one that the user chose to `display`. Budgets and forecasts stay
    in their own.
    """
    today = utc_day(now)
    sources = accounts.sources(ledger)
    choice = choose(ledger, today=today, currency=currency, together=together, display=display)
    spending = spending_in(ledger, choice, today=today)
    stored = stored_figures(ledger, now=now, choice=choice)
    chosen, month, so_far = stored.currency, stored.month, stored.so_far
    forecast = (
        forecast_of(ledger, period=month, currency=chosen, now=now, today=today, table=table)
        if stored.currencies and not choice.together
        else None
    )
    statuses = [
        budgets.standing(ledger, b, now=now, table=table) for b in stored_budgets.budgets(ledger)
    ]
    purses = balances(ledger, now=now, table=table)
    worst = budgets.worst_of(s for s in statuses if choice.together or s.budget.currency == chosen)
    unusual = None if choice.together else unusual_spend(ledger, currency=chosen, today=today)
    movers, compared = _movers(spending, today)
    bars = _span(span, today)
    return Overview(
        now=now,
        currency=chosen,
        currencies=stored.currencies,
        has_sources=bool(sources),
        month=month,
        spent=stored.spent,
        billed=stored.billed,
        estimated=stored.estimated,
        not_priced_tokens=so_far.total.not_priced_tokens,
        tokens=so_far.total.tokens.total,
        before_same_days=_same_days_before(spending, now),
        month_end=month_end_of(forecast, chosen, month) if forecast else None,
        today=stored.today,
        week_mean=stored.week_mean,
        budget=worst,
        change=_change_sentence(movers, compared, chosen, today),
        movers=movers,
        needs=needs_of(
            ledger,
            statuses,
            so_far.total,
            latest_unusual(unusual, today=today) if unusual else None,
            purses,
            first=unusual.first_sentence if unusual else "",
        ),
        stack=daily_stack(spending, bars, by=Dimension.MODEL),
        recent=stored.recent,
        curve=_curve(
            ledger,
            spending=spending,
            forecast=forecast,
            month=month,
            line=budgets.worst_of(
                s
                for s in statuses
                if s.budget.currency == chosen and s.period == month and not s.budget.scope
            ),
            today=today,
        ),
        as_of=as_of(ledger),
        not_final_from=so_far.not_final_from,
        gaps=so_far.gaps,
        sources_count=len(sources),
        today_estimated=stored.today_estimated,
        today_not_priced=stored.today_not_priced,
        display=choice.display,
        combined=_combined(ledger, spending, stored, bars, now=now, table=table),
        plans=tuple(Money(a.currency, a.plan) for a in so_far.total.amounts if a.plan),
        subscriptions=subscriptions.current(ledger, today=today),
        has_figures=bool(stored.currencies) or _has_content(ledger),
        prepaid=_running_out(purses, today),
    )


def _running_out(purses: Sequence[Prepaid], today: date) -> tuple[Prepaid, ...]:
    """What runs out within a month and needs nobody yet; what does need its user stands there."""
    soon = today + timedelta(days=31)
    days = [
        (one.run_out.day, one)
        for one in purses
        if one.run_out.day is not None and one.run_out.day <= soon and not one.is_pressing
    ]
    return tuple(one for _, one in sorted(days, key=itemgetter(0)))


def _has_content(ledger: Ledger) -> bool:
    """Whether any source has brought a record or a charge."""
    sources = accounts.sources(ledger, removed=True)
    return any(usage.first_day_with_content(ledger, source.id) for source in sources)


def _combined(
    ledger: Ledger,
    spending: Spending,
    stored: StoredFigures,
    bars: Period,
    *,
    now: datetime,
    table: ForecastTable,
) -> Combined | None:
    """What stands behind converted figures; None where none is."""
    shown_in_bars = spending.behind(bars)
    if stored.combined is None or shown_in_bars is None:
        return None
    ends = month_ends(ledger, now=now, table=table)
    return replace(
        stored.combined,
        bars=shown_in_bars,
        ends=tuple(sorted(ends, key=lambda end: stored.currencies.index(end.currency))),
    )


def _same_days_before(spending: Spending, now: datetime) -> int | None:
    """Last month up to the same moment: its days before today's number, and of that day the share
    that has passed today; None where some of those days are unknown.
    """
    today = utc_day(now)
    before = previous_month(today)
    last = min(before.first + timedelta(days=today.day - 1), before.last)
    series = spending.daily(Period(before.first, last))
    if not all(day.known for day in series.days):
        return None
    instant = now.astimezone(UTC)
    minutes = instant.hour * 60 + instant.minute
    whole = sum(day.spent for day in series.days[:-1])
    return whole + series.days[-1].spent * minutes // (24 * 60)


def _span(span: str, today: date) -> Period:
    if span == "month":
        return Period(today.replace(day=1), today)
    if span == "year":
        return Period(today - timedelta(days=364), today)
    return Period(today - timedelta(days=SPANS.get(span, 30) - 1), today)


def _movers(spending: Spending, today: date) -> tuple[tuple[Mover, ...], bool]:
    """Models by their change against the same complete days of last month; and whether last
    month is known at all.
    """
    if today.day == 1:
        return (), False
    now = Period(today.replace(day=1), today - ONE_DAY)
    before_month = previous_month(today)
    before = Period(
        before_month.first, min(before_month.first + (now.last - now.first), before_month.last)
    )
    known = spending.daily(before).days
    if not any(day.known for day in known):
        return (), False
    after, earlier = _by_model(spending, now), _by_model(spending, before)
    movers = [
        Mover(name, after.get(name, 0), earlier.get(name, 0))
        for name in after.keys() | earlier.keys()
    ]
    movers.sort(key=lambda mover: (-abs(mover.change), mover.name or "~"))
    return tuple(m for m in movers[:MOVERS] if m.change), True


def _by_model(spending: Spending, period: Period) -> dict[str | None, int]:
    found = spending.by(Question(period, by=(Dimension.MODEL,)))
    return {model: spent for (model,), spent in found.items()}


def _change_sentence(movers: Sequence[Mover], compared: bool, currency: str, today: date) -> str:
    last_month = month_name(previous_month(today).first)
    if not compared:
        return say(
            "Nothing to compare with yet: {last_month} is not in the archive.",
            last_month=last_month,
        )
    if not movers:
        return say("As in the same days of {last_month}.", last_month=last_month)
    first = movers[0]
    name = first.name or say("What is not told by model")
    more = say("more") if first.change > 0 else say("less")
    amount = shown(abs(first.change), currency, places=0)
    if first.before == 0:
        return say(
            "{name} is new: {amount} that {last_month} did not have.",
            name=name,
            amount=amount,
            last_month=last_month,
        )
    if first.now == 0:
        return say(
            "{name} is gone: {amount} less than in the same days of {last_month}.",
            name=name,
            amount=amount,
            last_month=last_month,
        )
    return say(
        "{name} cost {amount} {more} than in the same days of {last_month}.",
        name=name,
        amount=amount,
        more=more,
        last_month=last_month,
    )


def _curve(
    ledger: Ledger,
    *,
    spending: Spending,
    forecast: Forecast | None,
    month: Period,
    line: BudgetStatus | None,
    today: date,
) -> MonthCurve | None:
    """The month with its forecast and, of a budget on all of it, the line; converted, neither."""
    if forecast is None:
        return spending.curve(month)
    curve = month_curve(ledger, forecast, period=month, currency=spending.currency, today=today)
    if line is None:
        return curve
    return replace(curve, limit=line.limit, limit_name=line.budget.name)
