"""A budget as a row: what it limits, its bar, its state in words, and what it has fired."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout

from plimsoll.domain.budget import Alert, Budget, BudgetStatus
from plimsoll.domain.cadence import Rolling
from plimsoll.domain.calendar import ONE_DAY
from plimsoll.services.answers import BudgetCard
from plimsoll.ui.dimensions import scope_words
from plimsoll.ui.moments import percent
from plimsoll.ui.thresholds import threshold_words
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.budget_bar import BudgetBar
from plimsoll.ui.widgets.buttons import IconButton
from plimsoll.ui.widgets.cadence import cadence_words
from plimsoll.ui.widgets.choice_row import INSET, ChoiceRow
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import short_day, tr

LIKELY = 0.7
"""From these odds on a pass is called likely (as the default threshold of a budget does)."""


class BudgetRow(ChoiceRow):
    """One budget: what it limits, its bar, its state in words, and what it has fired.

    Signals:
        edit_asked(Budget), remove_asked(Budget): the user wants to change or remove it.
        explain_asked(BudgetStatus, QWidget): say where its figures come from, beside a widget.
        snooze_asked(str, date | None): let the budget of this name rest until a day, or wake it.
        chosen(): the user wants to see what is left of it (of `ChoiceRow`).
    """

    edit_asked = Signal(object)
    remove_asked = Signal(object)
    explain_asked = Signal(object, object)
    snooze_asked = Signal(str, object)

    def __init__(
        self,
        card: BudgetCard,
        *,
        now: datetime,
        first: bool,
        snoozed_until: datetime | None = None,
        one_of_several: bool = False,
    ) -> None:
        super().__init__(can_choose=one_of_several, top=0 if first else 22)
        status, budget = card.status, card.status.budget
        self.name = Words(budget.name, size=14, weight=600)
        self.limits = Words(_limits(status), tone="muted", size=12, wrap=True)
        self.amount = AmountLabel(
            tr(
                "{spent} of {limit}",
                spent=budget.words(status.spent),
                limit=budget.words(status.limit),
            ),
            weight=500,
        )
        self.share = Words(f"{int(status.share)}%", weight=600)
        self.bar = BudgetBar()
        self.bar.show_status(status, today=now.date())
        sentence, tone = state_of(status, today=now.date())
        self.state = Words(sentence, tone=tone, size=12, weight=500, wrap=True)
        self.fired = Words(_fired(card, now), tone="faint", size=12, wrap=True)
        if not card.alerts:
            self.fired.hide()
        self.info = IconButton("info", tr("How do we know?"))
        self.info.clicked.connect(lambda: self.explain_asked.emit(status, self.info))
        self.amount.clicked.connect(lambda: self.explain_asked.emit(status, self.amount))
        self.edit = IconButton("edit", tr("Edit {name}", name=budget.name))
        self.edit.clicked.connect(lambda: self.edit_asked.emit(budget))
        self.remove = IconButton("trash", tr("Remove {name}", name=budget.name))
        self.remove.clicked.connect(lambda: self.remove_asked.emit(budget))
        self.bell = IconButton("bell", tr("Snooze {name}", name=budget.name))
        self.choices = self._snoozes(status, now, snoozed_until)
        self.bell.clicked.connect(
            lambda: self.choices.popup(self.bell.mapToGlobal(self.bell.rect().bottomLeft()))
        )
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.name)
        top.addStretch(1)
        for button in (self.info, self.bell, self.edit, self.remove):
            top.addWidget(button)
        amounts = QHBoxLayout()
        amounts.addWidget(self.amount)
        amounts.addStretch(1)
        amounts.addWidget(self.share)
        column = QVBoxLayout(self)
        column.setContentsMargins(INSET if one_of_several else 0, self.top, 0, 4)
        column.setSpacing(3)
        column.addLayout(top)
        column.addWidget(self.limits)
        column.addSpacing(4)
        column.addLayout(amounts)
        column.addWidget(self.bar)
        column.addWidget(self.state)
        column.addWidget(self.fired)
        self.snoozed = _snoozed(budget, snoozed_until)
        column.addWidget(self.snoozed)
        self.setAccessibleName(budget.name)
        self.setAccessibleDescription(f"{self.amount.text()}. {sentence}")

    def _snoozes(
        self, status: BudgetStatus, now: datetime, snoozed_until: datetime | None
    ) -> QMenu:
        """How long a budget may rest, as a menu."""
        budget = status.budget
        today = now.astimezone(ZoneInfo(budget.zone)).date()
        choices: list[tuple[str, date | None]] = [
            (tr("Snooze until tomorrow"), today + ONE_DAY),
            (tr("Snooze for a week"), today + 7 * ONE_DAY),
        ]
        if status.period.last > today:
            choices.append((tr("Snooze for the rest of the period"), status.period.last + ONE_DAY))
        if snoozed_until is not None:
            choices.append((tr("Wake it now"), None))
        menu = QMenu(self)
        for words, until in choices:
            action = menu.addAction(words)
            action.triggered.connect(
                lambda _checked=False, day=until: self.snooze_asked.emit(budget.name, day)
            )
        return menu


def _snoozed(budget: Budget, until: datetime | None) -> Words:
    """Until when a budget rests; hidden where it does not."""
    if until is None:
        nothing = Words()
        nothing.hide()
        return nothing
    wakes = short_day(until.astimezone(ZoneInfo(budget.zone)).date())
    return Words(tr("Snoozed until {day}", day=wakes), tone="faint", size=12)


def state_of(status: BudgetStatus, *, today: date | None = None) -> tuple[str, str]:
    """A budget's state in words, and its tone: red only where it is passed."""
    budget = status.budget
    if status.spent > status.limit:
        over = budget.words(status.spent - status.limit)
        return tr("Passed: {amount} over", amount=over), Tone.BAD
    if status.likely is None:
        return _without_odds(status, today)
    odds = percent(status.likely)
    if status.passes_on is not None and status.likely >= LIKELY:
        day = short_day(status.passes_on)
        return tr("Likely to pass on {day}, {percent}%", day=day, percent=odds), Tone.WARN
    if status.passes_on is not None or status.likely >= 0.5:
        return tr("May pass, {percent}%", percent=odds), Tone.WARN
    return tr("On track, {percent}% that it is passed", percent=odds), Tone.GOOD


def _without_odds(status: BudgetStatus, today: date | None) -> tuple[str, str]:
    if isinstance(status.budget.span, Rolling):
        return tr("Within the limit; rolling days have no end to forecast"), Tone.GOOD
    if today is not None and today < status.period.first:
        return tr("Begins on {day}", day=short_day(status.period.first)), "muted"
    return tr("Not enough days yet for a forecast"), "muted"


def _limits(status: BudgetStatus) -> str:
    budget = status.budget
    words = f"{scope_words(budget.scope)} · {cadence_words(budget.span)} · {budget.zone}"
    if status.carried:
        carried = tr("{amount} carried over", amount=budget.words(status.carried))
        words = f"{words} · {carried}"
    return words


def _fired(card: BudgetCard, now: datetime) -> str:
    """The thresholds that fired, the latest first: `80% crossed on 14 Nov`; and which of them the
    figures no longer bear out.
    """
    latest = sorted(card.alerts, key=lambda alert: alert.fired_at, reverse=True)[:4]
    lines = []
    for (day, gone), together in groupby(latest, key=lambda alert: _what(alert, card, now)):
        crossed = tr(", ").join(threshold_words(alert.threshold) for alert in together)
        line = tr("{threshold} on {day}", threshold=crossed, day=short_day(day))
        if gone:
            line = tr("{alert}, taken back: the figures changed since", alert=line)
        lines.append(line)
    return " · ".join(lines)


def _what(alert: Alert, card: BudgetCard, now: datetime) -> tuple[date, bool]:
    """What alerts have in common that are said together: their day, and whether it was undone."""
    return alert.fired_at.astimezone(now.tzinfo).date(), alert in card.taken_back
