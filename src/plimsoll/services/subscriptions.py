"""Subscriptions: what the tokens of each cycle are worth at list price, against the flat fee.

A fee is money that the user entered: no source billed it, and what it bought is the *plan* worth of
tokens. It is shown beside that worth and stands in no total: neither spent, nor billed, nor
estimated, nor in a budget or a forecast.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import accumulate

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.exchange import Exchange, Rate, converted
from plimsoll.domain.money import Money, NotAnAmount, nanos_of, read_typed
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.said import say
from plimsoll.domain.subscription import Cycle, Subscription, Unit
from plimsoll.ledger import answers
from plimsoll.ledger import subscriptions as stored
from plimsoll.ledger.database import Ledger
from plimsoll.services.spending import rates_of

PAST_CYCLES = 12
"""As many finished cycles are told, the newest first."""


@dataclass(frozen=True, slots=True)
class CycleStanding:
    """One cycle so far. `worth` is what its tokens are worth at list price, in each currency, and
    `in_fee` the same in nano-units of the fee's currency, each day at that day's rate; `left_out`
    is what no rate converts. `so_far` is `in_fee` day by day, from the cycle's first day to its
    last or to today. `passed_on` is the first day on which it had reached the fee.

    `missing` are days without data, and `not_priced_tokens` tokens whose worth nobody knows: the
    true worth is higher. `billed` is what the source billed beside the fee.
    """

    period: Period
    fee: Money
    worth: tuple[Money, ...]
    in_fee: int
    so_far: tuple[int, ...]
    left_out: tuple[Money, ...] = ()
    rates: tuple[Rate, ...] = ()
    billed: tuple[Money, ...] = ()
    missing: int = 0
    not_priced_tokens: int = 0

    @property
    def times(self) -> Fraction:
        """How many times the fee the tokens are worth, exactly."""
        return Fraction(self.in_fee, self.fee.nanos)

    @property
    def passed_on(self) -> date | None:
        """The break-even day."""
        days = zip(self.period.days(), self.so_far, strict=False)
        return next((day for day, worth in days if worth >= self.fee.nanos), None)


@dataclass(frozen=True, slots=True)
class SubscriptionStanding:
    """A subscription, its running cycle (None before the first and after the last), and the
    finished ones, the newest first.
    """

    subscription: Subscription
    current: CycleStanding | None
    past: tuple[CycleStanding, ...] = ()


def standings(ledger: Ledger, *, now: datetime) -> tuple[SubscriptionStanding, ...]:
    """Every subscription of the sources that are asked, by source, the newest first."""
    known = stored.subscriptions(ledger)
    if not known:
        return ()
    today, exchange = utc_day(now), rates_of(ledger)
    return tuple(_standing(ledger, subscription, exchange, today) for subscription in known)


def current(ledger: Ledger, *, today: date) -> tuple[Subscription, ...]:
    """The subscriptions that are running, by source."""
    return tuple(s for s in stored.subscriptions(ledger) if s.covers(today))


def read_subscription(
    *,
    source: str,
    name: str,
    fee: str,
    currency: str,
    unit: Unit,
    count: int,
    first: date,
    last: date | None = None,
) -> Subscription:
    """A subscription from what was typed; raises `WrongUse` with a sentence for what cannot be."""
    try:
        nanos = nanos_of(read_typed(fee))
    except NotAnAmount:
        raise WrongUse(say("A fee is a number above zero, such as 20 or 99.50.")) from None
    try:
        money, cycle = Money(currency, nanos), Cycle(unit, count)
        return Subscription(source, name.strip(), money, first, last, cycle)
    except ValueError as error:
        raise WrongUse(error.args[0]) from None


def _standing(
    ledger: Ledger, subscription: Subscription, exchange: Exchange, today: date
) -> SubscriptionStanding:
    begun = list(subscription.cycles(today))
    running = begun.pop() if begun and today in begun[-1] else None
    finished = begun[: -PAST_CYCLES - 1 : -1]

    def standing(period: Period) -> CycleStanding:
        return _cycle(ledger, subscription, period, exchange, today)

    return SubscriptionStanding(
        subscription=subscription,
        current=standing(running) if running else None,
        past=tuple(standing(period) for period in finished),
    )


def _cycle(
    ledger: Ledger, subscription: Subscription, period: Period, exchange: Exchange, today: date
) -> CycleStanding:
    past = Period(period.first, min(period.last, today))
    scope = Scope(((Dimension.SOURCE, (subscription.source,)),))
    question = Question(past, by=(Dimension.DAY,), scope=scope)
    table = answers.answer(ledger, question, today=today)
    target, days = subscription.fee.currency, dict.fromkeys(past.days(), 0)
    left_out: dict[str, int] = defaultdict(int)
    rates: set[Rate] = set()
    for row in table.rows:
        day = date.fromisoformat(row.key[0] or "")
        for amounts in row.amounts:
            factor = exchange.factor(day, amounts.currency, target)
            rate = exchange.rate_on(day, amounts.currency, target)
            if factor is None:
                left_out[amounts.currency] += amounts.plan
                continue
            days[day] += converted(amounts.plan, factor)
            if rate is not None and amounts.plan:
                rates.add(rate)
    total = table.total
    return CycleStanding(
        period=period,
        fee=subscription.fee,
        worth=tuple(Money(a.currency, a.plan) for a in total.amounts if a.plan),
        in_fee=sum(days.values()),
        so_far=tuple(accumulate(days.values())),
        left_out=tuple(Money(c, nanos) for c, nanos in left_out.items() if nanos),
        rates=tuple(sorted(rates)),
        billed=tuple(Money(a.currency, a.billed) for a in total.amounts if a.billed),
        missing=len({day for gap in table.gaps for day in gap.period.days()}),
        not_priced_tokens=total.not_priced_tokens,
    )
