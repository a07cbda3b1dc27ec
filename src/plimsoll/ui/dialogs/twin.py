"""A chart's twin: the same figures as a table, for readers who want or need rows."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from plimsoll.ui.dialogs.frame import SIDE, Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.widgets.named_table import NamedTable
from plimsoll.ui.widgets.table import text_columns
from plimsoll.ui.words import tr

_WIDTH, _WIDEST, _HEIGHT = 860, 1180, 560


class Tabular(Protocol):
    """What can be shown as a table, and said in one sentence."""

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Headers, and rows of the same length."""
        ...

    def accessible_text(self) -> str:
        """The whole in one sentence."""
        ...


class TwinTable(Frame):
    """The rows of a chart or a list; Ctrl+C or the button copies them for a spreadsheet.

    The first `words` columns are words, the others figures; the `wide` one takes what is left.
    """

    def __init__(
        self,
        title: str,
        chart: Tabular,
        parent: QWidget | None = None,
        *,
        words: int = 1,
        wide: int = 0,
    ) -> None:
        super().__init__(title, words=chart.accessible_text(), parent=parent)
        headers, rows = chart.table()
        self.table = NamedTable(text_columns(headers, words=words), wide=wide)
        self.table.setAccessibleName(title)
        # In the dialog before it is measured: only there are its titles as heavy as they are seen.
        self.body.addWidget(self.table, 1)
        self.table.show_rows(rows)
        self.add_cancel(tr("Close"))
        self.copy = PrimaryButton(tr("Copy"), icon="copy")
        self.copy.clicked.connect(self.table.copy)
        self.add_button(self.copy)
        whole = self.table.whole_width + 2 * SIDE
        self.resize(min(max(_WIDTH, whole), _WIDEST), _HEIGHT)
        self.table.setFocus()
