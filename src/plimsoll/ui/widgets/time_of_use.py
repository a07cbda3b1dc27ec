"""Time of use: the share of spend in peak hours, and what other hours would have saved."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.analysis.time_of_use import TimeOfUse
from plimsoll.domain.money import shown
from plimsoll.services.time_of_use import PeakHours
from plimsoll.ui.moments import brief, period_words, share_words
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.range_bar import RangeBar
from plimsoll.ui.words import tr


class TimeOfUseCard(Card):
    """Every model whose price depends on the hour; hidden where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Peak hours"), parent=parent)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(12)
        self.body.addLayout(self._lines)
        self.lines: list[QWidget] = []
        self.hide()

    def show_hours(self, hours: PeakHours) -> None:
        """Show how much was used at peak prices."""
        for line in self.lines:
            self._lines.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = [_line(use) for use in hours.uses]
        for line in self.lines:
            self._lines.addWidget(line)
        self.set_note(period_words(hours.period))
        self.setVisible(bool(self.lines))


def _line(use: TimeOfUse) -> QWidget:
    line = QWidget()
    column = QVBoxLayout(line)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    words = use_words(use)
    column.addWidget(
        Words(tr("{model} at {provider}", model=use.model, provider=use.provider), weight=500)
    )
    if use.peak_share is not None:
        bar = RangeBar()
        whole = use.peak_worth + use.off_peak_worth
        bar.show_range(0, use.peak_worth, top=whole, words=words)
        column.addWidget(bar)
    column.addWidget(Words(words, tone="muted", size=12, wrap=True))
    return line


def use_words(use: TimeOfUse) -> str:
    """One model's use in a few sentences."""
    said = []
    share, of_tokens = use.peak_share, use.peak_share_of_tokens
    if share is not None and of_tokens is not None:
        said.append(
            tr(
                "{share} of {whole} at list price, and {tokens} of the tokens, were in peak hours.",
                share=share_words(float(share)),
                whole=shown(use.peak_worth + use.off_peak_worth, use.currency),
                tokens=share_words(float(of_tokens)),
            )
        )
        said.append(
            tr(
                "Off-peak they would have cost {saving} less.",
                saving=shown(use.saving, use.currency),
            )
        )
    if use.unknown_tokens:
        said.append(
            tr(
                "Of {tokens} tokens only the day is told, not the hour.",
                tokens=brief(use.unknown_tokens),
            )
        )
    if use.unpriced:
        said.append(tr("{tokens} tokens have no price.", tokens=brief(use.unpriced)))
    return tr(" ").join(said)
