"""The currencies of the settings: the one that all is shown in, and the rates that lead to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from plimsoll.domain.currencies import in_order
from plimsoll.domain.exchange import Rate
from plimsoll.services.currencies import Currencies
from plimsoll.ui.rates import left_out_words, rate_words
from plimsoll.ui.widgets.buttons import QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import tr

_ROW = 30
_MOST_ROWS = 8


class CurrenciesCard(Card):
    """A choice, and a table of dated rates.

    Signals:
        display_chosen(str): show all money in this currency; empty for each in its own.
        rate_asked(Rate | None): change this rate, or add one.
        remove_asked(Rate): remove this rate.
    """

    display_chosen = Signal(str)
    rate_asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Currencies"), parent=parent)
        self.display = QComboBox()
        self.display.setAccessibleName(tr("Show all money in"))
        self.display.activated.connect(
            lambda _: self.display_chosen.emit(self.display.currentData())
        )
        choice = QHBoxLayout()
        choice.setSpacing(24)
        choice.addWidget(Words(tr("Show all money in"), tone="muted"))
        choice.addWidget(self.display)
        choice.addStretch(1)
        self.trouble = Words(tone=Tone.WARN, size=12, wrap=True)
        self.table = Table(
            (
                Column(tr("From"), lambda rate: rate.day.isoformat()),
                Column(tr("Rate"), rate_words),
                Column(tr("Note"), lambda rate: rate.note, role=lambda _: "muted"),
            ),
            wide=2,
        )
        self.table.setAccessibleName(tr("Rates you set"))
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.opened.connect(self.rate_asked)
        self.add_rate = QuietButton(tr("Add a rate"), icon="plus")
        self.edit_rate = QuietButton(tr("Edit"), icon="edit")
        self.remove_rate = QuietButton(tr("Remove"), icon="trash")
        self.add_rate.clicked.connect(lambda: self.rate_asked.emit(None))
        self.edit_rate.clicked.connect(lambda: self.rate_asked.emit(self.chosen_rate))
        self.remove_rate.clicked.connect(lambda: self.remove_asked.emit(self.chosen_rate))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._say_chosen())
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.add_rate, self.edit_rate, self.remove_rate):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addLayout(choice)
        self.add(self.trouble)
        self.add(
            Words(
                tr(
                    "Amounts are kept, added up, forecast and budgeted in their own currency. A"
                    " rate only changes what is shown: each day's money at the rate of that day."
                ),
                tone="faint",
                size=12,
                wrap=True,
            )
        )
        self.add(self.table)
        self.body.addLayout(buttons)

    def show_currencies(self, answer: Currencies) -> None:
        """Show what is chosen and set."""
        self.display.clear()
        self.display.addItem(tr("each its own currency"), "")
        for code in in_order(first=answer.spent_in):
            self.display.addItem(code, code)
        self.display.setCurrentIndex(max(0, self.display.findData(answer.display)))
        matters = bool(answer.display or answer.rates)
        missing = left_out_words(answer.left_out) if matters else ""
        self.trouble.setText(
            tr("In {currency}: {missing}.", currency=answer.target, missing=missing)
        )
        self.trouble.setVisible(bool(missing))
        self.table.show_rows(answer.rates)
        self.table.setVisible(bool(answer.rates))
        rows = min(len(answer.rates), _MOST_ROWS)
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + rows * _ROW + 2)
        self._say_chosen()

    @property
    def chosen_rate(self) -> Rate | None:
        """The selected rate."""
        rows = self.table.selectionModel().selectedRows()
        rate: Rate | None = self.table.rows_model.row_at(rows[0].row()) if rows else None
        return rate

    def _say_chosen(self) -> None:
        one = self.chosen_rate is not None
        self.edit_rate.setEnabled(one)
        self.remove_rate.setEnabled(one)
