"""Entering a subscription: its name, its fee, how often it is due, and from which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from plimsoll.domain.currencies import in_order
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import decimal_text
from plimsoll.domain.subscription import Cycle, Subscription, Unit
from plimsoll.services.subscriptions import read_subscription
from plimsoll.ui import theme
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.rates import cycle_words
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.widgets.days import day_field, day_in, show_day
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr

_USUAL = (Cycle(), Cycle(Unit.MONTH, 3), Cycle(Unit.YEAR), Cycle(Unit.WEEK), Cycle(Unit.WEEK, 4))


class SubscriptionDialog(Frame):
    """A form that makes one `Subscription` of a source.

    Signals:
        chosen(Subscription): keep this subscription.
    """

    chosen = Signal(object)

    def __init__(
        self,
        source: str,
        *,
        today: date,
        currencies: Sequence[str] = (),
        subscription: Subscription | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Edit the subscription of {name}", name=source)
            if subscription
            else tr("A subscription of {name}", name=source),
            words=tr(
                "The tokens of its days become Plan: their worth at list price, set against the"
                " fee and not owed. Neither worth nor fee is part of Spent, of a budget or of a"
                " forecast. What the provider bills stays billed."
            ),
            parent=parent,
        )
        self._source = source
        own = [subscription.fee.currency] if subscription else []
        self._build((*own, *currencies), subscription)
        self._fill(subscription, today)
        self.add_cancel()
        self.save = PrimaryButton(tr("Save") if subscription else tr("Add the subscription"))
        self.save.clicked.connect(self._save)
        self.add_button(self.save, default=True)
        self.name.setFocus()

    def _build(self, currencies: Sequence[str], before: Subscription | None) -> None:
        self.name, self.fee = QLineEdit(), QLineEdit()
        self.name.setMaxLength(60)
        self.name.setPlaceholderText("Max")
        self.fee.setPlaceholderText("100")
        self.currency = QComboBox()
        self.currency.addItems(in_order(first=tuple(currencies)))
        self.cycle = QComboBox()
        cycles = dict.fromkeys((*_USUAL, *([before.cycle] if before else [])))
        for cycle in cycles:
            self.cycle.addItem(cycle_words(cycle), cycle)
        self.first, self.last = day_field(tr("First day")), day_field(tr("Last day"))
        self.ends = QCheckBox(tr("Ended, or ends, on"))
        self.ends.setFont(theme.font(13))
        self.ends.toggled.connect(self.last.setEnabled)
        self.last.setEnabled(False)
        fee = QHBoxLayout()
        fee.setSpacing(8)
        fee.addWidget(self.fee, 1)
        fee.addWidget(self.currency)
        fee.addWidget(self.cycle)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for row, label in enumerate((tr("Name"), tr("Fee"), tr("First day"))):
            grid.addWidget(Words(label, tone="muted"), row, 0)
        grid.addWidget(self.name, 0, 1)
        grid.addLayout(fee, 1, 1)
        grid.addWidget(self.first, 2, 1)
        grid.addWidget(self.ends, 3, 0)
        grid.addWidget(self.last, 3, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        names: tuple[tuple[QWidget, str], ...] = (
            (self.name, tr("Name")),
            (self.fee, tr("Fee")),
            (self.currency, tr("Currency")),
            (self.cycle, tr("Cycle")),
        )
        for widget, name in names:
            widget.setAccessibleName(name)

    def _fill(self, made: Subscription | None, today: date) -> None:
        show_day(self.first, made.first if made else today.replace(day=1))
        show_day(self.last, made.last if made and made.last else today)
        if made is None:
            return
        self.name.setText(made.name)
        self.fee.setText(decimal_text(made.fee.nanos))
        self.currency.setCurrentText(made.fee.currency)
        self.cycle.setCurrentText(cycle_words(made.cycle))
        self.ends.setChecked(made.last is not None)

    def subscription(self) -> Subscription:
        """What the form says; raises `WrongUse` with a sentence where it cannot be."""
        cycle: Cycle = self.cycle.currentData()
        return read_subscription(
            source=self._source,
            name=self.name.text(),
            fee=self.fee.text(),
            currency=self.currency.currentText(),
            unit=cycle.unit,
            count=cycle.count,
            first=day_in(self.first),
            last=day_in(self.last) if self.ends.isChecked() else None,
        )

    def _save(self) -> None:
        try:
            made = self.subscription()
        except WrongUse as error:
            self.say_trouble(in_words(error.sentence))
            return
        self.chosen.emit(made)
        self.accept()
