"""What a change of prices does to the stored figures, month by month."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from plimsoll.services.price_answers import Effect
from plimsoll.ui.price_words import (
    column_words,
    effect_columns,
    effect_headline,
    effect_notes,
    month_words,
    signed,
)
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

_MONTHS = 4
"""So many months are told one by one, the newest first."""


class EffectView(QFrame):
    """One sentence, and the months that change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.headline = Words(size=14, weight=600, wrap=True)
        self.notes = Words(tone="muted", size=12, wrap=True)
        self.months = QGridLayout()
        self.months.setHorizontalSpacing(20)
        self.months.setVerticalSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        column.addWidget(self.headline)
        column.addLayout(self.months)
        column.addWidget(self.notes)
        self.hide()

    def show_effect(self, effect: Effect, *, today: date, headline: str = "") -> None:
        """Show what a change does; `headline` says it in other words than the usual ones."""
        self.headline.setText(headline or effect_headline(effect, today=today))
        self.notes.setText(effect_notes(effect))
        self.notes.setVisible(bool(self.notes.text()))
        self._show_months(effect, today)
        self.setAccessibleName(self.headline.text())
        self.setAccessibleDescription(self.notes.text())
        self.show()

    def rows(self) -> list[list[str]]:
        """The lines of the table, as words."""
        made: list[list[str]] = []
        for row in range(1, self.months.rowCount()):
            items = (self.months.itemAtPosition(row, c) for c in range(self.months.columnCount()))
            texts = [item.widget().text() for item in items if item is not None]  # type: ignore[union-attr] # all of them are words
            if texts:
                made.append(texts)
        return made

    def _show_months(self, effect: Effect, today: date) -> None:
        while (item := self.months.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        right = Qt.AlignmentFlag.AlignRight
        names = effect_columns(effect.months)
        told = [m for m in effect.months if any(getattr(m, name) for name in names)]
        told.sort(key=lambda m: (m.month, m.currency), reverse=True)
        if len(told) < 2 and names != ("worth",):
            return  # the headline has it
        titles = (tr("Month"), *(column_words(name) for name in names))
        for column, title in enumerate(titles):
            words = Words(title, tone="faint", size=12)
            self.months.addWidget(words, 0, column, right if column else Qt.AlignmentFlag(0))
        for row, month in enumerate(told[:_MONTHS], start=1):
            name = Words(month_words(month.month, today=today), tone="muted")
            self.months.addWidget(name, row, 0)
            for column, field in enumerate(names, start=1):
                amount = signed(getattr(month, field), month.currency)
                self.months.addWidget(Words(amount, weight=500), row, column, right)
        if len(told) > _MONTHS:
            more = tr("and {count} more", count=len(told) - _MONTHS)
            self.months.addWidget(Words(more, tone="faint", size=12), _MONTHS + 1, 0)
        self.months.setColumnStretch(len(titles), 1)
