"""Novita and PPIO: ten thousand are one dollar, or one yuan, and each has keys of its own."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.providers.novita import CONNECTOR as NOVITA
from plimsoll.sources.providers.ppio import CONNECTOR as PPIO
from plimsoll.sources.rows.ten_thousandths import Wallet


def account(available: Any, connector: Any = NOVITA) -> Wallet:
    body = {"availableBalance": available, "cashBalance": "1", "creditLimit": "1"}
    return connector.open(FakeDoor(lambda _: body), {})  # type: ignore[no-any-return]


@pytest.mark.parametrize("written", ["10000", 10000, "1e4", "10000.0"])
def test_ten_thousand_are_one_dollar_here_and_one_yuan_there(written: Any) -> None:
    assert account(written).balances() == (BalanceReading(NOW, Money("USD", 10**9)),)
    assert account(written, PPIO).balances() == (BalanceReading(NOW, Money("CNY", 10**9)),)


def test_they_are_asked_at_hosts_of_their_own() -> None:
    assert (NOVITA.base_url, PPIO.base_url) == ("https://api.novita.ai", "https://api.ppio.com")


@pytest.mark.parametrize("odd", [None, "", "10,000", True, "NaN", []])
def test_what_is_no_amount_is_no_balance(odd: Any) -> None:
    for connector in (NOVITA, PPIO):
        with pytest.raises(SurprisingAnswer, match=connector.title):
            account(odd, connector).balances()


def test_a_used_up_balance_is_told_by_the_test() -> None:
    assert [finding.ok for finding in account("-1").test()] == [True, False]
    assert [finding.ok for finding in account("1").test()] == [True]
