"""Cycles follow each other without a gap, and a subscription says plainly what it cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.money import NANO, Money
from plimsoll.domain.subscription import Cycle, Subscription, Unit

FEE = Money("USD", 100 * NANO)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CYCLES = st.builds(Cycle, st.sampled_from(Unit), st.integers(1, 12))


def plan(first: date, last: date | None = None, cycle: Cycle | None = None) -> Subscription:
    return Subscription("Agents", "Max", FEE, first, last, cycle or Cycle())


def begins(cycle: Cycle, anchor: date, count: int) -> list[date]:
    return [cycle.begin(anchor, number) for number in range(count)]


def test_a_month_without_the_day_does_not_move_the_months_after_it() -> None:
    assert begins(Cycle(), date(2026, 1, 31), 4) == [
        *(date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)),
    ]
    assert begins(Cycle(Unit.YEAR), date(2024, 2, 29), 3) == [
        *(date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)),
    ]
    assert begins(Cycle(Unit.WEEK, 4), date(2026, 11, 1), 2) == [
        *(date(2026, 11, 1), date(2026, 11, 29)),
    ]


@given(DAYS, st.integers(0, 900), CYCLES)
def test_cycles_cover_every_day_once(first: date, days: int, cycle: Cycle) -> None:
    until = first + timedelta(days=days)
    found = list(plan(first, cycle=cycle).cycles(until))
    assert found[0].first == first
    assert until in found[-1]
    for one, next_one in pairwise(found):
        assert next_one.first == one.last + timedelta(days=1)


@given(DAYS, st.integers(0, 900), CYCLES)
def test_a_subscription_that_ended_has_no_day_after_its_last(
    first: date, days: int, cycle: Cycle
) -> None:
    last = first + timedelta(days=days)
    found = list(plan(first, last, cycle).cycles(date(2040, 1, 1)))
    assert found[0].first == first
    assert found[-1].last == last


def test_one_that_is_to_come_has_no_cycle_yet() -> None:
    assert list(plan(date(2026, 11, 2)).cycles(date(2026, 11, 1))) == []


@given(DAYS, DAYS, st.integers(0, 60), st.integers(0, 60) | st.none())
def test_two_overlap_where_a_day_is_under_both(
    one: date, other: date, days: int, more: int | None
) -> None:
    a = plan(one, one + timedelta(days=days))
    b = plan(other, None if more is None else other + timedelta(days=more))
    both = any(a.covers(d) and b.covers(d) for d in (one + timedelta(days=i) for i in range(61)))
    assert a.overlaps(b) is b.overlaps(a) is both


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fee": Money("USD", 0)}, "more than zero"),
        ({"fee": Money("USD", -1)}, "more than zero"),
        ({"name": " "}, "one line"),
        ({"name": "a\nb"}, "one line"),
        ({"last": date(2026, 10, 31)}, "before it begins"),
        ({"first": date(1926, 11, 1)}, "2015 or later"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(plan(date(2026, 11, 1)), **changes)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 to 120"):
        Cycle(Unit.MONTH, 0)
