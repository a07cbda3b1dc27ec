"""Overview: how much so far, where it ends, what changed and why, and what needs you."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from plimsoll.ui.moments import at, period_words
from plimsoll.ui.page import GAP, Page
from plimsoll.ui.rates import left_out_words
from plimsoll.ui.widgets.figures import FourFigures
from plimsoll.ui.widgets.labels import Tone
from plimsoll.ui.words import full_month, in_words, short_day, tr

if TYPE_CHECKING:
    from plimsoll.services.figures import Mover, Overview
    from plimsoll.services.stored import StoredFigures
    from plimsoll.ui.asked import Asked
    from plimsoll.ui.evidence import Lines
    from plimsoll.ui.widgets.card import Card

WIDE = 880
"""From this width on four figures stand in a row."""

FIRST_SPAN = "90d"

STALE_AFTER = timedelta(hours=24)

TOGETHER = "all"
"""The choice of all currencies, in one."""


class OverviewPage(Page["Overview"]):
    """The first screen. Its figures, sentences and charts are fields of one answer.

    The figures come first: what stands below and beside them is imported and made when they have
    been painted.
    """

    name: ClassVar[str] = "overview"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Overview")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "The four figures answer: how much so far, where the month will end, what today"
                " costs, and how much of the budget is used. A click on a figure says where it"
                " comes from."
            ),
            tr(
                "Billed is what the provider says it charges. Estimated is tokens at list price,"
                " where no bill has come yet, or what a prepaid balance lost. The two are never"
                " mixed for the same day of a source."
            ),
            tr(
                "Plan is what tokens under a subscription are worth at list price: not owed, and on"
                " a line of its own. Money of several currencies stands apart, or all in one, each"
                " day at the rate that you set for it, with the native sums beside the figure."
            ),
            tr(
                "The forecast is a range, made from the days of your own past weeks: four of five"
                " months end inside it. Hatched days can still change; a gap is unknown, not zero."
            ),
        )

    def question(self) -> Callable[[], Overview]:
        """The first screen's answer in the chosen currency and period."""
        chosen = self._chosen
        together = True if chosen == TOGETHER else None
        currency = None if together else chosen
        span = self.span.value if self._is_whole else FIRST_SPAN
        return lambda: self.program.overview(currency=currency, span=span, together=together)

    def build(self) -> None:
        """The four figures, and room for the rest."""
        self._overview: Overview | None = None
        self._is_whole = False
        self._chosen: str | None = None
        self.full = QWidget()
        self.full.hide()
        self._rows = QVBoxLayout(self.full)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GAP)
        self.figures = FourFigures(spacing=GAP)
        self._rows.addLayout(self.figures)
        self._rows.addStretch(1)
        self.body.addWidget(self.full, 1)
        cards = self.figures
        self.month, self.end, self.today = cards.month, cards.end, cards.today
        self.budget = cards.budget
        cards.budget_asked.connect(lambda: self.page_asked.emit("budgets", "add"))
        self.month.opened.connect(lambda: self._explain(self.month, "month"))
        self.end.opened.connect(lambda: self._explain(self.end, "end"))
        self.today.opened.connect(lambda: self._explain(self.today, "today"))
        self.budget.opened.connect(lambda: self._explain(self.budget, "budget"))

    def first_question(self) -> Callable[[], StoredFigures] | None:
        """Until the page is whole: the figures that are stored."""
        return None if self._is_whole else self.program.stored_figures

    def show_first(self, answer: StoredFigures) -> bool:
        """The figures that are stored, if there are any."""
        if answer.currencies:
            self.figures.show_stored(answer)
            self.full.show()
        return bool(answer.currencies)

    def show_answer(self, answer: Overview) -> None:
        """Fill the page."""
        self._overview = answer
        if not self._is_whole:
            self._build_rest()
        has_figures = answer.has_figures
        self.span.setVisible(has_figures)
        self.full.setVisible(has_figures)
        self.empty.setVisible(not has_figures)
        self._show_currencies(answer)
        if not has_figures:
            self._show_empty(answer)
            return
        self._show_freshness(answer)
        self.figures.show_figures(answer)
        month = full_month(answer.month.first)
        self.plan.show_plan(answer.plans, answer.subscriptions, month=month)
        self.run_out.show_balances(answer.prepaid)
        self.needs.show_needs(answer.needs)
        self._show_stack(answer)
        self._show_curve(answer)
        self.change_words.setText(in_words(answer.change))
        named = [s.name for s in answer.stack.series if s.name and not s.other]
        self.movers.show_movers(answer.movers, answer.currency, coloured=named)
        self.movers.setVisible(bool(answer.movers))

    # --- building ----------------------------------------------------------------------------

    def _build_rest(self) -> None:
        from plimsoll.ui.widgets.needs import Needs
        from plimsoll.ui.widgets.notices import EmptyState
        from plimsoll.ui.widgets.plan_line import PlanLine
        from plimsoll.ui.widgets.run_out import RunOutLine

        self._is_whole = True
        self.figures.complete()
        self.budget_bar, self.set_budget = self.figures.budget_bar, self.figures.set_budget
        self._build_controls()
        self._build_charts()
        self.plan = PlanLine()
        self.plan.opened.connect(lambda: self.page_asked.emit("sources", ""))
        self.run_out = RunOutLine()
        self.run_out.opened.connect(lambda: self.page_asked.emit("budgets", ""))
        self.needs = Needs()
        self.needs.page_asked.connect(lambda page: self.page_asked.emit(page, ""))
        self.empty = EmptyState()
        self.empty.acted.connect(self._empty_acted)
        self._build_rows()
        self.body.addWidget(self.empty, 1)
        self._arrange(wide=self.width() >= WIDE)

    def _build_controls(self) -> None:
        from plimsoll.ui.widgets.controls import SegmentedControl
        from plimsoll.ui.widgets.currency_choice import CurrencyChoice

        self.currency = CurrencyChoice()
        self.currency.chosen.connect(self._choose_currency)
        self.span = SegmentedControl(
            (
                ("7d", tr("7 d")),
                ("30d", tr("30 d")),
                ("90d", tr("90 d")),
                ("month", tr("Month")),
                ("year", tr("Year")),
            ),
            name=tr("Period of the daily bars"),
        )
        self.span.choose(FIRST_SPAN)
        self.span.chosen.connect(lambda _: self.refresh())
        self.controls.addWidget(self.currency)
        self.controls.addWidget(self.span)

    def _build_charts(self) -> None:
        from plimsoll.ui.charts.canvas import Elastic
        from plimsoll.ui.charts.forecast_line import MonthCurveChart
        from plimsoll.ui.charts.stacked_bars import StackedBars
        from plimsoll.ui.widgets.buttons import LinkButton
        from plimsoll.ui.widgets.card import Card
        from plimsoll.ui.widgets.labels import Words
        from plimsoll.ui.widgets.legend import Legend
        from plimsoll.ui.widgets.movers import Movers

        self.bars = StackedBars()
        self.bars.day_chosen.connect(self._explain_day)
        self.legend = Legend()
        self.legend.follow(self.bars)
        self.open_ends = Words(tone="faint", size=12, wrap=True)
        self.bars_card = Card(tr("Spend per day by model"))
        self.bars_card.add(self.legend)
        self.bars_card.add(Elastic(self.bars), 1)
        self.bars_card.add(self.open_ends)
        self.give_twin(self.bars_card, self.bars)
        self._add_info(self.bars_card, "stack")
        self.curve = MonthCurveChart()
        self.curve_card = Card(tr("This month, and where it ends"))
        self.curve_card.add(Elastic(self.curve), 1)
        self.give_twin(self.curve_card, self.curve)
        self._add_info(self.curve_card, "end")
        self.change_words = Words(tone="muted", wrap=True)
        self.movers = Movers()
        self.movers.opened.connect(self._explain_mover)
        self.change_card = Card(tr("What changed, and why"))
        self.change_card.add(self.change_words)
        self.change_card.add(self.movers)
        self.see_why = LinkButton(tr("See why, cause by cause"))
        self.see_why.clicked.connect(lambda: self.page_asked.emit("spend", "why"))
        self.change_card.body.addWidget(self.see_why, 0, Qt.AlignmentFlag.AlignLeft)
        self.change_card.body.addStretch(1)
        self._add_info(self.change_card, "change")

    def _add_info(self, card: Card, what: str) -> None:
        from plimsoll.ui.widgets.buttons import IconButton

        button = IconButton("info", tr("How do we know?"))
        button.clicked.connect(lambda: self._explain(button, what))
        card.header.addWidget(button)

    def _build_rows(self) -> None:
        self._bottom = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._bottom.addWidget(self.curve_card, 1)
        self._bottom.addWidget(self.change_card, 1)
        self._bottom.setSpacing(GAP)
        self._rows.takeAt(self._rows.count() - 1)  # the room that was kept for these
        self._rows.addWidget(self.plan)
        self._rows.addWidget(self.run_out)
        self._rows.addWidget(self.needs)
        self._rows.addWidget(self.bars_card, 4)
        self._rows.addLayout(self._bottom, 3)
        # In a page that is on the screen already, Qt would show them only a little later.
        for card in (self.bars_card, self.curve_card, self.change_card):
            card.show()

    def _arrange(self, *, wide: bool) -> None:
        """Four figures in a row, or two and two where the window is narrow."""
        directions = QBoxLayout.Direction
        direction = directions.LeftToRight if wide else directions.TopToBottom
        self.figures.setDirection(direction)
        if self._is_whole:
            self._bottom.setDirection(direction)
            self.bars.setMinimumHeight(180 if wide else 250)
            self.curve.setMinimumHeight(180 if wide else 240)

    # --- showing -----------------------------------------------------------------------------

    def _show_currencies(self, answer: Overview) -> None:
        """A switch where there are several: each by itself, or all together at the user's rates."""
        together = tr("All in {currency}", currency=answer.display)
        self.currency.show_currencies(
            answer.currencies,
            TOGETHER if answer.combined else answer.currency,
            others=((TOGETHER, together),) if answer.display else (),
        )

    def _choose_currency(self, value: str) -> None:
        self._chosen = value
        self.refresh()

    def _show_freshness(self, answer: Overview) -> None:
        if answer.as_of is None:
            self.subtitle.setText(tr("never synced"))
            return
        when = at(answer.as_of, answer.now)
        self.subtitle.setText(tr("as of {when} · provider days (UTC)", when=when))
        stale = answer.now - answer.as_of > STALE_AFTER
        self.subtitle.set_tone(Tone.WARN if stale else "muted")

    def _show_empty(self, answer: Overview) -> None:
        self.subtitle.setText("")
        if answer.has_sources:
            self.empty.show_words(
                tr("The sources are set up, but no figures have come yet."), action=tr("Sync now")
            )
        else:
            self.empty.show_words(
                tr(
                    "Add the account of a provider to see what you spend, where the month will"
                    " end, and to be warned in time. Keys stay in this computer's keyring."
                ),
                action=tr("Add a source"),
            )

    def _empty_acted(self) -> None:
        if self._overview is not None and self._overview.has_sources:
            self.sync_asked.emit(())
        else:
            self.page_asked.emit("sources", "add")

    def _show_stack(self, answer: Overview) -> None:
        from plimsoll.ui.evidence import gap_words

        stack = answer.stack
        self.bars.show_stack(stack)
        self.legend.show_entries(self.bars.legend_entries(), baseline=self.bars.baseline)
        days = period_words(stack.period)
        currency, lines = stack.currency, []
        if answer.combined is not None:
            currency = tr("All in {currency}", currency=currency)
            if answer.combined.bars and answer.combined.bars.left_out:
                lines.append(left_out_words(answer.combined.bars.left_out) + tr("."))
        self.bars_card.set_note(tr("{currency}, {days}", currency=currency, days=days))
        if answer.not_final_from is not None:
            lines.append(
                tr("Days from {day} can still change.", day=short_day(answer.not_final_from))
            )
        if answer.gaps:
            lines.append(tr("No data: {gaps}.", gaps=gap_words(answer.gaps[:2])))
        self.open_ends.setText(tr(" ").join(lines))
        self.open_ends.setVisible(bool(lines))

    def _show_curve(self, answer: Overview) -> None:
        month = full_month(answer.month.first)
        end = answer.month_end
        ranged = end is not None and end.low80 is not None
        title = tr("{month} so far, and where it ends", month=month)
        note = tr("Median and 80% range") if ranged else ""
        if answer.combined is not None:
            title = tr("{month} so far", month=month)
            note = tr("All in {currency}, without a forecast", currency=answer.currency)
        self.curve_card.set_title(title)
        self.curve_card.set_note(note)
        self.curve.show_curve(answer.curve)

    # --- how do we know ----------------------------------------------------------------------

    def _explain(self, anchor: QWidget, what: str) -> None:
        if self._overview is not None:
            lines, asked = _proof_of(what, self._overview)
            self.explain(anchor, lines, asked=asked)

    def _explain_day(self, day: date) -> None:
        from plimsoll.ui import asked, evidence

        answer = self._overview
        if answer is not None:
            self.explain(
                self.bars,
                evidence.of_day(answer.stack, day, answer),
                asked=asked.of_day_in(answer, day),
                place=self.bars.place_of(day),
            )

    def _explain_mover(self, mover: Mover, place: QRect) -> None:
        from plimsoll.ui import asked, evidence

        if self._overview is not None:
            self.explain(
                self.movers,
                evidence.of_mover(mover, self._overview),
                asked=asked.of_mover(mover, self._overview),
                place=place,
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two figures a row where four have no room."""
        super().resizeEvent(event)
        self._arrange(wide=self.width() >= WIDE)


def _proof_of(what: str, answer: Overview) -> tuple[Lines, Asked | None]:
    """What one of the page's amounts says of itself, and the question that it answers."""
    from plimsoll.ui import asked, evidence

    lines: Lines = ()
    question: Asked | None = None
    match what:
        case "month":
            lines, question = evidence.of_month(answer), asked.of_month(answer)
        case "today":
            lines, question = evidence.of_today(answer), asked.of_today(answer)
        case "end":
            lines, question = evidence.of_forecasts(answer), asked.of_month(answer)
        case "stack":
            lines, question = evidence.of_stack(answer.stack, answer), asked.of_stack(answer)
        case "change":
            lines = evidence.of_change(answer)
        case "budget" if answer.budget is not None:
            lines = evidence.of_budget(answer.budget)
            question = asked.of_budget(answer.budget, answer.now)
    return lines, question
