"""SiliconFlow: two sites, two currencies, gifts and paid credit apart, nobody named."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.errors import KeyRejected, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.providers.siliconflow import CONNECTOR, Wallet


def body(total: Any = "88.88", **more: Any) -> dict[str, Any]:
    data = {"id": "u1", "name": "A. Nobody", "email": "nobody@example.com", "status": "normal"}
    amounts = {"balance": "0.88", "chargeBalance": "88.00", "totalBalance": total}
    return {"code": 20000, "message": "OK", "status": True, "data": data | amounts | more}


def account(answer: dict[str, Any], region: str | None = "cn") -> Wallet:
    settings = {"region": region} if region else {}
    return CONNECTOR.open(FakeDoor(lambda _: answer), settings)  # type: ignore[arg-type]


def test_the_total_is_left_and_its_parts_are_kept_in_yuan_or_dollars_not_hundredths() -> None:
    assert account(body()).balances() == (
        BalanceReading(NOW, Money("CNY", 88_880_000_000), 880_000_000, 88_000_000_000),
    )
    (reading,) = account(body(88.88), "intl").balances()
    assert reading.amount == Money("USD", 88_880_000_000)


def test_each_site_has_an_address_and_a_currency_and_is_never_guessed() -> None:
    assert CONNECTOR.address({"region": "cn"}, None) == "https://api.siliconflow.cn/v1"
    assert CONNECTOR.address({"region": "intl"}, None) == "https://api.siliconflow.com/v1"
    with pytest.raises(WrongUse, match="region=cn"):
        CONNECTOR.address({}, None)
    with pytest.raises(WrongUse, match="not tried on the other"):
        CONNECTOR.address({"region": "cn"}, "https://api.siliconflow.com/v1")
    with pytest.raises(WrongUse, match="yuan or in dollars"):
        account(body(), None).balances()


def test_a_refused_key_is_told_of_the_other_site() -> None:
    def refuse(_: object) -> dict[str, Any]:
        raise KeyRejected("SiliconFlow refused the key.")

    opened = CONNECTOR.open(FakeDoor(refuse), {"region": "cn"})  # type: ignore[arg-type]
    with pytest.raises(KeyRejected, match="the other way round"):
        opened.test()


@pytest.mark.parametrize(
    "answer",
    [
        {**body(), "code": 50000},
        {**body(), "status": False},
        {**body(), "data": None},
        body(None),
        body("NaN"),
        body(balance="much"),
    ],
    ids=str,
)
def test_a_refusal_inside_an_answer_is_no_balance(answer: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        account(answer).balances()


def test_the_account_is_known_by_its_id_and_its_site_and_by_nothing_personal() -> None:
    assert account(body()).organisation() == "CNY u1"
    assert account(body(), "intl").organisation() != account(body()).organisation()
    assert account(body(id=None)).organisation() is None
    told = " ".join(finding.what for finding in account(body()).test())
    assert "Nobody" not in told
    assert "nobody" not in told


def test_an_account_that_is_not_normal_is_told_by_the_test() -> None:
    fine, odd = account(body(status="frozen")).test()
    assert fine.ok
    assert not odd.ok
    assert not odd.essential
