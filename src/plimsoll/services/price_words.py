"""Words for prices: what a change of them does to the figures, and what of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from plimsoll.domain.calendar import month_of
from plimsoll.domain.effect import Effect, MonthEffect
from plimsoll.domain.tariff import Discount, PriceRow
from plimsoll.services.change_words import period_words, signed

_TOLD = 3
"""Months with the largest changes that a sentence names; the rest it counts."""


def sentence_of(what: str, effect: Effect, *, today: date) -> str:
    """`3 prices changed; your September: −$1.20.`"""
    told = list(_effects(effect, today)) or ["no stored sum changes"]
    return f"{what}; {'; '.join(told)}."


def _effects(effect: Effect, today: date) -> Iterator[str]:
    owed = [(m, m.estimated) for m in effect.months if m.estimated]
    plan = [(m, m.plan) for m in effect.months if m.plan]
    beside = [(m, m.worth) for m in effect.months if not m.estimated and not m.plan and m.worth]
    if owed:
        yield f"your {_months(owed, today)}"
    if plan:
        yield f"worth under your plan: {_months(plan, today)}"
    if beside:
        yield f"what was billed stays, its list price: {_months(beside, today)}"
    if effect.not_priced < 0:
        yield f"{-effect.not_priced:,} tokens that had no price have one"
    elif effect.not_priced > 0:
        yield f"{effect.not_priced:,} tokens have no price any more"


def _months(changes: Sequence[tuple[MonthEffect, int]], today: date) -> str:
    largest = sorted(changes, key=lambda change: -abs(change[1]))[:_TOLD]
    told = [
        f"{period_words(month_of(month.month), today=today)}: {signed(nanos, month.currency)}"
        for month, nanos in changes
        if (month, nanos) in largest
    ]
    more = len(changes) - len(told)
    return ", ".join([*told, *([f"and {more} more"] if more else [])])


def what_changed(
    before: tuple[Iterable[PriceRow], Iterable[Discount]],
    after: tuple[Iterable[PriceRow], Iterable[Discount]],
) -> str:
    """`2 own prices added, 1 changed`, for the log and for a preview."""
    counted = [
        *_counted("own price", *([(_of_price(r), r) for r in side[0]] for side in (before, after))),
        *_counted("discount", *([(d.source, d) for d in side[1]] for side in (before, after))),
    ]
    return ", ".join(counted) or "Nothing changed"


def _of_price(row: PriceRow) -> tuple[object, ...]:
    """What a price is for: another one for the same is that price changed."""
    return row.provider, row.models, row.source, row.currency, row.effective_from


def _counted(
    name: str, before: Sequence[tuple[object, object]], after: Sequence[tuple[object, object]]
) -> Iterator[str]:
    old = [item for item in before if item not in after]
    new = [item for item in after if item not in before]
    changed = {place for place, _ in old} & {place for place, _ in new}
    removed = [place for place, _ in old if place not in changed]
    added = [place for place, _ in new if place not in changed]
    for word, places in (("added", added), ("changed", changed), ("removed", removed)):
        if places:
            yield f"{count_of(len(places), name)} {word}"


def count_of(number: int, name: str) -> str:
    """`1 price`, `3 prices`."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
