"""The burn-down of one budget on its page: what is left in words, where it stands, the chart."""

from __future__ import annotations

from datetime import datetime

from plimsoll.domain.budget import TOKENS, BudgetStatus
from plimsoll.services.answers import BudgetCard
from plimsoll.ui.charts.burn_down import BurnDownChart, rolling_words
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.moments import brief, period_words
from plimsoll.ui.widgets.budget_row import state_of
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import short_day, tr


class BurnCard(Card):
    """What is left of a budget, day by day; hidden while there is no budget."""

    def __init__(self) -> None:
        super().__init__(tr("What is left"))
        self.chart = BurnDownChart()
        self.chart.setMinimumHeight(200)
        self.headline = Words(size=18, weight=600, wrap=True)
        self.state = Words(weight=500, wrap=True)
        self.add(self.headline)
        self.add(self.state)
        self.add(Elastic(self.chart), 1)

    def show_card(self, card: BudgetCard | None, *, now: datetime) -> None:
        """Show another budget, or nothing."""
        self.setVisible(card is not None)
        if card is None:
            self.chart.show_burn(None)
            return
        status, burn = card.status, card.burn
        name = status.budget.name
        if burn.rolls:
            self.set_title(tr("{name}: {days}", name=name, days=rolling_words(status.budget.span)))
        else:
            self.set_title(tr("{name}: what is left", name=name))
        period = status.period
        one_day = period.first == period.last
        self.set_note(short_day(period.first) if one_day else period_words(period))
        self.headline.setText(left_words(status))
        self.headline.set_tone(Tone.BAD if status.spent > status.limit else "text")
        sentence, tone = state_of(status, today=now.date())
        if status.spent > status.limit and burn.used_up_on is not None:
            sentence = tr("Used up on {day}", day=short_day(burn.used_up_on))
        self.state.setText(tr(" ").join(filter(None, (sentence + tr("."), _likely_total(status)))))
        self.state.set_tone(tone if tone != Tone.GOOD else "muted")
        self.chart.show_burn(burn)


def left_words(status: BudgetStatus) -> str:
    """What is left of the limit, or how far it is passed; large counts of tokens rounded."""
    limit, left = _words(status, status.limit), status.limit - status.spent
    if left < 0:
        return tr("{amount} over {limit}", amount=_words(status, -left), limit=limit)
    return tr("{amount} of {limit} left", amount=_words(status, left), limit=limit)


def _likely_total(status: BudgetStatus) -> str:
    """The period's likely total with its range, where there is a forecast of it."""
    if status.median is None or status.low80 is None or status.high80 is None:
        return ""
    return tr(
        "Likely total {median} (80%: {low} to {high}) by {day}.",
        median=_words(status, status.median, places=0),
        low=_words(status, status.low80, places=0),
        high=_words(status, status.high80, places=0),
        day=short_day(status.period.last),
    )


def _words(status: BudgetStatus, amount: int, *, places: int | None = None) -> str:
    if status.budget.currency == TOKENS:
        return tr("{count} tokens", count=brief(amount))
    return status.budget.words(amount, places=places)
