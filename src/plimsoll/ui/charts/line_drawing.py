"""What lines on a chart are drawn with: strokes, dots, and words that stand clear of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import LABEL_SIZE, Frame
from plimsoll.ui.charts.scale import Scale
from plimsoll.ui.theme import Theme, faded


class LineDrawing:
    """One pass of painting lines; `boxes` are the words that stand already."""

    def __init__(self, painter: QPainter, frame: Frame, theme: Theme, scale: Scale) -> None:
        self.painter, self.frame, self.theme, self.scale = painter, frame, theme, scale
        self.boxes: list[QRectF] = []

    def _free(
        self, bases: Sequence[float], width: float, left: float, taken: Sequence[float]
    ) -> float:
        """The first height at which words stand free; the last one where none is."""
        return next((b for b in bases if self._is_free(b, width, left, taken)), bases[-1])

    def _is_free(self, base: float, width: float, left: float, taken: Sequence[float]) -> bool:
        """Whether words on this base line touch no line, no other words, and no edge."""
        box = QRectF(left, base - 12, width, 16)
        plot = self.frame.plot
        return (
            plot.top() - 14 <= box.top()
            and box.bottom() <= plot.bottom()
            and not any(box.top() < y < box.bottom() for y in taken)
            and not any(box.intersects(other) for other in self.boxes)
        )

    def _stroke(self, points: list[QPointF], pen: QPen) -> None:
        if not points:
            return
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        self.painter.drawPath(path)

    def _dot(self, point: QPointF, *, filled: bool, role: str = "accent") -> None:
        accent = self.theme.colour(role)
        self.painter.setPen(QPen(self.theme.colour("card") if filled else accent, 2.0))
        self.painter.setBrush(accent if filled else self.theme.colour("card"))
        self.painter.drawEllipse(point, 5.0 if filled else 4.2, 5.0 if filled else 4.2)

    def _words(
        self,
        words: str,
        left: float,
        base: float,
        role: str,
        weight: int,
        *,
        size: int = LABEL_SIZE,
    ) -> None:
        """Words on the chart; a touch of the card's colour behind keeps lines out of them."""
        made = look.font(size, weight)
        width = QFontMetricsF(made).horizontalAdvance(words)
        box = QRectF(left - 3, base - 12, width + 6, 16)
        self.boxes.append(box)
        self.painter.fillRect(box, faded(self.theme.colour("card"), 0.8))
        self.painter.setFont(made)
        self.painter.setPen(self.theme.colour(role))
        self.painter.drawText(QPointF(left, base), words)
