"""A budget as a bar: solid what is spent, hatched where it will end, a tick at today's share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.widgets.track import Track
from plimsoll.ui.words import tr

if TYPE_CHECKING:
    from plimsoll.domain.budget import BudgetStatus

_BAR = 8.0


class BudgetBar(QWidget):
    """One budget in its period. Red only when it is exceeded; a forecast beyond it is amber."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = self._spent = 0
        self._median: int | None = None
        self._elapsed: float | None = None
        self.setFixedHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Budget used"))

    def show_status(self, status: BudgetStatus | None, *, today: date) -> None:
        """Show where a budget stands; None shows an empty bar."""
        if status is None:
            self.show_amounts(0, limit=0)
            return
        days = len(status.period)
        past = (min(max(today, status.period.first), status.period.last) - status.period.first).days
        self.show_amounts(
            status.spent,
            limit=status.limit,
            median=status.median,
            elapsed=(past + 1) / days if today in status.period else None,
        )

    def show_amounts(
        self, spent: int, *, limit: int, median: int | None = None, elapsed: float | None = None
    ) -> None:
        """The same from bare figures: nano-units, and today's share of the period, 0 to 1."""
        self._spent, self._limit, self._median, self._elapsed = spent, limit, median, elapsed
        self.setAccessibleDescription(self.accessible_text())
        self.update()

    @property
    def is_exceeded(self) -> bool:
        """Whether more was spent than the budget allows."""
        return self._spent > self._limit > 0

    def accessible_text(self) -> str:
        """The bar in one sentence."""
        if self._limit <= 0:
            return tr("No budget.")
        parts = [tr("{share}% spent", share=_percent(self._spent, self._limit))]
        if self._median is not None:
            parts.append(tr("{share}% at the end", share=_percent(self._median, self._limit)))
        if self._elapsed is not None:
            parts.append(tr("{share}% of the time is over", share=round(self._elapsed * 100)))
        return tr(", ").join(parts) + tr(".")

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, forecast, spent, the limit where it lies inside, today's tick."""
        painter = QPainter(self)
        track = Track(painter, self.size(), height=_BAR)
        whole = max(self._limit, self._spent, self._median or 0)
        if self._limit > 0:
            with track.inside():
                self._paint_parts(painter, track.rect, whole)
            self._paint_marks(painter, track, whole)
        track.outline()
        painter.end()

    def _paint_parts(self, painter: QPainter, track: QRectF, whole: int) -> None:
        theme = look.current()
        accent = theme.colour("bad" if self.is_exceeded else "accent")
        spent = _part(track, 0, self._spent, whole)
        if self._median is not None and self._median > self._spent:
            inside = min(self._median, max(self._limit, self._spent))
            _hatch(painter, _part(track, self._spent, inside, whole), accent)
            if self._median > self._limit and not self.is_exceeded:
                beyond = _part(track, self._limit, self._median, whole)
                _hatch(painter, beyond, theme.colour("warn"))
            elif self._median > inside:
                _hatch(painter, _part(track, inside, self._median, whole), accent)
        painter.fillRect(spent, accent)

    def _paint_marks(self, painter: QPainter, track: Track, whole: int) -> None:
        theme, rect = look.current(), track.rect
        painter.setPen(Qt.PenStyle.NoPen)
        if whole > self._limit:
            x = round(rect.left() + rect.width() * self._limit / whole)
            painter.fillRect(QRectF(x - 1, rect.top() - 3, 2, _BAR + 6), theme.colour("warn"))
        if self._elapsed is not None:
            x = round(rect.left() + rect.width() * self._elapsed * self._limit / whole)
            track.tick(x - 1, width=2, colour=theme.colour("text"))


def _part(track: QRectF, start: int, end: int, whole: int) -> QRectF:
    left = track.left() + track.width() * max(0, start) / whole
    right = track.left() + track.width() * max(0, end) / whole
    return QRectF(left, track.top(), max(0.0, right - left), track.height())


def _hatch(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, look.faded(colour, 0.22))
    painter.setPen(QPen(look.faded(colour, 0.9), 1.3))
    x = int(rect.left() / 5) * 5 - rect.height()
    while x < rect.right():
        painter.drawLine(
            round(x), round(rect.bottom()), round(x + rect.height()), round(rect.top())
        )
        x += 5
    painter.restore()


def _percent(part: int, whole: int) -> int:
    return round(part * 100 / whole)
