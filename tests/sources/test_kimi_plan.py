"""Kimi Code's subscription: counts as text, one of two absent, and whose key it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.errors import OddValue, WrongKeyKind
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.secret import Secret
from plimsoll.sources.providers.kimi_plan import CONNECTOR, Plan

WEEK = {"limit": "2048", "used": "214", "resetTime": "2026-11-27T15:23:13.716839300Z"}
FIVE_HOURS = {
    "window": {"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"},
    "detail": {"limit": 200, "remaining": "150", "reset_at": "2026-11-24T18:33:02Z"},
}


def plan(usage: Any = WEEK, *limits: Any) -> Plan:
    answer = {"usage": usage, "limits": list(limits)}
    return CONNECTOR.open(FakeDoor(lambda _: answer), {})  # type: ignore[arg-type]


def test_the_week_and_the_hours_are_told_whichever_way_they_are_written() -> None:
    week, hours = plan(WEEK, FIVE_HOURS).quotas()
    assert week == QuotaReading(
        NOW,
        "Coding plan",
        "week",
        used=Decimal(214),
        limit=Decimal(2048),
        resets_at=datetime(2026, 11, 27, 15, 23, 13, 716839, tzinfo=UTC),
    )
    assert (hours.window, hours.used, hours.share) == ("5 hours", Decimal(50), Decimal("25.0"))
    assert hours.resets_at == datetime(2026, 11, 24, 18, 33, 2, tzinfo=UTC)


def test_nothing_used_is_nothing_and_more_than_all_is_more() -> None:
    (idle,) = plan({"limit": "100", "remaining": "100"}).quotas()
    assert (idle.share, idle.resets_at) == (Decimal("0.0"), None)
    (over,) = plan({"limit": 5, "used": 6}).quotas()
    assert over.share == Decimal("120.0")


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"limit": "100"},
        {"limit": "0", "used": "0"},
        {"limit": "100", "used": "-1"},
        {"limit": "100", "remaining": "101"},
        {"limit": "many", "used": "1"},
        {"limit": 100, "used": 1, "resetTime": "soon"},
    ],
)
def test_a_window_that_cannot_be_right_costs_itself_only(odd: Any) -> None:
    for told, other in (
        (plan(odd, FIVE_HOURS), "5 hours"),
        (plan(WEEK, {**FIVE_HOURS, "detail": odd}), "week"),
    ):
        readings = told.quotas()
        assert next(readings).window == other
        with pytest.raises(OddValue):
            next(readings)


@pytest.mark.parametrize(
    "window",
    [
        None,
        {"duration": 300},
        {"duration": 300, "timeUnit": "TIME_UNIT_FORTNIGHT"},
        {"duration": 0, "timeUnit": "TIME_UNIT_HOUR"},
    ],
)
def test_a_window_of_no_known_length_is_no_quota(window: Any) -> None:
    readings = plan(WEEK, {**FIVE_HOURS, "window": window}).quotas()
    assert next(readings).window == "week"
    with pytest.raises(OddValue):
        next(readings)


def test_a_key_of_the_open_platform_is_another_one() -> None:
    CONNECTOR.key_shape.check(Secret("sk-kimi-0123456789abcdef"))
    with pytest.raises(WrongKeyKind, match="Nothing was sent"):
        CONNECTOR.key_shape.check(Secret("sk-0123456789abcdef0123"))
