"""Units of work in the window: entered, listed, removed and brought back, by mouse and keyboard."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from plimsoll.domain.work import Work
from plimsoll.ui import words
from plimsoll.ui.dialogs.units_of_work import UnitsOfWork, entry_words

TODAY = date(2026, 11, 20)
ENTRIES = (
    Work("documents", TODAY - timedelta(days=30), 4, 1),
    Work("tickets", TODAY - timedelta(days=8), 12, 2),
    Work("tickets", TODAY - timedelta(days=1), 1500, 3),
)


@pytest.fixture
def dialog(qtbot, look) -> UnitsOfWork:
    made = UnitsOfWork(ENTRIES, today=TODAY)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def cells(dialog: UnitsOfWork) -> list[tuple[str, ...]]:
    model = dialog.table.rows_model
    columns = range(model.columnCount())
    return [
        tuple(str(model.index(row, column).data()) for column in columns)
        for row in range(model.rowCount())
    ]


def test_what_was_entered_is_listed_the_latest_day_first_and_its_names_are_offered(
    dialog: UnitsOfWork,
) -> None:
    assert cells(dialog) == [
        ("19 Nov 2026", "tickets", "1\u202f500"),
        ("12 Nov 2026", "tickets", "12"),
        ("21 Oct 2026", "documents", "4"),
    ]
    names = [dialog.name.itemText(i) for i in range(dialog.name.count())]
    assert names == ["tickets", "documents"]
    assert dialog.name.currentText() == "tickets"
    assert dialog.focusWidget() is dialog.count


def test_an_entry_is_typed_and_kept_by_the_keyboard_alone(qtbot, dialog: UnitsOfWork) -> None:
    qtbot.keyClicks(dialog.count, "1,200")
    with qtbot.waitSignal(dialog.entered) as entered:
        qtbot.keyClick(dialog.count, Qt.Key.Key_Return)
    assert entered.args == [Work("tickets", TODAY, 1200)]
    assert dialog.count.text() == "1,200", "until it is kept"
    dialog.show_entries((*ENTRIES, Work("tickets", TODAY, 1200, 4)))
    assert dialog.count.text() == ""
    assert dialog.isVisible(), "one entry is rarely alone"
    assert cells(dialog)[0] == ("20 Nov 2026", "tickets", "1\u202f200")


def test_a_typed_error_is_a_plain_sentence_and_nothing_is_entered(
    qtbot, dialog: UnitsOfWork
) -> None:
    qtbot.keyClicks(dialog.count, "a few")
    with qtbot.assertNotEmitted(dialog.entered):
        qtbot.mouseClick(dialog.enter, Qt.MouseButton.LeftButton)
    assert dialog.trouble.text() == "The count must be a whole number from 1 to 1,000,000,000."
    assert dialog.count.text() == "a few", "what was typed stays"
    dialog.count.setText("3")
    dialog.name.setEditText("")
    qtbot.mouseClick(dialog.enter, Qt.MouseButton.LeftButton)
    assert dialog.trouble.text().startswith("Say what was done")
    words.use_language("zh_CN")
    qtbot.mouseClick(dialog.enter, Qt.MouseButton.LeftButton)
    assert dialog.trouble.text() == "请写明完成了什么：工单、文档、拉取请求。"


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "delete"])
def test_what_was_removed_can_be_brought_back(qtbot, dialog: UnitsOfWork, by_key: bool) -> None:
    assert not dialog.remove.isEnabled(), "nothing is chosen yet"
    assert dialog.undo.isHidden()
    dialog.table.setFocus()
    dialog.table.selectRow(1)
    with qtbot.waitSignal(dialog.removed) as removed:
        if by_key:
            qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
        else:
            qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert removed.args == [2]
    dialog.show_entries((ENTRIES[0], ENTRIES[2]))
    assert dialog.note.text() == "Removed: 12 tickets, 12 Nov 2026"
    assert dialog.focusWidget() is dialog.undo
    with qtbot.waitSignal(dialog.entered) as entered:
        qtbot.keyClick(dialog.undo, Qt.Key.Key_Space)
    assert entered.args == [ENTRIES[1]]
    assert dialog.undo.isHidden()
    assert dialog.note.text() == ""


def test_what_could_not_be_kept_says_why_and_stays_typed(qtbot, dialog: UnitsOfWork) -> None:
    qtbot.keyClicks(dialog.count, "7")
    qtbot.mouseClick(dialog.enter, Qt.MouseButton.LeftButton)
    dialog.say_refused("Another process is writing.")
    assert dialog.trouble.text() == "Another process is writing."
    dialog.show_entries(ENTRIES)
    assert dialog.count.text() == "7"


def test_without_entries_it_says_so_and_begins_with_the_name(qtbot, look) -> None:
    dialog = UnitsOfWork((), today=TODAY)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert dialog.table.isHidden()
    assert dialog.empty.isVisible()
    assert dialog.name.hasFocus()


def test_everything_in_it_has_a_name_for_a_screen_reader(dialog: UnitsOfWork) -> None:
    for widget in (dialog.name, dialog.count, dialog.day, dialog.table, dialog.enter):
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name)
    first = dialog.table.rows_model.index(0, 0)
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == entry_words(ENTRIES[2])
