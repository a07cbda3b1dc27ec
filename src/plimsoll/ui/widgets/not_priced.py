"""What is not priced: which tokens nobody knows the worth of, why, and one click to mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.services.price_answers import NotPricedLine
from plimsoll.ui.moments import brief
from plimsoll.ui.price_words import units_words
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import ElidedWords, Words
from plimsoll.ui.words import counted, in_words, tr

_SHOWN = 5


class NotPricedCard(Card):
    """One line for each model or combination without a price, the most tokens first.

    Signals:
        price_asked(NotPricedLine): the user wants to add a price for it.
        table_asked(): show all of them as a table.
        own_asked(): the user wants to see the prices that are there already.
    """

    price_asked = Signal(object)
    table_asked = Signal()
    own_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Not priced"), parent=parent)
        self.sentence = Words(tone="muted", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.all = LinkButton()
        self.all.clicked.connect(self.table_asked)
        self.rows: list[NotPricedRow] = []
        self.lines: tuple[NotPricedLine, ...] = ()
        self.add(self.sentence)
        self.body.addLayout(self._list)
        self.own = LinkButton(tr("Your prices"))
        self.own.clicked.connect(self.own_asked)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.all)
        foot.addStretch(1)
        foot.addWidget(self.own)
        self.body.addLayout(foot)

    def show_lines(self, lines: Sequence[NotPricedLine]) -> None:
        """Show other lines."""
        self.lines = tuple(sorted(lines, key=lambda line: (not line.can_be_priced, -line.tokens)))
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        unknown = [line for line in self.lines if line.can_be_priced]
        missing = sum(line.missing for line in unknown)
        if not self.lines:
            self.sentence.setText(tr("Every token that was used has a price."))
        elif missing:
            self.sentence.setText(
                tr("What {count} tokens cost is not known.", count=brief(missing))
            )
        else:
            self.sentence.setText(tr("What these tokens cost is in the bill; their worth is not."))
        self.set_note(str(len(self.lines)) if self.lines else "")
        for line in self.lines[:_SHOWN]:
            row = NotPricedRow(line)
            row.price_asked.connect(self.price_asked)
            self.rows.append(row)
            self._list.addWidget(row)
        self.all.setText(tr("All {count} as a table", count=len(self.lines)))
        self.all.setVisible(len(self.lines) > _SHOWN)


class NotPricedRow(QFrame):
    """One model or combination.

    Signals:
        price_asked(NotPricedLine): the user wants to add a price for it.
    """

    price_asked = Signal(object)

    def __init__(self, line: NotPricedLine) -> None:
        super().__init__()
        self.line = line
        self.title = ElidedWords(title_of(line), weight=500)
        self.detail = ElidedWords(detail_of(line), tone="muted", size=12)
        self.reason = Words(in_words(line.reason), tone="faint", size=12, wrap=True)
        self.button = LinkButton(tr("Add a price"))
        self.button.setAccessibleName(tr("Add a price for {model}", model=title_of(line)))
        self.button.clicked.connect(lambda: self.price_asked.emit(line))
        if not line.can_be_priced:
            self.button.hide()
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(1)
        column.addLayout(top)
        column.addWidget(self.detail)
        column.addWidget(self.reason)
        self.setAccessibleName(title_of(line))
        self.setAccessibleDescription(f"{detail_of(line)}. {in_words(line.reason)}")


def title_of(line: NotPricedLine) -> str:
    """What is not priced: its model, and its tier where it has one."""
    name = line.model or tr("without a model")
    return f"{name} · {line.tier}" if line.tier else name


def detail_of(line: NotPricedLine) -> str:
    """Where, how many tokens or units, and on how many days."""
    parts = [line.source]
    if line.tokens:
        parts.append(tr("{count} tokens", count=brief(line.tokens)))
    elif line.units:
        parts.append(units_words(line.units))
    parts.append(counted(line.days, "1 day", "{count} days"))
    return " · ".join(parts)
