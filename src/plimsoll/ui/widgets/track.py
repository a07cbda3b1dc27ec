"""The track of a bar: a rounded groove across a widget, what fills it, and ticks that stand out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath

from plimsoll.ui import theme as look

_OVER = 4
"""Pixels by which a tick stands out of the track, above and below."""


class Track:
    """One pass of painting a bar of this height in the middle of a widget."""

    def __init__(self, painter: QPainter, size: QSize, *, height: float) -> None:
        self._painter, self._theme = painter, look.current()
        self.rect = QRectF(0.5, (size.height() - height) / 2, size.width() - 1, height)
        self._shape = QPainterPath()
        self._shape.addRoundedRect(self.rect, height / 2, height / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.fillPath(self._shape, self._theme.colour("selected"))

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What is painted in here stays within the track's round ends."""
        self._painter.setClipPath(self._shape)
        yield
        self._painter.setClipping(False)

    def tick(self, left: float, *, width: int, colour: QColor) -> None:
        """A tick whose left edge is there, with a hair of the card's colour around it."""
        top, height = self.rect.top() - _OVER, self.rect.height() + 2 * _OVER
        tick = QRectF(left, top, width, height)
        self._painter.fillRect(tick.adjusted(-1, 0, 1, 0), self._theme.colour("card"))
        self._painter.fillRect(tick, colour)

    def outline(self) -> None:
        """The edge of the track, where contrast is asked for."""
        if self._theme.high_contrast:
            self._painter.setPen(self._theme.colour("text"))
            self._painter.drawPath(self._shape)
