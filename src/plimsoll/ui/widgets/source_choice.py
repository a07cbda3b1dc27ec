"""A choice of sources to add: one a line, in groups with headings, narrowed by a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.widgets.labels import ElidedWords, Words
from plimsoll.ui.widgets.source_marks import Monogram
from plimsoll.ui.words import tr

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: its word, what it is called, and a line about it."""

    name: str
    title: str
    words: str

    def answers(self, asked: Sequence[str]) -> bool:
        """Whether every word that was searched for is in it somewhere."""
        text = f"{self.name} {self.title} {self.words}".casefold()
        return all(word in text for word in asked)


class SourceChoice(QWidget):
    """What can be added, one a line, in groups with a heading; arrows, Enter and the mouse choose.

    Signals:
        chosen(str): another line is chosen; empty where a search left none.
        opened(): a line was double-clicked.
        moved(QWidget): this line must come into sight.
    """

    chosen = Signal(str)
    opened = Signal()
    moved = Signal(QWidget)

    def __init__(
        self, groups: Sequence[tuple[str, Sequence[Choice]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("What to add"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lines: list[_ChoiceLine] = []
        self._headings: list[tuple[Words, list[_ChoiceLine]]] = []
        self._chosen: _ChoiceLine | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(2)
        for title, choices in groups:
            heading = Words(title, tone="faint", size=12, weight=500)
            heading.setContentsMargins(10, 10, 0, 4)
            column.addWidget(heading)
            lines = [_ChoiceLine(choice) for choice in choices]
            for line in lines:
                line.pressed.connect(self.choose)
                line.opened.connect(self.opened)
                column.addWidget(line)
            self._lines += lines
            self._headings.append((heading, lines))
        self.nothing = Words(tr("Nothing here is called that."), tone="muted", wrap=True)
        self.nothing.setContentsMargins(10, 10, 0, 0)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.search("")

    @property
    def value(self) -> str:
        """The chosen one's word; empty where a search left none."""
        return self._chosen.choice.name if self._chosen else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The words of all that are in sight, in their order."""
        return tuple(line.choice.name for line in self._shown)

    def search(self, text: str) -> None:
        """Leave only what has every word of a text in its name, title or line."""
        asked = text.casefold().split()
        for line in self._lines:
            line.setVisible(line.choice.answers(asked))
        for heading, lines in self._headings:
            heading.setVisible(bool(heading.text()) and any(not one.isHidden() for one in lines))
        self.nothing.setVisible(not self._shown)
        if self._chosen is None or self._chosen.isHidden():
            self._choose(self._shown[0] if self._shown else None)

    def choose(self, name: str) -> None:
        """Choose one of those in sight; another word changes nothing."""
        line = next((line for line in self._shown if line.choice.name == name), None)
        if line is not None:
            self._choose(line)

    def step(self, by: int) -> None:
        """Choose the one so many lines further down."""
        if self._chosen is None:
            return
        place = min(max(self._shown.index(self._chosen) + by, 0), len(self._shown) - 1)
        self._choose(self._shown[place])
        self.moved.emit(self._shown[place])

    @property
    def _shown(self) -> list[_ChoiceLine]:
        return [line for line in self._lines if not line.isHidden()]

    def _choose(self, chosen: _ChoiceLine | None) -> None:
        self._chosen = chosen
        for line in self._lines:
            line.mark(chosen=line is chosen)
        choice = chosen.choice if chosen else None
        self.setAccessibleDescription(f"{choice.title}, {choice.words}" if choice else "")
        self.chosen.emit(self.value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down choose."""
        by = STEPS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.step(by)


class _ChoiceLine(QFrame):
    """One choice: monogram, title, a line about it."""

    pressed = Signal(str)
    opened = Signal()

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self._chosen = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(ElidedWords(choice.title, size=13, weight=600))
        column.addWidget(ElidedWords(choice.words, tone="muted", size=12))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 7, 10, 7)
        row.setSpacing(10)
        row.addWidget(Monogram(choice.title, size=32))
        row.addLayout(column, 1)

    def mark(self, *, chosen: bool) -> None:
        self._chosen = chosen
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The chosen one stands on a card with a ring."""
        if not self._chosen:
            return
        theme = look.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        pen = painter.pen()
        pen.setColor(theme.colour("accent"))
        pen.setWidthF(2.0)
        painter.setPen(pen)
        painter.setBrush(theme.colour("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)
        painter.end()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click chooses."""
        self.pressed.emit(self.choice.name)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """A double click goes on."""
        self.pressed.emit(self.choice.name)
        self.opened.emit()
