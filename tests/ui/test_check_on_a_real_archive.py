"""Check in the real window on a real archive: a price is added, counts, and goes again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money, shown
from plimsoll.domain.question import Question
from plimsoll.domain.tariff import Kind
from plimsoll.domain.usage import Attribution, Charge, PricedSlice, Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.catalog import Source
from plimsoll.services.check_answers import Cause, Status
from plimsoll.services.program import Program
from plimsoll.services.settings import Settings
from plimsoll.services.vault import MemoryVault
from plimsoll.ui.dialogs.effect import EffectDialog
from plimsoll.ui.pages.check import CheckPage
from plimsoll.ui.window import MainWindow

WAIT = 20_000
DAYS = Period(date(2026, 11, 1), date(2026, 11, 18))
STORAGE = NANO // 10


@dataclass
class Clock:
    """A clock that stands where it was put."""

    instant: datetime = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


def used(day: date, model: str, tokens: int) -> UsageRecord:
    start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return UsageRecord(
        start, start + timedelta(hours=1), Attribution(model=model), Tokens(input=tokens), 1
    )


def charged(nanos: int, line: str, model: str | None) -> Charge:
    return Charge(
        Attribution(model=model, line_item=line), Money("USD", nanos), f"{nanos / NANO:.9f}"
    )


def keep(program: Program, source: Source, slices: list[PricedSlice]) -> None:
    edition = program.prices.book().edition
    usage.replace_slices(program.ledger, source.id, slices, revision_days=1, edition=edition)


def billed_day(program: Program, source: Source, day: date, *, storage: int) -> list[PricedSlice]:
    """Tokens that are billed at list price, and something that is no token."""
    record = used(day, "gpt-5.4-mini", 1_000_000)
    computed = program.prices.book().compute(record, source)
    assert computed.worth is not None
    charges = (
        charged(computed.worth.nanos, "gpt-5.4-mini, input", "gpt-5.4-mini"),
        charged(storage, "file search storage", None),
    )
    return [
        PricedSlice(Slice("completions", day, (record,)), (computed,)),
        PricedSlice(Slice("costs", day, (), charges, frozenset({"model", "line_item"})), ()),
    ]


def unpriced_day(program: Program, source: Source, day: date) -> list[PricedSlice]:
    record = used(day, "house-model", 70_000)
    return [
        PricedSlice(
            Slice("activity", day, (record,)), (program.prices.book().compute(record, source),)
        )
    ]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    clock = Clock()
    program = Program(tmp_path / "archive", clock=clock, vault=MemoryVault(), who="test")
    program.save_settings(Settings(theme="light", language="en"))
    acme, calls = (
        catalog.add_source(
            program.ledger, name=name, connector=connector, base_url=None, key_tail="", settings=()
        )
        for name, connector in (("Acme", "openai"), ("Calls", "openrouter"))
    )
    for day in DAYS.days():
        keep(program, acme, billed_day(program, acme, day, storage=STORAGE))
        keep(program, calls, unpriced_day(program, calls, day))
    clock.instant += timedelta(days=1)
    keep(program, acme, billed_day(program, acme, date(2026, 11, 5), storage=3 * STORAGE))
    yield program
    program.close()


@pytest.fixture
def page(qtbot, light, program: Program) -> Iterator[CheckPage]:
    window = MainWindow(program, settings=program.settings())
    qtbot.addWidget(window)
    window.furnish()
    window.show()
    window.shell.show_page("check")
    made = window.shell.page
    assert isinstance(made, CheckPage)
    settle(qtbot, made)
    yield made
    window.close()


def settle(qtbot, page: CheckPage) -> None:
    qtbot.waitUntil(lambda: page.is_settled, timeout=WAIT)


def press_twice(qtbot, page: CheckPage) -> EffectDialog:
    """See the effect, and then take it."""
    dialog = page.editing.dialog
    assert dialog is not None
    qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.effect.isVisible, timeout=WAIT)
    headline = dialog.effect.headline.text()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert headline
    return dialog


def estimated(program: Program) -> int:
    amounts = program.spend(Question(DAYS)).total.amounts
    return sum(one.estimated for one in amounts)


def test_a_bill_adds_up_from_its_tokens_over_its_causes(page: CheckPage) -> None:
    (card,) = page.cards
    account = card.account
    assert account.status is Status.EXPLAINED
    assert account.billed == account.computed + len(DAYS) * STORAGE + 2 * STORAGE
    assert sum(line.step.amount for line in card.bridge.lines) == account.difference
    line = card.bridge.line(Cause.NOT_TOKENS)
    assert line.step.text == "+$2.00"
    assert card.bridge.line(Cause.UNEXPLAINED).step.text == "$0.00"


def test_a_settled_day_that_was_changed_is_there_with_what_it_was(page: CheckPage) -> None:
    (row,) = page.restated.rows
    assert row.day.text() == "5 Nov 2026"
    assert row.change.text() == "+$0.20"
    (card,) = page.cards
    assert card.restated.text() == "1 day was restated"


def test_a_price_is_added_counts_and_goes_again(qtbot, page: CheckPage, program: Program) -> None:
    (row,) = page.not_priced.rows
    assert row.line.model == "house-model"
    assert estimated(program) == 0
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    form = page.editing.dialog
    form.rates[Kind.INPUT].line.setText("10")
    qtbot.mouseClick(form.forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.effect.isVisible, timeout=WAIT)
    whole = len(DAYS) * 70_000 * 10 * NANO // 1_000_000
    assert form.effect.headline.text() == f"Your November: +{shown(whole, 'USD')}"
    assert estimated(program) == 0, "a look changes nothing"
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(form.forward, Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    qtbot.waitUntil(lambda: page.not_priced.rows == [], timeout=WAIT)
    assert estimated(program) == whole
    assert page.own.prices.table.rows_model.rowCount() == 1
    page.own.prices.table.selectRow(0)
    qtbot.mouseClick(page.own.prices.remove, Qt.MouseButton.LeftButton)
    question = page.editing.dialog
    qtbot.waitUntil(question.effect.isVisible, timeout=WAIT)
    assert question.effect.headline.text() == f"Your November: {shown(-whole, 'USD')}"
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(question.forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.not_priced.rows) == 1, timeout=WAIT)
    assert estimated(program) == 0
    assert len(program.prices.page().log) == 2


def test_a_discount_is_told_apart_from_what_is_not_explained(
    qtbot, page: CheckPage, program: Program
) -> None:
    qtbot.mouseClick(page.own.discounts.add, Qt.MouseButton.LeftButton)
    form = page.editing.dialog
    form.percent.setText("10")
    press_twice(qtbot, page)
    qtbot.waitUntil(lambda: page.own.discounts.table.rows_model.rowCount() == 1, timeout=WAIT)
    (card,) = page.cards
    assert sum(line.step.amount for line in card.bridge.lines) == card.account.difference
    assert card.bridge.line(Cause.DISCOUNT).detail.text() == (
        "Your discount takes 10% off list price"
    )
