"""A contract discount of one account, and what it changes before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from plimsoll.domain.money import NotAnAmount, read_typed
from plimsoll.domain.tariff import BadPrice, Discount
from plimsoll.ui import theme
from plimsoll.ui.dialogs.effect import EffectDialog
from plimsoll.ui.price_words import read_day
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.price_fields import mark
from plimsoll.ui.words import in_words, tr


class DiscountDialog(EffectDialog):
    """A form that makes one `Discount`.

    Signals:
        preview_asked(Discount), taken(Discount): what a wish is here.
    """

    def __init__(
        self,
        accounts: Sequence[str],
        *,
        today: date,
        discount: Discount | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Edit the discount") if discount else tr("Add a discount"),
            words=tr(
                "What your contract takes off every list price of one account. Where the provider"
                " bills, its bill stays as it is, and the check tells the discount apart. Days are"
                " UTC, such as 2026-09-01, both included."
            ),
            today=today,
            take=tr("Take this discount"),
            parent=parent,
        )
        self._build(accounts)
        self._fill(discount)
        self.finish_form()
        self._connect()
        self.percent.setFocus()

    def _build(self, accounts: Sequence[str]) -> None:
        self.account = QComboBox()
        self.account.addItems(list(accounts))
        self.percent, self.first, self.last = QLineEdit(), QLineEdit(), QLineEdit()
        self.percent.setPlaceholderText("12.5")
        self.first.setPlaceholderText(tr("always"))
        self.last.setPlaceholderText(tr("open"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for row, (label, control) in enumerate(
            (
                (tr("Account"), self.account),
                (tr("Percent off"), self.percent),
                (tr("First day"), self.first),
                (tr("Last day"), self.last),
            )
        ):
            control.setAccessibleName(label)
            control.setFont(theme.font(13))
            grid.addWidget(Words(label, tone="muted"), row, 0)
            grid.addWidget(control, row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)

    def _fill(self, discount: Discount | None) -> None:
        if discount is None:
            return
        if self.account.findText(discount.source) < 0:
            self.account.addItem(discount.source)
        self.account.setCurrentText(discount.source)
        self.percent.setText(f"{discount.percent.normalize():f}")
        self.first.setText(discount.first.isoformat() if discount.first else "")
        self.last.setText(discount.last.isoformat() if discount.last else "")

    def _connect(self) -> None:
        self.account.currentIndexChanged.connect(lambda _: self.forget_effect())
        for line in (self.percent, self.first, self.last):
            line.textChanged.connect(self._edited)

    def _edited(self) -> None:
        for line in (self.percent, self.first, self.last):
            mark(line, bad=False)
        self.forget_effect()

    def wish(self) -> Discount:
        """What the form says; raises `BadPrice`, whose field is marked."""
        text = self.percent.text().strip().removesuffix("%").strip()
        try:
            percent = read_typed(text)
        except NotAnAmount:
            raise BadPrice("percent", tr("is a number such as 12.5")) from None
        return Discount(
            source=self.account.currentText(),
            percent=percent,
            first=self._day(self.first, "first"),
            last=self._day(self.last, "last"),
        )

    def _day(self, line: QLineEdit, field: str) -> date | None:
        try:
            return read_day(line.text())
        except ValueError:
            raise BadPrice(field, tr("is a day such as 2026-09-01, or empty")) from None

    def refuse(self, error: BadPrice) -> None:
        """Mark the field that is wrong, and say why."""
        label, line = {
            "first": (tr("First day"), self.first),
            "last": (tr("Last day"), self.last),
        }.get(error.field, (tr("Percent off"), self.percent))
        self.say_trouble(tr("{field}: {words}.", field=label, words=in_words(error.words)))
        mark(line, bad=True)
        line.setFocus()
