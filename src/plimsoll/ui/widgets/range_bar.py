"""A range as a bar: from its low to its high end on a scale, and a tick at what it is beside."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.widgets.track import Track

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
        painter = QPainter(self)
        track = Track(painter, self.size(), height=_BAR)
        if self._top > 0:
            theme, rect = look.current(), track.rect
            accent = theme.colour("accent")
            with track.inside():
                painter.fillRect(self._part(rect, 0, self._low), look.faded(accent, 0.25))
                painter.fillRect(self._part(rect, self._low, self._high), accent)
            if self._mark is not None:
                x = round(rect.left() + rect.width() * min(self._mark, self._top) / self._top)
                track.tick(x - 1, width=2, colour=theme.colour("text"))
        track.outline()
        painter.end()

    def _part(self, track: QRectF, start: int, end: int) -> QRectF:
        left = track.left() + track.width() * start / self._top
        width = track.width() * (end - start) / self._top
        is_range = start == self._low and end == self._high
        return QRectF(left, track.top(), max(_LEAST if is_range else 0.0, width), track.height())
