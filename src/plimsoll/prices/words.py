"""Words: prices written into the basis that a stored row keeps, and read back out of it.

A row of the ledger keeps the price that computed it in words (`list price of m (genai-prices
0.2.3): $1.25 input, $0.125 cache read, $10 output per million tokens`). Reading them is light, and
tells what was used on that day for that row, whatever the book of today says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from plimsoll.domain.money import NANO, sign_of
from plimsoll.domain.said import say
from plimsoll.domain.tariff import PRICED_PER, Kind
from plimsoll.prices.rates import SCALE, SPOKEN, Band

_SPELT = (
    Kind.INPUT,
    Kind.CACHE_READ,
    Kind.CACHE_WRITE_5M,
    Kind.CACHE_WRITE_1H,
    Kind.CACHE_WRITE_12H,
    Kind.OUTPUT,
)
_UNIT_WORDS = {
    Kind.SEARCHES: say("1,000 web searches"),
    Kind.FETCHES: say("1,000 web fetches"),
    Kind.CHARACTERS: say("million characters"),
    Kind.SECONDS: say("hour of audio"),
}
_WIDE = Context(prec=60)
_LIST = re.compile(r": ([^:;]+) per million tokens")
_PRICE = re.compile(rf"\D*(\d+(?:\.\d+)?) ({'|'.join(SPOKEN[kind] for kind in _SPELT)})")
_UNITS = {words: kind for kind, words in _UNIT_WORDS.items()}
_UNIT_PRICE = re.compile(rf"[ ,;]\D?(\d+(?:\.\d+)?) per ({'|'.join(_UNITS)})")
_KINDS = {SPOKEN[kind]: kind for kind in _SPELT}


def band_of(above: int, currency: str, rates: Mapping[Kind, int], lead: str) -> Band:
    """A band with its words, after the `lead` that says whose price it is and of what."""
    sign = sign_of(currency)
    units = ", ".join(
        f"{sign}{_text(kind, rates[kind])} per {unit}"
        for kind, unit in _UNIT_WORDS.items()
        if kind in rates
    )
    words = f"{lead}, prompts above {above:,} tokens" if above > 0 else lead
    prices = ", ".join(
        f"{sign}{_text(kind, rates[kind])} {SPOKEN[kind]}" for kind in _SPELT if kind in rates
    )
    if prices:
        words = f"{words}: {prices} per million tokens"
    return Band(above, currency, rates, words, units)


def _text(kind: Kind, rate: int) -> str:
    price = _WIDE.divide(Decimal(rate * PRICED_PER[kind]), Decimal(NANO * SCALE))
    return f"{price.normalize(_WIDE):f}"


@lru_cache(maxsize=4096)
def class_rates(basis: str) -> dict[str, Fraction]:
    """The price of each token class that a basis names, per million tokens in its own currency.

    Empty where it names none. A class that is missing among others has no price of its own there:
    it is free, or the row has no tokens of it. Cache writes of 12 hours stand for longer ones where
    those have no price.
    """
    found = _LIST.search(basis)
    if found is None:
        return {}
    prices = (_PRICE.fullmatch(part) for part in found[1].split(", "))
    rates = {_KINDS[price[2]].value: Fraction(price[1]) for price in prices if price}
    half_day = rates.pop(Kind.CACHE_WRITE_12H.value, None)
    if half_day is not None:
        rates.setdefault(Kind.CACHE_WRITE_1H.value, half_day)
    return rates


@lru_cache(maxsize=4096)
def unit_rates(basis: str) -> dict[str, Fraction]:
    """The price of one of each unit that a basis names (`searches`), in its own currency."""
    return {
        _UNITS[words].value: Fraction(price) / PRICED_PER[_UNITS[words]]
        for price, words in _UNIT_PRICE.findall(basis)
    }


__all__ = ["band_of", "class_rates", "unit_rates"]
