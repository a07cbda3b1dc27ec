"""Why it changed: from one period's amount through the causes to the other's, a line a cause.

The lines lie one below the other, so that their words have room and never touch. Where the causes
are small beside the amounts, the axis begins later than at zero: then the bars of both periods are
torn, and a line says where they are cut. Otherwise they stand on zero.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from plimsoll.analysis.change import Part
from plimsoll.domain.money import shown
from plimsoll.services.change import Change
from plimsoll.services.change_words import signed, thing_words
from plimsoll.ui import theme as look
from plimsoll.ui.charts.bridge import Bridge, Step, bridge_of
from plimsoll.ui.charts.canvas import Canvas, Frame, draw_nothing
from plimsoll.ui.charts.stacked_bars import DIMMED
from plimsoll.ui.charts.tip import Tip, TipRow
from plimsoll.ui.charts.waterfall_drawing import ESTIMATED, WaterfallDrawing, height_of
from plimsoll.ui.theme import Theme, faded
from plimsoll.ui.words import in_words, tr

_TIP_THINGS = 6
_TURNED = {Qt.Key.Key_Up: Qt.Key.Key_Left, Qt.Key.Key_Down: Qt.Key.Key_Right}


class Waterfall(Canvas):
    """A change in one currency as a bridge; up and down differ by sign, arrow and colour.

    Signals:
        cause_chosen(Part): a cause was clicked, or Enter, Space or I pressed on it.
        period_chosen(Step, QRect): the same of a period's own amount, at a place in the chart.
    """

    cause_chosen = Signal(object)
    period_chosen = Signal(object, QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Why it changed"), parent)
        self.chosen.connect(self._choose_step)
        self._bridge = Bridge()
        self._chosen: Part | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._data_changed()

    def show_change(self, answer: Change | None, currency: str) -> None:
        """Show one currency's change; None, or a currency without one, shows that there is none."""
        changes = answer.changes if answer is not None else ()
        mine = next((c for c in changes if c.currency == currency), None)
        self._bridge = bridge_of(answer, mine) if answer and mine else Bridge(currency)
        self._chosen = None
        self.setFixedHeight(height_of(self._bridge))
        self._data_changed()

    def choose(self, part: Part | None) -> None:
        """Mark the cause whose things are shown beside the chart."""
        self._chosen = part
        self.update()

    @property
    def bridge(self) -> Bridge:
        """What is shown."""
        return self._bridge

    def accessible_text(self) -> str:
        """The bridge in one sentence."""
        bridge = self._bridge
        if not bridge.steps:
            return tr("Nothing to compare.")
        first, *causes, last = bridge.steps
        told = tr(", ").join(f"{step.words} {bridge.figure(step)}" for step in causes)
        return tr(
            "From {before} in {against} to {after} in {period}: {causes}.",
            before=bridge.figure(first),
            against=first.words,
            after=bridge.figure(last),
            period=last.words,
            causes=told or tr("no change"),
        )

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Line by line: the amounts, what they are made of, and the level that they lead to."""
        headers = (tr("Cause"), tr("Of which"), tr("Amount"), tr("So far"))
        rows: list[tuple[str, ...]] = []
        for step in self._bridge.steps:
            level = shown(step.end, self._bridge.currency)
            rows.append((step.words, "", self._bridge.figure(step), level))
            rows += [(step.words, words, figure, "") for words, figure in self._things(step)]
        return headers, tuple(rows)

    def _things(self, step: Step) -> list[tuple[str, str]]:
        part = step.part
        if part is None:
            return []
        return [
            (in_words(thing_words(thing, part)), signed(thing.amount, self._bridge.currency))
            for thing in part.things
        ]

    # --- what a canvas asks ------------------------------------------------------------------

    def _count(self) -> int:
        return len(self._bridge.steps)

    def _tip(self, index: int) -> Tip:
        step, currency = self._bridge.steps[index], self._bridge.currency
        if step.part is None:
            return Tip(step.words, _kinds(step, currency, look.current()))
        things = self._things(step)
        rows = [TipRow(words, figure) for words, figure in things[:_TIP_THINGS]]
        if len(things) > _TIP_THINGS:
            rows.append(TipRow(tr("{count} more", count=len(things) - _TIP_THINGS)))
        rows.append(TipRow(tr("Total"), self._bridge.figure(step), strong=True))
        start, end = shown(step.start, currency), shown(step.end, currency)
        return Tip(step.words, tuple(rows), tr("from {before} to {after}", before=start, after=end))

    def _drawing(self, rect: QRectF | None = None) -> WaterfallDrawing:
        return WaterfallDrawing(self._bridge, QRectF(self.rect()) if rect is None else rect)

    def _plot(self, rect: QRectF) -> QRectF:
        return self._drawing(rect).plot

    def _index_at(self, point: QPointF) -> int | None:
        return self._drawing().index_at(point.y())

    def _anchor(self, index: int) -> QPointF:
        drawing = self._drawing()
        return QPointF(drawing.end_of(index), drawing.box(index).top())

    def _draw(
        self, painter: QPainter, rect: QRectF, theme: Theme, ratio: float, pointed: int | None
    ) -> None:
        if not self._bridge.steps:
            draw_nothing(painter, rect, theme, tr("Nothing to compare."))
            return
        drawing = self._drawing(rect)
        frame = Frame(drawing.plot, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        drawing.draw_chosen(painter, theme, self._chosen)
        drawing.draw_axis(painter, theme, frame)
        for index in range(len(self._bridge.steps)):
            painter.setOpacity(1.0 if pointed in {None, index} else DIMMED)
            drawing.draw_words(painter, theme, index)
            drawing.draw_link(painter, theme, frame, index)
            drawing.draw_bar(painter, theme, frame, index)
        painter.setOpacity(1.0)

    # --- Qt ----------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(560, height_of(self._bridge))

    def minimumSizeHint(self) -> QSize:
        """All lines, however narrow."""
        return QSize(320, height_of(self._bridge))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk along the lines, as Left and Right do; Enter, Space and I choose one."""
        key = Qt.Key(event.key())
        if key in _TURNED:
            super().keyPressEvent(QKeyEvent(event.type(), _TURNED[key], event.modifiers()))
        else:
            super().keyPressEvent(event)

    def _choose_step(self, index: int) -> None:
        step = self._bridge.steps[index]
        if step.part is not None:
            self.choose(step.part)
            self.cause_chosen.emit(step.part)
        else:
            self.period_chosen.emit(step, self._drawing().box(index).toRect())


def _kinds(step: Step, currency: str, theme: Theme) -> tuple[TipRow, ...]:
    """What an amount is made of by kind, and the whole."""
    amounts, colour = step.amounts, theme.colour("unnamed")
    rows = []
    if amounts is not None and amounts.billed:
        rows.append(TipRow(tr("Billed"), shown(amounts.billed, currency), colour))
    if amounts is not None and amounts.estimated:
        words = shown(amounts.estimated, currency)
        rows.append(TipRow(tr("Estimated"), words, faded(colour, ESTIMATED)))
    return (*rows, TipRow(tr("Spent"), shown(step.end, currency), strong=True))
