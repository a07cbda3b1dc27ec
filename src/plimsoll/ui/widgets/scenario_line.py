"""One offer of a what-if: its range beside what the tokens were worth, and what cannot move."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.analysis.reprice import Stay
from plimsoll.domain.money import shown
from plimsoll.services.reprice import Scenario
from plimsoll.services.reprice_words import Why, note_words, stay_words
from plimsoll.ui.moments import brief
from plimsoll.ui.widgets.labels import ElidedWords, Words
from plimsoll.ui.widgets.range_bar import RangeBar
from plimsoll.ui.words import counted, in_words, tr

_STAYS = 3
_OWN_NOTES = (Why.TOKENIZERS, Why.READS, Why.NO_RATE, Why.SEVERAL_CURRENCIES)


class ScenarioLine(QWidget):
    """A scenario on a scale that ends at `top` nano-units of its currency."""

    def __init__(self, scenario: Scenario, *, top: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        offer = scenario.offer
        self.range = Words(_range_words(scenario), weight=600)
        self.bar = RangeBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        heading = QHBoxLayout()
        heading.setSpacing(10)
        name = tr(
            "{model} at {provider}, {currency}",
            model=offer.model,
            provider=offer.provider,
            currency=offer.currency,
        )
        heading.addWidget(ElidedWords(name, weight=500), 1)
        heading.addWidget(self.range)
        column.addLayout(heading)
        column.addWidget(self.bar)
        mark = worth_beside(scenario)
        self.is_marked = bool(scenario.moved) and mark is not None
        self.bar.show_range(
            scenario.low,
            scenario.high,
            top=top,
            mark=mark,
            words=f"{name}: {self.range.text()}",
        )
        self.bar.setVisible(bool(scenario.moved))
        self.basis = Words(_basis_words(scenario), tone="muted", size=12, wrap=True)
        self.basis.setVisible(bool(scenario.moved))
        self.stays = Words(_stays_words(scenario.stays), tone="faint", size=12, wrap=True)
        self.stays.setVisible(bool(scenario.stays))
        column.addWidget(self.basis)
        column.addWidget(self.stays)


def worth_beside(scenario: Scenario) -> int | None:
    """What all that moves was worth, where that is money of the offer's currency alone."""
    worths = dict(scenario.worths)
    return worths.get(scenario.offer.currency) if len(worths) == 1 else None


def _range_words(scenario: Scenario) -> str:
    if not scenario.moved:
        return tr("Nothing can move")
    low, high = (shown(n, scenario.offer.currency) for n in (scenario.low, scenario.high))
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def _basis_words(scenario: Scenario) -> str:
    """How many tokens that is for, what they were worth, and why it is no single amount."""
    worths = tr(", ").join(shown(nanos, code) for code, nanos in scenario.worths)
    said = [
        tr(
            "For {tokens} tokens, {worth} at the list price of where they were used.",
            tokens=brief(scenario.moved),
            worth=worths or tr("not priced"),
        )
    ]
    if scenario.unpriced and worths:
        said.append(tr("{tokens} of them had no price.", tokens=brief(scenario.unpriced)))
    if scenario.beside is not None:
        code, low, high = scenario.beside
        said.append(
            tr(
                "By your own rate {low} to {high}.",
                low=shown(low, code),
                high=shown(high, code),
            )
        )
    said += [in_words(note_words(note)) for note in scenario.notes if note.why in _OWN_NOTES]
    return tr(" ").join(said)


def _stays_words(stays: tuple[Stay, ...]) -> str:
    told = [_stay_words(stay) for stay in stays[:_STAYS]]
    more = len(stays) - _STAYS
    if more > 0:
        told.append(counted(more, "one more", "{count} more"))
    return tr("Cannot move: {what}.", what=tr("; ").join(told))


def _stay_words(stay: Stay) -> str:
    said = [in_words(stay_words(stay)).rstrip(".")]
    if stay.nanos is not None:
        said.append(shown(stay.nanos, stay.currency))
    if stay.tokens:
        said.append(tr("{tokens} tokens", tokens=brief(stay.tokens)))
    elif stay.quantity:
        said.append(f"{stay.quantity.normalize():,f}".replace(",", "\u202f"))
    return tr(", ").join(said)
