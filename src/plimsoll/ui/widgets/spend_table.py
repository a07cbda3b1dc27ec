"""The table of what was spent: a line a value and currency, every kind of number in its column."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from plimsoll.services.breakdown import Breakdown
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import draw_focus
from plimsoll.ui.widgets.amounts import ASKS
from plimsoll.ui.widgets.spend_columns import (
    SWATCH,
    SpendRow,
    columns_of,
    rows_of,
    shape_of,
    totals_of,
)
from plimsoll.ui.widgets.table import Table
from plimsoll.ui.words import tr

_ROW = 30
_MOST_ROWS = 14
"""More lines than these scroll inside the table, so that the page below stays in reach."""

_NARROW = 800
_WIDE = 1120
_WIDEST = 1200
_MANY_COLUMNS = 9
_NAME_ROOM = 170

_BY_KEY = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})


class SpendTable(Table):
    """Lines and totals. A click on a name narrows the page to it, one on a figure explains it;
    Enter, Space or I do the same for the cell with the keyboard.

    Signals:
        narrowed(SpendLine): the user wants only this value.
        explain_asked(SpendRow, QRect): say where a line's figures come from, beside a cell.
    """

    narrowed = Signal(object)
    explain_asked = Signal(object, QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__((), parent=parent)
        self._shape: tuple[object, ...] = ()
        self._titles: list[str] = []
        self.doubleClicked.disconnect()
        self.clicked.connect(self._act)
        self.setItemDelegate(_Cells(self))
        self.setIconSize(QSize(SWATCH, SWATCH))
        self.setAccessibleName(tr("Spend"))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._reached_by_key = False
        self.hovered = QPersistentModelIndex()
        self.entered.connect(self._hover)
        self.viewportEntered.connect(lambda: self._hover(QModelIndex()))

    def show_spending(self, answer: Breakdown, *, coloured: Collection[str]) -> None:
        """Show an answer; only words in `coloured` have a colour of their own in the chart."""
        rows, totals = rows_of(answer, coloured=coloured), totals_of(answer)
        shape = shape_of(answer)
        if shape != self._shape:
            self._shape = shape
            columns = columns_of(answer)
            self._titles = [column.title for column in columns]
            self.rows_model.set_columns(columns)
            # The answer's own order, until the user chooses one.
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
            self.setSortingEnabled(True)
        self.show_rows(rows, totals=totals)

    @property
    def rows(self) -> tuple[SpendRow, ...]:
        """What is shown, in its order."""
        return self.rows_model.rows

    @property
    def shows_ring(self) -> bool:
        """Whether the cell with the keyboard is marked."""
        return self.hasFocus() and self._reached_by_key

    def open_cell(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Do what a click on a cell does."""
        row: SpendRow = self.rows_model.row_at(index.row())
        if index.column() == 0 and not row.is_total:
            self.narrowed.emit(row.line)
        else:
            self.explain_asked.emit(row, self.visualRect(index))

    def _hover(self, index: QModelIndex) -> None:
        self.hovered = QPersistentModelIndex(index)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse."""
        self._hover(QModelIndex())
        super().leaveEvent(event)

    def _act(self, index: QModelIndex) -> None:
        if index.isValid():
            self.open_cell(index)

    def _fit_columns(self) -> None:
        """Names keep room to be read: where the window is narrow, what says least is left out, and
        what is still too wide scrolls. Neither the name nor what was spent is ever left out.
        """
        header = self.horizontalHeader()
        needs = _least_width(self._titles)
        for place, title in enumerate(self._titles):
            self.setColumnHidden(place, place > 0 and self.width() < needs.get(title, 0))
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        room = self.viewport().width() - sum(
            header.sectionSize(place) for place in range(1, len(self._titles))
        )
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, max(room, _NAME_ROOM))
        lines = min(self.rows_model.rowCount(), _MOST_ROWS)
        bar = self.horizontalScrollBar().sizeHint().height() if room < _NAME_ROOM else 0
        self.setFixedHeight(lines * _ROW + header.sizeHint().height() + 4 + bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns fit again."""
        super().resizeEvent(event)
        self._fit_columns()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring is for those who came by keyboard; it begins at the first line."""
        self._reached_by_key = event.reason() in _BY_KEY
        if not self.currentIndex().isValid() and self.rows_model.rowCount():
            self.setCurrentIndex(self.rows_model.index(0, 0))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from cell to cell, Enter, Space and I open one."""
        self._reached_by_key = True
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in ASKS and plain and self.currentIndex().isValid():
            self.open_cell(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _least_width(titles: Sequence[str]) -> dict[str, int]:
    """The width of the table from which on each column that can be left out is shown."""
    if tr("Agent") in titles:
        return {tr("Worth"): 1180, tr("Model"): 1000, tr("Agent"): 1150, tr("Requests"): 860}
    most = _WIDE if len(titles) == _MANY_COLUMNS + 1 else _WIDEST
    return {tr("Requests"): _NARROW if len(titles) <= _MANY_COLUMNS else most}


class _Cells(QStyledItemDelegate):
    """Totals are bold, the cell under the mouse underlined, and the keyboard has a ring."""

    def __init__(self, table: SpendTable) -> None:
        super().__init__(table)
        self._table = table

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The font of a cell."""
        super().initStyleOption(option, index)
        row: SpendRow = self._table.rows_model.row_at(index.row())
        if row.is_total:
            option.font = look.font(13, 600)
        if index == self._table.hovered:
            option.font.setUnderline(True)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The cell, and a ring where the keyboard is."""
        super().paint(painter, option, index)
        if self._table.shows_ring and index == self._table.currentIndex():
            painter.save()
            draw_focus(painter, option.rect.toRectF().adjusted(1, 1, -1, -2), look.current())
            painter.restore()
