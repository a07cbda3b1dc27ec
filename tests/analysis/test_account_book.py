"""The account book: credit less spend and lapses, to the nano-unit, first-expiring first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.account_book import AccountBook, counting, keep_book
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.prepaid import Credit, CreditKind
from plimsoll.domain.usage import Expiring

FIRST = date(2026, 11, 1)
TODAY = date(2026, 11, 18)


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def credit(units: float, on: int = 1, last: int | None = None, kind: str = "top-up") -> Credit:
    amount = Money("USD", round(units * NANO))
    return Credit(CreditKind(kind), amount, day(on), None if last is None else day(last))


def book(*entries: Credit, **spent: float) -> AccountBook:
    """`_3=2` is two dollars spent on the third."""
    days = {day(int(name[1:])): round(units * NANO) for name, units in spent.items()}
    found = keep_book(entries, days, today=TODAY)
    assert found is not None
    return found


def test_spend_draws_down_what_was_entered_from_its_day_on() -> None:
    found = book(credit(100, on=3, kind="start"), _2=40, _3=10, _18=5)
    assert (found.left, found.spent, found.since) == (85 * NANO, 15 * NANO, day(3))
    assert keep_book([], {}, today=TODAY) is None
    assert keep_book([credit(5, on=25)], {}, today=TODAY) is None


def test_what_expires_first_is_used_first_and_the_rest_of_it_lapses() -> None:
    found = book(credit(100), credit(20, last=10, kind="grant"), _5=15, _12=30)
    assert (found.left, found.lapsed) == (70 * NANO, 5 * NANO)
    assert found.expiring == ()


def test_credit_lasts_to_the_end_of_its_last_day() -> None:
    found = book(credit(20, last=18, kind="grant"), _18=5)
    assert (found.left, found.lapsed) == (15 * NANO, 0)
    assert found.expiring == (Expiring(TODAY, 15 * NANO),)


def test_a_debt_is_paid_by_the_next_top_up() -> None:
    assert book(credit(10), _2=25).left == -15 * NANO
    assert book(credit(10), credit(50, on=5), _2=25).left == 35 * NANO
    assert book(credit(-5, kind="start"), credit(50, on=5)).left == 45 * NANO


def test_a_refund_can_be_spent_again() -> None:
    assert book(credit(10), _2=8, _3=-8, _4=9).left == NANO


def test_a_later_start_sets_the_balance_anew_and_what_came_before_counts_no_more() -> None:
    found = book(credit(100), credit(40, on=10, kind="start"), credit(5, on=12), _2=90, _11=1)
    assert (found.left, found.since, found.entered) == (44 * NANO, day(10), 45 * NANO)
    assert (found.full, found.risen_on) == (44 * NANO, day(12))


@pytest.mark.parametrize("units", [0, -3])
def test_a_top_up_of_nothing_is_none(units: float) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        credit(units)


def test_credit_cannot_expire_before_it_is_there() -> None:
    with pytest.raises(ValueError, match="before it is there"):
        credit(5, on=3, last=2)


entries = st.builds(
    lambda kind, nanos, on, lasts: Credit(
        kind,
        Money("USD", nanos),
        day(on),
        None if lasts is None else day(on + lasts),
    ),
    st.sampled_from(CreditKind),
    st.integers(1, 10**12),
    st.integers(1, 25),
    st.none() | st.integers(0, 12),
)
spends = st.dictionaries(st.integers(1, 25).map(day), st.integers(-(10**10), 10**12), max_size=20)


@given(st.lists(entries, max_size=8), spends)
def test_left_is_what_was_entered_less_spend_less_what_lapsed(
    told: list[Credit], spent: dict[date, int]
) -> None:
    found = keep_book(told, spent, today=TODAY)
    counted = [one for one in counting(told) if one.day <= TODAY]
    if found is None:
        assert not counted
        return
    assert found.entered == sum(one.amount.nanos for one in counted)
    assert found.left == found.entered - found.spent - found.lapsed
    assert sum(one.nanos for one in found.expiring) <= max(found.left, 0)
    assert found.lapsed >= 0
