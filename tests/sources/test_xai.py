"""xAI: dollars by day and model, and a credit that is told in cents with its sign turned round."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import SurprisingAnswer, WrongKeyKind, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.xai import CONNECTOR, Team

DAY = date(2026, 11, 16)
USAGE = "/v1/billing/teams/t%2F1/usage"


def series(label: str, *points: Any) -> dict[str, Any]:
    return {"groupLabels": [label], "dataPoints": list(points)}


def point(usd: Any, at: str = "2026-11-16T00:00:00Z") -> dict[str, Any]:
    return {"timestamp": at, "values": [usd]}


class Server:
    def __init__(self, *found: dict[str, Any], credit: Any = "-1000", cut: bool = False) -> None:
        self.found, self.credit, self.cut = list(found), credit, cut
        self.door = FakeDoor(self.answer)
        self.account: Team = CONNECTOR.open(self.door, {"team": "t/1"})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        if call.method == "GET":
            return {"changes": [], "total": {"val": self.credit}}
        assert call.body is not None
        grouped = bool(call.body["analyticsRequest"]["groupBy"])
        return {"timeSeries": self.found, "limitReached": self.cut and grouped}


def the_day(*found: dict[str, Any]) -> Slice:
    (day,) = Server(*found).account.pull("usage", Period(DAY, DAY))
    return day


def test_series_are_models_and_dollars_stay_dollars() -> None:
    charges = the_day(series("grok-4.7", point(1.25)), series("grok-4-1-fast", point("0.05")))
    assert {c.attribution.model: c.amount for c in charges.charges} == {
        "grok-4.7": Money("USD", 1_250_000_000),
        "grok-4-1-fast": Money("USD", 50_000_000),
    }


def test_credit_is_cents_below_zero() -> None:
    for written, nanos in (("-1000", 10 * 10**9), (-1000, 10 * 10**9), ("250", -2_500_000_000)):
        (reading,) = Server(credit=written).account.balances()
        assert reading.amount == Money("USD", nanos)
        assert reading.at == NOW
    with pytest.raises(SurprisingAnswer, match="val"):
        Server(credit=None).account.balances()


def test_a_question_is_thirty_whole_utc_days_and_its_end_is_not_in_it() -> None:
    server = Server(series("grok-4.7", point(9, "2026-11-25T00:00:00Z")))
    found = list(server.account.pull("usage", Period(date(2026, 11, 1), date(2026, 12, 31))))
    (asked,) = server.door.calls
    assert asked.path == USAGE
    assert asked.body is not None
    assert asked.body["analyticsRequest"]["timeRange"] == {
        "startTime": "2026-11-01 00:00:00",
        "endTime": "2026-11-25 00:00:00",
        "timezone": "Etc/GMT",
    }
    assert [day.day for day in found] == list(Period(date(2026, 11, 1), NOW.date()).days())
    assert not any(day.charges for day in found)


def test_an_answer_that_was_cut_is_asked_without_groups_and_never_believed() -> None:
    server = Server(cut=True)
    list(server.account.pull("usage", Period(DAY, DAY)))
    bodies = [call.body["analyticsRequest"]["groupBy"] for call in server.door.calls if call.body]
    assert bodies == [["description"], []]
    always = FakeDoor(lambda _: {"timeSeries": [], "limitReached": True})
    account = CONNECTOR.open(always, {"team": "t"})  # type: ignore[arg-type]
    with pytest.raises(SurprisingAnswer, match="not complete"):
        list(account.pull("usage", Period(DAY, DAY)))


@pytest.mark.parametrize(
    "odd",
    [
        point(None),
        point(True),
        point(1, "2026-11-16T09:00:00Z"),
        point(1, "2026-11-15T00:00:00Z"),
        {"timestamp": "2026-11-16T00:00:00Z", "values": []},
        {"timestamp": "2026-11-16T00:00:00Z", "values": [1, 2]},
        7,
    ],
    ids=str,
)
def test_a_point_that_cannot_be_right_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer, match="xAI"):
        the_day(series("grok-4.7", odd))


def test_a_point_that_comes_twice_is_refused() -> None:
    with pytest.raises(SurprisingAnswer, match="comes twice"):
        the_day(series("grok-4.7", point(1)), series("grok-4.7", point(1)))


def test_a_key_for_models_is_never_sent() -> None:
    with pytest.raises(WrongKeyKind, match="calling models"):
        CONNECTOR.key_shape.check(Secret("xai-0123456789abcdef"))
    CONNECTOR.key_shape.check(Secret("xai-token-0123456789abcdef"))
    CONNECTOR.key_shape.check(Secret("0123456789abcdef"))


def test_without_a_team_nothing_is_asked() -> None:
    door = FakeDoor(lambda _: {})
    account = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    with pytest.raises(WrongUse, match="which xAI team"):
        account.balances()
    assert door.calls == []
