"""What a page is narrowed to: a chip for each condition, which a click takes away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from plimsoll.domain.question import Dimension, Scope
from plimsoll.ui import theme as look
from plimsoll.ui.dimensions import called, title_of
from plimsoll.ui.widgets.buttons import LinkButton, QuietButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

if TYPE_CHECKING:
    from plimsoll.services.agent_work import AgentWork

_LONGEST = 180
"""Pixels of a value's words before they end in an ellipsis; the tooltip has them whole."""


class Filters(QWidget):
    """The conditions of a scope, in the order in which they were set; hidden without any.

    Signals:
        removed(Dimension): this condition is to go.
        cleared(): all of them are.
    """

    removed = Signal(Dimension)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(Words(tr("Only"), tone="muted"))
        self._clear = LinkButton(tr("Show everything"))
        self._clear.clicked.connect(self.cleared)
        self._row.addWidget(self._clear)
        self._row.addStretch(1)
        self.setAccessibleName(tr("Filters"))
        self.hide()

    def show_scope(self, scope: Scope, work: AgentWork | None = None) -> None:
        """Show other conditions, with what agents' logs know of their values."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [
            self._chip(dimension, [called(dimension, value, work) for value in values])
            for dimension, values in scope.conditions
        ]
        for place, chip in enumerate(self._chips, start=1):
            self._row.insertWidget(place, chip)
        self.setVisible(bool(self._chips))

    @property
    def chips(self) -> tuple[QPushButton, ...]:
        """The real buttons, in order."""
        return tuple(self._chips)

    @property
    def clear_button(self) -> QPushButton:
        """The button that takes all of them away."""
        return self._clear

    def _chip(self, dimension: Dimension, values: list[str]) -> QPushButton:
        words = f"{title_of(dimension)}: {tr(', ').join(values)}"
        chip = QuietButton(icon="close")
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
        chip.setFont(look.font(12, 500))
        metrics = chip.fontMetrics()
        chip.setText(metrics.elidedText(words, Qt.TextElideMode.ElideRight, _LONGEST))
        chip.setToolTip(words)
        chip.setAccessibleName(tr("Remove the filter {words}", words=words))
        chip.clicked.connect(lambda: self.removed.emit(dimension))
        return chip
