"""Own loop: how much of agents' tokens answered no person, in words and as a small trend."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.services.own_loop import Loop, OwnLoop
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.dimensions import class_words
from plimsoll.ui.moments import brief, grouped, period_words, share_words
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import tr

_FINE = 1000
"""Parts of one in which the trend's values are whole numbers."""


class OwnLoopCard(Card):
    """The share of a period, what it is made of, and how it went from day to day."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Own loop"), parent=parent)
        self.share = Words(size=22, weight=600)
        self.sentence = Words(weight=500, wrap=True)
        self.parts = Words(tone="muted", size=12, wrap=True)
        widen(self.sentence)
        widen(self.parts)
        self.trend = Sparkline()
        self.trend.setFixedWidth(260)
        self.span = Words(tone="faint", size=12)
        shape = QVBoxLayout()
        shape.setSpacing(0)
        shape.addWidget(self.trend)
        shape.addWidget(self.span, 0, Qt.AlignmentFlag.AlignRight)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sentence)
        words.addWidget(self.parts)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self.share, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addLayout(shape)
        self.body.addLayout(row)

    def show_loop(self, loop: OwnLoop) -> None:
        """Show a period's own loop."""
        total, share = loop.total, loop.total.share
        self.share.setText(share_words(share) if share is not None else "–")
        self.sentence.setText(
            tr(
                "{own} of {all} tokens of coding agents answered no person.",
                own=brief(total.own),
                all=brief(total.total),
            )
        )
        self.parts.setText(parts_words(total))
        self.set_note(period_words(loop.period))
        shares = [day.share for _, day in loop.days if day.share is not None]
        self.trend.show_values([round(share * _FINE) for share in shares], from_zero=False)
        several = len(shares) > 1
        self.trend.setVisible(several)
        self.span.setVisible(several)
        if several:
            low, high = share_words(min(shares)), share_words(max(shares))
            self.span.setText(tr("{low} to {high} by day", low=low, high=high))
        told = (self.share.text(), self.sentence.text(), self.parts.text(), self.span.text())
        self.setAccessibleDescription(tr(" ").join(told).strip())


def parts_words(loop: Loop) -> str:
    """Whom the tokens answered, the shares of all that there are: `A person 4% · Tool loop 83%`."""
    names = class_words()
    parts = [(names[word], getattr(loop, word)) for word in names]
    return " · ".join(f"{name} {share_words(count / loop.total)}" for name, count in parts if count)


def loop_words(loop: Loop) -> str:
    """The same in counts, a line each."""
    names = class_words()
    parts = [(names[word], getattr(loop, word)) for word in names]
    return "\n".join(
        tr("{name}: {count} tokens", name=name, count=grouped(count))
        for name, count in parts
        if count
    )
