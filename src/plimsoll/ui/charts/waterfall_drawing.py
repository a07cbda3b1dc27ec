"""How a bridge is drawn, a line a step: words at the left, the bar, the amount at the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from plimsoll.analysis.change import Part
from plimsoll.domain.money import shown
from plimsoll.ui import theme as look
from plimsoll.ui.charts.bridge import Bridge, Step
from plimsoll.ui.charts.canvas import AXIS_SIZE, Frame
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import tr

LINE = 34.0
AXIS = 26.0
NOTE = 20.0

_BAR = 16.0
_GAP = 14.0
_POINT = 6.0
"""How far the tip of an arrow stands out of its bar."""

_WORDS_SHARE = 0.42
"""The most of the width that words may take; longer ones end in an ellipsis, the tip has all."""

ESTIMATED = 0.45
"""How dense a bar is where it is estimated."""

_TEAR = 12.0


def height_of(bridge: Bridge) -> int:
    """How high a bridge is when its lines have room."""
    return round(max(2, len(bridge.steps)) * LINE + AXIS + (NOTE if bridge.is_cut else 0))


class WaterfallDrawing:
    """A bridge in a rectangle."""

    def __init__(self, bridge: Bridge, rect: QRectF) -> None:
        self.bridge = bridge
        self.rect = rect
        below = AXIS + (NOTE if bridge.is_cut else 0)
        self.line = (rect.height() - below) / max(1, len(bridge.steps))
        strong = QFontMetricsF(look.font(13, 600))
        widest = max((strong.horizontalAdvance(s.words) for s in bridge.steps), default=0.0)
        figures = (strong.horizontalAdvance(bridge.figure(s)) for s in bridge.steps)
        self.words_width = min(widest + 2, rect.width() * _WORDS_SHARE)
        left = rect.left() + self.words_width + _GAP
        width = max(40.0, rect.right() - left - _GAP - max(figures, default=0.0))
        self.plot = QRectF(left, rect.top(), width, self.line * len(bridge.steps))
        self.scale = bridge.scale(self.plot.left(), self.plot.right())

    def index_at(self, y: float) -> int | None:
        """The line at a height."""
        index = int((y - self.rect.top()) // self.line)
        return index if 0 <= index < len(self.bridge.steps) else None

    def box(self, index: int) -> QRectF:
        """The whole of a line."""
        top = self.rect.top() + index * self.line
        return QRectF(self.rect.left(), top, self.rect.width(), self.line)

    def end_of(self, index: int) -> float:
        """The right end of a line's bar."""
        step = self.bridge.steps[index]
        start = step.start if step.part is not None else self.bridge.begin
        return max(self.scale.position(start), self.scale.position(step.end))

    def draw_axis(self, painter: QPainter, theme: Theme, frame: Frame) -> None:
        """Whispering upright lines, their amounts below, and where torn bars are cut."""
        painter.setFont(look.font(AXIS_SIZE))
        metrics = QFontMetricsF(look.font(AXIS_SIZE))
        edge = float("-inf")
        for tick in self.bridge.ticks(self.plot.width()):
            x = frame.crisp(self.scale.position(tick.value))
            role = "border" if tick.value == 0 else "grid"
            line = QRectF(x, self.plot.top(), frame.hairline, self.plot.height())
            painter.fillRect(line, theme.colour(role))
            width = metrics.horizontalAdvance(tick.text)
            left = min(max(x - width / 2, self.plot.left() - _GAP), self.rect.right() - width)
            if left >= edge:
                edge = left + width + 10
                painter.setPen(theme.colour("faint"))
                box = QRectF(left, self.plot.bottom() + 5, width + 1, 18)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, tick.text)
        if self.bridge.is_cut:
            painter.setPen(theme.colour("faint"))
            begin = shown(self.bridge.begin, self.bridge.currency)
            note = tr("Both periods' bars are cut: the axis begins at {amount}.", amount=begin)
            box = QRectF(self.rect.left(), self.rect.bottom() - NOTE, self.rect.width(), NOTE)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, note)

    def draw_chosen(self, painter: QPainter, theme: Theme, chosen: Part | None) -> None:
        """A quiet field behind the cause whose things are shown."""
        for index, step in enumerate(self.bridge.steps):
            if step.part is not None and step.part == chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("selected"))
                painter.drawRoundedRect(self.box(index).adjusted(0, 2, 0, -2), 6, 6)

    def draw_words(self, painter: QPainter, theme: Theme, index: int) -> None:
        """What a line is, and its amount."""
        step, box = self.bridge.steps[index], self.box(index)
        inside = box.adjusted(6, 0, -6, 0) if step.part is not None else box.adjusted(0, 0, -6, 0)
        painter.setFont(look.font(13, 600 if step.part is None else 400))
        painter.setPen(theme.colour("text"))
        words = QFontMetricsF(painter.font()).elidedText(
            step.words, Qt.TextElideMode.ElideRight, self.words_width
        )
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(look.font(13, 600))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inside, right, self.bridge.figure(step))

    def draw_link(self, painter: QPainter, theme: Theme, frame: Frame, index: int) -> None:
        """A thin line from where one bar ends to where the next one begins, or ends."""
        if index + 1 < len(self.bridge.steps):
            x = frame.crisp(self.scale.position(self.bridge.steps[index].end))
            top = self.box(index).center().y() + _BAR / 2
            link = QRectF(x, top, frame.hairline, self.line - _BAR)
            painter.fillRect(link, theme.colour("other"))

    def draw_bar(self, painter: QPainter, theme: Theme, frame: Frame, index: int) -> None:
        """A cause as an arrow; a period as a bar, less dense where it is estimated."""
        step = self.bridge.steps[index]
        top = frame.crisp(self.box(index).center().y() - _BAR / 2)
        painter.setPen(QPen(theme.colour("text"), 1) if theme.high_contrast else Qt.PenStyle.NoPen)
        if step.part is not None:
            painter.setBrush(theme.colour("accent" if step.change > 0 else "other"))
            start, end = self.scale.position(step.start), self.scale.position(step.end)
            painter.drawPath(_arrow(start, end, top, frame.hairline))
            return
        start = self.scale.position(self.bridge.begin if self.bridge.is_cut else 0)
        tear = QPointF(start + _TEAR, top)
        for level, density in _densities(step):
            if self.bridge.is_cut and level <= self.bridge.begin:
                continue
            end = self.scale.position(level)
            painter.setBrush(faded(theme.colour("unnamed"), density))
            width = max(abs(end - start), frame.hairline)
            painter.drawRoundedRect(QRectF(min(start, end), top, width, _BAR), 2, 2)
            start = end
        if self.bridge.is_cut:
            _draw_tear(painter, theme, tear)


def _densities(step: Step) -> list[tuple[int, float]]:
    """The levels to which a period's bar is billed, and estimated, and how dense it is there."""
    amounts = step.amounts
    if amounts is None or not amounts.estimated:
        return [(step.end, 1.0)]
    estimated = (step.end, ESTIMATED)
    return [(amounts.billed, 1.0), estimated] if amounts.billed else [estimated]


def _arrow(start: float, end: float, top: float, least: float) -> QPainterPath:
    """A bar that points to where it goes; the slimmest change is still a line."""
    path = QPainterPath()
    length = abs(end - start)
    if length < least:
        path.addRect(QRectF(min(start, end), top, least, _BAR))
        return path
    way = 1.0 if end > start else -1.0
    neck = end - way * min(_POINT, length)
    corners = ((start, 0.0), (neck, 0.0), (end, _BAR / 2), (neck, _BAR), (start, _BAR))
    path.addPolygon(QPolygonF([QPointF(x, top + y) for x, y in corners]))
    path.closeSubpath()
    return path


def _draw_tear(painter: QPainter, theme: Theme, at: QPointF) -> None:
    """Two slanting cuts through a bar that does not begin at zero."""
    painter.setPen(QPen(theme.colour("card"), 2.5))
    for shift in (0.0, 6.0):
        low = QPointF(at.x() + shift, at.y() + _BAR + 2)
        painter.drawLine(low, QPointF(low.x() + 5, at.y() - 2))
