"""What is asked on the Spend page: a period, what to cut it by, and what it is narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.calendar import Period, month_of
from plimsoll.domain.question import Dimension, Question, Scope, narrowed
from plimsoll.services.agent_work import AgentWork
from plimsoll.services.breakdown import ALWAYS, period_of_span
from plimsoll.ui.dimensions import title_of
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.days import DayRange
from plimsoll.ui.widgets.filters import Filters
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

CUSTOM = "custom"

NEXT = (Dimension.MODEL, Dimension.PROJECT, Dimension.KEY, Dimension.TIER, Dimension.DAY)
"""By what is cut after a click on a value: the first that is not chosen yet."""


class SpendQuestion(QWidget):
    """The controls that make one question; days of one's own and filters only where asked for.

    Signals:
        changed(): the question is another one.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by = Dimension.MODEL
        self._scope = Scope()
        self._shown: Period | None = None
        self.span = SegmentedControl(
            (
                ("month", tr("This month")),
                ("last_month", tr("Last month")),
                ("30d", tr("30 d")),
                ("90d", tr("90 d")),
                ("year", tr("Year")),
                (CUSTOM, tr("Custom")),
            ),
            name=tr("Period"),
        )
        self.span.chosen.connect(self._span_chosen)
        self.by = QComboBox()
        self.by.setAccessibleName(tr("Cut by"))
        self._offer(ALWAYS)
        self.by.activated.connect(self._by_chosen)
        self.days = DayRange()
        self.days.chosen.connect(lambda _period: self.changed.emit())
        self.days.hide()
        self.filters = Filters()
        self.filters.removed.connect(self._remove)
        self.filters.cleared.connect(self.clear)
        self._build()

    def question(self, today: date) -> Question:
        """The question as the controls stand."""
        custom = self.span.value == CUSTOM
        period = self.days.period if custom else period_of_span(self.span.value, today)
        return Question(period, (self._by,), self._scope)

    def show_question(
        self,
        question: Question,
        dimensions: Sequence[Dimension],
        work: AgentWork | None = None,
    ) -> None:
        """Show the question that was answered, and by what else can be cut; `work` knows what
        agents' values are called.
        """
        self._shown = question.period
        self._offer(dimensions)
        self.filters.show_scope(question.scope, work)
        self._below.setVisible(bool(question.scope) or self.span.value == CUSTOM)

    def narrow(self, dimension: Dimension, value: str | None) -> None:
        """Ask only for one value, cut by what comes next."""
        self._scope = narrowed(self._scope, dimension, value)
        fixed = {condition for condition, _ in self._scope.conditions}
        if Dimension.MONTH in fixed:
            self._by = Dimension.DAY
        if self._by in fixed:
            self._by = next((d for d in NEXT if d not in fixed), self._by)
        self.changed.emit()

    def cut_by(self, dimension: Dimension) -> None:
        """Ask the same cut by something else."""
        self._by = dimension
        self.changed.emit()

    def show_rows(self, question: Question) -> None:
        """Ask for these days and this scope, day by day."""
        self.span.choose(CUSTOM)
        self.days.show_period(question.period)
        self.days.show()
        self._scope = question.scope
        self._by = Dimension.DAY
        self._below.show()
        self.changed.emit()

    def clear(self) -> None:
        """Ask for everything again."""
        self._scope = Scope()
        self.changed.emit()

    def take_focus(self) -> None:
        """The keyboard begins at the period."""
        self.span.button(self.span.value).setFocus()

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(10)
        bar.addWidget(self.span)
        bar.addSpacing(6)
        bar.addWidget(Words(tr("Cut by"), tone="muted"))
        bar.addWidget(self.by)
        bar.addStretch(1)
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(18)
        below.addWidget(self.days)
        below.addWidget(self.filters)
        below.addStretch(1)
        self._below.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(bar)
        column.addWidget(self._below)

    def _offer(self, dimensions: Sequence[Dimension]) -> None:
        if [self.by.itemData(i) for i in range(self.by.count())] != [d.value for d in dimensions]:
            self.by.clear()
            for dimension in dimensions:
                self.by.addItem(title_of(dimension), dimension.value)
        self.by.setCurrentIndex(self.by.findData(self._by.value))

    def _span_chosen(self, span: str) -> None:
        if span == CUSTOM and self._shown is not None:
            self.days.show_period(self._shown)
        self.days.setVisible(span == CUSTOM)
        self._below.setVisible(span == CUSTOM or bool(self._scope))
        self.changed.emit()

    def _by_chosen(self, _index: int) -> None:
        self.cut_by(Dimension(self.by.currentData()))

    def _remove(self, dimension: Dimension) -> None:
        self._scope = Scope(tuple(c for c in self._scope.conditions if c[0] is not dimension))
        self._by = dimension
        self.changed.emit()


def apart_from_time(question: Question) -> tuple[Period, Scope]:
    """A question's days, narrowed by its day or month, and what else it is narrowed to."""
    period, kept = question.period, []
    for dimension, values in question.scope.conditions:
        value = values[0]
        if dimension is Dimension.DAY and value is not None:
            period = Period(date.fromisoformat(value), date.fromisoformat(value))
        elif dimension is Dimension.MONTH and value is not None:
            month = month_of(date.fromisoformat(f"{value}-01"))
            period = month.overlap(period) or month
        else:
            kept.append((dimension, values))
    return period, Scope(tuple(kept))
