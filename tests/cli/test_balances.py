"""Prepaid balances on the command line: each in its currency, exact, and never spend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from plimsoll.demo.server import DemoAccount, DemoWorld

NOW = "2026-11-20T09:30:00+00:00"
"""Where `cli` sets the clock."""


@pytest.fixture
def world() -> Iterator[DemoWorld]:
    with DemoWorld(seed=7, now=datetime.fromisoformat(NOW)) as served:
        yield served


def add(cli: Any, account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> Any:
    name = account.provider
    monkeypatch.setenv(f"PLIMSOLL_KEY_{name.upper()}", account.key)
    words = [f"--set={key}={value}" for key, value in account.settings.items()]
    return cli("source", "add", name, "--name", name, "--base-url", account.base_url, *words)


def balances(cli: Any) -> dict[tuple[str, str], Decimal]:
    found = cli("source", "list", "--json").json["balances"]
    assert all(type(one["amount"]) is str for one in found)
    return {(one["source"], one["currency"]): Decimal(one["amount"]) for one in found}


def test_every_balance_is_told_in_its_own_currency(
    cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in world.accounts[2:5]:
        assert add(cli, account, monkeypatch).code == 0
    assert balances(cli) == {}
    assert cli("sync").code == 0
    (kimi,) = world.moonshot.balances
    assert balances(cli) == {
        **{("deepseek", money.currency): money.amount for money in world.deepseek.balances},
        ("moonshot", "CNY"): kimi.amount,
        ("openrouter", "USD"): Decimal(world.openrouter.balance) / 10**9,
    }
    assert cli("source", "test", "moonshot").code == 0


def test_a_first_reading_is_no_spend_and_what_came_before_it_is_unknown(
    cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in world.accounts[3:5]:
        add(cli, account, monkeypatch)
    assert {gap["source"] for gap in cli("spend", "--json").json["gaps"]} == {
        "deepseek",
        "moonshot",
    }
    cli("sync")
    told = cli("spend", "--json").json
    assert told["total"]["amounts"] == []
    assert [(gap["to"], gap["reason"]) for gap in told["gaps"]] == [
        ("2026-11-19", "before the first reading of its balance")
    ] * 2
    assert cli("doctor", "--json").json


def test_a_key_that_is_refused_fails_the_source_and_keeps_the_balance(
    cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cli, world.accounts[3], monkeypatch)
    cli("sync")
    before = balances(cli)
    monkeypatch.setenv("PLIMSOLL_KEY_DEEPSEEK", "sk-somebody-elses-key-0000000")
    ended = cli("sync")
    assert ended.code == 1
    assert "somebody-elses" not in ended.err + ended.out
    assert balances(cli) == before


def test_moonshot_without_its_region_is_refused_with_what_to_say(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_KIMI", "sk-0123456789abcdefghij")
    for words in ((), ("--set", "region=moon")):
        ended = cli("source", "add", "moonshot", "--name", "Kimi", *words)
        assert ended.code == 2
        assert "region=cn" in ended.err
        assert "region=intl" in ended.err
    assert cli("source", "list", "--json").json["sources"] == []
    added = cli("source", "add", "moonshot", "--name", "Kimi", "--set", "region=intl")
    assert added.code == 0
    (card,) = cli("source", "list", "--json").json["sources"]
    assert card["base_url"] == "https://api.moonshot.ai/v1"


@pytest.mark.parametrize("word", ["groq", "cohere", "Cerebras", "nebius"])
def test_a_provider_that_tells_nothing_is_said_with_what_to_do_instead(cli: Any, word: str) -> None:
    ended = cli("source", "add", word, "--name", "Other")
    assert ended.code == 2
    assert "cannot be asked. No " in ended.err
    assert "instead: a gateway that counts" in ended.err


def test_an_address_of_one_s_own_still_needs_the_currency(
    cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.accounts[4]
    monkeypatch.setenv("PLIMSOLL_KEY_KIMI", account.key)
    cli("source", "add", "moonshot", "--name", "Kimi", "--base-url", account.base_url)
    ended = cli("sync")
    assert ended.code == 1
    assert "yuan or in dollars" in ended.err
    assert balances(cli) == {}
    assert cli("source", "edit", "Kimi", "--set", "region=cn").code == 0
    assert cli("sync").code == 0
    assert list(balances(cli)) == [("Kimi", "CNY")]


def test_openrouter_tells_days_that_are_over_and_says_that_today_is_open(
    cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cli, world.accounts[2], monkeypatch)
    assert cli("sync").code == 0
    told = cli("spend", "--from", "2026-11-01", "--to", "2026-11-20", "--json").json
    (amount,) = told["total"]["amounts"]
    days = world.openrouter.told
    nanos = sum(used.nanos for used in world.openrouter.used(days) if used.day.month == 11)
    assert Decimal(amount["billed"]) * 10**9 == nanos
    assert [(gap["from"], gap["to"]) for gap in told["gaps"]] == [("2026-11-20", "2026-11-20")]
    assert cli("sync").code == 0
    again = cli("spend", "--from", "2026-11-01", "--to", "2026-11-20", "--json").json
    assert again["total"] == told["total"]
