"""The index of the basket: what the market did and what was paid, from 100 on, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.services.market_answers import IndexPoint
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
from plimsoll.ui.charts.line_drawing import LineDrawing
from plimsoll.ui.charts.scale import Label, Scale, Tick
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.market_words import index_sentence
from plimsoll.ui.market_words import points as spoken
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import month_and_year, short_month, tr

_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_FINE = 1000
"""Parts of an index point in which heights are whole numbers."""

_START = 100
_NAMES_ROOM = 74
_APART = 17.0
"""Pixels between the names of two lines that end close together."""


class IndexChart(Canvas):
    """Two lines: the Fisher index of list prices, and what was paid for a token. Laspeyres and
    Paasche stand in the card of a month and in the table.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Price index of your basket"), parent)
        self._points: tuple[IndexPoint, ...] = ()
        self._data_changed()

    def show_points(self, found: Sequence[IndexPoint]) -> None:
        """Show other months, oldest first."""
        self._points = tuple(found)
        self._data_changed()

    def accessible_text(self) -> str:
        """What the page says above it."""
        return index_sentence(self._points)

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Month by month, all four figures."""
        headers = (tr("Month"), tr("Fisher"), tr("Laspeyres"), tr("Paasche"), tr("What you paid"))
        return headers, tuple(
            (
                f"{point.month:%Y-%m}",
                spoken(point.index.fisher),
                spoken(point.index.laspeyres),
                spoken(point.index.paasche),
                spoken(point.paid),
            )
            for point in self._points
        )

    def _count(self) -> int:
        return len(self._points)

    def _tip(self, index: int) -> Tip:
        point, theme = self._points[index], look.current()
        rows = (
            TipRow(tr("Market (Fisher)"), spoken(point.index.fisher), theme.colour("accent")),
            TipRow(tr("What you paid"), spoken(point.paid), theme.colour("text")),
            TipRow(tr("Fixed basket (Laspeyres)"), spoken(point.index.laspeyres)),
            TipRow(tr("Current mix (Paasche)"), spoken(point.index.paasche)),
        )
        return Tip(month_and_year(point.month), rows)

    def _plot(self, rect: QRectF) -> QRectF:
        inner = plot_inside(rect, self._ticks(rect), top=14)
        return inner.adjusted(0, 0, -_NAMES_ROOM, 0)

    def _ticks(self, rect: QRectF) -> tuple[Tick, ...]:
        """Round numbers around all that is drawn; 100 is always among them."""
        values = [value for line in self._lines() for value in line if value is not None]
        if not values:
            return ()
        low = min(_START, *(value // _FINE for value in values))
        high = max(_START, *(-(-value // _FINE) for value in values))
        most = min(5, steps_for(rect.height() - 42))
        step = next((s for s in _STEPS if (high - low) <= s * most), _STEPS[-1])
        first, last = low // step * step, max(-(-high // step), low // step + 1) * step
        return tuple(Tick(v * _FINE, str(v)) for v in range(first, last + step, step))

    def _lines(self) -> tuple[list[int | None], list[int | None]]:
        return (
            [_fine(point.index.fisher) for point in self._points],
            [_fine(point.paid) for point in self._points],
        )

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
        start = frame.crisp(scale.position(_START * _FINE))
        painter.fillRect(
            QRectF(plot.left(), start, plot.width(), frame.hairline), theme.colour("border")
        )
        labels = _month_labels(self._points, plot.width())
        draw_days(painter, frame, theme, labels, self._count(), right=plot.right() + 20)
        _Lines(painter, frame, theme, scale).draw(self._lines(), pointed)


class _Lines(LineDrawing):
    """One pass of painting the two lines, named at their ends."""

    def draw(self, lines: tuple[list[int | None], list[int | None]], pointed: int | None) -> None:
        market, paid = lines
        text = self.theme.colour("text")
        self._line(paid, QPen(faded(text, 0.75), 1.8, Qt.PenStyle.DashLine))
        self._line(market, QPen(self.theme.colour("accent"), 2.2))
        self._names(market, paid)
        for values, role in ((paid, "text"), (market, "accent")):
            here = None if pointed is None else values[pointed]
            if here is not None and pointed is not None:
                self._dot(self._at(pointed, here, len(values)), filled=True, role=role)

    def _at(self, index: int, value: int, count: int) -> QPointF:
        plot = self.frame.plot
        x = plot.left() + (index + 0.5) * plot.width() / count
        return QPointF(x, self.scale.position(value))

    def _line(self, values: list[int | None], pen: QPen) -> None:
        run: list[QPointF] = []
        for index, value in enumerate(values):
            if value is None:
                self._run(run, pen)
                run = []
            else:
                run.append(self._at(index, value, len(values)))
        self._run(run, pen)

    def _run(self, run: list[QPointF], pen: QPen) -> None:
        if len(run) == 1:
            self._dot(run[0], filled=False)
        elif run:
            self._stroke(run, pen)

    def _names(self, market: list[int | None], paid: list[int | None]) -> None:
        """At the right of each line's end, apart from each other."""
        named = ((market, tr("Market"), "accent"), (paid, tr("Paid"), "text"))
        ends = [
            (self.scale.position(last) + 4, f"{words} {last / _FINE:.1f}", role)
            for values, words, role in named
            if (last := values[-1]) is not None
        ]
        ends.sort()
        bases = [base for base, _, _ in ends]
        if len(ends) == 2 and bases[1] - bases[0] < _APART:
            middle = sum(bases) / 2
            bases = [middle - _APART / 2, middle + _APART / 2]
        plot = self.frame.plot
        left = plot.right() - plot.width() / len(market) / 2 + 9
        for base, (_, words, role) in zip(bases, ends, strict=True):
            width = QFontMetricsF(look.font(LABEL_SIZE, 500)).horizontalAdvance(words)
            self._words(words, min(left, plot.right() + _NAMES_ROOM + 4 - width), base, role, 500)


def _fine(value: Fraction | None) -> int | None:
    return None if value is None else round(value * _FINE)


def _month_labels(found: Sequence[IndexPoint], width: float) -> tuple[Label, ...]:
    """Every month, or as many of them as have room; a January by its year."""
    named = [
        Label(i, str(p.month.year) if p.month.month == 1 else short_month(p.month))
        for i, p in enumerate(found)
    ]
    widest = max(text_width(label.text) for label in named) + 12
    every = max(1, -(-int(widest * len(named)) // max(1, int(width))))
    return tuple(named[::every])
