"""Alerts: what budgets fire, by the figures as they are now; told once, whoever looks first."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from plimsoll.analysis.forecast import Table as ForecastTable
from plimsoll.domain.alerting import (
    MOST_TOLD,
    Decision,
    Firing,
    Kept,
    Look,
    Moment,
    MostTold,
    QuietHours,
    decide,
    is_crossed,
    looks_at,
    state_in,
)
from plimsoll.domain.budget import Alert, Budget, BudgetStatus, Threshold, ThresholdKind
from plimsoll.domain.calendar import (
    ONE_DAY,
    Period,
    day_start,
    month_name,
    month_of,
    spoken,
    utc_day,
)
from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Question
from plimsoll.domain.said import Value, say, together
from plimsoll.ledger import accounts, answers, deliveries, prepaid
from plimsoll.ledger import budgets as stored
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.database import Ledger
from plimsoll.services import balance_marks
from plimsoll.services.alert_document import document_of
from plimsoll.services.answers import AlertLine, AlertList
from plimsoll.services.budgets import sentence_of, spent_in, standing, taken_back


def evaluate(
    ledger: Ledger,
    *,
    now: datetime,
    table: ForecastTable,
    quietly: str | None = None,
    quiet_hours: QuietHours | None = None,
    most_told: MostTold = MOST_TOLD,
    channels: Collection[Channel] = (),
) -> tuple[Alert, ...]:
    """Fire every threshold that holds and has not fired in its period; return those to tell, and
    put the same on their way through the `channels`.

    Periods that ended since are looked at too, by the figures as they are now: a machine may have
    slept, or figures have come late. `quietly` names a budget that has just been set: it alone
    is looked at, and told nothing of. Where figures fall back later a threshold does not fire a
    second time in its period.
    """
    local, silent = now.astimezone().time(), quietly is not None
    at = Moment(now, local, quiet_hours, silent=silent, most_told=most_told)
    told: list[Alert] = []
    for budget in stored.budgets(ledger):
        if quietly not in {None, budget.name}:
            continue
        status = standing(ledger, budget, now=now, table=table)
        looks = _looks(ledger, status, now)
        told += stored.settle(
            ledger,
            budget,
            partial(_decided, budget, looks, at),
            now=now,
            sentence_of=partial(_sentence, ledger, status, now),
            channels=channels,
            document_of=partial(_document, ledger, status, looks, now),
        )
    return tuple(told)


def alert_list(ledger: Ledger, *, now: datetime) -> AlertList:
    """What fired, before limits were changed too, the newest first."""
    lines: list[AlertLine] = []
    ways = deliveries.deliveries_of(ledger, stored.FIRING)
    for budget in stored.budgets(ledger):
        fired = stored.alerts(ledger, budget=budget.name, every_edition=True)
        current = stored.alerts(ledger, budget=budget.name)
        gone = taken_back(ledger, budget, current, now)
        lines += [
            AlertLine(
                alert,
                state_in(alert, snoozed_until=None, now=now),
                alert in gone,
                ways.get(alert.number, ()),
            )
            for alert in fired
        ]
    lines.sort(key=lambda line: line.alert.fired_at, reverse=True)
    resting = {
        **{
            name: watch.snoozed_until
            for name, watch in prepaid.watches(ledger).items()
            if watch.snoozed_until is not None
        },
        **stored.snoozed(ledger),
    }
    snoozed = tuple((name, until) for name, until in resting.items() if until > now)
    ways = deliveries.deliveries_of(ledger, prepaid.FIRING)
    warned = tuple((one, ways.get(one.number, ())) for one in prepaid.warned(ledger))
    return AlertList(tuple(lines), snoozed, warned)


def snooze(ledger: Ledger, name: str, *, until: date, now: datetime) -> datetime:
    """Let a budget fire nothing until a day begins in its zone, or a source warn of nothing until
    it does in UTC; the instant at which it does. A budget goes before a source of its name.

    Raises `WrongUse` for an unknown name, or a day that has begun.
    """
    budget = next((b for b in stored.budgets(ledger) if b.name == name), None)
    if budget is None and not _is_account(ledger, name):
        raise WrongUse(say("There is no budget and no account called {name}.", name=name))
    instant = day_start(until, zone=ZoneInfo(budget.zone if budget else "UTC"))
    if instant <= now:
        raise WrongUse(say("{day} has begun; name a day to come.", day=spoken(until, year=True)))
    if budget is None:
        balance_marks.snooze(ledger, name, until=instant)
    else:
        stored.snooze_budget(ledger, name, until=instant)
    return instant


def wake(ledger: Ledger, name: str) -> None:
    """End a snooze; raises `WrongUse` for an unknown name."""
    if name not in {budget.name for budget in stored.budgets(ledger)} and _is_account(ledger, name):
        balance_marks.snooze(ledger, name, until=None)
    else:
        stored.snooze_budget(ledger, name, until=None)


def _is_account(ledger: Ledger, name: str) -> bool:
    return any(s.name == name and s.kind != AGENT for s in accounts.sources(ledger))


def _decided(budget: Budget, looks: Sequence[Look], at: Moment, kept: Kept) -> Decision:
    return decide(budget, looks, kept, at)


def _looks(ledger: Ledger, status: BudgetStatus, now: datetime) -> tuple[Look, ...]:
    budget = status.budget
    zone = ZoneInfo(budget.zone)
    today = now.astimezone(zone).date()
    spent: dict[Period, int] = {status.period: status.spent}

    def spent_of(period: Period) -> int:
        if period not in spent:
            spent[period] = spent_in(ledger, budget, period, now)
        return spent[period]

    return looks_at(
        budget,
        today=today,
        since=stored.watched_from(ledger, budget.name),
        spent_in=spent_of,
        likely=dict(status.odds),
        pace=status.pace,
        starts_at=lambda day: day_start(day, zone=zone),
    )


def _sentence(ledger: Ledger, status: BudgetStatus, now: datetime, firing: Firing) -> str:
    budget, look = status.budget, firing.look
    if look.ended_at is not None:
        return _closed(budget, firing)
    caution = _caution(ledger, budget, look, firing.threshold, now)
    return together([sentence_of(status, firing.threshold), caution])


def _closed(budget: Budget, firing: Firing) -> str:
    """One sentence for all that a finished period crossed unseen."""
    look = firing.look
    *others, last = [f"{t.percent:f}%" for t in firing.together]
    values: dict[str, Value] = {
        "budget": budget.name,
        "days": _days(look.period),
        "share": look.spent * 100 // look.limit,
        "limit": budget.words(look.limit),
        "passed": together([together(others, ", "), last], " and "),
    }
    if others:
        return say(
            "{budget}: {days} closed at {share}% of {limit}; {passed} were passed.", **values
        )
    return say("{budget}: {days} closed at {share}% of {limit}; {passed} was passed.", **values)


def _days(period: Period) -> str:
    if period == month_of(period.first):
        return month_name(period.first)
    first, last = spoken(period.first), spoken(period.last)
    return (
        first if period.first == period.last else say("{first} to {last}", first=first, last=last)
    )


def _caution(
    ledger: Ledger, budget: Budget, look: Look, threshold: Threshold, now: datetime
) -> str:
    """One more sentence where what was spent crosses a threshold only with days that can still
    change.
    """
    if threshold.kind is not ThresholdKind.ACTUAL:
        return ""
    moving = _not_final_from(ledger, budget, look.period, now)
    if moving is None:
        return ""
    if moving > look.period.first:
        settled = spent_in(ledger, budget, Period(look.period.first, moving - ONE_DAY), now)
        if is_crossed(threshold, spent=settled, limit=look.limit):
            return ""
    return say("It rests on days from {day} on, which are not final.", day=spoken(moving))


def _not_final_from(ledger: Ledger, budget: Budget, period: Period, now: datetime) -> date | None:
    question = Question(period, scope=budget.scope, zone=budget.zone)
    return answers.answer(ledger, question, today=utc_day(now)).not_final_from


def _document(
    ledger: Ledger, status: BudgetStatus, looks: Sequence[Look], now: datetime, alert: Alert
) -> str:
    """What a command or a webhook is given of an alert that is told now."""
    # Of rolling days there is one look; what had waited may have fired in the days before.
    look = next((look for look in looks if look.period == alert.period), looks[-1])
    moving = _not_final_from(ledger, status.budget, look.period, now)
    document = document_of(alert, status, look, ledger_id=ledger.id, not_final_from=moving, now=now)
    return json.dumps(document, ensure_ascii=False)
