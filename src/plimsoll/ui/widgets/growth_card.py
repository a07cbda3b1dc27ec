"""Growth: how fast tokens double, where their makers are, whom one buys from, the own loop."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from plimsoll.analysis.market import concentration, shares
from plimsoll.domain.errors import PlimsollError
from plimsoll.services.market_answers import Growth, Use
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.growth_words import DOUBLING, LOOPS, REGIONS, SELLER, has_money
from plimsoll.ui.moments import share_words
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import counted, in_words, short_day, tr

_FINE = 1000
_AWAITED = "…"
_WIDE = 620
_TOP = Qt.AlignmentFlag.AlignTop
_BUTTONS = 26
"""The height of a title row with buttons, as the card beside this one has: titles on one line."""


class GrowthCard(Card):
    """Four figures with a sentence each; one that is not known says why.

    Signals:
        asked(QWidget, str): a figure was clicked, or asked by the keyboard: its widget and its
            word, one of `growth_words`.
    """

    asked = Signal(QWidget, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Growth"), parent=parent)
        self.header.addStrut(_BUTTONS)
        self.doubling = _Line(tr("Tokens double"))
        self.regions = _Line(tr("Made on the mainland"))
        self.seller = _Line(tr("Largest supplier"))
        self.loop = _Line(tr("Answered no person"))
        self.trend = Sparkline()
        lines = {
            DOUBLING: self.doubling,
            REGIONS: self.regions,
            SELLER: self.seller,
            LOOPS: self.loop,
        }
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(36)
        self._lines.setVerticalSpacing(8)
        for word, line in lines.items():
            line.value.clicked.connect(
                lambda line=line, word=word: self.asked.emit(line.value, word)
            )
        self._arrange(columns=1)
        self.body.addLayout(self._lines)
        self.add(self.trend)
        self.state = Words(tr("Reading the weeks …"), tone="muted", size=12, wrap=True)
        self.add(self.state)
        self.body.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two figures beside each other where the card is the whole width of the page."""
        super().resizeEvent(event)
        columns = 2 if self.width() >= _WIDE else 1
        if columns != self._columns:
            self._arrange(columns=columns)

    def _arrange(self, *, columns: int) -> None:
        self._columns = columns
        for place, line in enumerate((self.doubling, self.regions, self.seller, self.loop)):
            self._lines.addWidget(line, place // columns, place % columns, _TOP)
        for column in range(2):
            self._lines.setColumnStretch(column, 1 if column < columns else 0)

    def show_growth(self, growth: Growth) -> None:
        """Show the figures."""
        self.state.hide()
        double = growth.doubling
        if double is None:
            self.doubling.show_figure(
                "–",
                tr("They do not measurably grow.")
                if growth.is_long_enough
                else tr("Eight weeks of use are the least to say so."),
            )
        else:
            self.doubling.show_figure(
                tr("every {days} days", days=round(double.days)),
                tr(
                    "80% range {low} to {high} days, over the last sixteen weeks",
                    low=round(double.low),
                    high=round(double.high),
                ),
            )
        self._show_regions(growth)
        self._show_seller(growth)
        self._show_loops(growth)

    def show_trouble(self, error: PlimsollError) -> None:
        """Say why nothing is known; figures that are shown stay."""
        for line in (self.doubling, self.regions, self.seller, self.loop):
            line.give_up()
        self.state.setText(in_words(error.words))
        self.state.show()

    def _show_regions(self, growth: Growth) -> None:
        now, before = (shares(use.by_region()) for use in (growth.use, growth.before))
        if not now:
            self.regions.show_figure("–", tr("No tokens in these 30 days."))
            return
        if set(now) == {""}:
            self.regions.show_figure("–", tr("No maker of these 30 days' models is known."))
            return
        words = (
            tr("of tokens; {share} in the 30 days before", share=_percent(before, "mainland"))
            if before
            else tr("of tokens; nothing to compare with before")
        )
        if "" in now:
            words = tr(
                "{sentence}; maker not known of {share}", sentence=words, share=_percent(now, "")
            )
        self.regions.show_figure(_percent(now, "mainland"), _with_gaps(words, growth.use))

    def _show_seller(self, growth: Growth) -> None:
        money = has_money(growth.use)
        seller = concentration(growth.use.by_seller(money=money))
        if seller is None:
            self.seller.show_figure("–", tr("Nothing was used or bought in these 30 days."))
            return
        index = f"{float(seller.herfindahl):.2f}"
        words = (
            tr(
                "of money in {currency}; Herfindahl–Hirschman index {index}, 1 is a single"
                " supplier",
                currency=growth.currency,
                index=index,
            )
            if money
            else tr(
                "of tokens, as no money in {currency} was billed or estimated;"
                " Herfindahl–Hirschman index {index}, 1 is a single supplier",
                currency=growth.currency,
                index=index,
            )
        )
        name = growth.titles.get(seller.largest, seller.largest)
        self.seller.show_figure(
            f"{name} {share_words(float(seller.share))}", _with_gaps(words, growth.use)
        )

    def _show_loops(self, growth: Growth) -> None:
        weeks = [week for week in growth.loops if week.total]
        self.trend.setVisible(len(weeks) > 1)
        if not weeks:
            self.loop.show_figure(
                "–", tr("Only the logs of coding agents tell whom a call answers.")
            )
            return
        first, last = weeks[0], weeks[-1]
        self.loop.show_figure(
            share_words(last.own / last.total),
            tr(
                "of coding agents' tokens last week; {share} in the week of {day}",
                share=share_words(first.own / first.total),
                day=short_day(first.first),
            )
            if len(weeks) > 1
            else tr("of coding agents' tokens last week"),
        )
        self.trend.show_values([round(w.own * _FINE / w.total) for w in weeks], from_zero=False)


class _Line(QWidget):
    """A name, a figure that says how we know it, and a sentence below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.value = AmountLabel(_AWAITED, size=16)
        self.value.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.sentence = Words(tone="muted", size=12, wrap=True)
        widen(self.sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        column.addWidget(Words(name, tone="muted", size=12))
        column.addWidget(self.value, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.sentence)

    def give_up(self) -> None:
        """Wait no longer for a figure that has not come."""
        if self.value.text() == _AWAITED:
            self.value.setText("–")

    def show_figure(self, value: str, sentence: str) -> None:
        """Show another figure."""
        self.value.setText(value)
        said = tr("{amount}: how do we know?", amount=f"{self._name}: {value}")
        self.value.setAccessibleName(said)
        self.sentence.setText(sentence)
        self.setAccessibleName(f"{self._name}: {value}")
        self.setAccessibleDescription(sentence)


def _percent(parts: Mapping[str, Fraction], word: str) -> str:
    return share_words(float(parts.get(word, 0)))


def _with_gaps(words: str, use: Use) -> str:
    """A sentence, and how many days some source did not answer for."""
    if not use.missing:
        return words
    gaps = counted(
        use.missing,
        "1 day has no answer of some source",
        "{count} days have no answer of some source",
    )
    return tr("{sentence}; {gaps}", sentence=words, gaps=gaps)
