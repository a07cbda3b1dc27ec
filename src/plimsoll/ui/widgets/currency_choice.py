"""The switch between currencies in a page's title row, where there are several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.words import tr


class CurrencyChoice(SegmentedControl):
    """One of the currencies that there is money in; hidden where there is only one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__((), name=tr("Currency"), parent=parent)
        self.hide()

    def show_currencies(
        self, currencies: Sequence[str], chosen: str, *, others: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Offer these, and `others` as values with their words; `chosen` is what is shown now."""
        choices = (*((code, code) for code in currencies), *others)
        several = choices if len(choices) > 1 else ()
        self.offer(several)
        self.setVisible(bool(several))
        self.choose(chosen)
