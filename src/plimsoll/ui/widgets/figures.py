"""The four figures of the first screen: so far, the month's end, today, the budget."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.money import shown
from plimsoll.ui.moments import grouped
from plimsoll.ui.rates import left_out_words, native_words
from plimsoll.ui.widgets.card import FigureCard
from plimsoll.ui.widgets.labels import Tone
from plimsoll.ui.words import full_month, in_words, short_day, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plimsoll.services.figures import MonthCurve, MonthEnd, Overview
    from plimsoll.services.stored import StoredFigures


class FourFigures(QBoxLayout):
    """Four cards in a row, or two and two where the window is narrow.

    Signals:
        budget_asked(): the user wants to set a budget.
    """

    budget_asked = Signal()

    def __init__(self, *, spacing: int) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self.month = FigureCard(tr("This month so far"))
        self.end = FigureCard(tr("End of month"))
        self.today = FigureCard(tr("Today"))
        self.budget = FigureCard(tr("Budget used"))
        # Pairs in a box, so that a narrow window only turns the box.
        for pair in ((self.month, self.end), (self.today, self.budget)):
            row = QHBoxLayout()
            row.setSpacing(spacing)
            for card in pair:
                row.addWidget(card, 1)
            self.addLayout(row, 1)
        self.setSpacing(spacing)

    def complete(self) -> None:
        """Make what only the whole answer fills; call once, before `show_figures`."""
        from plimsoll.ui.widgets.budget_bar import BudgetBar
        from plimsoll.ui.widgets.buttons import QuietButton

        self.budget_bar = BudgetBar()
        self.set_budget = QuietButton(tr("Set a budget"), icon="plus")
        self.set_budget.clicked.connect(self.budget_asked)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 4, 0, 2)
        column.addWidget(self.budget_bar)
        column.addWidget(self.set_budget, 0, Qt.AlignmentFlag.AlignLeft)
        self.budget.set_body(below)

    def show_stored(self, stored: StoredFigures) -> None:
        """Show what is known before the whole answer comes."""
        self._show_month(stored)
        self._show_today(stored)

    def show_figures(self, answer: Overview) -> None:
        """Show an answer that has figures."""
        self._show_month(answer, comparison=_against(answer))
        self._show_end(answer)
        self._show_today(answer)
        self._show_budget(answer)

    def _show_month(
        self, answer: Overview | StoredFigures, *, comparison: tuple[str, str] = ("", "")
    ) -> None:
        month, combined = full_month(answer.month.first), answer.combined
        (sentence, arrow), tone = comparison, Tone.NEUTRAL
        if combined is not None:
            sentence, arrow = native_words(combined, year=answer.month.first.year), ""
            if combined.left_out:
                sentence, tone = f"{sentence}\n{left_out_words(combined.left_out)}", Tone.WARN
        self.month.set_caption(tr("{month} so far", month=month))
        if answer.not_priced_tokens and not (answer.billed or answer.estimated):
            self._show_unknown(self.month, answer.not_priced_tokens)
            return
        self.month.show_figure(
            shown(answer.spent, answer.currency),
            sentence=sentence,
            arrow=arrow,
            tone=tone,
            evidence=_kind_of(answer.billed, answer.estimated),
            evidence_tip=_kinds(answer.billed, answer.estimated, answer),
        )
        self.month.show_trend([d.spent if d.known else None for d in answer.recent.days])

    def _show_end(self, answer: Overview) -> None:
        end = answer.month_end
        month = full_month(answer.month.first)
        self.end.set_caption(tr("Forecast, end of {month}", month=month))
        if answer.combined is not None and answer.combined.ends:
            self._show_ends(answer.combined.ends)
            return
        if end is None:
            self.end.show_figure("–", sentence=tr("No data yet."))
            self.end.show_trend(())
            return
        if end.low80 is None or end.high80 is None:
            self.end.show_figure(
                shown(end.run_rate, end.currency, places=0),
                sentence=tr("Not enough days yet for a range: this is the run-rate."),
                evidence=tr("Run-rate"),
                evidence_tip=in_words(end.reason),
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

    def _show_ends(self, ends: Sequence[MonthEnd]) -> None:
        """Forecasts of several currencies side by side: none is converted."""
        values = (
            shown(e.run_rate if e.low80 is None else e.median, e.currency, places=0) for e in ends
        )
        self.end.show_figure(
            " + ".join(values),
            sentence=tr("Each in its own currency: a forecast is not converted."),
            evidence=tr("Run-rate") if any(e.low80 is None for e in ends) else "",
        )
        self.end.show_trend(())

    def _show_today(self, answer: Overview | StoredFigures) -> None:
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
        estimated, billed = answer.today_estimated, answer.today - answer.today_estimated
        if answer.today_not_priced and not (billed or estimated):
            self._show_unknown(self.today, answer.today_not_priced)
            return
        self.today.show_figure(
            shown(answer.today, answer.currency),
            sentence=mean,
            evidence=_kind_of(billed, estimated),
            evidence_tip=_kinds(billed, estimated, answer, tokens=answer.today_not_priced),
        )

    @staticmethod
    def _show_unknown(card: FigureCard, tokens: int) -> None:
        """Tokens without a price are no zero."""
        card.show_figure(
            "–",
            sentence=tr("{count} tokens not priced", count=grouped(tokens)),
            evidence=tr("Not priced"),
        )

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
            spent=budget.words(status.spent),
            limit=budget.words(status.limit, places=0),
        )
        tone = Tone.NEUTRAL
        if status.spent > status.limit:
            sentence, tone = tr("{so_far} · passed", so_far=sentence), Tone.BAD
        elif status.passes_on is not None:
            day = short_day(status.passes_on)
            sentence = tr("{so_far} · passes on {day}", so_far=sentence, day=day)
            tone = Tone.WARN
        self.budget.show_figure(f"{int(status.share)}%", sentence=sentence, tone=tone)
        self.budget_bar.show_status(status, today=answer.now.date())


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


def _kind_of(billed: int, estimated: int) -> str:
    """The chip's word: what kind of number this is."""
    if billed and estimated:
        return tr("Billed + estimated")
    if estimated:
        return tr("Estimated")
    return tr("Billed") if billed else ""


def _kinds(
    billed: int, estimated: int, answer: Overview | StoredFigures, *, tokens: int | None = None
) -> str:
    """The kinds of an amount apart, and what is in neither."""
    words = tr(
        "Billed {billed}, estimated {estimated}",
        billed=shown(billed, answer.currency),
        estimated=shown(estimated, answer.currency),
    )
    unpriced = answer.not_priced_tokens if tokens is None else tokens
    if not unpriced:
        return words
    return words + "\n" + tr("{count} tokens not priced", count=grouped(unpriced))


def _over_the_line(curve: MonthCurve | None, end: MonthEnd) -> bool:
    return curve is not None and curve.limit is not None and end.median > curve.limit
