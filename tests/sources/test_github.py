"""GitHub: what is owed and not what the plan includes, cut by model without losing a cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KnownError,
    MissingScope,
    NotOffered,
    SurprisingAnswer,
    WrongUse,
)
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.github import CONNECTOR, CREDITS_SINCE, Bill

DAY = date(2026, 11, 16)
CREDITS = "Copilot AI Credits"
ORG = "/organizations/acme/settings/billing"


def line(**more: Any) -> dict[str, Any]:
    return {
        "date": "2026-11-16T00:00:00Z",
        "product": "Copilot",
        "sku": CREDITS,
        "quantity": 250,
        "unitType": "ai-credits",
        "pricePerUnit": 0.01,
        "grossAmount": 2.5,
        "discountAmount": 1.0,
        "netAmount": 1.5,
        "organizationName": "acme",
        "repositoryName": "",
        **more,
    }


def part(model: str, *, used: float = 100, net: Any = 0.5, **more: Any) -> dict[str, Any]:
    return {
        "product": "Copilot",
        "sku": CREDITS,
        "model": model,
        "unitType": "ai-credits",
        "grossQuantity": used,
        "grossAmount": net,
        "discountAmount": 0,
        "netAmount": net,
        **more,
    }


class Server:
    """Answers as the documents say; `parts` are the models' lines of every day."""

    def __init__(self, *lines: dict[str, Any], parts: list[dict[str, Any]] | None = None) -> None:
        self.lines, self.parts = list(lines), parts
        self.refuse: dict[str, KnownError] = {}
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path in self.refuse:
            raise self.refuse[call.path]
        if call.path == "/user":
            return {"login": "dev", "id": 1}
        if call.path.endswith("billing/usage"):
            month = f"{call['year']}-{int(call['month']):02}"
            mine = [one for one in self.lines if str(one["date"]).startswith((month, "20261116"))]
            return {"usageItems": mine}
        if self.parts is None:
            raise refused(404)
        return {"usageItems": self.parts}

    def account(self, **settings: str) -> Bill:
        return CONNECTOR.open(self.door, settings or {"org": "acme"})  # type: ignore[arg-type]


def the_day(server: Server, day: date = DAY) -> Slice:
    (found,) = server.account().pull("usage", Period(day, day))
    return found


def by_model(found: Slice) -> dict[str | None, Money]:
    return {charge.attribution.model: charge.amount for charge in found.charges}


def test_what_is_owed_is_the_net_amount_and_dollars_stay_dollars() -> None:
    for written in (1.5, "1.5", "1.50e0"):
        (charge,) = the_day(Server(line(netAmount=written))).charges
        assert charge.amount == Money("USD", 1_500_000_000)
    assert dict(charge.details)["grossAmount"] == "2.5"
    assert charge.attribution.line_item == CREDITS


def test_credits_are_units_of_the_day_and_no_tokens() -> None:
    (record,) = the_day(Server(line())).records
    assert record.units == (("ai_credits", Decimal(250)),)
    assert record.tokens.total == 0


def test_only_copilot_and_models_are_of_interest() -> None:
    others = [line(product="Actions"), line(product="Git LFS"), line(product="Packages")]
    ours = [line(product="Models", sku="Models"), line(product="copilot", sku="Seats")]
    found = the_day(Server(*others, *ours))
    assert [charge.attribution.line_item for charge in found.charges] == ["Models", "Seats"]


def test_a_line_is_cut_by_model_where_the_models_sum_to_it() -> None:
    parts = [part("Claude Sonnet 5.5", used=200, net=1.0), part("GPT-5.6", used=50, net=0.5)]
    found = the_day(Server(line(), line(sku="Seats", unitType="user-months"), parts=parts))
    assert by_model(found) == {
        "Claude Sonnet 5.5": Money("USD", 10**9),
        "GPT-5.6": Money("USD", 500_000_000),
        None: Money("USD", 1_500_000_000),  # the seats
    }


def test_what_the_models_leave_stays_without_one() -> None:
    found = the_day(Server(line(), parts=[part("GPT-5.6", used=50, net=0.5)]))
    assert by_model(found) == {"GPT-5.6": Money("USD", 500_000_000), None: Money("USD", 10**9)}
    assert sum(quantity for r in found.records for _, quantity in r.units) == 250


def test_models_that_claim_more_than_the_line_are_not_believed() -> None:
    for claim in (part("GPT-5.6", net=1.6), part("GPT-5.6", used=251)):
        found = the_day(Server(line(), parts=[claim]))
        assert by_model(found) == {None: Money("USD", 1_500_000_000)}


@given(
    nets=st.lists(st.decimals(0, 3, places=4), max_size=4),
    owed=st.decimals(0, 5, places=2),
)
def test_however_a_line_is_cut_it_sums_to_the_line(nets: list[Decimal], owed: Decimal) -> None:
    parts = [part(f"model {n}", used=1, net=str(net)) for n, net in enumerate(nets)]
    found = the_day(Server(line(netAmount=str(owed)), parts=parts))
    assert sum(charge.amount.nanos for charge in found.charges) == int(owed * 10**9)
    assert sum(quantity for r in found.records for _, quantity in r.units) == 250


def test_each_era_is_asked_for_its_own_models_and_a_refusal_only_once() -> None:
    eras = {
        CREDITS_SINCE: "ai_credit",
        CREDITS_SINCE - timedelta(days=1): "premium_request",
    }
    for day, era in eras.items():
        server = Server(line(date=day.isoformat(), unitType="requests"), parts=[])
        the_day(server, day)
        (asked,) = [call for call in server.door.calls if not call.path.endswith("billing/usage")]
        assert asked.path == f"{ORG}/{era}/usage"
        assert (asked["year"], asked["month"], asked["day"]) == (
            str(day.year),
            str(day.month),
            str(day.day),
        )
    server = Server(line(), line(date="2026-11-17T00:00:00Z"))
    days = list(server.account().pull("usage", Period(DAY, date(2026, 11, 17))))
    assert [len(day.charges) for day in days] == [1, 1]
    assert len(server.door.asked(f"{ORG}/ai_credit/usage")) == 1


def test_a_month_is_one_answer_and_days_to_come_are_left_out() -> None:
    server = Server(line())
    days = list(server.account().pull("usage", Period(date(2026, 10, 30), date(2026, 12, 31))))
    assert [day.day for day in days] == list(Period(date(2026, 10, 30), NOW.date()).days())
    assert len(server.door.asked(f"{ORG}/usage")) == 2
    assert [day.day for day in days if day.charges] == [DAY]


def test_the_report_reaches_back_two_years() -> None:
    assert Server().account().endpoints[0].reach == date(2024, 12, 1)


def test_without_a_setting_the_bill_is_that_of_the_tokens_own_user() -> None:
    server = Server(line())
    account = CONNECTOR.open(server.door, {})  # type: ignore[arg-type]
    list(account.pull("usage", Period(DAY, DAY)))
    assert server.door.asked("/users/dev/settings/billing/usage")
    assert account.organisation() == "users/dev"
    assert server.account(enterprise="Big Co").organisation() == "enterprises/big%20co"


@pytest.mark.parametrize("refusal", [refused(404), MissingScope("may not", remedy="ask")])
def test_a_refused_user_is_told_where_a_companys_seat_is_billed(refusal: KnownError) -> None:
    server = Server()
    server.refuse["/users/dev/settings/billing/usage"] = refusal
    account = CONNECTOR.open(server.door, {})  # type: ignore[arg-type]
    with pytest.raises((NotOffered, MissingScope)) as caught:
        account.test()
    assert "--set org=NAME" in caught.value.remedy


def test_an_answer_that_is_no_bill_proves_nothing() -> None:
    server = Server()
    server.door = FakeDoor(lambda _call: {"error": {"message": "try later"}})
    with pytest.raises(SurprisingAnswer, match="usageItems"):
        server.account().test()


def test_two_bills_at_once_are_refused() -> None:
    with pytest.raises(WrongUse, match="two bills"):
        CONNECTOR.address({"org": "a", "enterprise": "b"}, None)


@pytest.mark.parametrize(
    "odd",
    [
        {"netAmount": None},
        {"netAmount": "NaN"},
        {"quantity": -1},
        {"quantity": None},
        {"date": "2026-11-16T09:00:00Z"},
        {"date": "2026-11-31"},
        {"date": 20261116},
        {"sku": None},
        {"product": 7},
    ],
)
def test_a_line_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(line(**{"date": "2026-11-16", **odd})))


def test_a_day_of_another_month_is_a_surprise() -> None:
    server = Server()
    server.answer = lambda _call: {"usageItems": [line(date="2026-10-16")]}  # type: ignore[method-assign]
    server.door.answer = server.answer
    with pytest.raises(SurprisingAnswer, match="not of the month"):
        the_day(server)
