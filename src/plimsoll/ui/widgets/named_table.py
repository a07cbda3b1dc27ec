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
        self._needs: tuple[int, ...] = ()
        """How wide each column would be with all of its words."""
        header = self.horizontalHeader()
        header.setResizeContentsPrecision(_MOST_LOOKED_AT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # Other rows come first, and an arrow stands beside another title.
        self.rows_model.layoutChanged.connect(self._fit_columns)

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of the columns that are in sight."""
        columns = enumerate(self.rows_model.columns)
        return tuple(column.title for n, column in columns if not self.isColumnHidden(n))

    @property
    def whole_width(self) -> int:
        """How wide the table would be with every word of the rows that were looked at."""
        return sum(self._needs) + self.verticalScrollBar().sizeHint().width() + 2

    def _fit_columns(self) -> None:
        """Measure the words, once for all widths that the table will have."""
        header = self.horizontalHeader()
        columns = range(self.rows_model.columnCount())
        for place in columns:
            self.setColumnHidden(place, False)  # Qt measures none that is hidden
        self._needs = tuple(
            max(header.sectionSizeHint(place), self.sizeHintForColumn(place)) for place in columns
        )
        self._divide()

    def _divide(self) -> None:
        """Give every column its room, and the names what is left."""
        needs = self._needs
        if not needs:
            return
        room = self.viewport().width() - sum(needs) + needs[self._name]
        columns = self.rows_model.columns
        spare = [place for place, column in enumerate(columns) if column.spare]
        hidden = set()
        for place in sorted(spare, key=lambda place: columns[place].spare):
            if room < _LEAST:
                room += needs[place]
                hidden.add(place)
        for place, need in enumerate(needs):
            self.setColumnHidden(place, place in hidden)
            if place not in hidden:
                width = max(_TIGHT, room) if place == self._name else need
                self.horizontalHeader().resizeSection(place, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names take what is left now."""
        super().resizeEvent(event)
        self._divide()
