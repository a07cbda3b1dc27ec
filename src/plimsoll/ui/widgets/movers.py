"""What changed: a line a thing, with a bar to either side of a middle; neutral colours only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.domain.money import shown
from plimsoll.services.answers import Mover
from plimsoll.ui import theme as look
from plimsoll.ui.widgets.amounts import ASKS
from plimsoll.ui.words import tr

_LINE = 31
_SWATCH = 10.0
_BAR = 8.0
_GAP = 12.0


class Movers(QWidget):
    """Up to five things, the largest change first. More spend is not bad by itself: no red.

    Signals:
        opened(Mover, QRect): a line was clicked, or Enter, Space or I pressed on it.
    """

    opened = Signal(object, QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._movers: tuple[Mover, ...] = ()
        self._currency = "USD"
        self._coloured: frozenset[str] = frozenset()
        self._pointed: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("What changed"))

    def show_movers(
        self, movers: Sequence[Mover], currency: str, *, coloured: Collection[str] | None = None
    ) -> None:
        """Show other changes, nano-units of `currency`. Only things in `coloured` (all, without it)
        have their own colour; the chart beside counts the others as Other, in grey.
        """
        self._movers, self._currency, self._pointed = tuple(movers), currency, None
        names = [mover.name for mover in movers if mover.name is not None]
        self._coloured = frozenset(names if coloured is None else coloured)
        look.register_series([name for name in names if name in self._coloured])
        self.setFixedHeight(max(1, len(self._movers)) * _LINE)
        self.setAccessibleDescription(self.accessible_text())
        self.setToolTip(self.accessible_text())
        self.update()

    def lines(self) -> tuple[tuple[str, str], ...]:
        """Name and change of every line, as painted."""
        return tuple((_named(m), self._change(m)) for m in self._movers)

    def accessible_text(self) -> str:
        """All lines in words."""
        return "\n".join(
            tr(
                "{name}: {change}, from {before} to {now}",
                name=_named(mover),
                change=self._change(mover),
                before=shown(mover.before, self._currency),
                now=shown(mover.now, self._currency),
            )
            for mover in self._movers
        )

    def _change(self, mover: Mover) -> str:
        sign = "+" if mover.change > 0 else ""
        return sign + shown(mover.change, self._currency)

    def point_at(self, place: int | None) -> None:
        """Point at a line as if the mouse were there."""
        if place is not None and not 0 <= place < len(self._movers):
            place = None
        if place != self._pointed:
            self._pointed = place
            words = self.accessible_text().split("\n")
            self.setAccessibleDescription(" ".join(words) if place is None else words[place])
            self.update()

    def _open(self) -> None:
        if self._pointed is not None:
            line = QRect(0, self._pointed * _LINE, self.width(), _LINE)
            self.opened.emit(self._movers[self._pointed], line)

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(320, max(1, len(self._movers)) * _LINE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Swatch and name, the bar, the amount."""
        if not self._movers:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        figures, names = look.font(13, 600), look.font(13)
        metrics = QFontMetricsF(figures)
        amounts = [self._change(mover) for mover in self._movers]
        amount_width = max(metrics.horizontalAdvance(text) for text in amounts)
        name_width = min(
            max(QFontMetricsF(names).horizontalAdvance(_named(m)) for m in self._movers) + 2,
            self.width() * 0.42,
        )
        left = _SWATCH + 8 + name_width + _GAP
        bars = QRectF(left, 0, self.width() - left - _GAP - amount_width, self.height())
        for place, mover in enumerate(self._movers):
            line = QRectF(0, place * _LINE, self.width(), _LINE)
            if place == self._pointed:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.current().colour("hover"))
                painter.drawRoundedRect(line.adjusted(-6, 2, 6, -1), 6, 6)
            if place:
                painter.fillRect(
                    QRectF(0, line.top(), line.width(), 1), look.current().colour("grid")
                )
            self._paint_name(painter, mover, line, name_width)
            self._paint_bar(painter, mover, bars, line)
            painter.setFont(figures)
            painter.setPen(look.current().colour("text"))
            painter.drawText(
                line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, amounts[place]
            )
        painter.end()

    def _paint_name(self, painter: QPainter, mover: Mover, line: QRectF, width: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        other = mover.name not in self._coloured
        painter.setBrush(look.series_colour(mover.name, other=other))
        middle = line.center().y()
        painter.drawRoundedRect(QRectF(0, middle - _SWATCH / 2, _SWATCH, _SWATCH), 3, 3)
        painter.setFont(look.font(13))
        painter.setPen(look.current().colour("text"))
        text = painter.fontMetrics().elidedText(
            _named(mover), Qt.TextElideMode.ElideRight, int(width)
        )
        box = QRectF(_SWATCH + 8, line.top(), width, line.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_bar(self, painter: QPainter, mover: Mover, bars: QRectF, line: QRectF) -> None:
        if bars.width() < 40:
            return
        theme = look.current()
        most = max(abs(m.change) for m in self._movers) or 1
        ups = any(m.change > 0 for m in self._movers)
        downs = any(m.change < 0 for m in self._movers)
        zero = bars.left() + (bars.width() / 2 if ups and downs else 0 if ups else bars.width())
        reach = bars.width() / 2 if ups and downs else bars.width()
        length = reach * abs(mover.change) / most
        top = line.center().y() - _BAR / 2
        left = zero if mover.change > 0 else zero - length
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent") if mover.change > 0 else theme.colour("other"))
        painter.drawRoundedRect(QRectF(left, top, max(length, 1.5), _BAR), 2, 2)
        painter.fillRect(
            QRectF(round(zero) - 0.5, line.top() + 7, 1, line.height() - 14),
            theme.colour("border"),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the line under the mouse."""
        self.point_at(int(event.position().y() // _LINE))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens a line."""
        self.point_at(int(event.position().y() // _LINE))
        if event.button() == Qt.MouseButton.LeftButton:
            self._open()

    def leaveEvent(self, _event: QEvent) -> None:
        """Point at nothing."""
        self.point_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the first line."""
        super().focusInEvent(event)
        if self._pointed is None:
            self.point_at(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing."""
        super().focusOutEvent(event)
        self.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk along the lines; Enter, Space and I open one."""
        here = -1 if self._pointed is None else self._pointed
        if event.key() in ASKS and self._pointed is not None:
            self._open()
        elif event.key() == Qt.Key.Key_Down:
            self.point_at(min(here + 1, len(self._movers) - 1))
        elif event.key() == Qt.Key.Key_Up:
            self.point_at(max(here - 1, 0))
        else:
            super().keyPressEvent(event)


def _named(mover: Mover) -> str:
    return mover.name if mover.name is not None else tr("not told by model")
