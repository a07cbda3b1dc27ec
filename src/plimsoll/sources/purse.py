"""Purse: an account that tells what is left of its credit, and nothing by the day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import Period
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading, Name, Slice
from plimsoll.sources.base import Endpoint, Finding

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

ESTIMATED = say("its fall is estimated spend")
"""What becomes of a balance, for the sentence that says what its figures are."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What such an account does not tell; `balances` and `test` are its connector's own."""

    door: Door

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """None: no usage and no cost."""
        return ()

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Nothing can be asked by the day."""
        raise ValueError(f"there is no {endpoint} of {period.first}")

    def names(self) -> tuple[Name, ...]:
        """Neither keys nor projects are listed."""
        return ()

    def organisation(self) -> str | None:
        """Whose account it is, is not told."""
        return None


def balance_read(reading: BalanceReading) -> Finding:
    """The line of *Test* that a balance came; it proves the key."""
    currency = reading.amount.currency
    return Finding(True, say("The balance in {currency} can be read.", currency=currency))


def used_up(title: str, reading: BalanceReading) -> tuple[Finding, ...]:
    """The line of *Test* for a balance of nothing or less, where calls are refused then."""
    if reading.amount.nanos > 0:
        return ()
    low = say("The balance is used up: {title} refuses calls.", title=title)
    return (Finding(False, low, say("Top up the account."), essential=False),)
