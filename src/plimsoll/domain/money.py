"""Money: whole nano-units of one currency, read exactly, rounded once, never a float."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from plimsoll.domain.currencies import decimals_of
from plimsoll.domain.said import say

NANO = 1_000_000_000
"""Nano-units in one unit of any currency (1 USD = 1 000 000 000)."""

MAX_NANOS = 10**18
"""Largest amount accepted, a thousand million units: sums stay inside SQLite's 64 bits."""

_EXACT = Context(prec=120, rounding=ROUND_HALF_EVEN)
"""Wider than any amount that `read_amount` lets in, and independent of the thread's own context."""

_AMOUNT = re.compile(r"[+-]?(\d{1,25}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class NotAnAmount(ValueError):
    """A value that is not a finite decimal amount in range; it must stop its slice."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount: `nanos` nano-units of `currency` (ISO 4217, upper case)."""

    currency: str
    nanos: int

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.currency, self.nanos + other.nanos)

    @property
    def amount(self) -> Decimal:
        """The amount in units of the currency, exact."""
        return amount_of(self.nanos)


def read_amount(value: object) -> Decimal:
    """Read a provider's amount, number or text, as an exact decimal.

    Raises `NotAnAmount` for anything that is not a plain finite decimal number: booleans, NaN,
    infinity, grouping signs, foreign digits, absurd lengths or exponents.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise NotAnAmount(say("not an amount: {brief}", brief=_brief(value)))
    if isinstance(value, int) and abs(value) >= 10**25:
        raise NotAnAmount(say("an amount out of range"))
    text = str(value)
    if not _AMOUNT.fullmatch(text):
        raise NotAnAmount(say("not an amount: {brief}", brief=_brief(value)))
    return Decimal(text)


def read_typed(text: str) -> Decimal:
    """Read what a person typed as an amount: `1,200.50`, `¥ 49.90`, `２００`, `49.90元`.

    A currency's sign, spaces, full-width signs and thousands in groups of three are let through;
    a comma that could be a decimal sign is not: `49,90` may be fifty or five thousand. Raises
    `NotAnAmount`.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\s$€¥£元]", "", plain)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return read_amount(plain)


def nanos_of(amount: Decimal) -> int:
    """Round a decimal amount in currency units to nano-units, half to even, once.

    Raises `NotAnAmount` beyond a thousand million units.
    """
    if not amount.is_finite() or amount.copy_abs() > MAX_NANOS // NANO:
        raise NotAnAmount(say("an amount out of range"))
    return int(_EXACT.multiply(amount, NANO).quantize(Decimal(1), context=_EXACT))


def amount_of(nanos: int) -> Decimal:
    """Nano-units as an exact decimal in units of the currency."""
    return _EXACT.divide(Decimal(nanos), Decimal(NANO))


def decimal_text(nanos: int) -> str:
    """Nano-units as exact plain decimal text: `0`, `0.40`, `1.25`, `0.000000001`."""
    if nanos == 0:
        return "0"
    sign, digits = ("-" if nanos < 0 else ""), abs(nanos)
    whole, part = divmod(digits, NANO)
    fraction = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{fraction}"


def read_currency(value: object) -> str:
    """An ISO 4217 code in upper case; raises `NotAnAmount` for anything else."""
    code = value.upper() if isinstance(value, str) and value.isascii() else ""
    if not _CURRENCY.fullmatch(code):
        raise NotAnAmount(say("not a currency: {brief}", brief=_brief(value)))
    return code


def shares_of(total: int, parts: Sequence[int]) -> list[int]:
    """Spread a whole `total` over `parts` by the largest remainder, so that it adds up exactly.

    Parts are non-negative weights; with no weight at all everything goes to the first.
    """
    weight = sum(parts)
    if not parts:
        return []
    if weight == 0:
        return [total, *[0] * (len(parts) - 1)]
    sign = -1 if total < 0 else 1
    exact = [divmod(abs(total) * part, weight) for part in parts]
    shares = [whole for whole, _ in exact]
    missing = abs(total) - sum(shares)
    largest = sorted(range(len(parts)), key=lambda i: (-exact[i][1], i))[:missing]
    for i in largest:
        shares[i] += 1
    return [sign * share for share in shares]


def _brief(value: object) -> str:
    return repr(value)[:40]


_SIGNS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£"}
"""A sign stands for one currency only: `¥` is the yuan, and yen are written `JPY 1,200`."""


def sign_of(currency: str) -> str:
    """What is written before an amount: `$`, `¥`, else the code and a space."""
    return _SIGNS.get(currency, f"{currency} ")


def shown(nanos: int, currency: str, *, places: int | None = None) -> str:
    """An amount as a person reads it: `$1,284.10`, `−¥3.00`, `CHF 12.00`, `JPY 1,200`.

    Rounded half to even, to the decimals that the currency is written with unless `places` says how
    many. An amount that rounds to nothing but is not zero reads `<$0.01`, so that it is not zero.
    """
    if places is None:
        places = decimals_of(currency)
    amount = amount_of(nanos).quantize(Decimal(1).scaleb(-places), context=_EXACT)
    sign = sign_of(currency)
    if amount == 0 and nanos != 0:
        less = "<" if nanos > 0 else ">−"
        return f"{less}{sign}{Decimal(1).scaleb(-places):f}"
    return f"{'−' if amount < 0 else ''}{sign}{amount.copy_abs():,.{places}f}"
