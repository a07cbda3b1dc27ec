"""A budget's periods follow one another without a gap, and one cadence has one writing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.cadence import (
    Rolling,
    Starting,
    cadence_text,
    period_at,
    period_before,
    read_cadence,
)
from plimsoll.domain.calendar import Period, Span

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
STARTING = st.one_of(
    st.builds(Starting, st.just(Span.WEEK), st.integers(1, 6)),
    st.builds(Starting, st.just(Span.MONTH), st.integers(2, 31)),
)
REPEATING = st.one_of(st.sampled_from(Span), STARTING)
FIXED = st.tuples(DAYS, DAYS).map(lambda two: Period(min(two), max(two)))
CADENCES = st.one_of(REPEATING, st.builds(Rolling, st.integers(2, 366)), FIXED)


@given(CADENCES)
def test_what_is_written_is_read_as_it_was(cadence):
    assert read_cadence(cadence_text(cadence)) == cadence


@given(REPEATING, DAYS)
def test_periods_follow_one_another(cadence, day):
    period = period_at(cadence, day)
    assert day in period
    assert period_at(cadence, period.first) == period_at(cadence, period.last) == period
    before = period_before(cadence, period)
    assert before is not None
    assert before.last + timedelta(days=1) == period.first


def test_a_month_from_the_last_day_never_drifts():
    cadence = read_cadence("month@31")
    firsts = [period_at(cadence, date(2026, month, 28)).first for month in range(2, 6)]
    assert firsts == [
        date(2026, 2, 28),
        *(date(2026, m, d) for m, d in ((2, 28), (3, 31), (4, 30))),
    ]


def test_a_week_may_begin_on_sunday():
    assert period_at(read_cadence("week@sun"), date(2026, 11, 26)).first == date(2026, 11, 22)


def test_rolling_days_end_today_and_follow_nothing():
    period = period_at(Rolling(30), date(2026, 11, 26))
    assert (period.last, len(period)) == (date(2026, 11, 26), 30)
    assert period_before(Rolling(30), period) is None


@pytest.mark.parametrize("text", ["month@1", "week@mon"])
def test_the_usual_beginning_is_no_beginning_of_ones_own(text):
    assert read_cadence(text) is Span(text.partition("@")[0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fortnight",
        "month@0",
        "month@32",
        "week@1",
        "day@2",
        "year@2",
        "1d",
        "367d",
        "month@",
        "²d",
        "2026-11-02..2026-11-01",
        "2026-11-01..",
        "..",
        "@",
    ],
)
def test_other_words_are_no_cadence(text):
    with pytest.raises(ValueError, match=r".+"):
        read_cadence(text)
