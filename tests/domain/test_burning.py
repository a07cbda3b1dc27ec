"""A pace warns only where a day and a week hold it, and a tenth of the limit is gone in each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.budget import Budget, Threshold, ThresholdKind, crossed
from plimsoll.domain.burning import pace_of
from plimsoll.domain.calendar import Period, day_start

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)
LIMIT = 300
"""Ten a day."""


def pace(
    spend: dict[date, int],
    *,
    period: Period = NOVEMBER,
    now: datetime = NOON,
    zone: str = "UTC",
    limit: int = LIMIT,
) -> Decimal | None:
    return pace_of(
        period,
        now=now,
        today=now.astimezone(ZoneInfo(zone)).date(),
        limit=limit,
        spent_in=lambda days: sum(n for day, n in spend.items() if day in days),
        starts_at=lambda day: day_start(day, zone=ZoneInfo(zone)),
    )


def every_day(amount: int, *, back: int = 40) -> dict[date, int]:
    return {TODAY - timedelta(days=n): amount for n in range(1, back)}


def test_a_steady_pace_is_told_as_it_is_whether_today_has_figures_or_not() -> None:
    assert pace(every_day(10) | {TODAY: 5}, limit=150) == 2, "half of today is over"
    assert pace(every_day(30) | {TODAY: 15}) == 3
    assert pace(every_day(30)) == 3, "today's figures are still on their way"


def test_one_dear_day_is_no_pace_and_a_week_that_is_over_neither() -> None:
    assert pace({TODAY: 90, TODAY - timedelta(days=1): 5}) == Decimal(95) * 30 / (
        300 * Decimal("7.5")
    )
    over = {TODAY - timedelta(days=n): 60 for n in range(2, 9)}
    assert pace(over) == 0, "the day is calm"


def test_the_first_dollars_of_a_month_are_no_alarm() -> None:
    first = datetime(2026, 11, 1, 12, tzinfo=UTC)
    spend = {first.date() - timedelta(days=n): 60 for n in range(1, 9)} | {first.date(): 29}
    assert pace(spend, now=first) == 0, "less than a tenth of this month's"
    assert (pace(spend | {first.date(): 30}, now=first) or 0) > 3


@pytest.mark.parametrize(("days", "windows"), [(1, 0), (2, 1), (7, 1), (8, 2)])
def test_a_window_that_is_longer_than_the_period_says_nothing(days: int, windows: int) -> None:
    period = Period(TODAY - timedelta(days=days - 1), TODAY)
    calm_week = {TODAY: 100, TODAY - timedelta(days=1): 100}
    found = pace(calm_week, period=period, limit=100)
    if windows == 0:
        assert found is None
    elif windows == 1:
        assert found == Decimal(200) * days / (100 * Decimal("1.5"))
    else:
        assert found == Decimal(200) * days / (100 * Decimal("7.5")), "of two the lesser"


def test_a_day_of_25_hours_is_longer() -> None:
    """In Berlin the clocks go back on 25 October 2026: the window lasts an hour more."""
    now = datetime(2026, 10, 26, 11, tzinfo=UTC)
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    spend = {now.date() - timedelta(days=n): 40 for n in range(9)}
    berlin = pace(spend, period=october, now=now, zone="Europe/Berlin")
    hours = Decimal(24 * 31 + 1)
    a_day, a_week = 80 * hours / (LIMIT * 37), 320 * hours / (LIMIT * (7 * 24 + 1 + 12))
    assert berlin == min(a_day, a_week)


@given(st.integers(1, 10**15), st.lists(st.integers(0, 10**15), min_size=9, max_size=9))
def test_more_spend_never_makes_it_slower(limit: int, amounts: list[int]) -> None:
    spend = {TODAY - timedelta(days=n): amount for n, amount in enumerate(amounts)}
    before = pace(spend, limit=limit)
    after = pace(spend | {TODAY: amounts[0] + limit}, limit=limit)
    assert before is not None
    assert after is not None
    assert 0 <= before <= after


def test_a_burn_threshold_holds_from_its_multiple_until_nothing_is_left() -> None:
    three = Threshold(ThresholdKind.BURN, Decimal(300))
    assert three.id == "burn:3"
    assert Threshold(ThresholdKind.BURN, Decimal(250)).id == "burn:2.5"

    def holds(pace: Decimal | None, spent: int = 50) -> bool:
        return bool(crossed((three,), spent=spent, limit=100, likely={}, pace=pace))

    assert holds(Decimal(3))
    assert not holds(Decimal("2.99"))
    assert not holds(None)
    assert not holds(Decimal(9), spent=100)
    assert Budget("B", 100, "USD", thresholds=(three,)).thresholds == (three,)
