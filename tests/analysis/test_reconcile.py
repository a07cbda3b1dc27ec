"""A bill against its tokens: exact for any data, and each cause alone named with its amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
from bill_kit import (
    FIRST,
    RATES,
    USAGE,
    bill_for,
    billed,
    causes,
    compared,
    cost,
    day,
    tokens_used,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.analysis.bill import CLASSES, STANDARD, TOKENS, BillLine, DayState, Statement, Used
from plimsoll.analysis.causes import Cause, KnownFrom, Status
from plimsoll.analysis.reconcile import reconcile
from plimsoll.domain.money import NANO
from plimsoll.domain.tokens import Tokens

QUICK = settings(max_examples=200)
COUNTED = pytest.mark.parametrize("is_counted", [True, False], ids=["counted", "by money"])

# -- any data ----------------------------------------------------------------------------------

days = st.integers(0, 3).map(lambda number: FIRST + timedelta(days=number))
models = st.sampled_from(("small", "large", "large-2026-01-01", None))
tiers = st.sampled_from((STANDARD, "batch", None))
nanos = st.integers(-(10**6), 10**12)
counts = st.integers(0, 10**7)
lines = st.builds(
    BillLine,
    day=days,
    nanos=nanos,
    words=st.sampled_from(("", "storage", "a, b")),
    model=models,
    kind=st.sampled_from((*CLASSES, TOKENS, "searches", "images", "")),
    tier=tiers,
    quantity=st.none() | counts | st.fractions(0, 100),
    listed=st.none() | nanos,
)
used_rows = st.builds(
    Used,
    day=days,
    tokens=st.builds(Tokens, counts, counts, counts, counts, counts),
    model=models,
    tier=st.sampled_from((STANDARD, "batch", "priority")),
    worth=st.none() | st.integers(0, 10**12),
    off=st.integers(0, 10**6),
    rates=st.dictionaries(
        st.sampled_from((*CLASSES, "searches")), st.integers(0, 10**11), max_size=6
    ),
    units=st.sampled_from(((), (("searches", Fraction(3)),))),
    elsewhere=st.booleans(),
)
states = st.dictionaries(days, st.sampled_from(DayState), max_size=4)
statements = st.builds(
    Statement, lines=st.lists(lines, max_size=8), used=st.lists(used_rows, max_size=8), days=states
)
priced = st.builds(
    tokens_used,
    st.just("large"),
    st.builds(
        Tokens,
        *(st.integers(0, 5_000).map(lambda n: n * 1_000) for _ in range(3)),
        st.just(0),
        st.integers(0, 900).map(lambda n: n * 1_000),
    ),
    on=st.integers(0, 3),
    tier=st.sampled_from((STANDARD, "batch")),
    searches=st.integers(0, 3),
)


@QUICK
@given(statements)
def test_the_causes_sum_exactly_to_the_difference(statement: Statement) -> None:
    found = reconcile(statement)
    assert found.billed == sum(line.nanos for line in statement.lines)
    assert found.computed == sum(row.worth or 0 for row in statement.used)
    assert sum(part.amount for part in found.parts) == found.difference
    for part in found.parts:
        assert sum(thing.amount for thing in part.things) == part.amount
        amounts = [abs(thing.amount) for thing in part.things]
        assert amounts == sorted(amounts, reverse=True)


@QUICK
@given(statements, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_how_they_are_split_changes_anything(
    statement: Statement, dice: Random
) -> None:
    cut_lines, cut_used = [], []
    for line in statement.lines:
        first, second = (
            line,
            replace(line, nanos=0, quantity=line.quantity and 0, listed=line.listed),
        )
        if line.nanos > 1 and line.listed is None:
            part = dice.randrange(line.nanos)
            sold = None if line.quantity is None else line.quantity / Fraction(3)
            rest = None if line.quantity is None or sold is None else line.quantity - sold
            first = replace(line, nanos=part, quantity=sold)
            second = replace(line, nanos=line.nanos - part, quantity=rest)
        cut_lines += [first] if first is line else [first, second]
    for row in statement.used:
        cut_used.append(row)
        if row.worth is not None and row.tokens.input > 1:
            part = dice.randrange(row.worth + 1)
            count = dice.randrange(row.tokens.input)
            cut_used[-1] = replace(
                row, worth=row.worth - part, tokens=replace(row.tokens, input=count)
            )
            cut_used.append(
                replace(
                    row,
                    worth=part,
                    off=0,
                    units=(),
                    tokens=Tokens(input=row.tokens.input - count),
                )
            )
    dice.shuffle(cut_lines)
    dice.shuffle(cut_used)
    assert reconcile(Statement(cut_lines, cut_used, statement.days)) == reconcile(statement)


@QUICK
@given(st.lists(priced, max_size=6), st.booleans(), states)
def test_identical_sides_have_no_cause(
    rows: list[Used], is_counted: bool, known: dict[object, DayState]
) -> None:
    lines = bill_for(rows, is_counted=is_counted)
    whole = {d: s for d, s in known.items() if s in {DayState.FINAL, DayState.OPEN}}
    found = reconcile(Statement(lines, rows, whole))  # type: ignore[arg-type]
    assert found.parts == ()
    assert found.status is Status.AGREES


@COUNTED
@pytest.mark.parametrize("factor", [Fraction(100), Fraction(1, 100)], ids=["dollars", "cents"])
@pytest.mark.parametrize("only", [None, "small"], ids=["everywhere", "one model"])
def test_a_wrong_unit_is_a_price_or_unexplained_and_never_agreement(
    is_counted: bool, factor: Fraction, only: str | None
) -> None:
    rows = [tokens_used(model, on=on) for model in ("small", "large") for on in range(3)]
    lines = [
        replace(line, nanos=int(line.nanos * factor)) if only in {None, line.model} else line
        for line in bill_for(rows, is_counted=is_counted)
    ]
    found = compared(lines, rows)
    assert found.difference != 0
    assert causes(found).keys() <= {Cause.PRICE_DIFFERS, Cause.UNEXPLAINED}
    assert found.status is not Status.AGREES


# -- each cause alone --------------------------------------------------------------------------


@COUNTED
def test_what_is_not_tokens_is_named_by_the_bills_own_words(is_counted: bool) -> None:
    rows = [tokens_used("small")]
    storage = billed(None, "", 3 * NANO, words="file search storage")
    images = billed("pictures", "images", 2 * NANO, words="pictures, image output")
    found = compared([*bill_for(rows, is_counted=is_counted), storage, images], rows)
    assert causes(found) == {Cause.NOT_TOKENS: 5 * NANO}
    assert [t.what.words for t in found.parts[0].things] == [
        "file search storage",
        "pictures, image output",
    ]
    assert found.status is Status.EXPLAINED


@COUNTED
def test_tokens_without_a_price_explain_what_is_billed_for_them(is_counted: bool) -> None:
    known, unknown = tokens_used("small"), tokens_used("large", is_priced=False)
    lines = bill_for([known, tokens_used("large")], is_counted=is_counted)
    found = compared(lines, [known, unknown])
    whole = cost("large", "input", 4_000_000) + cost("large", "cache_read", 10_000_000)
    assert causes(found) == {Cause.PRICE_UNKNOWN: whole + cost("large", "output", 600_000)}
    assert {t.what.kind: t.quantity for t in found.parts[0].things} == {
        "input": 4_000_000,
        "cache_read": 10_000_000,
        "output": 600_000,
    }


@COUNTED
def test_tokens_with_and_without_a_price_of_one_model_share_its_bill(is_counted: bool) -> None:
    known, unknown = tokens_used("large"), tokens_used("large", is_priced=False)
    lines = bill_for([known, known], is_counted=is_counted)
    found = compared(lines, [known, unknown])
    assert causes(found) == {Cause.PRICE_UNKNOWN: known.worth}


def test_what_the_bill_leaves_out_by_rule_is_named_with_and_without_a_worth() -> None:
    rows = [
        tokens_used("small"),
        tokens_used("large", tier="priority", is_priced=False, elsewhere=True),
    ]
    found = compared(bill_for(rows[:1], is_counted=False), rows)
    (part,) = found.parts
    assert (part.cause, part.amount) == (Cause.BILLED_ELSEWHERE, 0)
    assert part.things[0].quantity == USAGE.total
    priced_rows = [rows[0], tokens_used("large", tier="priority", elsewhere=True)]
    found = compared(bill_for(rows[:1], is_counted=False), priced_rows)
    assert causes(found) == {Cause.BILLED_ELSEWHERE: -(priced_rows[1].worth or 0)}


@COUNTED
def test_a_batch_that_the_usage_does_not_tell(is_counted: bool) -> None:
    rows = [tokens_used("small"), tokens_used("small", on=1)]
    night = tokens_used("small", tier="batch", times=2)
    lines = [
        *bill_for([night], is_counted=is_counted),
        *bill_for(rows[1:], is_counted=is_counted),
    ]
    found = compared(lines, rows)
    assert causes(found) == {Cause.TIER: (night.worth or 0) - (rows[0].worth or 0)}
    assert {(t.what.tier, t.what.against) for t in found.parts[0].things} == {("batch", STANDARD)}


@COUNTED
def test_a_batch_for_a_part_of_what_the_usage_tells_as_one(is_counted: bool) -> None:
    night = tokens_used("small", tier="batch", times=2)
    whole = Tokens(8_000_000, 20_000_000, output=1_200_000)
    lines = bill_for([tokens_used("small"), night], is_counted=is_counted)
    found = compared(lines, [tokens_used("small", whole)])
    assert causes(found) == {Cause.TIER: -(night.worth or 0)}


@COUNTED
def test_a_batch_that_the_bill_does_not_tell(is_counted: bool) -> None:
    night = tokens_used("small", tier="batch", times=2)
    found = compared(bill_for([tokens_used("small")], is_counted=is_counted), [night])
    assert causes(found) == {Cause.TIER: night.worth}


@COUNTED
def test_a_bill_that_tells_no_tiers_at_all_is_compared_without_them(is_counted: bool) -> None:
    rows = [tokens_used("small"), tokens_used("small", tier="batch", times=2)]
    lines = [replace(line, tier=None) for line in bill_for(rows, is_counted=is_counted)]
    assert compared(lines, rows).parts == ()


@COUNTED
@pytest.mark.parametrize("teller", ["bill", "usage"])
def test_a_cache_class_that_one_side_does_not_tell(is_counted: bool, teller: str) -> None:
    told = tokens_used("small", Tokens(1_000_000, 3_000_000, output=200_000))
    plain = tokens_used("small", Tokens(4_000_000, output=200_000))
    line_rows, used_row = ([told], plain) if teller == "bill" else ([plain], told)
    found = compared(bill_for(line_rows, is_counted=is_counted), [used_row])
    saved = cost("small", "input", 3_000_000) - cost("small", "cache_read", 3_000_000)
    assert causes(found) == {Cause.CACHE_CLASS: -saved if teller == "bill" else saved}


@COUNTED
def test_another_price_is_told_with_both_prices(is_counted: bool) -> None:
    rows = [tokens_used("small", on=on) for on in range(2)]
    lines = [
        replace(line, nanos=line.nanos * 11 // 10) if line.kind == "output" else line
        for line in bill_for([*rows, tokens_used("large")], is_counted=is_counted)
    ]
    lines = [line for line in lines if line.model == "small"]
    found = compared(lines, rows)
    (part,) = found.parts
    assert (part.cause, part.amount) == (
        Cause.PRICE_DIFFERS,
        2 * cost("small", "output", 600_000) // 10,
    )
    (thing,) = part.things
    assert thing.list_price == Fraction(RATES["small"]["output"], 1_000_000)
    assert thing.billed_price == Fraction(RATES["small"]["output"], 1_000_000) * 11 / 10
    assert (thing.days, thing.quantity) == (2, 1_200_000)


def test_one_odd_amount_without_a_quantity_is_no_price_but_not_explained() -> None:
    rows = [tokens_used("small", on=on) for on in range(3)]
    lines = bill_for(rows, is_counted=False)
    lines[2] = replace(lines[2], nanos=lines[2].nanos + NANO)
    found = compared(lines, rows)
    assert causes(found) == {Cause.UNEXPLAINED: NANO}
    assert found.status is Status.UNEXPLAINED


@COUNTED
def test_a_share_common_to_every_line_is_likely_a_discount(is_counted: bool) -> None:
    rows = [tokens_used(model, on=on) for model in ("small", "large") for on in range(2)]
    lines = [
        replace(line, nanos=line.nanos * 92 // 100)
        for line in bill_for(rows, is_counted=is_counted)
    ]
    # a day with one model only, which alone would not be told from a price
    rows.append(tokens_used("small", on=2))
    lines += [
        replace(line, nanos=line.nanos * 92 // 100)
        for line in bill_for(rows[-1:], is_counted=is_counted)
    ]
    found = compared(lines, rows)
    assert causes(found) == {Cause.DISCOUNT: -sum(row.worth or 0 for row in rows) * 8 // 100}
    assert {t.what.known_from for t in found.parts[0].things} == {KnownFrom.RATIO}


@COUNTED
def test_one_model_cheaper_than_its_list_price_is_a_price_and_no_discount(is_counted: bool) -> None:
    rows = [tokens_used(model, on=on) for model in ("small", "large") for on in range(2)]
    lines = [
        replace(line, nanos=line.nanos * 92 // 100) if line.model == "large" else line
        for line in bill_for(rows, is_counted=is_counted)
    ]
    assert causes(compared(lines, rows)).keys() == {Cause.PRICE_DIFFERS}


@COUNTED
def test_cheaper_models_beside_one_at_list_price_are_prices_and_no_discount(
    is_counted: bool,
) -> None:
    """A contract would have taken its share off the one at list price, too."""
    cheap = [replace(tokens_used("large", on=on), model=m) for m in "ab" for on in range(2)]
    rows = [*cheap, *(tokens_used("small", on=on) for on in range(2))]
    lines = [
        line if line.model == "small" else replace(line, nanos=line.nanos * 92 // 100)
        for line in bill_for(rows, is_counted=is_counted)
    ]
    whole = sum(row.worth or 0 for row in cheap)
    assert causes(compared(lines, rows)) == {Cause.PRICE_DIFFERS: -whole * 8 // 100}


def test_a_discount_that_the_bill_tells_is_compared_at_its_list_price() -> None:
    rows = [tokens_used("small"), tokens_used("large", searches=3)]
    lines = [
        replace(line, listed=line.nanos, nanos=line.nanos * 96 // 100)
        for line in bill_for(rows, is_counted=False)
    ]
    found = compared(lines, rows)
    assert causes(found) == {Cause.DISCOUNT: -sum(row.worth or 0 for row in rows) * 4 // 100}
    assert {t.what.known_from for t in found.parts[0].things} == {KnownFrom.BILL}


@COUNTED
def test_a_contract_that_was_entered_is_a_discount_and_not_taken_twice(is_counted: bool) -> None:
    plain = [tokens_used(model) for model in ("small", "large")]
    rows = [replace(row, off=(row.worth or 0) // 10) for row in plain]
    lines = [
        replace(line, nanos=line.nanos * 9 // 10) for line in bill_for(plain, is_counted=is_counted)
    ]
    found = compared(lines, rows)
    assert causes(found) == {Cause.DISCOUNT: -sum(row.off for row in rows)}
    assert {t.what.known_from for t in found.parts[0].things} == {KnownFrom.CONTRACT}
    told = [
        replace(line, listed=listed.nanos)
        for line, listed in zip(lines, bill_for(plain, is_counted=is_counted), strict=True)
    ]
    assert {t.what.known_from for t in compared(told, rows).parts[0].things} == {KnownFrom.BILL}


@COUNTED
def test_a_bill_of_nothing_for_what_is_worth_something_is_a_free_tier(is_counted: bool) -> None:
    rows = [tokens_used("small"), tokens_used("large")]
    lines = [
        replace(line, nanos=0) if line.model == "small" else line
        for line in bill_for(rows, is_counted=is_counted)
    ]
    assert causes(compared(lines, rows)) == {Cause.FREE_TIER: -(rows[0].worth or 0)}
    # one line of nothing says it of the whole model
    first = [line for line in lines if line.model == "large" or line.kind == "input"]
    assert causes(compared(first, rows)) == {Cause.FREE_TIER: -(rows[0].worth or 0)}


@COUNTED
def test_usage_that_is_not_billed_yet_is_a_day_that_is_not_final(is_counted: bool) -> None:
    rows = [tokens_used("small", on=on) for on in range(2)]
    half = tokens_used("small", Tokens(2_000_000, 4_000_000, output=100_000), on=1)
    lines = bill_for([rows[0], half], is_counted=is_counted)
    missing = (half.worth or 0) - (rows[1].worth or 0)
    found = compared(lines, rows, states={1: DayState.OPEN})
    assert causes(found) == {Cause.NOT_FINAL: missing}
    assert {t.first for t in found.parts[0].things} == {day(1)}
    assert causes(compared(lines, rows)) == {Cause.UNEXPLAINED: missing}


@COUNTED
def test_a_day_without_an_answer_is_a_gap_and_not_zero(is_counted: bool) -> None:
    rows = [tokens_used("small", on=on) for on in range(2)]
    lines = bill_for(rows, is_counted=is_counted)
    worth = rows[1].worth or 0
    found = compared(lines[:3], rows, states={1: DayState.NO_BILL, 2: DayState.NOTHING})
    assert causes(found) == {Cause.GAP: -worth}
    assert found.parts[0].things[-1].amount == 0
    assert found.parts[0].things[-1].last == day(2)
    assert causes(compared(lines, rows[:1], states={1: DayState.NO_USAGE})) == {Cause.GAP: worth}


@COUNTED
def test_a_model_on_one_side_only_is_not_explained(is_counted: bool) -> None:
    rows = [tokens_used("small"), tokens_used("large")]
    lines = bill_for(rows, is_counted=is_counted)
    found = compared([line for line in lines if line.model == "small"], rows[1:])
    assert causes(found) == {Cause.UNEXPLAINED: (rows[0].worth or 0) - (rows[1].worth or 0)}
    assert found.unexplained.gross == (rows[0].worth or 0) + (rows[1].worth or 0)
    assert found.status is Status.UNEXPLAINED


def test_amounts_rounded_in_other_places_are_rounding_and_agree() -> None:
    rows = [tokens_used("small")]
    lines = [replace(line, nanos=line.nanos + 1) for line in bill_for(rows, is_counted=True)]
    found = compared(lines, rows)
    assert causes(found) == {Cause.ROUNDING: 3}
    assert found.status is Status.AGREES


# -- as finely as both sides tell --------------------------------------------------------------


def test_a_bill_by_model_only_is_compared_by_model() -> None:
    rows = [tokens_used("small"), tokens_used("large")]
    lines = [billed(row.model, TOKENS, row.worth or 0, tier=None) for row in rows]
    assert compared(lines, rows).parts == ()
    lines[0] = replace(lines[0], nanos=lines[0].nanos + NANO)
    assert causes(compared(lines, rows)) == {Cause.UNEXPLAINED: NANO}


def test_a_bill_of_one_sum_is_compared_with_what_is_left_of_all_models() -> None:
    rows = [tokens_used("small"), tokens_used("large")]
    whole = sum(row.worth or 0 for row in rows)
    assert compared([billed(None, TOKENS, whole, tier=None)], rows).parts == ()
    named = bill_for(rows[:1], is_counted=False)
    rest = billed(None, TOKENS, rows[1].worth or 0, tier=None)
    assert compared([*named, rest], rows).parts == ()


def test_usage_whose_classes_are_priced_as_one_is_compared_as_one() -> None:
    heard = replace(tokens_used("small"), rates={}, worth=7 * NANO)
    lines = [
        billed("small", TOKENS, 4 * NANO, quantity=4_000_000),
        billed("small", "input", 2 * NANO, quantity=10_000_000),
        billed("small", "output", NANO, quantity=600_000),
    ]
    assert compared(lines, [heard]).parts == ()


def test_searches_on_a_line_without_a_model_are_those_of_all_models() -> None:
    rows = [tokens_used("large", searches=3), replace(tokens_used("large", searches=2), model="x")]
    tokens = [line for line in bill_for(rows, is_counted=True) if line.kind != "searches"]
    tools = billed(None, "searches", cost("large", "searches", 5), tier=None, quantity=5)
    assert compared([*tokens, tools], rows).parts == ()


@pytest.mark.parametrize("longer", ["bill", "usage"])
def test_a_model_is_the_same_with_and_without_the_date_of_its_snapshot(longer: str) -> None:
    row = tokens_used("small")
    lines = bill_for([row], is_counted=True)
    if longer == "bill":
        lines = [replace(line, model="small-2026-03-01") for line in lines]
    else:
        row = replace(row, model="small-20260301")
    assert compared(lines, [row]).parts == ()


def test_a_model_is_never_another_one_whose_name_begins_alike() -> None:
    row = tokens_used("small")
    lines = [replace(line, model="small-mini") for line in bill_for([row], is_counted=True)]
    assert compared(lines, [row]).unexplained.gross == 2 * (row.worth or 0)


# -- together ----------------------------------------------------------------------------------


def test_five_causes_at_once_each_keep_their_amount() -> None:
    rows = [tokens_used(model, on=on) for model in ("small", "large") for on in range(4)]
    unknown = replace(tokens_used("small", is_priced=False), model="preview")
    lines = bill_for(rows, is_counted=True)
    lines = [line for line in lines if line.day < day(3)]
    lines = [
        replace(line, nanos=line.nanos * 11 // 10)
        if line.model == "large" and line.kind == "output"
        else replace(line, tier="batch", nanos=line.nanos // 2)
        if line.model == "small" and line.day == day(1)
        else line
        for line in lines
    ]
    lines.append(billed(None, "", 3 * NANO, on=1, words="storage"))
    lines.append(billed("preview", "input", 2 * NANO, quantity=4_000_000))
    found = compared(lines, [*rows, unknown], states={3: DayState.OPEN})
    small, large = rows[0].worth or 0, rows[4].worth or 0
    assert causes(found) == {
        Cause.NOT_TOKENS: 3 * NANO,
        Cause.PRICE_UNKNOWN: 2 * NANO,
        Cause.TIER: -small // 2,
        Cause.PRICE_DIFFERS: 3 * cost("large", "output", 600_000) // 10,
        Cause.NOT_FINAL: -small - large,
    }
    assert found.status is Status.EXPLAINED


@COUNTED
def test_a_dearer_price_under_a_discount_keeps_both(is_counted: bool) -> None:
    rows = [
        replace(tokens_used("large", on=on), model=model)
        for model in ("one", "two", "three")
        for on in range(2)
    ]
    lines = [
        replace(
            line,
            nanos=line.nanos
            * 9
            // 10
            * (11 if line.model == "one" and line.kind == "input" else 10)
            // 10,
        )
        for line in bill_for(rows, is_counted=is_counted)
    ]
    found = compared(lines, rows)
    dearer = 2 * cost("large", "input", 4_000_000) * 9 // 100
    assert causes(found) == {
        Cause.DISCOUNT: -sum(row.worth or 0 for row in rows) // 10,
        Cause.PRICE_DIFFERS: dearer,
    }


def test_parts_that_cancel_each_other_out_are_no_agreement() -> None:
    rows = [tokens_used("small")]
    lines = [*bill_for(rows, is_counted=True), billed(None, "", NANO, words="storage")]
    free = tokens_used("large", Tokens(input=250_000))
    lines.append(billed("large", "input", 0, quantity=250_000))
    found = compared(lines, [*rows, free])
    assert found.difference == 0
    assert found.status is Status.EXPLAINED


@pytest.mark.parametrize(
    ("unexplained", "status"),
    [(0, Status.AGREES), (1, Status.AGREES), (2, Status.UNEXPLAINED)],
)
def test_one_part_in_a_hundred_of_the_larger_side_is_the_line(
    unexplained: int, status: Status
) -> None:
    row = tokens_used("small", Tokens(input=4_000_000))
    size = (row.worth or 0) // 100
    lines = bill_for([row], is_counted=True)
    odd = billed("other", "input", unexplained * size, quantity=1)
    assert compared([*lines, odd], [row]).status is status
