"""Poe: calls of thirty days cut into whole days; dollars that are missing are no zero."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period, day_start, utc_day
from plimsoll.domain.errors import PageLoop, SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.poe import CONNECTOR, WHOLE_DAYS, History

DAY = date(2026, 11, 16)


def micros(at: datetime) -> int:
    return round(at.timestamp()) * 10**6


def call(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "query_id": f"q{number}",
        "creation_time": micros(at),
        "bot_name": "Claude-Sonnet-5.5",
        "usage_type": "API",
        "cost_points": 6554,
        "cost_usd": "0.19662",
        **more,
    }


class Server:
    """Pages of `size` calls, newest first."""

    def __init__(self, *calls: dict[str, Any], size: int = 100, points: str = "bought") -> None:
        self.calls, self.size = list(calls), size
        self.door = FakeDoor(self.answer)
        self.account: History = CONNECTOR.open(self.door, {"points": points})  # type: ignore[arg-type]

    def answer(self, asked: Call) -> dict[str, Any]:
        if asked.path == "/usage/current_balance":
            return {"current_point_balance": 1500}
        after = asked.get("starting_after")
        ids = [one["query_id"] for one in self.calls]
        first = ids.index(after) + 1 if after else 0
        page = self.calls[first : first + self.size]
        more = first + self.size < len(self.calls)
        return {"has_more": more, "length": len(page), "data": page}


def noon(day: date) -> datetime:
    return day_start(day) + timedelta(hours=12)


def the_day(*calls: dict[str, Any]) -> Slice:
    (found,) = Server(*calls).account.pull("points", Period(DAY, DAY))
    return found


def test_a_days_calls_are_summed_by_bot_and_kind_in_dollars_and_points() -> None:
    found = the_day(
        call(3, noon(DAY)),
        call(2, noon(DAY), cost_usd=0.20049, cost_points=6683),
        call(1, noon(DAY), bot_name="Claude-Haiku-5", usage_type="Chat"),
    )
    assert {(c.attribution.model, c.attribution.line_item): c.amount for c in found.charges} == {
        ("Claude-Sonnet-5.5", "API"): Money("USD", 397_110_000),
        ("Claude-Haiku-5", "Chat"): Money("USD", 196_620_000),
    }
    first, second = found.records
    assert (first.requests, first.units) == (2, (("points", Decimal(13237)),))
    assert (second.requests, second.tokens.total) == (1, 0)


def test_microseconds_are_not_milliseconds() -> None:
    for odd in (micros(noon(DAY)) // 1000, "now", None, 17.5):
        with pytest.raises(SurprisingAnswer, match="microseconds"):
            the_day(call(1, noon(DAY), creation_time=odd))


def test_a_call_without_dollars_is_not_priced_and_no_zero() -> None:
    found = the_day(call(2, noon(DAY)), call(1, noon(DAY), cost_usd=None))
    assert [charge.amount.nanos for charge in found.charges] == [196_620_000]
    assert [record.billed_elsewhere for record in found.records] == [False, True]


def test_what_a_subscription_includes_costs_nothing_on_top_and_its_dollars_are_kept() -> None:
    server = Server(call(1, noon(DAY)), points="plan")
    (found,) = server.account.pull("points", Period(DAY, DAY))
    (charge,) = found.charges
    assert charge.amount == Money("USD", 0)
    assert dict(charge.details) == {"included_usd": "0.19662"}
    assert found.records == the_day(call(1, noon(DAY))).records


def test_points_that_were_given_back_leave_no_units() -> None:
    found = the_day(call(1, noon(DAY), cost_points=-50, cost_usd="-0.0015"))
    assert found.records[0].units == ()
    assert found.charges[0].amount == Money("USD", -1_500_000)


def test_a_day_that_has_lost_its_beginning_is_left_out() -> None:
    oldest = utc_day(NOW) - timedelta(days=WHOLE_DAYS)
    server = Server(call(1, noon(oldest - timedelta(days=1))))
    assert server.account.endpoints[0].reach == oldest
    found = list(server.account.pull("points", Period(date(2026, 1, 1), date(2027, 1, 1))))
    assert [found[0].day, found[-1].day] == [oldest, NOW.date()]
    assert oldest - (NOW - timedelta(days=30)).date() == timedelta(days=1)


def test_pages_are_read_no_further_than_needed_and_only_once() -> None:
    days = [DAY - timedelta(days=n) for n in range(10)]
    server = Server(*(call(n, noon(day)) for n, day in enumerate(days)), size=2)
    list(server.account.pull("points", Period(DAY, DAY)))
    assert len(server.door.calls) == 1
    list(server.account.pull("points", Period(days[3], DAY)))
    assert len(server.door.calls) == 3
    list(server.account.pull("points", Period(days[3], DAY)))
    assert len(server.door.calls) == 3


@given(
    hours=st.lists(st.integers(0, 24 * 20), max_size=30),
    size=st.integers(1, 7),
    usd=st.decimals(0, 2, places=6),
)
def test_whatever_the_pages_every_call_is_counted_once(
    hours: list[int], size: int, usd: Decimal
) -> None:
    at = sorted((NOW - timedelta(hours=hour) for hour in hours), reverse=True)
    server = Server(*(call(n, when, cost_usd=str(usd)) for n, when in enumerate(at)), size=size)
    found = list(server.account.pull("points", Period(date(2026, 11, 1), NOW.date())))
    assert sum(record.requests or 0 for day in found for record in day.records) == len(hours)
    billed = sum(charge.amount.nanos for day in found for charge in day.charges)
    assert billed == len(hours) * int(usd * 10**9)


def test_a_page_that_comes_again_is_a_loop() -> None:
    server = Server(*(call(n, noon(DAY)) for n in range(4)), size=2)
    door = FakeDoor(lambda asked: server.answer(Call(asked.path, ())))
    account = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    with pytest.raises(PageLoop):
        list(account.pull("points", Period(DAY, DAY)))


def test_calls_out_of_order_or_of_the_future_are_refused() -> None:
    for calls in (
        [call(1, noon(DAY)), call(2, noon(DAY) + timedelta(hours=1))],
        [call(1, NOW + timedelta(days=2))],
    ):
        with pytest.raises(SurprisingAnswer, match="out of order"):
            the_day(*calls)


@pytest.mark.parametrize(
    "odd", [{"cost_points": "6554"}, {"cost_points": None}, {"cost_usd": "much"}, {"query_id": ""}]
)
def test_a_call_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(call(1, noon(DAY), **odd))


def test_points_are_no_balance_and_are_told_by_the_test() -> None:
    account = Server().account
    assert account.balances() == ()
    assert "1,500 points" in account.test()[1].what


def test_long_ago_is_not_asked_for() -> None:
    server = Server()
    assert list(server.account.pull("points", Period(date(2026, 1, 1), date(2026, 1, 31)))) == []
    assert server.door.calls == []
