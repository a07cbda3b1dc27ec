"""StepFun: what is left, and all that was ever added, so that a top-up is no negative spend."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.errors import SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.providers.stepfun import CONNECTOR, Wallet


def body(**more: Any) -> dict[str, Any]:
    totals = {"total_cash_balance": 100.0, "total_voucher_balance": "15"}
    return {"object": "account", "type": "prepaid", "balance": 42.195, **totals, **more}


def account(answer: dict[str, Any], region: str | None = "cn") -> Wallet:
    settings = {"region": region} if region else {}
    return CONNECTOR.open(FakeDoor(lambda _: answer), settings)  # type: ignore[arg-type]


def test_the_balance_is_left_and_the_totals_are_what_was_ever_added() -> None:
    assert account(body()).balances() == (
        BalanceReading(NOW, Money("CNY", 42_195_000_000), ever_added=115_000_000_000),
    )
    (reading,) = account(body(), "intl").balances()
    assert reading.amount.currency == "USD"


def test_one_total_alone_says_nothing_of_both() -> None:
    (reading,) = account(body(total_voucher_balance=None)).balances()
    assert reading.ever_added is None


def test_each_site_has_an_address_and_is_never_guessed() -> None:
    assert CONNECTOR.address({"region": "cn"}, None) == "https://api.stepfun.com/v1"
    assert CONNECTOR.address({"region": "intl"}, None) == "https://api.stepfun.ai/v1"
    with pytest.raises(WrongUse, match="region=cn"):
        CONNECTOR.address({}, None)
    with pytest.raises(WrongUse, match="yuan or in dollars"):
        account(body(), None).balances()


@pytest.mark.parametrize(
    "odd", [{"object": "error"}, {"balance": None}, {"balance": True}, {"total_cash_balance": "x"}]
)
def test_what_is_no_account_gives_no_balance(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="StepFun"):
        account(body(**odd)).balances()
