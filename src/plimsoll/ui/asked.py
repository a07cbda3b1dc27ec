"""Asked: the question that an amount on the screen is the answer to, and in which currencies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.question import Dimension, Question, Scope, narrowed

if TYPE_CHECKING:
    from plimsoll.domain.budget import BudgetStatus
    from plimsoll.services.answers import DailyStack, MonthEnd, Mover, Overview
    from plimsoll.services.breakdown import Breakdown, SpendLine


class Asked(NamedTuple):
    """A question, and the currencies in which its answer is on the screen."""

    question: Question
    currencies: tuple[str, ...]


def of_month(overview: Overview) -> Asked:
    """The month so far."""
    period = Period(overview.month.first, utc_day(overview.now))
    return Asked(Question(period), _currencies(overview))


def of_today(overview: Overview) -> Asked:
    """The current day."""
    today = utc_day(overview.now)
    return Asked(Question(Period(today, today)), _currencies(overview))


def of_stack(overview: Overview) -> Asked:
    """All the days of the bars."""
    return Asked(Question(overview.stack.period), _currencies(overview))


def of_day(stack: DailyStack, day: date, *, scope: Scope, currencies: Sequence[str]) -> Asked:
    """One day of the bars; a part of their period, so that its money stands as it does there."""
    only = narrowed(scope, Dimension.DAY, day.isoformat())
    return Asked(Question(stack.period, scope=only), tuple(currencies))


def of_day_in(overview: Overview, day: date) -> Asked:
    """One day of the first screen's bars."""
    return of_day(overview.stack, day, scope=Scope(), currencies=_currencies(overview))


def of_mover(mover: Mover, overview: Overview) -> Asked:
    """What a model cost in this month's complete days."""
    today = utc_day(overview.now)
    period = Period(overview.month.first, max(overview.month.first, today - ONE_DAY))
    scope = Scope(((Dimension.MODEL, (mover.name,)),))
    return Asked(Question(period, scope=scope), _currencies(overview))


def of_line(line: SpendLine, answer: Breakdown, *, is_total: bool) -> Asked:
    """One line of the Spend page, or a total."""
    question, currency = answer.question, answer.currency
    scope = question.scope
    if not is_total:
        scope = narrowed(scope, answer.by, line.value)
    if line.amounts is not None:
        currency = line.amounts.currency
    return Asked(replace(question, by=(), scope=scope), (currency,))


def of_month_end(end: MonthEnd, now: datetime) -> Asked:
    """What is spent of a month whose end is foreseen."""
    period = Period(end.period.first, min(utc_day(now), end.period.last))
    return Asked(Question(period), (end.currency,))


def of_budget(status: BudgetStatus, now: datetime) -> Asked:
    """What was spent of a budget: its scope, in the days of its own zone, to today."""
    from zoneinfo import ZoneInfo

    budget = status.budget
    today = now.astimezone(ZoneInfo(budget.zone)).date()
    period = Period(status.period.first, min(max(today, status.period.first), status.period.last))
    return Asked(Question(period, scope=budget.scope, zone=budget.zone), (budget.currency,))


def of_account(source: str, period: Period, currency: str) -> Asked:
    """All of one source in some days."""
    scope = Scope(((Dimension.SOURCE, (source,)),))
    return Asked(Question(period, scope=scope), (currency,))


def intention_of(question: Question) -> str:
    """A question as an intention, which brings it to the Spend page."""
    conditions = [[d.value, list(values)] for d, values in question.scope.conditions]
    return json.dumps([str(question.period.first), str(question.period.last), conditions])


def question_of(intention: str) -> Question | None:
    """The question of an intention; None where it is another one."""
    if not intention.startswith("["):
        return None
    first, last, conditions = json.loads(intention)
    scope = Scope(tuple((Dimension(word), tuple(values)) for word, values in conditions))
    return Question(Period(date.fromisoformat(first), date.fromisoformat(last)), scope=scope)


def _currencies(overview: Overview) -> tuple[str, ...]:
    """The page's own currency; where all are shown in one, those that they were spent in."""
    if overview.combined is None:
        return (overview.currency,)
    return tuple(money.currency for money in overview.combined.native) or (overview.currency,)
