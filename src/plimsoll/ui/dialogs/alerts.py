"""All alerts: every threshold that ever fired, with its period, its state, and who was told."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QWidget

from plimsoll.services.answers import AlertList
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.fired import Fired, fired_rows
from plimsoll.ui.moments import at
from plimsoll.ui.widgets.buttons import QuietButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.notices import EmptyState
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import tr

_TOLD = 5


class AlertsDialog(Frame):
    """A table; below it the sentence of the marked row, and why it did not go where it should."""

    def __init__(self, alerts: AlertList, *, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("All alerts"),
            words=tr("Each threshold fires once in its period, told or not. The newest is first."),
            parent=parent,
        )
        self.resize(980, 560)
        self._rows = fired_rows(alerts)
        self.table = Table(_columns(now), wide=_TOLD)
        self.table.setAccessibleName(tr("All alerts"))
        self.table.setMinimumHeight(220)
        self.sentence = Words(wrap=True)
        self.troubles = Words(tone="muted", size=12, wrap=True)
        self.empty = EmptyState(
            tr(
                "Nothing has fired yet. A budget speaks up at each of its thresholds, a balance"
                " before it runs out."
            )
        )
        for widget, stretch in ((self.table, 1), (self.empty, 1), (self.sentence, 0)):
            self.body.addWidget(widget, stretch)
        self.body.addWidget(self.troubles)
        self.copy = QuietButton(tr("Copy"), icon="copy")
        self.copy.clicked.connect(self.table.copy)
        self.add_button(self.copy)
        self.leave = self.add_cancel(tr("Close"))
        self._show_rows()

    def _show_rows(self) -> None:
        has_some = bool(self._rows)
        for widget in (self.table, self.sentence, self.copy):
            widget.setVisible(has_some)
        self.words.setVisible(has_some)
        self.empty.setVisible(not has_some)
        self.troubles.hide()
        self.table.show_rows(self._rows)
        self.table.let_sort(0)
        self.table.selectionModel().currentRowChanged.connect(self._show_sentence)
        if has_some:
            self.table.selectRow(0)
            self.table.setFocus()
        else:
            self.leave.setFocus()

    def _show_sentence(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row: Fired = self.table.rows_model.row_at(index.row())
        self.sentence.setText(row.sentence)
        self.troubles.setText("\n".join(row.troubles))
        self.troubles.setVisible(bool(row.troubles))


def _columns(now: datetime) -> tuple[Column[Fired], ...]:
    return (
        Column(tr("Fired"), lambda row: at(row.fired_at, now), sort=lambda row: row.fired_at),
        Column(tr("Budget or account"), lambda row: row.of),
        Column(tr("Threshold"), lambda row: row.crossed),
        Column(tr("Period"), lambda row: row.period, role=lambda _: "muted"),
        Column(tr("State"), lambda row: row.state),
        Column(
            tr("Told"),
            lambda row: row.told,
            tip=lambda row: "\n".join(row.troubles),
            role=lambda row: "warn" if row.troubles else "muted",
        ),
    )
