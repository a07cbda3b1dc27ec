"""Growth: how fast tokens double, where their makers are, whom one buys from, the own loop."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.services.market_answers import Growth
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.moments import share_words
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import short_day, tr

_FINE = 1000


class GrowthCard(Card):
    """Four figures with a sentence each; one that is not known says why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Growth"), parent=parent)
        self.doubling = _Line(tr("Tokens double"))
        self.regions = _Line(tr("Made on the mainland"))
        self.seller = _Line(tr("Largest supplier"))
        self.loop = _Line(tr("Answered no person"))
        self.trend = Sparkline()
        for line in (self.doubling, self.regions, self.seller, self.loop):
            self.add(line)
        self.add(self.trend)
        self.body.addStretch(1)

    def show_growth(self, growth: Growth, titles: Mapping[str, str]) -> None:
        """Show the figures; `titles` are the names of providers by their words."""
        double = growth.doubling
        if double is None:
            self.doubling.show_figure("–", tr("They do not measurably grow."))
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
        seller = growth.sellers
        if seller is None:
            self.seller.show_figure("–", tr("No money in this currency in these days."))
        else:
            name = titles.get(seller.largest, seller.largest)
            self.seller.show_figure(
                f"{name} {share_words(float(seller.share))}",
                tr(
                    "Herfindahl index {index}; 1 is a single supplier",
                    index=f"{float(seller.herfindahl):.2f}",
                ),
            )
        self._show_loops(growth)

    def _show_regions(self, growth: Growth) -> None:
        now, before = (_mainland(found) for found in (growth.regions, growth.regions_before))
        if now is None:
            self.regions.show_figure("–", tr("No tokens of a known maker in these days."))
            return
        whole = sum(growth.regions.values())
        unknown = growth.regions.get("", 0)
        words = (
            tr("of tokens; nothing to compare with before")
            if before is None
            else tr("of tokens; {share} in the 30 days before", share=share_words(before))
        )
        if unknown:
            maker = share_words(unknown / whole)
            words = tr("{sentence}; maker unknown of {share}", sentence=words, share=maker)
        self.regions.show_figure(share_words(now), words)

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
    """A name, a figure, and a sentence below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.value = Words(size=16, weight=600)
        self.sentence = Words(tone="muted", size=12, wrap=True)
        widen(self.sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        column.addWidget(Words(name, tone="muted", size=12))
        column.addWidget(self.value)
        column.addWidget(self.sentence)

    def show_figure(self, value: str, sentence: str) -> None:
        """Show another figure."""
        self.value.setText(value)
        self.sentence.setText(sentence)
        self.setAccessibleName(f"{self._name}: {value}")
        self.setAccessibleDescription(sentence)


def _mainland(regions: Mapping[str, int]) -> float | None:
    """The mainland's share of the tokens whose makers are known."""
    mainland, overseas = regions.get("mainland", 0), regions.get("overseas", 0)
    return mainland / (mainland + overseas) if mainland + overseas else None
