"""Moonshot: what is left of the prepaid balance, in yuan (mainland) or dollars (international).

API facts: https://platform.kimi.com/docs/api/balance. Two sites, api.moonshot.cn and
api.moonshot.ai, are separate accounts with separate keys; the setting `region` says which, and a
key is never tried on the other. The answer names no currency: yuan at one site, dollars at the
other, in whole units as JSON numbers. A refusal can come inside HTTP 200, its code in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    FieldError,
    Row,
    answer_of,
    flag,
    maybe_nanos,
    money,
    row_of,
    shown,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse, balance_read, used_up
from plimsoll.sources.sites import Site, Sites

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole yuan or dollars, never fen or cents."""

SITES = Sites(
    "Moonshot",
    (
        Site("cn", "https://api.moonshot.cn/v1", "CNY"),
        Site("intl", "https://api.moonshot.ai/v1", "USD"),
    ),
)


@dataclass(frozen=True, slots=True)
class Wallet(Purse):
    """One Moonshot account behind a door; `currency` is its site's, None where that is unknown."""

    currency: str | None

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent: `available_balance`, vouchers included; zero or less stops calls.
        Cash below zero is a debt, which what is available does not show.

        Raises `WrongUse` where neither the region nor the answer tells the currency.
        """
        with SITES.one_key_each():
            body = self.door.get("/users/me/balance")
        now = self.door.clock.now()
        with answer_of("Moonshot", remedy=BALANCE_STAYS) as at:
            _check_verdict(body)
            data = row_of(body.get("data"), "data")
            at.where = "data"
            amount, _ = money(data, "available_balance", self._told(data), unit=UNITS)
            granted = maybe_nanos(data, "voucher_balance", unit=UNITS)
            topped_up = maybe_nanos(data, "cash_balance", unit=UNITS)
        return (BalanceReading(now, amount, granted=granted, topped_up=topped_up),)

    def _told(self, data: Row) -> str:
        """The currency: the region's; what the answer says must agree, or stands alone."""
        said = word(data, "currency")
        if self.currency and said and said.upper() != self.currency:
            raise FieldError(
                "currency",
                say("is not {currency}, as the region says", currency=self.currency),
                said,
            )
        return SITES.known(self.currency or said)

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the balance and proves the key."""
        (reading,) = self.balances()
        return (balance_read(reading), *used_up("Moonshot", reading))


def _check_verdict(body: Row) -> None:
    """Refuse an error that came inside HTTP 200: only code 0 with status true is an answer."""
    code, fine = body.get("code"), flag(body, "status")
    if type(code) is not int:
        raise FieldError(
            "code", say("is missing") if code is None else say("is not a whole number"), code
        )
    if fine is None:
        raise FieldError("status", say("is missing"))
    if code != 0 or not fine:
        raise SurprisingAnswer(
            say("Moonshot refused the question with its own error {amount}.", amount=shown(code)),
            remedy=BALANCE_STAYS,
            answer=f"code = {shown(code)}, status = {shown(fine)}",
        )


class Moonshot:
    """What can be known of Moonshot without asking it."""

    name = "moonshot"
    title = "Moonshot"
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("Moonshot API key"),
        prefixes=("sk-",),
        wrong=not_of("Moonshot", own=("sk-",)),
        needs=say(
            "Any API key of the open platform, which starts with sk-, can read the "
            "balance of its own site. The international site makes its keys at "
            "platform.moonshot.ai."
        ),
        help_url="https://platform.moonshot.cn/console/api-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True)
    revision_days = 0
    """A balance has no days."""
    about = About(
        settings=(SITES.setting,),
        figures=say("What is left, in the site's currency; {estimated}.", estimated=ESTIMATED),
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


CONNECTOR = Moonshot()
