"""A table whose names stay readable: where there is no room for them, the figures scroll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from plimsoll.ui.widgets.table import Column, Table

_LEAST = 165
_MOST_LOOKED_AT = 40
"""So many rows tell how wide the columns of a long table are."""


class NamedTable(Table):
    """The `wide` column takes what is left, and never less than a name needs."""

    def __init__(
        self, columns: Sequence[Column[Any]], *, wide: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(columns, wide=wide, parent=parent)
        self._name = wide
        self.horizontalHeader().setResizeContentsPrecision(_MOST_LOOKED_AT)

    def _fit_columns(self) -> None:
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        others = [c for c in range(self.rows_model.columnCount()) if c != self._name]
        for column in others:
            header.setSectionResizeMode(column, modes.ResizeToContents)
        room = self.viewport().width() - sum(header.sectionSize(column) for column in others)
        header.setSectionResizeMode(self._name, modes.Fixed)
        header.resizeSection(self._name, max(_LEAST, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names take what is left now."""
        super().resizeEvent(event)
        self._fit_columns()
