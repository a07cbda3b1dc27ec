"""A change is explained whole: exact for any data, and each pure change by its own cause alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from math import prod
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.analysis.change import (
    Cause,
    Explained,
    Side,
    Spent,
    Thing,
    Used,
    explain,
)
from plimsoll.analysis.shapley import shapley_of_product
from plimsoll.domain.usage import Tokens

QUICK = settings(max_examples=120)


def used(
    model: str | None,
    *,
    project: str | None = None,
    tier: str | None = None,
    worths: tuple[int, ...] | None = None,
    priced: bool = True,
    **counts: int,
) -> Used:
    return Used(Tokens(**counts), "Work", project, model, tier, worths, priced)


def spent(
    nanos: int, model: str | None, *, project: str | None = None, line: str | None = None
) -> Spent:
    return Spent(nanos, "Work", project, model, line)


def one(model: str, nanos: int, **more: Any) -> Side:
    return Side((spent(nanos, model),), (used(model, **more),))


def together(*sides: Side) -> Side:
    return Side(
        [row for side in sides for row in side.spent], [row for side in sides for row in side.used]
    )


def parts(explained: Explained) -> dict[str, int]:
    """The causes that explain something."""
    return {part.cause.value: part.amount for part in explained.parts if part.amount or part.things}


def five(t: Tokens) -> tuple[int, ...]:
    return t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output


def things(explained: Explained, cause: Cause) -> tuple[Thing, ...]:
    return next(part.things for part in explained.parts if part.cause is cause)


# --- any data ---

names = st.sampled_from(["a", "b", None])
counts = st.integers(0, 10**12)


@st.composite
def token_counts(draw: st.DrawFn) -> Tokens:
    output = draw(counts)
    reasoning = draw(st.sampled_from([0, output // 3, output]))
    writes = (draw(st.sampled_from([0, 7])), draw(st.sampled_from([0, 3])))
    return Tokens(draw(counts), draw(counts), *writes, output, reasoning)


tokens = token_counts()
worths = st.none() | st.tuples(*[st.integers(0, 10**15)] * 5)
used_rows = st.builds(
    Used, tokens, st.sampled_from(["x", "y"]), names, names, names, worths, st.booleans()
)
spent_rows = st.builds(
    Spent,
    st.integers(-(10**6), 10**15),
    st.sampled_from(["x", "y"]),
    names,
    names,
    names,
    st.booleans(),
)
sides = st.builds(
    Side,
    st.lists(spent_rows, max_size=6),
    st.lists(used_rows, max_size=6),
    st.sampled_from([frozenset(), frozenset({"x"})]),
)


@QUICK
@given(sides, sides)
def test_the_parts_sum_to_the_difference_and_the_things_to_their_part(a: Side, b: Side) -> None:
    explained = explain(a, b)
    assert [part.cause for part in explained.parts] == list(Cause)
    assert sum(part.amount for part in explained.parts) == b.total - a.total
    assert explained.difference == b.total - a.total
    for part in explained.parts:
        assert sum(thing.amount for thing in part.things) == part.amount
        assert all(thing.amount for thing in part.things)


@QUICK
@given(sides, sides)
def test_exchanging_the_periods_negates_every_part(a: Side, b: Side) -> None:
    there, back = explain(a, b), explain(b, a)
    mirrored = {Cause.NEW: Cause.ENDED, Cause.ENDED: Cause.NEW}
    found = {
        (mirrored.get(part.cause, part.cause), thing.dimension, thing.name): -thing.amount
        for part in back.parts
        for thing in part.things
    }
    assert found == {
        (part.cause, thing.dimension, thing.name): thing.amount
        for part in there.parts
        for thing in part.things
    }


@QUICK
@given(sides, sides, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(a: Side, b: Side, random: Random) -> None:
    def shuffled(side: Side) -> Side:
        rows, uses = list(side.spent), list(side.used)
        random.shuffle(rows)
        random.shuffle(uses)
        return Side(rows, uses, side.unknown)

    assert explain(shuffled(a), shuffled(b)) == explain(a, b)


@QUICK
@given(sides)
def test_nothing_explains_no_change(a: Side) -> None:
    assert parts(explain(a, a)) == {}


# --- one thing changes ---


@st.composite
def priced_sides(draw: st.DrawFn) -> Side:
    """Models that have tokens and money, and nothing else."""
    rows = draw(
        st.lists(used_rows.filter(lambda row: row.tokens.total > 0), min_size=1, max_size=5)
    )
    uses = [Used(r.tokens, r.source, r.project, r.model, r.tier, r.worths) for r in rows]
    money = [
        Spent(draw(st.integers(0, 10**12)), row.source, row.project, row.model) for row in uses
    ]
    return Side(money, uses)


def scaled(side: Side, *, money: int, use: int) -> Side:
    def times(row: Used) -> Used:
        t = row.tokens
        classes = five(t)
        worth = row.worths and tuple(use * w for w in row.worths)
        grown = Tokens(*(use * count for count in (*classes, t.reasoning)))
        return Used(grown, row.source, row.project, row.model, row.tier, worth, row.priced)

    return Side(
        [Spent(money * r.nanos, r.source, r.project, r.model, r.line_item) for r in side.spent],
        [times(row) for row in side.used],
    )


@QUICK
@given(priced_sides(), st.integers(2, 9))
def test_more_of_the_same_is_volume_alone(side: Side, times: int) -> None:
    assert set(parts(explain(side, scaled(side, money=times, use=times)))) <= {"volume"}


@QUICK
@given(priced_sides(), st.integers(2, 9))
def test_the_same_tokens_for_other_money_is_price_alone(side: Side, times: int) -> None:
    assert set(parts(explain(side, scaled(side, money=times, use=1)))) <= {"price"}


def test_a_list_price_of_one_class_that_changes_is_price_alone() -> None:
    before = one("m", 1_500, input=1_000, output=100, worths=(1_000, 0, 0, 0, 500))
    after = one("m", 1_200, input=1_000, output=100, worths=(1_000, 0, 0, 0, 200))
    assert parts(explain(before, after)) == {"price": -300}


def test_tokens_that_move_to_a_dearer_model_are_model_mix_alone() -> None:
    before = together(one("dear", 500, input=50), one("cheap", 50, input=50))
    after = together(one("dear", 900, input=90), one("cheap", 10, input=10))
    explained = explain(before, after)
    assert parts(explained) == {"model_mix": 360}
    assert things(explained, Cause.MODEL_MIX) == (
        Thing("model", "dear", 400),
        Thing("model", "cheap", -40),
    )


def test_tokens_that_come_from_the_cache_are_class_mix_alone() -> None:
    before = one(
        "m",
        1_000 + 10 + 500,
        input=1_000,
        cache_read=100,
        output=100,
        worths=(10_000, 100, 0, 0, 5_000),
    )
    after = one(
        "m", 600 + 50 + 500, input=600, cache_read=500, output=100, worths=(6_000, 500, 0, 0, 5_000)
    )
    explained = explain(before, after)
    assert parts(explained) == {"class_mix": -360}
    assert things(explained, Cause.CLASS_MIX) == (
        Thing("token_class", "input", -400),
        Thing("token_class", "cache_read", 40),
    )


def test_more_reasoning_in_the_output_is_told_by_its_name_and_is_class_mix_alone() -> None:
    def thinking(share: int) -> Side:
        fresh, output = 900 - share, 100 + share
        return one(
            "m",
            fresh + 10 * output,
            input=fresh,
            output=output,
            reasoning=share,
            worths=(fresh, 0, 0, 0, 10 * output),
        )

    explained = explain(thinking(50), thinking(250))
    told = {t.name: t.amount for t in things(explained, Cause.CLASS_MIX)}
    assert told["reasoning"] > 0
    assert told["input"] < 0
    assert "output" not in told, "the rest of the output has not moved"


def test_reasoning_that_one_period_does_not_tell_stays_within_the_output() -> None:
    worths = (900, 0, 0, 0, 1_000)
    untold = one("m", 1_900, input=900, output=100, worths=worths)
    told = one("m", 3_700, input=700, output=300, reasoning=200, worths=(700, 0, 0, 0, 3_000))
    for explained in (explain(untold, told), explain(told, untold)):
        assert {t.name for t in things(explained, Cause.CLASS_MIX)} == {"input", "output"}


@QUICK
@given(sides, sides)
def test_telling_reasoning_apart_moves_nothing_between_the_causes(a: Side, b: Side) -> None:
    """At one price for all output, which is what every price list has."""

    def one_tier_and_priced(side: Side, *, reasons: bool) -> Side:
        return Side(
            side.spent,
            [
                Used(
                    replace(row.tokens, reasoning=row.tokens.reasoning if reasons else 0),
                    row.source,
                    row.project,
                    row.model,
                    None,
                    tuple(3 * c for c in five(row.tokens)),
                )
                for row in side.used
            ],
            side.unknown,
        )

    apart, whole = (
        explain(one_tier_and_priced(a, reasons=r), one_tier_and_priced(b, reasons=r))
        for r in (True, False)
    )
    for one_part, other in zip(apart.parts, whole.parts, strict=True):
        assert abs(one_part.amount - other.amount) <= len(one_part.things) + len(other.things)


def test_a_class_that_is_used_for_the_first_time_is_mix_and_not_price() -> None:
    before = one("m", 1_000, input=1_000, worths=(1_000, 0, 0, 0, 0))
    after = one("m", 550, input=500, cache_read=500, worths=(500, 50, 0, 0, 0))
    assert parts(explain(before, after)) == {"class_mix": -450}


def test_tokens_that_move_to_the_batch_tier_are_mix_and_not_price() -> None:
    before = one("m", 1_000, input=1_000, worths=(1_000, 0, 0, 0, 0), tier="default")
    half = used("m", input=500, worths=(500, 0, 0, 0, 0), tier="default")
    batch = used("m", input=500, worths=(250, 0, 0, 0, 0), tier="batch")
    explained = explain(before, Side((spent(750, "m"),), (half, batch)))
    assert parts(explained) == {"class_mix": -250}
    assert things(explained, Cause.CLASS_MIX) == (
        Thing("tier", "default", -500),
        Thing("tier", "batch", 250),
    )


def test_classes_whose_worth_is_unknown_take_what_they_are_worth_elsewhere() -> None:
    before = one("m", 1_500, input=1_000, output=100, worths=(2_000, 0, 0, 0, 1_000))
    after = one("m", 2_000, input=1_000, output=200)
    assert set(parts(explain(before, after))) == {"volume", "class_mix"}


def test_volume_and_price_against_each_other_meet_in_the_middle() -> None:
    explained = explain(one("m", 100, input=100), one("m", 100, input=200))
    assert parts(explained) == {"volume": 75, "price": -75}


# --- what is in one period only ---

STEADY = one("m", 100, input=100)


def test_a_project_that_begins_or_ends_is_told_by_its_name() -> None:
    extra = Side((spent(70, "m", project="bot"),), (used("m", project="bot", input=1_000),))
    begun = explain(STEADY, together(STEADY, extra))
    assert parts(begun) == {"new": 70}
    assert things(begun, Cause.NEW) == (Thing("project", "bot", 70),)
    ended = explain(together(STEADY, extra), STEADY)
    assert parts(ended) == {"ended": -70}
    assert things(ended, Cause.ENDED) == (Thing("project", "bot", -70),)


def test_a_model_that_begins_in_a_lasting_project_is_new() -> None:
    explained = explain(STEADY, together(STEADY, one("next", 30, input=5)))
    assert parts(explained) == {"new": 30}
    assert things(explained, Cause.NEW) == (Thing("model", "next", 30),)


def test_a_source_that_knows_no_projects_is_new_by_its_own_name() -> None:
    other = Side((Spent(9, "Home", None, "m"),), (Used(Tokens(5), "Home", None, "m"),))
    explained = explain(STEADY, together(STEADY, other))
    assert things(explained, Cause.NEW) == (Thing("source", "Home", 9),)


def test_what_was_not_attributed_is_no_new_project() -> None:
    named = Side((spent(50, "m", project="bot"),), (used("m", project="bot", input=50),))
    explained = explain(named, together(named, one("m", 50, input=50)))
    assert parts(explained) == {"volume": 50}


# --- what no tokens explain ---


def test_charges_without_tokens_are_the_residual_by_their_line() -> None:
    before = together(STEADY, Side((spent(5, None, line="web search"),)))
    after = together(STEADY, Side((spent(25, None, line="web search"),)))
    explained = explain(before, after)
    assert parts(explained) == {"residual": 20}
    assert things(explained, Cause.RESIDUAL) == (Thing("line_item", "web search", 20),)


def test_tokens_that_had_no_price_do_not_make_their_model_new() -> None:
    before = together(STEADY, Side((), (used("late", input=10, priced=False),)))
    explained = explain(before, together(STEADY, one("late", 40, input=10)))
    assert parts(explained) == {"residual": 40}


def test_a_models_money_for_other_units_is_no_price_of_its_tokens() -> None:
    searches = Side((Spent(30, "Work", None, "m", on_tokens=False),))
    explained = explain(STEADY, together(STEADY, searches))
    assert parts(explained) == {"residual": 30}
    assert things(explained, Cause.RESIDUAL) == (Thing("model", "m", 30),)


def test_a_source_whose_other_period_is_unknown_is_not_new() -> None:
    unknown = Side(STEADY.spent, STEADY.used, frozenset({"Home"}))
    home = Side((Spent(9, "Home", "shop", "m"),), (Used(Tokens(5), "Home", "shop", "m"),))
    explained = explain(unknown, together(STEADY, home))
    assert things(explained, Cause.RESIDUAL) == (Thing("source", "Home", 9),)
    assert parts(explained) == {"residual": 9}


def test_two_periods_of_nothing() -> None:
    assert parts(explain(Side(), Side())) == {}
    assert parts(explain(Side(), STEADY)) == {"new": 100}


# --- the arithmetic ---

factor = st.fractions(-100, 100, max_denominator=50)


@QUICK
@given(st.lists(st.tuples(factor, factor), min_size=1, max_size=5))
def test_the_values_are_the_mean_over_all_orders(pairs: list[tuple[Fraction, Fraction]]) -> None:
    before, after = [b for b, _ in pairs], [a for _, a in pairs]
    sums = [Fraction(0)] * len(pairs)
    orders = list(permutations(range(len(pairs))))
    for order in orders:
        state = list(before)
        for place in order:
            held = prod(state, start=Fraction(1))
            state[place] = after[place]
            sums[place] += prod(state, start=Fraction(1)) - held
    assert shapley_of_product(before, after) == [total / len(orders) for total in sums]


@pytest.mark.parametrize("nanos", [1, 2, 10, 10**9 + 1])
def test_amounts_that_do_not_divide_lose_no_nano_unit(nanos: int) -> None:
    before = together(one("a", nanos, input=3), one("b", 2 * nanos, input=7))
    after = together(one("a", 5 * nanos, input=11), one("b", nanos, input=13))
    explained = explain(before, after)
    assert sum(part.amount for part in explained.parts) == 3 * nanos
