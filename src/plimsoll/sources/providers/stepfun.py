"""StepFun: what is left of the balance, in yuan (mainland) or dollars (international).

API facts: https://platform.stepfun.com/docs/zh/api-reference/accounts/get. Two sites,
api.stepfun.com and api.stepfun.ai, are separate accounts with separate keys; that the second one
answers in the same way is no document's word. The answer names no currency; amounts are whole yuan
or dollars as JSON numbers. `balance` is what is left; `total_cash_balance` and
`total_voucher_balance` are what was ever topped up and ever given, over the account's whole life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import BALANCE_STAYS, FieldError, answer_of, maybe_nanos, money
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse, balance_read
from plimsoll.sources.sites import Site, Sites

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole yuan or dollars, never fen or cents."""

SITES = Sites(
    "StepFun",
    (
        Site("cn", "https://api.stepfun.com/v1", "CNY"),
        Site("intl", "https://api.stepfun.ai/v1", "USD"),
    ),
)


@dataclass(frozen=True, slots=True)
class Wallet(Purse):
    """One StepFun account behind a door; `currency` is its site's, None where that is unknown."""

    currency: str | None

    def balances(self) -> tuple[BalanceReading, ...]:
        """What is left, with all that was ever added to it: cash and vouchers, where both are told.

        Raises `WrongUse` where the site is unknown.
        """
        currency = SITES.known(self.currency)
        with SITES.one_key_each():
            body = self.door.get("/accounts")
        now = self.door.clock.now()
        with answer_of("StepFun", remedy=BALANCE_STAYS):
            if body.get("object") != "account":
                raise FieldError("object", say("is not “account”"), body.get("object"))
            left, _ = money(body, "balance", currency, unit=UNITS)
            cash = maybe_nanos(body, "total_cash_balance", unit=UNITS)
            vouchers = maybe_nanos(body, "total_voucher_balance", unit=UNITS)
        added = None if cash is None or vouchers is None else cash + vouchers
        return (BalanceReading(now, left, ever_added=added),)

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the balance and proves the key."""
        (reading,) = self.balances()
        return (balance_read(reading),)


class StepFun:
    """What can be known of StepFun without asking it."""

    name = "stepfun"
    title = "StepFun"
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("StepFun API key"),
        prefixes=("",),
        wrong=not_of("StepFun"),
        needs=say(
            "Any API key can read the balance of its own site. The login of a Step Plan is no key."
        ),
        help_url="https://platform.stepfun.com/interface-key",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True)
    revision_days = 0
    """A balance has no days."""
    about = About(
        settings=(SITES.setting,),
        figures=say("What is left, in the site's currency; {estimated}.", estimated=ESTIMATED),
        undocumented=say(
            "That StepFun's site abroad tells a balance as the mainland's does is in no document."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """The currency of the account's region or site, None where neither tells."""
        return SITES.currency(settings, address)

    def open(self, door: Door, settings: Mapping[str, str]) -> Wallet:
        """The account behind a door, counting in the currency of its region or site."""
        return Wallet(door, SITES.currency(settings, door.host))


CONNECTOR = StepFun()
