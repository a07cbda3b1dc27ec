"""Where a key may go: to the address that it was given for, and to no other one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_up import SetClock

from plimsoll.domain.errors import NoKey, WrongKeyKind, WrongUse
from plimsoll.domain.secret import Secret
from plimsoll.ledger import catalog
from plimsoll.ledger.database import Ledger
from plimsoll.services import accounts
from plimsoll.services.vault import MemoryVault

KEY = Secret("sk-0123456789abcdefghij")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path, clock=SetClock())
    yield opened
    opened.close()


def kimi(ledger: Ledger, vault: MemoryVault, **settings: str) -> None:
    accounts.add_source(
        ledger, vault, "moonshot", name="Kimi", key=KEY, base_url=None, settings=settings
    )


def edit(ledger: Ledger, vault: MemoryVault, key: Secret | None, **settings: str) -> None:
    accounts.edit_source(
        ledger, vault, "Kimi", new_name=None, key=key, base_url=None, settings=settings
    )


def test_a_setting_that_leads_elsewhere_needs_the_key_again(ledger: Ledger) -> None:
    vault = MemoryVault()
    kimi(ledger, vault, region="cn")
    with pytest.raises(NoKey, match="new address"):
        edit(ledger, vault, None, region="intl")
    assert dict(catalog.source_named(ledger, "Kimi").settings) == {"region": "cn"}
    edit(ledger, vault, KEY, region="intl")
    assert dict(catalog.source_named(ledger, "Kimi").settings) == {"region": "intl"}


def test_a_setting_that_means_nothing_changes_nothing(ledger: Ledger) -> None:
    vault = MemoryVault()
    with pytest.raises(WrongUse, match="region"):
        kimi(ledger, vault)
    assert catalog.sources(ledger) == ()
    kimi(ledger, vault, region="cn")
    with pytest.raises(WrongUse, match="region"):
        edit(ledger, vault, KEY, region="moon")
    assert dict(catalog.source_named(ledger, "Kimi").settings) == {"region": "cn"}


def test_a_key_of_another_provider_is_refused_before_anything_is_set_up(ledger: Ledger) -> None:
    vault = MemoryVault()
    with pytest.raises(WrongKeyKind, match="Anthropic"):
        accounts.add_source(
            ledger,
            vault,
            "deepseek",
            name="Deep",
            key=Secret("sk-ant-api03-0123456789abcdef"),
            base_url=None,
            settings={},
        )
    assert catalog.sources(ledger) == ()
