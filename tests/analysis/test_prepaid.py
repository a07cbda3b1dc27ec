"""Prepaid: readings of a balance become spend, top-ups and grants, and nothing is lost or made."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.prepaid import Between, Fall, between, falls
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.usage import BalanceReading, Expiring

BEGIN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(hours: float, units: float, currency: str = "CNY", **more: object) -> BalanceReading:
    amount = Money(currency, round(units * NANO))
    return BalanceReading(BEGIN + hours * HOUR, amount, **more)  # type: ignore[arg-type]


def parts(hours: float, granted: float, topped_up: float) -> BalanceReading:
    gift, paid = round(granted * NANO), round(topped_up * NANO)
    at = BEGIN + hours * HOUR
    return BalanceReading(at, Money("CNY", gift + max(paid, 0)), granted=gift, topped_up=paid)


def only(*readings: BalanceReading) -> Between:
    (found,) = between(readings)
    return found


# --- one interval -----------------------------------------------------------------------------


def test_the_first_reading_tells_nothing() -> None:
    assert between([read(0, 100)]) == ()
    assert between([]) == ()


def test_a_fall_is_spend_and_a_rise_is_a_top_up_or_a_grant_and_no_spend_below_zero() -> None:
    fallen, risen = between([read(0, 100), read(1, 97.5), read(2, 147.5)])
    assert (fallen.spent, fallen.rise) == (2_500_000_000, 0)
    assert (risen.spent, risen.added, risen.topped_up, risen.granted) == (0, 50 * NANO, 0, 0)


def test_a_balance_below_zero_goes_on_falling() -> None:
    assert only(read(0, 1), read(1, -3)).spent == 4 * NANO
    assert only(read(0, -3), read(1, -3)).spent == 0


def test_parts_tell_a_top_up_from_a_grant_and_both_from_spend_within_one_interval() -> None:
    told = only(parts(0, 10, 20), parts(1, 6, 70))
    assert (told.spent, told.topped_up, told.granted) == (4 * NANO, 50 * NANO, 0)
    told = only(parts(0, 10, 20), parts(1, 15, 13))
    assert (told.spent, told.topped_up, told.granted) == (7 * NANO, 0, 5 * NANO)


def test_debt_that_the_amount_does_not_show_is_spend_once_and_is_paid_by_the_top_up() -> None:
    into_debt, out_of_it = between([parts(0, 3, 1), parts(1, 3, -2), parts(2, 3, 48)])
    assert into_debt.spent == 3 * NANO
    assert (out_of_it.topped_up, out_of_it.spent) == (50 * NANO, 0)


def test_a_counter_of_what_was_ever_spent_sees_spend_behind_a_top_up() -> None:
    told = only(read(0, 10, ever_spent=5 * NANO), read(1, 32, ever_spent=8 * NANO))
    assert (told.spent, told.added) == (3 * NANO, 25 * NANO)


def test_a_counter_of_what_was_ever_added_does_so_too() -> None:
    told = only(read(0, 10, ever_added=50 * NANO), read(1, 32, ever_added=75 * NANO))
    assert (told.spent, told.added) == (3 * NANO, 25 * NANO)


def test_a_counter_that_goes_back_is_not_believed() -> None:
    told = only(read(0, 10, ever_spent=8 * NANO), read(1, 9, ever_spent=NANO))
    assert told.spent == NANO


def test_credit_that_is_known_to_expire_is_not_spent_and_unknown_expiry_looks_like_spend() -> None:
    known = (Expiring(BEGIN.date(), 5 * NANO),)
    told = only(read(0, 20, expiring=known), read(24, 13))
    assert (told.spent, told.lapsed) == (2 * NANO, 5 * NANO)
    assert only(read(0, 20), read(24, 13)).spent == 7 * NANO
    # Its day is not over at the second reading, and spent before it lapsed it cannot lapse.
    assert only(read(0, 20, expiring=known), read(14, 13)).spent == 7 * NANO
    assert only(read(0, 20, expiring=known), read(24, 17)).lapsed == 3 * NANO


def test_nothing_is_derived_between_the_readings_of_two_keys() -> None:
    mine, other = {"read_by": "3f9a"}, {"read_by": "77b0"}
    told = between([read(0, 500, **mine), read(1, 20, **other), read(2, 19, **other)])
    assert [one.spent for one in told] == [NANO]
    # Where it is not known which key read, it is taken for the same.
    assert only(read(0, 5), read(1, 4, **mine)).spent == NANO


def test_currencies_never_meet() -> None:
    told = between([read(0, 5), read(0, 9, "USD"), read(1, 4), read(2, 7, "USD")])
    assert [(one.currency, one.spent) for one in told] == [("CNY", NANO), ("USD", 2 * NANO)]


# --- days -------------------------------------------------------------------------------------


def test_spend_between_two_readings_lies_evenly_over_the_time_between() -> None:
    told = falls(between([read(0, 100), read(14.5 + 48 + 9.5, 28)]))
    assert told == (
        Fall(date(2026, 11, 20), "CNY", 14_500_000_000, spread=True),
        Fall(date(2026, 11, 21), "CNY", 24 * NANO, spread=True),
        Fall(date(2026, 11, 22), "CNY", 24 * NANO, spread=True),
        Fall(date(2026, 11, 23), "CNY", 9_500_000_000, spread=True),
    )


def test_readings_of_one_day_stand_on_it_and_a_reading_at_midnight_on_the_day_before() -> None:
    told = falls(between([read(0, 10), read(3, 9), read(14.5, 7)]))
    assert told == (Fall(date(2026, 11, 20), "CNY", 3 * NANO),)


def test_nothing_is_lost_where_it_does_not_divide() -> None:
    told = falls(between([read(0, 1), read(72.3, 0.999999998)]))
    assert sum(one.nanos for one in told) == 2


# --- any sequence -----------------------------------------------------------------------------

moments = st.integers(min_value=0, max_value=40 * 24 * 3600).map(
    lambda seconds: BEGIN + timedelta(seconds=seconds)
)
amounts = st.integers(min_value=-(10**12), max_value=10**12)
credit = st.builds(
    Expiring,
    last=st.integers(0, 40).map(lambda days: BEGIN.date() + timedelta(days=days)),
    nanos=st.integers(0, 10**11),
)


@st.composite
def readings(draw: st.DrawFn) -> BalanceReading:
    gift, paid = draw(amounts.map(abs)), draw(amounts)
    split, counted = draw(st.booleans()), draw(st.booleans())
    return BalanceReading(
        draw(moments),
        Money(draw(st.sampled_from(("CNY", "USD"))), gift + paid),
        granted=gift if split else None,
        topped_up=paid if split else None,
        ever_added=draw(amounts.map(abs)) if counted else None,
        ever_spent=draw(st.none() | amounts.map(abs)) if counted else None,
        expiring=tuple(draw(st.lists(credit, max_size=2))),
    )


@given(st.lists(readings(), max_size=12, unique_by=lambda one: (one.at, one.amount.currency)))
def test_first_balance_and_rises_less_spend_and_lapses_is_the_last_balance(
    told: list[BalanceReading],
) -> None:
    found = between(told)
    for currency in ("CNY", "USD"):
        mine = sorted((r for r in told if r.amount.currency == currency), key=lambda r: r.at)
        steps = [one for one in found if one.currency == currency]
        assert len(steps) == max(len(mine) - 1, 0)
        if mine:
            end = mine[0].amount.nanos + sum(s.rise - s.spent - s.lapsed for s in steps)
            assert end == mine[-1].amount.nanos
    for step in found:
        assert min(step.spent, step.topped_up, step.granted, step.added, step.lapsed) >= 0


@given(st.lists(readings(), max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_of_readings_do_not_matter(
    told: list[BalanceReading], dice: Random
) -> None:
    again = [*told, *told]
    dice.shuffle(again)
    assert between(again) == between(told)


@given(st.lists(readings(), max_size=8))
def test_days_sum_to_the_intervals_exactly(told: list[BalanceReading]) -> None:
    found = between(told)
    for currency in ("CNY", "USD"):
        assert sum(f.nanos for f in falls(found) if f.currency == currency) == sum(
            one.spent for one in found if one.currency == currency
        )
