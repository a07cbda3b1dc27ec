"""PPIO: what is left of the balance, in yuan, read with any API key.

What the answer means stands in `rows.ten_thousandths`. Novita, the sister abroad, is a provider of
its own: other accounts, other keys, dollars.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.said import say
from plimsoll.sources.about import About
from plimsoll.sources.base import Gives, KeyHeader, KeyShape
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED
from plimsoll.sources.rows.ten_thousandths import Wallet

if TYPE_CHECKING:
    from plimsoll.sources.http import Door


class Ppio:
    """What can be known of PPIO without asking it."""

    name = "ppio"
    title = "PPIO"
    base_url = "https://api.ppio.com"
    key_shape = KeyShape(
        label=say("PPIO API key"),
        prefixes=("",),
        wrong=not_of("PPIO"),
        needs=say(
            "Any API key of the account can read its balance. Keys of Novita are refused here."
        ),
        help_url="https://ppio.com/settings/key-management",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True)
    revision_days = 0
    """A balance has no days."""
    about = About(
        figures=say(
            "What is left, in yuan, a credit line included; {estimated}.", estimated=ESTIMATED
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Wallet:
        """The account behind a door; there is nothing to set."""
        return Wallet(door, self.title, "CNY")


CONNECTOR = Ppio()
