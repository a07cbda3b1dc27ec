"""A subscription's cycle: what its tokens have come to at list price, and the fee across it."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.domain.money import shown
from plimsoll.services.subscriptions import CycleStanding
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import (
    LABEL_SIZE,
    Canvas,
    Frame,
    draw_days,
    draw_grid,
    draw_nothing,
    plot_inside,
    text_width,
)
from plimsoll.ui.charts.scale import Scale, Tick, brief_money, day_labels, money_ticks
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import short_day, tr, week_day

_STEPS = 3
_FAR = 4
"""A fee so many times above the worth so far would flatten its line: it is only named."""


class BreakEvenChart(Canvas):
    """A cycle's worth as a line that climbs, and its fee as one that does not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Worth of the tokens against the fee"), parent)
        self._cycle: CycleStanding | None = None
        self.setMinimumSize(220, 120)
        self._data_changed()

    def show_cycle(self, cycle: CycleStanding | None) -> None:
        """Show another cycle; None shows that there is nothing."""
        self._cycle = cycle
        self._data_changed()

    def accessible_text(self) -> str:
        """Worth, fee, and the day on which one reached the other."""
        cycle = self._cycle
        if cycle is None:
            return tr("No data in this period.")
        fee = cycle.fee
        words = tr(
            "{worth} of tokens against a fee of {fee}",
            worth=shown(cycle.in_fee, fee.currency),
            fee=shown(fee.nanos, fee.currency),
        )
        if cycle.passed_on is not None:
            words += tr(", reached on {day}", day=short_day(cycle.passed_on))
        return words + tr(".")

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Day by day: the worth so far, and the fee."""
        headers = (tr("Day"), tr("Plan so far"), tr("Fee"))
        cycle = self._cycle
        if cycle is None:
            return headers, ()
        fee = cycle.fee
        return headers, tuple(
            (day.isoformat(), shown(worth, fee.currency), shown(fee.nanos, fee.currency))
            for day, worth in zip(cycle.period.days(), cycle.so_far, strict=False)
        )

    def _days(self) -> tuple[date, ...]:
        return tuple(self._cycle.period.days()) if self._cycle else ()

    def _count(self) -> int:
        return len(self._cycle.period) if self._cycle else 0

    def _tip(self, index: int) -> Tip:
        cycle = self._cycle
        if cycle is None:
            return Tip("")
        theme, fee = look.current(), cycle.fee
        rows = [TipRow(tr("Fee"), shown(fee.nanos, fee.currency), theme.colour("warn"))]
        if index < len(cycle.so_far):
            worth = shown(cycle.so_far[index], fee.currency)
            rows.insert(0, TipRow(tr("Plan so far"), worth, theme.colour("accent")))
        note = tr("not owed") if index < len(cycle.so_far) else tr("still to come")
        return Tip(week_day(self._days()[index]), tuple(rows), note)

    def _ticks(self) -> tuple[Tick, ...]:
        cycle = self._cycle
        if cycle is None:
            return ()
        top = max(0, *cycle.so_far)
        if top == 0 or cycle.fee.nanos <= _FAR * top:
            top = max(top, cycle.fee.nanos)
        return money_ticks(0, top, currency=cycle.fee.currency, most=_STEPS)

    def _plot(self, rect: QRectF) -> QRectF:
        return plot_inside(rect, self._ticks(), top=12)

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        cycle = self._cycle
        if cycle is None:
            draw_nothing(painter, rect, theme, tr("No data in this period."))
            return
        frame, ticks, days = Frame(self._plot(rect), ratio), self._ticks(), self._days()
        plot = frame.plot
        scale = Scale(
            ticks[0].value, ticks[-1].value, frame.crisp(plot.bottom()), frame.crisp(plot.top())
        )
        draw_grid(painter, frame, theme, ticks, scale)
        labels = day_labels(days, width=plot.width(), text_width=text_width)
        draw_days(painter, frame, theme, labels, len(days), right=rect.right())
        slot = plot.width() / len(days)
        points = [
            QPointF(plot.left() + (i + 0.5) * slot, scale.position(worth))
            for i, worth in enumerate(cycle.so_far)
        ]
        self._draw_fee(painter, frame, theme, scale)
        _stroke(painter, points, QPen(theme.colour("accent"), 2.0))
        passed = cycle.passed_on
        marks = [len(points) - 1] if passed is None else [(passed - cycle.period.first).days]
        if pointed is not None and pointed < len(points):
            marks = [pointed]
        for mark in marks:
            painter.setPen(QPen(theme.colour("card"), 2.0))
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(points[mark], 4.6, 4.6)

    def _draw_fee(self, painter: QPainter, frame: Frame, theme: Theme, scale: Scale) -> None:
        """The fee's line, with its words on it; only its words where it is far above."""
        if self._cycle is None:
            return
        fee, plot = self._cycle.fee, frame.plot
        words = tr("Fee {amount}", amount=brief_money(fee.nanos, fee.currency))
        y = frame.crisp(scale.position(fee.nanos))
        if fee.nanos > scale.high:
            words, y = tr("{budget}, above this chart", budget=words), plot.top() - 4
        else:
            thick = (3 if theme.high_contrast else 1.5) * frame.ratio
            height = round(thick) / frame.ratio
            line = QRectF(plot.left(), y - height / 2, plot.width(), height)
            painter.fillRect(line, theme.colour("warn"))
        made = look.font(LABEL_SIZE, 500)
        width = QFontMetricsF(made).horizontalAdvance(words)
        base = y + 16
        box = QRectF(plot.right() - width - 8, base - 12, width + 6, 16)
        painter.fillRect(box, faded(theme.colour("card"), 0.8))
        painter.setFont(made)
        painter.setPen(theme.colour("warn"))
        painter.drawText(QPointF(box.left() + 3, base), words)


def _stroke(painter: QPainter, points: list[QPointF], pen: QPen) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.drawPath(path)
