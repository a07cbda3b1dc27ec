"""Fields for prices: what is typed, and beside it what that means."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.domain.money import NotAnAmount, read_typed
from plimsoll.domain.tariff import PRICED_PER, BadPrice, Kind, check_number
from plimsoll.ui import theme
from plimsoll.ui.price_words import kind_words, price_text, tier_words
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import tr

_LINE = 32
"""Pixels: a field does not give way where a dialog is small."""


class NumberField(QWidget):
    """One number of a price, `field` by its word in price files. Empty means that nobody knows it;
    the words beside its title say what it comes to.

    Signals:
        changed(): something else was typed.
    """

    changed = Signal()

    def __init__(self, field: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self.title = Words(title, tone="muted", size=12)
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
        self.say()

    def set_number(self, number: Decimal | None) -> None:
        """Show a number; None leaves the field empty."""
        self.line.setText("" if number is None else f"{number.normalize():f}")

    def number(self) -> Decimal | None:
        """What was typed, None where nothing was; raises `BadPrice`."""
        text = self.line.text().strip()
        if not text:
            return None
        try:
            number = read_typed(text)
        except NotAnAmount:
            raise BadPrice(self._field, tr("is a number such as 1.25, with a point")) from None
        check_number(self._field, number)
        return number

    def meaning_of(self, number: Decimal) -> str:
        """What a number comes to, in a word or two."""
        raise NotImplementedError

    def say(self) -> None:
        """Say what the number comes to."""
        try:
            number = self.number()
        except BadPrice:
            words, tone = tr("not a price"), str(Tone.WARN)
        else:
            words, tone = tr("not priced") if number is None else self.meaning_of(number), "faint"
        self.meaning.setText(words)
        self.meaning.set_tone(tone)
        self.line.setAccessibleName(f"{self.title.text()}, {words}")

    def _typed(self) -> None:
        mark(self.line, bad=False)
        self.say()
        self.changed.emit()


class RateField(NumberField):
    """The price of one kind of token or call; 0 means free."""

    def __init__(self, kind: Kind, parent: QWidget | None = None) -> None:
        self.kind = kind
        self._currency = "USD"
        super().__init__(kind.value, kind_words(kind), parent)

    def set_currency(self, currency: str) -> None:
        """The currency that the words are in."""
        self._currency = currency
        self.say()

    def meaning_of(self, number: Decimal) -> str:
        """`$1.25 per million`."""
        if number == 0:
            return tr("free")
        amount = price_text(number, self._currency)
        if PRICED_PER[self.kind] == 1000:
            return tr("{amount} per 1,000", amount=amount)
        return tr("{amount} per million", amount=amount)


class ShareField(NumberField):
    """What token prices are multiplied by in a tier."""

    def __init__(self, tier: str, parent: QWidget | None = None) -> None:
        super().__init__(tier, tier_words(tier), parent)

    def meaning_of(self, number: Decimal) -> str:
        """`× 0.5`."""
        return tr("free") if number == 0 else f"× {number.normalize():f}"


def mark(line: QLineEdit, *, bad: bool) -> None:
    """Draw a line's edge as wrong, or not."""
    state = "bad" if bad else ""
    if line.property("state") != state:
        line.setProperty("state", state)
        line.style().unpolish(line)
        line.style().polish(line)
