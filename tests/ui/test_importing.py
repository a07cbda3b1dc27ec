"""Importing in the window: a file is dropped, looked at, and taken when the user says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from real_ledger import Clock

import exports as made
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Question
from plimsoll.ledger import accounts, answers
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault
from plimsoll.ui.dialogs.import_file import ImportFile
from plimsoll.ui.window import MainWindow

WAIT = 8000
COPY = Qt.DropAction.CopyAction


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = Program(tmp_path / "data", clock=Clock(), vault=MemoryVault(), who="test")
    yield opened
    opened.close()


def held(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(window: MainWindow, data: QMimeData) -> bool:
    enter = QDragEnterEvent(
        QPoint(40, 40), COPY, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window.shell, enter)
    return enter.isAccepted()


def drop(qtbot, window: MainWindow, *paths: Path) -> ImportFile:
    data = held(*paths)
    assert drag(window, data)
    assert window.shell.importing.veil.isVisible()
    let_go = QDropEvent(
        QPointF(40, 40), COPY, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window.shell, let_go)
    assert not window.shell.importing.veil.isVisible()
    return settled(qtbot, window)


def settled(qtbot, window: MainWindow) -> ImportFile:
    """The open dialog, once it says what the file brings or why it cannot be read."""
    qtbot.waitUntil(
        lambda: (d := window.shell.importing.dialog) is not None and d.busy.isHidden(),
        timeout=WAIT,
    )
    dialog = window.shell.importing.dialog
    assert dialog is not None
    return dialog


def write(folder: Path, content: str, name: str = "costs.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def billed(program: Program) -> int:
    from datetime import date

    question = Question(Period(date(2025, 1, 1), date(2026, 11, 20)))
    total = answers.answer(program.ledger, question, today=date(2026, 11, 20)).total
    return sum(amounts.billed for amounts in total.amounts)


def test_a_dropped_file_is_looked_at_and_taken_by_one_button(
    qtbot, window, program, tmp_path: Path
) -> None:
    dialog = drop(qtbot, window, write(tmp_path, made.COSTS))
    assert dialog.name.text() == "OpenAI export"
    assert dialog.forward.text() == "Import"
    assert billed(program) == 0, "nothing is taken before the user says so"
    with qtbot.waitSignal(window.shell.importing.imported, timeout=WAIT) as told:
        qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    assert told.args[0].days == 3
    assert billed(program) == 2_645_874_000
    assert window.shell.importing.dialog is None


def test_leaving_the_dialog_takes_nothing(qtbot, window, program, tmp_path: Path) -> None:
    dialog = drop(qtbot, window, write(tmp_path, made.COSTS))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.shell.importing.dialog is None, timeout=WAIT)
    assert accounts.sources(program.ledger) == ()


def test_an_unknown_file_says_what_is_known_and_offers_nothing_to_take(
    qtbot, window, tmp_path: Path
) -> None:
    dialog = drop(qtbot, window, write(tmp_path, "a,b\n1,2\n", "other.csv"))
    assert "no export that is known" in dialog.trouble.text()
    assert not dialog.forward.isEnabled()
    dialog.reject()


def test_another_name_is_looked_at_before_it_can_be_taken(
    qtbot, window, program, tmp_path: Path
) -> None:
    dialog = drop(qtbot, window, write(tmp_path, made.COSTS))
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Old bills")
    assert dialog.forward.text() == "Look again"
    qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    dialog = settled(qtbot, window)
    assert dialog.forward.text() == "Import"
    with qtbot.waitSignal(window.shell.importing.imported, timeout=WAIT):
        qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    assert [source.name for source in accounts.sources(program.ledger)] == ["Old bills"]


def test_a_sign_of_several_currencies_is_asked_about(qtbot, window, tmp_path: Path) -> None:
    row = "2026-08-15,Gemini API,A,SKU,B,1,count,7.82,0,0,0,7.817400,7.82"
    dialog = drop(qtbot, window, write(tmp_path, made.text(made.GOOGLE, row), "google.csv"))
    assert dialog.currency.isVisible()
    assert "several currencies share" in dialog.trouble.text()
    qtbot.keyClicks(dialog.currency, "aud")
    qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    dialog = settled(qtbot, window)
    assert dialog.preview is not None
    assert [money.currency for money in dialog.preview.sheets[0].billed] == ["AUD"]
    dialog.reject()


def test_what_it_replaces_is_said_before(qtbot, window, program, tmp_path: Path) -> None:
    program.take_import(program.preview_import(write(tmp_path, made.COSTS)))
    newer = made.text(made.OPENAI_COSTS, made.openai_cost(0, "3", "gpt-5-mini, input"))
    dialog = drop(qtbot, window, write(tmp_path, newer, "newer.csv"))
    assert dialog.view is not None
    assert any("$2.15 becomes $3.00" in note for note in dialog.view.notes)
    dialog.reject()


def test_any_other_file_is_read_by_a_mapping(qtbot, window, program, tmp_path: Path) -> None:
    dialog = drop(qtbot, window, write(tmp_path, "d,c\n2026-11-05,125\n", "bill.csv"))
    assert dialog.by_mapping.isVisible()
    text = 'title = "R"\ncurrency = "USD"\nunit = "0.01"\n[columns]\nday = "d"\ncost = "c"\n'
    dialog.use_mapping(write(tmp_path, text, "bill.toml"))
    dialog = settled(qtbot, window)
    assert not dialog.by_mapping.isVisible()
    with qtbot.waitSignal(window.shell.importing.imported, timeout=WAIT):
        qtbot.mouseClick(dialog.forward, Qt.MouseButton.LeftButton)
    assert billed(program) == 1_250_000_000


def test_several_files_come_one_after_the_other(qtbot, window, program, tmp_path: Path) -> None:
    usage = made.openai_usage(0, "gpt-5", whole="5.0", cached="0.0", output="5.0", n="1.0")
    files = (
        write(tmp_path, made.COSTS),
        write(tmp_path, made.text(made.OPENAI_USAGE, usage), "usage.csv"),
    )
    first = drop(qtbot, window, *files)
    assert first.windowTitle() == "Import costs.csv"
    first.reject()
    qtbot.waitUntil(lambda: window.shell.importing.dialog not in {None, first}, timeout=WAIT)
    second = settled(qtbot, window)
    assert second.windowTitle() == "Import usage.csv"
    second.reject()


def test_what_is_no_file_is_not_taken(qtbot, window) -> None:
    data = QMimeData()
    data.setText("hello")
    assert not drag(window, data)
    data.setUrls([QUrl("https://example.com/costs.csv")])
    assert not drag(window, data)


def test_a_file_that_is_carried_away_again_leaves_the_window_as_it_was(
    qtbot, window, tmp_path: Path
) -> None:
    assert drag(window, held(write(tmp_path, made.COSTS)))
    QApplication.sendEvent(window.shell, QDragLeaveEvent())
    assert not window.shell.importing.veil.isVisible()
    assert window.shell.importing.dialog is None
