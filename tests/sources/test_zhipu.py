"""Zhipu: plans by their windows, no plan is no failure, and cash in yuan on the mainland only."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor

from plimsoll.domain.errors import KeyRejected, OddValue, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.base import more_addresses
from plimsoll.sources.providers.zhipu import CONNECTOR, Plan

QUOTA, CASH = "/api/monitor/usage/quota/limit", "/api/biz/account/query-customer-account-report"


def limit(**more: Any) -> dict[str, Any]:
    return {"type": "CREDIT_LIMIT", "unit": 3, "number": 5, "percentage": 42, **more}


def plan(*limits: dict[str, Any]) -> dict[str, Any]:
    return {"code": 200, "success": True, "data": {"limits": list(limits)}}


def cash(**more: Any) -> dict[str, Any]:
    data = {"balance": 50, "availableBalance": 42.5, "totalSpendAmount": "67.5", **more}
    return {"code": 200, "success": True, "data": data}


class Server:
    def __init__(self, quota: Any = None, money: Any = None) -> None:
        self.answers = {QUOTA: quota or plan(limit()), CASH: money or cash()}
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        assert (call.at == "account") is (call.path == CASH)
        found: dict[str, Any] = self.answers[call.path]
        return found

    def account(self, region: str = "cn") -> Plan:
        return CONNECTOR.open(self.door, {"region": region})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "name", "window"),
    [
        (limit(), "Coding plan credits", "5 hours"),
        (limit(unit=6, number=1), "Coding plan credits", "week"),
        (limit(type="TOKENS_LIMIT"), "Coding plan", "5 hours"),
        (limit(type="TIME_LIMIT", unit=5, number=1), "Tool calls", "month"),
        (limit(unit=5, number=1), "Coding plan credits", "minute"),
        (limit(unit=1, number=30), "Coding plan credits", "30 days"),
        (limit(type="SOMETHING_NEW"), "SOMETHING_NEW", "5 hours"),
    ],
)
def test_a_limit_is_told_by_its_kind_and_its_window(
    told: dict[str, Any], name: str, window: str
) -> None:
    (reading,) = Server(plan(told)).account().quotas()
    assert (reading.at, reading.name, reading.window) == (NOW, name, window)
    assert reading.share == Decimal("42.0")


def test_the_limit_is_called_usage_and_what_is_used_the_current_value() -> None:
    told = limit(percentage=None, usage=2000, currentValue=49, nextResetTime=1795539600000)
    (reading,) = Server(plan(told)).account().quotas()
    assert (reading.used, reading.limit) == (Decimal(49), Decimal(2000))
    assert reading.share == Decimal("2.4")
    assert reading.resets_at == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        limit(percentage=None),
        limit(percentage=-1),
        limit(percentage="much"),
        limit(unit=4),
        limit(number=0),
        limit(type=None),
        limit(nextResetTime=1795539600),
    ],
)
def test_a_limit_that_cannot_be_right_costs_itself_only(odd: dict[str, Any]) -> None:
    told = Server(plan(limit(), odd, limit(number=2))).account().quotas()
    assert [next(told).window, next(told).window] == ["5 hours", "2 hours"]
    with pytest.raises(OddValue, match=r"limits\[1\]"):
        next(told)


@pytest.mark.parametrize(
    "body",
    [
        {"code": 500, "msg": "当前用户不存在coding plan", "success": False},
        {"code": 400, "msg": "User does not have a Coding Plan", "success": False},
        {"code": 200, "success": True, "data": {}},
    ],
)
def test_no_plan_is_no_failure(body: dict[str, Any]) -> None:
    account = Server(body).account("intl")
    assert tuple(account.quotas()) == ()
    (finding,) = account.test()
    assert not finding.ok
    assert not finding.essential


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 401, "msg": "token expired", "success": False}, KeyRejected),
        ({"code": 1001, "msg": "no header", "success": False}, KeyRejected),
        ({"code": 500, "msg": "internal error", "success": False}, SurprisingAnswer),
        ({"code": 500, "msg": "odd", "success": True, "data": {"limits": []}}, SurprisingAnswer),
        ({"code": 200, "msg": "odd", "success": False, "data": {"limits": []}}, SurprisingAnswer),
        ({"code": 200, "success": True, "data": None}, SurprisingAnswer),
    ],
)
def test_a_refusal_inside_an_answer_is_a_refusal(
    body: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        tuple(Server(body).account().quotas())
    with pytest.raises(kind):
        Server(money=body).account().balances()


def test_cash_counts_in_yuan_and_never_in_fen_and_may_be_owed() -> None:
    assert Server().account().balances() == (
        BalanceReading(NOW, Money("CNY", 42_500_000_000), ever_spent=67_500_000_000),
    )
    owed = cash(availableBalance="-0.350000000", totalSpendAmount=None)
    (reading,) = Server(money=owed).account().balances()
    assert (reading.amount.nanos, reading.ever_spent) == (-350_000_000, None)


def test_cash_is_told_without_a_code_too_and_then_success_decides() -> None:
    bare = {name: value for name, value in cash().items() if name != "code"}
    (reading,) = Server(money=bare).account().balances()
    assert reading.amount == Money("CNY", 42_500_000_000)
    for odd in ({**bare, "success": False}, {"data": bare["data"]}, {"msg": "odd"}):
        with pytest.raises(SurprisingAnswer):
            Server(money=odd).account().balances()


@pytest.mark.parametrize("odd", [None, "NaN", "1,000", True])
def test_cash_that_is_not_told_is_not_zero(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        Server(money=cash(availableBalance=odd)).account().balances()


def test_abroad_no_balance_is_asked_for_and_no_host_of_the_mainland_is_known() -> None:
    server = Server()
    assert server.account("intl").balances() == ()
    assert server.door.calls == []
    assert more_addresses(CONNECTOR, {"region": "intl"}, None) == {}
    mainland = more_addresses(CONNECTOR, {"region": "cn"}, None)
    assert mainland == {"account": "https://www.bigmodel.cn"}
    with pytest.raises(WrongUse, match="not tried on the other"):
        CONNECTOR.address({"region": "cn"}, "https://api.z.ai")


def test_a_refused_key_is_told_of_the_other_site() -> None:
    body = {"code": 401, "msg": "token expired", "success": False}
    with pytest.raises(KeyRejected, match="the other way round"):
        Server(body).account().test()
