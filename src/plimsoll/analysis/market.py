"""Market: what a buyer pays for tokens, how the price of their own basket moved, and whom they buy
from.

Tokens are bought in a few disjoint classes of a few models, like goods of a few grades. What one
of them costs is told in two ways that must not be taken for each other: a *quote* is money that is
known divided by the tokens that it paid for; an *index* compares list prices of two dates for a
basket that is held fixed, so that nothing but prices can move it.

Index numbers are those of the textbooks (ILO, IMF, OECD, Eurostat, UN, World Bank, "Consumer Price
Index Manual: Concepts and Methods", 2020, chapters 2 and 8): with prices p and quantities q, at the
start 0 and at a later date 1,

- Laspeyres L = 100 · Σ p1·q0 / Σ p0·q0: the basket of the start at the new prices;
- Paasche   P = 100 · Σ p1·q1 / Σ p0·q1: the basket of today, at prices of today and of the start;
- Fisher    F = √(L·P), their geometric mean (I. Fisher, "The Making of Index Numbers", 1922).

Matched models only: a good enters an index where its price is known on both dates, so that a model
that began or ended moves neither; the share of each basket's value that is matched is told beside
it as its coverage, and an index that matches nothing is None, not 100.

Money is in nano-units of one currency; prices are exact fractions of them a token.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import TypeVar

from plimsoll.analysis.change import CLASSES
from plimsoll.domain.tokens import Tokens

MILLION = 1_000_000

START = 100
"""Where an index begins."""

FISHER_PLACES = 6
"""Decimal places of Fisher's irrational root, which is the nearest of them; exact where L = P."""

Good = TypeVar("Good", bound=Hashable)


# -- the quote ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bought:
    """Tokens and the nano-units that they cost, each None where it is not known.

    Money without tokens (a charge that names no model) and tokens without money (not priced, or not
    on a bill) make no price. `worths` are the worths of the five `CLASSES` at list price, in
    nano-units, None where they are not known.
    """

    nanos: int | None
    tokens: Tokens | None
    worths: tuple[Fraction, ...] | None = None


@dataclass(frozen=True, slots=True)
class ClassPrice:
    """One token class of a quote: its tokens, of rows whose worths are known, and nano-units for a
    million of them, as paid and at list price; None where there are none.
    """

    name: str
    tokens: int
    paid: int | None
    listed: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """What tokens cost: `nanos` for `tokens`, all five classes in the denominator.

    `classes` and `listed` (the list price of a million tokens of this mix) are of the rows whose
    worths are known: `listed_nanos` for `listed_tokens`, which may be less than the whole.
    `left_out_nanos` and `left_out_tokens` are what had no counterpart, and is in neither.
    """

    nanos: int
    tokens: int
    classes: tuple[ClassPrice, ...]
    listed: int | None
    listed_nanos: int
    listed_tokens: int
    left_out_nanos: int
    left_out_tokens: int

    @property
    def paid(self) -> int | None:
        """Nano-units for a million tokens, rounded half to even; None without any tokens."""
        return _million(Fraction(self.nanos), self.tokens)

    @property
    def above_list(self) -> Fraction | None:
        """How much more than the list price was paid, as a share of it, of the tokens that have
        one; less is negative.
        """
        return moved(_million(Fraction(self.listed_nanos), self.listed_tokens), self.listed)


def quote(rows: Iterable[Bought]) -> Quote:
    """The effective price of what was bought: Σ money ÷ Σ tokens, where both are known.

    The price of one class is its share of the money ÷ its tokens; money is billed for a model, and
    its classes share it by their worth at list price.
    """
    nanos = tokens = listed_nanos = listed_tokens = left_nanos = left_tokens = 0
    counts = [0] * len(CLASSES)
    paid = [Fraction(0)] * len(CLASSES)
    listed = [Fraction(0)] * len(CLASSES)
    for row in rows:
        count = row.tokens.total if row.tokens else 0
        if row.nanos is None or row.tokens is None or not count:
            left_nanos += row.nanos or 0
            left_tokens += count
            continue
        nanos += row.nanos
        tokens += count
        worth = sum(row.worths or (), Fraction(0))
        if row.worths is None or (row.nanos and not worth):
            continue
        listed_nanos += row.nanos
        listed_tokens += count
        for place, name in enumerate(CLASSES):
            counts[place] += getattr(row.tokens, name)
            listed[place] += row.worths[place]
            paid[place] += row.nanos * row.worths[place] / worth if worth else 0
    return Quote(
        nanos=nanos,
        tokens=tokens,
        classes=tuple(
            ClassPrice(name, n, _million(mine, n), _million(list_price, n))
            for name, n, mine, list_price in zip(CLASSES, counts, paid, listed, strict=True)
        ),
        listed=_million(sum(listed, Fraction(0)), listed_tokens),
        listed_nanos=listed_nanos,
        listed_tokens=listed_tokens,
        left_out_nanos=left_nanos,
        left_out_tokens=left_tokens,
    )


def _million(nanos: Fraction, tokens: int) -> int | None:
    return round(nanos * MILLION / tokens) if tokens else None


def moved(now: int | None, before: int | None) -> Fraction | None:
    """The change from `before` to `now` as a share of `before`; None where one is not known."""
    return Fraction(now - before, before) if now is not None and before else None


# -- the index ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Index:
    """The three index numbers of one date against the start, 100 each where no price has changed.

    `base_coverage` is the share of the start's basket, by its value at the start, that has a price
    on both dates; `now_coverage` that of today's basket by its value today. The numbers are None
    where nothing of the basket is matched.
    """

    laspeyres: Fraction | None
    paasche: Fraction | None
    fisher: Fraction | None
    base_coverage: Fraction | None
    now_coverage: Fraction | None


def index(
    base_prices: Mapping[Good, Fraction],
    base_basket: Mapping[Good, int],
    prices: Mapping[Good, Fraction],
    basket: Mapping[Good, int],
) -> Index:
    """The index of `prices` against `base_prices`, for the two dates' baskets (tokens by good)."""
    laspeyres = _ratio(prices, base_prices, base_basket)
    paasche = _ratio(prices, base_prices, basket)
    return Index(
        laspeyres,
        paasche,
        fisher(laspeyres, paasche),
        _coverage(base_prices, prices, base_basket),
        _coverage(prices, base_prices, basket),
    )


def fisher(laspeyres: Fraction | None, paasche: Fraction | None) -> Fraction | None:
    """√(L·P) to the nearest of `FISHER_PLACES` decimals; None where one of them is."""
    if laspeyres is None or paasche is None:
        return None
    if laspeyres == paasche:
        return laspeyres
    low, high = sorted((laspeyres, paasche))
    return min(max(_root(laspeyres * paasche), low), high)


def mixing(
    base_prices: Mapping[Good, Fraction],
    base_basket: Mapping[Good, int],
    basket: Mapping[Good, int],
) -> Fraction | None:
    """What the buyer's own change of mix did to the price of a token, 100 being nothing.

    M = 100 · (Σ p0·q1 / Σ q1) ÷ (Σ p0·q0 / Σ q0): both baskets at the prices of the start. With the
    Paasche index it makes up the change of the mean list price of a token exactly, where every good
    has a price on both dates: (Σ p1·q1 / Σ q1) ÷ (Σ p0·q0 / Σ q0) = P · M / 100².
    """
    before, after = _mean(base_prices, base_basket), _mean(base_prices, basket)
    return START * after / before if before and after is not None else None


def _ratio(
    prices: Mapping[Good, Fraction],
    base_prices: Mapping[Good, Fraction],
    basket: Mapping[Good, int],
) -> Fraction | None:
    matched = [good for good in basket if good in prices and good in base_prices]
    below = _value(base_prices, basket, matched)
    return START * _value(prices, basket, matched) / below if below else None


def _coverage(
    prices: Mapping[Good, Fraction], others: Mapping[Good, Fraction], basket: Mapping[Good, int]
) -> Fraction | None:
    known = [good for good in basket if good in prices]
    whole = _value(prices, basket, known)
    matched = _value(prices, basket, [good for good in known if good in others])
    return matched / whole if whole else None


def _value(
    prices: Mapping[Good, Fraction], basket: Mapping[Good, int], goods: Sequence[Good]
) -> Fraction:
    return sum((prices[good] * basket[good] for good in goods), Fraction(0))


def _mean(prices: Mapping[Good, Fraction], basket: Mapping[Good, int]) -> Fraction | None:
    known = [good for good in basket if good in prices]
    tokens = sum(basket[good] for good in known)
    return _value(prices, basket, known) / tokens if tokens else None


def _root(square: Fraction) -> Fraction:
    """The nearest fraction of `FISHER_PLACES` decimals to a square root."""
    scale = 10**FISHER_PLACES
    wanted = square * scale * scale
    root = isqrt(wanted.numerator // wanted.denominator)
    nearer_above = (2 * root + 1) ** 2 < 4 * wanted
    return Fraction(root + nearer_above, scale)


# -- whom one buys from ------------------------------------------------------------------------


def shares(amounts: Mapping[str, int]) -> dict[str, Fraction]:
    """Each one's part of the whole, 0 to 1, which they make up exactly; empty where there is
    nothing. An amount below zero (more was given back than bought) has no part.
    """
    known = {name: amount for name, amount in amounts.items() if amount > 0}
    whole = sum(known.values())
    return {name: Fraction(amount, whole) for name, amount in known.items()}


@dataclass(frozen=True, slots=True)
class Concentration:
    """How far all is bought from one seller: the `largest` has `share` of it.

    `herfindahl` is the Herfindahl–Hirschman index H = Σ sᵢ² over the sellers' shares sᵢ, from 0 to
    1: 1 for a single seller, 1/n for n equal ones, so that 1/H is how many equal sellers would be
    as concentrated (A. O. Hirschman, "National Power and the Structure of Foreign Trade", 1945;
    O. C. Herfindahl, "Concentration in the Steel Industry", 1950). Offices that watch mergers
    write the same number in percent squared, ten thousand times as large.
    """

    largest: str
    share: Fraction
    herfindahl: Fraction


def concentration(amounts: Mapping[str, int]) -> Concentration | None:
    """The concentration of amounts by seller; None where there is nothing."""
    parts = shares(amounts)
    if not parts:
        return None
    largest = min(parts, key=lambda name: (-parts[name], name))
    return Concentration(
        largest, parts[largest], sum((part**2 for part in parts.values()), Fraction(0))
    )
