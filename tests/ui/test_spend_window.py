"""Spend in the real window over a real archive: by mouse and by keyboard, down to the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from real_ledger import filled

from plimsoll.domain.money import shown
from plimsoll.services.program import Program
from plimsoll.ui.application import application_for
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.pages.spend import SpendPage
from plimsoll.ui.window import MainWindow

WAIT = 8000

pytestmark = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing the keyboard", extend=True
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Program]:
    program = filled(tmp_path / "archive")
    program.save_settings(replace(program.settings(), theme="light", language="en"))
    yield program
    program.close()


@pytest.fixture
def window(qtbot, qapp, archive) -> Iterator[MainWindow]:
    application_for(archive.settings())
    made = MainWindow(archive)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.page_settled, timeout=WAIT):
        made.show()
    with qtbot.waitActive(made, timeout=WAIT):
        made.activateWindow()
    yield made
    made.close()
    qtbot.waitUntil(lambda: not made.isVisible(), timeout=WAIT)


def spend(qtbot, window: MainWindow) -> SpendPage:
    QTest.keySequence(window, QKeySequence("Ctrl+2"))
    page = window.shell.page
    assert isinstance(page, SpendPage)
    qtbot.waitUntil(lambda: page.is_settled, timeout=WAIT)
    return page


def spot_of(page: SpendPage, name: str, title: str) -> QPoint:
    model = page.table.rows_model
    titles = [
        model.headerData(place, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
        for place in range(model.columnCount())
    ]
    line = next(i for i, row in enumerate(page.table.rows) if row.name == name)
    index = model.index(line, titles.index(title))
    page.table.scrollTo(index)
    return page.table.visualRect(index).center()


def test_a_click_on_a_figure_goes_down_to_its_rows_and_one_on_a_name_narrows(qtbot, window):
    page = spend(qtbot, window)
    before = next(row for row in page.table.rows if row.name == "gpt-big")
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(page.table.viewport(), left, pos=spot_of(page, "gpt-big", "Billed"))
    popover = page.popover
    assert popover is not None
    qtbot.waitUntil(lambda: bool(popover.sections), timeout=WAIT)
    assert shown(before.amounts.billed, "USD") in popover.accessible_text()
    assert "gpt-big, all" in popover.accessible_text()
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        qtbot.mouseClick(page.table.viewport(), left, pos=spot_of(page, "gpt-big", "Model"))
    total = next(row for row in page.table.rows if row.is_total)
    assert total.amounts == before.amounts
    assert {row.name for row in page.table.rows} == {"Total", "Shop", "Lab"}


def test_the_waterfall_is_a_table_by_ctrl_t(qtbot, window):
    page = spend(qtbot, window)
    page.intend("why")
    qtbot.waitUntil(page.why.chart.hasFocus, timeout=WAIT)
    QTest.keySequence(window, QKeySequence("Ctrl+T"))
    (twin,) = window.findChildren(TwinTable)
    rows = twin.table.rows_model.rows
    assert rows[0][0] == "October 1–19"
    assert rows[-1][0] == "November 1–19"
    twin.close()


def test_everything_can_be_reached_with_tab(qtbot, window):
    page = spend(qtbot, window)
    page.take_focus()
    seen = set()
    for _ in range(40):
        focused = window.focusWidget()
        seen.add(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    for widget in (page.asking.by, page.bars, page.table, page.why.chart, page.why.things):
        assert widget in seen
    assert any(button in seen for button in page.legend.buttons())


def test_the_window_speaks_chinese_here_too(qtbot, window, archive):
    page = spend(qtbot, window)
    window.shell.change_settings(replace(archive.settings(), language="zh_CN"))
    qtbot.waitUntil(
        lambda: window.shell.page is not page and window.shell.page.is_settled, timeout=WAIT
    )
    chinese = window.shell.page
    assert chinese.heading.text() == "花费"
    assert "比" in chinese.why.sentence.text()
    assert "more" not in chinese.why.sentence.text()
    assert chinese.why.chart.bridge.steps[-1].words == "11月1–19日"
