"""Relays of the kind of one-api and new-api: what is left of a key there, and what it ever spent.

API facts: https://github.com/QuantumNous/new-api (`controller/billing.go`). The two routes are
those of an old dashboard of OpenAI: `hard_limit_usd` is all that the key was ever given, in whole
units; `total_usage` is all that it has ever used, in hundredths. Whether the units are dollars or
yuan is a choice of the relay, which `/api/status` tells (`quota_display_type`; dollars where it
says nothing). A limit of a hundred million says that the key has none: then nothing is left or
missing. Days and models are not told to a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.errors import NotOffered, SurprisingAnswer
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import BALANCE_STAYS, Row, answer_of, flag, money, row_of, word
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

WHOLE = Decimal(1)
"""What the limit counts."""

HUNDREDTHS = Decimal("0.01")
"""What the usage counts."""

NO_LIMIT = 100_000_000 * NANO
"""The limit that such relays give for none."""

_CURRENCIES = {"": "USD", "USD": "USD", "CNY": "CNY"}


@dataclass(frozen=True, slots=True)
class Token(Purse):
    """One key of such a relay, behind a door."""

    def balances(self) -> tuple[BalanceReading, ...]:
        """What is left of the key, with all that it was given and has used; none without a limit.

        Raises `SurprisingAnswer` where the relay counts in something that is no money.
        """
        given, used = self._read()
        if given.nanos >= NO_LIMIT:
            return ()
        left = Money(given.currency, given.nanos - used.nanos)
        now = self.door.clock.now()
        return (BalanceReading(now, left, ever_added=given.nanos, ever_spent=used.nanos),)

    def _read(self) -> tuple[Money, Money]:
        """What the key was ever given, and has ever used."""
        subscription = self.door.get("/v1/dashboard/billing/subscription")
        with answer_of(say("The relay"), remedy=BALANCE_STAYS):
            money(subscription, "hard_limit_usd", "USD", unit=WHOLE)
        usage = self.door.get("/v1/dashboard/billing/usage")
        currency = self._currency()
        with answer_of(say("The relay"), remedy=BALANCE_STAYS):
            given, _ = money(subscription, "hard_limit_usd", currency, unit=WHOLE)
            used, _ = money(usage, "total_usage", currency, unit=HUNDREDTHS)
        return given, used

    def _currency(self) -> str:
        """What the relay shows amounts in; dollars where it does not say."""
        try:
            body = self.door.get("/api/status")
        except NotOffered:
            return "USD"
        with answer_of(say("The relay"), remedy=BALANCE_STAYS) as at:
            status: Row = row_of(body.get("data"), "data")
            at.where = "data"
            kind = word(status, "quota_display_type") or ""
            in_money = flag(status, "display_in_currency")
        currency = _CURRENCIES.get(kind)
        if currency is None or (in_money is False and not kind):
            raise SurprisingAnswer(
                say(
                    "The relay counts what keys have used in units of its own, which are no money."
                ),
                remedy=together(
                    [say("Its operator can let it show dollars or yuan."), BALANCE_STAYS]
                ),
            )
        return currency

    def test(self) -> tuple[Finding, ...]:
        """What the key has used, and whether anything limits it."""
        given, used = self._read()
        if given.nanos < NO_LIMIT:
            return (
                Finding(
                    True,
                    say(
                        "What is left of the key can be read, in {currency}.",
                        currency=used.currency,
                    ),
                ),
            )
        limitless = say(
            "The key has no limit, so that nothing is left of it or missing; it has "
            "used {amount} {currency} so far.",
            amount=f"{used.amount.normalize():f}",
            currency=used.currency,
        )
        remedy = say("Only of a key with a limit can spend be derived: set one at the relay.")
        return (
            Finding(True, say("What the key has used can be read.")),
            Finding(False, limitless, remedy, essential=False),
        )


class NewApi:
    """What can be known of such a relay without asking it."""

    name = "new-api"
    title = "new-api, one-api"
    base_url = "https://relay.example.com"
    key_shape = KeyShape(
        label="relay's key",
        prefixes=("sk-", ""),
        wrong=not_of("a relay", own=("sk-",)),
        needs=say("Any key of the relay reads what is left of itself, where it has a limit."),
        help_url="https://docs.newapi.pro/",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True, gateway=True)
    revision_days = 0
    """A balance has no days."""
    about = About(
        own_server=say("the address of the relay"),
        figures=say(
            "What is left of a key that has a limit, as the relay counts it; {estimated}.",
            estimated=ESTIMATED,
        ),
    )
    setting_names = ()

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address, without the `/v1` that clients put behind it."""
        self.about.check(self.title, settings, given)
        return (given or self.base_url).removesuffix("/v1")

    def open(self, door: Door, _settings: Mapping[str, str]) -> Token:
        """The key's account at the relay."""
        return Token(door)


CONNECTOR = NewApi()
