"""Words: the prices of token classes, read back out of the basis that a stored row keeps.

A row of the ledger keeps the price that computed it in words, as `listed` and the book write them
(`list price of m: $1.25 input, $0.125 cache read, $10 output per million tokens`). Reading them is
light, and tells what was used on that day for that row, whatever the book of today says.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from plimsoll.prices.rates import Kind

_CLASSES = {
    Kind.INPUT: "input",
    Kind.CACHE_READ: "cache_read",
    Kind.CACHE_WRITE_5M: "cache_write_5m",
    Kind.CACHE_WRITE_1H: "cache_write_1h",
    Kind.OUTPUT: "output",
}
_KINDS = "|".join(sorted((kind.value for kind in _CLASSES), key=len, reverse=True))
_PRICE = re.compile(rf"(?<![\w.,])[^\w\s.,]?(\d+(?:\.\d+)?) ({_KINDS})(?=,| per million tokens)")


_UNITS = {
    "web search": ("searches", 1),
    "web searches": ("searches", 1),
    "characters": ("characters", 1),
    "hour of audio": ("seconds", 3600),
}
"""What a price of units is for, in the words of `listed`: our unit, and how many are in one."""
_COUNTS = {"": 1, "million ": 1_000_000}
_UNIT_PRICE = re.compile(
    rf"(?<![\w.,])[^\w\s.,]?(\d+(?:\.\d+)?) per ((?:[\d,]+|million) )?({'|'.join(_UNITS)})"
)


@lru_cache(maxsize=4096)
def class_rates(basis: str) -> dict[str, Fraction]:
    """The price of each token class that a basis names, per million tokens in its own currency.

    Empty where it names none. A class that is missing among others has no price of its own there:
    it is free, or the row has no tokens of it.
    """
    return {_CLASSES[Kind(kind)]: Fraction(price) for price, kind in _PRICE.findall(basis)}


@lru_cache(maxsize=4096)
def unit_rates(basis: str) -> dict[str, Fraction]:
    """The price of one of each unit that a basis names (`searches`), in its own currency."""
    found = {}
    for price, count, words in _UNIT_PRICE.findall(basis):
        unit, times = _UNITS[words]
        many = _COUNTS.get(count) or int(count.replace(",", ""))
        found[unit] = Fraction(price) / (many * times)
    return found


__all__ = ["class_rates", "unit_rates"]
