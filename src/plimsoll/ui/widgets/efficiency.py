"""A week's efficiency: every measure beside what was usual, and at most one thing to try."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from plimsoll.analysis.efficiency import Kind, Measure, Standing
from plimsoll.domain.money import NANO, Money, shown
from plimsoll.services.efficiency_answers import Action, Efficiency
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.moments import grouped, period_words
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card, Chip
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import tr

_FINE = 10**6
"""Parts of one in which the values of a trend are whole numbers."""

_PLACES = 4
_PER_MONEY = frozenset({Kind.COST_PER_REQUEST, Kind.COST_PER_UNIT})


class EfficiencyCard(Card):
    """The latest whole week against the user's own eight before it.

    Signals:
        rows_asked(Question): show the rows behind what is suggested.
    """

    rows_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Efficiency against your own past"), parent=parent)
        self._action: Action | None = None
        self.intro = Words(tone="muted", size=12, wrap=True)
        widen(self.intro)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(18)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(4, 1)
        self.lines: list[tuple[str, ...]] = []
        self.suggestion = Words(weight=500, wrap=True)
        widen(self.suggestion)
        self.rows = LinkButton(tr("Show the rows"))
        self.rows.clicked.connect(self._ask_rows)
        bottom = QHBoxLayout()
        bottom.setSpacing(10)
        bottom.addWidget(self.suggestion, 1)
        bottom.addWidget(self.rows, 0, Qt.AlignmentFlag.AlignTop)
        self.caution = Words(tone="faint", size=12, wrap=True)
        widen(self.caution)
        self.add(self.intro)
        self.body.addLayout(self.grid)
        self.body.addSpacing(4)
        self.body.addLayout(bottom)
        self.add(self.caution)
        self.hide()

    def say(self, sentence: str) -> None:
        """One sentence in the place of figures: why they cannot be read."""
        self._clear()
        self.show()
        self.intro.setText(sentence)
        for widget in (self.suggestion, self.rows, self.caution):
            widget.hide()

    def show_week(self, answer: Efficiency) -> None:
        """Show a week; a measure that is not known takes no line, nor does a week without any."""
        known = [measure for measure in answer.measures if measure.latest is not None]
        self.set_note(period_words(answer.latest))
        if not known:
            self.hide()
            return
        self._clear()
        self.show()
        self.intro.setText(
            tr(
                "The last whole week beside the eight before it. A mark says that it lies outside"
                " of what was usual for you; more is not better by itself."
            )
        )
        for place, measure in enumerate(known):
            self._add(place, measure)
        self._action = answer.action
        self.suggestion.setText(
            action_words(answer.action)
            if answer.action is not None
            else tr("Nothing stands out that would have saved anything worth a word.")
        )
        self.suggestion.show()
        self.rows.setVisible(answer.action is not None)
        caution = _caution(answer)
        self.caution.setText(caution)
        self.caution.setVisible(bool(caution))
        told = (" ".join(filter(None, line)) for line in self.lines)
        self.setAccessibleDescription(". ".join((*told, self.suggestion.text())))

    def _add(self, place: int, measure: Measure) -> None:
        name, value = name_of(measure), value_words(measure, measure.latest)
        usual, mark = usual_words(measure), mark_words(measure.standing)
        trend = Sparkline()
        trend.setFixedSize(110, 22)
        scale = 1 if measure.kind in _PER_MONEY else _FINE
        trend.show_values(
            [None if v is None else round(v * scale) for v in measure.values], from_zero=False
        )
        chip = Chip(mark, tone="accent")
        chip.setVisible(bool(mark))
        figure = Words(value, weight=600)
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        words = Words(usual, tone="muted", size=12, wrap=True)
        for column, widget in enumerate((Words(name), figure, trend, chip, words)):
            self.grid.addWidget(widget, place, column, Qt.AlignmentFlag.AlignVCenter)
        figure.setAccessibleName(f"{name}: {value}. {mark} {usual}")
        self.lines.append((name, value, mark, usual))

    def _clear(self) -> None:
        self._action = None
        self.lines = []
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _ask_rows(self) -> None:
        if self._action is not None:
            self.rows_asked.emit(self._action.question)


def name_of(measure: Measure) -> str:
    """What is measured, in words."""
    names = {
        Kind.OUTPUT_PER_MONEY: tr("Output tokens per {currency}", currency=measure.currency),
        Kind.COST_PER_REQUEST: tr("Cost per request"),
        Kind.CACHE_HITS: tr("Input from the cache"),
        Kind.CACHE_SAVED: tr("Saved by the cache"),
        Kind.WRITES_UNREAD: tr("Cache writes never read, at least"),
        Kind.REASONING: tr("Reasoning in the output"),
        Kind.OWN_LOOP: tr("Own loop"),
        Kind.COST_PER_UNIT: tr("Cost per unit of {name}", name=measure.name),
    }
    return names[measure.kind]


def value_words(measure: Measure, value: Fraction | None) -> str:
    """A value of a measure: an amount, a count, or a share."""
    if value is None:
        return "–"
    if measure.kind in _PER_MONEY:
        return _money(Money(measure.currency, round(value)))
    if measure.kind is Kind.OUTPUT_PER_MONEY:
        return grouped(round(value))
    return tr("{number}%", number=f"{float(value) * 100:.1f}")


def usual_words(measure: Measure) -> str:
    """What was usual, or that nobody can say; and the money behind a share."""
    usual = measure.baseline
    if usual is None:
        said = tr("too few weeks to say what is usual")
    else:
        low, high = value_words(measure, usual.low), value_words(measure, usual.high)
        said = tr("usually {low} to {high}", low=low, high=high)
    if measure.amount is not None and measure.amount.nanos:
        said += " · " + tr("{amount} at list price", amount=_money(measure.amount))
    return said


def mark_words(standing: Standing) -> str:
    """The mark of a week that lies outside of what was usual; empty for all others."""
    marks = {Standing.ABOVE: tr("Above usual"), Standing.BELOW: tr("Below usual")}
    return marks.get(standing, "")


def action_words(action: Action) -> str:
    """The one thing to try, and what it would have saved."""
    given = {"model": action.model, "source": action.source, "tokens": grouped(action.tokens)}
    sentences = {
        Kind.CACHE_HITS: tr(
            "To try: {tokens} fewer tokens of {model} ({source}) came from the cache than usual."
            " Look at what changes at the beginning of its prompts.",
            **given,
        ),
        Kind.WRITES_UNREAD: tr(
            "To try: {model} ({source}) wrote {tokens} tokens to the cache that nobody read in"
            " time. Write less, or for longer.",
            **given,
        ),
        Kind.REASONING: tr(
            "To try: {model} ({source}) reasoned {tokens} tokens more than usual. Ask for less"
            " where it is not needed.",
            **given,
        ),
    }
    saving = tr(
        "In that week it would have saved {amount} at list price.", amount=_money(action.saving)
    )
    return f"{sentences[action.kind]} {saving}"


def _caution(answer: Efficiency) -> str:
    said = []
    if answer.not_final:
        said.append(tr("Some of these days can still change."))
    if answer.missing:
        said.append(tr("Some of these days are missing."))
    if answer.left_out:
        said.append(
            tr(
                "Days of {names} are not divided: not all of their money or tokens is known.",
                names=", ".join(answer.left_out),
            )
        )
    return " ".join(said)


def _money(money: Money) -> str:
    """Small amounts with more decimals: a request costs less than a cent."""
    return shown(money.nanos, money.currency, places=_PLACES if abs(money.nanos) < NANO else None)
