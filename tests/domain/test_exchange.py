"""Conversion is exact until it is rounded once, goes by dated rates only, and never guesses."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.exchange import Exchange, Rate, along, converted
from plimsoll.domain.money import MAX_NANOS, NANO, Money

DAY = date(2026, 11, 1)
NANOS = st.integers(-MAX_NANOS, MAX_NANOS)
VALUES = st.decimals("0.000001", 1_000_000, allow_nan=False, places=8).filter(bool)
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CODES = st.sampled_from(["USD", "CNY", "EUR", "JPY"])


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    one, other = draw(st.lists(CODES, min_size=2, max_size=2, unique=True))
    return Rate(draw(DAYS), one, other, draw(VALUES))


def yuan(amount: str = "7.12", day: date = DAY) -> Rate:
    return Rate(day, "USD", "CNY", Decimal(amount))


class TestRate:
    @pytest.mark.parametrize("value", ["0", "-7.12", "NaN", "Infinity", "1e-10", "1e10"])
    def test_is_a_number_above_zero_and_no_slip_of_the_finger(self, value):
        with pytest.raises(ValueError, match="number above zero"):
            yuan(value)

    @pytest.mark.parametrize("code", ["XXX", "RMB", "usd", "", "BTC"])
    def test_is_between_currencies_that_there_are(self, code):
        for pair in ((code, "USD"), ("USD", code)):
            with pytest.raises(ValueError, match="no currency called"):
                Rate(DAY, *pair, Decimal(1))

    def test_is_between_two(self):
        with pytest.raises(ValueError, match="two different"):
            Rate(DAY, "USD", "USD", Decimal(1))


class TestConverting:
    @given(NANOS, CODES, DAYS, st.lists(rates(), max_size=8))
    def test_into_its_own_currency_an_amount_is_itself(self, nanos, code, day, known):
        money = Money(code, nanos)
        assert Exchange(tuple(known)).convert(money, code, day=day) == money

    @given(NANOS, VALUES)
    def test_a_rate_and_its_inverse_undo_each_other(self, nanos, value):
        rate = yuan(str(value))
        assert rate.into("CNY") * rate.into("USD") == 1
        there = nanos * rate.into("CNY")
        assert there * rate.into("USD") == nanos

    @given(NANOS, VALUES)
    def test_a_rate_written_the_other_way_round_is_the_same_rate(self, nanos, value):
        one = Exchange((Rate(DAY, "USD", "CNY", value),))
        factor = one.factor(DAY, "USD", "CNY")
        assert factor == Fraction(value)
        back = one.convert(Money("CNY", nanos), "USD", day=DAY)
        assert back == Money("USD", round(nanos / Fraction(value)))

    @given(NANOS, VALUES)
    def test_is_rounded_once_half_to_even(self, nanos, value):
        exchange = Exchange((Rate(DAY, "USD", "CNY", value),))
        found = exchange.convert(Money("USD", nanos), "CNY", day=DAY)
        assert found is not None
        assert abs(found.nanos - nanos * Fraction(value)) <= Fraction(1, 2)
        assert found.nanos == round(nanos * Fraction(value))

    @pytest.mark.parametrize(("nanos", "half"), [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2)])
    def test_ties_go_to_the_even_nano_unit(self, nanos, half):
        assert converted(nanos, Fraction(1, 2)) == half

    @given(NANOS, NANOS, VALUES)
    def test_more_money_is_never_less_in_another_currency(self, one, other, value):
        factor = Fraction(value)
        if one <= other:
            assert converted(one, factor) <= converted(other, factor)

    def test_a_hundred_yuan_in_dollars(self):
        found = Exchange((yuan(),)).convert(Money("CNY", 100 * NANO), "USD", day=DAY)
        assert found == Money("USD", 14_044_943_820)


class TestWhichRate:
    @given(st.lists(rates(), max_size=12), DAYS, CODES, CODES)
    def test_the_newest_of_the_two_on_the_day_or_before(self, known, day, one, other):
        found = Exchange(tuple(known)).rate_on(day, one, other)
        fitting = [r for r in known if {r.base, r.quote} == {one, other} and r.day <= day]
        if not fitting:
            assert found is None
        else:
            assert found in fitting
            assert found.day == max(r.day for r in fitting)

    @given(st.permutations([yuan(str(7 + i), DAY + timedelta(days=7 * i)) for i in range(5)]))
    def test_the_order_in_which_they_were_set_does_not_matter(self, known):
        values = [
            Exchange(tuple(known)).factor(DAY + timedelta(days=d), "USD", "CNY")
            for d in (0, 6, 7, 29)
        ]
        assert values == [7, 7, 8, 11]

    def test_without_a_rate_nothing_is_claimed(self):
        exchange = Exchange((yuan(),))
        early = DAY - timedelta(days=1)
        assert exchange.convert(Money("USD", NANO), "CNY", day=early) is None
        assert exchange.convert(Money("EUR", NANO), "CNY", day=DAY) is None
        assert Exchange().convert(Money("CNY", 0), "USD", day=DAY) is None

    def test_no_rate_is_made_of_two_others(self):
        euro = Rate(DAY, "EUR", "USD", Decimal("1.08"))
        assert Exchange((yuan(), euro)).factor(DAY, "EUR", "CNY") is None


class TestParts:
    @given(st.lists(st.integers(-(10**15), 10**15), max_size=20), VALUES)
    def test_add_up_to_the_converted_whole_and_none_is_a_nano_off(self, parts, value):
        factor = Fraction(value)
        shares = along(parts, factor)
        assert sum(shares) == converted(sum(parts), factor)
        for share, part in zip(shares, parts, strict=True):
            assert abs(share - part * factor) <= 1

    @given(st.lists(st.integers(-(10**15), 10**15), max_size=20))
    def test_at_par_are_themselves(self, parts):
        assert along(parts, Fraction(1)) == parts
