"""Cursor: every event once, cents with their fractions, and a plan's own events owed nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.actors import Actors
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import PageLoop, SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import NameKind, Slice, Tokens
from plimsoll.sources.providers.cursor import CONNECTOR, EVENTS_ON_A_PAGE, Team

DAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 16, 12, 5, tzinfo=UTC)
USAGE = {"inputTokens": 100, "outputTokens": 20, "cacheWriteTokens": 30, "cacheReadTokens": 400}


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def event(at: datetime = NOON, **more: Any) -> dict[str, Any]:
    return {
        "timestamp": str(millis(at)),
        "model": "claude-sonnet-5-5",
        "kind": "Usage-based",
        "maxMode": False,
        "requestsCosts": 1.4,
        "isTokenBasedCall": True,
        "tokenUsage": {**USAGE, "totalCents": 99.0},
        "userEmail": "ada@acme.example",
        "isChargeable": True,
        "chargedCents": 12.5,
        "cursorTokenFee": 0.5,
        "isHeadless": False,
        **more,
    }


class Server:
    """Answers as the documents say, `size` events on a page whatever is asked for."""

    def __init__(self, *events: dict[str, Any], size: int = EVENTS_ON_A_PAGE) -> None:
        self.events, self.size = list(events), size
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/teams/members":
            return {"teamMembers": [{"id": 1, "name": "Ada", "email": "ada@acme.example"}]}
        if call.path == "/teams/daily-usage-data":
            raise refused(404)
        assert call.method == "POST"
        body = call.body or {}
        first, last = body["startDate"], body["endDate"]
        mine = [one for one in self.events if first <= int(one["timestamp"]) <= last]
        begun = (body["page"] - 1) * self.size
        more = begun + self.size < len(mine)
        return {
            "usageEvents": mine[begun : begun + self.size],
            "totalUsageEventsCount": len(mine),
            "pagination": {"currentPage": body["page"], "hasNextPage": more},
        }

    @property
    def account(self) -> Team:
        return CONNECTOR.open(self.door, {})  # type: ignore[arg-type]


def pulled(server: Server, period: Period | None = None) -> list[Slice]:
    return list(server.account.pull("events", period or Period(DAY, DAY)))


def test_cents_are_cents_and_keep_their_fractions() -> None:
    for written in (12.5, "12.5", "1.25e1"):
        (day,) = pulled(Server(event(chargedCents=written)))
        assert [charge.amount for charge in day.charges] == [Money("USD", 125_000_000)]
    (day,) = pulled(Server(*[event(chargedCents="0.33333333333") for _ in range(3)]))
    assert day.charges[0].amount.nanos == 10_000_000  # rounded once, not three times


def test_what_the_plan_includes_is_owed_nothing_and_is_no_gap() -> None:
    (day,) = pulled(Server(event(kind="Included in Business", isChargeable=False)))
    assert [charge.amount for charge in day.charges] == [Money("USD", 0)]
    assert day.charges[0].attribution.line_item == "Included in Business"


def test_usage_stands_on_its_hour_with_its_classes_apart() -> None:
    later = NOON + timedelta(minutes=60)
    (day,) = pulled(Server(event(), event(), event(later)))
    hours = {record.start.hour: record for record in day.records}
    assert hours[12].tokens == Tokens(input=200, cache_read=800, cache_write_5m=60, output=40)
    assert (hours[12].requests, hours[12].units, hours[13].requests) == (2, (), 1)
    assert hours[12].attribution.user == "ada@acme.example"


def test_an_event_that_is_not_counted_by_tokens_is_counted_by_requests() -> None:
    (day,) = pulled(Server(event(tokenUsage=None, requestsCosts=1.5)))
    assert day.records[0].units == (("plan_requests", Decimal("1.5")),)
    assert day.records[0].tokens == Tokens()


def test_an_instant_may_be_a_number() -> None:
    assert pulled(Server(event(timestamp=millis(NOON))))[0].records


def test_days_of_utc_are_cut_at_midnight_and_days_to_come_left_out() -> None:
    last = datetime(2026, 11, 16, 23, 59, 59, 999000, tzinfo=UTC)
    server = Server(event(last), event(last + timedelta(milliseconds=1)))
    found = {day.day: len(day.charges) for day in pulled(server, Period(DAY, date(2027, 1, 1)))}
    assert list(found) == list(Period(DAY, NOW.date()).days())
    assert [day for day, count in found.items() if count] == [DAY, date(2026, 11, 17)]


def test_a_long_period_is_asked_in_stretches_of_thirty_days() -> None:
    server = Server()
    pulled(server, Period(date(2026, 9, 1), NOW.date()))
    spans = [call.body["endDate"] - call.body["startDate"] for call in server.door.calls]  # type: ignore[index]
    assert max(spans) <= 30 * 86_400_000
    assert len(spans) == 3


@given(st.integers(1, 7), st.integers(0, 20))
def test_however_the_events_are_paged_the_day_is_the_same(size: int, count: int) -> None:
    events = [event(NOON + timedelta(minutes=n), chargedCents=n) for n in range(count)]
    assert pulled(Server(*events, size=size)) == pulled(Server(*events))


def test_pages_without_an_end_are_a_loop() -> None:
    server = Server()
    server.door.answer = lambda call: {
        "usageEvents": [],
        "pagination": {"currentPage": (call.body or {})["page"], "hasNextPage": True},
    }
    with pytest.raises(PageLoop):
        pulled(server)


def test_a_page_that_was_not_asked_for_is_a_surprise() -> None:
    server = Server()
    server.door.answer = lambda _call: {
        "usageEvents": [event()],
        "pagination": {"currentPage": 7, "hasNextPage": True},
    }
    with pytest.raises(SurprisingAnswer, match="not the page"):
        pulled(server)


@pytest.mark.parametrize(
    "odd",
    [
        {"chargedCents": None},
        {"chargedCents": "NaN"},
        {"chargedCents": -1},
        {"timestamp": "1763294700"},
        {"timestamp": True},
        {"tokenUsage": {"inputTokens": -1}},
        {"tokenUsage": []},
        {"isChargeable": "yes"},
    ],
)
def test_an_event_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    server = Server()
    server.door.answer = lambda _call: {
        "usageEvents": [event(**odd)],
        "pagination": {"hasNextPage": False},
    }
    with pytest.raises(SurprisingAnswer):
        pulled(server)


def test_an_event_of_another_day_is_a_surprise() -> None:
    server = Server()
    server.door.answer = lambda _call: {
        "usageEvents": [event(NOON - timedelta(days=1))],
        "pagination": {"hasNextPage": False},
    }
    with pytest.raises(SurprisingAnswer, match="not of the days"):
        pulled(server)


def test_members_are_named_and_prove_the_admins_key() -> None:
    (name,) = Server().account.names()
    assert (name.kind, name.id, name.name) == (NameKind.USER, "ada@acme.example", "Ada")
    findings = Server(event()).account.test()
    assert all(finding.ok for finding in findings if finding.essential)
    assert [finding.what for finding in findings if not finding.ok] == [
        "Lines that were accepted, day by day cannot be read."
    ], "a team without them is still whole"


def test_a_run_without_a_window_is_a_program_and_what_is_not_said_is_not_told() -> None:
    mute = event()
    del mute["isHeadless"]
    (day,) = pulled(
        Server(
            event(), event(isHeadless=True), mute, event(isHeadless="yes"), event(isHeadless=None)
        )
    )
    assert day.actors == Actors(person=550, program=550, not_told=3 * 550)
    assert day.actors.total == sum(record.tokens.total for record in day.records)


def test_a_day_without_events_has_nobody_who_asked() -> None:
    assert pulled(Server())[0].actors == Actors()
