"""DeepSeek: the balance of every wallet, exactly, in its own currency, or an error."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.errors import KeyRejected, RateLimited, SurprisingAnswer, WrongKeyKind
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.secret import Secret
from plimsoll.sources.base import Account
from plimsoll.sources.providers.deepseek import CONNECTOR


def account(*wallets: Any, **more: Any) -> Account:
    body = {"is_available": True, "balance_infos": list(wallets), **more}
    return CONNECTOR.open(FakeDoor(lambda _: body), {})  # type: ignore[arg-type]


def wallet(currency: Any = "CNY", total: Any = "110.00", **more: Any) -> dict[str, Any]:
    shares = {"granted_balance": "10.00", "topped_up_balance": "100.00"}
    return {"currency": currency, "total_balance": total, **shares, **more}


def amounts(of: Account) -> list[Money]:
    return [reading.amount for reading in of.balances()]


def test_the_key_goes_to_the_documented_address_and_nothing_else_is_asked() -> None:
    door = FakeDoor(lambda _: {"is_available": True, "balance_infos": [wallet()]})
    opened = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    assert opened.endpoints == ()
    assert opened.names() == ()
    opened.balances()
    assert [(call.path, call.params) for call in door.calls] == [("/user/balance", ())]
    assert CONNECTOR.address({}, None) == "https://api.deepseek.com"


def test_every_wallet_is_kept_in_its_own_currency() -> None:
    both = account(wallet(), wallet("USD", "4.05"))
    assert amounts(both) == [Money("CNY", 110_000_000_000), Money("USD", 4_050_000_000)]
    assert {reading.at for reading in both.balances()} == {NOW}
    assert amounts(account(wallet("USD", "4.05"))) == [Money("USD", 4_050_000_000)]


def test_amounts_are_yuan_not_fen_and_the_total_not_a_part() -> None:
    (left,) = amounts(account(wallet(total="123.45")))
    assert left == Money("CNY", 123_450_000_000)


def test_what_was_granted_and_what_was_topped_up_are_kept_apart_in_yuan_not_fen() -> None:
    (reading,) = account(wallet()).balances()
    assert (reading.granted, reading.topped_up) == (10 * NANO, 100 * NANO)
    (bare,) = account({"currency": "CNY", "total_balance": "1.00"}).balances()
    assert (bare.granted, bare.topped_up) == (None, None)
    with pytest.raises(SurprisingAnswer, match="granted_balance"):
        account(wallet(granted_balance="much")).balances()


@pytest.mark.parametrize(
    ("written", "nanos"),
    [("0.00", 0), (0, 0), (7.5, 7_500_000_000), ("-3.10", -3_100_000_000), ("1e1", 10**10)],
)
def test_an_amount_may_be_text_or_number_nothing_or_less(written: Any, nanos: int) -> None:
    assert amounts(account(wallet(total=written))) == [Money("CNY", nanos)]


def test_too_little_for_calls_is_still_a_balance_and_test_says_so() -> None:
    low = account(wallet(total="0.02"), is_available=False)
    assert amounts(low) == [Money("CNY", 20_000_000)]
    can, cannot = low.test()
    assert can.ok
    assert not cannot.ok
    assert not cannot.essential
    assert "too low" in cannot.what


def test_an_account_without_a_wallet_has_no_balance_which_is_not_zero() -> None:
    assert account().balances() == ()
    (finding,) = account().test()
    assert finding.ok


@pytest.mark.parametrize(
    "wallets",
    [
        [wallet(total=None)],
        [{"currency": "CNY"}],
        [wallet(total="NaN")],
        [wallet(total="12,50")],
        [wallet(total=True)],
        [wallet(total="1e20")],
        [wallet(currency=None)],
        [wallet(currency="yuan")],
        [wallet(), wallet()],
        [wallet(), wallet("cny")],
        ["110.00"],
        [wallet("USD"), wallet(total="")],
    ],
    ids=str,
)
def test_a_wallet_that_cannot_be_right_gives_no_balance_at_all(wallets: list[Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="DeepSeek"):
        account(*wallets).balances()


def test_garbage_in_the_flag_is_refused() -> None:
    with pytest.raises(SurprisingAnswer, match="is_available"):
        account(wallet(), is_available="yes").balances()


@pytest.mark.parametrize(
    "error", [KeyRejected("DeepSeek refused the key."), RateLimited("Wait.", until=NOW)], ids=str
)
def test_a_refused_key_and_a_full_queue_are_errors_and_no_zero(error: Exception) -> None:
    def answer(_: object) -> dict[str, Any]:
        raise error

    opened = CONNECTOR.open(FakeDoor(answer), {})  # type: ignore[arg-type]
    for ask in (opened.balances, opened.test):
        with pytest.raises(type(error)):
            ask()


@pytest.mark.parametrize(
    "beginning", ["sk-ant-", "sk-or-v1-", "sk-proj-", "sk-kimi-", "eyJ", "AIza"]
)
def test_keys_of_others_are_known_by_their_looks(beginning: str) -> None:
    with pytest.raises(WrongKeyKind, match="Nothing was sent"):
        CONNECTOR.key_shape.check(Secret(f"{beginning}0123456789abcdef0123456789"))
