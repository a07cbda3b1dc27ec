"""Plan on the first screen: what subscriptions pay for, on a line of its own, in no figure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from plimsoll.domain.money import Money
from plimsoll.domain.subscription import Subscription
from plimsoll.ui.rates import fee_words, sums_words
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class PlanLine(QFrame):
    """The worth of the month's tokens under subscriptions, and the fees; hidden without either.

    Signals:
        opened(): show the subscriptions.
    """

    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(tr("Plan"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.words = Words(wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.link = LinkButton(tr("Open"))
        self.link.setAccessibleName(tr("Show the subscriptions"))
        self.link.clicked.connect(self.opened)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 7, 12, 7)
        row.setSpacing(22)
        row.addWidget(Words(tr("Plan"), tone="muted", size=12))
        row.addWidget(self.words, 1)
        row.addWidget(self.link)
        self.setMinimumHeight(38)
        self.hide()

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
        self.words.setText(tr(" ").join(words))
        self.setAccessibleDescription(self.words.text())
        self.setVisible(bool(words))
