"""SiliconFlow: what is left of the prepaid balance, in yuan (mainland) or dollars (international).

API facts: https://docs.siliconflow.cn/cn/api-reference/userinfo/get-user-info. Two sites,
api.siliconflow.cn and api.siliconflow.com, are separate accounts with separate keys. The answer
names no currency; amounts are whole yuan or dollars as decimal text: `balance` is what was given,
`chargeBalance` what was topped up, `totalBalance` their sum. It also holds who the user is, of
which only the id is looked at. Real answers carry the code 20000; another one is a refusal.
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
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    FieldError,
    Row,
    answer_of,
    flag,
    maybe_nanos,
    money,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse, balance_read
from plimsoll.sources.sites import Site, Sites
from plimsoll.sources.verdicts import Verdicts

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole yuan or dollars, never fen or cents."""

SITES = Sites(
    "SiliconFlow",
    (
        Site("cn", "https://api.siliconflow.cn/v1", "CNY"),
        Site("intl", "https://api.siliconflow.com/v1", "USD"),
    ),
)

VERDICTS = Verdicts(
    code=("code",), message=("message",), fine=frozenset({"20000"}), stands_for=MappingProxyType({})
)

_NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Wallet(Purse):
    """One SiliconFlow account behind a door; `currency` is its site's, None where unknown."""

    currency: str | None

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent, given and topped up; raises `WrongUse` where the site is unknown."""
        return (self._reading(self._read()),)

    def organisation(self) -> str | None:
        """The user whose account it is, by SiliconFlow's own id."""
        with answer_of("SiliconFlow", remedy=BALANCE_STAYS, where="data"):
            identity = word(self._read(), "id")
        return f"{self.currency} {identity}" if identity and self.currency else None

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the balance and proves the key."""
        data = self._read()
        reading = self._reading(data)
        findings = [balance_read(reading)]
        if data.get("status") not in (None, _NORMAL):
            odd = say("SiliconFlow says that the account is not in its normal state.")
            findings.append(Finding(False, odd, say("Look at it in the console."), essential=False))
        return tuple(findings)

    def _read(self) -> Row:
        with SITES.one_key_each():
            body = self.door.get("/user/info", verdicts=VERDICTS)
        with answer_of("SiliconFlow", remedy=BALANCE_STAYS):
            if flag(body, "status") is not True:
                raise FieldError("status", say("is not true"), body.get("status"))
            return row_of(body.get("data"), "data")

    def _reading(self, data: Row) -> BalanceReading:
        currency = SITES.known(self.currency)
        with answer_of("SiliconFlow", remedy=BALANCE_STAYS, where="data"):
            left, _ = money(data, "totalBalance", currency, unit=UNITS)
            granted = maybe_nanos(data, "balance", unit=UNITS)
            topped_up = maybe_nanos(data, "chargeBalance", unit=UNITS)
        return BalanceReading(self.door.clock.now(), left, granted=granted, topped_up=topped_up)


class SiliconFlow:
    """What can be known of SiliconFlow without asking it."""

    name = "siliconflow"
    title = "SiliconFlow"
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("SiliconFlow API key"),
        prefixes=("sk-",),
        wrong=not_of("SiliconFlow", own=("sk-",)),
        needs=say("Any API key, which starts with sk-, can read the balance of its own site."),
        help_url="https://cloud.siliconflow.cn/account/ak",
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


CONNECTOR = SiliconFlow()
