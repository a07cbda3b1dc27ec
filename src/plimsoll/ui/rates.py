"""Rates and sums of several currencies as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plimsoll.domain.money import shown
from plimsoll.ui.words import full_day, short_day, tr

if TYPE_CHECKING:
    from plimsoll.domain.exchange import Rate
    from plimsoll.domain.money import Money
    from plimsoll.services.figures import Combined


def sums_words(sums: Sequence[Money]) -> str:
    """Sums side by side, each in its own currency: `$2,691.04 + ¥412.30`."""
    return " + ".join(shown(money.nanos, money.currency) for money in sums)


def rate_words(rate: Rate) -> str:
    """A rate as it was set: `1 USD = 7.12 CNY`."""
    return f"1 {rate.base} = {value_words(rate)} {rate.quote}"


def value_words(rate: Rate) -> str:
    """The number of a rate, without zeros at its end."""
    return f"{rate.value.normalize():f}"


def native_words(combined: Combined, *, year: int) -> str:
    """What a converted figure was before, and at which rate: `$2,691.04 + ¥412.30 at 7.12, set for
    1 Nov`; a day of another `year` than the figure's bears its own.
    """
    sums, rates = sums_words(combined.native), combined.rates
    if not rates:
        return sums
    last = rates[-1].day
    day = short_day(last) if last.year == year else full_day(last)
    if len(rates) == 1:
        value = value_words(rates[0])
        return tr("{sums} at {rate}, set for {day}", sums=sums, rate=value, day=day)
    count = len(rates)
    return tr("{sums} at {count} rates, the last set for {day}", sums=sums, count=count, day=day)


def left_out_words(sums: Sequence[Money]) -> str:
    """Money that no rate converts; empty where there is none."""
    return tr("{sums} has no rate and is not included", sums=sums_words(sums)) if sums else ""
