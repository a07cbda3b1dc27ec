"""Words for prices: what a change of them does to the figures, and what of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from plimsoll.domain.calendar import month_of
from plimsoll.domain.effect import Effect, MonthEffect
from plimsoll.domain.said import counted, say, together
from plimsoll.domain.tariff import Discount, PriceRow
from plimsoll.services.change_words import period_words, signed

_TOLD = 3
"""Months with the largest changes that a sentence names; the rest it counts."""


def sentence_of(what: str, effect: Effect, *, today: date) -> str:
    """`3 prices changed; your September: −$1.20.`"""
    told = list(_effects(effect, today)) or [say("no stored sum changes")]
    return say("{what}; {effects}.", what=what, effects=together(told, "; "))


def _effects(effect: Effect, today: date) -> Iterator[str]:
    owed = [(m, m.estimated) for m in effect.months if m.estimated]
    plan = [(m, m.plan) for m in effect.months if m.plan]
    beside = [(m, m.worth) for m in effect.months if not m.estimated and not m.plan and m.worth]
    if owed:
        yield say("your {months}", months=_months(owed, today))
    if plan:
        yield say("worth under your plan: {months}", months=_months(plan, today))
    if beside:
        yield say("what was billed stays, its list price: {months}", months=_months(beside, today))
    if effect.not_priced < 0:
        yield say("{count:,} tokens that had no price have one", count=-effect.not_priced)
    elif effect.not_priced > 0:
        yield say("{count:,} tokens have no price any more", count=effect.not_priced)


def _months(changes: Sequence[tuple[MonthEffect, int]], today: date) -> str:
    largest = sorted(changes, key=lambda change: -abs(change[1]))[:_TOLD]
    told = [
        say(
            "{month}: {amount}",
            month=period_words(month_of(month.month), today=today),
            amount=signed(nanos, month.currency),
        )
        for month, nanos in changes
        if (month, nanos) in largest
    ]
    more = len(changes) - len(told)
    return together([*told, *([say("and {count} more", count=more)] if more else [])], ", ")


def what_changed(
    before: tuple[Iterable[PriceRow], Iterable[Discount]],
    after: tuple[Iterable[PriceRow], Iterable[Discount]],
) -> str:
    """`2 own prices added, 1 changed`, for the log and for a preview."""
    prices = [[(_of_price(row), row) for row in side[0]] for side in (before, after)]
    discounts = [[(one.source, one) for one in side[1]] for side in (before, after)]
    changes = [
        *_counted(*prices, own_prices=True),
        *_counted(*discounts, own_prices=False),
    ]
    return together(changes, ", ") or say("Nothing changed")


def _of_price(row: PriceRow) -> tuple[object, ...]:
    """What a price is for: another one for the same is that price changed."""
    return row.provider, row.models, row.source, row.currency, row.effective_from


def _counted(
    before: Sequence[tuple[object, object]],
    after: Sequence[tuple[object, object]],
    *,
    own_prices: bool,
) -> Iterator[str]:
    old = [item for item in before if item not in after]
    new = [item for item in after if item not in before]
    changed = {place for place, _ in old} & {place for place, _ in new}
    removed = [place for place, _ in old if place not in changed]
    added = [place for place, _ in new if place not in changed]
    words = (say("{what} added"), say("{what} changed"), say("{what} removed"))
    for word, places in zip(words, (added, changed, removed), strict=True):
        if not places:
            continue
        if own_prices:
            what = counted(len(places), "1 own price", "{count} own prices")
        else:
            what = counted(len(places), "1 discount", "{count} discounts")
        yield say(word, what=what)


def count_of(number: int, name: str) -> str:
    """`1 price`, `3 prices`, for the command line."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
