"""What is seen twice is recognised; what merely looks alike never is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.analysis.overlap import (
    Cells,
    Kind,
    Likeness,
    Party,
    Reason,
    Relation,
    Seen,
    likeness,
    plain_model,
    who_pays,
)

DAYS = tuple(date(2026, 8, 24) + timedelta(days=n) for n in range(90))
MODELS = ("gpt-5", "gpt-5-mini", "claude-opus-4-5")


def seen(cells: Cells, **more: object) -> Seen:
    made = Seen("openai", None, frozenset(DAYS), cells)
    return replace(made, **more)  # type: ignore[arg-type]


def account(rng: Random, *, models: int = 2, size: float = 1e6, spread: float = 0.5) -> Cells:
    """A year's habits on ninety days: weekdays, a level that wanders, idle days, noise."""
    cells: dict[tuple[date, str], int] = {}
    for model in rng.sample(MODELS, models):
        level, weekend = rng.gauss(0, 1), rng.random()
        busy = 0.4 + 0.6 * rng.random()
        for day in DAYS:
            level += rng.gauss(0, 0.04)
            habit = weekend if day.weekday() > 4 else 1.0
            if rng.random() < busy:
                cells[day, model] = int(size * habit * exp(level + rng.gauss(0, spread)))
    return cells


def changed(cells: Cells, change: Callable[[int], float]) -> Cells:
    return {place: int(change(count)) for place, count in cells.items()}


def scaled_to(cells: Cells, total: int) -> Cells:
    mine = sum(cells.values()) or 1
    return {place: count * total // mine for place, count in cells.items()}


# -- the same ----------------------------------------------------------------------------------


def test_the_same_days_are_the_same_for_certain() -> None:
    cells = account(Random(1))
    found = likeness(seen(cells), seen(dict(cells), provider="openrouter"))
    assert found is not None
    assert (found.relation, found.reason, found.certain) == (Relation.SAME, Reason.SERIES, True)
    assert (found.equal, found.difference) == (1.0, 0.0)
    assert found.days == len({day for day, _ in cells})


@pytest.mark.parametrize("seed", range(20))
def test_a_gateway_that_counts_a_little_otherwise_is_only_likely(seed: int) -> None:
    rng = Random(seed)
    cells = account(rng)
    found = likeness(seen(cells), seen(changed(cells, lambda c: c * (1 + rng.gauss(0, 0.01)))))
    assert found is not None
    assert found.relation is Relation.SAME
    assert not found.certain, "near is not enough to count once before anybody is asked"
    assert found.to_the_token == 0
    assert found.equal > 0.97


@pytest.mark.parametrize("seed", range(20))
def test_a_few_calls_around_midnight_leave_it_certain(seed: int) -> None:
    rng = Random(seed)
    cells = account(rng)
    moved = {p: c - (c // 500 if rng.random() < 0.3 else 0) for p, c in cells.items()}
    found = likeness(seen(cells), seen(moved))
    assert found is not None
    assert found.certain


def test_only_days_that_both_have_settled_are_compared() -> None:
    cells = account(Random(3))
    early, late = frozenset(DAYS[:60]), frozenset(DAYS[30:])
    mine = {place: count for place, count in cells.items() if place[0] in early}
    theirs = {place: count for place, count in cells.items() if place[0] in late}
    found = likeness(seen(mine, days=early), seen(theirs, days=late))
    assert found is not None
    assert found.certain
    assert found.days <= 30


# -- a part ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_one_key_of_a_large_account_is_its_part(seed: int) -> None:
    rng = Random(seed)
    mine, others = account(rng), account(rng, models=3)
    whole = {
        place: mine.get(place, 0) + others.get(place, 0) for place in mine.keys() | others.keys()
    }
    large = seen(whole, parts={"key k1": mine, "key k2": others})
    for one, other, relation in (
        (seen(mine), large, Relation.PART),
        (large, seen(mine), Relation.WHOLE),
    ):
        found = likeness(one, other)
        assert found is not None
        assert (found.relation, found.part, found.certain) == (relation, "key k1", True)


def test_some_models_of_a_large_account_are_its_part() -> None:
    rng = Random(5)
    mine = {(day, "gpt-5"): rng.randrange(10**5, 10**6) for day in DAYS}
    more = {(day, "claude-opus-4-5"): rng.randrange(10**5, 10**6) for day in DAYS}
    found = likeness(seen(mine), seen({**mine, **more}))
    assert found is not None
    assert (found.relation, found.certain) == (Relation.PART, True)


@pytest.mark.parametrize("seed", range(60))
def test_a_small_account_under_a_large_one_is_no_part_of_it(seed: int) -> None:
    rng = Random(seed)
    small, large = account(rng, size=1e5), account(rng, models=3, size=1e7)
    parts = {f"key k{n}": account(rng, size=1e5) for n in range(12)}
    assert likeness(seen(small), seen(large, parts=parts)) is None


# -- what merely looks alike -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(300))
def test_accounts_drawn_apart_are_never_thought_the_same(seed: int) -> None:
    rng = Random(seed)
    spread = rng.choice([0.1, 0.3, 0.8])
    one = account(rng, models=1 + seed % 3, spread=spread)
    other = scaled_to(account(rng, models=1 + seed % 3, spread=spread), sum(one.values()))
    parts = {f"project p{n}": account(rng, spread=spread) for n in range(5)}
    assert likeness(seen(one), seen(other, parts=parts)) is None


@pytest.mark.parametrize("noise", [0.002, 0.005, 0.01])
def test_calls_shared_out_evenly_over_two_accounts_are_never_counted_once_unasked(
    noise: float,
) -> None:
    for seed in range(40):
        rng = Random(seed)
        whole = account(rng)
        halves = [changed(whole, lambda c, r=rng: c * (1 + r.gauss(0, noise))) for _ in range(2)]
        found = likeness(seen(halves[0]), seen(halves[1]))
        assert found is None or not found.certain


def test_the_same_amount_every_day_says_nothing() -> None:
    steady = {(day, "gpt-5"): 17_280 for day in DAYS}
    assert likeness(seen(steady), seen(dict(steady))) is None


def test_the_same_amount_on_working_days_says_nothing() -> None:
    steady = {(day, "gpt-5"): 500_000 for day in DAYS if day.weekday() < 5}
    assert likeness(seen(steady), seen(dict(steady))) is None


def test_nothing_in_common_but_zero_says_nothing() -> None:
    assert likeness(seen({}), seen({})) is None
    one = {(day, "gpt-5"): 5_000 for day in DAYS[:3]}
    assert likeness(seen(one), seen(dict(one))) is None, "three days are too few"


def test_a_handful_of_calls_says_nothing() -> None:
    rng = Random(8)
    tiny = {(day, "gpt-5"): rng.randrange(1, 100) for day in DAYS}
    assert likeness(seen(tiny), seen(dict(tiny))) is None


def test_the_same_amounts_of_other_models_are_other_traffic() -> None:
    cells = account(Random(9), models=1)
    other = {(day, "another-model"): count for (day, _), count in cells.items()}
    assert likeness(seen(cells), seen(other)) is None


def test_money_alone_is_asked_about_and_never_assumed() -> None:
    cells = account(Random(10), models=1)
    found = likeness(seen(cells, telling=False), seen(dict(cells), telling=False))
    assert found is not None
    assert not found.certain


# -- accounts' own ids -------------------------------------------------------------------------


def test_one_account_under_two_keys_is_certain_without_a_day_of_figures() -> None:
    found = likeness(seen({}, organisation="org-1"), seen({}, organisation="org-1"))
    assert found == Likeness(Relation.SAME, Reason.ORGANISATION, certain=True)


def test_two_accounts_of_one_provider_are_apart_however_alike() -> None:
    cells = account(Random(11))
    one, other = seen(cells, organisation="org-1"), seen(dict(cells), organisation="org-2")
    assert likeness(one, other) is None


def test_ids_of_two_providers_are_not_compared() -> None:
    one = seen({}, organisation="acme")
    assert likeness(one, seen({}, organisation="acme", provider="anthropic")) is None


# -- names of models ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anthropic/claude-opus-5-5", "claude-opus-5-5-20260901"),
        ("anthropic/claude-opus-4.5", "claude-opus-4-5-20251101"),
        ("openai/gpt-4.1", "gpt-4.1-2025-04-14"),
        ("openai/gpt-5:batch", "GPT-5"),
        ("publishers/anthropic/models/claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
    ],
)
def test_one_model_has_one_name_at_its_maker_and_behind_a_gateway(one: str, other: str) -> None:
    assert plain_model(one) == plain_model(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-5", "gpt-5-mini"),
        ("gpt-5", "openai/gpt-5.1"),
        ("gpt-4-0613", "gpt-4"),
        ("claude-opus-4-1", "claude-opus-4-5"),
        ("o3", "o3-pro"),
    ],
)
def test_two_models_are_never_one_by_a_part_of_their_names(one: str, other: str) -> None:
    assert plain_model(one) != plain_model(other)


def test_no_name_is_no_model() -> None:
    assert plain_model(None) == ""


# -- who pays ----------------------------------------------------------------------------------

SAME = Likeness(Relation.SAME, Reason.SERIES, certain=True)
PART, WHOLE = (replace(SAME, relation=r) for r in (Relation.PART, Relation.WHOLE))


def party(added: int, **more: object) -> Party:
    return replace(Party("openai", Kind.ACCOUNT, bills=True, added=added), **more)  # type: ignore[arg-type]


def test_the_older_of_two_keys_of_one_account_pays() -> None:
    verdict = who_pays(party(1), party(2), SAME)
    assert (verdict.first_pays, verdict.assumed) == (True, True)
    assert not who_pays(party(2), party(1), SAME).first_pays


def test_a_removed_source_explains_what_its_successor_pays() -> None:
    assert not who_pays(party(1, asked=False), party(2), SAME).first_pays


def test_what_is_billed_pays_before_what_is_computed() -> None:
    verdict = who_pays(party(1, bills=False), party(2), SAME)
    assert (verdict.first_pays, verdict.assumed) == (False, True)


def test_an_account_pays_before_a_gateway_and_that_before_a_log() -> None:
    gateway = party(1, provider="litellm", kind=Kind.GATEWAY, bills=False)
    log = party(1, provider="claude-code", kind=Kind.TELLS, bills=False)
    assert not who_pays(gateway, party(2, bills=False), SAME).first_pays
    assert not who_pays(log, replace(gateway, added=2), SAME).first_pays


def test_where_two_providers_billed_it_is_asked_and_not_assumed() -> None:
    gateway = party(2, provider="openrouter", kind=Kind.GATEWAY)
    verdict = who_pays(party(1), gateway, SAME)
    assert (verdict.first_pays, verdict.assumed) == (True, False)


def test_the_whole_pays_for_its_part() -> None:
    assert who_pays(party(2), party(1), WHOLE).first_pays
    assert not who_pays(party(1), party(2), PART).first_pays


def test_nothing_is_assumed_where_the_rest_of_the_whole_would_be_lost() -> None:
    gateway = party(2, provider="litellm", kind=Kind.GATEWAY, bills=False)
    verdict = who_pays(party(1), gateway, PART)
    assert (verdict.first_pays, verdict.assumed) == (True, False)


def test_what_is_only_likely_is_never_assumed() -> None:
    assert not who_pays(party(1), party(2), replace(SAME, certain=False)).assumed


parties = st.builds(
    Party,
    provider=st.sampled_from(["openai", "anthropic", "openrouter"]),
    kind=st.sampled_from(Kind),
    bills=st.booleans(),
    added=st.integers(1, 9),
    asked=st.booleans(),
)


@given(parties, parties, st.sampled_from([SAME, PART, WHOLE]))
def test_who_pays_does_not_depend_on_who_is_named_first(
    one: Party, other: Party, likely: Likeness
) -> None:
    if one.added == other.added:
        other = replace(other, added=one.added + 1)
    here, there = who_pays(one, other, likely), who_pays(other, one, likely.turned)
    assert here.first_pays is not there.first_pays
    assert here.assumed is there.assumed


def shifted(cells: Mapping[tuple[date, str], int], days: int) -> Cells:
    return {(day + timedelta(days=days), model): count for (day, model), count in cells.items()}


@pytest.mark.parametrize("days", [1, 7, 14])
def test_the_same_series_on_other_days_is_other_traffic(days: int) -> None:
    cells = account(Random(12))
    assert likeness(seen(cells), seen(shifted(cells, days))) is None
