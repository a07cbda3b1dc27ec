"""MiniMax: what is called usage is what is left, zero of zero is nothing, percents are real."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from fake_door import Call, FakeDoor, refused

from plimsoll.domain.errors import (
    KeyRejected,
    NotOffered,
    OddValue,
    RateLimited,
    SurprisingAnswer,
    WrongKeyKind,
    WrongUse,
)
from plimsoll.domain.secret import Secret
from plimsoll.sources.providers.minimax import CONNECTOR, Plan

NEW, OLD = "/token_plan/remains", "/api/openplatform/coding_plan/remains"
ENDS = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def row(name: str = "general", **more: Any) -> dict[str, Any]:
    return {
        "model_name": name,
        "start_time": 1795521600000,
        "end_time": 1795539600000,
        "current_interval_total_count": 0,
        "current_interval_usage_count": 0,
        "current_interval_remaining_percent": 96,
        **more,
    }


def body(*rows: dict[str, Any], code: Any = 0) -> dict[str, Any]:
    return {"base_resp": {"status_code": code, "status_msg": "…"}, "model_remains": list(rows)}


def plan(answers: dict[str, Any]) -> Plan:
    def answer(call: Call) -> dict[str, Any]:
        if call.path not in answers:
            raise refused(404)
        found: dict[str, Any] = answers[call.path]
        return found

    return CONNECTOR.open(FakeDoor(answer), {"region": "cn"})  # type: ignore[arg-type]


def quotas(*rows: dict[str, Any]) -> list[tuple[str, str, Decimal | None]]:
    found = tuple(plan({NEW: body(*rows)}).quotas())
    return [(one.name, one.window, one.share) for one in found]


@pytest.mark.parametrize("left", [96, "96", 96.0])
def test_what_is_left_in_percent_is_turned_into_what_is_used(left: Any) -> None:
    told = row(current_interval_remaining_percent=left)
    assert quotas(told) == [("Token plan", "5 hours", Decimal("4.0"))]


def test_nothing_left_is_all_used() -> None:
    week = row(current_weekly_remaining_percent=0, weekly_end_time=1795539600000)
    _, reading = plan({NEW: body(week)}).quotas()
    assert (reading.window, reading.share, reading.resets_at) == ("week", Decimal("100.0"), ENDS)


def test_what_is_called_usage_is_what_is_left() -> None:
    counts = {"current_interval_total_count": 4500, "current_interval_usage_count": 4493}
    told = row("MiniMax-M2", current_interval_remaining_percent=None, **counts)
    (reading,) = plan({NEW: body(told)}).quotas()
    assert (reading.used, reading.limit) == (Decimal(7), Decimal(4500))
    assert (reading.name, reading.share) == ("MiniMax-M2", Decimal("0.2"))
    assert reading.resets_at == ENDS


def test_a_percentage_is_believed_before_any_count() -> None:
    counts = {"current_interval_total_count": 100, "current_interval_usage_count": 40}
    told = row(current_interval_remaining_percent=60, **counts)
    assert quotas(told) == [("Token plan", "5 hours", Decimal("40.0"))]


def test_a_week_without_a_cap_and_a_lane_that_is_not_in_the_plan_are_left_out() -> None:
    none = {"current_interval_status": 3, "current_interval_remaining_percent": 100}
    uncapped = {"current_weekly_status": 3, "current_weekly_remaining_percent": 100}
    assert quotas(row("video", **none, **uncapped), row(**uncapped)) == [
        ("Token plan", "5 hours", Decimal("4.0"))
    ]


@pytest.mark.parametrize(
    "odd",
    [
        row(current_interval_remaining_percent=None),
        row(current_interval_remaining_percent=101),
        row(current_interval_remaining_percent=-1),
        row(current_interval_remaining_percent="all"),
        row(end_time=None),
        row(end_time=1795521600000),
        row(end_time=1795539600),
        row(None),  # type: ignore[arg-type]
        row(
            current_interval_remaining_percent=None,
            current_interval_total_count=10,
            current_interval_usage_count=11,
        ),
    ],
)
def test_a_row_that_cannot_be_right_costs_its_own_window_only(odd: dict[str, Any]) -> None:
    told = plan({NEW: body(row("one"), odd, row("other"))}).quotas()
    assert [next(told).name, next(told).name] == ["one", "other"]
    with pytest.raises(OddValue, match=r"model_remains\[1\]"):
        next(told)


def test_the_older_route_is_asked_where_the_newer_one_is_not_there() -> None:
    whole = {"data": body(row(), code="0")}
    assert len(tuple(plan({OLD: whole}).quotas())) == 1
    with pytest.raises(NotOffered):
        tuple(plan({}).quotas())


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1004, KeyRejected), ("2049", KeyRejected), (1002, RateLimited), (9, SurprisingAnswer)],
)
def test_a_refusal_inside_an_answer_is_a_refusal(code: Any, kind: type[Exception]) -> None:
    answers = {NEW: body(row(), code=code), OLD: body(row(), code=code)}
    with pytest.raises(kind):
        tuple(plan(answers).quotas())


def test_a_refused_key_is_told_of_the_other_site() -> None:
    with pytest.raises(KeyRejected, match="the other way round"):
        plan({NEW: body(code=1004), OLD: body(code=1004)}).test()


def test_a_refusal_one_level_deeper_is_one_too() -> None:
    with pytest.raises(SurprisingAnswer):
        tuple(plan({NEW: {"data": body(row(), code=1004)}}).quotas())


def test_a_key_that_pays_by_the_token_is_known_by_its_looks() -> None:
    with pytest.raises(WrongKeyKind, match="pays by the token"):
        CONNECTOR.key_shape.check(Secret("sk-api-0123456789abcdef"))


def test_each_site_has_an_address_and_is_never_guessed() -> None:
    assert CONNECTOR.address({"region": "cn"}, None) == "https://api.minimaxi.com/v1"
    assert CONNECTOR.address({"region": "intl"}, None) == "https://api.minimax.io/v1"
    with pytest.raises(WrongUse, match="not tried on the other"):
        CONNECTOR.address({"region": "intl"}, "https://api.minimaxi.com/v1")
