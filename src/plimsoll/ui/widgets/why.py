"""Why did it change?: a sentence, the bridge between two periods, and what is behind a cause."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.analysis.change import Part, Thing
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension
from plimsoll.domain.said import together
from plimsoll.services.change import Change, Comparison, compared_with, usual_way
from plimsoll.services.change_words import (
    cause_words,
    cautions_of,
    signed,
    thing_words,
    told_of,
)
from plimsoll.ui.charts.waterfall import Waterfall
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.days import DayRange
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import in_words, tr

CUSTOM = "custom"

_ROW = 30
_MOST_THINGS = 8
_ABLE = {d.value: d for d in (Dimension.MODEL, Dimension.PROJECT, Dimension.SOURCE)} | {
    d.value: d for d in (Dimension.LINE_ITEM, Dimension.TIER)
}
"""What a thing can be that a page can be narrowed to; token classes cannot."""


class Why(Card):
    """One period against another, which the user chooses.

    Signals:
        asked(): another comparison was chosen; `against` says which.
        thing_chosen(Dimension, object): the user wants to see only this thing.
    """

    asked = Signal()
    thing_chosen = Signal(Dimension, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Why did it change?"), parent=parent)
        self._answer: Change | None = None
        self._part: Part | None = None
        self._chosen = ""
        self.way = SegmentedControl(
            (
                (Comparison.MONTH, tr("Month before")),
                (Comparison.DAYS, tr("Days before")),
                (Comparison.YEAR, tr("Year before")),
                (CUSTOM, tr("Custom")),
            ),
            name=tr("Compared with"),
        )
        self.way.chosen.connect(self._way_chosen)
        self.days = DayRange()
        self.days.chosen.connect(lambda _period: self.asked.emit())
        self.days.hide()
        self.sentence = Words(wrap=True, size=14)
        self.cautions = Words(wrap=True, size=12, tone="faint")
        self.chart = Waterfall()
        self.chart.cause_chosen.connect(self._show_things)
        self.things_title = Words(weight=600, wrap=True)
        self.things: Table = Table(_columns(""))
        self.things.setAccessibleName(tr("What is behind a cause"))
        self.things.opened.connect(self._thing_opened)
        self._build()

    def against(self, period: Period) -> Period:
        """What a period is to be compared with, as the controls stand; the usual until chosen."""
        if not self._chosen:
            self.way.choose(usual_way(period))
        if self._chosen == CUSTOM:
            return self.days.period
        return compared_with(period, Comparison(self.way.value))

    def show_change(self, answer: Change, currency: str, *, note: str = "") -> None:
        """Show an answer in one currency, the largest cause open."""
        self._answer = answer
        self.set_note(note)
        self.sentence.setText(in_words(told_of(answer)))
        cautions = in_words(together(cautions_of(answer)))
        self.cautions.setText(cautions)
        self.cautions.setVisible(bool(cautions))
        self.chart.show_change(answer, currency)
        parts = [step.part for step in self.chart.bridge.steps if step.part is not None]
        self._bridge.setVisible(bool(self.chart.bridge.steps))
        largest = max(parts, key=lambda part: abs(part.amount), default=None)
        self._beside.setVisible(largest is not None)
        if largest is not None:
            self.chart.choose(largest)
            self._show_things(largest)

    def show_trouble(self, words: str) -> None:
        """Say why there is no answer."""
        self.sentence.setText(words)
        self.cautions.hide()
        self._bridge.hide()

    def arrange(self, *, wide: bool) -> None:
        """The things beside the bridge, or below it where the window is narrow."""
        directions = QBoxLayout.Direction
        self._sides.setDirection(directions.LeftToRight if wide else directions.TopToBottom)

    def _build(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(10)
        controls.addWidget(Words(tr("Compared with"), tone="muted"))
        controls.addWidget(self.way)
        controls.addWidget(self.days)
        controls.addStretch(1)
        self.body.addLayout(controls)
        self.add(self.sentence)
        self.add(self.cautions)
        self._beside = QWidget()
        column = QVBoxLayout(self._beside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.things_title)
        column.addWidget(self.things)
        column.addStretch(1)
        self._bridge = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._bridge)
        self._sides.setContentsMargins(0, 6, 0, 0)
        self._sides.setSpacing(28)
        self._sides.addWidget(self.chart, 5)
        self._sides.addWidget(self._beside, 3)
        self.add(self._bridge)

    def _way_chosen(self, way: str) -> None:
        if way == CUSTOM and self._answer is not None:
            self.days.show_period(self._answer.against)
        self._chosen = way
        self.days.setVisible(way == CUSTOM)
        self.asked.emit()

    def _show_things(self, part: Part) -> None:
        """What a cause is made of, the largest first."""
        self._part = part
        words = in_words(cause_words(part))
        self.things_title.setText(words[:1].upper() + words[1:])
        currency = self.chart.bridge.currency
        self.things.rows_model.set_columns(_columns(currency))
        self.things.show_rows([(thing, part) for thing in part.things])
        rows = min(max(len(part.things), 1), _MOST_THINGS)
        self.things.setFixedHeight(
            rows * _ROW + self.things.horizontalHeader().sizeHint().height() + 4
        )

    def _thing_opened(self, row: tuple[Thing, Part]) -> None:
        thing, _ = row
        if thing.dimension in _ABLE:
            self.thing_chosen.emit(_ABLE[thing.dimension], thing.name)


def _columns(currency: str) -> tuple[Column[tuple[Thing, Part]], ...]:
    return (
        Column(tr("Of which"), lambda row: in_words(thing_words(row[0], row[1]))),
        Column(
            tr("Amount"),
            lambda row: signed(row[0].amount, currency),
            lambda row: row[0].amount,
            numeric=True,
        ),
    )
