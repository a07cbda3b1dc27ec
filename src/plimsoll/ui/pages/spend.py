"""Spend: what was spent of a period by any dimension, narrower click by click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.question import Dimension, Question
from plimsoll.services.breakdown import Breakdown, SpendLine
from plimsoll.services.change import Change, complete_days
from plimsoll.ui import asked, evidence
from plimsoll.ui.charts.bridge import Step
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.charts.stacked_bars import StackedBars
from plimsoll.ui.dimensions import scope_words, word_of
from plimsoll.ui.jobs import Job
from plimsoll.ui.moments import at, period_words
from plimsoll.ui.page import Page
from plimsoll.ui.widgets.buttons import LinkButton, QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.currency_choice import CurrencyChoice
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.legend import Legend
from plimsoll.ui.widgets.notices import EmptyState
from plimsoll.ui.widgets.own_loop import OwnLoopCard
from plimsoll.ui.widgets.spend_columns import SpendRow
from plimsoll.ui.widgets.spend_question import SpendQuestion, apart_from_time
from plimsoll.ui.widgets.spend_table import SpendTable
from plimsoll.ui.widgets.why import Why
from plimsoll.ui.words import in_words, short_day, tr

WIDE = 1000


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
            tr(
                "Own loop is the share of a coding agent's tokens that answered no person: its tool"
                " calls, its sub-agents, programs that started it, and its own upkeep."
            ),
        )

    def question(self) -> Callable[[], Breakdown]:
        """The page's question, as its controls stand."""
        question = self.asking.question(self._today())
        currency = self.currency.value or None
        return lambda: self.program.breakdown(question, currency=currency)

    def build(self) -> None:
        """The controls, the chart and the table; `show_answer` fills them."""
        self._answer: Breakdown | None = None
        self._asking_why: Job | None = None
        self._wants_why = False
        self.currency = CurrencyChoice()
        self.currency.chosen.connect(lambda _: self.refresh())
        self.controls.addWidget(self.currency)
        self.estimate = QuietButton(tr("Estimate …"))
        self.estimate.setToolTip(tr("What a text would cost, by model, before it is sent"))
        self.estimate.clicked.connect(self.estimate_asked)
        self.controls.addWidget(self.estimate)
        self.asking = SpendQuestion()
        self.asking.changed.connect(self.refresh)
        self.body.addWidget(self.asking)
        self.full = QWidget()
        column = QVBoxLayout(self.full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.body.spacing())
        column.addWidget(self._build_chart())
        self.own_loop = OwnLoopCard()
        column.addWidget(self.own_loop)
        column.addWidget(self._build_table())
        column.addWidget(self._build_why())
        column.addStretch(1)
        self.empty = EmptyState()
        self.empty.acted.connect(self._empty_acted)
        self.body.addWidget(self.full, 1)
        self.body.addWidget(self.empty, 1)

    def intend(self, intention: str) -> None:
        """`why` brings the explanation into sight, as soon as it is there; `sessions` cuts by
        agents' sessions; a question's own words show its rows.
        """
        question = asked.question_of(intention)
        if question is not None:
            self.asking.show_rows(question)
            self.scroller.verticalScrollBar().setValue(0)
        self._wants_why = intention == "why"
        if intention == "sessions":
            self.asking.cut_by(Dimension.SESSION)
        if self.is_settled:
            self._bring_why()

    def take_focus(self) -> None:
        """The keyboard begins at the period."""
        self.asking.take_focus()

    # --- building ----------------------------------------------------------------------------

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
        self.what_if = LinkButton(tr("What if …"))
        self.what_if.setToolTip(tr("What the same tokens would have cost elsewhere"))
        self.what_if.clicked.connect(self._ask_what_if)
        self.why.header.addWidget(self.what_if)
        self.why.asked.connect(self._ask_why)
        self.why.thing_chosen.connect(self.asking.narrow)
        self.why.chart.period_chosen.connect(self._explain_period)
        self.give_twin(self.why, self.why.chart)
        return self.why

    # --- showing -----------------------------------------------------------------------------

    def show_answer(self, answer: Breakdown) -> None:
        """Fill the page, and ask why it changed."""
        self._answer = answer
        self._forget_why()
        self.asking.show_question(answer.question, answer.dimensions, answer.agents)
        self.currency.show_currencies(answer.currencies, answer.currency)
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
        self.own_loop.setVisible(answer.agents is not None)
        if answer.agents is not None:
            self.own_loop.show_loop(answer.agents.loop)
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
        self._forget_why()

    def _forget_why(self) -> None:
        if self._asking_why is not None:
            self._asking_why.forget()
            self._asking_why = None

    def _ask_why(self) -> None:
        if self._answer is None:
            return
        self._forget_why()
        period, scope = apart_from_time(self._answer.question)
        period = complete_days(period, self._today())
        against = self.why.against(period)
        self.is_settled = False
        self._asking_why = self.jobs.ask(
            lambda _job: self.program.change(period, against, scope),
            then=self._why_answered,
            failed=self._why_refused,
            receiver=self,
        )

    def _ask_what_if(self) -> None:
        if self._answer is not None:
            self.what_if_asked.emit(*apart_from_time(self._answer.question))

    def _why_answered(self, change: Change) -> None:
        self._asking_why = None
        answer = self._answer
        if answer is not None:
            note = scope_words(change.scope, answer.agents) if change.scope else ""
            self.why.show_change(change, answer.currency, note=note)
        self.settle()

    def _why_refused(self, error: PlimsollError) -> None:
        self._asking_why = None
        self.why.show_trouble(in_words(error.words))
        self.settle()

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
            self.asking.clear()
        else:
            self.sync_asked.emit(())

    def _show_chart(self, answer: Breakdown) -> None:
        stack = evidence.with_words(answer)
        self.bars_card.setVisible(bool(stack.series))
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
        bands = evidence.with_words(answer).series
        named = {band.name for band in bands if band.name is not None and not band.other}
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
        self.open_ends.setText(tr(" ").join(lines))
        self.open_ends.setVisible(bool(lines))

    # --- doing -------------------------------------------------------------------------------

    def narrow(self, line: SpendLine) -> None:
        """Show only one value, cut by what comes next."""
        if self._answer is not None:
            self.asking.narrow(self._answer.by, line.value)

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

    def _explain_period(self, step: Step, place: QRect) -> None:
        if self._answer is not None and step.period is not None and step.amounts is not None:
            _, scope = apart_from_time(self._answer.question)
            question = Question(step.period, scope=scope)
            self.explain(
                self.why.chart,
                evidence.of_amounts(step.amounts, step.period),
                asked=asked.Asked(question, (step.amounts.currency,)),
                place=place,
                title=tr("How do we know? {name}", name=step.words),
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


def _is_time(dimension: Dimension) -> bool:
    return dimension in {Dimension.DAY, Dimension.MONTH}
