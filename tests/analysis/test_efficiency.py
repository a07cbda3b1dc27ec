"""Efficiency: what is usual by one's own past, marked only outside of it, and honest bounds."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.efficiency import (
    Baseline,
    Beyond,
    CacheHour,
    Kind,
    Measure,
    Standing,
    baseline_of,
    beyond_usual,
    never_read,
    ratio,
    standing_of,
    whole_weeks,
)
from plimsoll.domain.calendar import Period

F = Fraction
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=1000)
WEEKS = st.lists(st.none() | SHARES, min_size=0, max_size=8)


def test_the_latest_week_is_the_one_that_ended_last_on_a_sunday() -> None:
    weeks = whole_weeks(date(2026, 11, 20))
    assert len(weeks) == 9
    assert weeks[-1] == Period(date(2026, 11, 9), date(2026, 11, 15))
    assert weeks[0].first == date(2026, 9, 14)
    assert whole_weeks(date(2026, 11, 22))[-1] == weeks[-1], "Sunday is not over"
    assert whole_weeks(date(2026, 11, 23))[-1].last == date(2026, 11, 22)


def test_what_is_usual_by_hand() -> None:
    """Of 10 12 11 14 9 11 13 10: median 11; |x − 11| = 1 1 0 3 2 0 2 1, their median 1."""
    found = baseline_of(map(F, (10, 12, 11, 14, 9, 11, 13, 10)))
    assert found == Baseline(F(11), F(14826, 10000), 8)
    assert (found.low, found.high) == (11 - 3 * F("1.4826"), 11 + 3 * F("1.4826"))
    assert standing_of(F(15), found) is Standing.USUAL
    assert standing_of(F(16), found) is Standing.ABOVE
    assert standing_of(F(6), found) is Standing.BELOW


def test_too_little_history_says_so_and_marks_nothing() -> None:
    assert baseline_of([F(1)] * 5 + [None] * 3) is None
    assert standing_of(F(99), None) is Standing.TOO_SHORT
    assert standing_of(None, None) is Standing.NOT_KNOWN
    assert baseline_of([F(1)] * 6 + [None] * 2) is not None


def test_weeks_that_were_all_alike_do_not_make_every_small_step_a_mark() -> None:
    alike = baseline_of([F(100)] * 8)
    assert standing_of(F(106), alike) is Standing.USUAL
    assert standing_of(F(107), alike) is Standing.ABOVE
    share = Measure(Kind.WRITES_UNREAD, (*[F(0)] * 8, F(1, 100)))
    assert share.standing is Standing.USUAL, "a share that moves by a percentage point"
    assert Measure(Kind.WRITES_UNREAD, (*[F(0)] * 8, F(2, 100))).standing is Standing.ABOVE


@given(WEEKS, SHARES)
def test_the_order_of_the_weeks_does_not_matter(weeks: list[F | None], value: F) -> None:
    there, back = baseline_of(weeks), baseline_of(reversed(weeks))
    assert there == back
    assert standing_of(value, there) is standing_of(value, back)


@given(WEEKS, SHARES, st.integers(min_value=1, max_value=10**12))
def test_another_unit_of_money_changes_no_mark(weeks: list[F | None], value: F, times: int) -> None:
    scaled = [None if week is None else week * times for week in weeks]
    plain, more = baseline_of(weeks), baseline_of(scaled)
    assert standing_of(value, plain) is standing_of(value * times, more)


def test_a_ratio_without_a_ground_is_not_known() -> None:
    assert ratio(1, 0) is None
    assert ratio(1, 3) == F(1, 3)


def test_writes_that_were_never_read_by_hand() -> None:
    """100 written at 9 and 30 read at 10: 70 at the least; those at 12 were all read in time."""
    hours = {
        9: CacheHour(short=100),
        10: CacheHour(read=30),
        12: CacheHour(short=50, read=20),
        13: CacheHour(read=40),
    }
    assert never_read(hours) == {9: (70, 0)}
    assert never_read({9: CacheHour(short=100), 11: CacheHour(read=100)}) == {9: (100, 0)}
    assert never_read({9: CacheHour(long=100), 21: CacheHour(read=60)}) == {9: (0, 40)}
    assert never_read({9: CacheHour(long=100), 22: CacheHour(read=60)}) == {9: (0, 100)}


WRITES = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(1, 50), st.booleans(), st.lists(st.floats(0, 1), max_size=3)
    ),
    max_size=20,
)


@given(WRITES)
def test_no_write_that_was_read_in_time_is_called_never_read(
    writes: list[tuple[int, int, bool, list[float]]],
) -> None:
    """Any history in which some writes are read, any number of times, within their lifetime."""
    hours: dict[int, CacheHour] = {}
    unread = 0
    for hour, tokens, is_long, reads in writes:
        cell = CacheHour(long=tokens) if is_long else CacheHour(short=tokens)
        hours[hour] = hours.get(hour, CacheHour()) + cell
        for share in reads:
            at = hour + int(share * (12 if is_long else 1))
            hours[at] = hours.get(at, CacheHour()) + CacheHour(read=tokens)
        unread += 0 if reads else tokens
    assert sum(map(sum, never_read(hours).values())) <= unread


def test_what_lies_beyond_the_usual_is_counted_from_the_median() -> None:
    weeks = [(80, 100)] * 8
    found = beyond_usual([*weeks, (400, 1000)], above=False)
    assert found == Beyond(F(400), F(4, 10), F(8, 10), 8), "80 % of 1000 would be 800"
    above = beyond_usual([*weeks, (400, 1000)])
    assert above is not None
    assert above.amount == -400, "on the other side of it"


def test_a_part_with_too_few_weeks_or_none_this_week_has_no_usual() -> None:
    assert beyond_usual([(80, 100)] * 5 + [(0, 0)] * 3 + [(400, 1000)]) is None
    assert beyond_usual([(80, 100)] * 6 + [(0, 0)] * 2 + [(400, 1000)]) is not None
    assert beyond_usual([*[(80, 100)] * 8, (400, 0)]) is None


@given(
    st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 10**6)), min_size=9, max_size=9)
)
def test_nothing_can_save_more_than_there_was(weeks: list[tuple[int, int]]) -> None:
    """Whatever refunds there were in the weeks before."""
    found = beyond_usual(weeks)
    assert found is None or found.amount <= weeks[-1][0]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)), min_size=9, max_size=9))
def test_another_unit_changes_what_lies_beyond_by_as_much(weeks: list[tuple[int, int]]) -> None:
    found = beyond_usual(weeks)
    scaled = beyond_usual([(top * 1000, bottom) for top, bottom in weeks])
    assert found is not None
    assert scaled is not None
    assert scaled.amount == found.amount * 1000


def test_only_the_side_that_costs_more_has_something_to_save() -> None:
    low, high = (*[F(100)] * 8, F(50)), (*[F(100)] * 8, F(200))
    assert Measure(Kind.OUTPUT_PER_MONEY, low, "USD").costs_more
    assert not Measure(Kind.OUTPUT_PER_MONEY, high, "USD").costs_more
    assert Measure(Kind.COST_PER_REQUEST, high, "USD").costs_more
    assert not Measure(Kind.COST_PER_REQUEST, low, "USD").costs_more
    assert not Measure(Kind.COST_PER_REQUEST, (F(100),) * 9, "USD").costs_more
