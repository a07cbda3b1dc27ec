"""The month as a burn-up: what was spent, where it ends, and the budget's line across it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from plimsoll.domain.money import shown
from plimsoll.services.answers import CurvePoint, MonthCurve
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import (
    Canvas,
    Frame,
    draw_days,
    draw_grid,
    draw_nothing,
    plot_inside,
    steps_for,
    text_width,
)
from plimsoll.ui.charts.curve_drawing import CurveDrawing, last_actual, previous_of
from plimsoll.ui.charts.scale import Tick, brief_money, day_labels, money_ticks
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
        spent = last_actual(curve) if curve else None
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
                cell(previous_of(curve, i)),
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
        before = previous_of(curve, index)
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
        drawing = CurveDrawing(painter, frame, theme, curve, ticks)
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
        drawing.name_previous()
        if pointed is not None:
            drawing.pointer(pointed)


def _range(point: CurvePoint, currency: str) -> dict[str, str]:
    return {
        "low": brief_money(point.low80 or 0, currency),
        "high": brief_money(point.high80 or 0, currency),
    }


def _highest(curve: MonthCurve) -> int:
    """The top of everything that is drawn, with the budget unless it is far above."""
    values = [*curve.previous[: len(curve.points)], 0]
    for point in curve.points:
        values += [v for v in (point.actual, point.median, point.high80) if v is not None]
    top = max(values)
    if curve.limit is not None and (top == 0 or curve.limit <= _FAR * top):
        top = max(top, curve.limit)
    return top
