"""Rows: the bands of a price row, our own overlay's or the user's, under some circumstances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from plimsoll.domain.tariff import UNITS, Kind, PriceRow, Rates
from plimsoll.prices.rates import Bands, Circumstances, rate_of
from plimsoll.prices.terms import not_listed, surcharge, terms_in_words, unusual_words
from plimsoll.prices.words import band_of


def bands_of(row: PriceRow, circumstances: Circumstances, *, lead: str, peak: bool) -> Bands:
    """The rates of a row in or out of its peak hours; raises `NotPriced` for an unlisted tier.

    `lead` says in words whose price of what it is. A row without a schedule is always at its peak.
    """
    share = _share(row, circumstances) * surcharge(circumstances)
    words = ", ".join((lead, *_hours(row, peak=peak), *terms_in_words(circumstances)))
    usual, units = row.rates, [(kind, price) for kind, price in row.rates if kind in UNITS]
    if not peak:
        if row.off_peak:
            usual = (*row.off_peak, *units)
        elif row.off_peak_multiplier is not None:
            share *= Fraction(row.off_peak_multiplier)
    steps = ((-1, usual), *((step.above, (*step.rates, *units)) for step in row.steps))
    return tuple(
        band_of(above, row.currency, _rates(prices, share), words) for above, prices in steps
    )


def _rates(prices: Rates, share: Fraction) -> Mapping[Kind, int]:
    return {
        kind: rate_of(kind, Fraction(price) * (1 if kind in UNITS else share))
        for kind, price in prices
    }


def _share(row: PriceRow, circumstances: Circumstances) -> Fraction:
    """What token prices are multiplied by for the tier and the speed."""
    unusual = unusual_words(circumstances)
    if not unusual:
        return Fraction(1)
    share = dict(row.multipliers).get(unusual[0])
    if share is None or len(unusual) > 1:
        raise not_listed(circumstances)
    return Fraction(share)


def _hours(row: PriceRow, *, peak: bool) -> Iterator[str]:
    if row.schedule is not None:
        yield "peak hours" if peak else "off-peak"


__all__ = ["bands_of"]
