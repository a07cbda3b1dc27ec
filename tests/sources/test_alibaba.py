"""Alibaba Cloud: yuan are yuan, only Model Studio's lines count, and a model is never guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fake_door import Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    NotOffered,
    PageLoop,
    RateLimited,
    SurprisingAnswer,
    WrongUse,
)
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.alibaba import CONNECTOR, Account

DAY = date(2026, 11, 16)
INSTANCE = "200000;llm-madeup01;qwen3.7-plus;input_token;;1"


def item(amount: Any = 12.34, **more: Any) -> dict[str, Any]:
    return {
        "BillingDate": DAY.isoformat(),
        "ProductCode": "sfm",
        "ProductName": "大模型服务平台百炼",
        "CommodityCode": "sfm_inference_public_cn",
        "InstanceID": INSTANCE,
        "BillingItem": "模型输入",
        "PretaxAmount": amount,
        "PretaxGrossAmount": 20.5,
        "Currency": "CNY",
        "Usage": "120.500000",
        "UsageUnit": "千tokens",
        **more,
    }


def page(*items: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    return {"Items": list(items), "NextToken": token, "AccountID": "1100000000000001"}


class Server:
    """Answers as the reference tells, by action; `pages` by their tokens."""

    def __init__(self, *items: dict[str, Any], **pages: dict[str, Any]) -> None:
        self.pages = {"": page(*items), **pages}
        self.balance: dict[str, Any] = {
            "AvailableAmount": "12,345.67",
            "AvailableCashAmount": "-3.00",
            "Currency": "CNY",
        }
        self.quiet: set[str] = set()
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        assert call.method == "POST"
        if (call.headers or {})["x-acs-action"] == "QueryAccountBalance":
            return {"Code": "200", "Success": True, "Data": self.balance}
        if call["BillingCycle"] in self.quiet:
            assert call["Granularity"] == "MONTHLY", "a day of a month without anything"
            other = item(ProductCode="ecs", ProductName="ECS", CommodityCode="ecs")
            return {"Code": "Success", "Success": True, "Data": page(other)}
        data = self.pages[call.get("NextToken") or ""]
        return {"Code": "Success", "Success": True, "Data": data}

    @property
    def account(self) -> Account:
        return CONNECTOR.open(self.door, {"region": "cn"})  # type: ignore[arg-type]


def the_day(server: Server) -> Slice:
    (found,) = server.account.pull("bill", Period(DAY, DAY))
    return found


@pytest.mark.parametrize("written", [12.34, "12.34", "1.234e1"])
def test_what_is_payable_counts_in_yuan_and_never_in_fen(written: Any) -> None:
    (charge,) = the_day(Server(item(written))).charges
    assert charge.amount == Money("CNY", 12_340_000_000)
    details = dict(charge.details)
    assert details["list_amount"] == "20.5"
    assert (details["quantity"], details["quantity_unit"]) == ("120.500000", "千tokens")


def test_commas_between_thousands_are_no_points() -> None:
    (charge,) = the_day(Server(item("1,234.50"))).charges
    assert charge.amount == Money("CNY", 1_234_500_000_000)
    (reading,) = Server().account.balances()
    assert reading.amount == Money("CNY", 12_345_670_000_000)
    assert reading.topped_up == -3 * 10**9


@pytest.mark.parametrize("odd", ["12,34", "1,2345", ",123", "NaN", None, True])
def test_an_amount_that_cannot_be_right_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(item(odd)))
    server = Server()
    server.balance["AvailableAmount"] = odd
    with pytest.raises(SurprisingAnswer):
        server.account.balances()


def test_only_model_studio_is_of_interest_by_code_or_by_name() -> None:
    none = {"ProductCode": "ecs", "CommodityCode": "ecs", "ProductName": "云服务器ECS"}
    others = [item(**none), item(**{**none, "ProductName": "对象存储", "ProductCode": "oss"})]
    ours = [
        item(**{**none, "ProductCode": "SFM"}),
        item(**{**none, "CommodityCode": "sfm_training_public_intl"}),
        item(**{**none, "ProductName": "Alibaba Cloud Model Studio"}),
        item(**{**none, "ProductName": "百炼"}),
    ]
    assert len(the_day(Server(*others, *ours)).charges) == 4


def test_a_line_names_model_and_workspace_only_as_bills_write_them() -> None:
    (charge,) = the_day(Server(item())).charges
    of = charge.attribution
    assert (of.model, of.project, of.line_item) == ("qwen3.7-plus", "llm-madeup01", "模型输入")
    for other in ("i-madeup", "a;b;c", None, ";;;"):
        (charge,) = the_day(Server(item(InstanceID=other))).charges
        assert charge.attribution.model is None
        assert charge.attribution.project is None


def test_pages_are_followed_to_their_end_and_a_token_that_comes_twice_is_a_loop() -> None:
    server = Server(**{"": page(item(1), token="a"), "a": page(token="b"), "b": page(item(2))})
    assert [charge.text for charge in the_day(server).charges] == ["1", "2"]
    assert [call.get("NextToken") for call in server.door.calls] == [None, "a", "b"]
    with pytest.raises(PageLoop):
        the_day(Server(**{"": page(token="a"), "a": page(token="a")}))


@pytest.mark.parametrize(
    "odd",
    [item(BillingDate="2026-11-17"), item(Currency=None), item(Currency="元"), item(Usage="much")],
)
def test_a_line_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(odd))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidAccessKeyId.NotFound", KeyRejected),
        ("SignatureDoesNotMatch", KeyRejected),
        ("NotAuthorized", MissingScope),
        ("NotApplicable", NotOffered),
        ("Throttling.User", RateLimited),
        ("SomethingNew", SurprisingAnswer),
    ],
)
def test_an_error_inside_an_answer_is_an_error(code: str, kind: type[Exception]) -> None:
    server = Server()
    server.door.answer = lambda _call: {"Code": code, "Success": False, "Message": "no"}
    with pytest.raises(kind):
        server.account.balances()


def test_a_good_code_without_success_is_no_answer() -> None:
    server = Server()
    server.door.answer = lambda _call: {"Code": "200", "Success": False, "Data": server.balance}
    with pytest.raises(SurprisingAnswer):
        server.account.balances()


def test_each_site_has_an_address_and_a_currency_and_is_never_guessed() -> None:
    assert CONNECTOR.address({"region": "cn"}, None) == "https://business.aliyuncs.com"
    abroad = "https://business.ap-southeast-1.aliyuncs.com"
    assert CONNECTOR.address({"region": "intl"}, None) == abroad
    assert CONNECTOR.currency({"region": "intl"}, None) == "USD"
    with pytest.raises(WrongUse, match="region=cn"):
        CONNECTOR.address({}, None)
    with pytest.raises(WrongUse, match="not tried on the other"):
        CONNECTOR.address({"region": "cn"}, abroad)


def test_the_account_is_known_by_its_number() -> None:
    server = Server()
    assert server.account.organisation() == "1100000000000001"
    assert len(server.door.calls) == 1


def test_a_refused_key_is_told_of_the_other_site() -> None:
    server = Server()
    server.door.answer = lambda _call: {"Code": "InvalidAccessKeyId.NotFound", "Message": "no"}
    with pytest.raises(KeyRejected, match="the other way round"):
        server.account.test()


def test_of_months_that_are_over_only_those_with_lines_are_asked_day_by_day() -> None:
    server = Server(item(BillingDate=None))
    server.quiet = {"2026-07", "2026-08"}
    summer = Period(date(2026, 7, 1), date(2026, 9, 30))
    days = list(server.account.pull("bill", summer))
    assert [day.day for day in days] == list(summer.days())
    assert [day.day.month for day in days if day.charges] == [9] * 30
    assert len(server.door.calls) == 3 + 30
