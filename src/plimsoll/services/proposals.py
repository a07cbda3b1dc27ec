"""Proposals: budgets from what last month cost, and from the limits that providers keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from plimsoll.domain.budget import Budget
from plimsoll.domain.calendar import Span, month_name, previous_month, utc_day
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.said import say
from plimsoll.ledger import answers
from plimsoll.ledger import budgets as stored
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.spend_limits import KeptLimit, kept_limits
from plimsoll.services.part_words import part_words

LONGEST_NAME = 60
"""Characters of a budget's name."""

_EACH = {
    Span.DAY: say("a day"),
    Span.WEEK: say("a week"),
    Span.MONTH: say("a month"),
    Span.QUARTER: say("a quarter"),
    Span.YEAR: say("a year"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A budget that could be set, and why. `is_limit` says that a provider itself keeps it: there
    it may stop calls, while a budget only warns.
    """

    budget: Budget
    sentence: str
    is_limit: bool = False


def propose(ledger: Ledger, *, now: datetime, currencies: Iterable[str]) -> tuple[Proposal, ...]:
    """What could be a budget and is not yet: in each currency a month of everything, then the
    limits of providers. What a budget of the user's covers in the same span is not proposed again.
    """
    have = stored.budgets(ledger)
    taken = {(budget.currency, budget.span, budget.scope) for budget in have}
    names = {budget.name for budget in have}
    found = []
    for proposal in (*_from_history(ledger, now, currencies), *_from_limits(ledger)):
        budget = proposal.budget
        if (budget.currency, budget.span, budget.scope) in taken:
            continue
        named = replace(budget, name=_free(budget.name, names))
        names.add(named.name)
        found.append(replace(proposal, budget=named))
    return tuple(found)


def _free(name: str, taken: Collection[str]) -> str:
    """A name that no other budget has: the wanted one, or with the next number behind it."""
    tails = ("", *(f" {number}" for number in range(2, len(taken) + 3)))
    return next(
        free for tail in tails if (free := name[: LONGEST_NAME - len(tail)] + tail) not in taken
    )


def _from_history(ledger: Ledger, now: datetime, currencies: Iterable[str]) -> Iterator[Proposal]:
    """A monthly budget in each currency: last month's spend with a tenth on top, rounded up."""
    last_month = previous_month(utc_day(now))
    total = answers.answer(ledger, Question(last_month), today=utc_day(now)).total
    for place, currency in enumerate(currencies):
        spent = total.spent(currency)
        if spent <= 0:
            continue
        nanos = round_up(spent * 11 // 10)
        sentence = say(
            "{amount} a month: {month} was {spent}, a tenth on top, rounded up",
            amount=shown(nanos, currency, places=0),
            month=month_name(last_month.first),
            spent=shown(spent, currency),
        )
        name = f"Month {currency}" if place else "Month"
        yield Proposal(Budget(name, nanos, currency), sentence)


def round_up(nanos: int) -> int:
    """The next round amount: two leading digits, in steps of one unit at least."""
    units = -(-nanos // NANO)
    step = int(10 ** max(len(str(units)) - 2, 0))
    return -(-units // step) * step * NANO


def _from_limits(ledger: Ledger) -> Iterator[Proposal]:
    """A budget as each limit that a provider keeps, on what it limits."""
    for kept in kept_limits(ledger):
        limit = kept.limit
        conditions = [(Dimension.SOURCE, (kept.source,))]
        if limit.of is not None:
            dimension, value = limit.of
            conditions.append((dimension, (value,)))
        amount = shown(limit.amount.nanos, limit.amount.currency)
        yield Proposal(
            Budget(
                _name_of(kept),
                limit.amount.nanos,
                limit.amount.currency,
                span=limit.span,
                scope=Scope(tuple(conditions)),
            ),
            say(
                "{amount} {each}: {whose}",
                amount=amount,
                each=_EACH[limit.span],
                whose=_whose(kept),
            ),
            is_limit=True,
        )


def _whose(kept: KeptLimit) -> str:
    if kept.limit.of is None:
        return say("the limit that is set at {source}", source=kept.source)
    dimension, value = kept.limit.of
    return say(
        "the limit of {part} that is set at {source}",
        part=part_words(dimension, value),
        source=kept.source,
    )


def _name_of(kept: KeptLimit) -> str:
    what = kept.source if kept.limit.of is None else kept.limit.of[1]
    tail = " limit" if kept.limit.span is Span.MONTH else f" limit {_EACH[kept.limit.span]}"
    return what[: LONGEST_NAME - len(tail)] + tail
