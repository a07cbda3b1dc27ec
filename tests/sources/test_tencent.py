"""Tencent: fen are fen, yuan are yuan, cached input is told apart, and the rest is left alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fake_door import Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    NoAnswer,
    PageLoop,
    RateLimited,
    SurprisingAnswer,
    WrongUse,
)
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice, Tokens
from plimsoll.sources.base import more_addresses
from plimsoll.sources.providers.tencent import CONNECTOR, Account

DAY = date(2026, 11, 16)
START = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())


def row(cost: Any = "0.96", **more: Any) -> dict[str, Any]:
    return {
        "BusinessCodeName": "腾讯混元大模型",
        "ProductCodeName": "混元 Hy3",
        "BillDay": "2026-11-16",
        "ProjectName": "默认项目",
        "ComponentSet": [{"ItemCodeName": "输入 tokens", "RealCost": cost}],
        **more,
    }


def model(name: str = "hunyuan-t3", **series: Any) -> dict[str, Any]:
    usual = {
        "InputTotalToken": [1000],
        "CacheTotalToken": [400],
        "OutputTotalToken": [50],
        "RequestCount": [3],
    }
    told = {key: json.dumps(found) for key, found in {**usual, **series}.items()}
    return {"Key": name, "Name": name, "Series": told}


class Server:
    """Answers as the documents say, `size` rows or models on a page."""

    def __init__(self, *rows: dict[str, Any], size: int = 300, **answers: Any) -> None:
        self.rows, self.size, self.answers = list(rows), size, answers
        self.times = [START + 9 * 3600]
        self.door = FakeDoor(self.answer)
        self.door.places = {"", "tokenhub"}

    def answer(self, call: Call) -> dict[str, Any]:
        action = (call.headers or {})["X-TC-Action"]
        if action in self.answers:
            return {"Response": self.answers[action]}
        first = int((call.body or {})["Offset"])
        page = self.rows[first : first + self.size]
        name = "TopList" if call.at else "DetailSet"
        return {"Response": {name: page, "Total": len(self.rows), "Timestamps": self.times}}

    def account(self, region: str = "cn") -> Account:
        return CONNECTOR.open(self.door, {"region": region})  # type: ignore[arg-type]


def the_day(server: Server, endpoint: str = "bill", region: str = "cn") -> Slice:
    (found,) = server.account(region).pull(endpoint, Period(DAY, DAY))
    return found


def test_a_balance_counts_fen_and_cents_abroad() -> None:
    told = {"Balance": 123456, "CashAccountBalance": 100000.0, "PresentAccountBalance": "23456"}
    server = Server(DescribeAccountBalance=told)
    (reading,) = server.account().balances()
    assert reading.amount == Money("CNY", 1_234_560_000_000)
    assert (reading.topped_up, reading.granted) == (10**12, 234_560_000_000)
    (abroad,) = server.account("intl").balances()
    assert abroad.amount == Money("USD", 1_234_560_000_000)


def test_a_bill_counts_whole_yuan() -> None:
    for written in ("0.96", 0.96):
        (charge,) = the_day(Server(row(written))).charges
        assert charge.amount == Money("CNY", 960_000_000)
    assert charge.attribution.line_item == "混元 Hy3 · 输入 tokens"
    (abroad,) = the_day(Server(row()), region="intl").charges
    assert abroad.amount.currency == "USD"


def test_only_language_models_are_of_interest() -> None:
    others = [row(BusinessCodeName="云服务器 CVM", ProductCodeName="CVM S6")]
    ours = [row(BusinessCodeName="TokenHub", ProductCodeName="DeepSeek-V4")]
    assert len(the_day(Server(*others, *ours)).charges) == 1


@pytest.mark.parametrize("size", [1, 2, 300])
def test_a_month_is_asked_for_once_however_it_is_paged(size: int) -> None:
    server = Server(row("1"), row("2", BillDay="2026-11-17"), row("4"), size=size)
    days = list(server.account().pull("bill", Period(DAY, DAY + timedelta(days=1))))
    assert [sum(c.amount.nanos for c in day.charges) for day in days] == [5 * 10**9, 2 * 10**9]
    assert len(server.door.calls) == -(-3 // size)


def test_cached_input_is_taken_off_the_input() -> None:
    (record,) = the_day(Server(model()), "tokens").records
    assert record.tokens == Tokens(input=600, cache_read=400, output=50)
    assert (record.requests, record.start.hour) == (3, 9)


def test_ten_models_a_page_are_followed_and_hours_without_use_left_out() -> None:
    models = [model(f"m{n}") for n in range(12)]
    idle = model("idle", InputTotalToken=[None], CacheTotalToken=[0], OutputTotalToken=[0])
    idle["Series"]["RequestCount"] = "[null]"
    server = Server(*models, idle, size=10)
    records = the_day(server, "tokens").records
    assert [record.attribution.model for record in records] == [f"m{n}" for n in range(12)]
    assert [(call.body or {})["Offset"] for call in server.door.calls] == [0, 10]


@pytest.mark.parametrize(
    "odd",
    [
        model(CacheTotalToken=[1001]),
        model(InputTotalToken=[1, 2]),
        model(OutputTotalToken=[-1]),
        model(OutputTotalToken=[1.5]),
        model(OutputTotalToken=None),
        {"Key": "m", "Series": {"InputTotalToken": "no list"}},
        {"Key": "m"},
    ],
)
def test_a_series_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(odd), "tokens")


def test_hours_of_other_days_are_a_surprise() -> None:
    for second in (START - 3600, START + 24 * 3600, START + 60):
        server = Server(model())
        server.times = [second]
        with pytest.raises(SurprisingAnswer):
            the_day(server, "tokens")


@pytest.mark.parametrize(
    "odd", [row(None), row("-"), row("NaN"), row(BillDay=None), row(BillDay="2026-10-16")]
)
def test_a_bill_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(odd))


def test_pages_without_an_end_are_a_loop() -> None:
    with pytest.raises(PageLoop):
        the_day(Server(DescribeBillDetail={"DetailSet": [], "Total": 5}))


def test_a_bill_that_is_still_being_made_is_no_empty_bill() -> None:
    with pytest.raises(NoAnswer):
        the_day(Server(DescribeBillDetail={"Ready": 0, "DetailSet": [], "Total": 0}))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AuthFailure.SecretIdNotFound", KeyRejected),
        ("AuthFailure.SignatureFailure", KeyRejected),
        ("AuthFailure.UnauthorizedOperation", MissingScope),
        ("UnauthorizedOperation", MissingScope),
        ("RequestLimitExceeded", RateLimited),
        ("Whatever", SurprisingAnswer),
    ],
)
def test_an_error_inside_a_good_status_is_an_error(code: str, kind: type[Exception]) -> None:
    told = {"Error": {"Code": code, "Message": "no"}}
    with pytest.raises(kind):
        Server(DescribeAccountBalance=told).account().balances()


def test_each_site_has_its_own_addresses_and_none_is_guessed() -> None:
    assert more_addresses(CONNECTOR, {"region": "intl"}, None) == {
        "tokenhub": "https://tokenhub.intl.tencentcloudapi.com"
    }
    with pytest.raises(WrongUse):
        CONNECTOR.address({}, None)
    with pytest.raises(WrongUse, match="yuan or in dollars"):
        CONNECTOR.open(Server().door, {})  # type: ignore[arg-type]
