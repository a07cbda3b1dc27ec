"""A week's efficiency: every measure beside what was usual, and one thing to try for each."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from plimsoll.analysis.efficiency import Kind, Measure, Standing
from plimsoll.domain.money import Money
from plimsoll.services.efficiency_answers import Action, Efficiency, Finding
from plimsoll.services.efficiency_words import (
    action_words,
    divided_words,
    quiet_words,
    share_words,
    small_money,
    unit_cost_words,
)
from plimsoll.ui.charts.sparkline import Sparkline
from plimsoll.ui.moments import grouped, period_words
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card, Chip
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.words import in_words, tr

_FINE = 10**6
"""Parts of one in which the values of a trend are whole numbers."""

_TREND = QSize(96, 22)
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_PER_MONEY = frozenset({Kind.COST_PER_REQUEST, Kind.COST_PER_UNIT})


class EfficiencyCard(Card):
    """The latest whole week against the user's own eight before it; a figure says where it is from
    when it is clicked, or asked by the keyboard.

    Signals:
        rows_asked(Question): show the rows behind what is suggested.
        explain_asked(Finding, QWidget): say where a figure is from, beside a widget.
        work_asked(): let the user enter units of work.
    """

    rows_asked = Signal(object)
    explain_asked = Signal(object, QWidget)
    work_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Efficiency against your own past"), parent=parent)
        self.work = LinkButton(tr("Units of work …"))
        self.work.setToolTip(tr("Count what was done, and get a cost for each"))
        self.work.clicked.connect(self.work_asked)
        self.header.addWidget(self.work)
        self.intro = Words(tone="muted", size=12, wrap=True)
        widen(self.intro)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(0, 3)
        self.grid.setColumnStretch(4, 2)
        self.lines: list[tuple[str, ...]] = []
        self.figures: list[AmountLabel] = []
        self.suggestions: list[tuple[Words, LinkButton | None]] = []
        self._below = QVBoxLayout()
        self._below.setSpacing(6)
        self.caution = Words(tone="faint", size=12, wrap=True)
        widen(self.caution)
        self.add(self.intro)
        self.body.addLayout(self.grid)
        self.body.addSpacing(4)
        self.body.addLayout(self._below)
        self.add(self.caution)
        self.hide()

    def say(self, sentence: str) -> None:
        """One sentence in the place of figures: why they cannot be read."""
        self._clear()
        self.show()
        self.intro.setText(sentence)
        self.caution.hide()

    def show_week(self, answer: Efficiency) -> None:
        """Show a week; a measure that is not known takes no line."""
        known = [f for f in answer.findings if f.measure.latest is not None]
        self.set_note(period_words(answer.latest))
        if not known:
            self.say(tr("Nothing of that week is known yet that could be divided."))
            return
        self._clear()
        self.show()
        self.intro.setText(
            tr(
                "The last whole week beside the eight before it. A mark says that it lies outside"
                " of what was usual for you; more is not better by itself."
            )
        )
        for place, finding in enumerate(known):
            self._add(place, finding)
        self._suggest(answer)
        caution = _caution(answer)
        self.caution.setText(caution)
        self.caution.setVisible(bool(caution))
        lines = (" ".join(filter(None, line)) for line in self.lines)
        tried = (words.text() for words, _ in self.suggestions)
        self.setAccessibleDescription(". ".join((*lines, *tried)))

    def _add(self, place: int, finding: Finding) -> None:
        measure = finding.measure
        name, value = name_of(measure), value_words(measure, measure.latest)
        usual, mark, detail = (
            usual_words(measure),
            mark_words(measure.standing),
            detail_words(measure),
        )
        chip = Chip(mark, tone="accent")
        chip.setVisible(bool(mark))
        figure = AmountLabel(value)
        asked = tr("{amount}: how do we know?", amount=f"{name}, {value}")
        figure.setAccessibleName(asked)
        figure.setAccessibleDescription(" ".join(filter(None, (mark, usual, detail))))
        figure.clicked.connect(lambda: self.explain_asked.emit(finding, figure))
        cells = (_named(measure, detail), figure, _trend(measure), chip)
        for column, widget in enumerate((*cells, Words(usual, tone="muted", size=12))):
            self.grid.addWidget(widget, place, column, _MIDDLE)
        self.figures.append(figure)
        self.lines.append((name, value, mark, usual, detail))

    def _suggest(self, answer: Efficiency) -> None:
        """What to try, the greatest saving first, and what stands out and has nothing to try."""
        for action in answer.actions:
            said = in_words(action_words(action, count=grouped))
            self._say_below(said, weight=500 if action == answer.action else 400, action=action)
        for finding in answer.findings:
            if finding.quiet is not None and finding.measure.costs_more:
                quiet = in_words(quiet_words(finding.quiet))
                name = name_of(finding.measure)
                self._say_below(tr("{name}: {words}", name=name, words=quiet), tone="muted")
        if not self.suggestions:
            nothing = tr("Nothing stands out that would have saved anything worth a word.")
            self._say_below(nothing, weight=500)

    def _say_below(
        self, text: str, *, weight: int = 400, tone: str = "text", action: Action | None = None
    ) -> None:
        words = Words(text, tone=tone, weight=weight, wrap=True)
        widen(words)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(words, 1)
        rows = None
        if action is not None:
            rows = LinkButton(tr("Show the rows"))
            rows.setAccessibleDescription(text)
            rows.clicked.connect(lambda: self.rows_asked.emit(action.question))
            line.addWidget(rows, 0, Qt.AlignmentFlag.AlignTop)
        self._below.addLayout(line)
        self.suggestions.append((words, rows))

    def _clear(self) -> None:
        self.lines.clear()
        self.figures.clear()
        self.suggestions.clear()
        _drop(self.grid)
        while (line := self._below.takeAt(0)) is not None:
            if isinstance(line, QHBoxLayout):
                _drop(line)
                line.deleteLater()


def _named(measure: Measure, detail: str) -> QWidget:
    """What is measured, and below it what belongs to it in small words."""
    told_by = measure.kind is Kind.AGENTS_AND_PROGRAMS
    name = tr("By agents and programs") if told_by else name_of(measure)
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    said = (Words(name, wrap=True), Words(detail, tone="faint", size=12, wrap=True))
    for words in said if detail else said[:1]:
        widen(words)
        column.addWidget(words)
    return box


def _trend(measure: Measure) -> Sparkline:
    """Nine weeks as a small line, before what is usual."""
    trend = Sparkline()
    trend.setFixedSize(_TREND)
    scale = 1 if measure.kind in _PER_MONEY else _FINE
    usual = measure.baseline
    band = None if usual is None else (round(usual.low * scale), round(usual.high * scale))
    values = [None if value is None else round(value * scale) for value in measure.values]
    trend.show_values(values, from_zero=False, band=band)
    return trend


def _drop(layout: QLayout) -> None:
    """Take out all of a layout's widgets."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


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
        Kind.AGENTS_AND_PROGRAMS: tr("By agents and programs, says {name}", name=measure.name),
        Kind.COST_PER_UNIT: in_words(unit_cost_words(measure)),
    }
    return names[measure.kind]


def value_words(measure: Measure, value: Fraction | None) -> str:
    """A value of a measure: an amount, a count, or a share."""
    if value is None:
        return "–"
    if measure.kind in _PER_MONEY:
        return small_money(Money(measure.currency, round(value)))
    if measure.kind is Kind.OUTPUT_PER_MONEY:
        return grouped(round(value))
    return in_words(share_words(value))


def usual_words(measure: Measure) -> str:
    """What was usual, or that nobody can say."""
    usual = measure.baseline
    if usual is None:
        return tr("too few weeks to say what is usual")
    low, high = value_words(measure, usual.low), value_words(measure, usual.high)
    if measure.standing is Standing.USUAL:
        return tr("as usual, {low} to {high}", low=low, high=high)
    return tr("usually {low} to {high}", low=low, high=high)


def detail_words(measure: Measure) -> str:
    """What belongs to a figure: the money behind a share, which money is divided by units of work,
    and how far an indicator tells.
    """
    if measure.amount is not None and measure.amount.nanos:
        return tr("{amount} at list price", amount=small_money(measure.amount))
    if measure.kind is Kind.AGENTS_AND_PROGRAMS:
        said = [tr("says {name}", name=measure.name)]
        if measure.not_told:
            share = value_words(measure, measure.not_told)
            said.append(tr("an indicator, not told of {share}", share=share))
        return " · ".join(said)
    return in_words(divided_words(measure)) if measure.kind is Kind.COST_PER_UNIT else ""


def mark_words(standing: Standing) -> str:
    """The mark of a week that lies outside of what was usual; empty for all others."""
    marks = {Standing.ABOVE: tr("Above usual"), Standing.BELOW: tr("Below usual")}
    return marks.get(standing, "")


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
                names=tr(", ").join(answer.left_out),
            )
        )
    return tr(" ").join(said)
