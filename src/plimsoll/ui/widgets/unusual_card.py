"""Days that stood out: who was behind them, and whether they were expected."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.services.anomalies import Unusual, UnusualSpend
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr


class UnusualCard(Card):
    """The unusual days of five weeks, each to be judged; hidden where there is nothing to tell.

    Signals:
        judged(date, bool | None): a day was expected, or not; None takes back what was said.
    """

    judged = Signal(object, object)

    def __init__(self) -> None:
        super().__init__(tr("Unusual spend"))
        self.lines = QVBoxLayout()
        self.lines.setSpacing(10)
        self.first = Words(tone="muted", size=12, wrap=True)
        self.body.addLayout(self.lines)
        self.add(self.first)
        self.buttons: list[LinkButton] = []
        self.hide()

    def show_spend(self, spend: UnusualSpend | None) -> None:
        """Show what stood out in another currency, or nothing."""
        while (item := self.lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        days = spend.days if spend is not None else ()
        first = in_words(spend.first_sentence) if spend is not None else ""
        self.setVisible(bool(days or first))
        self.first.setText(first)
        self.first.setVisible(bool(first))
        for unusual in days:
            self.lines.addWidget(self._line(unusual))

    def _line(self, unusual: Unusual) -> QWidget:
        line = QWidget()
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Words(in_words(unusual.sentence), wrap=True))
        row = QHBoxLayout()
        row.setSpacing(4)
        if unusual.expected is None:
            row.addWidget(self._button(unusual, tr("Expected"), expected=True))
            row.addWidget(self._button(unusual, tr("Not expected"), expected=False))
        else:
            said = tr("Expected: no part of what is usual") if unusual.expected else ""
            row.addWidget(Words(said or tr("Not expected"), tone="faint", size=12))
            row.addWidget(self._button(unusual, tr("Take back"), expected=None))
        row.addStretch(1)
        column.addLayout(row)
        return line

    def _button(self, unusual: Unusual, words: str, *, expected: bool | None) -> LinkButton:
        button = LinkButton(words)
        button.setAccessibleDescription(in_words(unusual.sentence))
        button.clicked.connect(partial(self.judged.emit, unusual.day.day, expected))
        self.buttons.append(button)
        return button
