"""A file that is imported under two names counts once, however short it is, and two accounts that
only look alike are asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from made_up import SetClock

import exports as made
from plimsoll.analysis.overlap import Reason, Relation
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO
from plimsoll.domain.question import Question
from plimsoll.ledger.schema import OVERLAPS_BY_ROWS
from plimsoll.services.imports import ImportOutcome
from plimsoll.services.overlaps import all_overlaps
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

FIRST = date(2026, 8, 1)
Take = Callable[..., ImportOutcome]
MONTH = Question(Period(FIRST, date(2026, 8, 31)))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made_up = Program(tmp_path / "data", clock=SetClock(), vault=MemoryVault(), who="test")
    yield made_up
    made_up.close()


@pytest.fixture
def take(program: Program, tmp_path: Path) -> Take:
    def take_file(name: str, *contents: str) -> ImportOutcome:
        for content in contents:
            path = tmp_path / f"{name}.csv"
            path.write_text(content, encoding="utf-8")
            outcome = program.take_import(program.preview_import(path, name=name))
        return outcome

    return take_file


def costs(*days: tuple[int, str], key: str = "key") -> str:
    """Anthropic's bill, which does not say whose it is, on the `day`th day of August."""
    rows = (
        f"2026-08-{day:02},Claude Haiku 4.5,Default,key,message,≤ 200k,input_no_cache,{amount},"
        f"150.00,token,not_available,,{key},archived"
        for day, amount in days
    )
    return made.text(made.ANTHROPIC_COST, *rows)


def tokens(*days: tuple[int, int]) -> str:
    rows = (
        f"2026-08-{day:02},claude-opus-5,key,Team,standard,≤ 200k,{count},0,0,0,1,0,global,"
        for day, count in days
    )
    return made.text(made.ANTHROPIC_USAGE, *rows)


BILL = costs((1, "1"), (2, "2"), (3, "4"))


def spent(program: Program) -> Decimal:
    """Dollars of the month."""
    total = program.spend(MONTH).total
    return Decimal(sum(amounts.billed for amounts in total.amounts)) / NANO


def test_the_same_file_under_two_names_counts_once(program: Program, take: Take) -> None:
    take("Team", BILL)
    outcome = take("Team again", BILL)
    [overlap] = outcome.overlaps
    assert (overlap.payer, overlap.explainer) == ("Team", "Team again")
    assert overlap.counted_once
    assert overlap.is_open, "and it is asked all the same"
    assert overlap.reason is Reason.ROWS
    assert overlap.evidence == "On the 3 days that both hold, their rows are the same."
    assert spent(program) == 7
    program.settle_overlap(overlap.id, once=False)
    assert spent(program) == 14
    assert take("Team again", BILL).overlaps == (), "what was answered is not asked again"


def test_a_longer_export_adds_only_its_own_days(program: Program, take: Take) -> None:
    take("Short", costs((1, "1"), (2, "2")))
    take("Long", costs((1, "1"), (2, "2"), (3, "4")))
    [overlap] = all_overlaps(program.ledger)
    assert (overlap.payer, overlap.days, overlap.counted_once) == ("Short", 2, True)
    assert spent(program) == 7


def test_the_last_day_may_have_been_under_way(program: Program, take: Take) -> None:
    take("Early", costs((1, "1"), (2, "2"), (3, "0.1")))
    take("Late", costs((1, "1"), (2, "2"), (3, "4"), (4, "8")))
    [overlap] = all_overlaps(program.ledger)
    assert (overlap.days, overlap.counted_once) == (2, True)


def test_one_day_that_differs_makes_two_accounts(program: Program, take: Take) -> None:
    take("One", costs((1, "1"), (2, "2"), (3, "4")))
    take("Other", costs((1, "1"), (2, "3"), (3, "4")))
    assert all_overlaps(program.ledger) == ()
    assert spent(program) == 15


def test_equal_sums_of_other_rows_are_not_the_same(program: Program, take: Take) -> None:
    take("One", costs((1, "5"), key="a"))
    take("Other", costs((1, "5"), key="b"))
    assert all_overlaps(program.ledger) == ()


def test_a_line_of_a_small_test_is_asked_about_and_counts_twice(
    program: Program, take: Take
) -> None:
    take("One", costs((1, "0.02")))
    take("Other", "\n" + costs((1, "0.02")))
    [overlap] = all_overlaps(program.ledger)
    assert (overlap.counted_once, overlap.is_open) == (False, True)
    assert spent(program) == Decimal("0.04")


def test_the_one_with_tokens_beside_its_costs_pays(program: Program, take: Take) -> None:
    take("Costs", costs((1, "3"), (2, "2")))
    take("Both", costs((1, "3"), (2, "2")), tokens((1, 500), (2, 700)))
    [overlap] = all_overlaps(program.ledger)
    assert (overlap.payer, overlap.explainer) == ("Both", "Costs")
    assert (overlap.relation, overlap.counted_once) == (Relation.PART, True)
    assert spent(program) == 5
    total = program.spend(MONTH).total
    assert total.tokens.total == 1_202


def test_a_source_that_was_removed_and_is_imported_again_counts_once(
    program: Program, take: Take
) -> None:
    take("Old", BILL)
    program.remove_source("Old", forget=False)
    take("New", BILL)
    assert spent(program) == 7


def test_what_was_known_of_overlaps_outlives_the_table_it_was_kept_in(
    program: Program, take: Take
) -> None:
    take("Team", BILL)
    take("Team again", BILL)
    ledger = program.ledger
    before = all_overlaps(ledger)
    with ledger.writing() as connection:
        for statement in OVERLAPS_BY_ROWS:
            connection.execute(statement)
    assert all_overlaps(ledger) == before != ()
    assert ledger.check() == ()
    program.settle_overlap(before[0].id, once=True)
    assert take("Third", BILL).overlaps[0].id > before[0].id
