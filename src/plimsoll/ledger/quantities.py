"""Quantities of units: exact decimals, kept as whole numbers that SQLite can add up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal

EXACT = Context(prec=2000)
_PLACE = 12
_LIMB = 10**_PLACE


def split(quantity: str) -> list[tuple[int, int]]:
    """A decimal as (place, whole number) pairs whose numbers times 10^(12 * place) add up to it."""
    sign, digits, exponent = Decimal(quantity).as_tuple()
    if not isinstance(exponent, int):
        raise TypeError("a quantity must be finite")
    lowest = exponent // _PLACE
    number = int("".join(map(str, digits))) * 10 ** (exponent - lowest * _PLACE)
    limbs, place = [], lowest
    while number:
        number, limb = divmod(number, _LIMB)
        if limb:
            limbs.append((place, -limb if sign else limb))
        place += 1
    return limbs or [(0, 0)]


def join(parts: Iterable[tuple[int, int]]) -> Decimal:
    """The exact decimal that `split` took apart, or the sum of several."""
    total = Decimal(0)
    for place, number in parts:
        total = EXACT.add(total, EXACT.scaleb(Decimal(number), place * _PLACE))
    return Decimal(plain(total))


def plain(number: Decimal) -> str:
    """A decimal as plain text without an exponent or idle zeros."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text
