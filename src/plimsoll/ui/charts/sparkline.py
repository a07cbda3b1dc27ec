"""A small line without axes: the shape of the last weeks under a figure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.theme import Theme
from plimsoll.ui.words import tr

_MARGIN = 3.0

SMALL = QSize(56, 18)
"""How large a line in a table's cell is."""

_FINE = 2
"""Pixels of the small lines for one of the screen's."""


@lru_cache(maxsize=512)
def small_line(values: tuple[int | None, ...], theme: Theme) -> QPixmap:
    """A line as a picture for a table's cell."""
    line = Sparkline()
    highest = max((value for value in values if value is not None), default=0)
    # Half of the highest value fills the height: little ups and downs stay little.
    line.show_values(values, from_zero=False, least=highest // 2)
    picture = QPixmap(SMALL * _FINE)
    picture.setDevicePixelRatio(_FINE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    line.paint_to(painter, QRectF(0, 0, SMALL.width(), SMALL.height()), theme=theme)
    painter.end()
    return picture


class Sparkline(QWidget):
    """A line of values; None is a gap and leaves one. Its words are the card's around it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[int | None, ...] = ()
        self._from_zero = True
        self._least = 0
        self._band: tuple[int, int] | None = None
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Trend"))

    def show_values(
        self,
        values: Sequence[int | None],
        *,
        from_zero: bool = True,
        least: int = 0,
        band: tuple[int, int] | None = None,
    ) -> None:
        """Show other values, oldest first. Amounts stand on zero; shares that are all alike would
        be a flat line there, and fill the height where not `from_zero`; they lie in its middle
        where they are less than `least` apart. A quiet `band` behind them says from where to where
        is usual.
        """
        self._values = tuple(values)
        self._from_zero = from_zero
        self._least = least
        self._band = band
        self.setAccessibleDescription(self.accessible_text())
        self.update()

    def accessible_text(self) -> str:
        """The shape in one sentence."""
        known = [value for value in self._values if value is not None]
        if len(known) < 2:
            return tr("No trend yet.")
        return tr(
            "{count} values, the highest {place} from the left.",
            count=len(known),
            place=self._values.index(max(known)) + 1,
        )

    def paint_to(self, painter: QPainter, rect: QRectF, *, theme: Theme | None = None) -> None:
        """Paint the line into `rect` of a picture or a page."""
        theme = theme or look.current()
        known = [value for value in self._values if value is not None]
        if len(known) < 2:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        pen = QPen(theme.colour("accent"), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        floor = (0,) if self._from_zero else ()
        seen = (*floor, *(self._band or ()), *known)
        low, high = min(seen), max(seen)
        apart = max(self._least - (high - low), 0)
        low, high = low - apart // 2, high + (apart + 1) // 2
        if self._band is not None:
            top, bottom = (_height_of(value, rect, low, high) for value in reversed(self._band))
            field = QRectF(rect.left(), top - 1, rect.width(), bottom - top + 2)
            painter.fillRect(field, look.faded(theme.colour("accent"), 0.12))
        for run in self._runs(rect, low, high):
            if len(run) == 1:
                painter.drawPoint(run[0])
                continue
            path = QPainterPath(run[0])
            for point in run[1:]:
                path.lineTo(point)
            painter.drawPath(path)
        painter.restore()

    def _runs(self, rect: QRectF, low: int, high: int) -> list[list[QPointF]]:
        """The points, cut at every gap."""
        step = (rect.width() - 2 * _MARGIN) / (len(self._values) - 1)
        runs: list[list[QPointF]] = [[]]
        for i, value in enumerate(self._values):
            if value is None:
                runs.append([])
                continue
            place = rect.left() + _MARGIN + i * step
            runs[-1].append(QPointF(place, _height_of(value, rect, low, high)))
        return [run for run in runs if run]

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(160, 34)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint."""
        painter = QPainter(self)
        self.paint_to(painter, QRectF(self.rect()))
        painter.end()


def _height_of(value: int, rect: QRectF, low: int, high: int) -> float:
    """Where a value lies in the height of a picture."""
    share = (value - low) / (high - low) if high > low else 0.5
    return rect.bottom() - _MARGIN - share * (rect.height() - 2 * _MARGIN)
