"""Dialogue against self-circulation: week by week, how many tokens were asked for by nobody."""

from __future__ import annotations

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from plimsoll.services.actors import Told
from plimsoll.services.dialogue import Dialogue
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.charts.share_lines import ShareLine, ShareLines
from plimsoll.ui.moments import share_words
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import tr

_LEAST = 210
_MOST_TOLD = 5
"""A chart has six colours, one of them for the own loop."""


class DialogueCard(Card):
    """The own loop of agents' logs, and beside it what providers tell; a week that is chosen says
    how we know.

    Signals:
        week_asked(int, QRect): say where a week's shares are from, beside a place of `chart`.
    """

    week_asked = Signal(int, QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        title = tr("Dialogue against self-circulation")
        super().__init__(title, note=tr("tokens that answered no person"), parent=parent)
        self.chart = ShareLines(title)
        self.chart.setMinimumHeight(_LEAST)
        self.chart.chosen.connect(
            lambda index: self.week_asked.emit(index, self.chart.spot_of(index))
        )
        self.said = Words(tone="muted", size=12, wrap=True)
        self.caution = Words(tone="faint", size=12, wrap=True)
        widen(self.said)
        widen(self.caution)
        self.add(Elastic(self.chart), 1)
        self.add(self.said)
        self.add(self.caution)
        self.hide()

    def show_dialogue(self, answer: Dialogue | None) -> None:
        """Show other weeks; the card takes no room where nothing is known."""
        if answer is None or not answer.weeks:
            self.hide()
            return
        self.show()
        told = sorted(answer.told, key=_size, reverse=True)[:_MOST_TOLD]
        self.chart.show_shares(
            [week.first for week in answer.weeks], _lines(answer, told), not_final=answer.not_final
        )
        said = tr(" ").join(filter(None, map(_latest_words, told)))
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.caution.setText(
            tr(
                "Agents' logs tell call by call whom it answered. What a provider tells is an"
                " indicator, and a part of nothing else here: an agent's own loop looks to it like"
                " the person who started it, and a key may be either."
            )
            if told
            else tr("Agents' logs tell call by call whom it answered.")
        )


def _size(told: Told) -> int:
    return sum(week.total for week in told.weeks if week is not None)


def _lines(answer: Dialogue, told: list[Told]) -> list[ShareLine]:
    """The own loop, what each provider tells, and last of all what it does not."""
    lines = []
    if any(answer.loops):
        shares = tuple(loop.part if loop else None for loop in answer.loops)
        lines.append(ShareLine(tr("Own loop, by agents' logs"), shares))
    for one in told:
        shares = tuple(week.share if week else None for week in one.weeks)
        name = tr("Agents and programs, says {name}", name=one.source)
        lines.append(ShareLine(name, shares, dashed=True))
    for one in told:
        shares = tuple(week.not_told_share if week else None for week in one.weeks)
        lines.append(ShareLine(tr("Not told by {name}", name=one.source), shares, drawn=False))
    return lines


def _latest_words(told: Told) -> str:
    """What a provider tells of the latest week that is known, and what it does not."""
    latest = next((week for week in reversed(told.weeks) if week is not None and week.total), None)
    if latest is None or latest.share is None or latest.not_told_share is None:
        return ""
    return tr(
        "{name} tells of {people} that people asked for it, of {others} agents and programs; of"
        " {rest} it does not tell.",
        name=told.source,
        people=share_words(latest.person / latest.total),
        others=share_words(float(latest.share)),
        rest=share_words(float(latest.not_told_share)),
    )
