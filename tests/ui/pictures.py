"""Painting a chart into a picture, and looking at its pixels."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from plimsoll.ui.charts.canvas import Canvas
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.theme import Theme


def painted(
    chart: Canvas | Sparkline,
    look: Theme,
    *,
    size: tuple[int, int] = (600, 300),
    ratio: float = 1.0,
) -> QImage:
    """The chart on its card's colour, at a device ratio."""
    picture = QImage(
        round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    picture.setDevicePixelRatio(ratio)
    picture.fill(look.colour("card"))
    painter = QPainter(picture)
    rect = QRectF(0, 0, *size)
    if isinstance(chart, Canvas):
        chart.paint_to(painter, rect, theme=look, ratio=ratio)
    else:
        chart.paint_to(painter, rect, theme=look)
    painter.end()
    return picture


def colour_at(picture: QImage, x: float, y: float) -> str:
    """`#RRGGBB` of a pixel, in logical coordinates."""
    ratio = picture.devicePixelRatio()
    return picture.pixelColor(int(x * ratio), int(y * ratio)).name().upper()


def column(picture: QImage, x: float) -> list[str]:
    """All pixels of one column, from the top down."""
    at = int(x * picture.devicePixelRatio())
    return [picture.pixelColor(at, y).name().upper() for y in range(picture.height())]


def blended(over: str, under: str, share: float) -> QColor:
    """A colour painted over another with an opacity."""
    one, other = QColor(over), QColor(under)
    return QColor(
        *(
            round(a * share + b * (1 - share))
            for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
        )
    )


def near(one: str, other: QColor, by: int = 3) -> bool:
    """Whether two colours differ by rounding only."""
    pairs = zip(QColor(one).getRgb()[:3], other.getRgb()[:3], strict=True)
    return all(abs(a - b) <= by for a, b in pairs)
