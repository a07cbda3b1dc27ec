"""A range as a bar: from its low to its high end on a scale, and a tick at what it is beside."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.ui import theme as look

_BAR = 8.0
_LEAST = 3.0
"""Pixels of a range without width, so that it can be seen."""


class RangeBar(QWidget):
    """One range between nothing and the top of a scale that it shares with others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = self._high = 0
        self._top = 0
        self._mark: int | None = None
        self.setFixedHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_range(
        self, low: int, high: int, *, top: int, mark: int | None = None, words: str
    ) -> None:
        """Show a range up to `top`, with a tick at `mark`; `words` say it to a screen reader."""
        self._low, self._high, self._top, self._mark = low, high, top, mark
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The track, what it costs at least, from there to the most, and the tick."""
        theme = look.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        track = QRectF(0.5, (self.height() - _BAR) / 2, self.width() - 1, _BAR)
        shape = QPainterPath()
        shape.addRoundedRect(track, _BAR / 2, _BAR / 2)
        painter.fillPath(shape, theme.colour("selected"))
        if self._top > 0:
            accent = theme.colour("accent")
            painter.setClipPath(shape)
            painter.fillRect(self._part(track, 0, self._low), look.faded(accent, 0.25))
            painter.fillRect(self._part(track, self._low, self._high), accent)
            painter.setClipping(False)
            if self._mark is not None:
                x = round(track.left() + track.width() * min(self._mark, self._top) / self._top)
                tick = QRectF(x - 1, track.top() - 4, 2, _BAR + 8)
                painter.fillRect(tick.adjusted(-1, 0, 1, 0), theme.colour("card"))
                painter.fillRect(tick, theme.colour("text"))
        if theme.high_contrast:
            painter.setPen(theme.colour("text"))
            painter.drawPath(shape)
        painter.end()

    def _part(self, track: QRectF, start: int, end: int) -> QRectF:
        left = track.left() + track.width() * start / self._top
        width = track.width() * (end - start) / self._top
        is_range = start == self._low and end == self._high
        return QRectF(left, track.top(), max(_LEAST if is_range else 0.0, width), track.height())
