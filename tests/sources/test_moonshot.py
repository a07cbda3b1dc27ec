"""Moonshot: two sites, two currencies, and errors that come dressed as answers."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.errors import (
    KeyRejected,
    RateLimited,
    SurprisingAnswer,
    WrongKeyKind,
    WrongUse,
)
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.sources.base import Account
from plimsoll.sources.providers.moonshot import CONNECTOR

PROXY = "http://127.0.0.1:8901/v1"


def body(available: Any = 49.58894, **more: Any) -> dict[str, Any]:
    data = {"available_balance": available, "voucher_balance": 46.58893, "cash_balance": 3.00001}
    return {"code": 0, "data": data, "scode": "0x0", "status": True, **more}


def account(answer: dict[str, Any], **settings: str) -> Account:
    return CONNECTOR.open(FakeDoor(lambda _: answer), settings)  # type: ignore[arg-type]


def amount(of: Account) -> Money:
    (reading,) = of.balances()
    assert reading.at == NOW
    return reading.amount


def without(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != name}


# --- where the key goes, and in what currency ---


def test_the_region_tells_the_address_and_the_currency() -> None:
    assert CONNECTOR.address({"region": "cn"}, None) == "https://api.moonshot.cn/v1"
    assert CONNECTOR.address({"region": "intl"}, None) == "https://api.moonshot.ai/v1"
    assert amount(account(body(), region="cn")) == Money("CNY", 49_588_940_000)
    assert amount(account(body(), region="intl")) == Money("USD", 49_588_940_000)


def test_vouchers_and_cash_are_kept_apart_and_cash_below_zero_is_a_debt() -> None:
    (reading,) = account(body(), region="cn").balances()
    assert (reading.granted, reading.topped_up) == (46_588_930_000, 3_000_010_000)
    owing = body(7.5)
    owing["data"] |= {"voucher_balance": "7.5", "cash_balance": -2}
    (reading,) = account(owing, region="cn").balances()
    assert (reading.granted, reading.topped_up) == (7_500_000_000, -2_000_000_000)


def test_without_a_region_nothing_is_guessed() -> None:
    with pytest.raises(WrongUse, match=r"region=cn.*region=intl"):
        CONNECTOR.address({}, None)
    with pytest.raises(WrongUse, match="no such region"):
        CONNECTOR.address({"region": "us"}, None)
    with pytest.raises(WrongUse, match="no such region"):
        CONNECTOR.address({"region": "us"}, PROXY)


def test_a_given_address_takes_the_place_of_the_region_s_but_not_of_its_currency() -> None:
    assert CONNECTOR.address({"region": "cn"}, PROXY) == PROXY
    assert CONNECTOR.address({}, PROXY) == PROXY
    with pytest.raises(WrongUse, match="yuan or in dollars"):
        account(body()).balances()
    said = body()
    said["data"]["currency"] = "USD"
    assert amount(account(said)).currency == "USD"
    with pytest.raises(SurprisingAnswer, match="currency"):
        account(said, region="cn").balances()


def test_the_address_of_a_site_tells_its_currency() -> None:
    for host, currency in (("api.moonshot.cn", "CNY"), ("api.moonshot.ai", "USD")):
        assert CONNECTOR.address({}, f"https://{host}/v1") == f"https://{host}/v1"
        door = FakeDoor(lambda _: body(), host=host)
        assert amount(CONNECTOR.open(door, {})).currency == currency  # type: ignore[arg-type]


def test_a_key_of_one_site_is_never_sent_to_the_other() -> None:
    for region, other in (("cn", "ai"), ("intl", "cn")):
        with pytest.raises(WrongUse, match="not the one of region"):
            CONNECTOR.address({"region": region}, f"https://api.moonshot.{other}/v1")
    refused: list[str] = []

    def answer(call: Any) -> dict[str, Any]:
        refused.append(call.path)
        raise KeyRejected("Moonshot refused the key.")

    opened = CONNECTOR.open(FakeDoor(answer), {"region": "cn"})  # type: ignore[arg-type]
    with pytest.raises(KeyRejected, match="the other way round"):
        opened.balances()
    assert refused == ["/users/me/balance"]


# --- the figure ---


def test_amounts_are_yuan_not_fen() -> None:
    assert amount(account(body(123.45), region="cn")).nanos == 123_450_000_000


@pytest.mark.parametrize(
    ("written", "nanos"), [(0, 0), (-0.5, -500_000_000), ("12.5", 12_500_000_000), (7, 7 * 10**9)]
)
def test_what_is_left_may_be_nothing_or_less_text_or_number(written: Any, nanos: int) -> None:
    assert amount(account(body(written), region="cn")).nanos == nanos


def test_a_used_up_balance_is_told_by_the_test() -> None:
    fine, low = account(body(0), region="cn").test()
    assert fine.ok
    assert not low.ok
    assert not low.essential
    assert [finding.ok for finding in account(body(), region="intl").test()] == [True]


# --- errors inside HTTP 200 ---


@pytest.mark.parametrize(
    "answer",
    [
        body(code=5),
        body(code=5, status=False, data=None, scode="0x5"),
        body(status=False),
        body(code="0"),
        body(code=None),
        body(status=None),
        without(body(), "code"),
        without(body(), "status"),
        without(body(), "data"),
        body(data={}),
        body(data=[]),
        body(None),
        body("NaN"),
        body(True),
        {"error": {"message": "Invalid Authentication", "type": "invalid_authentication_error"}},
    ],
    ids=str,
)
def test_an_error_inside_an_answer_is_an_error_and_no_balance(answer: dict[str, Any]) -> None:
    opened = account(answer, region="cn")
    for ask in (opened.balances, opened.test):
        with pytest.raises(SurprisingAnswer, match="Moonshot"):
            ask()


def test_the_words_of_a_business_error_are_not_repeated() -> None:
    with pytest.raises(SurprisingAnswer) as caught:
        account(body(code=7, message="sk-secret"), region="cn").balances()
    assert "error 7" in str(caught.value)
    assert "sk-secret" not in str(caught.value) + caught.value.answer


def test_a_full_queue_is_an_error() -> None:
    def answer(_: object) -> dict[str, Any]:
        raise RateLimited("Wait.", until=NOW)

    with pytest.raises(RateLimited):
        CONNECTOR.open(FakeDoor(answer), {"region": "cn"}).balances()  # type: ignore[arg-type]


@pytest.mark.parametrize("beginning", ["sk-ant-", "sk-or-v1-", "sk-proj-", "sk-kimi-", "eyJ"])
def test_keys_of_others_are_known_by_their_looks(beginning: str) -> None:
    with pytest.raises(WrongKeyKind, match="Nothing was sent"):
        CONNECTOR.key_shape.check(Secret(f"{beginning}0123456789abcdef0123456789"))
