"""Quotes, index numbers and concentration: worked by hand, and held to their identities."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.market import (
    Bought,
    Index,
    concentration,
    fisher,
    index,
    mixing,
    moved,
    quote,
    shares,
)
from plimsoll.domain.money import NANO
from plimsoll.domain.tokens import Tokens

F = Fraction


# -- the quote ---------------------------------------------------------------------------------


def test_every_class_of_tokens_is_in_the_denominator():
    """$2 for a million tokens of which nine tenths came from the cache is $2, not $20."""
    tokens = Tokens(input=60_000, cache_read=900_000, output=40_000)
    assert quote([Bought(2 * NANO, tokens)]).paid == 2 * NANO


def test_classes_share_the_money_by_their_worth():
    """Worked by hand: list $1 + $0.50 + $2.50 = $4 for 1 M + 5 M + 0.25 M tokens; $3 was billed, so
    each class costs three quarters of its list price.
    """
    tokens = Tokens(input=1_000_000, cache_read=5_000_000, output=250_000)
    worths = (F(NANO), F(NANO, 2), F(0), F(0), F(5 * NANO, 2))
    found = quote([Bought(3 * NANO, tokens, worths)])
    assert {c.name: (c.paid, c.listed) for c in found.classes if c.tokens} == {
        "input": (750_000_000, 1_000_000_000),
        "cache_read": (75_000_000, 100_000_000),
        "output": (7_500_000_000, 10_000_000_000),
    }
    assert found.paid == round(F(3 * NANO * 1_000_000, 6_250_000))
    assert found.listed == 640_000_000


def test_what_has_no_counterpart_makes_no_price_and_is_said():
    rows = [
        Bought(NANO, Tokens(input=1_000_000)),
        Bought(7 * NANO, None),
        Bought(None, Tokens(output=500)),
    ]
    found = quote(rows)
    assert (found.paid, found.left_out_nanos, found.left_out_tokens) == (NANO, 7 * NANO, 500)


def test_without_tokens_there_is_no_price():
    assert quote([]).paid is None
    assert quote([Bought(NANO, None)]).paid is None


def test_free_tokens_cost_nothing_and_that_is_known():
    assert quote([Bought(0, Tokens(input=10))]).paid == 0


def test_classes_and_list_price_are_of_the_rows_that_have_one():
    """Half of the tokens are of a model that no list has: they are in the whole price only."""
    rows = [
        Bought(NANO, Tokens(input=1_000_000), (F(2 * NANO), F(0), F(0), F(0), F(0))),
        Bought(5 * NANO, Tokens(input=1_000_000)),
    ]
    found = quote(rows)
    assert (found.paid, found.listed, found.listed_tokens) == (3 * NANO, 2 * NANO, 1_000_000)
    assert (found.classes[0].paid, found.classes[0].listed) == (NANO, 2 * NANO)
    assert found.above_list == F(-1, 2)


counts = st.integers(0, 10**9)
bought = st.builds(
    lambda nanos, a, b, c: Bought(
        nanos, Tokens(input=a, cache_read=b, output=c), (F(a * 3), F(b), F(0), F(0), F(c * 15))
    ),
    st.integers(0, 10**14),
    counts,
    counts,
    counts,
)


@given(st.lists(bought, max_size=6))
def test_the_classes_make_up_the_whole(rows):
    found = quote(rows)
    told = [c for c in found.classes if c.paid is not None and c.tokens]
    if told and found.tokens:
        summed = sum(F(c.paid or 0) * c.tokens for c in told) / 1_000_000
        assert abs(summed - found.listed_nanos) <= F(sum(c.tokens for c in told), 1_000_000)
    assert found.nanos + found.left_out_nanos == sum(row.nanos or 0 for row in rows)


@given(st.lists(bought, min_size=1, max_size=6), st.randoms())
def test_a_quote_does_not_depend_on_the_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert quote(shuffled) == quote(rows)


def test_a_change_is_a_share_of_what_was():
    assert moved(90, 100) == F(-1, 10)
    assert moved(90, None) is None
    assert moved(90, 0) is None


# -- the index ---------------------------------------------------------------------------------

P0 = {"bread": F(2), "wine": F(5), "salt": F(1)}
Q0 = {"bread": 10, "wine": 4, "salt": 10}
P1 = {"bread": F(3), "wine": F(4), "salt": F(1)}
Q1 = {"bread": 8, "wine": 9, "salt": 10}


def test_a_textbook_basket_worked_by_hand():
    """Σp0q0 = 20+20+10 = 50, Σp1q0 = 30+16+10 = 56: L = 112.
    Σp0q1 = 16+45+10 = 71, Σp1q1 = 24+36+10 = 70: P = 98.591549…; F = √11042.253521… =
    105.082128 (its square is 11042.253625…, that of 105.082127 is 11042.253415…).
    """
    found = index(P0, Q0, P1, Q1)
    assert found.laspeyres == 112
    assert found.paasche == F(7000, 71)
    assert found.fisher == F(105_082128, 10**6)
    assert (found.base_coverage, found.now_coverage) == (1, 1)


def test_paasche_and_mixing_make_up_the_mean_price():
    """By hand: the mean price is 50/24 at first and 70/27 later."""
    paasche, mix = index(P0, Q0, P1, Q1).paasche, mixing(P0, Q0, Q1)
    assert paasche is not None
    assert mix is not None
    assert paasche * mix / 100 == 100 * F(70, 27) / F(50, 24)


def test_models_that_began_or_ended_move_nothing_and_are_told():
    """Salt has no price any more, tea had none before: bread and wine alone are compared. They are
    40 of the 50 of the start, and 60 of today's 60 + 5·8 = 100.
    """
    prices = {"bread": F(3), "wine": F(4), "tea": F(8)}
    found = index(P0, Q0, prices, {"bread": 8, "wine": 9, "tea": 5})
    assert found.laspeyres == 100 * F(46, 40)
    assert found.paasche == 100 * F(60, 61)
    assert (found.base_coverage, found.now_coverage) == (F(4, 5), F(3, 5))


def test_an_index_of_nothing_is_unknown():
    assert index({}, {}, {}, {}) == Index(None, None, None, None, None)
    assert index(P0, Q0, {}, {}).laspeyres is None
    assert mixing(P0, Q0, {}) is None


GOODS = ("a", "b", "c", "d")
some_prices = st.fixed_dictionaries(
    {good: st.fractions(F(1, 1000), 1000, max_denominator=1000) for good in GOODS}
)
some_basket = st.fixed_dictionaries({good: st.integers(1, 10**9) for good in GOODS})


@given(some_prices, some_basket, some_basket)
def test_without_a_change_of_prices_the_index_stands_at_100(prices, before, after):
    found = index(prices, before, prices, after)
    assert (found.laspeyres, found.paasche, found.fisher) == (100, 100, 100)


@given(some_prices, some_prices, some_basket, st.integers(1, 1000))
def test_with_a_constant_mix_all_three_are_one(old, new, basket, more):
    """Twice as much of everything is the same mix."""
    grown = {good: count * more for good, count in basket.items()}
    found = index(old, basket, new, grown)
    assert found.laspeyres == found.paasche == found.fisher
    assert mixing(old, basket, grown) == 100


@given(some_prices, some_prices, some_basket, some_basket)
def test_fisher_lies_between_and_is_a_root(old, new, before, after):
    found = index(old, before, new, after)
    assert found.laspeyres is not None
    assert found.paasche is not None
    assert found.fisher is not None
    low, high = sorted((found.laspeyres, found.paasche))
    assert low <= found.fisher <= high
    half = F(1, 2 * 10**6)
    product = found.laspeyres * found.paasche
    assert (found.fisher - half) ** 2 <= product <= (found.fisher + half) ** 2


@given(some_prices, some_prices, some_basket, some_basket, st.integers(2, 1000))
def test_another_unit_of_money_or_of_tokens_changes_nothing(old, new, before, after, scale):
    plain = index(old, before, new, after)
    dearer = [{good: price * scale for good, price in prices.items()} for prices in (old, new)]
    more = [{good: n * scale for good, n in basket.items()} for basket in (before, after)]
    assert index(dearer[0], before, dearer[1], after) == plain
    assert index(old, more[0], new, more[1]) == plain


@given(some_prices, some_prices, some_basket, some_basket)
def test_the_order_of_goods_changes_nothing(old, new, before, after):
    def turned(table):
        return dict(reversed(table.items()))

    found = index(turned(old), turned(before), turned(new), turned(after))
    assert found == index(old, before, new, after)


@given(some_prices, some_prices, some_basket, some_basket)
def test_exchanging_the_dates_turns_laspeyres_into_the_inverse_of_paasche(old, new, before, after):
    there, back = index(old, before, new, after), index(new, after, old, before)
    assert there.laspeyres is not None
    assert back.paasche is not None
    assert there.laspeyres * back.paasche == 100 * 100


@given(some_prices, some_prices, some_basket, some_basket)
def test_the_gap_is_the_buyers_own_mixing(old, new, before, after):
    def mean(prices, basket):
        return sum(prices[g] * basket[g] for g in GOODS) / sum(basket.values())

    paasche, mix = index(old, before, new, after).paasche, mixing(old, before, after)
    assert paasche is not None
    assert mix is not None
    assert paasche * mix / 100 == 100 * mean(new, after) / mean(old, before)


@pytest.mark.parametrize(("one", "other"), [(None, F(100)), (F(100), None)])
def test_half_a_fisher_is_none(one, other):
    assert fisher(one, other) is None


# -- concentration -----------------------------------------------------------------------------


def test_concentration_by_hand():
    """Shares 1/2, 1/4, 1/4: 1/4 + 1/16 + 1/16 = 3/8."""
    found = concentration({"north": 2, "east": 1, "west": 1})
    assert found is not None
    assert (found.largest, found.share, found.herfindahl) == ("north", F(1, 2), F(3, 8))


def test_one_seller_is_all_there_is():
    found = concentration({"only": 7})
    assert found is not None
    assert (found.share, found.herfindahl) == (1, 1)
    assert concentration({}) is None


AMOUNTS = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(-9, 10**12), max_size=9)


@given(AMOUNTS)
def test_shares_make_up_the_whole_exactly_and_none_is_negative(amounts):
    parts = shares(amounts)
    assert sum(parts.values()) == (1 if parts else 0)
    assert all(0 < part <= 1 for part in parts.values())


@given(AMOUNTS)
def test_the_index_lies_between_equal_sellers_and_a_single_one(amounts):
    """1/n ≤ H ≤ 1, and it is at least the square of the largest share and at most that share."""
    found = concentration(amounts)
    if found is None:
        assert not shares(amounts)
        return
    count = len(shares(amounts))
    assert F(1, count) <= found.herfindahl <= 1
    assert found.share**2 <= found.herfindahl <= found.share


def test_equal_sellers_have_one_over_their_number():
    found = concentration(dict.fromkeys("abcd", 5))
    assert found is not None
    assert (found.largest, found.herfindahl) == ("a", F(1, 4))


def test_more_given_back_than_bought_has_no_part():
    assert shares({"north": -3, "east": 1, "west": 1}) == {"east": F(1, 2), "west": F(1, 2)}
