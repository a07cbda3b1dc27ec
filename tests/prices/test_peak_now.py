"""Whether it is peak now, and until when: around midnight in Beijing, weekends, holidays, edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_kit import at

from plimsoll.prices import overlay
from plimsoll.prices.hours import Hours, hours_at

DEEPSEEK = next(
    row
    for row in overlay.rows()
    if "deepseek-flash" in row.models and row.currency == "CNY" and row.effective_to is None
)


def hours(instant: str) -> Hours:
    found = hours_at(DEEPSEEK, at(instant), overlay.holidays())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("instant", "peak", "until"),
    [
        # Friday, 27 November 2026; Beijing is eight hours ahead.
        ("2026-11-26 15:59", False, "2026-11-27 01:00"),
        ("2026-11-26 16:00", False, "2026-11-27 01:00"),
        ("2026-11-27 00:59", False, "2026-11-27 01:00"),
        ("2026-11-27 01:00", True, "2026-11-27 04:00"),
        ("2026-11-27 03:59", True, "2026-11-27 04:00"),
        ("2026-11-27 04:00", False, "2026-11-27 06:00"),
        ("2026-11-27 05:59", False, "2026-11-27 06:00"),
        ("2026-11-27 06:00", True, "2026-11-27 10:00"),
        # The weekend, as Beijing has it.
        ("2026-11-27 10:00", False, "2026-11-30 01:00"),
        ("2026-11-27 16:00", False, "2026-11-30 01:00"),
        ("2026-11-29 23:59", False, "2026-11-30 01:00"),
        ("2026-11-30 01:00", True, "2026-11-30 04:00"),
    ],
)
def test_the_hours_of_a_week(instant, peak, until):
    assert hours(instant) == Hours(peak, at(until))


def test_the_longest_holidays_are_looked_through():
    # From the Wednesday before National Day to the Thursday after it.
    golden = replace(DEEPSEEK, effective_from=None)
    found = hours_at(golden, at("2026-09-30 10:00"), overlay.holidays())
    assert found == Hours(peak=False, until=at("2026-10-08 01:00"))
    # A Saturday that is worked to make up for a holiday is a Saturday.
    assert hours_at(golden, at("2026-10-10 02:00"), overlay.holidays()) == Hours(
        peak=False, until=at("2026-10-12 01:00")
    )


def test_a_year_whose_holidays_nobody_knows_is_in_doubt_on_working_hours_only():
    doubt = "The holidays of 2027 are not known."
    assert hours("2026-12-31 09:59") == Hours(peak=True, until=at("2026-12-31 10:00"))
    assert hours("2026-12-31 10:00") == Hours(peak=False, until=None)
    assert hours("2026-12-31 16:30") == Hours(peak=False, until=None)
    assert hours("2027-01-01 01:00") == Hours(None, at("2027-01-01 04:00"), doubt)
    assert hours("2027-01-01 04:00") == Hours(peak=False, until=None)


def test_a_price_that_ends_ends_its_hours():
    ending = replace(DEEPSEEK, effective_to=at("2026-11-27 02:30"))
    found = hours_at(ending, at("2026-11-27 02:00"), overlay.holidays())
    assert found == Hours(peak=True, until=at("2026-11-27 02:30"))


def test_a_price_without_hours_has_none():
    assert (
        hours_at(
            replace(DEEPSEEK, schedule=None, off_peak_multiplier=None), at("2026-11-27 02:00"), {}
        )
        is None
    )


@given(st.integers(0, 60 * 24 * 50))
def test_it_stays_as_it_is_until_then_and_is_another_then(minutes):
    instant = at("2026-11-01 00:00") + timedelta(minutes=minutes)
    now = hours_at(DEEPSEEK, instant, overlay.holidays())
    assert now is not None
    assert now.until is not None
    before = hours_at(DEEPSEEK, now.until - timedelta(minutes=1), overlay.holidays())
    then = hours_at(DEEPSEEK, now.until, overlay.holidays())
    assert before is not None
    assert then is not None
    assert (before.peak, then.peak) == (now.peak, not now.peak)
