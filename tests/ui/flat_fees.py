"""A plan with a flat fee, and what its tokens would have cost."""

from __future__ import annotations

from datetime import date

from august import money

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.money import Money
from plimsoll.domain.subscription import Subscription
from plimsoll.services.subscriptions import CycleStanding, SubscriptionStanding

MAX = Subscription("OpenAI", "Max", Money("USD", money(100)), date(2026, 6, 12))


def cycle(first: date = date(2026, 8, 12), *, a_day: float = 14, days: int = 9) -> CycleStanding:
    """A month of `Max` whose tokens are worth as much every day."""
    so_far = tuple(money(a_day) * (day + 1) for day in range(days))
    next_first = date(first.year, first.month + 1, first.day)
    return CycleStanding(
        period=Period(first, next_first - ONE_DAY),
        fee=MAX.fee,
        worth=(Money("USD", so_far[-1]),),
        in_fee=so_far[-1],
        so_far=so_far,
    )


def standing() -> SubscriptionStanding:
    """`Max` in its third month, worth its fee already."""
    past = (cycle(date(2026, 7, 12), a_day=3, days=31), cycle(date(2026, 6, 12), days=30))
    return SubscriptionStanding(MAX, cycle(), past)
