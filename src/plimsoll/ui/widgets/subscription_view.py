"""A subscription on its source's card: its fee, what its tokens are worth, and the break-even."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.money import shown
from plimsoll.services.subscriptions import CycleStanding, SubscriptionStanding
from plimsoll.ui.charts.break_even import BreakEvenChart
from plimsoll.ui.moments import grouped, period_words
from plimsoll.ui.rates import fee_words, left_out_words, rate_words, sums_words
from plimsoll.ui.widgets.buttons import IconButton
from plimsoll.ui.widgets.card import Chip
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import counted, full_day, short_day, tr

_PAST = 6


class SubscriptionView(QFrame):
    """One subscription: a sentence, a chart of its running cycle, and the cycles before.

    Signals:
        edit_asked(Subscription), remove_asked(Subscription): the user wants to change it.
    """

    edit_asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self, standing: SubscriptionStanding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        made, cycle = standing.subscription, standing.current
        self.standing = standing
        self.name = Words(made.name, weight=600)
        self.fee = Words(fee_words(made), tone="muted", size=12)
        self.kind = Chip(tr("Plan"))
        self.kind.setToolTip(
            tr("Worth at list price, not owed. The fee is yours: neither is part of Spent.")
        )
        self.edit = IconButton("edit", tr("Edit {name}", name=made.name))
        self.remove = IconButton("trash", tr("Remove {name}", name=made.name))
        self.edit.clicked.connect(lambda: self.edit_asked.emit(made))
        self.remove.clicked.connect(lambda: self.remove_asked.emit(made))
        self.sentence = Words(_sentence(standing), wrap=True)
        self.aside = Words(_aside(cycle), tone="muted", size=12, wrap=True)
        self.aside.setVisible(bool(self.aside.text()))
        self.caution = Words(_caution(cycle), tone=Tone.WARN, size=12, wrap=True)
        self.caution.setVisible(bool(self.caution.text()))
        self.past = Words(_past(standing), tone="faint", size=12, wrap=True)
        self.past.setVisible(bool(self.past.text()))
        self.chart = BreakEvenChart()
        self.chart.show_cycle(cycle)
        self.chart.setFixedHeight(132)
        self.chart.setVisible(cycle is not None)
        top = QHBoxLayout()
        top.setSpacing(8)
        for widget in (self.name, self.fee, self.kind):
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(self.edit)
        top.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        for line in (self.sentence, self.aside, self.caution, self.chart, self.past):
            column.addWidget(line)
        self.setAccessibleName(made.name)
        self.setAccessibleDescription(self.sentence.text())


def times_words(cycle: CycleStanding) -> str:
    """How many times the fee the tokens are worth: `1.8`; never rounded up to a whole fee."""
    times = Decimal(cycle.times.numerator) / Decimal(cycle.times.denominator)
    text = times.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return "0.9" if times < 1 <= text else f"{text:f}"


def _sentence(standing: SubscriptionStanding) -> str:
    made, cycle = standing.subscription, standing.current
    if cycle is None:
        if not standing.past:
            return tr("Begins on {day}.", day=full_day(made.first))
        return tr("Ended on {day}.", day=full_day(standing.past[0].period.last))
    worth = shown(cycle.in_fee, cycle.fee.currency)
    so_far = tr(
        "{days}: {worth} of tokens at list price so far, {times} times the fee",
        days=period_words(cycle.period),
        worth=worth,
        times=times_words(cycle),
    )
    if cycle.passed_on is None:
        return so_far + tr(".")
    return tr("{so_far}; passed on {day}.", so_far=so_far, day=short_day(cycle.passed_on))


def _aside(cycle: CycleStanding | None) -> str:
    """What was converted to find the worth, and what was billed beside it."""
    lines = []
    if cycle is not None and cycle.rates:
        rates = tr(", ").join(rate_words(rate) for rate in cycle.rates)
        lines.append(tr("{sums}, converted at {rates}.", sums=sums_words(cycle.worth), rates=rates))
    if cycle is not None and cycle.billed:
        lines.append(tr("{amounts} billed beside the fee.", amounts=sums_words(cycle.billed)))
    return tr(" ").join(lines)


def _caution(cycle: CycleStanding | None) -> str:
    """What the worth does not hold."""
    if cycle is None:
        return ""
    lines = []
    if cycle.left_out:
        lines.append(left_out_words(cycle.left_out) + tr("."))
    if cycle.not_priced_tokens:
        count = grouped(cycle.not_priced_tokens)
        lines.append(tr("{count} tokens have no price and are not included.", count=count))
    if cycle.missing:
        lines.append(counted(cycle.missing, "1 day without data.", "{count} days without data."))
    return tr(" ").join(lines)


def _past(standing: SubscriptionStanding) -> str:
    """The finished cycles: `10 Oct to 9 Nov 1.4 times`."""
    if not standing.past:
        return ""
    cycles = " · ".join(
        tr("{days} {times} times", days=period_words(cycle.period), times=times_words(cycle))
        for cycle in standing.past[:_PAST]
    )
    return tr("Before: {cycles}", cycles=cycles)
