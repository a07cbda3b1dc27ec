"""What if: a slice of real usage priced elsewhere, several offers side by side, as ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.money import shown
from plimsoll.services.reprice import STANDARD, Repricings
from plimsoll.services.reprice_words import Why, about_quality, missing_words, note_words
from plimsoll.ui.moments import brief, period_words
from plimsoll.ui.widgets.buttons import QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.scenario_line import ScenarioLine, worth_beside
from plimsoll.ui.words import in_words, tr

MOST = 6
"""Models that are looked at side by side."""

_PROPER = frozenset({Why.TOKENIZERS, Why.READS, Why.NO_RATE, Why.SEVERAL_CURRENCIES})
"""Reasons that differ from offer to offer; the others are told once, below."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be priced anew: so many percent of the slice, at these models, in this tier."""

    models: tuple[str, ...]
    share: int
    tier: str


class WhatIf(Card):
    """Choose models and a share; see what the slice would cost there, and what cannot move.

    Signals:
        asked(Wish): price the slice like this.
        withdrawn(): the last model is gone, and no answer is wanted any more.
    """

    asked = Signal(Wish)
    withdrawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What if?"), parent=parent)
        self._models: list[str] = []
        self.chips: list[QPushButton] = []
        self.lines: list[ScenarioLine] = []
        self.share = QSpinBox()
        self.share.setRange(1, 100)
        self.share.setValue(100)
        self.share.setSuffix("%")
        self.share.setAccessibleName(tr("Share that moves"))
        self.share.setKeyboardTracking(False)
        self.share.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.share.valueChanged.connect(lambda _: self._ask())
        self.model = QLineEdit()
        self.model.setPlaceholderText(tr("A model, then Enter"))
        self.model.setAccessibleName(tr("Model to go to"))
        self.model.returnPressed.connect(self._add_typed)
        self.tier = QComboBox()
        self.tier.setAccessibleName(tr("Tier there"))
        for word, title in (
            ("", tr("Each its own tier")),
            (STANDARD, tr("All without a tier")),
            ("batch", tr("All in batch")),
        ):
            self.tier.addItem(title, word)
        self.tier.activated.connect(lambda _: self._ask())
        self.spent = Words(weight=500, wrap=True)
        self.trouble = Words(tone=Tone.BAD, wrap=True)
        self.hint = Words(tone="muted", wrap=True)
        self.reasons = Words(tone="faint", size=12, wrap=True)
        self.quality = Words(in_words(about_quality()), tone="muted", size=12, wrap=True)
        self._build()
        self._show_none()

    @property
    def wish(self) -> Wish:
        """What the controls ask for."""
        return Wish(tuple(self._models), self.share.value(), self.tier.currentData())

    def show_models(self, known: Sequence[str]) -> None:
        """Offer the models that have a price, while one is typed."""
        completer = QCompleter(list(known), self.model)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.model.setCompleter(completer)

    def add_model(self, model: str) -> None:
        """Look at one more model, and ask."""
        if not model or model in self._models:
            return
        if len(self._models) == MOST:
            self.trouble.setText(
                tr("{most} models stand side by side at most: remove one first.", most=MOST)
            )
            self.trouble.show()
            return
        self._models.append(model)
        chip = QuietButton(model.replace("&", "&&"), icon="close")
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
        chip.setAutoDefault(False)
        chip.setAccessibleName(tr("Remove {model}", model=model))
        chip.clicked.connect(lambda: self.remove_model(model))
        self.chips.append(chip)
        self._row.insertWidget(self._row.count() - 1, chip)
        self._ask()

    def remove_model(self, model: str) -> None:
        """Look at one model less."""
        place = self._models.index(model)
        del self._models[place]
        chip = self.chips.pop(place)
        chip.hide()
        chip.deleteLater()
        self._ask()

    def show_busy(self, share: float = 0) -> None:
        """It is being priced, and this share is done; what is on the screen stays."""
        self.trouble.hide()
        told = tr("Pricing every record …")
        self.hint.setText(f"{told} {share:.0%}" if share else told)
        self.hint.show()

    def show_trouble(self, sentence: str) -> None:
        """Say why there is no answer."""
        self._clear()
        self.trouble.setText(sentence)
        self.trouble.show()
        self._show_results(shown=False)
        self.hint.hide()

    def show_answer(self, answer: Repricings) -> None:
        """Show every offer beside what was spent."""
        self._clear()
        self.trouble.hide()
        self.hint.hide()
        self.set_note(period_words(answer.period))
        self.spent.setText(_spent_words(answer))
        tops: dict[str, int] = {}
        for scenario in answer.scenarios:
            code = scenario.offer.currency
            tops[code] = max(tops.get(code, 0), scenario.high, worth_beside(scenario) or 0)
        for scenario in answer.scenarios:
            line = ScenarioLine(scenario, top=tops[scenario.offer.currency])
            self.lines.append(line)
            self._results.addWidget(line)
        general = dict.fromkeys(
            in_words(note_words(note))
            for scenario in answer.scenarios
            if scenario.moved
            for note in scenario.notes
            if note.why not in _PROPER
        )
        missing = [in_words(missing_words(one)) for one in answer.missing]
        marks = tr("The mark on a bar is the list price of where the tokens were used.")
        marked = [marks] if any(line.is_marked for line in self.lines) else []
        self.reasons.setText("\n".join([*marked, *general, *missing]))
        self._show_results(shown=True)
        self.reasons.setVisible(bool(self.reasons.text()))

    def _build(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(10)
        controls.addWidget(Words(tr("Move"), tone="muted"))
        controls.addWidget(self.share)
        controls.addWidget(Words(tr("to"), tone="muted"))
        controls.addWidget(self.model, 1)
        controls.addWidget(self.tier)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self._results = QVBoxLayout()
        self._results.setSpacing(14)
        self.body.addLayout(controls)
        self.body.addLayout(self._row)
        for words in (self.trouble, self.hint, self.spent, self.quality):
            self.add(words)
        self.body.addLayout(self._results)
        self.add(self.reasons)
        self.trouble.hide()

    def _add_typed(self) -> None:
        self.add_model(self.model.text().strip())
        self.model.clear()

    def _ask(self) -> None:
        if self._models:
            self.asked.emit(self.wish)
        else:
            self.withdrawn.emit()
            self._show_none()

    def _show_none(self) -> None:
        self._clear()
        self._show_results(shown=False)
        self.trouble.hide()
        self.hint.setText(
            tr("Choose a model above: the tokens of these days are priced there, record by record.")
        )
        self.hint.show()

    def _clear(self) -> None:
        for line in self.lines:
            self._results.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = []

    def _show_results(self, *, shown: bool) -> None:
        for words in (self.spent, self.reasons, self.quality):
            words.setVisible(shown)


def _spent_words(answer: Repricings) -> str:
    told = [
        f"{shown(nanos, amounts.currency)} {word}"
        for amounts in answer.spent_share
        for word, nanos in (
            (tr("Billed"), amounts.billed),
            (tr("Estimated"), amounts.estimated),
            (tr("Plan"), amounts.plan),
        )
        if nanos
    ]
    money = tr(", ").join(told) or tr("no amount")
    tokens = brief(answer.tokens.total)
    if answer.share == 100:
        return tr("Spent: {money}, for {tokens} tokens", money=money, tokens=tokens)
    return tr(
        "Spent on {share}% of it: {money}; {tokens} tokens in all",
        share=answer.share,
        money=money,
        tokens=tokens,
    )


__all__ = ["MOST", "WhatIf", "Wish"]
