"""The account book of a source: what was entered, and one more entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.currencies import in_order
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import shown
from plimsoll.domain.prepaid import Credit, CreditKind
from plimsoll.services.account_book import read_credit
from plimsoll.ui import theme
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import IconButton, PrimaryButton
from plimsoll.ui.widgets.days import day_field, day_in, show_day
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import full_day, in_words, tr


def kind_words(kind: CreditKind) -> str:
    """What an entry is."""
    return {
        CreditKind.START: tr("What was there"),
        CreditKind.TOP_UP: tr("Top-up"),
        CreditKind.GRANT: tr("Grant"),
    }[kind]


class AccountBookDialog(Frame):
    """The entries of one source, each with a button that removes it, and a form for another one.

    Signals:
        entered(Credit): keep this entry.
        removed(int): remove the entry of this number.
    """

    entered = Signal(object)
    removed = Signal(int)

    def __init__(
        self,
        source: str,
        entries: Sequence[Credit],
        *,
        today: date,
        currency: str = "USD",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Account book of {name}", name=source),
            words=tr(
                "Its provider tells no balance. Enter what was there on a day, then top-ups and"
                " grants as they come: what the source spends draws it down, and what expires first"
                " is used first. The balance is derived, and nothing is sent anywhere."
            ),
            parent=parent,
        )
        self.remove_buttons: list[IconButton] = []
        self.body.addLayout(self._list(entries))
        self._build(today, currency, first=not entries)
        self.add_cancel(tr("Close"))
        self.save = PrimaryButton(tr("Enter"))
        self.save.clicked.connect(self._save)
        self.add_button(self.save, default=True)
        self.amount.setFocus()

    def _list(self, entries: Sequence[Credit]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        for entry in entries:
            row = QHBoxLayout()
            row.setSpacing(10)
            what = tr("{kind}, {day}", kind=kind_words(entry.kind), day=full_day(entry.day))
            row.addWidget(Words(what))
            if entry.last is not None:
                until = tr("until {day}", day=full_day(entry.last))
                row.addWidget(Words(until, tone="faint", size=12))
            row.addStretch(1)
            row.addWidget(Words(shown(entry.amount.nanos, entry.amount.currency), weight=500))
            remove = IconButton("trash", tr("Remove: {what}", what=what))
            remove.clicked.connect(lambda _=False, number=entry.id: self._remove(number))
            self.remove_buttons.append(remove)
            row.addWidget(remove, 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(row)
        return column

    def _build(self, today: date, currency: str, *, first: bool) -> None:
        self.kind = QComboBox()
        for kind in CreditKind:
            self.kind.addItem(kind_words(kind), kind)
        self.kind.setCurrentIndex(0 if first else 1)
        self.amount = QLineEdit()
        self.amount.setPlaceholderText("50")
        self.currency = QComboBox()
        self.currency.addItems(in_order(first=(currency,)))
        self.day, self.last = day_field(tr("From")), day_field(tr("Last day"))
        show_day(self.day, today)
        show_day(self.last, today)
        self.expires = QCheckBox(tr("Expires after"))
        self.expires.setFont(theme.font(13))
        self.expires.toggled.connect(self.last.setEnabled)
        self.last.setEnabled(False)
        money = QHBoxLayout()
        money.setSpacing(8)
        money.addWidget(self.amount, 1)
        money.addWidget(self.currency)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for row, label in enumerate((tr("Kind"), tr("Amount"), tr("From"))):
            grid.addWidget(Words(label, tone="muted"), row, 0)
        grid.addWidget(self.kind, 0, 1)
        grid.addLayout(money, 1, 1)
        grid.addWidget(self.day, 2, 1)
        grid.addWidget(self.expires, 3, 0)
        grid.addWidget(self.last, 3, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        names: tuple[tuple[QWidget, str], ...] = (
            (self.kind, tr("Kind")),
            (self.amount, tr("Amount")),
            (self.currency, tr("Currency")),
        )
        for widget, name in names:
            widget.setAccessibleName(name)

    def credit(self) -> Credit:
        """What the form says; raises `WrongUse` with a sentence where it cannot be."""
        return read_credit(
            CreditKind(self.kind.currentData()),
            self.amount.text(),
            self.currency.currentText(),
            day=day_in(self.day),
            last=day_in(self.last) if self.expires.isChecked() else None,
        )

    def _remove(self, number: int) -> None:
        self.removed.emit(number)
        self.accept()

    def _save(self) -> None:
        try:
            made = self.credit()
        except WrongUse as error:
            self.say_trouble(in_words(error.sentence))
            return
        self.entered.emit(made)
        self.accept()
