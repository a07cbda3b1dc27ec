"""Spend: the page shows what the command line says, narrower click by click, and adds nothing up
that does not belong together.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from real_ledger import MONTH, NOW, filled

from plimsoll.app import main
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import decimal_text, shown
from plimsoll.domain.question import Dimension, Scope
from plimsoll.services.breakdown import ALWAYS
from plimsoll.services.program import Program
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.spend import SpendPage
from plimsoll.ui.widgets.spend_columns import SpendRow
from plimsoll.ui.widgets.spend_table import _least_width

WAIT = 5000

NO_POPUPS = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing the keyboard", extend=True
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = filled(tmp_path_factory.mktemp("spend") / "archive")
    yield program
    program.close()


@pytest.fixture
def page(qtbot, light, archive) -> Iterator[SpendPage]:
    jobs = Jobs()
    made = SpendPage(archive, jobs)
    qtbot.addWidget(made)
    made.resize(1160, 900)
    with qtbot.waitSignal(made.settled, timeout=WAIT):
        made.show()
    yield made
    jobs.close()


def cut_by(qtbot, page: SpendPage, dimension: Dimension) -> None:
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        place = page.asking.by.findData(dimension.value)
        page.asking.by.setCurrentIndex(place)
        page.asking.by.activated.emit(place)


def narrow(qtbot, page: SpendPage, value: str | None) -> None:
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.narrow(row_of(page, value).line)


def row_of(page: SpendPage, value: str | None, currency: str = "") -> SpendRow:
    return next(
        row
        for row in page.table.rows
        if not row.is_total
        and row.line.value == value
        and (not currency or (row.amounts is not None and row.amounts.currency == currency))
    )


def cell(page: SpendPage, row: SpendRow, title: str) -> str:
    model = page.table.rows_model
    titles = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    index = model.index(model.rows.index(row), titles.index(title))
    return str(model.data(index))


def told(monkeypatch, capsys, archive: Program, *words: str) -> dict[str, Any]:
    monkeypatch.setenv("PLIMSOLL_NOW", NOW.isoformat())
    assert main(["spend", "--json", "--data-dir", str(archive.data_dir), *words]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def lines_of(page: SpendPage) -> dict[str, str]:
    text = page.popover.accessible_text()
    return dict(part.split(": ", 1) for part in text.split(". ") if ": " in part)


# --- the same figures everywhere ---


@pytest.mark.parametrize("dimension", ALWAYS)
def test_every_line_is_what_the_command_line_says(
    qtbot, page, archive, monkeypatch, capsys, dimension: Dimension
):
    cut_by(qtbot, page, dimension)
    days = ("--from", MONTH.first.isoformat(), "--to", MONTH.last.isoformat())
    document = told(monkeypatch, capsys, archive, "--by", dimension.value, *days)
    expected = {
        (row[dimension.value], a["currency"]): (a["billed"], a["estimated"], a["plan"], a["worth"])
        for row in document["rows"]
        for a in row["amounts"]
    }
    lines = [row for row in page.table.rows if not row.is_total and row.amounts is not None]
    seen = {
        (row.line.value, row.amounts.currency): tuple(
            decimal_text(getattr(row.amounts, kind))
            for kind in ("billed", "estimated", "plan", "worth")
        )
        for row in lines
    }
    assert seen == expected
    assert len(seen) == len(lines)
    tokens = sum(r.line.tokens.total for r in page.table.rows if not r.is_total and r.line.counts)
    assert tokens == document["total"]["tokens"]["total"]


@pytest.mark.parametrize("dimension", [Dimension.MODEL, Dimension.PROJECT, Dimension.DAY])
def test_the_lines_sum_to_the_totals_and_the_bars_to_the_lines(qtbot, page, dimension):
    cut_by(qtbot, page, dimension)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in page.table.rows:
        if row.amounts is not None and not row.is_total:
            kinds = (row.amounts.billed, row.amounts.estimated, row.amounts.plan)
            sums[row.amounts.currency] = [
                a + b for a, b in zip(sums[row.amounts.currency], kinds, strict=True)
            ]
    totals = {r.amounts.currency: r.amounts for r in page.table.rows if r.is_total and r.amounts}
    assert sums == {c: [t.billed, t.estimated, t.plan] for c, t in totals.items()}
    assert set(totals) == {"USD", "CNY"}
    stack = page._answer.stack
    assert sum(band.total for band in stack.series) == totals[stack.currency].spent


# --- what a line says ---


def test_kinds_of_numbers_stand_in_columns_of_their_own(page):
    flat = row_of(page, "flat-1")
    assert cell(page, flat, "Spent") == "–", "a plan is not owed"
    assert cell(page, flat, "Plan") == shown(flat.amounts.plan, "USD")
    big = row_of(page, "gpt-big")
    assert cell(page, big, "Spent") == shown(big.amounts.billed + big.amounts.estimated, "USD")
    assert cell(page, big, "Billed") == shown(big.amounts.billed, "USD")
    assert cell(page, big, "Estimated") == shown(big.amounts.estimated, "USD")


def test_money_billed_as_a_whole_stands_on_its_own_row_and_worth_beside_the_names(page):
    named = row_of(page, "claude-a")
    assert cell(page, named, "Spent") == "–"
    assert cell(page, named, "Worth") == shown(named.amounts.worth, "USD")
    whole = row_of(page, None)
    assert whole.name == "Not attributed"
    assert whole.amounts.billed >= 2 * 20 * 10**9


def test_what_has_no_price_is_not_nothing(page):
    secret = row_of(page, "secret")
    assert (cell(page, secret, "Spent"), cell(page, secret, "Not priced")) == ("–", "1.40 M")


def test_two_currencies_are_two_lines_whose_counts_stand_once(qtbot, page):
    cut_by(qtbot, page, Dimension.SOURCE)
    dollars, yuan = row_of(page, "Whole", "USD"), row_of(page, "Whole", "CNY")
    assert (cell(page, dollars, "Currency"), cell(page, yuan, "Currency")) == ("USD", "CNY")
    assert {dollars.line.counts, yuan.line.counts} == {True, False}
    assert "¥100.00" in cell(page, yuan, "Billed")


@pytest.mark.parametrize("width", [760, 900, 1160, 1600])
def test_the_name_and_every_kind_of_number_are_there_however_narrow_it_is(page, width):
    page.resize(width, 900)
    page.grab()
    model = page.table.rows_model
    shown_titles = [
        model.headerData(place, Qt.Orientation.Horizontal)
        for place in range(model.columnCount())
        if not page.table.isColumnHidden(place)
    ]
    for title in ("Model", "Currency", "Spent", "Billed", "Estimated", "Plan", "Worth"):
        assert title in shown_titles
    assert page.table.columnWidth(0) >= 170


def test_the_more_columns_there_are_the_more_room_requests_need_to_be_shown():
    needs = [_least_width(["Any"] * columns)["Requests"] for columns in (9, 10, 11)]
    assert needs == sorted(set(needs))


def test_totals_stay_on_top_however_the_lines_are_sorted(page):
    for column in range(page.table.rows_model.columnCount()):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            page.table.sortByColumn(column, order)
            assert [r.is_total for r in page.table.rows[:3]] == [True, True, False]


# --- narrower ---


def test_a_click_on_a_name_narrows_and_a_chip_takes_it_back(qtbot, page):
    all_of_it = [row.line for row in page.table.rows]
    narrow(qtbot, page, "gpt-big")
    assert page._answer.question.scope == Scope(((Dimension.MODEL, ("gpt-big",)),))
    assert {r.line.value for r in page.table.rows if not r.is_total} == {"Shop", "Lab"}
    [chip] = page.asking.filters.chips
    assert chip.accessibleName() == "Remove the filter Model: gpt-big"
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        chip.click()
    assert not page.asking.filters.isVisible()
    assert [row.line for row in page.table.rows] == all_of_it


def test_filters_add_up_until_all_are_taken_away(qtbot, page):
    narrow(qtbot, page, "gpt-big")
    narrow(qtbot, page, "Shop")
    assert len(page.asking.filters.chips) == 2
    assert {r.line.value for r in page.table.rows if not r.is_total} == {"Shop-key", None}, (
        "what is not billed by key stays as its own row"
    )
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.asking.filters.clear_button.click()
    assert page._answer.question.scope == Scope()


def test_a_narrowed_line_keeps_its_figures(qtbot, page):
    for value in ("gpt-big", "claude-a", "secret", "kimi", None):
        lines = [r.line for r in page.table.rows if not r.is_total and r.line.value == value]
        narrow(qtbot, page, value)
        totals = [row.line for row in page.table.rows if row.is_total]
        assert [t.amounts for t in totals] == [line.amounts for line in lines]
        assert sum(t.tokens.total for t in totals) == sum(line.tokens.total for line in lines)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.asking.filters.chips[0].click()


def test_what_was_not_attributed_can_be_looked_into(qtbot, page):
    narrow(qtbot, page, None)
    assert page.asking.filters.chips[0].text() == "Model: Not attributed"
    assert {r.line.value for r in page.table.rows if not r.is_total} == {None}
    cut_by(qtbot, page, Dimension.LINE_ITEM)
    assert cell(page, row_of(page, "storage"), "Billed").startswith("$1.2")


def test_a_month_narrows_to_its_days(qtbot, page):
    cut_by(qtbot, page, Dimension.MONTH)
    narrow(qtbot, page, "2026-11")
    assert page._answer.by is Dimension.DAY


# --- periods ---


@pytest.mark.parametrize(
    ("span", "period"),
    [
        ("month", MONTH),
        ("last_month", Period(date(2026, 10, 1), date(2026, 10, 31))),
        ("30d", Period(date(2026, 10, 22), MONTH.last)),
        ("90d", Period(date(2026, 8, 23), MONTH.last)),
        ("year", Period(date(2025, 11, 21), MONTH.last)),
    ],
)
def test_a_choice_is_a_span_of_whole_days(qtbot, page, span, period):
    page.asking.span.choose("30d" if span == "month" else "month")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.asking.span.button(span).click()
    assert page._answer.question.period == period


def test_days_of_ones_own_are_both_included_and_stay_in_order(qtbot, page):
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.asking.span.button("custom").click()
    assert page.asking.days.isVisible()
    assert page.asking.days.period == MONTH
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.asking.days.first.setDate(QDate(2026, 11, 25))
    assert page._answer.question.period == Period(date(2026, 11, 25), date(2026, 11, 25))
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.asking.days.last.setDate(QDate(2026, 10, 2))
    assert page._answer.question.period == Period(date(2026, 10, 2), date(2026, 10, 2))


def test_a_period_without_anything_says_so(qtbot, page):
    page.asking.days.show_period(Period(date(2024, 1, 1), date(2024, 1, 31)))
    page.asking.span.choose("custom")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.refresh()
    assert page.empty.isVisible()
    assert not page.full.isVisible()
    assert "$" not in page.empty.accessibleName()


# --- why it changed ---


def change_told(monkeypatch, capsys, archive: Program, period: Period, against: Period) -> Any:
    monkeypatch.setenv("PLIMSOLL_NOW", NOW.isoformat())
    days = ("--from", period.first, "--to", period.last)
    other = ("--against-from", against.first, "--against-to", against.last)
    words = ["change", "--json", "--data-dir", str(archive.data_dir), *map(str, (*days, *other))]
    assert main(words) == 0
    return json.loads(capsys.readouterr().out)


COMPLETE = Period(MONTH.first, date(2026, 11, 19))


@pytest.mark.parametrize(
    ("way", "against"),
    [
        ("month", Period(date(2026, 10, 1), date(2026, 10, 19))),
        ("days", Period(date(2026, 10, 13), date(2026, 10, 31))),
    ],
)
def test_the_bridge_is_what_the_command_line_says(
    qtbot, page, archive, monkeypatch, capsys, way, against
):
    if way != "month":
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.why.way.button(way).click()
    document = change_told(monkeypatch, capsys, archive, COMPLETE, against)
    assert page.why.sentence.text() in document["sentence"]
    assert document["sentence"].startswith(page.why.sentence.text())
    steps = page.why.chart.bridge.steps
    told = next(c for c in document["changes"] if c["currency"] == page._answer.currency)
    assert decimal_text(steps[0].end) == told["before"]
    assert decimal_text(steps[-1].end) == told["after"]
    seen = {s.part.cause.value: decimal_text(s.change) for s in steps if s.part is not None}
    assert seen == {p["cause"]: p["amount"] for p in told["parts"] if p["cause"] in seen}


def test_today_which_is_not_over_is_not_compared(page):
    assert page.why.chart.bridge.steps[-1].words == "November 1–19"


def test_a_period_of_ones_own_can_be_compared_with(qtbot, page):
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.why.way.button("custom").click()
    assert page.why.days.isVisible()
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.why.days.first.setDate(QDate(2026, 9, 20))
    words = page.why.chart.bridge.steps[0].words
    assert words == "September 20 – October 19"


def test_a_period_without_data_is_unknown_and_has_no_bridge(qtbot, page):
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.why.way.button("year").click()
    assert "no data of November" in page.why.sentence.text()
    assert not page.why.chart.isVisible()


def test_estimated_money_in_a_comparison_is_said(page):
    assert "is estimated, not billed" in page.why.cautions.text()


def test_filters_narrow_what_is_explained_too(qtbot, page):
    whole = page.why.chart.bridge.steps[-1].end
    narrow(qtbot, page, "gpt-big")
    assert page.why.note == "model gpt-big"
    steps = page.why.chart.bridge.steps
    assert 0 < steps[-1].end < whole
    total = next(row for row in page.table.rows if row.is_total)
    assert steps[-1].end < total.amounts.spent, "without today, which is not over"


def test_a_month_is_explained_by_its_own_days(qtbot, page):
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.asking.span.button("90d").click()
    cut_by(qtbot, page, Dimension.MONTH)
    narrow(qtbot, page, "2026-10")
    assert page.why.chart.bridge.steps[-1].words == "October"
    assert page.why.note == ""


def test_who_asks_why_is_brought_there(qtbot, page):
    page.resize(1160, 500)
    page.intend("why")
    qtbot.waitUntil(lambda: not page.why.visibleRegion().isEmpty(), timeout=WAIT)


def test_a_cause_opens_what_is_behind_it_and_a_thing_narrows_the_page(qtbot, page):
    chart = page.why.chart
    index = next(i for i, s in enumerate(chart.bridge.steps) if s.part is not None)
    chart.setFocus()
    chart.point_at(index)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    part = chart.bridge.steps[index].part
    rows = page.why.things.rows_model.rows
    assert [thing for thing, _ in rows] == list(part.things)
    assert sum(thing.amount for thing, _ in rows) == part.amount
    line = next(i for i, (thing, _) in enumerate(rows) if thing.dimension == "model")
    page.why.things.setCurrentIndex(page.why.things.rows_model.index(line, 0))
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        QTest.keyClick(page.why.things, Qt.Key.Key_Return)
    assert page._answer.question.scope.conditions == ((Dimension.MODEL, (rows[line][0].name,)),)


# --- by keyboard ---


def test_a_name_opens_by_enter(qtbot, page):
    page.table.setFocus(Qt.FocusReason.TabFocusReason)
    place = page.table.rows.index(row_of(page, "gpt-big"))
    page.table.setCurrentIndex(page.table.rows_model.index(place, 0))
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.asking.filters.chips[0].text() == "Model: gpt-big"


@NO_POPUPS
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_I])
def test_a_figure_says_where_it_comes_from_by_key(qtbot, page, key):
    row = row_of(page, "gpt-big")
    page.table.setCurrentIndex(page.table.rows_model.index(page.table.rows.index(row), 2))
    QTest.keyClick(page.table, key)
    lines = lines_of(page)
    assert shown(row.amounts.billed, "USD") in lines["Kind"]
    page.popover.close()


def test_a_cell_is_said_with_its_row_and_its_column(page):
    row = row_of(page, "gpt-big")
    index = page.table.rows_model.index(page.table.rows.index(row), 3)
    said = page.table.rows_model.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert said == f"gpt-big, Billed: {shown(row.amounts.billed, 'USD')}"
