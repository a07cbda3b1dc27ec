"""Setting a rate of exchange: two currencies, a number, the day from which it holds, a note."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from plimsoll.domain.currencies import in_order
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.exchange import LONGEST_NOTE, Rate
from plimsoll.services.currencies import Currencies, read_rate
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.rates import value_words
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.widgets.days import day_field, day_in, show_day
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr


class RateDialog(Frame):
    """A form that makes one `Rate`.

    Signals:
        chosen(Rate): set this rate.
    """

    chosen = Signal(object)

    def __init__(
        self, known: Currencies, *, rate: Rate | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("Edit the rate") if rate else tr("Add a rate"),
            words=tr(
                "It holds from its day on, until a later rate of the same two currencies. Money of"
                " days before the first rate is not converted."
            ),
            parent=parent,
        )
        self._known = known
        self._day_was_set = rate is not None
        self._build()
        self._fill(rate)
        self.add_cancel()
        self.save = PrimaryButton(tr("Save") if rate else tr("Add the rate"))
        self.save.clicked.connect(self._save)
        self.add_button(self.save, default=True)
        self.value.setFocus()

    def _build(self) -> None:
        self.base, self.quote = QComboBox(), QComboBox()
        for box, name in ((self.base, tr("From currency")), (self.quote, tr("To currency"))):
            box.addItems(in_order(first=self._known.spent_in))
            box.setAccessibleName(name)
            box.currentTextChanged.connect(lambda _: self._propose_day())
        self.value = QLineEdit()
        self.value.setPlaceholderText("7.12")
        self.value.setAccessibleName(tr("Rate"))
        self.day = day_field(tr("From"))
        self.day.dateChanged.connect(lambda _: self._note_day())
        self.note = QLineEdit()
        self.note.setMaxLength(LONGEST_NOTE)
        self.note.setPlaceholderText(tr("where it is from, such as your bank"))
        self.note.setAccessibleName(tr("Note"))
        rate = QHBoxLayout()
        rate.setSpacing(8)
        rate.addWidget(Words("1"))
        rate.addWidget(self.base)
        rate.addWidget(Words("="))
        rate.addWidget(self.value, 1)
        rate.addWidget(self.quote)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for row, label in enumerate((tr("Rate"), tr("From"), tr("Note"))):
            grid.addWidget(Words(label, tone="muted"), row, 0)
        grid.addLayout(rate, 0, 1)
        grid.addWidget(self.day, 1, 1)
        grid.addWidget(self.note, 2, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)

    def _fill(self, rate: Rate | None) -> None:
        if rate is None:
            others = [code for code in self._known.spent_in if code != self._known.target]
            usual = "CNY" if self._known.target == "USD" else "USD"
            pair = sorted((self._known.target, others[0] if others else usual), key=_weight)
            self.base.setCurrentText(pair[0])
            self.quote.setCurrentText(pair[1])
            self._propose_day()
            return
        self.base.setCurrentText(rate.base)
        self.quote.setCurrentText(rate.quote)
        self.value.setText(value_words(rate))
        show_day(self.day, rate.day)
        self.note.setText(rate.note)

    def _propose_day(self) -> None:
        """The first rate of two currencies holds from the first figures on, another from today."""
        if self._day_was_set:
            return
        pair = {self.base.currentText(), self.quote.currentText()}
        is_first = all(rate.pair != pair for rate in self._known.rates)
        first = self._known.first_day if is_first else None
        show_day(self.day, first or self._known.today)

    def _note_day(self) -> None:
        self._day_was_set = True

    def rate(self) -> Rate:
        """What the form says; raises `WrongUse` with a sentence where it cannot be a rate."""
        return read_rate(
            day=day_in(self.day),
            base=self.base.currentText(),
            quote=self.quote.currentText(),
            value=self.value.text(),
            note=self.note.text(),
        )

    def _save(self) -> None:
        try:
            rate = self.rate()
        except WrongUse as error:
            self.say_trouble(in_words(error.sentence))
            return
        self.chosen.emit(rate)
        self.accept()


def _weight(code: str) -> bool:
    """Rates are usually written for one dollar or one euro."""
    return code not in {"USD", "EUR"}
