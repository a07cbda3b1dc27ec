"""Volcengine: yuan are yuan, only Ark's lines count, and columns are read however they come."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    PageLoop,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.money import Money
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice, Tokens
from plimsoll.sources.base import signer_of
from plimsoll.sources.providers.volcengine import CONNECTOR, Account
from plimsoll.sources.signing.signer import Unsigned

DAY = date(2026, 11, 16)


def line(amount: Any = "12.34", **more: Any) -> dict[str, Any]:
    return {
        "ExpenseDate": DAY.isoformat(),
        "Product": "ark",
        "ProductZh": "火山方舟",
        "ConfigName": "Doubao-Seed-2.0-pro",
        "Element": "推理输入",
        "Count": "120.5",
        "Unit": "千tokens",
        "PayableAmount": amount,
        "Currency": "CNY",
        "Project": "default",
        **more,
    }


def columns(**values: list[Any]) -> dict[str, Any]:
    return {"Fields": [{"Metric": name, "Values": found} for name, found in values.items()]}


USAGE = columns(
    Day=["2026-11-16"],
    ModelName=["doubao-seed"],
    ReqCnt=["12"],
    InputTokens=["120500"],
    OutputTokens=["2200"],
)


class Server:
    """Answers as clients read it, by action."""

    def __init__(self, *lines: dict[str, Any], size: int = 300, **results: Any) -> None:
        self.lines, self.size, self.results = list(lines), size, results
        self.door = FakeDoor(self.answer)
        self.door.places = {"", "billing"}

    def answer(self, call: Call) -> dict[str, Any]:
        action = call["Action"]
        if action in self.results:
            return {"ResponseMetadata": {}, "Result": self.results[action]}
        if action != "ListBillDetail":
            raise refused(404)
        first = int((call.body or {})["Offset"])
        rows = self.lines[first : first + self.size]
        return {"Result": {"List": rows or None, "Total": len(self.lines)}}

    @property
    def account(self) -> Account:
        return CONNECTOR.open(self.door, {})  # type: ignore[arg-type]


def the_day(server: Server, endpoint: str = "bill") -> Slice:
    (found,) = server.account.pull(endpoint, Period(DAY, DAY))
    return found


def test_what_is_payable_counts_in_yuan_and_never_in_fen() -> None:
    for written in ("12.34", 12.34, "1.234e1"):
        (charge,) = the_day(Server(line(written, OriginalBillAmount="20"))).charges
        assert charge.amount == Money("CNY", 12_340_000_000)
    assert charge.attribution.line_item == "Doubao-Seed-2.0-pro · 推理输入"
    assert dict(charge.details)["list_amount"] == "20"


def test_only_ark_and_doubao_are_of_interest() -> None:
    others = [line(Product="ECS", ProductZh="云服务器"), line(Product="TOS", ProductZh="")]
    ours = [line(Product="x", ProductZh="豆包大模型"), line(Product="Doubao", ProductZh="")]
    assert len(the_day(Server(*others, *ours)).charges) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 300])
def test_a_month_is_asked_for_once_however_it_is_paged(size: int) -> None:
    other = line("1", ExpenseDate="2026-11-17")
    server = Server(line("1"), other, line("2"), size=size)
    days = list(server.account.pull("bill", Period(DAY, date(2026, 11, 18))))
    sums = [sum(charge.amount.nanos for charge in day.charges) for day in days]
    assert sums == [3 * 10**9, 10**9, 0]
    assert len(server.door.calls) == -(-3 // size)


def test_a_bill_that_never_ends_is_a_loop() -> None:
    with pytest.raises(PageLoop):
        the_day(Server(ListBillDetail={"List": [], "Total": 9}))


@pytest.mark.parametrize(
    "odd",
    [
        line(None),
        line("NaN"),
        line("12,34"),
        line(Currency="yuan"),
        line(ExpenseDate="2026-10-16"),
        line(ExpenseDate=None),
    ],
)
def test_a_line_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(odd))


def test_tokens_come_column_by_column_or_record_by_record() -> None:
    names = [{"Metric": field["Metric"]} for field in USAGE["Fields"]]
    cells = [field["Values"][0] for field in USAGE["Fields"]]
    keyed = dict(zip([name["Metric"] for name in names], cells, strict=True))
    for result in (
        USAGE,
        {"Fields": names, "Records": [keyed]},
        {"Fields": names, "Records": [json.dumps({"Values": cells})]},
    ):
        (record,) = the_day(Server(GetInferenceUsage=result), "tokens").records
        assert record.tokens == Tokens(input=120_500, output=2_200)
        assert (record.requests, record.attribution.model) == (12, "doubao-seed")


@pytest.mark.parametrize(
    "odd",
    [
        columns(Day=["2026-11-16"], ModelName=["m", "n"], InputTokens=[1], OutputTokens=[1]),
        columns(Day=["2026-11-16"], ModelName=["m"], InputTokens=["1.5"], OutputTokens=[1]),
        columns(Day=["2026-11-16"], ModelName=["m"], InputTokens=[-1], OutputTokens=[1]),
        columns(Day=["2026-11-16"], ModelName=["m"], InputTokens=[1]),
        columns(Day=["2026-11-01"], ModelName=["m"], InputTokens=[1], OutputTokens=[1]),
        {"Fields": [{"Metric": "Day"}], "Records": ["no JSON"]},
    ],
)
def test_usage_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(GetInferenceUsage=odd), "tokens")


def test_the_balance_is_what_can_be_spent() -> None:
    result = {"AccountID": 2100000001, "AvailableBalance": "88.10", "CashBalance": "-3.00"}
    server = Server(QueryBalanceAcct=result)
    (reading,) = server.account.balances()
    assert (reading.amount, reading.topped_up) == (Money("CNY", 88_100_000_000), -3 * 10**9)
    assert server.account.organisation() == "2100000001"


def test_plans_tell_their_windows_and_no_money() -> None:
    coding = {"QuotaUsage": [{"Level": "session", "Percent": 12.5, "ResetTimestamp": 1794010000}]}
    agent = {
        "AFPFiveHour": {"Quota": 1000, "Used": "250", "ResetTime": 1794010000000},
        "AFPWeekly": {"Quota": 100, "Used": 0, "ResetTime": -1},
    }
    server = Server(GetCodingPlanUsage=coding, GetAFPUsage=agent)
    resets = datetime(2026, 11, 7, 0, 6, 40, tzinfo=UTC)
    found = server.account.quotas()
    assert [(one.name, one.window, one.share, one.resets_at) for one in found] == [
        ("Coding plan", "5 hours", Decimal("12.5"), resets),
        ("Agent plan", "5 hours", Decimal("25.0"), resets),
        ("Agent plan", "week", Decimal("0.0"), None),
    ]
    assert all(isinstance(one, QuotaReading) for one in found)


def test_no_plan_is_no_failure() -> None:
    assert Server().account.quotas() == ()
    assert Server(GetCodingPlanUsage={"Status": "Reclaimed"}).account.quotas() == ()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SignatureDoesNotMatch", KeyRejected),
        ("AccessDenied", MissingScope),
        ("FlowLimitExceeded", RateLimited),
        ("SomethingNew", SurprisingAnswer),
    ],
)
def test_an_error_in_the_body_is_an_error(code: str, kind: type[Exception]) -> None:
    server = Server()
    error = {"ResponseMetadata": {"Error": {"Code": code, "Message": "no"}}}
    server.door.answer = lambda _call: error
    with pytest.raises(kind):
        server.account.balances()


def test_billing_is_signed_for_billing() -> None:
    for place, scope in {"": "ark", "billing": "billing"}.items():
        request = Unsigned("POST", place, "open.volcengineapi.com", "/")
        signed = signer_of(CONNECTOR, {}).sign(request, Secret("AKLTx:secret"), NOW)
        proof = dict(signed.headers)["Authorization"]
        assert f"/cn-beijing/{scope}/request," in proof
