"""Spend per day as stacked bars: the total matters, and the series that stands on the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.domain.money import shown
from plimsoll.services.answers import DailyStack, StackSeries
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import (
    Canvas,
    Frame,
    draw_days,
    draw_grid,
    draw_nothing,
    hatching,
    plot_inside,
    steps_for,
    text_width,
)
from plimsoll.ui.charts.scale import Scale, Tick, day_labels, money_ticks
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.moments import grouped
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import counted, full_day, tr, week_day

DIMMED = 0.45
"""What is left of the days that are not pointed at."""

_RADIUS = 3.0
_WIDEST = 44.0


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One series as the legend shows it; `key` tells it apart (None are amounts without a name)."""

    key: str | None
    label: str
    other: bool = False

    def colour(self, theme: Theme) -> QColor:
        """Its colour, on every page the same."""
        return look.series_colour(self.key, theme, other=self.other)


@dataclass(frozen=True, slots=True)
class _Segment:
    """One series on one day, as drawn; `end` is the outer end of its stack."""

    series: int
    rect: QRectF
    end: bool
    down: bool


class StackedBars(Canvas):
    """A `DailyStack` as bars: gaps stay gaps, days that can still change are hatched.

    Signals:
        day_chosen(date): a day was clicked, or Enter, Space or I pressed on it.
    """

    day_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Spend per day"), parent)
        self.chosen.connect(self._choose_day)
        self._stack: DailyStack | None = None
        self._reach = (0, 0)
        self._order: tuple[int, ...] = ()
        self._baseline: LegendEntry | None = None
        self._data_changed()

    def show_stack(self, stack: DailyStack | None) -> None:
        """Show another answer; None shows that there is nothing. A chosen baseline stays."""
        self._stack = stack
        if stack is not None:
            look.register_series([s.name for s in stack.series if s.name and not s.other])
            self._reach = _reach_of(stack)
        self._arrange()
        self._data_changed()

    def legend_entries(self) -> tuple[LegendEntry, ...]:
        """The series in the order of the answer, for the legend."""
        return tuple(_entry(s) for s in self._stack.series) if self._stack else ()

    @property
    def baseline(self) -> LegendEntry | None:
        """The series that was brought to the baseline, if any."""
        return self._baseline

    def bring_to_baseline(self, entry: LegendEntry | None) -> None:
        """Let one series stand on the baseline, where its days compare; None as it came."""
        self._baseline = entry
        self._arrange()
        self.update()

    def day_at(self, x: float, y: float) -> date | None:
        """The day under a point of the widget."""
        index = self._index_at(QPointF(x, y))
        return self._stack.days[index] if self._stack and index is not None else None

    def accessible_text(self) -> str:
        """The chart in one sentence: days, total, the highest day, and what is missing."""
        stack = self._stack
        if stack is None or not stack.days or not any(stack.known):
            return tr("No data in this period.")
        totals = [self._total(i) for i in range(len(stack.days))]
        best = max((i for i, known in enumerate(stack.known) if known), key=lambda i: totals[i])
        sentence = counted(
            len(stack.days),
            "1 day, {day}, {amount}.",
            "{count} days, total {total}, highest {day}, {amount}.",
            total=shown(sum(totals), stack.currency),
            day=full_day(stack.days[best]),
            amount=shown(totals[best], stack.currency),
        )
        missing = stack.known.count(False)
        if not missing:
            return sentence
        gaps = counted(missing, "1 day without data.", "{count} days without data.")
        return f"{sentence} {gaps}"

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Day by day: every series, the total, and whether it is final."""
        stack = self._stack
        if stack is None:
            return (tr("Day"), tr("Total")), ()
        headers = (
            tr("Day"),
            *(entry.label for entry in self.legend_entries()),
            tr("Total"),
            *([tr("of it estimated")] if stack.estimated else []),
            *([tr("Tokens not priced")] if stack.not_priced else []),
            tr("State"),
        )
        return headers, tuple(self._table_row(stack, i) for i in range(len(stack.days)))

    def _table_row(self, stack: DailyStack, index: int) -> tuple[str, ...]:
        day = stack.days[index].isoformat()
        if not stack.known[index]:
            empty = len(stack.series) + 1 + bool(stack.estimated) + bool(stack.not_priced)
            return (day, *[""] * empty, tr("No data"))
        return (
            day,
            *(shown(s.values[index], stack.currency) for s in stack.series),
            shown(self._total(index), stack.currency),
            *([shown(stack.estimated[index], stack.currency)] if stack.estimated else []),
            *([grouped(stack.not_priced[index])] if stack.not_priced else []),
            "" if stack.final[index] else tr("Not final"),
        )

    def _count(self) -> int:
        return len(self._stack.days) if self._stack else 0

    def _total(self, index: int) -> int:
        stack = self._stack
        if stack is None or not stack.known[index]:
            return 0
        return sum(s.values[index] for s in stack.series)

    def _arrange(self) -> None:
        """The order from the baseline up."""
        entries = self.legend_entries()
        order = list(range(len(entries)))
        if self._baseline in entries:
            chosen = entries.index(self._baseline)
            order.remove(chosen)
            order.insert(0, chosen)
        self._order = tuple(order)

    def _tip(self, index: int) -> Tip:
        stack = self._stack
        if stack is None:
            return Tip("")
        title = week_day(stack.days[index])
        if not stack.known[index]:
            return Tip(title, note=tr("No data"))
        theme = look.current()
        rows = [
            TipRow(
                _entry(stack.series[i]).label,
                shown(stack.series[i].values[index], stack.currency),
                _entry(stack.series[i]).colour(theme),
            )
            for i in reversed(self._order)
            if stack.series[i].values[index]
        ]
        total = TipRow(tr("Total"), shown(self._total(index), stack.currency), strong=True)
        note = "" if stack.final[index] else tr("Not final: can still change")
        return Tip(title, (*rows, total, *self._kinds(stack, index)), note)

    @staticmethod
    def _kinds(stack: DailyStack, index: int) -> Iterator[TipRow]:
        """What of a day is no bill, and what is in no amount."""
        if stack.estimated and stack.estimated[index]:
            yield TipRow(tr("of it estimated"), shown(stack.estimated[index], stack.currency))
        if stack.not_priced and stack.not_priced[index]:
            tokens = tr("{count} tokens", count=grouped(stack.not_priced[index]))
            yield TipRow(tr("Not priced"), tokens)

    def _plot(self, rect: QRectF) -> QRectF:
        return plot_inside(rect, self._ticks(rect))

    def _ticks(self, rect: QRectF) -> tuple[Tick, ...]:
        currency = self._stack.currency if self._stack else "USD"
        low, high = self._reach
        return money_ticks(low, high, currency=currency, most=steps_for(rect.height() - 36))

    def _tip_reach(self) -> float:
        return self._bar_width(self._plot(QRectF(self.rect())), self.devicePixelRatioF()) / 2 + 6

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        stack = self._stack
        if stack is None or not stack.days or not any(stack.known):
            draw_nothing(painter, rect, theme, tr("No data in this period."))
            return
        plot = self._plot(rect)
        frame = Frame(plot, ratio)
        ticks = self._ticks(rect)
        scale = Scale(
            ticks[0].value,
            ticks[-1].value,
            frame.crisp(plot.bottom()),
            frame.crisp(plot.top()),
        )
        draw_grid(painter, frame, theme, ticks, scale)
        labels = day_labels(stack.days, width=plot.width(), text_width=text_width)
        draw_days(painter, frame, theme, labels, len(stack.days), right=rect.right())
        colours = tuple(_entry(s).colour(theme) for s in stack.series)
        for index in range(len(stack.days)):
            painter.setOpacity(1.0 if pointed in {None, index} else DIMMED)
            if not stack.known[index]:
                self._draw_gap(painter, frame, theme, scale, index)
                continue
            for segment in self._segments(frame, scale, index):
                self._draw_segment(painter, theme, colours, segment, final=stack.final[index])
        painter.setOpacity(1.0)

    def _bar_width(self, plot: QRectF, ratio: float) -> float:
        slot = plot.width() / max(1, self._count())
        if slot * ratio < 3:
            return slot
        return max(1.0, round(min(_WIDEST, slot * 0.78) * ratio)) / ratio

    def _slot(self, frame: Frame, index: int) -> tuple[float, float]:
        """The left edge and the width of a day's bar, on whole device pixels where they fit."""
        slot = frame.plot.width() / self._count()
        width = self._bar_width(frame.plot, frame.ratio)
        left = frame.plot.left() + (index + 0.5) * slot - width / 2
        return (left if width == slot else frame.crisp(left)), width

    def _segments(self, frame: Frame, scale: Scale, index: int) -> Iterator[_Segment]:
        """The bars of one day from the baseline outwards, a pixel apart."""
        stack = self._stack
        if stack is None:
            return
        left, width = self._slot(frame, index)
        for down in (False, True):
            values = [
                (i, stack.series[i].values[index])
                for i in self._order
                if (stack.series[i].values[index] < 0) == down and stack.series[i].values[index]
            ]
            reached = 0
            for place, (i, value) in enumerate(values):
                inner = frame.crisp(scale.position(reached))
                reached += value
                outer = frame.crisp(scale.position(reached))
                end = place == len(values) - 1
                apart = not end and abs(outer - inner) > 2 and width >= 3
                space = frame.hairline if apart else 0.0
                # The slimmest amount is still something: it gets a device pixel.
                height = max(abs(outer - inner) - space, (1 / frame.ratio) if end else 0.0)
                if height > 0:
                    top = inner if down else inner - height
                    yield _Segment(i, QRectF(left, top, width, height), end, down)

    @staticmethod
    def _draw_segment(
        painter: QPainter,
        theme: Theme,
        colours: tuple[QColor, ...],
        segment: _Segment,
        *,
        final: bool,
    ) -> None:
        colour = colours[segment.series]
        shape = _bar_shape(segment)
        painter.setRenderHint(
            QPainter.RenderHint.Antialiasing, on=segment.end or segment.rect.width() < 2
        )
        outline = theme.colour("text") if theme.high_contrast else None
        painter.setPen(QPen(outline, 1) if outline is not None else Qt.PenStyle.NoPen)
        if final:
            painter.setBrush(colour)
            painter.drawPath(shape)
            return
        painter.setBrush(faded(colour, 0.35))
        painter.drawPath(shape)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(colour, 1.4))
        painter.drawLines(list(hatching(segment.rect)))

    def _draw_gap(
        self, painter: QPainter, frame: Frame, theme: Theme, scale: Scale, index: int
    ) -> None:
        """Dots where a bar would stand: nothing is known, which is not zero."""
        slot = frame.plot.width() / self._count()
        left = frame.plot.left() + index * slot
        dot = 2 * frame.hairline
        y = frame.crisp(scale.position(0)) - 3 - dot
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        # One rhythm for the whole chart, so that the dots of neighbours make one line.
        step = 2 * dot
        x = -(-left // step) * step
        while x < left + slot:
            painter.fillRect(QRectF(frame.crisp(x), y, dot, dot), theme.colour("faint"))
            x += step

    def place_of(self, day: date) -> QRect:
        """The whole slot of a day."""
        return self.spot_of(self._stack.days.index(day) if self._stack is not None else 0)

    def _choose_day(self, index: int) -> None:
        if self._stack is not None:
            self.day_chosen.emit(self._stack.days[index])


def _entry(series: StackSeries) -> LegendEntry:
    if series.other:
        return LegendEntry(series.name, tr("Other"), other=True)
    return LegendEntry(series.name, series.name or tr("Not attributed"))


def _reach_of(stack: DailyStack) -> tuple[int, int]:
    """The lowest and the highest end of any day's stack, zero among them."""
    highs, lows = [0], [0]
    for index, known in enumerate(stack.known):
        if known:
            values = [s.values[index] for s in stack.series]
            highs.append(sum(v for v in values if v > 0))
            lows.append(sum(v for v in values if v < 0))
    return min(lows), max(highs)


def _bar_shape(segment: _Segment) -> QPainterPath:
    """A rectangle; at the outer end of the stack its two outer corners are round."""
    rect, path = segment.rect, QPainterPath()
    radius = min(_RADIUS, rect.width() / 2, rect.height())
    if not segment.end or radius < 1:
        path.addRect(rect)
        return path
    outer, inner = (rect.bottom(), rect.top()) if segment.down else (rect.top(), rect.bottom())
    bend = -radius if segment.down else radius
    path.moveTo(rect.left(), inner)
    path.lineTo(rect.left(), outer + bend)
    path.quadTo(rect.left(), outer, rect.left() + radius, outer)
    path.lineTo(rect.right() - radius, outer)
    path.quadTo(rect.right(), outer, rect.right(), outer + bend)
    path.lineTo(rect.right(), inner)
    path.closeSubpath()
    return path
