"""Money notice: what pays for an agent's tokens, asked once, with a guess and its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.ui.widgets.buttons import PrimaryButton, QuietButton
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

    from plimsoll.services.money_hints import MoneyQuestion


class MoneyNotice(QWidget):
    """One question and its answers; what happens until then is said in words.

    Signals:
        money_said(str): `plan` or `api`.
        payer_said(str): the bill of this account holds the calls; empty for none of them.
    """

    money_said = Signal(str)
    payer_said = Signal(str)

    def __init__(
        self, question: MoneyQuestion, *, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.asked = Words(weight=500, wrap=True)
        self.why = Words(tone="muted", size=12, wrap=True)
        widen(self.asked)
        widen(self.why)
        self.answers: dict[str, QPushButton] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.asked)
        column.addWidget(self.why)
        column.addLayout(self._row)
        if question.asks_account:
            self._ask_account(question)
        else:
            self._ask_money(question, title)
        self._row.addStretch(1)
        self.setAccessibleName(self.asked.text())
        self.setAccessibleDescription(self.why.text())

    def _ask_money(self, question: MoneyQuestion, title: str) -> None:
        self.asked.setText(tr("What pays for {title}: a plan, or an API key?", title=title))
        until = tr("Until you say, its tokens are estimated and part of Spent.")
        guess = {
            "plan": tr("It looks like a plan ({because}).", because=question.because),
            "api": tr("It looks like an API key ({because}).", because=question.because),
        }.get(question.paid)
        self.why.setText(f"{guess} {until}" if guess else until)
        for word, words in (("plan", tr("A plan")), ("api", tr("An API key"))):
            self._answer(word, words, likely=word == question.paid)
            self.answers[word].clicked.connect(lambda _=False, said=word: self._say_money(said))

    def _ask_account(self, question: MoneyQuestion) -> None:
        names = tr(", ").join(f"“{name}”" for name in question.accounts)
        self.asked.setText(tr("Is its API key one of {names}?", names=names))
        self.why.setText(
            tr(
                "Then that account's bill holds these calls already, and they are counted once:"
                " the account pays, the logs explain."
            )
        )
        for name in question.accounts:
            self._answer(name, name)
            self.answers[name].clicked.connect(lambda _=False, said=name: self._say_payer(said))
        self._answer("", tr("No, another key"))
        self.answers[""].clicked.connect(lambda: self._say_payer(""))

    def _answer(self, word: str, words: str, *, likely: bool = False) -> None:
        button = PrimaryButton(words) if likely else QuietButton(words)
        self.answers[word] = button
        self._row.addWidget(button)

    def _say_money(self, word: str) -> None:
        self._rest()
        self.money_said.emit(word)

    def _say_payer(self, name: str) -> None:
        self._rest()
        self.payer_said.emit(name)

    def _rest(self) -> None:
        for button in self.answers.values():
            button.setEnabled(False)
