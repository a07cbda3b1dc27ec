"""DeepInfra: prepaid money stands below zero, and what is used is taken off before its invoice."""

from __future__ import annotations

from typing import Any

import pytest
from fake_door import Call, FakeDoor, refused

from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.sources.providers.deepinfra import CONNECTOR, Wallet


def account(usage: Any = None, **checklist: Any) -> Wallet:
    def answer(call: Call) -> dict[str, Any]:
        if call.path == "/payment/usage":
            if usage is None:
                raise refused(404)
            return {"months": usage}
        assert call["compute_owed"] == "true"
        return {"stripe_balance": -50.0, "recent": 3.94, "suspended": False, **checklist}

    return CONNECTOR.open(FakeDoor(answer), {})  # type: ignore[arg-type]


def left(of: Wallet) -> Money:
    (reading,) = of.balances()
    return reading.amount


def test_what_is_left_is_what_was_paid_less_what_is_not_invoiced_yet_in_dollars() -> None:
    assert left(account()) == Money("USD", 46_060_000_000)
    assert left(account(stripe_balance="-50", recent="0")) == Money("USD", 50 * 10**9)
    assert left(account(stripe_balance=2, recent=0.5)) == Money("USD", -2_500_000_000)


def test_an_invoice_moves_nothing() -> None:
    assert left(account()) == left(account(stripe_balance=-46.06, recent=0))


@pytest.mark.parametrize(
    "odd", [{"recent": None}, {"stripe_balance": "NaN"}, {"suspended": "no"}, {"recent": []}]
)
def test_half_an_answer_is_no_balance(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="DeepInfra"):
        account(**odd).balances()


def test_the_month_is_told_in_dollars_though_it_comes_in_cents() -> None:
    told = " ".join(finding.what for finding in account([{"total_cost": 394}]).test())
    assert "3.94 USD" in told
    assert len(account([]).test()) == len(account(None).test()) == 1


def test_a_suspended_account_is_told() -> None:
    fine, barred = account(suspended=True).test()
    assert fine.ok
    assert not barred.ok
    assert not barred.essential
