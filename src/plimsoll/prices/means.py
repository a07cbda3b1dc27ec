"""Means: what a model cost over some days, of every hour alike; for an index, not for a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from plimsoll.domain.tariff import Kind
from plimsoll.prices.rates import SCALE, Circumstances, NotPriced

if TYPE_CHECKING:
    from plimsoll.prices.book import PriceBook


def mean_prices(
    book: PriceBook, circumstances: Circumstances, days: Sequence[date]
) -> tuple[str, dict[Kind, Fraction]] | None:
    """The currency, and nano-units for one token of each kind, as the mean over whole UTC days of
    the price of short prompts; weighted by the time that each price held.

    None where no price, or prices in several currencies, are known of all that time.
    """
    sums: dict[Kind, Fraction] = {}
    kinds: set[Kind] | None = None
    currencies = set()
    whole = 0
    for day in days:
        for stretch in book.stretches_on(circumstances, day):
            if isinstance(stretch.price, NotPriced) or not stretch.price:
                return None
            band, seconds = stretch.price[0], int((stretch.end - stretch.start).total_seconds())
            currencies.add(band.currency)
            whole += seconds
            kinds = set(band.rates) if kinds is None else kinds & set(band.rates)
            for kind, rate in band.rates.items():
                sums[kind] = sums.get(kind, Fraction(0)) + rate * seconds
    if not whole or len(currencies) != 1:
        return None
    return currencies.pop(), {kind: sums[kind] / (whole * SCALE) for kind in kinds or ()}


__all__ = ["mean_prices"]
