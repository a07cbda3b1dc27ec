"""What tokens cost elsewhere: exact where all is known, a range that holds the truth where not."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.at_offer import (
    CacheRules,
    Cost,
    Load,
    NoPrice,
    Price,
    Step,
    Yield,
    cost_of,
    left_behind,
    yield_of,
)
from plimsoll.analysis.reprice import Reason, Repricing, Stay, part_of
from plimsoll.domain.tariff import UNITS, Kind

PARTS = 1000
PROMISED, BY_ITSELF = CacheRules(automatic=False), CacheRules(automatic=True)


def price(**rates: int) -> Price:
    """One price without steps; a token costs so many whole nano-units."""
    return (step(-1, **rates),)


def step(above: int, **rates: int) -> Step:
    return Step(above, {Kind(kind): rate * PARTS for kind, rate in rates.items()})


def load(*, tells_writes: bool = True, average: int | None = None, **counts: int) -> Load:
    """One call, unless an average says that it is many."""
    held = {Kind(kind): count for kind, count in counts.items()}
    prompt = sum(n for k, n in held.items() if k not in UNITS and k is not Kind.OUTPUT)
    return Load(
        held,
        shortest=prompt if average is None else 0,
        longest=prompt,
        average=prompt if average is None else average,
        tells_writes=tells_writes,
        worth=7 * prompt,
        currency="USD",
    )


def ends(held: Load, *prices: Price, rules: CacheRules = PROMISED, **more: Any) -> tuple[int, int]:
    cost = cost_of(held, prices, rules, parts=PARTS, **more)
    return cost.low, cost.high


CALL = {"input": 100, "cache_read": 1000, "cache_write_5m": 200, "output": 10}
FULL = {"input": 10, "cache_read": 1, "cache_write_5m": 12, "cache_write_1h": 20, "output": 50}


@pytest.mark.parametrize(
    ("rules", "counts", "asked", "expected"),
    [
        # The same kinds of price, and a cache that is told what to keep: exact.
        (PROMISED, CALL, FULL, (1000 + 1000 + 2400 + 500,) * 2),
        # No charge for writes: what is written is input the first time, and half may be missed.
        (
            BY_ITSELF,
            CALL,
            {"input": 10, "cache_read": 1, "output": 50},
            (3000 + 1000 + 500, 3000 + 500 + 5000 + 500),
        ),
        # No price for cache reads: nobody knows what they cost, from nothing to full input.
        (BY_ITSELF, CALL, {"input": 10, "output": 50}, (3000 + 500, 13000 + 500)),
        (PROMISED, CALL, {"input": 10, "output": 50}, (3000 + 500, 13000 + 500)),
        (PROMISED, {"input": 100, "output": 10}, {"input": 10, "output": 50}, (1500, 1500)),
        # Writes for an hour where nothing is kept so long: written short, and half read again late.
        (
            PROMISED,
            {"cache_read": 1000, "cache_write_1h": 200, "output": 10},
            {"input": 10, "cache_read": 1, "cache_write_5m": 12, "output": 50},
            (2400 + 1000 + 500, 2400 + 500 + 6000 + 500),
        ),
        # The longest writes are those of an hour where there are only these.
        (PROMISED, {"cache_write_12h": 200}, FULL, (4000, 4000)),
        # A prompt too short to be cached there pays in full; one that may be is a range.
        (CacheRules(automatic=False, minimum=(1301, 4096)), CALL, FULL, (13000 + 500,) * 2),
        (
            CacheRules(automatic=False, minimum=(1024, 4096)),
            CALL,
            FULL,
            (1000 + 1000 + 2400 + 500, 13000 + 500),
        ),
        (CacheRules(automatic=False, minimum=(1024, 1300)), CALL, FULL, (4900, 4900)),
    ],
)
def test_the_rules_of_the_targets_cache(
    rules: CacheRules, counts: dict[str, int], asked: dict[str, int], expected: tuple[int, int]
) -> None:
    assert ends(load(**counts), price(**asked), rules=rules) == expected


def test_an_origin_that_does_not_count_writes_may_have_to_pay_for_them() -> None:
    held = load(tells_writes=False, input=100, cache_read=1000, output=10)
    # At best as read; at worst half is missed, and all fresh input is written.
    assert ends(held, price(**FULL)) == (1000 + 1000 + 500, 500 + (500 + 100) * 12 + 500)


def test_where_only_days_are_known_the_range_is_from_off_peak_to_peak() -> None:
    peak, off_peak = price(input=4, output=8), price(input=2, output=4)
    assert ends(load(input=100, output=10), peak, off_peak) == (240, 480)
    assert ends(load(input=100, output=10), off_peak) == (240, 240)


def test_a_calls_own_length_decides_which_step_it_pays() -> None:
    steps = (step(-1, input=1, output=1), step(200, input=2, output=3))
    assert ends(load(input=200, output=10), steps) == (210, 210)
    assert ends(load(input=201, output=10), steps) == (432, 432)
    # Many calls whose lengths nobody tells may lie in both.
    assert ends(load(input=201, output=10, average=20), steps) == (211, 432)
    # Another tokenizer can push a prompt over the step.
    wider = Yield(Fraction(1), Fraction(11, 10))
    assert ends(load(input=190, output=0), steps, tokens=wider) == (190, round(418 * 1.0))


def test_the_yield_of_two_tokenizers_is_as_wide_as_both() -> None:
    assert yield_of((80, 135), (100, 140)) == Yield(Fraction(80, 140), Fraction(135, 100))
    assert yield_of((100, 100), (100, 100)) == Yield()


def test_the_tokenizer_changes_no_search() -> None:
    held = load(input=100, output=0, searches=3)
    double = Yield(Fraction(2), Fraction(2))
    assert ends(held, price(input=1, output=1, searches=9), tokens=double) == (227, 227)


def test_what_the_target_does_not_know_stays_with_its_amount() -> None:
    asked = price(input=1, output=1)
    held = Load(
        {Kind.INPUT: 10, Kind.OUTPUT: 1, Kind.INPUT_AUDIO: 5, Kind.SEARCHES: Decimal(3)},
        longest=15,
        average=15,
        worth=100,
        currency="USD",
        apart={Kind.INPUT_AUDIO: 20, Kind.SEARCHES: 30},
    )
    assert left_behind(held, [asked]) == {Kind.INPUT_AUDIO, Kind.SEARCHES}
    sums = Repricing(PROMISED, parts=PARTS)
    sums.move(held, [asked])
    result = sums.result()
    assert (result.low, result.high, result.moved) == (11, 11, 11)
    assert result.worths == (("USD", 50),)
    assert result.stays == (
        Stay(Reason.UNIT, "searches", "USD", 30, 0, Decimal(3)),
        Stay(Reason.MEDIA, "input_audio", "USD", 20, 5),
    )


def test_what_is_left_without_an_amount_makes_the_rest_unknown_too() -> None:
    held = Load({Kind.INPUT: 10, Kind.INPUT_IMAGE: 5}, longest=15, worth=100, currency="USD")
    sums = Repricing(PROMISED, parts=PARTS)
    sums.move(held, [price(input=1, output=1)])
    result = sums.result()
    assert (result.worths, result.unpriced) == ((), 10)
    assert [(stay.what, stay.nanos) for stay in result.stays] == [("input_image", None)]


def test_a_target_that_does_not_price_output_prices_nothing() -> None:
    with pytest.raises(NoPrice) as missing:
        ends(load(**CALL), price(input=1))
    assert missing.value.kind is Kind.OUTPUT
    sums = Repricing(PROMISED, parts=PARTS)
    sums.move(load(**CALL), [price(input=1)])
    result = sums.result()
    assert (result.low, result.moved) == (0, 0)
    assert [(stay.reason, stay.tokens) for stay in result.stays] == [(Reason.NO_PRICE, 1310)]


# -- whatever the figures are --------------------------------------------------------------------

TEXT = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
tokens = st.integers(0, 10**7)
rates = st.integers(0, 10**9)
yields = st.tuples(st.integers(50, 200), st.integers(0, 100)).map(
    lambda p: Yield(Fraction(p[0], 100), Fraction(p[0] + p[1], 100))
)


@st.composite
def loads(draw: st.DrawFn) -> Load:
    counts = {kind: draw(tokens) for kind in TEXT}
    many = draw(st.booleans())
    return load(
        tells_writes=draw(st.booleans()),
        average=draw(st.integers(0, 5000)) if many else None,
        **counts,
    )


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """Any list that has input and output, with or without a cache, with or without a step."""

    def rates_of() -> dict[Kind, int]:
        kinds = {Kind.INPUT, Kind.OUTPUT}
        kinds |= draw(st.sets(st.sampled_from([Kind(k) for k in TEXT])))
        return {kind: draw(rates) for kind in sorted(kinds)}

    first = Step(-1, rates_of())
    return (
        (first, Step(draw(st.integers(1, 10**6)), rates_of())) if draw(st.booleans()) else (first,)
    )


rules_of_caches = st.builds(
    CacheRules,
    automatic=st.booleans(),
    minimum=st.tuples(st.integers(0, 3000), st.integers(0, 3000)).map(
        lambda pair: (min(pair), max(pair))
    ),
)


@given(loads(), prices(), st.lists(prices(), max_size=2), rules_of_caches, yields)
def test_the_low_end_is_never_above_the_high_end(
    held: Load, one: Price, more: list[Price], rules: CacheRules, share: Yield
) -> None:
    cost = cost_of(held, [one, *more], rules, parts=PARTS, tokens=share)
    assert 0 <= cost.low <= cost.high
    # More that is not known never makes a range narrower.
    alone = cost_of(held, [one], rules, parts=PARTS, tokens=share)
    assert cost.low <= alone.low <= alone.high <= cost.high
    exact = cost_of(held, [one], rules, parts=PARTS, tokens=Yield(share.low, share.low))
    assert alone.low <= exact.low <= exact.high <= alone.high


@given(st.fixed_dictionaries(dict.fromkeys(TEXT, tokens)), rules_of_caches, st.data())
def test_the_same_tokens_at_the_same_prices_are_worth_the_same(
    counts: dict[str, int], rules: CacheRules, data: st.DataObject
) -> None:
    asked = {kind: data.draw(rates) for kind in TEXT}
    cost = cost_of(
        load(**counts),
        [(Step(-1, {Kind(kind): rate for kind, rate in asked.items()}),)],
        rules,
        parts=PARTS,
        same=True,
    )
    worth = round(sum(Fraction(counts[kind] * asked[kind], PARTS) for kind in TEXT))
    assert cost.low == cost.high == worth


@given(st.lists(st.tuples(loads(), prices(), yields), max_size=6), rules_of_caches)
def test_kinds_sum_to_both_ends_and_no_token_is_lost(
    held: list[tuple[Load, Price, Yield]], rules: CacheRules
) -> None:
    sums = Repricing(rules, parts=PARTS)
    singles: list[Cost] = []
    for one, asked, share in held:
        sums.move(one, [asked], share)
        singles.append(cost_of(one, [asked], rules, parts=PARTS, tokens=share))
    stayed = load(input=5, output=7)
    sums.stay(stayed, Reason.TIER, "batch")
    result = sums.result()
    assert result.low == sum(cost.low for cost in singles)
    assert result.high == sum(cost.high for cost in singles)
    assert sum(kind.low for kind in result.kinds) == result.low
    assert sum(kind.high for kind in result.kinds) == result.high
    everything = sum(one.tokens for one, _, _ in held) + stayed.tokens
    assert result.moved + sum(stay.tokens for stay in result.stays) == everything
    worths = dict(result.worths).get("USD", 0) + sum(stay.nanos or 0 for stay in result.stays)
    assert worths == sum(one.worth or 0 for one, _, _ in held) + (stayed.worth or 0)


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(0, 100))
def test_a_share_and_its_rest_are_the_whole(one: int, other: int, percent: int) -> None:
    part = part_of(one, percent)
    assert abs(part - Fraction(one * percent, 100)) < 1
    assert 0 <= one - part <= one
    assert part_of(one, 100) == one
    assert part_of(one, 0) == 0
    # A smaller amount never has the larger share: the low end stays the low end.
    assert part_of(min(one, other), percent) <= part_of(max(one, other), percent)
