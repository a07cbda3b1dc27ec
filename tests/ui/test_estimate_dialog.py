"""Estimating in the window: what is given is counted here, said honestly, and nothing is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from real_ledger import filled

from plimsoll.prices.tokenizer import loaded
from plimsoll.services import estimate
from plimsoll.services.program import Program
from plimsoll.ui import words
from plimsoll.ui.dialogs.estimate import EstimateDialog

WAIT = 8000
COPY = Qt.DropAction.CopyAction
TEXT = "The load line of a ship, 载重线."


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = filled(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def dialog(qtbot, window) -> EstimateDialog:
    """The dialog by the palette's command, once it knows the models in use."""
    (command,) = (c for c in window.shell._commands() if c.title == "Estimate …")
    command.run()
    made = window.shell.estimating.dialog
    assert made is not None
    qtbot.waitUntil(lambda: bool(made.models), timeout=WAIT)
    return made


def counted(qtbot, dialog: EstimateDialog) -> EstimateDialog:
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    return answered(qtbot, dialog)


def answered(qtbot, dialog: EstimateDialog) -> EstimateDialog:
    qtbot.waitUntil(
        lambda: dialog.busy.isHidden() and (dialog.table.isVisible() or dialog.trouble.isVisible()),
        timeout=WAIT,
    )
    return dialog


def only(dialog: EstimateDialog, *models: str) -> None:
    for box in dialog.models.values():
        box.setChecked(False)
    for model in models:
        dialog.other.setText(model)
        dialog.other.returnPressed.emit()


def drop(target: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), COPY, data, left, none)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(9, 9), COPY, data, left, none))


def lines(dialog: EstimateDialog) -> list[list[str]]:
    text = dialog.table.rows_model.tab_separated()
    return [line.split("\t") for line in text.splitlines()[1:]]


def test_a_pasted_text_is_counted_exactly_and_said_to_be(qtbot, dialog) -> None:
    only(dialog, "gpt-5.4-mini")
    dialog.text.setPlainText(TEXT)
    counted(qtbot, dialog)
    tokens = len(loaded("o200k_base").encode_ordinary(TEXT))
    ((model, told, how, provider, *_),) = lines(dialog)
    assert (model, told, how, provider) == ("gpt-5.4-mini", str(tokens), "Exact", "openai")
    assert dialog.summary.text() == f"Pasted text: {len(TEXT)} characters"
    assert "Counted exactly, by o200k_base." in dialog.basis.text()
    assert "nothing is sent" in dialog.words.text()


def test_approximations_are_labelled_and_currencies_stand_apart(qtbot, dialog) -> None:
    only(dialog, "deepseek-v4-pro")
    dialog.text.setPlainText(TEXT)
    counted(qtbot, dialog)
    found = lines(dialog)
    assert {how for _, _, how, *_ in found} == {"Approximate"}
    assert all(" to " in told for _, told, *_ in found)
    assert {amount[0] for *_, amount in found} == {"¥", "$"}


def test_the_answer_to_expect_comes_from_the_own_history_and_says_so(qtbot, dialog) -> None:
    assert {"gpt-big", "claude-a"} <= set(dialog.models)
    only(dialog)
    dialog.models["gpt-big"].setChecked(True)
    dialog.text.setPlainText(TEXT)
    counted(qtbot, dialog)
    # Two projects a day, three requests each, 120 000 and 80 000 tokens of output.
    assert [line[5] for line in lines(dialog)] == ["≈ 33 k"]
    assert "33\u202f333 tokens, the mean of your 402 requests of this model" in dialog.basis.text()
    assert lines(dialog)[0][4] == "Not priced"


def test_dropped_files_and_folders_are_counted_together(qtbot, dialog, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("one")
    (folder / "b.png").write_bytes(b"\x89PNG\0")
    (tmp_path / "c.txt").write_text("two")
    only(dialog, "gpt-5.4-mini")
    drop(dialog, folder, tmp_path / "c.txt")
    assert dialog.held.text() == "notes\nc.txt"
    counted(qtbot, dialog)
    assert dialog.summary.text() == (
        "notes, c.txt: 6 characters · 2 files · one file that is no text was left out"
    )
    assert lines(dialog)[0][1] == "2"


def test_files_that_are_pasted_into_the_field_are_files_and_can_be_taken_back(
    qtbot, dialog, tmp_path: Path
) -> None:
    (tmp_path / "c.txt").write_text("two")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "c.txt"))])
    dialog.text.insertFromMimeData(data)
    assert dialog.paths == (tmp_path / "c.txt",)
    qtbot.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    assert dialog.paths == ()
    assert dialog.place.currentWidget() is dialog.text


def test_a_long_text_is_held_and_not_laid_out(qtbot, dialog) -> None:
    only(dialog, "gpt-5.4-mini")
    data = QMimeData()
    data.setText("word " * 30_000)
    dialog.text.insertFromMimeData(data)
    assert dialog.text.document().isEmpty()
    assert dialog.held.text() == "A text of 150\u202f000 characters"
    counted(qtbot, dialog)
    assert dialog.summary.text() == "Pasted text: 150\u202f000 characters"
    qtbot.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    assert not dialog.count.isEnabled(), "it is gone, and the field is empty"
    data.setText("a word")
    dialog.text.insertFromMimeData(data)
    assert dialog.text.toPlainText() == "a word"


@pytest.mark.parametrize("kind", ["binary", "gigabyte"])
def test_what_cannot_be_counted_gets_one_clear_sentence(
    qtbot, dialog, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "it.bin"
    with file.open("wb") as sparse:
        sparse.write(b"\x89PNG\0")
        sparse.truncate(10**9 if kind == "gigabyte" else 100)
    drop(dialog, file)
    counted(qtbot, dialog)
    said = {"binary": "it.bin is not text", "gigabyte": "it.bin has 1,000 MB"}[kind]
    assert said in dialog.trouble.text()
    assert not dialog.table.isVisible()
    assert dialog.count.isEnabled(), "another try is possible"


def test_what_was_counted_before_is_gone_when_the_next_cannot_be(
    qtbot, dialog, tmp_path: Path
) -> None:
    dialog.text.setPlainText(TEXT)
    counted(qtbot, dialog)
    (tmp_path / "it.bin").write_bytes(b"\0")
    drop(dialog, tmp_path / "it.bin")
    qtbot.mouseClick(dialog.count, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.trouble.isVisible, timeout=WAIT)
    assert not dialog.table.isVisible(), "figures of another text"
    assert not dialog.summary.isVisible()


def test_a_chat_is_counted_with_what_its_messages_add(qtbot, dialog) -> None:
    only(dialog, "gpt-5.4-mini")
    dialog.text.setPlainText('[{"role": "user", "content": "hello"}]')
    counted(qtbot, dialog)
    assert dialog.summary.text().endswith("a chat of one message")
    assert lines(dialog)[0][1] == "8", "a role, a word, three for the message and three to answer"


def test_a_batch_is_said_to_be_one(qtbot, dialog) -> None:
    only(dialog, "gpt-5.4-mini")
    line = '{"body": {"messages": [{"role": "user", "content": "hello"}]}}'
    dialog.text.setPlainText(f"{line}\n{line}")
    counted(qtbot, dialog)
    assert dialog.summary.text().endswith("2 requests with 2 messages")
    assert lines(dialog)[0][1] == "16"


def test_a_chat_with_pictures_and_tools_is_not_said_to_be_exact(qtbot, dialog) -> None:
    only(dialog, "gpt-5.4-mini")
    picture = '{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}'
    dialog.text.setPlainText(
        f'{{"messages": [{{"role": "user", "content": [{picture}]}}], "tools": [{{"name": "f"}}]}}'
    )
    counted(qtbot, dialog)
    assert dialog.summary.text().endswith("one part that is no text is not counted")
    assert lines(dialog)[0][2] == "Approximate"
    assert "Tools are counted as the JSON that they are" in dialog.basis.text()


def test_a_long_count_shows_how_far_it_is_and_can_be_stopped(
    qtbot, dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Semaphore(1)

    def slowly(piece: str, encoding: str) -> int:
        assert go_on.acquire(timeout=WAIT / 1000)
        return 1

    monkeypatch.setattr(estimate, "count_of", slowly)
    only(dialog, "gpt-5.4-mini")
    dialog.text.setPlainText("one two three " * 20_000)
    qtbot.mouseClick(dialog.count, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.busy.sentence == "Counting …", timeout=WAIT)
    assert not dialog.count.isEnabled()
    qtbot.mouseClick(dialog.busy.stop_button, Qt.MouseButton.LeftButton)
    go_on.release(9)
    qtbot.waitUntil(dialog.busy.isHidden, timeout=WAIT)
    assert dialog.trouble.text() == ""
    assert not dialog.table.isVisible()
    assert dialog.count.isEnabled()


def test_closing_the_dialog_stops_the_count(
    qtbot, window, dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun, done = threading.Event(), threading.Event(), []

    def slowly(piece: str, encoding: str) -> int:
        begun.set()
        assert go_on.wait(timeout=WAIT / 1000)
        done.append(1)
        return 1

    monkeypatch.setattr(estimate, "count_of", slowly)
    dialog.text.setPlainText("one two three " * 20_000)
    qtbot.mouseClick(dialog.count, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(begun.is_set, timeout=WAIT)
    dialog.reject()
    go_on.set()
    qtbot.waitUntil(lambda: window.shell.jobs.is_idle, timeout=WAIT)
    assert len(done) == 1, "of six pieces and more"


def test_nothing_can_be_counted_without_a_text_or_a_model(qtbot, dialog) -> None:
    assert not dialog.count.isEnabled()
    dialog.text.setPlainText(TEXT)
    assert dialog.count.isEnabled()
    only(dialog)
    assert not dialog.count.isEnabled()


def test_nothing_is_kept_when_it_is_closed(qtbot, dialog, window, program) -> None:
    before = {f: f.read_bytes() for f in program.data_dir.rglob("*") if f.is_file()}
    dialog.text.setPlainText("a secret plan")
    counted(qtbot, dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.shell.estimating.dialog is None, timeout=WAIT)
    for file in program.data_dir.rglob("*"):
        if file.is_file():
            assert file in before
            assert b"a secret plan" not in file.read_bytes()


def test_every_part_has_a_name_and_the_words_are_there_in_both_languages(
    qtbot, window, dialog
) -> None:
    for part in (dialog.text, dialog.other, dialog.table):
        assert part.accessibleName()
    words.use_language("zh_CN")
    window.shell.estimating.dialog.reject()
    qtbot.waitUntil(lambda: window.shell.estimating.dialog is None, timeout=WAIT)
    window.shell.estimating.open()
    assert window.shell.estimating.dialog.count.text() == "计数"


def test_the_spend_page_has_a_button_for_it(qtbot, window) -> None:
    window.shell.show_page("spend")
    qtbot.waitUntil(lambda: window.shell.page.is_settled, timeout=WAIT)
    qtbot.mouseClick(window.shell.page.estimate, Qt.MouseButton.LeftButton)
    assert window.shell.estimating.dialog is not None
