"""Run-out: a range of days, or an honest word that there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_forecast import TABLE, days_before

from plimsoll.analysis.runout import Known, Lasts, RunOut, run_out
from plimsoll.domain.money import NANO
from plimsoll.domain.usage import Expiring

TODAY = date(2026, 11, 18)


def out(
    left: float,
    *amounts: float,
    on: date = TODAY,
    expiring: tuple[Expiring, ...] = (),
    within: int = 7,
) -> RunOut:
    known = Known(round(left * NANO), on, 0.5, expiring)
    return run_out(days_before(TODAY, *amounts), known, today=TODAY, within=within, table=TABLE)


STEADY = (2.0,) * 60


def test_a_steady_burn_runs_out_where_division_says_and_the_range_holds_it() -> None:
    found = out(21, *STEADY)
    assert found.lasts is Lasts.DATES
    assert found.day is not None
    assert abs((found.day - TODAY).days - 10) <= 1
    assert found.earliest is not None
    assert found.earliest <= found.day
    assert found.latest is None or found.day <= found.latest


def test_more_days_ahead_are_more_likely_and_half_is_near_the_median() -> None:
    odds = [out(21, *STEADY, within=days).likely for days in (1, 5, 10, 15, 30)]
    known = [likely for likely in odds if likely is not None]
    assert len(known) == len(odds)
    assert known == sorted(known)
    assert known[0] < 0.1
    assert known[-1] > 0.9


def test_what_lasts_longer_than_three_months_is_given_no_day() -> None:
    found = out(2_000, *STEADY)
    assert (found.lasts, found.day, found.latest) == (Lasts.LONGER, None, None)
    assert found.likely == pytest.approx(0.02)


def test_without_enough_days_nothing_is_said() -> None:
    found = out(20, 2, 2, 2)
    assert (found.lasts, found.day, found.likely) == (Lasts.UNKNOWN, None, None)
    assert "3 of 5" in found.reason
    assert out(20).lasts is Lasts.UNKNOWN


def test_what_is_not_used_any_more_lasts() -> None:
    assert out(20, *STEADY, *(0.0,) * 70).lasts is Lasts.IDLE


@pytest.mark.parametrize("left", [0, -3])
def test_what_is_gone_is_gone(left: float) -> None:
    found = out(left, *STEADY)
    assert (found.lasts, found.day, found.likely) == (Lasts.GONE, TODAY, 1.0)


def test_an_old_reading_has_been_drawn_on_since() -> None:
    fresh, old = out(40, *STEADY), out(40, *STEADY, on=TODAY - timedelta(days=8))
    assert fresh.day is not None
    assert old.day is not None
    assert 6 <= (fresh.day - old.day).days <= 10
    assert out(1, *STEADY, on=TODAY - timedelta(days=8)).day == TODAY


def test_a_reading_knows_of_what_was_spent_before_it_on_its_day() -> None:
    """Also where the account itself tells a day only when it is over."""
    history = [replace(day, known=day.day < TODAY) for day in days_before(TODAY, *STEADY)]

    def odds(elapsed: float) -> float:
        known = Known(2 * NANO, TODAY, elapsed)
        found = run_out(history, known, today=TODAY, within=1, table=TABLE)
        assert found.likely is not None
        return found.likely

    assert odds(0.95) < 0.1
    assert odds(0.0) > 0.2


def test_credit_that_expires_unspent_goes_with_its_day_and_is_told() -> None:
    lapses = Expiring(TODAY + timedelta(days=2), 30 * NANO)
    plain, found = out(41, *STEADY), out(41, *STEADY, expiring=(lapses,))
    (lost,) = found.lapsing
    assert lost.last == lapses.last
    assert 20 * NANO < lost.nanos < 28 * NANO
    assert plain.day is not None
    assert found.day is not None
    assert found.day < plain.day
    later = Expiring(TODAY + timedelta(days=60), 30 * NANO)
    assert out(41, *STEADY, expiring=(later,)).lapsing == ()


@given(
    st.floats(0.01, 500),
    st.lists(st.floats(0, 50), min_size=5, max_size=40),
    st.integers(1, 30),
)
def test_the_days_are_in_order_and_never_past(left: float, amounts: list[float], back: int) -> None:
    found = out(left, *amounts, on=TODAY - timedelta(days=back % 4))
    days = [found.earliest, found.day, found.latest]
    known = [day for day in days if day is not None]
    assert known == sorted(known)
    if found.lasts is Lasts.DATES:
        assert min(known) >= TODAY
    # Beyond three months are the latest ones, never the earliest.
    assert days[len(known) :] == [None] * (3 - len(known))
