"""Reprice: a slice of usage at one offer: what it would cost, what cannot move, and what is left.

The cost of each record is `at_offer`'s; here they are added up, and nothing is lost: every token
either moves or stays, for a reason and with its amount where that is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from plimsoll.analysis.at_offer import (
    SAME_TOKENS,
    CacheRules,
    Load,
    NoPrice,
    Price,
    Yield,
    cost_of,
    left_behind,
)
from plimsoll.domain.money import shares_of
from plimsoll.domain.tariff import UNITS, Kind


class Reason(StrEnum):
    """Why something cannot move to an offer."""

    TIER = "tier"
    MEDIA = "media"
    UNIT = "unit"
    NO_CLASSES = "no classes"
    NO_OUTPUT = "no output"
    NO_TOKENS = "no tokens"
    NO_PRICE = "no price"
    LINE_ITEM = "line item"


@dataclass(frozen=True, slots=True)
class Stay:
    """What cannot move, for one reason; `what` names it: a tier, a kind, a line of a bill.

    `nanos` of `currency` are what is known to be its worth, or its bill for a line item; None where
    nothing is. `quantity` are units that are not tokens.
    """

    reason: Reason
    what: str
    currency: str = ""
    nanos: int | None = None
    tokens: int = 0
    quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class KindCost:
    """What one kind of an offer's price list comes to at both ends."""

    kind: Kind
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Repriced:
    """A slice at one offer: from `low` to `high` nano-units of its currency for what moves.

    `moved` are the tokens that do, and `worths` what those were worth where they were used, by
    currency; `unpriced` of them had no known worth there. `kinds` sum to the two ends.
    """

    low: int
    high: int
    kinds: tuple[KindCost, ...]
    moved: int
    worths: tuple[tuple[str, int], ...]
    unpriced: int
    stays: tuple[Stay, ...]


_Sums = dict[tuple[Kind, int, int], int | Fraction]
"""What each kind costs, by the yield that it is still to be multiplied by: its numerator and its
denominator, because a fraction is slow to look up.
"""


class Repricing:
    """Adds up records at one offer, those that move and those that stay."""

    def __init__(self, rules: CacheRules, *, parts: int) -> None:
        self._rules = rules
        self._parts = parts
        self._low = self._high = self._moved = self._unpriced = 0
        self._worths: dict[str, int] = defaultdict(int)
        self._stays: dict[tuple[Reason, str, str, bool], Stay] = {}
        self._by_kind: tuple[_Sums, _Sums] = (defaultdict(int), defaultdict(int))

    def move(
        self,
        load: Load,
        prices: Sequence[Price],
        tokens: Yield = SAME_TOKENS,
        *,
        same: bool = False,
    ) -> None:
        """Add a record where one of `prices` holds; what they do not know of it stays."""
        left = left_behind(load, prices)
        moving = _without(load, left) if left else load
        if not moving.counts:
            self._leave(load, left)
            return
        try:
            cost = cost_of(moving, prices, self._rules, parts=self._parts, tokens=tokens, same=same)
        except NoPrice as missing:
            self.stay(load, Reason.NO_PRICE, missing.kind.value)
            return
        self._leave(load, left)
        self._low += cost.low
        self._high += cost.high
        self._moved += moving.tokens
        if moving.worth is None:
            self._unpriced += moving.tokens
        else:
            self._worths[moving.currency] += moving.worth
        for sums, by_kind, share in (
            (self._by_kind[0], cost.low_by_kind, tokens.low),
            (self._by_kind[1], cost.high_by_kind, tokens.high),
        ):
            above, below = share.numerator, share.denominator
            for kind, exact in by_kind.items():
                key = (kind, 1, 1) if kind in UNITS else (kind, above, below)
                sums[key] += exact

    def stay(self, load: Load, reason: Reason, what: str) -> None:
        """Add a record that cannot move at all. Its units are not added up: seconds and searches
        make no sum.
        """
        self.add_stay(Stay(reason, what, load.currency, load.worth, load.tokens))

    def add_stay(self, stay: Stay) -> None:
        """Add what cannot move, to what cannot for the same reason."""
        key = (stay.reason, stay.what, stay.currency, stay.nanos is None)
        known = self._stays.get(key)
        self._stays[key] = stay if known is None else _together(known, stay)

    def _leave(self, load: Load, left: Iterable[Kind]) -> None:
        for kind in left:
            count, nanos = load.counts[kind], load.apart.get(kind)
            unit = kind in UNITS
            self.add_stay(
                Stay(
                    Reason.UNIT if unit else Reason.MEDIA,
                    kind.value,
                    load.currency if nanos is not None else "",
                    nanos,
                    0 if unit else int(count),
                    Decimal(count) if unit else Decimal(0),
                )
            )

    def result(self) -> Repriced:
        """All that was added."""
        low, high = (
            _shared(total, sums)
            for total, sums in zip((self._low, self._high), self._by_kind, strict=True)
        )
        kinds = sorted({*low, *high}, key=list(Kind).index)
        return Repriced(
            low=self._low,
            high=self._high,
            kinds=tuple(KindCost(kind, low.get(kind, 0), high.get(kind, 0)) for kind in kinds),
            moved=self._moved,
            worths=tuple(sorted(self._worths.items())),
            unpriced=self._unpriced,
            stays=tuple(sorted(self._stays.values(), key=_largest_first)),
        )


def _largest_first(stay: Stay) -> tuple[int, int, str, str]:
    return (-(stay.nanos or 0), -stay.tokens, stay.reason.value, stay.what)


def _without(load: Load, left: frozenset[Kind]) -> Load:
    """A record without some kinds; its worth is not known where theirs is not."""
    apart = [load.apart.get(kind) for kind in left]
    known = [nanos for nanos in apart if nanos is not None]
    worth = load.worth
    if worth is not None:
        worth = worth - sum(known) if len(known) == len(apart) else None
    return replace(
        load,
        counts={kind: count for kind, count in load.counts.items() if kind not in left},
        worth=worth,
        apart={kind: nanos for kind, nanos in load.apart.items() if kind not in left},
    )


def _together(one: Stay, other: Stay) -> Stay:
    nanos = None if one.nanos is None or other.nanos is None else one.nanos + other.nanos
    return Stay(
        one.reason,
        one.what,
        one.currency,
        nanos,
        one.tokens + other.tokens,
        one.quantity + other.quantity,
    )


def _shared(total: int, sums: _Sums) -> dict[Kind, int]:
    """A total spread over the kinds by what each exactly costs, so that they sum to it."""
    exact: dict[Kind, Fraction] = defaultdict(Fraction)
    for (kind, above, below), cost in sums.items():
        exact[kind] += cost * Fraction(above, below)
    scale = lcm(*(cost.denominator for cost in exact.values()))
    weights = [int(cost * scale) for cost in exact.values()]
    return dict(zip(exact, shares_of(total, weights), strict=True))


def part_of(total: int, percent: int) -> int:
    """So many percent of an amount, to the nano-unit; the rest is the whole less this part."""
    return shares_of(total, (percent, 100 - percent))[0]
