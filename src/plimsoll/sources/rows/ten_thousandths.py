"""Ten-thousandths: balances in 1/10000 of a currency, as two sister companies tell them.

API facts: https://novita.ai/docs/api-reference/basic-get-user-balance. All five amounts are text:
"10000" is one unit of the currency. `availableBalance` is what can be spent, credit line included;
`cashBalance` is what is left of what was topped up, and below zero what is owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.base import Finding
from plimsoll.sources.fields import BALANCE_STAYS, answer_of, money
from plimsoll.sources.purse import Purse, balance_read, used_up

UNIT = Decimal("0.0001")
"""What an amount of 1 is worth."""


@dataclass(frozen=True, slots=True)
class Wallet(Purse):
    """One such account behind a door; `title` is its provider's name."""

    title: str
    currency: str

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent."""
        body = self.door.get("/openapi/v1/billing/balance/detail")
        now = self.door.clock.now()
        with answer_of(self.title, remedy=BALANCE_STAYS):
            left, _ = money(body, "availableBalance", self.currency, unit=UNIT)
        return (BalanceReading(now, left),)

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the balance and proves the key."""
        (reading,) = self.balances()
        return (balance_read(reading), *used_up(self.title, reading))
