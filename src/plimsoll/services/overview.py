"""Overview: the first screen's four answers from the rollups, as one frozen value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from plimsoll.analysis.forecast import Table as ForecastTable
from plimsoll.domain.budget import BudgetStatus, Threshold, ThresholdKind
from plimsoll.domain.calendar import ONE_DAY, Period, previous_month, utc_day
from plimsoll.domain.money import shown
from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.ledger import accounts, answers, runs
from plimsoll.ledger import budgets as stored_budgets
from plimsoll.ledger.database import Ledger
from plimsoll.services import budgets
from plimsoll.services.figures import (
    DailyStack,
    MonthCurve,
    Mover,
    Need,
    Overview,
    StackSeries,
)
from plimsoll.services.forecasts import forecast_of, month_curve, month_end_of
from plimsoll.services.stored import stored_figures

STACK_SERIES = 6
"""More than six colours cannot be told apart: the rest becomes Other."""

PRESSING_PERCENT = 80
MOVERS = 5
NEEDS = 3
SPANS = {"7d": 7, "30d": 30, "90d": 90}


def overview(
    ledger: Ledger, *, now: datetime, table: ForecastTable, currency: str | None, span: str
) -> Overview:
    """Everything the first screen shows, in one currency (the most spent unless named)."""
    today = utc_day(now)
    sources = accounts.sources(ledger)
    stored = stored_figures(ledger, now=now, currency=currency)
    chosen, month, so_far = stored.currency, stored.month, stored.so_far
    forecast = (
        forecast_of(ledger, period=month, currency=chosen, now=now, today=today, table=table)
        if stored.currencies
        else None
    )
    statuses = [
        budgets.standing(ledger, b, now=now, table=table) for b in stored_budgets.budgets(ledger)
    ]
    worst = budgets.worst_of(s for s in statuses if s.budget.currency == chosen)
    curve = (
        month_curve(ledger, forecast, period=month, currency=chosen, today=today)
        if forecast
        else None
    )
    movers, compared = _movers(ledger, chosen, today)
    return Overview(
        now=now,
        currency=chosen,
        currencies=stored.currencies,
        has_sources=bool(sources),
        month=month,
        spent=stored.spent,
        billed=stored.billed,
        estimated=stored.estimated,
        plan=stored.amounts.plan,
        not_priced_tokens=so_far.total.not_priced_tokens,
        tokens=so_far.total.tokens.total,
        before_same_days=_same_days_before(ledger, chosen, now),
        month_end=month_end_of(forecast, chosen, month) if forecast else None,
        today=stored.today,
        week_mean=stored.week_mean,
        budget=worst,
        change=_change_sentence(movers, compared, chosen, today),
        movers=movers,
        needs=_needs(ledger, statuses, so_far.total, chosen),
        stack=daily_stack(ledger, _span(span, today), chosen, today),
        recent=stored.recent,
        curve=_with_limit(curve, worst),
        as_of=_as_of(ledger),
        not_final_from=so_far.not_final_from,
        gaps=so_far.gaps,
        sources_count=len(sources),
    )


def _same_days_before(ledger: Ledger, currency: str, now: datetime) -> int | None:
    """Last month up to the same moment: its days before today's number, and of that day the share
    that has passed today; None where some of those days are unknown.
    """
    today = utc_day(now)
    before = previous_month(today)
    last = min(before.first + timedelta(days=today.day - 1), before.last)
    series = answers.daily(ledger, Period(before.first, last), currency=currency, today=today)
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


def daily_stack(ledger: Ledger, period: Period, currency: str, today: date) -> DailyStack:
    """Spend per day by model: the six largest series, the largest first, and the rest as Other."""
    question = Question(period, by=(Dimension.DAY, Dimension.MODEL))
    days = tuple(period.days())
    place = {day.isoformat(): position for position, day in enumerate(days)}
    bands: dict[str | None, list[int]] = defaultdict(lambda: [0] * len(days))
    for (day, model), spent in answers.spend_by(ledger, question, currency=currency).items():
        if day is not None:
            bands[model][place[day]] += spent
    flags = answers.daily(ledger, period, currency=currency, today=today).days
    return DailyStack(
        period=period,
        currency=currency,
        days=days,
        series=_largest(bands),
        known=tuple(flag.known for flag in flags),
        final=tuple(flag.final for flag in flags),
    )


def _largest(bands: dict[str | None, list[int]]) -> tuple[StackSeries, ...]:
    ordered = sorted(bands.items(), key=lambda band: (-sum(band[1]), band[0] or "~"))
    named = [StackSeries(name, tuple(values)) for name, values in ordered]
    if len(named) <= STACK_SERIES:
        return tuple(named)
    kept, rest = named[: STACK_SERIES - 1], named[STACK_SERIES - 1 :]
    other = tuple(sum(values) for values in zip(*(band.values for band in rest), strict=True))
    return (*kept, StackSeries("Other", other, other=True))


def _movers(ledger: Ledger, currency: str, today: date) -> tuple[tuple[Mover, ...], bool]:
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
    known = answers.daily(ledger, before, currency=currency, today=today).days
    if not any(day.known for day in known):
        return (), False
    after = _by_model(ledger, now, currency)
    earlier = _by_model(ledger, before, currency)
    movers = [
        Mover(name or "not by model", after.get(name, 0), earlier.get(name, 0))
        for name in after.keys() | earlier.keys()
    ]
    movers.sort(key=lambda mover: (-abs(mover.change), mover.name))
    return tuple(m for m in movers[:MOVERS] if m.change), True


def _by_model(ledger: Ledger, period: Period, currency: str) -> dict[str | None, int]:
    question = Question(period, by=(Dimension.MODEL,))
    found = answers.spend_by(ledger, question, currency=currency)
    return {model: spent for (model,), spent in found.items()}


def _change_sentence(movers: Sequence[Mover], compared: bool, currency: str, today: date) -> str:
    last_month = f"{previous_month(today).first:%B}"
    if not compared:
        return f"Nothing to compare with yet: {last_month} is not in the archive."
    if not movers:
        return f"As in the same days of {last_month}."
    first = movers[0]
    more = "more" if first.change > 0 else "less"
    amount = shown(abs(first.change), currency, places=0)
    if first.before == 0:
        return f"{first.name} is new: {amount} that {last_month} did not have."
    if first.now == 0:
        return f"{first.name} is gone: {amount} less than in the same days of {last_month}."
    return f"{first.name} cost {amount} {more} than in the same days of {last_month}."


def _needs(
    ledger: Ledger, statuses: Sequence[BudgetStatus], total: Row, currency: str
) -> tuple[Need, ...]:
    needs = [*_source_needs(ledger), *_budget_needs(statuses)]
    if total.not_priced_tokens:
        count = f"{total.not_priced_tokens:,}".replace(",", "\u202f")
        needs.append(
            Need("hint", f"{count} tokens have no price; their cost is unknown.", "sources")
        )
    if not statuses and total.spent(currency) > 0:
        needs.append(Need("hint", "No budget is set, so nothing can warn you.", "budgets"))
    order = {"failed": 0, "warning": 1, "hint": 2}
    return tuple(sorted(needs, key=lambda need: order[need.kind])[:NEEDS])


def _source_needs(ledger: Ledger) -> list[Need]:
    needs = []
    for source in accounts.sources(ledger):
        run = runs.last_run(ledger, source.id)
        if run is not None and run.ended_at is not None and not run.ok:
            needs.append(Need("failed", f"{source.name}: {run.sentence}", "sources"))
    return needs


def _budget_needs(statuses: Sequence[BudgetStatus]) -> list[Need]:
    needs = []
    for status in statuses:
        limit = shown(status.budget.nanos, status.budget.currency)
        if status.spent >= status.budget.nanos:
            needs.append(Need("failed", f"{status.budget.name} is over its {limit}.", "budgets"))
        elif any(_is_pressing(threshold) for threshold in status.crossed):
            needs.append(
                Need(
                    "warning",
                    budgets.sentence_of(status, budgets.weightiest(status.crossed)),
                    "budgets",
                )
            )
    return needs


def _is_pressing(threshold: Threshold) -> bool:
    """Half of a budget in the middle of the month needs nobody; four fifths, or the odds, do."""
    return threshold.kind is ThresholdKind.FORECAST or threshold.percent >= PRESSING_PERCENT


def _with_limit(curve: MonthCurve | None, worst: BudgetStatus | None) -> MonthCurve | None:
    if curve is None or worst is None or worst.period != curve.period or worst.budget.scope:
        return curve
    return replace(curve, limit=worst.budget.nanos, limit_name=worst.budget.name)


def _as_of(ledger: Ledger) -> datetime | None:
    """The oldest of the sources' last good syncs: no figure is older than that."""
    instants = [runs.last_success(ledger, s.id) for s in accounts.sources(ledger)]
    return min((instant for instant in instants if instant), default=None)
