"""Growth over weeks: shares by region of maker, and how far all is bought from one supplier."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from plimsoll.analysis.market import concentration, shares
from plimsoll.domain.errors import PlimsollError
from plimsoll.services.market_answers import Growth, Use
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.charts.share_lines import ShareLine, ShareLines
from plimsoll.ui.growth_words import has_money, open_weeks, region_words
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import counted, in_words, tr

TOKENS, MONEY = "tokens", "money"
_LEAST = 210


class WeeksCard(Card):
    """Lines over a year of weeks, by tokens or by money; a week that is chosen says how we know.

    Signals:
        week_asked(Use, QRect): say where a week's shares are from, beside a place of `chart`.
    """

    week_asked = Signal(object, QRect)

    def __init__(self, title: str, *, first: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self._growth: Growth | None = None
        choices = ((TOKENS, tr("Tokens")), (MONEY, tr("Money")))
        self.of_what = SegmentedControl(choices, name=title)
        self.of_what.choose(first)
        self.of_what.chosen.connect(lambda _: self._fill())
        self.header.addWidget(self.of_what)
        self.chart = ShareLines(title)
        self.chart.setMinimumHeight(_LEAST)
        self.chart.chosen.connect(self._ask)
        self.chart.hide()
        self.said = Words(tr("Reading the weeks …"), tone="faint", size=12, wrap=True)
        widen(self.said)
        self.add(Elastic(self.chart), 1)
        self.add(self.said)

    @property
    def remark(self) -> str:
        """What there is to say of the lines; empty for nothing."""
        return ""

    @property
    def by_money(self) -> bool:
        """Whether shares are of money."""
        return self.of_what.value == MONEY

    def show_growth(self, growth: Growth) -> None:
        """Show other weeks; money can be chosen only where there is some."""
        self._growth = growth
        some = any(has_money(week) for week in growth.weeks)
        self.of_what.setVisible(some)
        if not some:
            self.of_what.choose(TOKENS)
        self._fill()

    def show_trouble(self, error: PlimsollError) -> None:
        """Say why there are no weeks, where none are shown yet."""
        if self._growth is None:
            self.said.setText(in_words(error.words))

    def lines(self, weeks: Sequence[Use], *, money: bool) -> tuple[ShareLine, ...]:
        """What to draw of these weeks."""
        raise NotImplementedError

    def _fill(self) -> None:
        growth = self._growth
        if growth is None:
            return
        weeks = growth.weeks
        lines = self.lines(weeks, money=self.by_money)
        self.chart.show()
        self.chart.show_shares(
            [week.period.first for week in weeks], lines, not_final=open_weeks(weeks)
        )
        told = [
            tr("Shares of money in {currency}.", currency=growth.currency)
            if self.by_money
            else tr("Shares of tokens.")
        ]
        if self.remark:
            told.append(self.remark)
        missing = sum(1 for week in weeks if week.missing)
        if missing:
            told.append(
                counted(
                    missing,
                    "1 week is a gap: some source gave no answer for a day of it.",
                    "{count} weeks are gaps: some source gave no answer for a day of them.",
                )
            )
        self.said.setText(tr(" ").join(told))

    def _ask(self, index: int) -> None:
        if self._growth is not None:
            self.week_asked.emit(self._growth.weeks[index], self.chart.spot_of(index))


class RegionsCard(WeeksCard):
    """Mainland, overseas and not known, week by week; tokens at first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Share by region of maker"), first=TOKENS, parent=parent)

    def lines(self, weeks: Sequence[Use], *, money: bool) -> tuple[ShareLine, ...]:
        """A line a region; *not known* only where there is some."""
        found = [shares(week.by_region(money=money)) if week.is_known else {} for week in weeks]
        return tuple(
            ShareLine(name, tuple(_part(parts, word) for parts in found))
            for word, name in region_words().items()
            if word or any(word in parts for parts in found)
        )


class ConcentrationCard(WeeksCard):
    """The largest supplier's share and the Herfindahl–Hirschman index; money at first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Concentration on one supplier"), first=MONEY, parent=parent)

    @property
    def remark(self) -> str:
        """What the index says."""
        return tr("The index is 100% with a single supplier, 25% with four equal ones.")

    def lines(self, weeks: Sequence[Use], *, money: bool) -> tuple[ShareLine, ...]:
        """Whoever is the largest in its week, and the index, which is no share."""
        found = [
            concentration(week.by_seller(money=money)) if week.is_known else None for week in weeks
        ]
        return (
            ShareLine(tr("Largest supplier"), tuple(one.share if one else None for one in found)),
            ShareLine(
                tr("Herfindahl–Hirschman index"),
                tuple(one.herfindahl if one else None for one in found),
                dashed=True,
            ),
        )


def _part(parts: dict[str, Fraction], word: str) -> Fraction | None:
    """The share of a region; none of the whole where others have all of it."""
    return parts.get(word, Fraction(0)) if parts else None
