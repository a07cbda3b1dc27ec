"""Together: a line's dollars are kept whole, and only what counts tokens counts as tokens."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fake_door import Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import PageLoop, SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice, Tokens
from plimsoll.sources.providers.together import CONNECTOR, Bill

DAY = date(2026, 11, 16)
INPUT = "Serverless Inference - Input Tokens"


def line(product: str = INPUT, **more: Any) -> dict[str, Any]:
    return {
        "product_name": product,
        "quantity": "1000000",
        "unit_price": "0.00000066",
        "cost": "0.66",
        "attributes": {"api_key_id": "key1"},
        "pricing_dimensions": {"model": "deepseek-ai/DeepSeek-V4-Pro"},
        **more,
    }


def window(*lines: Any, day: str = "2026-11-16") -> dict[str, Any]:
    return {"date": day, "line_items": list(lines)}


def page(*windows: Any, cursor: str | None = None, **more: Any) -> dict[str, Any]:
    head = {"object": "list", "organization_id": "org1", "currency": "USD"}
    return {**head, "data": list(windows), "next_cursor": cursor, **more}


def account(answer: Any) -> tuple[Bill, FakeDoor]:
    door = FakeDoor(answer if callable(answer) else lambda _: answer)
    return CONNECTOR.open(door, {}), door  # type: ignore[arg-type]


def the_day(*lines: Any) -> Slice:
    (found,) = account(page(window(*lines)))[0].pull("usage", Period(DAY, DAY))
    return found


def test_dollars_stay_dollars_and_the_model_stands_among_the_dimensions() -> None:
    (charge,) = the_day(line()).charges
    assert charge.amount == Money("USD", 660_000_000)
    assert (charge.attribution.model, charge.attribution.line_item) == (
        "deepseek-ai/DeepSeek-V4-Pro",
        INPUT,
    )
    assert dict(charge.details)["quantity"] == "1000000"
    (charge,) = the_day(line(pricing_dimensions={}, attributes={"model_name": "m"})).charges
    assert charge.attribution.model == "m"


def test_input_cached_input_and_output_are_billed_apart_and_counted_apart() -> None:
    (record,) = the_day(
        line(),
        line("Serverless Inference - Cached Input Tokens", quantity="100000.0"),
        line("Serverless Inference - Output Tokens", quantity=200000),
    ).records
    assert record.tokens == Tokens(input=1_000_000, cache_read=100_000, output=200_000)


@pytest.mark.parametrize(
    "other",
    [
        line("Dedicated Endpoints - H100", quantity="2", unit_price="2.99"),
        line(quantity="1.5", unit_price="0.66"),
        line(quantity="1", unit_price="0.66"),
        line("Embedding Tokens"),
    ],
    ids=str,
)
def test_hours_and_bundles_of_a_million_are_no_tokens(other: dict[str, Any]) -> None:
    found = the_day(other)
    assert found.records == ()
    assert len(found.charges) == 1


def test_pages_are_followed_within_a_month_and_a_month_is_asked_once() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.get("after"):
            return page(window(line(), day="2026-11-17"))
        return page(window(line()), cursor="more")

    bill, door = account(answer)
    found = list(bill.pull("usage", Period(DAY, date(2026, 11, 30))))
    list(bill.pull("usage", Period(DAY, DAY)))
    assert [call.get("month") for call in door.calls] == ["2026-11", "2026-11"]
    assert [day.day for day in found if day.charges] == [DAY, date(2026, 11, 17)]
    assert found[-1].day == date(2026, 11, 23)  # today is not told
    assert bill.organisation() == "org1"


def test_a_cursor_that_comes_again_is_a_loop() -> None:
    bill, _ = account(page(cursor="same"))
    with pytest.raises(PageLoop):
        list(bill.pull("usage", Period(DAY, DAY)))


@pytest.mark.parametrize(
    "body",
    [
        page(window(line(cost=None))),
        page(window(line(cost="NaN"))),
        page(window(line(quantity=None))),
        page(window(line(), day="2026-10-16")),
        page(window(line()), window(line())),
        page(window(line()), currency="EUR"),
        page(window(line()), object="error"),
        page(window(line(attributes=[]))),
    ],
    ids=range(8),
)
def test_a_bill_that_cannot_be_right_stores_nothing(body: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="Together"):
        list(account(body)[0].pull("usage", Period(DAY, DAY)))
