"""Langfuse: figures as text, no pages but halves, and an estimate that only Langfuse can make."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from fake_door import Call, FakeDoor, refused

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import NotOffered, SurprisingAnswer, WrongKeyKind
from plimsoll.domain.secret import Secret
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import REPORTED_USD, Slice
from plimsoll.sources.providers import langfuse
from plimsoll.sources.providers.langfuse import CONNECTOR, Project

DAY = date(2026, 11, 16)


def row(**more: Any) -> dict[str, Any]:
    return {
        "time_dimension": "2026-11-16T00:00:00.000Z",
        "providedModelName": "claude-sonnet-5.5",
        "sum_inputTokens": "12000",
        "sum_outputTokens": 3400,
        "sum_totalCost": "0.087",
        "count_count": "17",
        **more,
    }


class Server:
    def __init__(self, *rows: Any, newer: bool = True) -> None:
        self.rows, self.newer = list(rows), newer
        self.door = FakeDoor(self.answer)
        self.account: Project = CONNECTOR.open(self.door, {"region": "eu"})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/api/public/projects":
            return {"data": [{"id": "p1", "name": "Bot"}]}
        if call.path == "/api/public/v2/metrics" and not self.newer:
            raise refused(404)
        asked = json.loads(call["query"])
        mine = [
            one
            for one in self.rows
            if not isinstance(one, dict)
            or asked["fromTimestamp"] <= str(one["time_dimension"]) < asked["toTimestamp"]
        ]
        return {"data": mine[: asked["config"]["row_limit"]]}


def the_day(*rows: Any) -> Slice:
    (found,) = Server(*rows).account.pull("metrics", Period(DAY, DAY))
    return found


def test_figures_may_be_text_and_the_estimate_is_no_charge() -> None:
    found = the_day(row())
    (record,) = found.records
    assert record.tokens == Tokens(input=12000, output=3400)
    assert record.requests == 17
    assert (record.attribution.model, record.attribution.project) == ("claude-sonnet-5.5", "p1")
    details = dict(record.details)
    assert details["classes"] == "unknown"
    assert details[REPORTED_USD] == "0.087"
    assert found.charges == ()


def test_spans_without_a_model_are_left_out_and_unknown_models_are_no_zero() -> None:
    span = row(
        providedModelName=None, sum_inputTokens="0", sum_outputTokens="0", sum_totalCost=None
    )
    (record,) = the_day(span, row(sum_totalCost=None)).records
    assert REPORTED_USD not in dict(record.details)


def test_where_as_many_rows_come_as_may_the_days_are_halved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(langfuse, "MOST_ROWS", 3)
    days = [DAY + timedelta(days=n) for n in range(4)]
    rows = [
        row(time_dimension=f"{day}T00:00:00.000Z", providedModelName=m)
        for day in days
        for m in "ab"
    ]
    found = list(Server(*rows).account.pull("metrics", Period(days[0], days[-1])))
    assert [len(day.records) for day in found] == [2, 2, 2, 2]
    monkeypatch.setattr(langfuse, "MOST_ROWS", 2)
    with pytest.raises(SurprisingAnswer, match="more than 2 models"):
        list(Server(*rows).account.pull("metrics", Period(DAY, DAY)))


def test_an_older_server_is_asked_by_the_older_route() -> None:
    server = Server(row(), newer=False)
    list(server.account.pull("metrics", Period(DAY, DAY)))
    list(server.account.pull("metrics", Period(DAY, DAY)))
    paths = [call.path for call in server.door.calls if "metrics" in call.path]
    assert paths == ["/api/public/v2/metrics", "/api/public/metrics", "/api/public/metrics"]

    def refuse(_: Call) -> dict[str, Any]:
        raise refused(404)

    nothing = CONNECTOR.open(FakeDoor(refuse), {})  # type: ignore[arg-type]
    with pytest.raises(NotOffered):
        list(nothing.pull("metrics", Period(DAY, DAY)))


def test_whole_utc_days_are_asked() -> None:
    server = Server()
    list(server.account.pull("metrics", Period(DAY, DAY)))
    (asked,) = server.door.asked("/api/public/v2/metrics")
    query = json.loads(asked["query"])
    assert query["fromTimestamp"] == "2026-11-16T00:00:00.000Z"
    assert query["toTimestamp"] == "2026-11-17T00:00:00.000Z"
    assert query["timeDimension"] == {"granularity": "day"}


@pytest.mark.parametrize(
    "odd",
    [
        row(sum_inputTokens="x"),
        row(sum_outputTokens=-1),
        row(sum_totalCost="NaN"),
        row(sum_totalCost=-1),
        row(time_dimension="2026-11-16T05:00:00.000Z"),
        {key: value for key, value in row().items() if key != "count_count"},
        7,
    ],
    ids=range(7),
)
def test_a_row_that_cannot_be_right_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer, match="Langfuse"):
        the_day(odd)
    with pytest.raises(SurprisingAnswer, match="comes twice"):
        the_day(row(), row())


def test_the_keys_are_a_pair_with_the_public_one_first() -> None:
    shape = CONNECTOR.key_shape
    shape.check(Secret("pk-lf-0123456789:sk-lf-0123456789"))
    with pytest.raises(WrongKeyKind, match="comes first"):
        shape.check(Secret("sk-lf-0123456789:pk-lf-0123456789"))
    with pytest.raises(WrongKeyKind, match="two halves"):
        shape.check(Secret("pk-lf-0123456789"))
