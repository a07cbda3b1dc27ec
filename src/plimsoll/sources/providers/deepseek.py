"""DeepSeek: what is left of the prepaid balance, in yuan and in dollars, read with any API key.

API facts: https://api-docs.deepseek.com/api/get-user-balance. The only thing that a key may read
of an account is `GET /user/balance`: usage and cost have no documented API. Amounts are units of
the currency beside them (yuan or dollars), as decimal text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.money import Money
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    FieldError,
    Row,
    answer_of,
    flag,
    list_of,
    maybe_nanos,
    money,
    required_word,
    row_of,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole yuan or dollars, never fen or cents."""


@dataclass(frozen=True, slots=True)
class Wallet(Purse):
    """One DeepSeek account behind a door."""

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent, one reading a currency: `total_balance`, granted and topped up.

        An account that has too little for calls (`is_available` false) still has a balance. An
        account without any wallet has none.
        """
        return self._read()[0]

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the balance and proves the key."""
        readings, enough = self._read()
        currencies = together((reading.amount.currency for reading in readings), " and ")
        what = (
            say("The balance in {currencies} can be read.", currencies=currencies)
            if readings
            else say("There is no balance.")
        )
        findings = [Finding(True, what)]
        if enough is False:
            low = say("DeepSeek says that the balance is too low for calls.")
            findings.append(Finding(False, low, say("Top up the account."), essential=False))
        return tuple(findings)

    def _read(self) -> tuple[tuple[BalanceReading, ...], bool | None]:
        body = self.door.get("/user/balance")
        now = self.door.clock.now()
        readings: dict[str, BalanceReading] = {}
        with answer_of("DeepSeek", remedy=BALANCE_STAYS) as at:
            enough = flag(body, "is_available")
            for index, raw in enumerate(list_of(body, "balance_infos")):
                at.where = f"balance_infos[{index}]"
                wallet = row_of(raw, "wallet")
                left = _left(wallet, readings)
                readings[left.currency] = BalanceReading(
                    now,
                    left,
                    granted=maybe_nanos(wallet, "granted_balance", unit=UNITS),
                    topped_up=maybe_nanos(wallet, "topped_up_balance", unit=UNITS),
                )
        return tuple(readings.values()), enough


def _left(wallet: Row, known: Collection[str]) -> Money:
    """What one wallet holds. A second wallet of a currency would make either figure a guess."""
    left, _ = money(wallet, "total_balance", required_word(wallet, "currency"), unit=UNITS)
    if left.currency in known:
        raise FieldError("currency", say("comes twice"), left.currency)
    return left


class DeepSeek:
    """What can be known of DeepSeek without asking it."""

    name = "deepseek"
    title = "DeepSeek"
    base_url = "https://api.deepseek.com"
    key_shape = KeyShape(
        label=say("DeepSeek API key"),
        prefixes=("sk-",),
        wrong=not_of("DeepSeek", own=("sk-",)),
        needs=say(
            "Any API key of the account, which starts with sk-, can read its "
            "balance. The website's login token is not a key."
        ),
        help_url="https://platform.deepseek.com/api_keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True)
    revision_days = 0
    """A balance has no days."""
    about = About(
        figures=say("What is left, in yuan and in dollars; {estimated}.", estimated=ESTIMATED)
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Wallet:
        """The account behind a door; there is nothing to set."""
        return Wallet(door)


CONNECTOR = DeepSeek()
