"""The month as a burn-up: what was spent, where it ends, and the budget's line across it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from plimsoll.domain.money import shown
from plimsoll.services.answers import CurvePoint, MonthCurve
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import (
    LABEL_SIZE,
    Canvas,
    Frame,
    draw_days,
    draw_grid,
    draw_nothing,
    plot_inside,
    steps_for,
    text_width,
)
from plimsoll.ui.charts.scale import Scale, Tick, brief_money, day_labels, money_ticks
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import full_month, short_day, tr, week_day

_FAR = 3
"""A budget this many times above everything else would flatten the curve: it is only named."""


class MonthCurveChart(Canvas):
    """A `MonthCurve`: solid actual, dashed median, the 80 % band, the budget, last month."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("The month so far, and where it ends"), parent)
        self._curve: MonthCurve | None = None
        self._data_changed()

    def show_curve(self, curve: MonthCurve | None) -> None:
        """Show another month; None shows that there is nothing."""
        self._curve = curve
        self._data_changed()

    def accessible_text(self) -> str:
        """The curve in one sentence: spent, the end with its range, the budget."""
        curve = self._curve
        spent = _last_actual(curve) if curve else None
        if curve is None or spent is None:
            return tr("No data in this period.")
        parts = [
            tr(
                "{month}: {amount} spent to {day}",
                month=full_month(curve.period.first),
                amount=shown(spent.actual or 0, curve.currency),
                day=short_day(spent.day),
            )
        ]
        end = curve.points[-1]
        if end.median is not None:
            parts.append(tr("ends near {amount}", amount=brief_money(end.median, curve.currency)))
        if end.low80 is not None and end.high80 is not None:
            parts.append(tr("80% between {low} and {high}", **_range(end, curve.currency)))
        if curve.limit is not None:
            parts.append(tr("budget {amount}", amount=shown(curve.limit, curve.currency)))
        return tr(", ").join(parts) + tr(".")

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Day by day: spent so far, the median and its range, last month's same day."""
        headers = (
            tr("Day"),
            tr("Spent so far"),
            tr("Median"),
            tr("80% low"),
            tr("80% high"),
            tr("Last month"),
        )
        curve = self._curve
        if curve is None:
            return headers, ()

        def cell(nanos: int | None) -> str:
            return "" if nanos is None else shown(nanos, curve.currency)

        return headers, tuple(
            (
                point.day.isoformat(),
                cell(point.actual),
                cell(point.median),
                cell(point.low80),
                cell(point.high80),
                cell(_previous(curve, i)),
            )
            for i, point in enumerate(curve.points)
        )

    def _count(self) -> int:
        return len(self._curve.points) if self._curve else 0

    def _tip(self, index: int) -> Tip:
        curve = self._curve
        if curve is None:
            return Tip("")
        theme, currency, point = look.current(), curve.currency, curve.points[index]
        accent = theme.colour("accent")
        rows: list[TipRow] = []
        if point.actual is not None:
            rows.append(TipRow(tr("Spent so far"), shown(point.actual, currency), accent))
        elif point.median is not None:
            rows.append(TipRow(tr("Median"), brief_money(point.median, currency), accent))
            if point.low80 is not None:
                words = tr("{low} to {high}", **_range(point, currency))
                rows.append(TipRow(tr("80% range"), words, faded(accent, 0.3)))
        else:
            rows.append(TipRow(tr("No data")))
        before = _previous(curve, index)
        if before is not None:
            rows.append(TipRow(tr("Last month"), shown(before, currency), theme.colour("other")))
        if curve.limit is not None:
            rows.append(TipRow(tr("Budget"), shown(curve.limit, currency), theme.colour("warn")))
        note = tr("Forecast") if point.actual is None and point.median is not None else ""
        return Tip(week_day(point.day), tuple(rows), note)

    def _plot(self, rect: QRectF) -> QRectF:
        return plot_inside(rect, self._ticks(rect), top=16)

    def _ticks(self, rect: QRectF) -> tuple[Tick, ...]:
        curve = self._curve
        if curve is None:
            return ()
        most = min(5, steps_for(rect.height() - 42))
        return money_ticks(0, _highest(curve), currency=curve.currency, most=most)

    def _anchor(self, index: int) -> QPointF:
        anchor = super()._anchor(index)
        return QPointF(anchor.x(), anchor.y() + 4)

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        curve = self._curve
        if curve is None or not curve.points:
            draw_nothing(painter, rect, theme, tr("No data in this period."))
            return
        frame = Frame(self._plot(rect), ratio)
        ticks = self._ticks(rect)
        drawing = _Drawing(painter, frame, theme, curve, ticks)
        draw_grid(painter, frame, theme, ticks, drawing.scale)
        days = tuple(point.day for point in curve.points)
        labels = day_labels(days, width=frame.plot.width(), text_width=text_width)
        draw_days(painter, frame, theme, labels, len(days), right=rect.right())
        drawing.previous()
        drawing.band()
        drawing.budget()
        drawing.today()
        drawing.lines()
        drawing.end_label(rect)
        if pointed is not None:
            drawing.pointer(pointed)


class _Drawing:
    """One pass of painting a curve: every part of it knows the same scale."""

    def __init__(
        self,
        painter: QPainter,
        frame: Frame,
        theme: Theme,
        curve: MonthCurve,
        ticks: tuple[Tick, ...],
    ) -> None:
        self.painter, self.frame, self.theme, self.curve = painter, frame, theme, curve
        plot = frame.plot
        self.scale = Scale(
            ticks[0].value, ticks[-1].value, frame.crisp(plot.bottom()), frame.crisp(plot.top())
        )
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
        if limit > self.scale.high:
            words = tr("{budget}, above this chart", budget=words)
            y = plot.top() + 16
        else:
            thick = round((3 if self.theme.high_contrast else 1.5) * self.frame.ratio)
            height = thick / self.frame.ratio
            y = self.frame.crisp(self.scale.position(limit) - height / 2)
            self.painter.fillRect(QRectF(plot.left(), y, plot.width(), height), colour)
        self._words(words, QPointF(plot.left() + 6, y - 6), "warn", 500)

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
        last = _last_actual(self.curve)
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
        """The figure at the end of the line, in bold, kept inside the chart."""
        end = self.curve.points[-1]
        nanos = end.actual if end.actual is not None else end.median
        if nanos is None:
            return
        point = self.at(self.days - 1, nanos)
        self._dot(point, filled=True)
        words = brief_money(nanos, self.curve.currency)
        width = QFontMetricsF(look.font(LABEL_SIZE, 600)).horizontalAdvance(words)
        top = self.at(self.days - 1, end.high80).y() if end.high80 is not None else point.y()
        x = min(point.x() - width / 2, rect.right() - width - 2)
        self._words(words, QPointF(x, min(top, point.y()) - 8), "text", 600)
        self._name_previous(point)

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

    def _name_previous(self, end: QPointF) -> None:
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
        taken = [*self._drawn_between(left - 4, line.x() + 4), end.y(), end.y() - 14]
        for base in (max(own) + 15, min(own) - 8):
            box = (base - 13, base + 5)
            inside = self.frame.plot.top() < box[0] and box[1] < self.frame.plot.bottom()
            if inside and not any(box[0] < y < box[1] for y in taken):
                self._words(words, QPointF(left, base), "faint", 400, size=size)
                return

    def _drawn_between(self, left: float, right: float) -> list[float]:
        """The heights of all lines between two places."""
        heights = []
        for i, point in enumerate(self.curve.points):
            if left <= self.at(i, 0).x() <= right:
                values = (point.actual, point.median, _previous(self.curve, i))
                heights += [self.scale.position(v) for v in values if v is not None]
        if self.curve.limit is not None:
            heights.append(self.scale.position(self.curve.limit))
        return heights

    def _today_index(self) -> int | None:
        first, today = self.curve.period.first, self.curve.today
        return (today - first).days if today in self.curve.period else None

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

    def _dot(self, point: QPointF, *, filled: bool) -> None:
        accent = self.theme.colour("accent")
        self.painter.setPen(QPen(self.theme.colour("card") if filled else accent, 2.0))
        self.painter.setBrush(accent if filled else self.theme.colour("card"))
        self.painter.drawEllipse(point, 5.0 if filled else 4.2, 5.0 if filled else 4.2)

    def _words(
        self, words: str, base: QPointF, role: str, weight: int, *, size: int = LABEL_SIZE
    ) -> None:
        """Words on the chart; a touch of the card's colour behind keeps lines out of them."""
        made = look.font(size, weight)
        metrics = QFontMetricsF(made)
        box = metrics.boundingRect(words).translated(base).adjusted(-3, -1, 3, 1)
        self.painter.fillRect(box, faded(self.theme.colour("card"), 0.8))
        self.painter.setFont(made)
        self.painter.setPen(self.theme.colour(role))
        self.painter.drawText(base, words)


def _range(point: CurvePoint, currency: str) -> dict[str, str]:
    return {
        "low": brief_money(point.low80 or 0, currency),
        "high": brief_money(point.high80 or 0, currency),
    }


def _previous(curve: MonthCurve, index: int) -> int | None:
    return curve.previous[index] if index < len(curve.previous) else None


def _last_actual(curve: MonthCurve) -> CurvePoint | None:
    return next((p for p in reversed(curve.points) if p.actual is not None), None)


def _highest(curve: MonthCurve) -> int:
    """The top of everything that is drawn, with the budget unless it is far above."""
    values = [*curve.previous[: len(curve.points)], 0]
    for point in curve.points:
        values += [v for v in (point.actual, point.median, point.high80) if v is not None]
    top = max(values)
    if curve.limit is not None and (top == 0 or curve.limit <= _FAR * top):
        top = max(top, curve.limit)
    return top
