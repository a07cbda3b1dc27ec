"""What every chart is made on: crisp lines, margins, hover by mouse and keys, words for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLineF, QMarginsF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.charts.scale import Label, Scale, Tick, nearest_index
from plimsoll.ui.charts.tip import Tip, TipCard
from plimsoll.ui.theme import Theme

_BY_KEY = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})
_COMES_BACK = frozenset({Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason})

CHOOSES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_I})
"""The keys that choose the day that is pointed at."""

AXIS_SIZE = 12
LABEL_SIZE = 12
_HATCH = 5.0
_OVERHANG = 14
"""How far, in pixels, the card of a day may stand out at the right of its chart."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart draws: the plot's rectangle, and how many device pixels make one of ours."""

    plot: QRectF
    ratio: float

    def crisp(self, value: float) -> float:
        """The nearest edge between two device pixels."""
        return round(value * self.ratio) / self.ratio

    @property
    def hairline(self) -> float:
        """The height of a line that is sharp: about one logical pixel of whole device pixels."""
        return max(1, int(self.ratio + 0.25)) / self.ratio


class Canvas(QWidget):
    """A chart of days: a subclass says what to draw, what a day says, and the same as a table.

    One painting code serves the window, a picture and the printed page (`paint_to`). Hovering, or
    Left, Right, Home and End, points at a day; Esc leaves.

    Signals:
        chosen(int): a day was clicked, or Enter, Space or I pressed on it: its index.
    """

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pointed: int | None = None
        self._tip_card: TipCard | None = None
        self._reached_by_key = False
        self._walked = False
        self._left_at: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 140)
        self.setAccessibleName(name)

    @property
    def pointed(self) -> int | None:
        """The index of the day that is pointed at."""
        return self._pointed

    def accessible_text(self) -> str:
        """The chart in one sentence."""
        raise NotImplementedError

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """The chart as a table: headers, and rows of the same length."""
        raise NotImplementedError

    def paint_to(
        self, painter: QPainter, rect: QRectF, *, theme: Theme | None = None, ratio: float = 1.0
    ) -> None:
        """Paint the chart, without any hover, into `rect` of a picture, an SVG or a page."""
        painter.save()
        self._draw(painter, rect, theme or look.current(), ratio, None)
        painter.restore()

    def point_at(self, index: int | None) -> None:
        """Point at a day as if the mouse were there; None points at nothing."""
        if index is not None and not 0 <= index < self._count():
            index = None
        if index == self._pointed:
            return
        self._pointed = index
        self.update()
        if index is None:
            self._hide_tip()
            self.setAccessibleDescription(self.accessible_text())
        else:
            tip = self._tip(index)
            self._show_tip(tip, index)
            self.setAccessibleDescription(tip.sentence())

    def tip_text(self) -> str:
        """What the card beside the pointed day says, line by line; empty when there is none."""
        return self._tip(self._pointed).sentence() if self._pointed is not None else ""

    def spot_of(self, index: int) -> QRect:
        """Where a day stands in the chart."""
        plot = self._plot(QRectF(self.rect()))
        slot = plot.width() / max(1, self._count())
        left = plot.left() + index * slot
        return QRectF(left, plot.top(), slot, plot.height()).toAlignedRect()

    # For subclasses

    def _count(self) -> int:
        raise NotImplementedError

    def _tip(self, index: int) -> Tip:
        raise NotImplementedError

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        raise NotImplementedError

    def _plot(self, rect: QRectF) -> QRectF:
        """The rectangle of the plot inside `rect`, as `_draw` uses it."""
        raise NotImplementedError

    def _index_at(self, point: QPointF) -> int | None:
        """The day under a point."""
        plot = self._plot(QRectF(self.rect()))
        if not plot.top() - 12 <= point.y() <= self.height():
            return None
        return nearest_index(self._count(), x=point.x(), left=plot.left(), width=plot.width())

    def _anchor(self, index: int) -> QPointF:
        """Beside which point the card of a day stands."""
        plot = self._plot(QRectF(self.rect()))
        slot = plot.width() / max(1, self._count())
        return QPointF(plot.left() + (index + 0.5) * slot, plot.top())

    def _tip_reach(self) -> float:
        """How far from its anchor the card stands."""
        return 14.0

    def _data_changed(self) -> None:
        """Call when there is something else to show."""
        self._pointed = None
        self._hide_tip()
        self.setAccessibleDescription(self.accessible_text())
        self.update()

    # Private

    def _show_tip(self, tip: Tip, index: int) -> None:
        if self._tip_card is None or self._tip_card.parent() is not self.window():
            self._drop_tip()
            self._tip_card = TipCard(self.window())
            self.destroyed.connect(self._tip_card.deleteLater)
        anchor = self.mapTo(self.window(), self._anchor(index).toPoint())
        edge = self.mapTo(self.window(), self.rect().topRight()).x() + _OVERHANG
        self._tip_card.show_tip(tip, QPointF(anchor), reach=self._tip_reach(), edge=edge)

    def _hide_tip(self) -> None:
        if self._tip_card is not None:
            self._tip_card.hide()

    def _drop_tip(self) -> None:
        if self._tip_card is not None:
            self._tip_card.deleteLater()
            self._tip_card = None

    # Qt

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(560, 260)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint."""
        painter = QPainter(self)
        self._draw(
            painter, QRectF(self.rect()), look.current(), self.devicePixelRatioF(), self._pointed
        )
        if self.hasFocus() and self._reached_by_key and self._pointed is None:
            draw_focus(painter, QRectF(self.rect()), look.current())
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the day under the mouse."""
        self._walked = False
        self.point_at(self._index_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the day under the mouse."""
        index = self._index_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(index)
        super().mouseReleaseEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:
        """Point at nothing."""
        self.point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll, and point at nothing meanwhile."""
        self.point_at(None)
        event.ignore()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Take the card along."""
        self.point_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring is for those who came by keyboard."""
        self._reached_by_key = event.reason() in _BY_KEY
        if event.reason() in _COMES_BACK:
            self.point_at(self._left_at)
        self._left_at = None
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing; who walked here by keys and comes back from a popover or another window
        goes on from the same day.
        """
        if self._pointed is not None:
            stays = self._walked and event.reason() in _COMES_BACK
            self._left_at = self._pointed if stays else None
        self.point_at(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the days."""
        last = self._count() - 1
        here = self._pointed
        self._walked = True
        if last < 0:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Left:
                self.point_at(last if here is None else max(0, here - 1))
            case Qt.Key.Key_Right:
                self.point_at(0 if here is None else min(last, here + 1))
            case Qt.Key.Key_Home:
                self.point_at(0)
            case Qt.Key.Key_End:
                self.point_at(last)
            case Qt.Key.Key_Escape if here is not None:
                self.point_at(None)
            case key if key in CHOOSES and here is not None:
                self.chosen.emit(here)
            case _:
                super().keyPressEvent(event)


class Elastic(QWidget):
    """Holds a chart that takes what room there is, and no more than its least height if need be."""

    def __init__(self, chart: QWidget) -> None:
        super().__init__()
        self._chart = chart
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(chart)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """The chart's least size: its usual one would make pages scroll too early."""
        return self._chart.minimumSize()


def axis_width(ticks: Sequence[Tick]) -> float:
    """How wide the words of an axis are, with the space beside them."""
    metrics = QFontMetricsF(look.font(AXIS_SIZE))
    return max((metrics.horizontalAdvance(tick.text) for tick in ticks), default=0.0) + 10


def plot_inside(rect: QRectF, ticks: Sequence[Tick], *, top: float = 10) -> QRectF:
    """The plot's rectangle: room for the axis words at the left, for the days below."""
    return rect.marginsRemoved(QMarginsF(axis_width(ticks), top, 6, 26))


def draw_grid(
    painter: QPainter, frame: Frame, theme: Theme, ticks: Sequence[Tick], scale: Scale
) -> None:
    """Whispering lines at whole pixels, and the amounts at their left."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setFont(look.font(AXIS_SIZE))
    plot = frame.plot
    for tick in ticks:
        y = frame.crisp(scale.position(tick.value))
        role = "border" if tick.value == 0 else "grid"
        painter.fillRect(QRectF(plot.left(), y, plot.width(), frame.hairline), theme.colour(role))
        box = QRectF(plot.left() - 110, y - 10, 100, 20)
        painter.setPen(theme.colour("faint"))
        painter.drawText(
            box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick.text
        )


def draw_days(
    painter: QPainter,
    frame: Frame,
    theme: Theme,
    labels: Sequence[Label],
    count: int,
    *,
    right: float,
) -> None:
    """The words under the plot, each centred below its day and kept inside `right`."""
    painter.setFont(look.font(AXIS_SIZE))
    painter.setPen(theme.colour("faint"))
    metrics = QFontMetricsF(look.font(AXIS_SIZE))
    slot = frame.plot.width() / max(1, count)
    for label in labels:
        width = metrics.horizontalAdvance(label.text) + 2
        centre = frame.plot.left() + (label.index + 0.5) * slot
        left = min(centre - width / 2, right - width)
        box = QRectF(left, frame.plot.bottom() + 7, width, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label.text)


def steps_for(height: float) -> int:
    """How many steps an axis of this height may have, so that its words stand apart."""
    return max(2, min(6, int(height / 28)))


def text_width(text: str) -> float:
    """How wide a word under an axis is."""
    return QFontMetricsF(look.font(AXIS_SIZE)).horizontalAdvance(text)


def draw_nothing(painter: QPainter, rect: QRectF, theme: Theme, sentence: str) -> None:
    """A quiet sentence where there is nothing to draw."""
    painter.setFont(look.font(13))
    painter.setPen(theme.colour("faint"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)


def draw_focus(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """The ring that says where the keyboard is."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    pen = painter.pen()
    pen.setColor(theme.colour("accent"))
    pen.setWidthF(1.5)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)


def hatching(rect: QRectF) -> Iterator[QLineF]:
    """Rising diagonals, cut at the rectangle by arithmetic, because SVG pictures do not clip."""
    start = rect.left() + rect.top() % _HATCH - rect.height()
    offset = start
    while offset < rect.right():
        low_x, high_x = max(rect.left(), offset), min(rect.right(), offset + rect.height())
        if high_x > low_x:
            yield QLineF(
                QPointF(low_x, rect.bottom() - (low_x - offset)),
                QPointF(high_x, rect.bottom() - (high_x - offset)),
            )
        offset += _HATCH
