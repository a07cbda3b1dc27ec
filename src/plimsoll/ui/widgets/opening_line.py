"""A line of its own in a page: what it is about, a sentence, and a link that opens the rest."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class OpeningLine(QFrame):
    """One line like a card; hidden as long as there is nothing to say.

    Signals:
        opened(): show the rest.
    """

    opened = Signal()

    def __init__(self, name: str, *, opens: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.words = Words(wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.link = LinkButton(tr("Open"))
        self.link.setAccessibleName(opens)
        self.link.clicked.connect(self.opened)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 7, 12, 7)
        row.setSpacing(22)
        row.addWidget(Words(name, tone="muted", size=12))
        row.addWidget(self.words, 1)
        row.addWidget(self.link)
        self.setMinimumHeight(38)
        self.hide()

    def say(self, sentence: str) -> None:
        """Say something else; nothing hides the line."""
        self.words.setText(sentence)
        self.setAccessibleDescription(sentence)
        self.setVisible(bool(sentence))
