"""Restated days: what settled days were, and what a provider changed them to later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.money import shown
from plimsoll.services.restated import Restated
from plimsoll.ui.moments import at, brief
from plimsoll.ui.price_words import signed
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import ElidedWords, Words
from plimsoll.ui.words import full_day, tr

_SHOWN = 4


class RestatedCard(Card):
    """The latest changes first.

    Signals:
        table_asked(): show all of them as a table.
    """

    table_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Restated days"), parent=parent)
        self.sentence = Words(tone="muted", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.rows: list[RestatedRow] = []
        self.restated: tuple[Restated, ...] = ()
        self.all = LinkButton()
        self.all.clicked.connect(self.table_asked)
        self.add(self.sentence)
        self.body.addLayout(self._list)
        self.body.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)

    def show_restated(self, restated: Sequence[Restated], *, now: datetime) -> None:
        """Show other changes."""
        self.restated = tuple(restated)
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        self.set_note(str(len(self.restated)) if self.restated else "")
        if self.restated:
            words = tr("Days that were settled, and that a provider changed later all the same.")
        else:
            words = tr(
                "None. When a provider changes a day that was settled, what it was before is kept"
                " here beside what it is now."
            )
        self.sentence.setText(words)
        for one in self.restated[:_SHOWN]:
            row = RestatedRow(one, now=now)
            self.rows.append(row)
            self._list.addWidget(row)
        self.all.setText(tr("All {count} as a table", count=len(self.restated)))
        self.all.setVisible(len(self.restated) > _SHOWN)


class RestatedRow(QFrame):
    """One day: what it was, what it is, who changed it and when that was seen."""

    def __init__(self, one: Restated, *, now: datetime) -> None:
        super().__init__()
        self.day = Words(full_day(one.day), weight=500)
        self.change = Words(change_words(one), weight=500)
        self.detail = ElidedWords(
            tr("{source} · {values}", source=one.source, values=values_words(one)),
            tone="muted",
            size=12,
        )
        self.seen = Words(tr("seen {when}", when=at(one.seen, now)), tone="faint", size=12)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.day)
        top.addStretch(1)
        top.addWidget(self.change)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.detail, 1)
        below.addWidget(self.seen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(1)
        column.addLayout(top)
        column.addLayout(below)
        self.setAccessibleName(f"{self.day.text()}, {self.change.text()}")
        self.setAccessibleDescription(f"{self.detail.text()}, {self.seen.text()}")


def change_words(one: Restated) -> str:
    """By how much a day changed: its money, else its tokens, else its units."""
    money = [signed(a.change, a.currency) for a in one.amounts if a.change]
    if money:
        return tr(", ").join(money)
    if one.tokens_change:
        sign = "+" if one.tokens_change > 0 else "−"
        return tr("{count} tokens", count=sign + brief(abs(one.tokens_change)))
    return tr(", ").join(f"{unit.change:+f} {unit.unit}" for unit in one.units)


def values_words(one: Restated) -> str:
    """From what to what: `$8.10 → $9.42`."""
    told = [
        f"{shown(a.old, a.currency)} → {shown(a.new, a.currency)}" for a in one.amounts if a.change
    ]
    if not told and one.tokens_change:
        told = [tr("{old} → {new} tokens", old=brief(one.tokens_old), new=brief(one.tokens_new))]
    if not told:
        told = [f"{unit.old:f} → {unit.new:f} {unit.unit}" for unit in one.units]
    return tr(", ").join(told)
