"""Rates, fees, and sums of several currencies as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plimsoll.domain.money import shown
from plimsoll.domain.subscription import Cycle, Subscription, Unit
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


def fee_words(made: Subscription) -> str:
    """A fee and how often it is due: `$100.00 a month`, `¥68.00 every 4 weeks`."""
    fee = shown(made.fee.nanos, made.fee.currency)
    return tr("{fee} {cycle}", fee=fee, cycle=cycle_words(made.cycle))


def cycle_words(cycle: Cycle) -> str:
    """How often: `a month`, `every 4 weeks`."""
    one, many = {
        Unit.WEEK: (tr("a week"), tr("every {count} weeks", count=cycle.count)),
        Unit.MONTH: (tr("a month"), tr("every {count} months", count=cycle.count)),
        Unit.YEAR: (tr("a year"), tr("every {count} years", count=cycle.count)),
    }[cycle.unit]
    return one if cycle.count == 1 else many
