"""Plan on the first screen: what subscriptions pay for, on a line of its own, in no figure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from plimsoll.domain.money import Money
from plimsoll.domain.subscription import Subscription
from plimsoll.ui.rates import fee_words, sums_words
from plimsoll.ui.widgets.opening_line import OpeningLine
from plimsoll.ui.words import tr


class PlanLine(OpeningLine):
    """The worth of the month's tokens under subscriptions, and the fees; hidden without either."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Plan"), opens=tr("Show the subscriptions"), parent=parent)

    def show_plan(
        self, worth: Sequence[Money], fees: Sequence[Subscription], *, month: str
    ) -> None:
        """Show a month's worth, in each currency, and the subscriptions that are running."""
        words = []
        if worth:
            words.append(
                tr(
                    "{worth} of tokens at list price in {month}: not owed, and not in Spent.",
                    worth=sums_words(worth),
                    month=month,
                )
            )
        if fees:
            each = (tr("{name}, {fee}", name=made.name, fee=fee_words(made)) for made in fees)
            words.append(tr("Fees you entered: {fees}.", fees=tr("; ").join(each)))
        self.say(tr(" ").join(words))
