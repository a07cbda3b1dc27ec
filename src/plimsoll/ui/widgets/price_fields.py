"""Fields for prices: what is typed, and beside it what that means."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.domain.money import NotAnAmount, read_typed
from plimsoll.domain.tariff import PRICED_PER, BadPrice, Kind, check_number
from plimsoll.ui import theme
from plimsoll.ui.price_words import kind_words, price_text
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import tr

_LINE = 32
"""Pixels: a field does not give way where a dialog is small."""


class RateField(QWidget):
    """One price. Empty means that nobody knows it, 0 that it is free; the words say which.

    Signals:
        changed(): something else was typed.
    """

    changed = Signal()

    def __init__(self, kind: Kind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._currency = "USD"
        self.title = Words(kind_words(kind), tone="muted", size=12)
        self.meaning = Words(tone="faint", size=12)
        self.line = QLineEdit()
        self.line.setFont(theme.font(13))
        self.line.setPlaceholderText(tr("unknown"))
        self.line.textChanged.connect(self._typed)
        self.line.setMinimumHeight(_LINE)
        self.setFocusProxy(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title)
        top.addStretch(1)
        top.addWidget(self.meaning)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(top)
        column.addWidget(self.line)
        self._say()

    def set_currency(self, currency: str) -> None:
        """The currency that the words are in."""
        self._currency = currency
        self._say()

    def set_price(self, price: Decimal | None) -> None:
        """Show a price; None leaves the field empty."""
        self.line.setText("" if price is None else f"{price.normalize():f}")

    def price(self) -> Decimal | None:
        """What was typed, None where nothing was; raises `BadPrice`."""
        text = self.line.text().strip()
        if not text:
            return None
        try:
            price = read_typed(text)
        except NotAnAmount:
            raise BadPrice(self.kind, tr("is a number such as 1.25, with a point")) from None
        check_number(self.kind, price)
        return price

    def mark(self, *, bad: bool) -> None:
        """Draw the field's edge as wrong, or not."""
        mark(self.line, bad=bad)

    def _typed(self) -> None:
        self.mark(bad=False)
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        try:
            price = self.price()
        except BadPrice:
            words, tone = tr("not a price"), str(Tone.WARN)
        else:
            words, tone = self._meaning(price), "faint"
        self.meaning.setText(words)
        self.meaning.set_tone(tone)
        self.line.setAccessibleName(f"{self.title.text()}, {words}")

    def _meaning(self, price: Decimal | None) -> str:
        if price is None:
            return tr("not priced")
        if price == 0:
            return tr("free")
        amount = price_text(price, self._currency)
        if PRICED_PER[self.kind] == 1000:
            return tr("{amount} per 1,000", amount=amount)
        return tr("{amount} per million", amount=amount)


def mark(line: QLineEdit, *, bad: bool) -> None:
    """Draw a line's edge as wrong, or not."""
    state = "bad" if bad else ""
    if line.property("state") != state:
        line.setProperty("state", state)
        line.style().unpolish(line)
        line.style().polish(line)
