"""Units of work by hand: a form for one more entry, and the table of what was entered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.work import LONGEST_NAME, Work
from plimsoll.services.work_entry import read_work
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.moments import grouped
from plimsoll.ui.widgets.buttons import LinkButton, PrimaryButton, QuietButton
from plimsoll.ui.widgets.days import day_field, day_in, show_day
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import full_day, in_words, tr

_NAME = 1


class UnitsOfWork(Frame):
    """What was done, counted by hand. The dialog stays open: one entry is rarely alone, and what
    was removed can be brought back.

    Signals:
        entered(Work): keep this entry.
        removed(int): remove the entry of this number.
    """

    entered = Signal(object)
    removed = Signal(int)

    def __init__(
        self, entries: Sequence[Work], *, today: date, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("Units of work"),
            words=tr(
                "Count what was done with the tokens: tickets, documents, whatever you like. Each"
                " week's spend is divided by it. Nothing is sent anywhere."
            ),
            parent=parent,
        )
        self.resize(560, 560)
        self._today = today
        self._gone: Work | None = None
        self._typed = False
        """Whether what stands in the form is on its way to the archive."""
        self._build_form()
        self._build_table()
        self.add_cancel(tr("Close"))
        self.show_entries(entries)
        (self.count if self.name.currentText() else self.name).setFocus()

    def show_entries(self, entries: Sequence[Work]) -> None:
        """Show what is entered now, the latest day first."""
        if self._typed:
            self._typed = False
            self.count.clear()
            self.count.setFocus()
        latest = sorted(entries, key=lambda work: (work.day, work.id), reverse=True)
        self.table.show_rows(latest)
        self.table.setVisible(bool(latest))
        self.empty.setVisible(not latest)
        self._offer_names(latest)
        self._say_what_can_be()

    def say_refused(self, sentence: str) -> None:
        """Say why an entry could not be kept or removed; what was typed stays."""
        self._typed = False
        self._forget_gone()
        self.say_trouble(sentence)

    # --- building ----------------------------------------------------------------------------

    def _build_form(self) -> None:
        self.name = QComboBox()
        self.name.setEditable(True)
        self.name.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        field = self.name.lineEdit()
        if field is not None:
            field.setMaxLength(LONGEST_NAME)
            field.setPlaceholderText(tr("tickets"))
        self.count = QLineEdit()
        self.count.setPlaceholderText("12")
        self.day = day_field(tr("Day"))
        show_day(self.day, self._today)
        self.enter = PrimaryButton(tr("Enter"))
        self.enter.setDefault(True)
        self.enter.clicked.connect(self._enter)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        names: tuple[tuple[QWidget, str], ...] = (
            (self.name, tr("What was done")),
            (self.count, tr("How many")),
            (self.day, tr("Day (UTC)")),
        )
        for column, (widget, name) in enumerate(names):
            label = Words(name, tone="muted", size=12)
            label.setBuddy(widget)
            widget.setAccessibleName(name)
            grid.addWidget(label, 0, column)
            grid.addWidget(widget, 1, column)
        grid.addWidget(self.enter, 1, len(names))
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)

    def _build_table(self) -> None:
        self.table = Table(_columns(), wide=_NAME)
        self.table.setAccessibleName(tr("Entered"))
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.setMinimumHeight(180)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._say_what_can_be())
        self.empty = Words(tr("Nothing is entered yet."), tone="muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note = Words(tone="muted", size=12, wrap=True)
        widen(self.note)
        self.undo = LinkButton(tr("Undo"))
        self.undo.clicked.connect(self._bring_back)
        self.remove = QuietButton(tr("Remove"), icon="trash")
        self.remove.setAutoDefault(False)
        self.remove.clicked.connect(self._remove)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.note, 1)
        below.addWidget(self.undo)
        below.addWidget(self.remove)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addLayout(below)

    def _offer_names(self, latest: Sequence[Work]) -> None:
        """Earlier names, the one that was used most lately first; what is typed stays."""
        typed = self.name.currentText()
        names = list(dict.fromkeys(work.name for work in latest))
        self.name.clear()
        self.name.addItems(names)
        self.name.setEditText(typed or (names[0] if names else ""))

    # --- doing -------------------------------------------------------------------------------

    def _enter(self) -> None:
        try:
            work = read_work(
                self.name.currentText(), self.count.text(), day=day_in(self.day), today=self._today
            )
        except WrongUse as error:
            self.say_trouble(in_words(error.words))
            return
        self.say_trouble("")
        self._forget_gone()
        self._typed = True
        self.entered.emit(work)

    def _remove(self) -> None:
        work = self._chosen()
        if work is None:
            return
        self.say_trouble("")
        self._gone = work
        self.note.setText(tr("Removed: {entry}", entry=entry_words(work)))
        self._say_what_can_be()
        self.undo.setFocus()
        self.removed.emit(work.id)

    def _bring_back(self) -> None:
        work = self._gone
        self._forget_gone()
        self.table.setFocus()
        if work is not None:
            self.entered.emit(work)

    def _forget_gone(self) -> None:
        self._gone = None
        self.note.setText("")
        self._say_what_can_be()

    def _chosen(self) -> Work | None:
        rows = self.table.selectionModel().selectedRows()
        return self.table.rows_model.row_at(rows[0].row()) if rows else None

    def _say_what_can_be(self) -> None:
        self.undo.setVisible(self._gone is not None)
        self.remove.setEnabled(self._chosen() is not None)


def entry_words(work: Work) -> str:
    """An entry in words: `12 tickets, 12 Nov 2026`."""
    return tr(
        "{count} {name}, {day}", count=grouped(work.count), name=work.name, day=full_day(work.day)
    )


def _columns() -> tuple[Column[Work], ...]:
    return (
        Column(tr("Day"), lambda work: full_day(work.day), says=entry_words),
        Column(tr("What was done"), lambda work: work.name),
        Column(tr("How many"), lambda work: grouped(work.count), numeric=True),
    )
