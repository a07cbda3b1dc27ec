"""Cloudflare: refusals inside HTTP 200, hours in halves, and only what somebody was asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import KeyRejected, MissingScope, SurprisingAnswer, WrongUse
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import REPORTED_USD
from plimsoll.sources.providers import cloudflare
from plimsoll.sources.providers.cloudflare import CONNECTOR, Account

DAY = date(2026, 11, 16)


def row(hour: str = "2026-11-16T09:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "count": 12,
        "sum": {"cost": 0.031, "uncachedTokensIn": 5000, "uncachedTokensOut": 700},
        "dimensions": {
            "datetimeHour": hour,
            "gateway": "site",
            "model": "gpt-5.4-mini",
            "provider": "openai",
        },
        **more,
    }


def answer(*rows: Any) -> dict[str, Any]:
    return {"data": {"viewer": {"accounts": [{"rows": list(rows)}]}}, "errors": None}


class Server:
    def __init__(self, *rows: Any) -> None:
        self.rows = list(rows)
        self.door = FakeDoor(self.answer)
        self.account: Account = CONNECTOR.open(self.door, {"account": "a1"})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        assert call.body is not None
        asked = call.body["variables"]
        mine = [
            one
            for one in self.rows
            if asked["from"] <= one["dimensions"]["datetimeHour"] <= asked["to"]
        ]
        return answer(*mine[: asked["limit"]])


def opened(body: dict[str, Any]) -> Account:
    return CONNECTOR.open(FakeDoor(lambda _: body), {"account": "a1"})  # type: ignore[arg-type]


def test_an_hour_is_an_hour_and_the_estimate_is_no_charge() -> None:
    (found,) = Server(row()).account.pull("analytics", Period(DAY, DAY))
    (record,) = found.records
    assert record.end - record.start == timedelta(hours=1)
    assert record.start == day_start(DAY) + timedelta(hours=9)
    assert record.tokens == Tokens(input=5000, output=700)
    assert (record.attribution.model, record.attribution.project) == ("gpt-5.4-mini", "site")
    assert dict(record.details)[REPORTED_USD] == "0.031"
    assert dict(record.details)["classes"] == "unknown"
    assert found.charges == ()


def test_what_the_gateways_own_cache_answered_is_not_asked_for() -> None:
    server = Server(row())
    list(server.account.pull("analytics", Period(DAY, DAY)))
    (asked,) = server.door.calls
    assert asked.body is not None
    assert "uncachedTokensIn" in asked.body["query"]
    assert " cachedTokensIn" not in asked.body["query"]


def test_where_as_many_rows_come_as_may_the_hours_are_halved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cloudflare, "MOST_ROWS", 3)
    hours = [day_start(DAY) + timedelta(hours=n) for n in range(48)]
    rows = [row(f"{hour:%Y-%m-%dT%H:%M:%SZ}") for hour in hours]
    server = Server(*rows)
    found = list(server.account.pull("analytics", Period(DAY, DAY + timedelta(days=1))))
    assert [len(day.records) for day in found] == [24, 24]
    assert [r.start for day in found for r in day.records] == hours
    monkeypatch.setattr(cloudflare, "MOST_ROWS", 1)
    with pytest.raises(SurprisingAnswer, match="more rows of one hour"):
        list(Server(*rows).account.pull("analytics", Period(DAY, DAY)))


def test_days_before_the_last_weeks_are_left_out_and_not_empty() -> None:
    server = Server()
    days = list(server.account.pull("analytics", Period(date(2026, 1, 1), date(2026, 12, 31))))
    assert days[0].day == server.account.endpoints[0].reach == date(2026, 10, 25)
    assert days[-1].day == NOW.date()


@pytest.mark.parametrize(
    ("code", "kind"),
    [("authz", MissingScope), ("authn", KeyRejected), ("budget", SurprisingAnswer)],
)
def test_a_refusal_inside_an_answer_is_one_and_its_words_are_not_repeated(
    code: str, kind: type[Exception]
) -> None:
    error = {"message": "secret words", "extensions": {"code": code}}
    for body in ({"data": None, "errors": [error]}, {**answer(row()), "errors": [error]}):
        with pytest.raises(kind) as caught:
            list(opened(body).pull("analytics", Period(DAY, DAY)))
        assert "secret" not in str(caught.value)
    with pytest.raises(SurprisingAnswer, match="without a code"):
        opened({"data": None, "errors": [{"message": "secret words"}]}).test()


def test_an_account_that_the_token_does_not_see_is_a_missing_permission() -> None:
    with pytest.raises(MissingScope, match="sees no such"):
        opened({"data": {"viewer": {"accounts": []}}}).test()


@pytest.mark.parametrize(
    "odd",
    [
        row(count=-1),
        row(sum=None),
        row(sum={"cost": "NaN", "uncachedTokensIn": 1, "uncachedTokensOut": 1}),
        row(sum={"cost": 1, "uncachedTokensIn": 1.5, "uncachedTokensOut": 1}),
        row("2026-11-16T09:30:00Z"),
        row("2026-11-17T09:00:00Z"),
        row(dimensions={}),
        7,
    ],
    ids=range(8),
)
def test_a_row_that_cannot_be_right_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer, match="Cloudflare"):
        list(opened(answer(odd)).pull("analytics", Period(DAY, DAY)))
    with pytest.raises(SurprisingAnswer, match="comes twice"):
        list(opened(answer(row(), row())).pull("analytics", Period(DAY, DAY)))


def test_without_an_account_nothing_is_asked() -> None:
    door = FakeDoor(lambda _: answer())
    account = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    with pytest.raises(WrongUse, match="which Cloudflare account"):
        account.test()
    assert door.calls == []


def test_long_ago_is_not_asked_for() -> None:
    server = Server()
    assert list(server.account.pull("analytics", Period(date(2026, 1, 1), date(2026, 1, 31)))) == []
    assert server.door.calls == []
