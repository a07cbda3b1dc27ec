"""Imports in the archive: whole or not at all, who pays, and how we know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from made_up import SetClock

import exports as made
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.money import Money
from plimsoll.domain.question import Question
from plimsoll.domain.usage import BalanceReading
from plimsoll.ledger import accounts, answers, catalog, runs
from plimsoll.ledger.usage import restatements
from plimsoll.services import provenance as how
from plimsoll.services.falls import book_falls
from plimsoll.services.imports import ImportOutcome
from plimsoll.services.overlaps import look
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

TODAY = date(2026, 11, 20)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made_up = Program(tmp_path / "data", clock=SetClock(), vault=MemoryVault(), who="test")
    yield made_up
    made_up.close()


def write(folder: Path, content: str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def take(program: Program, path: Path, name: str | None = None) -> ImportOutcome:
    return program.take_import(program.preview_import(path, name=name))


def spent(program: Program, first: date, last: date) -> dict[str, int]:
    question = Question(Period(first, last))
    total = answers.answer(program.ledger, question, today=TODAY).total
    return {amounts.currency: amounts.spent for amounts in total.amounts}


def test_a_stopped_import_leaves_nothing_behind(program: Program, tmp_path: Path) -> None:
    preview = program.preview_import(write(tmp_path, made.COSTS))
    with pytest.raises(Cancelled):
        program.take_import(preview, cancelled=lambda: True)
    assert accounts.sources(program.ledger) == ()


def test_a_preview_names_what_it_replaces(program: Program, tmp_path: Path) -> None:
    take(program, write(tmp_path, made.COSTS))
    newer = made.text(
        made.OPENAI_COSTS,
        made.openai_cost(0, "3", "gpt-5-mini, input"),
        made.openai_cost(2, "0.5", "web search tool calls", "proj_2"),
        made.openai_cost(7, "9", "gpt-5-mini, input"),
    )
    (sheet,) = program.preview_import(write(tmp_path, newer)).sheets
    assert (sheet.count, sheet.new, sheet.changed) == (3, 1, 1)
    assert sheet.before == (Money("USD", 2_145_874_000),)
    assert sheet.after == (Money("USD", 3_000_000_000),)


def test_a_settled_day_that_a_newer_file_changes_is_in_the_log(
    program: Program, tmp_path: Path
) -> None:
    take(program, write(tmp_path, made.COSTS))
    row = made.openai_cost(0, "3", "gpt-5-mini, input")
    take(program, write(tmp_path, made.text(made.OPENAI_COSTS, row)))
    (changed,) = restatements(program.ledger)
    assert changed.day == date(2025, 10, 5)
    assert changed.new.billed == (Money("USD", 3_000_000_000),)


def test_any_amount_of_a_file_opens_to_its_lines(program: Program, tmp_path: Path) -> None:
    take(program, write(tmp_path, made.COSTS, "costs.csv"))
    day = Question(Period(date(2025, 10, 5), date(2025, 10, 5)))
    told = how.provenance(program.ledger, day, currency="USD", now=program.clock.now())
    ((name, file),) = told.files
    assert (name, file.name, file.lines) == ("OpenAI export", "costs.csv", (2, 3))
    assert {row.text for row in told.rows} == {"0.8958740000000000", "1.25"}


def test_an_imported_bill_pays_for_what_a_prepaid_balance_lost_on_its_days(
    program: Program, tmp_path: Path
) -> None:
    ledger = program.ledger
    wallet = catalog.add_source(ledger, name="Wallet", connector="deepseek", key_tail="abcd")
    for day, left in ((1, 100), (2, 90), (3, 70)):
        at = datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=1)
        runs.save_balances(
            ledger, wallet.id, [BalanceReading(at, Money("CNY", left * 1_000_000_000))]
        )
    book_falls(ledger, wallet)
    first, last = date(2026, 11, 1), date(2026, 11, 3)
    assert spent(program, first, last) == {"CNY": 30_000_000_000}
    cost = made.text(made.DEEPSEEK_COST, "u,20261101,deepseek-v4-pro,Paid,9.75,CNY")
    outcome = take(program, write(tmp_path, cost))
    (overlap,) = outcome.overlaps
    assert (overlap.payer, overlap.explainer) == ("DeepSeek export", "Wallet")
    assert "is a bill of the provider whose balance Wallet reads" in overlap.evidence
    assert spent(program, first, first) == {"CNY": 9_750_000_000}
    assert spent(program, last, last)["CNY"] > 0  # of days without a bill the balance still tells
    program.settle_overlap(overlap.id, once=False)
    assert look(ledger) == ()
    assert spent(program, first, last)["CNY"] == 39_750_000_000


def test_days_outside_a_file_are_not_missing_and_hold_up_no_forecast(
    program: Program, tmp_path: Path
) -> None:
    take(program, write(tmp_path, made.COSTS))
    month = Period(date(2026, 11, 1), TODAY)
    table = answers.answer(program.ledger, Question(month), today=TODAY)
    assert table.gaps == ()
    year = Question(Period(date(2025, 10, 1), TODAY))
    assert answers.answer(program.ledger, year, today=TODAY).gaps == ()
