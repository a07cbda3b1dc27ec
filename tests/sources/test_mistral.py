"""Mistral: what is paid times the price that stands beside it, and no missing price a zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.money import Money, nanos_of
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.mistral import CONNECTOR, Organisation

DAY = date(2026, 11, 16)


def entry(group: str = "input", value: Any = 1_000_000, paid: Any = None, **more: Any) -> Any:
    return {
        "event_type": "api_tokens",
        "billing_metric": "mistral-large-latest",
        "billing_group": group,
        "timestamp": "2026-11-16",
        "value": value,
        "value_paid": value if paid is None else paid,
        **more,
    }


def price(group: str, amount: Any, metric: str = "mistral-large-latest") -> dict[str, Any]:
    told = {"event_type": "api_tokens", "billing_metric": metric, "billing_group": group}
    return {**told, "price": amount}


PRICES = [price("input", "0.0000017"), price("cached", "0.00000017"), price("output", "0.0000051")]


def body(lanes: Any = None, **more: Any) -> dict[str, Any]:
    models = {"mistral-large-latest": lanes} if lanes is not None else {}
    empty = dict.fromkeys(("ocr", "audio", "connectors", "libraries_api", "fine_tuning"))
    head = {"currency": "EUR", "vibe_usage": 12.5, "prices": PRICES}
    return {**head, **empty, "completion": {"models": models}, **more}


def account(answer: dict[str, Any]) -> tuple[Organisation, FakeDoor]:
    door = FakeDoor(lambda _: answer)
    return CONNECTOR.open(door, {}), door  # type: ignore[arg-type]


def the_day(answer: dict[str, Any]) -> Slice:
    (found,) = account(answer)[0].pull("usage", Period(DAY, DAY))
    return found


def test_an_entry_costs_what_is_paid_of_it_times_its_price_in_the_answers_currency() -> None:
    found = the_day(body({"input": [entry(value=1_000_000, paid=400_000)]}))
    (charge,) = found.charges
    assert charge.amount == Money("EUR", 680_000_000)
    assert charge.text == "400000 x 0.0000017"
    assert charge.attribution.line_item == "completion input"
    assert found.records[0].tokens == Tokens(input=1_000_000)


def test_lanes_are_disjoint_classes() -> None:
    lanes = {
        "input": [entry()],
        "cached": [entry("cached", 200_000)],
        "output": [entry("output", 50_000)],
    }
    found = the_day(body(lanes))
    assert found.records[0].tokens == Tokens(input=1_000_000, cache_read=200_000, output=50_000)
    assert sum(charge.amount.nanos for charge in found.charges) == 1_989_000_000


@given(paid=st.integers(0, 10**9), amount=st.decimals(0, 1, places=12))
def test_an_amount_is_rounded_once(paid: int, amount: Decimal) -> None:
    answer = body({"input": [entry(value=paid)]}, prices=[price("input", str(amount))])
    assert the_day(answer).charges[0].amount.nanos == nanos_of(paid * amount)


def test_what_is_paid_and_has_no_price_is_no_zero_but_what_is_free_is() -> None:
    with pytest.raises(SurprisingAnswer, match="has no price"):
        the_day(body({"output": [entry("nobody's")]}))
    (charge,) = the_day(body({"output": [entry("nobody's", 5, 0)]})).charges
    assert charge.amount.nanos == 0


def test_pages_and_seconds_are_money_and_no_tokens() -> None:
    pages = {"models": {"mistral-ocr": {"input": [entry("pages", 12, billing_metric="ocr")]}}}
    libraries = {"pages": pages, "tokens": {"models": None}}
    training = {"training": {"m": {"input": [entry("pages", 5, billing_metric="ocr")]}}}
    answer = body(
        None,
        ocr=pages,
        libraries_api=libraries,
        fine_tuning=training,
        prices=[price("pages", "0.001", "ocr")],
    )
    found = the_day(answer)
    assert found.records == ()
    assert {c.attribution.line_item: c.amount.nanos for c in found.charges} == {
        "ocr input": 12_000_000,
        "libraries_api pages input": 12_000_000,
        "fine_tuning training input": 5_000_000,
    }


def test_a_month_is_one_question_and_days_to_come_are_left_out() -> None:
    organisation, door = account(body({"input": [entry()]}))
    found = list(organisation.pull("usage", Period(date(2026, 11, 1), date(2026, 12, 31))))
    assert [day.day for day in found] == list(Period(date(2026, 11, 1), NOW.date()).days())
    assert [day.day for day in found if day.charges] == [DAY]
    assert [(call["month"], call["year"]) for call in door.calls] == [("11", "2026")]


@pytest.mark.parametrize("stamp", ["2026-11-16T00:00:00Z", "2026-11-16T22:30:00+00:00"])
def test_a_time_of_the_day_is_the_utc_day(stamp: str) -> None:
    assert len(the_day(body({"input": [entry(timestamp=stamp)]})).charges) == 1


@pytest.mark.parametrize(
    "odd",
    [
        body({"input": [entry(timestamp="2026-10-16")]}),
        body({"input": [entry(timestamp=None)]}),
        body({"input": [entry(value=-1)]}),
        body({"input": [entry(paid="much")]}),
        body({"input": {}}),
        body([]),
        body({"input": [entry()]}, currency=None),
        body({"input": [entry()]}, currency="euro"),
        body({"input": [entry()]}, prices=None),
        body({"input": [entry()]}, prices=[price("input", "NaN")]),
        {"currency": "EUR", "prices": []},
    ],
    ids=range(11),
)
def test_an_answer_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="Mistral"):
        the_day(odd)


def test_the_month_is_asked_by_number() -> None:
    def answer(call: Call) -> dict[str, Any]:
        assert call.path == "/usage"
        return body()

    CONNECTOR.open(FakeDoor(answer), {}).test()  # type: ignore[arg-type]
