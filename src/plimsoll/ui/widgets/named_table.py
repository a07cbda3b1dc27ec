"""A table whose names stay readable: where there is no room for them, the figures scroll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from plimsoll.ui.widgets.table import Column, Table

_LEAST = 205
"""A name is whole from this width on, mostly; columns are spared for it."""

_TIGHT = 140
"""Where nothing can be spared any more."""

_MOST_LOOKED_AT = 40
"""So many rows tell how wide the columns of a long table are."""


class NamedTable(Table):
    """The `wide` column takes what is left, and never less than a name needs: where there is no
    room for that, columns that can be spared are left out, and then the figures scroll.
    """

    def __init__(
        self, columns: Sequence[Column[Any]], *, wide: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(columns, wide=wide, parent=parent)
        self._name = wide
        self.horizontalHeader().setResizeContentsPrecision(_MOST_LOOKED_AT)

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of the columns that are in sight."""
        columns = enumerate(self.rows_model.columns)
        return tuple(column.title for n, column in columns if not self.isColumnHidden(n))

    def _fit_columns(self) -> None:
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        columns = self.rows_model.columns
        room = self.viewport().width()
        for place in range(len(columns)):
            self.setColumnHidden(place, False)
            if place != self._name:
                header.setSectionResizeMode(place, modes.ResizeToContents)
                room -= header.sectionSize(place)
        spare = [place for place, column in enumerate(columns) if column.spare]
        for place in sorted(spare, key=lambda place: columns[place].spare):
            if room < _LEAST:
                room += header.sectionSize(place)
                self.setColumnHidden(place, True)
        header.setSectionResizeMode(self._name, modes.Fixed)
        header.resizeSection(self._name, max(_TIGHT, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names take what is left now."""
        super().resizeEvent(event)
        self._fit_columns()
