"""Overview: how much so far, where it ends, what changed and why, and what needs you."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.money import shown
from plimsoll.services.answers import MonthCurve, MonthEnd, Overview
from plimsoll.ui import evidence
from plimsoll.ui.charts.forecast_line import MonthCurveChart
from plimsoll.ui.charts.stacked_bars import StackedBars
from plimsoll.ui.moments import at, period_words
from plimsoll.ui.page import GAP, Elastic, Page
from plimsoll.ui.widgets.budget_bar import BudgetBar
from plimsoll.ui.widgets.buttons import IconButton, QuietButton
from plimsoll.ui.widgets.card import Card, FigureCard
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.legend import Legend
from plimsoll.ui.widgets.movers import Movers
from plimsoll.ui.widgets.needs import Needs
from plimsoll.ui.widgets.notices import EmptyState
from plimsoll.ui.words import full_month, short_day, tr

WIDE = 880
"""From this width on four figures stand in a row."""

STALE_AFTER = timedelta(hours=24)


class OverviewPage(Page[Overview]):
    """The first screen. Its figures, sentences and charts are fields of one answer."""

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
                " where no bill has come yet. The two are never mixed for the same day of a"
                " source."
            ),
            tr(
                "The forecast is a range, made from the days of your own past weeks: four of five"
                " months end inside it. Hatched days can still change; a gap is unknown, not zero."
            ),
        )

    def question(self) -> Callable[[], Overview]:
        """The first screen's answer in the chosen currency and period."""
        currency, span = self.currency.value or None, self.span.value
        return lambda: self.program.overview(currency=currency, span=span)

    def build(self) -> None:
        """The frame of the page: it is filled by `show_answer`."""
        self._overview: Overview | None = None
        self.currency = SegmentedControl((), name=tr("Currency"))
        self.currency.hide()
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
        self.span.choose("90d")
        self.span.chosen.connect(lambda _: self.refresh())
        self._currency_place = QVBoxLayout()
        self._currency_place.addWidget(self.currency)
        self.controls.addLayout(self._currency_place)
        self.controls.addWidget(self.span)
        self._build_figures()
        self._build_charts()
        self.empty = EmptyState()
        self.empty.acted.connect(self._empty_acted)
        self.full = QWidget()
        self._build_rows()
        self.body.addWidget(self.full, 1)
        self.body.addWidget(self.empty, 1)
        self._arrange(wide=True)

    def show_answer(self, answer: Overview) -> None:
        """Fill the page."""
        self._overview = answer
        has_figures = bool(answer.currencies)
        self.span.setVisible(has_figures)
        self.full.setVisible(has_figures)
        self.empty.setVisible(not has_figures)
        self._show_currencies(answer)
        if not has_figures:
            self._show_empty(answer)
            return
        self._show_freshness(answer)
        self._show_month(answer)
        self._show_end(answer)
        self._show_today(answer)
        self._show_budget(answer)
        self.needs.show_needs(answer.needs)
        self._show_stack(answer)
        self._show_curve(answer)
        self.change_words.setText(answer.change)
        named = [s.name for s in answer.stack.series if s.name and not s.other]
        self.movers.show_movers(answer.movers, answer.currency, coloured=named)
        self.movers.setVisible(bool(answer.movers))

    # --- building ----------------------------------------------------------------------------

    def _build_figures(self) -> None:
        self.month = FigureCard(tr("This month so far"))
        self.end = FigureCard(tr("End of month"))
        self.today = FigureCard(tr("Today"))
        self.budget = FigureCard(tr("Budget used"))
        self.budget_bar = BudgetBar()
        self.set_budget = QuietButton(tr("Set a budget"), icon="plus")
        self.set_budget.clicked.connect(lambda: self.page_asked.emit("budgets", "add"))
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 4, 0, 2)
        column.addWidget(self.budget_bar)
        column.addWidget(self.set_budget, 0, Qt.AlignmentFlag.AlignLeft)
        self.budget.set_body(below)
        self.month.opened.connect(lambda: self._explain(self.month, evidence.of_month))
        self.end.opened.connect(lambda: self._explain(self.end, _lines_of_end))
        self.today.opened.connect(lambda: self._explain(self.today, evidence.of_today))
        self.budget.opened.connect(lambda: self._explain(self.budget, _lines_of_budget))
        self.needs = Needs()
        self.needs.page_asked.connect(lambda page: self.page_asked.emit(page, ""))

    def _build_charts(self) -> None:
        self.bars = StackedBars()
        self.legend = Legend()
        self.legend.follow(self.bars)
        self.open_ends = Words(tone="faint", size=12, wrap=True)
        self.bars_card = Card(tr("Spend per day by model"))
        self.bars_card.add(self.legend)
        self.bars_card.add(Elastic(self.bars), 1)
        self.bars_card.add(self.open_ends)
        self.give_twin(self.bars_card, self.bars)
        self._add_info(self.bars_card, lambda answer: evidence.of_stack(answer.stack, answer))
        self.curve = MonthCurveChart()
        self.curve_card = Card(tr("This month, and where it ends"))
        self.curve_card.add(Elastic(self.curve), 1)
        self.give_twin(self.curve_card, self.curve)
        self._add_info(self.curve_card, _lines_of_end)
        self.change_words = Words(tone="muted", wrap=True)
        self.movers = Movers()
        self.change_card = Card(tr("What changed, and why"))
        self.change_card.add(self.change_words)
        self.change_card.add(self.movers)
        self.change_card.body.addStretch(1)
        self._add_info(self.change_card, evidence.of_change)

    def _add_info(self, card: Card, lines: Callable[[Overview], evidence.Lines]) -> None:
        button = IconButton("info", tr("How do we know?"))
        button.clicked.connect(lambda: self._explain(button, lines))
        card.header.addWidget(button)

    def _build_rows(self) -> None:
        """Boxes in boxes, so that a narrow window only turns two of them."""
        rows = QVBoxLayout(self.full)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP)
        direction = QBoxLayout.Direction.LeftToRight
        self._figures, self._bottom = QBoxLayout(direction), QBoxLayout(direction)
        for pair in ((self.month, self.end), (self.today, self.budget)):
            row = QHBoxLayout()
            row.setSpacing(GAP)
            for card in pair:
                row.addWidget(card, 1)
            self._figures.addLayout(row, 1)
        self._figures.setSpacing(GAP)
        self._bottom.addWidget(self.curve_card, 1)
        self._bottom.addWidget(self.change_card, 1)
        self._bottom.setSpacing(GAP)
        rows.addLayout(self._figures)
        rows.addWidget(self.needs)
        rows.addWidget(self.bars_card, 4)
        rows.addLayout(self._bottom, 3)

    def _arrange(self, *, wide: bool) -> None:
        """Four figures in a row, or two and two where the window is narrow."""
        direction = QBoxLayout.Direction
        for box in (self._figures, self._bottom):
            box.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self.bars.setMinimumHeight(180 if wide else 250)
        self.curve.setMinimumHeight(180 if wide else 240)

    # --- showing -----------------------------------------------------------------------------

    def _show_currencies(self, answer: Overview) -> None:
        """A switch where there are several; amounts of two currencies are never added."""
        choices = answer.currencies if len(answer.currencies) > 1 else ()
        shown_now = getattr(self, "_choices", ())
        if choices != shown_now:
            self._choices = choices
            self._currency_place.removeWidget(self.currency)
            self.currency.hide()
            self.currency.deleteLater()
            self.currency = SegmentedControl([(c, c) for c in choices], name=tr("Currency"))
            self.currency.chosen.connect(lambda _: self.refresh())
            self._currency_place.addWidget(self.currency)
            self.currency.setVisible(bool(choices))
        self.currency.choose(answer.currency)

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

    def _show_month(self, answer: Overview) -> None:
        month = full_month(answer.month.first)
        self.month.set_caption(tr("{month} so far", month=month))
        sentence, arrow = _against(answer)
        self.month.show_figure(
            shown(answer.spent, answer.currency),
            sentence=sentence,
            arrow=arrow,
            tone=Tone.NEUTRAL,
            evidence=_kind_of(answer),
            evidence_tip=tr(
                "Billed {billed}, estimated {estimated}",
                billed=shown(answer.billed, answer.currency),
                estimated=shown(answer.estimated, answer.currency),
            ),
        )
        self.month.show_trend([d.spent if d.known else None for d in answer.recent.days])

    def _show_end(self, answer: Overview) -> None:
        end = answer.month_end
        month = full_month(answer.month.first)
        self.end.set_caption(tr("Forecast, end of {month}", month=month))
        if end is None:
            self.end.show_figure("–", sentence=tr("No data yet."))
            self.end.show_trend(())
            return
        if end.low80 is None or end.high80 is None:
            self.end.show_figure(
                shown(end.run_rate, end.currency, places=0),
                sentence=tr("Not enough days yet for a range: this is the run-rate."),
                evidence=tr("Run-rate"),
                evidence_tip=end.reason,
            )
        else:
            over = _over_the_line(answer.curve, end)
            sentence = tr(
                "80% between {low} and {high}",
                low=shown(end.low80, end.currency, places=0),
                high=shown(end.high80, end.currency, places=0),
            )
            self.end.show_figure(
                shown(end.median, end.currency, places=0),
                sentence=sentence,
                tone=Tone.WARN if over else Tone.NEUTRAL,
                evidence=tr("Rough") if end.quality == "rough" else "",
            )
        points = answer.curve.points if answer.curve else ()
        self.end.show_trend([p.actual if p.actual is not None else p.median for p in points])

    def _show_today(self, answer: Overview) -> None:
        week = list(answer.recent.days)[-14:]
        self.today.show_trend([d.spent if d.known else None for d in week])
        mean = (
            tr("so far; 7-day mean {amount}", amount=shown(answer.week_mean, answer.currency))
            if answer.week_mean is not None
            else tr("so far")
        )
        if answer.today is None:
            self.today.show_figure("–", sentence=tr("No data of today yet."))
            return
        self.today.show_figure(shown(answer.today, answer.currency), sentence=mean)

    def _show_budget(self, answer: Overview) -> None:
        status = answer.budget
        self.set_budget.setVisible(status is None)
        self.budget_bar.setVisible(status is not None)
        if status is None:
            self.budget.set_caption(tr("Budget used"))
            self.budget.show_figure("–", sentence=tr("A budget warns you before it hurts."))
            return
        budget = status.budget
        self.budget.set_caption(tr("Budget used · {name}", name=budget.name))
        sentence = tr(
            "{spent} of {limit}",
            spent=shown(status.spent, budget.currency),
            limit=shown(budget.nanos, budget.currency, places=0),
        )
        tone = Tone.NEUTRAL
        if status.spent > budget.nanos:
            sentence, tone = tr("{so_far} · passed", so_far=sentence), Tone.BAD
        elif status.passes_on is not None:
            day = short_day(status.passes_on)
            sentence = tr("{so_far} · passes on {day}", so_far=sentence, day=day)
            tone = Tone.WARN
        self.budget.show_figure(f"{int(status.share)}%", sentence=sentence, tone=tone)
        self.budget_bar.show_status(status, today=answer.now.date())

    def _show_stack(self, answer: Overview) -> None:
        stack = answer.stack
        self.bars.show_stack(stack)
        self.legend.show_entries(self.bars.legend_entries(), baseline=self.bars.baseline)
        days = period_words(stack.period)
        self.bars_card.set_note(tr("{currency}, {days}", currency=stack.currency, days=days))
        lines = []
        if answer.not_final_from is not None:
            lines.append(
                tr("Days from {day} can still change.", day=short_day(answer.not_final_from))
            )
        if answer.gaps:
            lines.append(tr("No data: {gaps}.", gaps=evidence.gap_words(answer.gaps[:2])))
        self.open_ends.setText(" ".join(lines))
        self.open_ends.setVisible(bool(lines))

    def _show_curve(self, answer: Overview) -> None:
        month = full_month(answer.month.first)
        self.curve_card.set_title(tr("{month} so far, and where it ends", month=month))
        end = answer.month_end
        ranged = end is not None and end.low80 is not None
        self.curve_card.set_note(tr("Median and 80% range") if ranged else "")
        self.curve.show_curve(answer.curve)

    # --- how do we know ----------------------------------------------------------------------

    def _explain(self, anchor: QWidget, lines: Callable[[Overview], evidence.Lines]) -> None:
        if self._overview is not None:
            self.explain(anchor, lines(self._overview))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two figures a row where four have no room."""
        super().resizeEvent(event)
        self._arrange(wide=self.width() >= WIDE)


def _against(answer: Overview) -> tuple[str, str]:
    """The month against the same days of last month: a sentence and an arrow."""
    before = answer.before_same_days
    month = full_month(answer.month.first - timedelta(days=1))
    if before is None:
        return tr("{month} is not in the archive", month=month), ""
    if before == 0:
        return tr("nothing in the same days of {month}", month=month), ""
    tenths = round((answer.spent - before) * 1000 / before)
    if tenths == 0:
        return tr("as in the same days of {month}", month=month), ""
    size = f"{abs(tenths) / 10:.1f}"
    if tenths > 0:
        return tr("{percent}% more than {month}, same days", percent=size, month=month), "up"
    return tr("{percent}% less than {month}, same days", percent=size, month=month), "down"


def _kind_of(answer: Overview) -> str:
    """The chip's word: what kind of number this is."""
    if answer.billed and answer.estimated:
        return tr("Billed + estimated")
    if answer.estimated:
        return tr("Estimated")
    return tr("Billed") if answer.billed else ""


def _lines_of_end(answer: Overview) -> evidence.Lines:
    return evidence.of_forecast(answer.month_end, answer) if answer.month_end else ()


def _lines_of_budget(answer: Overview) -> evidence.Lines:
    return evidence.of_budget(answer.budget) if answer.budget else ()


def _over_the_line(curve: MonthCurve | None, end: MonthEnd) -> bool:
    return curve is not None and curve.limit is not None and end.median > curve.limit
