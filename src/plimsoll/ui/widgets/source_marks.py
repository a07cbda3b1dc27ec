"""How sources and providers look: a monogram, the lines of a test, what one gives in words."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from plimsoll.domain.said import together
from plimsoll.services.answers import TestLine
from plimsoll.ui import theme as look
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr


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
            text = in_words(line.what if line.ok else together([line.what, line.remedy]))
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
