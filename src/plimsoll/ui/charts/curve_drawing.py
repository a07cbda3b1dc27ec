"""One pass of painting a month's curve: lines, band, and words that stand clear of them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from plimsoll.services.answers import CurvePoint, MonthCurve
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import LABEL_SIZE, Frame
from plimsoll.ui.charts.line_drawing import LineDrawing
from plimsoll.ui.charts.scale import Scale, Tick, brief_money
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import tr


class CurveDrawing(LineDrawing):
    """One pass of painting a curve: every part of it knows the same scale."""

    def __init__(
        self,
        painter: QPainter,
        frame: Frame,
        theme: Theme,
        curve: MonthCurve,
        ticks: tuple[Tick, ...],
    ) -> None:
        plot = frame.plot
        low, high = ticks[0].value, ticks[-1].value
        scale = Scale(low, high, frame.crisp(plot.bottom()), frame.crisp(plot.top()))
        super().__init__(painter, frame, theme, scale)
        self.curve = curve
        self.slot = plot.width() / len(curve.points)

    def at(self, index: int, nanos: int) -> QPointF:
        """Where an amount of a day lies."""
        x = self.frame.plot.left() + (index + 0.5) * self.slot
        return QPointF(x, self.scale.position(nanos))

    def previous(self) -> None:
        """Last month, a thin grey line that says its name where it ends."""
        known = [self.at(i, v) for i, v in enumerate(self.curve.previous[: self.days])]
        if len(known) < 2:
            return
        self._stroke(known, QPen(faded(self.theme.colour("other"), 0.8), 1.2))

    @property
    def days(self) -> int:
        """How many days the month has."""
        return len(self.curve.points)

    def band(self) -> None:
        """The one shaded range, from today's amount on."""
        start = self._today_index()
        points = [
            (i, p.low80, p.high80)
            for i, p in enumerate(self.curve.points)
            if p.low80 is not None and p.high80 is not None and (start is None or i > start)
        ]
        if not points:
            return
        upper = [self.at(i, high) for i, _, high in points]
        lower = [self.at(i, low) for i, low, _ in points]
        actual = self.curve.points[start].actual if start is not None else None
        if start is not None and actual is not None:
            upper.insert(0, self.at(start, actual))
            lower.insert(0, self.at(start, actual))
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(faded(self.theme.colour("accent"), 0.24 if self.theme.dark else 0.17))
        self.painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))

    def budget(self) -> None:
        """The budget's line, with its words on the chart; only its words when it is far above."""
        limit = self.curve.limit
        if limit is None:
            return
        colour, plot = self.theme.colour("warn"), self.frame.plot
        words = tr("Budget {amount}", amount=brief_money(limit, self.curve.currency))
        metrics = QFontMetricsF(look.font(LABEL_SIZE, 500))
        left = plot.left() + 6
        if limit > self.scale.high:
            words = tr("{budget}, above this chart", budget=words)
            self._words(words, left, plot.top() + 16, "warn", 500)
            return
        thick = round((3 if self.theme.high_contrast else 1.5) * self.frame.ratio)
        height = thick / self.frame.ratio
        y = self.frame.crisp(self.scale.position(limit) - height / 2)
        self.painter.fillRect(QRectF(plot.left(), y, plot.width(), height), colour)
        width = metrics.horizontalAdvance(words)
        taken = [h for h in self._drawn_between(left, left + width) if abs(h - y) > 2]
        self._words(
            words, left, self._free((y - 5, y + 16, y - 5), width, left, taken), "warn", 500
        )

    def today(self) -> None:
        """A dotted upright: left of it happened, right of it is forecast."""
        index = self._today_index()
        if index is None:
            return
        x = self.frame.crisp(self.at(index, 0).x())
        y, dot = self.frame.plot.top(), self.frame.hairline
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        while y < self.frame.plot.bottom():
            self.painter.fillRect(
                QRectF(x - dot / 2, y, dot, 2 * dot), faded(self.theme.colour("faint"), 0.75)
            )
            y += 4 * dot
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)

    def lines(self) -> None:
        """The solid line of what happened, the dashed one of the median, today's open dot."""
        accent = self.theme.colour("accent")
        run: list[QPointF] = []
        for i, point in enumerate(self.curve.points):
            if point.actual is not None:
                run.append(self.at(i, point.actual))
            else:
                self._stroke(run, QPen(accent, 2.0))
                run = []
        self._stroke(run, QPen(accent, 2.0))
        last = last_actual(self.curve)
        start = self.curve.points.index(last) if last else -1
        ahead = [
            self.at(i, point.median)
            for i, point in enumerate(self.curve.points)
            if i > start and point.median is not None
        ]
        if ahead and last is not None and last.actual is not None:
            ahead.insert(0, self.at(start, last.actual))
        pen = QPen(accent, 2.0)
        pen.setDashPattern([3.2, 2.6])
        self._stroke(ahead, pen)
        if last is not None and last.actual is not None and ahead:
            self._dot(self.at(start, last.actual), filled=False)

    def end_label(self, rect: QRectF) -> None:
        """The figure at the end of the line, in bold, kept inside the chart and off the lines."""
        end = self.curve.points[-1]
        nanos = end.actual if end.actual is not None else end.median
        if nanos is None:
            return
        point = self.at(self.days - 1, nanos)
        self._dot(point, filled=True)
        words = brief_money(nanos, self.curve.currency)
        width = QFontMetricsF(look.font(LABEL_SIZE, 600)).horizontalAdvance(words)
        left = min(point.x() - width / 2, rect.right() - width - 2)
        band = [self.at(self.days - 1, v).y() for v in (end.low80, end.high80) if v is not None]
        ends = (*band, point.y())
        taken = self._drawn_between(left - 4, left + width + 4)
        above, below = min(ends) - 9, max(ends) + 19
        bases = (above, below, self._budget_y(above) - 7, above)
        self._words(words, left, self._free(bases, width, left, taken), "text", 600)

    def name_previous(self) -> None:
        """`Last month` under the end of its line, or above it, where nothing else is drawn."""
        if len(self.curve.previous) < 2:
            return
        words, size = tr("Last month"), 11
        width = QFontMetricsF(look.font(size)).horizontalAdvance(words)
        index = min(len(self.curve.previous), self.days) - 1
        line = self.at(index, self.curve.previous[index])
        left = line.x() - width
        own = [
            self.at(i, v).y()
            for i, v in enumerate(self.curve.previous[: self.days])
            if self.at(i, v).x() >= left - self.slot
        ]
        taken = self._drawn_between(left - 4, line.x() + 4)
        bases = (max(own) + 15, min(own) - 8)
        base = next((b for b in bases if self._is_free(b, width, left, taken)), None)
        if base is not None:
            self._words(words, left, base, "faint", 400, size=size)

    def pointer(self, index: int) -> None:
        """A dot on the line at the pointed day."""
        point = self.curve.points[index]
        nanos = point.actual if point.actual is not None else point.median
        x = self.frame.crisp(self.at(index, 0).x())
        line = self.frame.hairline
        self.painter.fillRect(
            QRectF(x - line / 2, self.frame.plot.top(), line, self.frame.plot.height()),
            faded(self.theme.colour("faint"), 0.4),
        )
        if nanos is not None:
            self._dot(self.at(index, nanos), filled=True)

    def _budget_y(self, otherwise: float) -> float:
        limit = self.curve.limit
        if limit is None or limit > self.scale.high:
            return otherwise
        return self.scale.position(limit)

    def _drawn_between(self, left: float, right: float) -> list[float]:
        """The heights of all lines between two places."""
        heights = []
        for i, point in enumerate(self.curve.points):
            if left <= self.at(i, 0).x() <= right:
                values = (point.actual, point.median, previous_of(self.curve, i))
                heights += [self.scale.position(v) for v in values if v is not None]
        heights.append(self._budget_y(self.frame.plot.bottom()))
        return heights

    def _today_index(self) -> int | None:
        first, today = self.curve.period.first, self.curve.today
        return (today - first).days if today in self.curve.period else None


def previous_of(curve: MonthCurve, index: int) -> int | None:
    """Last month on the same day, where it had one."""
    return curve.previous[index] if index < len(curve.previous) else None


def last_actual(curve: MonthCurve) -> CurvePoint | None:
    """The newest day of which the amount is known."""
    return next((p for p in reversed(curve.points) if p.actual is not None), None)
