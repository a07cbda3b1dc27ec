"""DeepInfra: what is left of the prepaid balance, in dollars, read with any API key.

API facts: https://docs.deepinfra.com/api-reference/payment (checklist). Amounts of the checklist
are dollars: `stripe_balance` is what is owed, so that prepaid money stands there below zero, and
`recent` is what was used since and not invoiced yet; what can be spent is less than zero both of
them. The answer also holds the user's postal address, which is not looked at. Month totals
(`/payment/usage`, in cents) cannot be cut into days, and are shown by *Test* only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.errors import REFUSED
from plimsoll.domain.money import Money, decimal_text
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import BALANCE_STAYS, Row, answer_of, flag, list_of, money, row_of
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse, balance_read

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

CURRENCY = "USD"
DOLLARS = Decimal(1)
"""What the checklist counts."""

CENTS = Decimal("0.01")
"""What the month totals count."""


@dataclass(frozen=True, slots=True)
class Wallet(Purse):
    """One DeepInfra account behind a door."""

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent; below zero it is owed."""
        return (self._reading(self._read()),)

    def test(self) -> tuple[Finding, ...]:
        """The balance, whether the account is suspended, and what this month has cost."""
        body = self._read()
        findings = [balance_read(self._reading(body))]
        if flag(body, "suspended"):
            barred = say("DeepInfra has suspended the account.")
            findings.append(
                Finding(False, barred, say("Look at its billing page."), essential=False)
            )
        month = self._month()
        if month is not None:
            told = say(
                "DeepInfra bills {decimal_text} USD for this month so far.",
                decimal_text=decimal_text(month.nanos),
            )
            findings.append(Finding(True, told, essential=False))
        return tuple(findings)

    def _read(self) -> Row:
        body = self.door.get("/payment/checklist", (("compute_owed", "true"),))
        with answer_of("DeepInfra", remedy=BALANCE_STAYS):
            flag(body, "suspended")
        return body

    def _reading(self, body: Row) -> BalanceReading:
        with answer_of("DeepInfra", remedy=BALANCE_STAYS):
            owed, _ = money(body, "stripe_balance", CURRENCY, unit=DOLLARS)
            used, _ = money(body, "recent", CURRENCY, unit=DOLLARS)
        left = Money(CURRENCY, -(owed.nanos + used.nanos))
        return BalanceReading(self.door.clock.now(), left)

    def _month(self) -> Money | None:
        """What the current month costs; None where this key may not read it, or nothing is told."""
        try:
            body = self.door.get("/payment/usage", (("from", "current"),))
        except REFUSED:
            return None
        with answer_of("DeepInfra", remedy=BALANCE_STAYS, where="months[0]"):
            months = list_of(body, "months")
            if not months:
                return None
            return money(row_of(months[0], "month"), "total_cost", CURRENCY, unit=CENTS)[0]


class DeepInfra:
    """What can be known of DeepInfra without asking it."""

    name = "deepinfra"
    title = "DeepInfra"
    base_url = "https://api.deepinfra.com"
    key_shape = KeyShape(
        label=say("DeepInfra API key"),
        prefixes=("",),
        wrong=not_of("DeepInfra"),
        needs=say("An API key of the account; a key scoped to single models reads no billing."),
        help_url="https://deepinfra.com/dash/api_keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True)
    revision_days = 0
    """A balance has no days."""
    about = About(
        figures=say(
            "What is left, in dollars, less what is used and not invoiced yet; "
            "{estimated}. Its month totals have no days.",
            estimated=ESTIMATED,
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Wallet:
        """The account behind a door; there is nothing to set."""
        return Wallet(door)


CONNECTOR = DeepInfra()
