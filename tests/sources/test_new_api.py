"""new-api and one-api: whole units and hundredths, dollars or yuan, and a limit that is none."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused

from plimsoll.domain.errors import SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.providers.new_api import CONNECTOR, Token


def account(limit: Any = 100, used: Any = 1250, status: Any = None) -> Token:
    def answer(call: Call) -> dict[str, Any]:
        last = call.path.rpartition("/")[2]
        if last == "subscription":
            return {"object": "billing_subscription", "hard_limit_usd": limit}
        if last == "usage":
            return {"object": "list", "total_usage": used}
        if status is None:
            raise refused(404)
        return {"success": True, "data": status}

    return CONNECTOR.open(FakeDoor(answer), {})  # type: ignore[arg-type]


def test_the_limit_is_whole_units_and_the_usage_hundredths() -> None:
    (reading,) = account().balances()
    assert reading == BalanceReading(
        NOW, Money("USD", 87_500_000_000), ever_added=100 * 10**9, ever_spent=12_500_000_000
    )
    assert account("100", "1250.0").balances() == (reading,)


@pytest.mark.parametrize(
    ("status", "currency"),
    [
        ({"quota_display_type": "CNY"}, "CNY"),
        ({"quota_display_type": "USD"}, "USD"),
        ({"display_in_currency": True}, "USD"),
        ({}, "USD"),
    ],
)
def test_the_relay_says_what_it_counts_in(status: dict[str, Any], currency: str) -> None:
    (reading,) = account(status=status).balances()
    assert reading.amount == Money(currency, 87_500_000_000)


@pytest.mark.parametrize(
    "status", [{"quota_display_type": "TOKENS"}, {"display_in_currency": False}]
)
def test_units_of_its_own_are_no_money(status: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="no money"):
        account(status=status).balances()


def test_a_key_without_a_limit_has_no_balance_and_test_says_what_it_has_used() -> None:
    free = account(100_000_000)
    assert free.balances() == ()
    fine, told = free.test()
    assert fine.ok
    assert not told.ok
    assert "12.5 USD" in told.what
    assert [finding.ok for finding in account().test()] == [True]


@pytest.mark.parametrize(("limit", "used"), [(None, 1), (1, None), ("NaN", 1), (1, []), (True, 1)])
def test_half_an_answer_is_no_balance(limit: Any, used: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        account(limit, used).balances()


def test_the_address_is_the_relays_own() -> None:
    assert CONNECTOR.address({}, "https://relay.example/v1") == "https://relay.example"
    assert CONNECTOR.address({}, "https://relay.example") == "https://relay.example"
    with pytest.raises(WrongUse, match="the address of the relay"):
        CONNECTOR.address({}, None)
