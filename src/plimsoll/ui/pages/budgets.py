"""Forecast & budgets: where the month will end, and every limit that the user has set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.budget import Budget, BudgetStatus
from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.money import shown
from plimsoll.services.answers import BudgetsPage, MonthEnd
from plimsoll.ui import asked, evidence, run_outs
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.charts.forecast_line import MonthCurveChart
from plimsoll.ui.dialogs.alerts import AlertsDialog
from plimsoll.ui.dialogs.budget import BudgetDialog
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.month_ends import headline, range_in_words
from plimsoll.ui.page import GAP, Page
from plimsoll.ui.track_record import record_words
from plimsoll.ui.widgets.alerts_card import AlertsCard
from plimsoll.ui.widgets.budget_row import BudgetRow
from plimsoll.ui.widgets.burn_card import BurnCard
from plimsoll.ui.widgets.buttons import IconButton, PrimaryButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.currency_choice import CurrencyChoice
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.notices import Banner, EmptyState
from plimsoll.ui.widgets.proposals import ProposalsCard
from plimsoll.ui.widgets.run_out import RunOutCard
from plimsoll.ui.widgets.seen import SeenColumn
from plimsoll.ui.widgets.unusual_card import UnusualCard
from plimsoll.ui.words import full_month, in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.prepaid import Prepaid

WIDE = 880


class BudgetsPageView(Page[BudgetsPage]):
    """The month's forecast on the left, the budgets on the right."""

    name: ClassVar[str] = "budgets"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Forecast & budgets")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "The solid line is what was spent, the dashed one the middle of the forecast, the"
                " band the range in which four of five months end. The grey line is last month."
            ),
            tr(
                "The run-rate only stretches this month's mean day to the month's end; it stands"
                " beside the forecast as a yardstick."
            ),
            tr(
                "A budget warns once at each of its thresholds, on what was spent and on what is"
                " likely. In its bar the solid part is spent, the hatched part is forecast, and"
                " the upright mark is today's share of the period. Nothing is ever blocked."
            ),
            tr(
                "Choose a budget to see what is left of it, day by day. The grey line uses the same"
                " every day; the darker band holds every second such period, the lighter one four"
                " of five; days that can still change are hatched, and dots are days without data."
            ),
        )

    def question(self) -> Callable[[], BudgetsPage]:
        """The page's answer in the chosen currency."""
        currency = self.currency.value or None
        return lambda: self.program.budgets_page(currency=currency)

    def build(self) -> None:
        """The frame of the page: it is filled by `show_answer`."""
        self._answer: BudgetsPage | None = None
        self._chosen = ""
        self._intends: Callable[[], None] | None = None
        self._rows: list[BudgetRow] = []
        self.currency = CurrencyChoice()
        self.currency.chosen.connect(lambda _: self.refresh())
        self.controls.addWidget(self.currency)
        self.add = PrimaryButton(tr("Add a budget"), icon="plus")
        self.add.clicked.connect(self.add_budget)
        self.controls.addWidget(self.add)
        self.banner = Banner()
        self.banner.acted.connect(self.banner.clear)
        self.body.addWidget(self.banner)
        self.empty = EmptyState()
        self.empty.acted.connect(lambda: self.page_asked.emit("sources", ""))
        self.full = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.full)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(GAP)
        self._sides.addWidget(self._build_charts(), 7)
        self._sides.addWidget(self._build_budgets(), 5)
        self.body.addWidget(self.full, 1)
        self.body.addWidget(self.empty, 1)

    def show_answer(self, answer: BudgetsPage) -> None:
        """Fill the page."""
        self._answer = answer
        self.currency.show_currencies(answer.currencies, answer.currency)
        has_something = answer.has_data or bool(answer.budgets or answer.prepaid)
        self.full.setVisible(has_something)
        self.empty.setVisible(not has_something)
        if not has_something:
            self.empty.show_words(
                tr("A forecast and a proposal for a budget come with the first figures."),
                action=tr("Go to the sources"),
            )
        self._show_forecast(answer)
        self.proposals.show_proposals(answer.proposals)
        self.unusual.show_spend(answer.unusual)
        self._show_budgets(answer)
        self.alerts.setVisible(bool(answer.budgets or answer.alerts.warned))
        self.alerts.show_alerts(answer.alerts, now=answer.now)
        self.run_out.show_balances(answer.prepaid, now=answer.now)
        opens, self._intends = self._intends, None
        if opens is not None:
            opens()

    def intend(self, intention: str) -> None:
        """`add` opens the form, `alerts` the list of all that fired; once there is an answer."""
        opens = {"add": self.add_budget, "alerts": self.show_all_alerts}.get(intention)
        if self._answer is None:
            self._intends = opens
        elif opens is not None:
            opens()

    def add_budget(self) -> None:
        """Open the form for a new budget."""
        self._open_form(None)

    def show_all_alerts(self) -> None:
        """Open the list of everything that fired."""
        if self._answer is not None:
            AlertsDialog(self._answer.alerts, now=self._answer.now, parent=self).open()

    # --- building ----------------------------------------------------------------------------

    def _build_charts(self) -> QWidget:
        self._left = SeenColumn(self.scroller, below=self.body.contentsMargins().bottom(), gap=GAP)
        self.burn = BurnCard()
        self.give_twin(self.burn, self.burn.chart)
        self._left.column.addWidget(self._build_forecast(), 1)
        self._left.column.addWidget(self.burn, 1)
        return self._left

    def _build_forecast(self) -> QWidget:
        self.forecast = Card(tr("This month, and where it ends"))
        self.curve = MonthCurveChart()
        self.curve.setMinimumHeight(200)
        self.give_twin(self.forecast, self.curve)
        info = IconButton("info", tr("How do we know?"))
        info.clicked.connect(lambda: self._explain(info))
        self.forecast.header.addWidget(info)
        self.headline = Words(size=18, weight=600, wrap=True)
        self.range_words = Words(tone="muted", wrap=True)
        self.forecast.add(self.headline)
        self.forecast.add(self.range_words)
        self.record_words = Words(tone="muted", wrap=True)
        self.forecast.add(self.record_words)
        self.forecast.add(Elastic(self.curve), 1)
        return self.forecast

    def _build_budgets(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self.proposals = ProposalsCard()
        self.proposals.accepted.connect(lambda budget: self._keep(budget, None))
        self.budgets = Card(tr("Budgets"))
        self.none_yet = Words(
            tr("No budget yet. One warns you before it hurts."), tone="muted", wrap=True
        )
        self.budgets.add(self.none_yet)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.budgets.body.addLayout(self._list)
        self.run_out = RunOutCard()
        self.run_out.explained.connect(self._explain_balance)
        self.run_out.snooze_asked.connect(self._snooze)
        self.unusual = UnusualCard()
        self.unusual.judged.connect(self._judge)
        self.alerts = AlertsCard()
        self.alerts.all_asked.connect(self.show_all_alerts)
        self.sureness = Card(tr("How sure is the forecast?"))
        self.ranges = QGridLayout()
        self.ranges.setHorizontalSpacing(28)
        self.ranges.setVerticalSpacing(6)
        self.sureness.body.addLayout(self.ranges)
        column.addWidget(self.budgets)
        column.addWidget(self.run_out)
        column.addWidget(self.proposals)
        column.addWidget(self.unusual)
        column.addWidget(self.alerts)
        column.addWidget(self.sureness)
        column.addStretch(1)
        return side

    # --- showing -----------------------------------------------------------------------------

    def _show_forecast(self, answer: BudgetsPage) -> None:
        end = answer.month_end
        self.curve.show_curve(answer.curve)
        self._clear_ranges()
        if end is None:
            self.headline.setText(tr("No data yet."))
            self.range_words.setText("")
            self.record_words.hide()
            self.sureness.hide()
            return
        month = full_month(end.period.first)
        self.forecast.set_title(tr("{month}, and where it ends", month=month))
        self.forecast.set_note(tr("{amount} spent so far", amount=shown(end.spent, end.currency)))
        self.headline.setText(headline(end, month))
        self.range_words.setText(range_in_words(end))
        record = answer.outlook.record if answer.outlook else None
        self.record_words.setText(record_words(record) if record else "")
        self.record_words.setVisible(record is not None)
        self.sureness.setVisible(end.low80 is not None)
        if end.low80 is not None:
            self._show_ranges(end)

    def _clear_ranges(self) -> None:
        while (item := self.ranges.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _show_ranges(self, end: MonthEnd) -> None:
        """The three ranges as a small table, figures right-aligned."""
        rows = (
            (tr("50%"), tr("every second month"), end.low50, end.high50),
            (tr("80%"), tr("four of five months"), end.low80, end.high80),
            (tr("95%"), tr("19 of 20 months"), end.low95, end.high95),
        )
        right = Qt.AlignmentFlag.AlignRight
        for column, title in ((0, tr("Range")), (2, tr("From")), (3, tr("To"))):
            words = Words(title, tone="faint", size=12, weight=500)
            self.ranges.addWidget(words, 0, column, right if column > 1 else Qt.AlignmentFlag(0))
        for row, (share, meaning, low, high) in enumerate(rows, start=1):
            self.ranges.addWidget(Words(share, weight=500), row, 0)
            self.ranges.addWidget(Words(meaning, tone="muted"), row, 1)
            for column, nanos in ((2, low), (3, high)):
                text = "–" if nanos is None else shown(nanos, end.currency, places=0)
                self.ranges.addWidget(Words(text, weight=500), row, column, right)
        self.ranges.setColumnStretch(1, 1)

    def _show_budgets(self, answer: BudgetsPage) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        self.none_yet.setVisible(not answer.budgets)
        count = len(answer.budgets)
        self.budgets.set_note(str(count) if count else "")
        for place, card in enumerate(answer.budgets):
            resting = dict(answer.alerts.snoozed).get(card.status.budget.name)
            row = BudgetRow(
                card,
                now=answer.now,
                first=place == 0,
                snoozed_until=resting,
                one_of_several=count > 1,
            )
            row.chosen.connect(partial(self._choose, card.status.budget.name))
            row.snooze_asked.connect(self._snooze)
            row.edit_asked.connect(self._open_form)
            row.remove_asked.connect(self._ask_to_remove)
            row.explain_asked.connect(self._explain_budget)
            self._rows.append(row)
            self._list.addWidget(row)
        names = {card.status.budget.name for card in answer.budgets}
        self._choose(self._chosen if self._chosen in names else answer.worst)

    def _choose(self, name: str) -> None:
        """Show what is left of this budget, and mark its row where there are several."""
        answer = self._answer
        if answer is None:
            return
        card = next((c for c in answer.budgets if c.status.budget.name == name), None)
        self._chosen = name
        self.burn.show_card(card, now=answer.now)
        self._left.fit()
        for row, shown_card in zip(self._rows, answer.budgets, strict=True):
            row.mark(len(self._rows) > 1 and shown_card is card)

    @property
    def rows(self) -> tuple[BudgetRow, ...]:
        """Every budget's row."""
        return tuple(self._rows)

    # --- doing -------------------------------------------------------------------------------

    def _open_form(self, budget: Budget | None) -> None:
        currencies = self._answer.currencies if self._answer else ()
        form = BudgetDialog(
            currencies=currencies,
            today=utc_day(self.program.clock.now()),
            budget=budget,
            parent=self,
        )
        form.chosen.connect(lambda made: self._keep(made, budget))
        form.open()

    def _keep(self, budget: Budget, before: Budget | None) -> None:
        def work() -> None:
            self.program.set_budget(budget)
            if before is not None and before.name != budget.name:
                self.program.remove_budget(before.name)

        self.jobs.write(lambda _job: work(), then=self._changed, failed=self._say, receiver=self)

    def _ask_to_remove(self, budget: Budget) -> None:
        question = Confirm(
            tr("Remove the budget “{name}”?", name=budget.name),
            tr("It will not warn any more. What was spent is not touched."),
            action=tr("Remove"),
            parent=self,
        )
        question.accepted.connect(lambda: self._remove(budget.name))
        question.open()

    def _remove(self, name: str) -> None:
        self.jobs.write(
            lambda _job: self.program.remove_budget(name),
            then=self._changed,
            failed=self._say,
            receiver=self,
        )

    def _snooze(self, name: str, until: date | None) -> None:
        def work() -> None:
            if until is None:
                self.program.wake(name)
            else:
                self.program.snooze(name, until=until)

        self.jobs.write(lambda _job: work(), then=self._changed, failed=self._say, receiver=self)

    def _judge(self, day: date, expected: bool | None) -> None:
        currency = self._answer.currency if self._answer else ""
        self.jobs.write(
            lambda _job: self.program.judge_unusual(day, currency=currency, expected=expected),
            then=self._changed,
            failed=self._say,
            receiver=self,
        )

    def _changed(self, _nothing: object) -> None:
        self.banner.clear()
        self.data_changed.emit()

    def _say(self, error: PlimsollError) -> None:
        self.banner.show_line(in_words(error.words), tone=Tone.BAD, action=tr("Close"))

    def _explain(self, anchor: QWidget) -> None:
        if self._answer is not None and self._answer.month_end is not None:
            end = self._answer.month_end
            question = asked.of_month_end(end, self._answer.now)
            lines = evidence.of_forecast(end, outlook=self._answer.outlook)
            self.explain(anchor, lines, asked=question)

    def _explain_balance(self, balance: Prepaid, anchor: QWidget) -> None:
        if self._answer is not None:
            self.explain(anchor, run_outs.evidence_of(balance, self._answer.now))

    def _explain_budget(self, status: BudgetStatus, anchor: QWidget) -> None:
        if self._answer is not None:
            question = asked.of_budget(status, self._answer.now)
            self.explain(anchor, evidence.of_budget(status), asked=question)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        self._sides.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._left.stand_beside(wide)
