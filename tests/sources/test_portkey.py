"""Portkey: cents are hundredths of a dollar, and idle days are not asked one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, SurprisingAnswer, WrongUse
from plimsoll.domain.usage import REPORTED_USD
from plimsoll.sources.providers.portkey import CONNECTOR, Workspace

DAY = date(2026, 11, 16)


class Server:
    """Sums of days that had requests: (requests, tokens, cents)."""

    def __init__(self, days: dict[date, tuple[Any, Any, Any]]) -> None:
        self.days = days
        self.door = FakeDoor(self.answer)
        self.account: Workspace = CONNECTOR.open(self.door, {"workspace": "w"})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        assert call["workspace_slug"] == "w"
        first, last = call["time_of_generation_min"][:10], call["time_of_generation_max"][:10]
        place = ["requests", "tokens", "cost"].index(call.path.rpartition("/")[2])
        mine = [told[place] for day, told in self.days.items() if first <= str(day) <= last]
        total = mine[0] if len(mine) == 1 else sum(mine)
        return {"object": "analytics-graph", "summary": {"total": total, "avg": 0}}


def test_cost_is_in_cents_and_an_estimate() -> None:
    (found,) = Server({DAY: (12, 5000, 3.1)}).account.pull("analytics", Period(DAY, DAY))
    (record,) = found.records
    assert (record.requests, record.tokens.total) == (12, 5000)
    assert dict(record.details)[REPORTED_USD] == "0.031"
    assert dict(record.details)["classes"] == "unknown"
    assert found.charges == ()


def test_a_stretch_without_requests_is_one_question() -> None:
    server = Server({})
    days = list(server.account.pull("analytics", Period(date(2026, 11, 1), date(2026, 12, 31))))
    assert len(server.door.calls) == 1
    assert [day.day for day in days] == list(Period(date(2026, 11, 1), NOW.date()).days())


def test_busy_days_are_found_among_idle_ones() -> None:
    busy = {DAY: (1, 10, "0.5"), DAY + timedelta(days=5): (2, 20, 1)}
    found = Server(busy).account.pull("analytics", Period(date(2026, 11, 1), NOW.date()))
    assert {day.day: day.records[0].requests for day in found if day.records} == {
        DAY: 1,
        DAY + timedelta(days=5): 2,
    }


@pytest.mark.parametrize("odd", [(-1, 1, 1), (1, 1.5, 1), (1, 1, "NaN"), (1, 1, -1), ("x", 1, 1)])
def test_a_sum_that_cannot_be_right_stores_nothing(odd: tuple[Any, Any, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="Portkey"):
        list(Server({DAY: odd}).account.pull("analytics", Period(DAY, DAY)))


def test_a_plan_without_analytics_is_told() -> None:
    def refuse(_: Call) -> dict[str, Any]:
        raise MissingScope("may not")

    account = CONNECTOR.open(FakeDoor(refuse), {"workspace": "w"})  # type: ignore[arg-type]
    with pytest.raises(MissingScope, match="Enterprise plan"):
        account.test()


def test_without_a_workspace_nothing_is_asked() -> None:
    door = FakeDoor(lambda _: {})
    account = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    with pytest.raises(WrongUse, match="which Portkey workspace"):
        account.test()
    assert door.calls == []
