"""How sources and providers look: a monogram, a choice of providers, the lines of a test."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from plimsoll.services.answers import TestLine
from plimsoll.ui import theme as look
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class Monogram(QWidget):
    """A provider's first letter on a soft tile: no company's logo is used."""

    def __init__(self, title: str, *, size: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._letter = next((c for c in title if c.isalnum()), "?").upper()
        # By the title, so that a provider looks the same in every start.
        self._colour = zlib.crc32(title.encode()) % len(look.LIGHT.series)
        self.setFixedSize(QSize(size, size))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The tile and the letter."""
        theme = look.current()
        colour = theme.colour(theme.series[self._colour])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.faded(colour, 0.20 if theme.dark else 0.15))
        radius = self.width() * 0.25
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setFont(look.font(round(self.width() * 0.45), 600))
        painter.setPen(theme.colour("text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.end()


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: its word, what it is called, and a line about it."""

    name: str
    title: str
    words: str


class SourceChoice(QWidget):
    """What can be added, one a line, in groups with a heading; arrows, Enter and the mouse choose.

    Signals:
        opened(): a line was double-clicked, or Enter pressed on it.
        moved(QWidget): the keyboard chose this line, which must come into sight.
    """

    opened = Signal()
    moved = Signal(QWidget)

    def __init__(
        self, groups: Sequence[tuple[str, Sequence[Choice]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("What to add"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lines: list[_ChoiceLine] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for heading, choices in groups:
            if heading and choices:
                column.addWidget(Words(heading, tone="muted", size=12, weight=500))
            for choice in choices:
                line = _ChoiceLine(choice)
                line.pressed.connect(self.choose)
                line.opened.connect(self.opened)
                self._lines.append(line)
                column.addWidget(line)
        column.addStretch(1)
        self._place = 0
        if self._lines:
            self.choose(self._lines[0].choice.name)

    @property
    def value(self) -> str:
        """The chosen one's word."""
        return self._lines[self._place].choice.name

    @property
    def names(self) -> tuple[str, ...]:
        """All words, in their order."""
        return tuple(line.choice.name for line in self._lines)

    def choose(self, name: str) -> None:
        """Mark one of them."""
        if name in self.names:
            self._place = self.names.index(name)
        for place, line in enumerate(self._lines):
            line.mark(chosen=place == self._place)
        chosen = self._lines[self._place].choice
        self.setAccessibleDescription(f"{chosen.title}, {chosen.words}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down choose."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        place = min(max(self._place + step, 0), len(self._lines) - 1)
        self.choose(self._lines[place].choice.name)
        self.moved.emit(self._lines[place])


class _ChoiceLine(QFrame):
    """One choice: monogram, title, a line about it."""

    pressed = Signal(str)
    opened = Signal()

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self._chosen = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        title = Words(choice.title, size=14, weight=600)
        about = Words(choice.words, tone="muted", size=12, wrap=True)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(title)
        column.addWidget(about)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(14)
        row.addWidget(Monogram(choice.title))
        row.addLayout(column, 1)

    def mark(self, *, chosen: bool) -> None:
        self._chosen = chosen
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card; the chosen one has a ring."""
        theme = look.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        pen = painter.pen()
        pen.setColor(theme.colour("accent" if self._chosen else "border"))
        pen.setWidthF(2.0 if self._chosen else 1.0)
        painter.setPen(pen)
        painter.setBrush(theme.colour("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 11, 11)
        painter.end()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click chooses."""
        self.pressed.emit(self.choice.name)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """A double click goes on."""
        self.pressed.emit(self.choice.name)
        self.opened.emit()


class FindingLines(QWidget):
    """What a test found: a tick or a dash, the finding, and what to do about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._lines: tuple[TestLine, ...] = ()
        self._icons: list[tuple[QLabel, str, str]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)

    @property
    def lines(self) -> tuple[TestLine, ...]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[TestLine]) -> None:
        """Show other findings; none takes no room."""
        self._lines = tuple(lines)
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._icons = []
        top = Qt.AlignmentFlag.AlignTop
        for row, line in enumerate(lines):
            icon = QLabel()
            look_of = ("done", "good") if line.ok else ("minus", "muted")
            if not line.ok and line.essential:
                look_of = ("failed", "bad")
            self._icons.append((icon, *look_of))
            icon.setAccessibleName(tr("yes") if line.ok else tr("no"))
            text = line.what if line.ok or not line.remedy else f"{line.what} {line.remedy}"
            words = Words(text, tone="text" if line.ok else "muted", size=12, wrap=True)
            self._grid.addWidget(icon, row, 0, top)
            self._grid.addWidget(words, row, 1, top)
        self._tint()
        self.setVisible(bool(lines))

    def _tint(self) -> None:
        ratio = self.devicePixelRatioF()
        for icon, name, role in self._icons:
            icon.setPixmap(look.pixmap(name, role, 16, ratio=ratio))

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() in look.THEME_EVENTS and hasattr(self, "_icons"):
            self._tint()
        super().changeEvent(event)


def gives_words(gives: Sequence[str]) -> str:
    """What a provider gives, in one line: `tokens · money · per model`."""
    return " · ".join(tr(word) for word in gives)
