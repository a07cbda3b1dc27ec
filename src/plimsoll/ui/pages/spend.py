"""Spend: what was spent of a period by any dimension, narrower click by click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.calendar import Period, month_of, utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.services.breakdown import ALWAYS, Breakdown, SpendLine, period_of_span
from plimsoll.services.change import Change, complete_days
from plimsoll.ui import asked, evidence
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.charts.stacked_bars import StackedBars
from plimsoll.ui.dimensions import scope_words, title_of, word_of
from plimsoll.ui.jobs import Job
from plimsoll.ui.moments import at, period_words
from plimsoll.ui.page import Page
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.days import DayRange
from plimsoll.ui.widgets.filters import Filters
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.legend import Legend
from plimsoll.ui.widgets.notices import EmptyState
from plimsoll.ui.widgets.spend_table import SpendRow, SpendTable
from plimsoll.ui.widgets.why import Why
from plimsoll.ui.words import short_day, tr

CUSTOM = "custom"
WIDE = 1000

NEXT = (Dimension.MODEL, Dimension.PROJECT, Dimension.KEY, Dimension.TIER, Dimension.DAY)
"""By what the page is cut after a click on a value: the first that is not chosen yet."""


class SpendPage(Page[Breakdown]):
    """A period, a dimension and filters make one question; chart and table show its answer."""

    name: ClassVar[str] = "spend"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Spend")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "Choose a period, and what to cut it by. A click on a name shows only that, cut"
                " further; a chip above the chart takes it back. A click on a figure says where it"
                " comes from."
            ),
            tr(
                "Spent is billed and estimated together; each stands in its own column, and a plan"
                " is never part of it. Worth is the list price of the tokens: it shows who used"
                " what where a provider bills the account as a whole, and is never added."
            ),
            tr(
                "What a provider does not attribute stays as its own row, so that the rows sum to"
                " the total. Amounts of two currencies are never added."
            ),
        )

    def question(self) -> Callable[[], Breakdown]:
        """The page's question, as its controls stand."""
        question = Question(self.period, (self._by,), self._scope)
        currency = self.currency.value or None
        return lambda: self.program.breakdown(question, currency=currency)

    @property
    def period(self) -> Period:
        """The chosen days."""
        if self.span.value == CUSTOM:
            return self.days.period
        return period_of_span(self.span.value, self._today())

    def build(self) -> None:
        """The controls, the chart and the table; `show_answer` fills them."""
        self._answer: Breakdown | None = None
        self._asking_why: Job | None = None
        self._wants_why = False
        self._by = Dimension.MODEL
        self._scope = Scope()
        self.currency = SegmentedControl((), name=tr("Currency"))
        self._choices: tuple[str, ...] = ()
        self.controls.addWidget(self.currency)
        self.currency.hide()
        self.body.addWidget(self._build_bar())
        self.body.addWidget(self._build_choices())
        self.full = QWidget()
        column = QVBoxLayout(self.full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.body.spacing())
        column.addWidget(self._build_chart())
        column.addWidget(self._build_table())
        column.addWidget(self._build_why())
        column.addStretch(1)
        self.empty = EmptyState()
        self.empty.acted.connect(self._empty_acted)
        self.body.addWidget(self.full, 1)
        self.body.addWidget(self.empty, 1)

    def intend(self, intention: str) -> None:
        """`why` brings the explanation into sight, as soon as it is there."""
        self._wants_why = intention == "why"
        if self.is_settled:
            self._bring_why()

    def take_focus(self) -> None:
        """The keyboard begins at the period."""
        self.span.button(self.span.value).setFocus()

    # --- building ----------------------------------------------------------------------------

    def _build_bar(self) -> QWidget:
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
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.span)
        row.addSpacing(6)
        row.addWidget(Words(tr("Cut by"), tone="muted"))
        row.addWidget(self.by)
        row.addStretch(1)
        return bar

    def _build_choices(self) -> QWidget:
        """What is there only where it was asked for: other days, and filters."""
        self.days = DayRange()
        self.days.chosen.connect(lambda _period: self.refresh())
        self.days.hide()
        self.filters = Filters()
        self.filters.removed.connect(self._remove_filter)
        self.filters.cleared.connect(self._clear_filters)
        self.choices = QWidget()
        row = QHBoxLayout(self.choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        row.addWidget(self.days)
        row.addWidget(self.filters)
        row.addStretch(1)
        self.choices.hide()
        return self.choices

    def _build_chart(self) -> QWidget:
        self.bars = StackedBars()
        self.bars.day_chosen.connect(self._explain_day)
        self.bars.setMinimumHeight(220)
        self.legend = Legend()
        self.legend.follow(self.bars)
        self.bars_card = Card(tr("Spend per day"))
        self.bars_card.add(self.legend)
        self.bars_card.add(Elastic(self.bars), 1)
        self.give_twin(self.bars_card, self.bars)
        return self.bars_card

    def _build_table(self) -> QWidget:
        self.table = SpendTable()
        self.table.narrowed.connect(self.narrow)
        self.table.explain_asked.connect(self._explain_row)
        self.open_ends = Words(tone="faint", size=12, wrap=True)
        self.table_card = Card()
        self.table_card.add(self.table)
        self.table_card.add(self.open_ends)
        return self.table_card

    def _build_why(self) -> QWidget:
        self.why = Why()
        self.why.asked.connect(self._ask_why)
        self.why.thing_chosen.connect(self._narrow_to)
        self.give_twin(self.why, self.why.chart)
        return self.why

    # --- showing -----------------------------------------------------------------------------

    def show_answer(self, answer: Breakdown) -> None:
        """Fill the page, and ask why it changed."""
        self._answer = answer
        self._offer(answer.dimensions)
        self._show_currencies(answer)
        self.filters.show_scope(answer.question.scope)
        self.choices.setVisible(bool(answer.question.scope) or self.span.value == CUSTOM)
        when = answer.as_of
        self.subtitle.setText(
            tr("as of {when} · provider days (UTC)", when=at(when, answer.now))
            if when is not None
            else tr("never synced")
        )
        has_lines = bool(answer.lines)
        self.full.setVisible(has_lines)
        self.empty.setVisible(not has_lines)
        if not has_lines:
            self._show_empty(answer)
            return
        self._show_chart(answer)
        self._show_table(answer)
        self._ask_why()

    def settle(self) -> None:
        """The page is whole when it says why it changed, too."""
        if self._asking_why is None:
            super().settle()
            self._bring_why()

    def _bring_why(self) -> None:
        if self._wants_why:
            self._wants_why = False
            # Its place is known when the page has been laid out.
            QTimer.singleShot(0, self, self._scroll_to_why)

    def _scroll_to_why(self) -> None:
        top = self.why.mapTo(self.content, QPoint(0, 0)).y()
        self.scroller.verticalScrollBar().setValue(top)
        self.why.chart.setFocus()

    def rest(self) -> None:
        """Want no answer any more."""
        super().rest()
        if self._asking_why is not None:
            self._asking_why.forget()
            self._asking_why = None

    def _ask_why(self) -> None:
        if self._answer is None:
            return
        if self._asking_why is not None:
            self._asking_why.forget()
        period, scope = _apart_from_time(self._answer.question)
        period = complete_days(period, self._today())
        against = self.why.against(period)
        self.is_settled = False
        self._asking_why = self.jobs.ask(
            lambda _job: self.program.change(period, against, scope),
            then=self._why_answered,
            failed=self._why_refused,
            receiver=self,
        )

    def _why_answered(self, change: Change) -> None:
        self._asking_why = None
        answer = self._answer
        if answer is not None:
            note = scope_words(change.scope) if change.scope else ""
            self.why.show_change(change, answer.currency, note=note)
        self.settle()

    def _why_refused(self, error: PlimsollError) -> None:
        self._asking_why = None
        self.why.show_trouble(str(error))
        self.settle()

    def _offer(self, dimensions: tuple[Dimension, ...]) -> None:
        if [self.by.itemData(i) for i in range(self.by.count())] != [d.value for d in dimensions]:
            self.by.clear()
            for dimension in dimensions:
                self.by.addItem(title_of(dimension), dimension.value)
        self.by.setCurrentIndex(self.by.findData(self._by.value))

    def _show_currencies(self, answer: Breakdown) -> None:
        choices = answer.currencies if len(answer.currencies) > 1 else ()
        if choices != self._choices:
            self._choices = choices
            self.controls.removeWidget(self.currency)
            self.currency.hide()
            self.currency.deleteLater()
            self.currency = SegmentedControl([(c, c) for c in choices], name=tr("Currency"))
            self.currency.chosen.connect(lambda _: self.refresh())
            self.controls.insertWidget(0, self.currency)
            self.currency.setVisible(bool(choices))
        self.currency.choose(answer.currency)

    def _show_empty(self, answer: Breakdown) -> None:
        if not answer.has_sources:
            words, action = tr("No source is set up yet, so nothing is known."), tr("Add a source")
        elif answer.question.scope:
            words = tr("Nothing in this period fits these filters.")
            action = tr("Show everything")
        else:
            words, action = tr("No data in this period."), tr("Sync now")
        self.empty.show_words(words, action=action)

    def _empty_acted(self) -> None:
        answer = self._answer
        if answer is None or not answer.has_sources:
            self.page_asked.emit("sources", "add")
        elif answer.question.scope:
            self._clear_filters()
        else:
            self.sync_asked.emit(())

    def _show_chart(self, answer: Breakdown) -> None:
        stack = evidence.with_words(answer.stack) if _is_time(answer.by) else answer.stack
        self.bars.show_stack(stack)
        self.legend.show_entries(self.bars.legend_entries(), baseline=self.bars.baseline)
        self.bars_card.set_title(
            tr("Spend per day, billed and estimated")
            if _is_time(answer.by)
            else tr("Spend per day by {dimension}", dimension=word_of(answer.by))
        )
        days = period_words(answer.question.period)
        self.bars_card.set_note(tr("{currency}, {days}", currency=answer.currency, days=days))

    def _show_table(self, answer: Breakdown) -> None:
        named = {s.name for s in answer.stack.series if s.name is not None and not s.other}
        self.table_card.set_title(tr("By {dimension}", dimension=word_of(answer.by)))
        self.table_card.set_note(tr("Worth: the tokens at list price, beside the money, not added"))
        self.table.show_spending(answer, coloured=named)
        lines = []
        if answer.not_final_from is not None:
            lines.append(
                tr("Days from {day} can still change.", day=short_day(answer.not_final_from))
            )
        if answer.gaps:
            lines.append(tr("No data: {gaps}.", gaps=evidence.gap_words(answer.gaps[:2])))
        self.open_ends.setText(" ".join(lines))
        self.open_ends.setVisible(bool(lines))

    # --- doing -------------------------------------------------------------------------------

    def narrow(self, line: SpendLine) -> None:
        """Show only one value, cut by what comes next."""
        self._narrow_to(self._by, line.value)

    def _narrow_to(self, dimension: Dimension, value: str | None) -> None:
        self._scope = asked.narrowed(self._scope, dimension, value)
        fixed = {dimension for dimension, _ in self._scope.conditions}
        if Dimension.MONTH in fixed:
            self._by = Dimension.DAY
        if self._by in fixed:
            self._by = next((d for d in NEXT if d not in fixed), self._by)
        self.refresh()

    def _span_chosen(self, span: str) -> None:
        if span == CUSTOM and self._answer is not None:
            self.days.show_period(self._answer.question.period)
        self.days.setVisible(span == CUSTOM)
        self.choices.setVisible(span == CUSTOM or bool(self._scope))
        self.refresh()

    def _by_chosen(self, _index: int) -> None:
        self._by = Dimension(self.by.currentData())
        self.refresh()

    def _remove_filter(self, dimension: Dimension) -> None:
        self._scope = Scope(tuple(c for c in self._scope.conditions if c[0] is not dimension))
        self._by = dimension
        self.refresh()

    def _clear_filters(self) -> None:
        self._scope = Scope()
        self.refresh()

    def _today(self) -> date:
        return utc_day(self.program.clock.now())

    def _explain_row(self, row: SpendRow, cell: QRect) -> None:
        if self._answer is not None:
            self.explain(
                self.table.viewport(),
                evidence.of_line(row.line, self._answer),
                asked=asked.of_line(row.line, self._answer, is_total=row.is_total),
                place=cell,
                title=tr("How do we know? {name}", name=row.name),
            )

    def _explain_day(self, day: date) -> None:
        answer = self._answer
        if answer is not None:
            question = asked.of_day(
                answer.stack, day, scope=answer.question.scope, currencies=(answer.currency,)
            )
            lines = evidence.of_day(answer.stack, day, answer)
            self.explain(self.bars, lines, asked=question, place=self.bars.place_of(day))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is behind a cause stands beside it where there is room."""
        super().resizeEvent(event)
        self.why.arrange(wide=self.width() >= WIDE)


def _apart_from_time(question: Question) -> tuple[Period, Scope]:
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


def _is_time(dimension: Dimension) -> bool:
    return dimension in {Dimension.DAY, Dimension.MONTH}
