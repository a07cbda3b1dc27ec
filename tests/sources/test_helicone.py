"""Helicone: single calls, each counted once however the time is halved, and not their words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import SurprisingAnswer, WrongKeyKind, WrongUse
from plimsoll.domain.secret import Secret
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import REPORTED_USD, Slice
from plimsoll.sources.providers import helicone
from plimsoll.sources.providers.helicone import CONNECTOR, Organisation

DAY = date(2026, 11, 16)
NOON = day_start(DAY) + timedelta(hours=12)


def call(number: int = 1, at: datetime = NOON, **more: Any) -> dict[str, Any]:
    return {
        "request_id": f"r{number}",
        "request_created_at": at.isoformat().replace("+00:00", "Z"),
        "model": "claude-sonnet-5.5",
        "provider": "ANTHROPIC",
        "prompt_tokens": 1200,
        "completion_tokens": 340,
        "prompt_cache_read_tokens": 5000,
        "prompt_cache_write_tokens": None,
        "cost": 0.0102,
        "request_body": "a question",
        **more,
    }


class Server:
    def __init__(self, *calls: Any) -> None:
        self.calls = list(calls)
        self.door = FakeDoor(self.answer)
        self.account: Organisation = CONNECTOR.open(self.door, {"region": "us"})  # type: ignore[arg-type]

    def answer(self, asked: Call) -> dict[str, Any]:
        assert asked.body is not None
        sides = [asked.body["filter"][side]["request_response_rmt"] for side in ("left", "right")]
        start = datetime.fromisoformat(sides[0]["request_created_at"]["gte"])
        end = datetime.fromisoformat(sides[1]["request_created_at"]["lt"])
        mine = [
            one
            for one in self.calls
            if start <= datetime.fromisoformat(one["request_created_at"]) < end
        ]
        return {"data": mine[: asked.body["limit"]], "error": None}


def the_day(*calls: Any) -> Slice:
    (found,) = Server(*calls).account.pull("requests", Period(DAY, DAY))
    return found


def test_calls_of_an_hour_and_model_are_summed_and_the_estimate_is_no_charge() -> None:
    found = the_day(call(1), call(2, NOON + timedelta(minutes=59)), call(3, model="gpt-5.4"))
    claude, gpt = found.records
    assert claude.tokens == Tokens(2400, 10000, 0, 0, 680)
    assert claude.requests == 2
    assert dict(claude.details)[REPORTED_USD] == "0.0204"
    assert dict(claude.details)["provider"] == "anthropic"
    assert gpt.attribution.model == "gpt-5.4"
    assert (claude.start, claude.end) == (NOON, NOON + timedelta(hours=1))
    assert found.charges == ()
    assert "question" not in repr(found)


def test_dollars_are_not_something_smaller() -> None:
    with pytest.raises(SurprisingAnswer, match="more than any call"):
        the_day(call(cost=10_200_000))
    assert REPORTED_USD not in dict(the_day(call(cost=None)).records[0].details)
    assert REPORTED_USD not in dict(the_day(call(cost=0)).records[0].details)


@given(seconds=st.lists(st.integers(0, 3 * 86400 - 1), max_size=40, unique=True))
def test_however_the_time_is_halved_every_call_is_counted_once(seconds: list[int]) -> None:
    calls = [
        call(n, day_start(DAY) + timedelta(seconds=second)) for n, second in enumerate(seconds)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(helicone, "MOST_ROWS", 4)
        found = list(Server(*calls).account.pull("requests", Period(DAY, DAY + timedelta(days=2))))
    assert sum(record.requests or 0 for day in found for record in day.records) == len(calls)
    dollars = [Decimal(dict(r.details)[REPORTED_USD]) for day in found for r in day.records]
    assert sum(dollars, Decimal(0)) == len(calls) * Decimal("0.0102")


def test_more_calls_of_one_second_than_are_told_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(helicone, "MOST_ROWS", 3)
    with pytest.raises(SurprisingAnswer, match="more calls of one second"):
        the_day(*(call(n) for n in range(3)))


def test_days_to_come_are_left_out() -> None:
    found = list(Server().account.pull("requests", Period(DAY, date(2026, 12, 31))))
    assert [day.day for day in found] == list(Period(DAY, NOW.date()).days())


@pytest.mark.parametrize(
    "odd",
    [
        call(prompt_tokens=-1),
        call(completion_tokens="340"),
        call(cost="NaN"),
        call(cost=-1),
        call(request_id=None),
        call(at=datetime(2026, 11, 17, tzinfo=UTC)),
        {**call(), "request_created_at": "2026-11-16 12:00:00"},
        7,
    ],
    ids=range(8),
)
def test_a_call_that_cannot_be_right_stores_nothing(odd: Any) -> None:
    door = FakeDoor(lambda _: {"data": [odd], "error": None})
    account = CONNECTOR.open(door, {"region": "us"})  # type: ignore[arg-type]
    with pytest.raises(SurprisingAnswer, match="Helicone"):
        list(account.pull("requests", Period(DAY, DAY)))


@pytest.mark.parametrize(
    "body",
    [
        {"data": None, "error": "no"},
        {"data": [], "error": "no"},
        {"data": [call(), call()], "error": None},
    ],
    ids=range(3),
)
def test_an_error_inside_an_answer_and_a_call_twice_are_refused(body: dict[str, Any]) -> None:
    account = CONNECTOR.open(FakeDoor(lambda _: body), {"region": "us"})  # type: ignore[arg-type]
    with pytest.raises(SurprisingAnswer, match="Helicone"):
        list(account.pull("requests", Period(DAY, DAY)))


def test_each_site_has_its_address_and_a_public_key_is_never_sent() -> None:
    assert CONNECTOR.address({"region": "eu"}, None) == "https://eu.api.helicone.ai"
    with pytest.raises(WrongUse, match="region=us"):
        CONNECTOR.address({}, None)
    with pytest.raises(WrongKeyKind, match="only writes"):
        CONNECTOR.key_shape.check(Secret("pk-helicone-0123456789"))
