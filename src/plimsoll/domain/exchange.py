"""Exchange: dated rates that a user set, and amounts of one currency shown in another by them.

A day's money is converted at the rate of that day: the newest one that was set for the day or an
earlier one, whichever way round it was written. Nothing is guessed: without such a rate an amount
has no conversion, and no rate is made of two others.

Arithmetic is by whole fractions, so that a rate and its inverse undo each other, and an amount is
rounded once, half to even, to a nano-unit. What is rounded is the native sum of one day; a longer
time is the sum of its days, and a part of a day is what it adds to the parts before it (`along`).
Both therefore add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from plimsoll.domain.currencies import CODES
from plimsoll.domain.money import Money
from plimsoll.domain.said import say

LARGEST_RATE = Decimal(10**9)
"""No two currencies lie further apart, either way; what does is a slip of the finger."""

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """From `day` on, one `base` is `value` of `quote`, until a later rate of the two; `note` says
    where it is from.

    Raises `ValueError` with a sentence for what cannot be a rate.
    """

    day: date
    base: str
    quote: str
    value: Decimal
    note: str = ""

    def __post_init__(self) -> None:
        for code in (self.base, self.quote):
            if code not in CODES:
                raise ValueError(f"There is no currency called {code}.")
        if self.base == self.quote:
            raise ValueError(say("A rate is between two different currencies."))
        if not self.value.is_finite() or not 1 / LARGEST_RATE <= self.value <= LARGEST_RATE:
            raise ValueError(say("A rate is a number above zero, such as 7.12."))
        if len(self.note) > LONGEST_NOTE:
            raise ValueError(f"A note has at most {LONGEST_NOTE} characters.")

    @property
    def pair(self) -> frozenset[str]:
        """The two currencies, whichever way round."""
        return frozenset((self.base, self.quote))

    def into(self, currency: str) -> Fraction:
        """What one unit of the other currency is in this one, exactly."""
        value = Fraction(self.value)
        return value if currency == self.quote else 1 / value


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates that the user set; there are none but these."""

    rates: tuple[Rate, ...] = ()

    def rate_on(self, day: date, one: str, other: str) -> Rate | None:
        """The newest rate of two currencies that was set for `day` or before; None if none was."""
        pair = {one, other}
        known = (rate for rate in self.rates if rate.pair == pair and rate.day <= day)
        return max(known, default=None)

    def factor(self, day: date, currency: str, into: str) -> Fraction | None:
        """What one unit of `currency` is in another on a day, exactly; None where no rate says."""
        if currency == into:
            return Fraction(1)
        rate = self.rate_on(day, currency, into)
        return None if rate is None else rate.into(into)

    def convert(self, money: Money, into: str, *, day: date) -> Money | None:
        """An amount of one day in another currency, rounded once; None where no rate says."""
        factor = self.factor(day, money.currency, into)
        return None if factor is None else Money(into, converted(money.nanos, factor))


def converted(nanos: int, factor: Fraction) -> int:
    """Nano-units at an exact rate, rounded half to even."""
    return round(nanos * factor)


def along(parts: Iterable[int], factor: Fraction) -> list[int]:
    """Parts of one native sum at one rate: each is what it adds to those before it, so that they
    add up to the converted sum; none is a nano-unit off.
    """
    shares, native, so_far = [], 0, 0
    for part in parts:
        native += part
        whole = converted(native, factor)
        shares.append(whole - so_far)
        so_far = whole
    return shares
