"""Shares over weeks: several named lines from none to all, gaps as gaps, open weeks hatched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import (
    LABEL_SIZE,
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
from plimsoll.ui.charts.line_drawing import LineDrawing
from plimsoll.ui.charts.scale import Label, Scale, Tick
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.moments import share_words
from plimsoll.ui.theme import Theme
from plimsoll.ui.words import full_day, short_day, short_month, tr

_FINE = 1000
"""Parts of one in which heights are whole numbers."""

_STEPS = (50, 100, 200, 250, 500)
_DAYS_UP_TO = 14
"""So many weeks are named by their days, more by their months."""

_LINE = 20.0
_SWATCH = 16.0
_APART = 15.0
"""Pixels between the figures of two lines that end close together."""


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One named line: a share from 0 to 1 for every week, None where it is not known.

    A `dashed` one is an indicator, not a count of the same kind as the others. One that is not
    `drawn` belongs to the others: it stands in the card of a week and in the table.
    """

    name: str
    values: tuple[Fraction | None, ...]
    dashed: bool = False
    drawn: bool = True

    @property
    def known(self) -> tuple[tuple[int, Fraction], ...]:
        """The weeks that have a value, by their places."""
        return tuple((i, value) for i, value in enumerate(self.values) if value is not None)


class ShareLines(Canvas):
    """Shares week by week, the axis from nothing on; a legend above, the latest figures beside."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._weeks: tuple[date, ...] = ()
        self._lines: tuple[ShareLine, ...] = ()
        self._open = 0
        super().__init__(name, parent)
        self._data_changed()

    def show_shares(
        self, weeks: Sequence[date], lines: Sequence[ShareLine], *, not_final: int = 0
    ) -> None:
        """Show lines over weeks, named by their first days, the oldest first; the last `not_final`
        of them can still change. Each line has a value, or None, for every week; those that are not
        drawn come last.
        """
        self._weeks, self._lines, self._open = tuple(weeks), tuple(lines), not_final
        self._data_changed()

    def accessible_text(self) -> str:
        """Where every line began and where it is now."""
        told = [
            tr(
                "{name}: {first} in the week of {start}, {last} in the week of {end}.",
                name=line.name,
                first=share_words(float(line.known[0][1])),
                start=full_day(self._weeks[line.known[0][0]]),
                last=share_words(float(line.known[-1][1])),
                end=full_day(self._weeks[line.known[-1][0]]),
            )
            for line in self._lines
            if line.known
        ]
        return tr(" ").join(told) or tr("No data in this period.")

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Week by week, every line, and whether it is final."""
        headers = (tr("Week of"), *(line.name for line in self._lines), tr("State"))
        return headers, tuple(
            (
                week.isoformat(),
                *(_spoken(line.values[i]) for line in self._lines),
                tr("Not final") if self._is_open(i) else "",
            )
            for i, week in enumerate(self._weeks)
        )

    @property
    def _drawn(self) -> tuple[ShareLine, ...]:
        return tuple(line for line in self._lines if line.drawn)

    def _is_open(self, index: int) -> bool:
        return index >= len(self._weeks) - self._open

    def _count(self) -> int:
        return len(self._weeks)

    def _tip(self, index: int) -> Tip:
        theme = look.current()
        rows = (
            TipRow(
                line.name,
                _spoken(line.values[index]),
                _colour(theme, place) if line.drawn else None,
            )
            for place, line in enumerate(self._lines)
        )
        note = tr("Not final: can still change") if self._is_open(index) else ""
        return Tip(tr("Week of {day}", day=full_day(self._weeks[index])), tuple(rows), note)

    def _plot(self, rect: QRectF) -> QRectF:
        rows = 1 + max((row for *_, row in self._legend(rect)), default=0)
        inner = plot_inside(rect, self._ticks(rect), top=_LINE * rows + 8)
        return inner.adjusted(0, 0, -text_width(share_words(1.0)) - 8, 0)

    def _ticks(self, rect: QRectF) -> tuple[Tick, ...]:
        """Round shares from nothing to at or above the highest."""
        shown = (value for line in self._drawn for _, value in line.known)
        highest = max(shown, default=None)
        if highest is None:
            return ()
        high = max(-(-highest * _FINE // 1), 1)
        most = min(5, steps_for(rect.height() - 2 * _LINE - 34))
        step = next((s for s in _STEPS if high <= s * most), _STEPS[-1])
        last = -(-high // step) * step
        return tuple(Tick(v, share_words(v / _FINE)) for v in range(0, int(last) + step, step))

    def _legend(self, rect: QRectF) -> Iterator[tuple[int, str, float, int]]:
        """Each line's place, its name, where its swatch begins, and in which row."""
        metrics = QFontMetricsF(look.font(LABEL_SIZE))
        left, row = rect.left(), 0
        for place, line in enumerate(self._drawn):
            width = _SWATCH + 7 + metrics.horizontalAdvance(line.name)
            if left > rect.left() and left + width > rect.right():
                left, row = rect.left(), row + 1
            yield place, line.name, left, row
            left += width + 16

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        ticks = self._ticks(rect)
        if not ticks:
            draw_nothing(painter, rect, theme, tr("No data in this period."))
            return
        frame = Frame(self._plot(rect), ratio)
        plot = frame.plot
        scale = Scale(ticks[0].value, ticks[-1].value, plot.bottom(), plot.top())
        draw_grid(painter, frame, theme, ticks, scale)
        drawing = _Drawing(painter, frame, theme, scale)
        drawing.hatch(self._count(), self._open)
        labels = _week_labels(self._weeks, plot.width())
        draw_days(painter, frame, theme, labels, self._count(), right=rect.right())
        drawing.legend([(*found, self._drawn[found[0]]) for found in self._legend(rect)], rect)
        drawing.lines(self._drawn, pointed)


class _Drawing(LineDrawing):
    """One pass of painting."""

    def hatch(self, count: int, not_final: int) -> None:
        """The weeks that can still change."""
        plot = self.frame.plot
        width = plot.width() / count * min(not_final, count)
        box = QRectF(plot.right() - width, plot.top(), width, plot.height())
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        self.painter.setPen(QPen(self.theme.colour("border"), 1.0))
        self.painter.drawLines(list(hatching(box)))

    def legend(
        self, entries: Sequence[tuple[int, str, float, int, ShareLine]], rect: QRectF
    ) -> None:
        """A piece of every line, and its name."""
        for place, name, left, row, line in entries:
            middle = rect.top() + _LINE * row + _LINE / 2
            ends = [QPointF(left, middle), QPointF(left + _SWATCH, middle)]
            self._stroke(ends, _pen(self.theme, place, line))
            self._words(name, left + _SWATCH + 7, middle + 4, "muted", 400)

    def lines(self, lines: Sequence[ShareLine], pointed: int | None) -> None:
        """Every line, its figure at its end, and dots on the week that is pointed at."""
        for place, line in enumerate(lines):
            run: list[QPointF] = []
            for index, value in enumerate((*line.values, None)):
                if value is not None:
                    run.append(self._at(index, value, len(line.values)))
                    continue
                if len(run) == 1:
                    self._dot(run[0], filled=False, role=_colour(self.theme, place).name())
                else:
                    self._stroke(run, _pen(self.theme, place, line))
                run = []
        self._figures(lines)
        for place, line in enumerate(lines):
            here = None if pointed is None else line.values[pointed]
            if here is not None and pointed is not None:
                point = self._at(pointed, here, len(line.values))
                self._dot(point, filled=True, role=_colour(self.theme, place).name())

    def _at(self, index: int, value: Fraction, count: int) -> QPointF:
        plot = self.frame.plot
        x = plot.left() + (index + 0.5) * plot.width() / count
        return QPointF(x, self.scale.position(round(value * _FINE)))

    def _figures(self, lines: Sequence[ShareLine]) -> None:
        """The latest figure of every line that reaches the last week, none over another."""
        ends = sorted(
            (self.scale.position(round(last * _FINE)), share_words(float(last)))
            for line in lines
            if line.values and (last := line.values[-1]) is not None
        )
        base = self.frame.plot.top() - _APART
        room = self.frame.plot.bottom() - _APART * len(ends)
        for left, (height, words) in enumerate(ends):
            base = max(base + _APART, min(height, room + _APART * (left + 1)))
            self._words(words, self.frame.plot.right() + 6, base + 4, "text", 500)


def _colour(theme: Theme, place: int) -> QColor:
    return QColor(theme.series[place % len(theme.series)])


def _pen(theme: Theme, place: int, line: ShareLine) -> QPen:
    style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
    return QPen(_colour(theme, place), 2.0, style)


def _spoken(value: Fraction | None) -> str:
    return tr("No data") if value is None else share_words(float(value))


def _week_labels(weeks: Sequence[date], width: float) -> tuple[Label, ...]:
    """The weeks by their first days where they are few, else the first week of every month, a
    January by its year; as many as have room.
    """
    if len(weeks) <= _DAYS_UP_TO:
        named = [Label(i, short_day(week)) for i, week in enumerate(weeks)]
    else:
        named = [
            Label(i, str(week.year) if week.month == 1 else short_month(week))
            for i, week in enumerate(weeks)
            if i and week.month != weeks[i - 1].month
        ]
    if not named:
        return ()
    apart = (named[-1].index - named[0].index) / max(1, len(named) - 1) * width / len(weeks)
    widest = max(text_width(label.text) for label in named) + 14
    every = max(1, -(-int(widest) // max(1, int(apart)))) if len(named) > 1 else 1
    return tuple(named[::every])
