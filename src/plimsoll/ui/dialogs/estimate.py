"""Estimate: what a text, files or a chat would cost by model, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from plimsoll.services.estimate import Estimate
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.moments import grouped
from plimsoll.ui.widgets.buttons import LinkButton, PrimaryButton, QuietButton
from plimsoll.ui.widgets.drop_veil import files_in
from plimsoll.ui.widgets.estimate_table import EstimateLine, EstimateTable, given_words
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.words import counted, tr

_SIZE = QSize(960, 640)
_CHOSEN = 4
"""How many of the models in use are chosen at first."""

_NAMED = 6
"""How many files are named."""

_SHOWN = 100_000
"""Characters up to which a pasted text is shown; to lay out a longer one would hold up the window.
"""


class EstimateDialog(Frame):
    """What is given at the left, models at the right, and below what it comes to. The dialog only
    asks; who opened it counts and tells it.

    Signals:
        count_asked(str, tuple, tuple): count this text, or these paths where there are any, for
            these models.
        stop_asked(): stop the count.
    """

    count_asked = Signal(str, object, object)
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Estimate before you spend"),
            words=tr("Counted on this machine. Nothing of it is stored, and nothing is sent."),
            parent=parent,
        )
        self.resize(_SIZE)
        self.setAcceptDrops(True)
        self.paths: tuple[Path, ...] = ()
        self.long_text = ""
        self.models: dict[str, QCheckBox] = {}
        top = QHBoxLayout()
        top.setSpacing(20)
        top.addLayout(self._build_given(), 3)
        top.addLayout(self._build_models(), 2)
        self.body.addLayout(top, 2)
        self.busy = ProgressLine()
        self.busy.cancelled.connect(self.stop_asked)
        self.body.addWidget(self.busy)
        self.summary = Words(weight=500, wrap=True)
        self.table = EstimateTable()
        self.basis = Words(tone="muted", size=12, wrap=True)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table, 3)
        self.body.addWidget(self.basis)
        self.table.selectionModel().currentRowChanged.connect(self._show_basis)
        self.copy = QuietButton(tr("Copy"), icon="copy")
        self.copy.clicked.connect(self.table.copy)
        self.add_button(self.copy)
        self.add_cancel(tr("Close"))
        self.count = PrimaryButton(tr("Count"))
        self.count.setToolTip("Ctrl+Enter")
        self.count.clicked.connect(self._count)
        self.add_button(self.count)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.count.click)
        self._show_results(shown=False)
        self._say_what_can_be()
        self.text.setFocus()

    def _build_given(self) -> QVBoxLayout:
        self.text = _Pane()
        self.text.files_came.connect(self.give)
        self.text.long_text_came.connect(self.give_long_text)
        self.text.textChanged.connect(self._typed)
        self.held = Words(tone="muted", wrap=True)
        self.held.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.place = QStackedWidget()
        self.place.addWidget(self.text)
        self.place.addWidget(self.held)
        self.clear = LinkButton(tr("Use a text instead"))
        self.clear.clicked.connect(lambda: self.give(()))
        self.files = QuietButton(tr("Files …"))
        self.files.clicked.connect(self._choose_files)
        self.folder = QuietButton(tr("Folder …"), icon="folder")
        self.folder.clicked.connect(self._choose_folder)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.files)
        row.addWidget(self.folder)
        row.addStretch(1)
        row.addWidget(self.clear)
        self.clear.hide()
        for button in (self.files, self.folder, self.clear):
            button.setAutoDefault(False)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(Words(tr("A text, files, or a chat in JSON"), tone="muted", size=12))
        column.addWidget(self.place, 1)
        column.addLayout(row)
        return column

    def _build_models(self) -> QVBoxLayout:
        self._list = QVBoxLayout()
        self._list.setContentsMargins(2, 0, 2, 0)
        self._list.setSpacing(6)
        self._list.addStretch(1)
        content = QWidget()
        content.setObjectName("page")
        content.setLayout(self._list)
        scroller = QScrollArea()
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setWidgetResizable(True)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setWidget(content)
        self.other = QLineEdit()
        self.other.setPlaceholderText(tr("Another model, then Enter"))
        self.other.setAccessibleName(tr("Another model"))
        self.other.returnPressed.connect(self._add_other)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(Words(tr("Models in use, and others by name"), tone="muted", size=12))
        column.addWidget(scroller, 1)
        column.addWidget(self.other)
        return column

    # --- told by who opened it ---------------------------------------------------------------

    def show_models(self, in_use: Sequence[str], known: Sequence[str]) -> None:
        """These are in use, and these have a price."""
        for place, model in enumerate(in_use):
            self._add_model(model, chosen=place < _CHOSEN)
        completer = QCompleter(list(known), self.other)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.other.setCompleter(completer)
        self._say_what_can_be()

    def show_counting(self, share: float | None) -> None:
        """It is being read, or so much of it is counted."""
        self.say_trouble("")
        self.count.setEnabled(False)
        self.busy.show_progress(tr("Reading …") if share is None else tr("Counting …"), share)

    def show_estimate(self, estimate: Estimate) -> None:
        """What it comes to."""
        self.busy.finish()
        self.summary.setText(given_words(estimate.given))
        self.table.show_estimate(estimate)
        self._show_results(shown=True)
        self.table.selectRow(0)
        self.table.setFocus()
        self._say_what_can_be()

    def show_refused(self, sentence: str) -> None:
        """It cannot be counted, or was stopped (without a sentence)."""
        self.busy.finish()
        self._show_results(shown=False)
        self.say_trouble(sentence)
        self._say_what_can_be()

    # --- inside ------------------------------------------------------------------------------

    def give(self, paths: Sequence[Path]) -> None:
        """Count these files and folders; none for the text in the field."""
        names = [path.name for path in paths]
        more = len(names) - _NAMED
        if more > 0:
            names = [*names[:_NAMED], counted(more, "one more", "{count} more")]
        self._hold("\n".join(names), paths=tuple(paths))

    def give_long_text(self, text: str) -> None:
        """Count this text, which is too long to be shown."""
        length = grouped(len(text))
        self._hold(tr("A text of {count} characters", count=length), long_text=text)

    def _hold(self, what: str, *, paths: tuple[Path, ...] = (), long_text: str = "") -> None:
        """Count what is not in the field; nothing for what is."""
        self.paths, self.long_text = paths, long_text
        self.held.setText(what)
        self.place.setCurrentWidget(self.held if what else self.text)
        self.clear.setVisible(bool(what))
        self._say_what_can_be()
        (self.count if what and self.count.isEnabled() else self.text).setFocus()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The models that are marked."""
        return tuple(model for model, box in self.models.items() if box.isChecked())

    def _typed(self) -> None:
        self._say_what_can_be()

    def _add_other(self) -> None:
        model = self.other.text().strip()
        if model:
            self._add_model(model, chosen=True)
            self.other.clear()
            self._say_what_can_be()

    def _add_model(self, model: str, *, chosen: bool) -> None:
        box = self.models.get(model)
        if box is None:
            box = QCheckBox(model.replace("&", "&&"))
            box.toggled.connect(lambda _: self._say_what_can_be())
            self.models[model] = box
            self._list.insertWidget(self._list.count() - 1, box)
        box.setChecked(box.isChecked() or chosen)

    def _say_what_can_be(self) -> None:
        is_held = bool(self.paths or self.long_text)
        has_something = is_held or not self.text.document().isEmpty()
        is_busy = not self.busy.isHidden()
        self.count.setEnabled(has_something and bool(self.chosen) and not is_busy)

    def _count(self) -> None:
        text = "" if self.paths else self.long_text or self.text.toPlainText()
        self.count_asked.emit(text, self.paths, self.chosen)

    def _show_results(self, *, shown: bool) -> None:
        for widget in (self.summary, self.table, self.basis, self.copy):
            widget.setVisible(shown)

    def _show_basis(self, index: QModelIndex) -> None:
        if index.isValid():
            line: EstimateLine = self.table.rows_model.row_at(index.row())
            self.basis.setText(line.basis)

    def _choose_files(self) -> None:
        self._choose(tr("Files to count"), QFileDialog.FileMode.ExistingFiles)

    def _choose_folder(self) -> None:
        self._choose(tr("Folder to count"), QFileDialog.FileMode.Directory)

    def _choose(self, title: str, mode: QFileDialog.FileMode) -> None:
        chooser = QFileDialog(self, title)
        chooser.setFileMode(mode)
        chooser.filesSelected.connect(lambda names: self.give([Path(name) for name in names]))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be let go anywhere on the dialog."""
        if files_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Files and folders were let go."""
        if found := files_in(event.mimeData()):
            event.acceptProposedAction()
            self.give(found)


class _Pane(QPlainTextEdit):
    """A field for a text; files that are pasted or dropped into it are files, not their addresses.

    Signals:
        files_came(list): files and folders, as paths.
        long_text_came(str): a text that is too long for a field.
    """

    files_came = Signal(object)
    long_text_came = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Text to count"))
        self.setPlaceholderText(tr("Paste a text or a chat in JSON, or drop files or a folder."))
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802 - Qt's name
        """Texts, and files."""
        return bool(files_in(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's name
        """A paste or a drop."""
        if found := files_in(source):
            self.files_came.emit(found)
        elif len(text := source.text()) > _SHOWN:
            self.long_text_came.emit(text)
        else:
            super().insertFromMimeData(source)
