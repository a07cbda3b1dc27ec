"""Tables of frozen rows: sorted by value, figures right-aligned, copied as tab-separated text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from plimsoll.ui import theme as look

Row = TypeVar("Row")
AnyIndex = QModelIndex | QPersistentModelIndex

SORT_ROLE = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its words, how a row reads in it, and by what it sorts (None: not known)."""

    title: str
    show: Callable[[Row], str]
    sort: Callable[[Row], Any] | None = None
    numeric: bool = False
    tip: Callable[[Row], str] | None = None
    role: Callable[[Row], str] | None = None
    """The theme's role of the text: `muted`, `bad`; empty for the usual one."""
    mark: Callable[[Row], QPixmap | None] | None = None
    """A small picture before the words."""
    says: Callable[[Row], str] | None = None
    """What a screen reader says in place of the words."""
    spare: int = 0
    """How soon it is left out where there is no room (`NamedTable`): 1 first, 0 never."""


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Frozen rows in columns. Rows that do not know what to sort by stay last either way; totals
    stay first.
    """

    def __init__(self, columns: Sequence[Column[Row]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()
        self._totals = 0
        """How many of the rows, from the first on, are totals."""
        self._sorted: tuple[int, Qt.SortOrder] | None = None

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns, without rows until `show_rows`, sorted by none of them."""
        self.beginResetModel()
        self._columns, self._rows, self._totals, self._sorted = tuple(columns), (), 0, None
        self.endResetModel()

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """What a row is shown in."""
        return self._columns

    def show_rows(self, rows: Sequence[Row], *, totals: Sequence[Row] = ()) -> None:
        """Show other rows, in the order that the user last chose, below their totals."""
        self.beginResetModel()
        self._rows, self._totals = (*totals, *rows), len(totals)
        if self._sorted is not None:
            self._rows = self._in_order(*self._sorted)
        self.endResetModel()

    def row_at(self, index: int) -> Row:
        """The row that is shown in a line."""
        return self._rows[index]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as shown."""
        return self._rows

    def tab_separated(self, lines: Sequence[int] | None = None) -> str:
        """Headers and rows (all, or these lines) as text for a spreadsheet.

        A cell that a spreadsheet would run as a formula gets an apostrophe in front.
        """
        chosen = range(len(self._rows)) if lines is None else lines
        table = [[column.title for column in self._columns]]
        table += [[column.show(self._rows[i]) for column in self._columns] for i in chosen]
        return "\n".join("\t".join(_cell(text) for text in line) for line in table) + "\n"

    def _title(self, section: int) -> str:
        """A column's words, with an arrow where it is sorted; on the side away from the edge."""
        column = self._columns[section]
        if self._sorted is None or self._sorted[0] != section:
            return column.title
        arrow = "↓" if self._sorted[1] == Qt.SortOrder.DescendingOrder else "↑"
        return f"{arrow} {column.title}" if column.numeric else f"{column.title} {arrow}"

    def _in_order(self, column: int, order: Qt.SortOrder) -> tuple[Row, ...]:
        definition = self._columns[column]
        key = definition.sort or definition.show
        totals, rows = self._rows[: self._totals], self._rows[self._totals :]
        known = [row for row in rows if key(row) is not None]
        unknown = [row for row in rows if key(row) is None]
        known.sort(key=key, reverse=order == Qt.SortOrder.DescendingOrder)
        return (*totals, *known, *unknown)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        """The columns' words, aligned as their cells."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self._columns[section])
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's words, value to sort by, alignment, tip and colour."""
        if not index.isValid():
            return None
        column, row = self._columns[index.column()], self._rows[index.row()]
        answer: object = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                answer = column.show(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                answer = _alignment(column)
            case Qt.ItemDataRole.ToolTipRole if column.tip is not None:
                answer = column.tip(row)
            case Qt.ItemDataRole.ForegroundRole if column.role is not None:
                name = column.role(row)
                answer = look.current().colour(name) if name else None
            case Qt.ItemDataRole.DecorationRole if column.mark is not None:
                answer = column.mark(row)
            case Qt.ItemDataRole.AccessibleTextRole if column.says is not None:
                answer = column.says(row)
            case _ if role == SORT_ROLE:
                answer = (column.sort or column.show)(row)
        return answer

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's values; equal ones keep their order."""
        if not 0 <= column < len(self._columns):
            return
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._rows = self._in_order(column, order)
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)


class Table(QTableView):
    """A calm table: no grid, whole rows, Ctrl+C copies the selection, or everything, as TSV.

    Signals:
        opened(row): a row was double-clicked, or Enter pressed on it.
    """

    opened = Signal(object)

    def __init__(
        self, columns: Sequence[Column[Any]], *, wide: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wide = wide
        self.rows_model: RowsModel[Any] = RowsModel(columns, self)
        self.setModel(self.rows_model)
        self.setFont(look.font(13))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        header = self.horizontalHeader()
        header.setFont(look.font(12, 500))
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)
        self.doubleClicked.connect(self._open)

    def show_rows(self, rows: Sequence[Any], *, totals: Sequence[Any] = ()) -> None:
        """Show other rows; the columns fit themselves, the `wide` one takes what is left."""
        self.rows_model.show_rows(rows, totals=totals)
        self._fit_columns()

    def let_sort(self, column: int, *, descending: bool = True) -> None:
        """Let the user sort by the headers; begin with one."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.setSortingEnabled(True)
        self.sortByColumn(column, order)

    def copy(self) -> None:
        """Put the selected rows, or all, on the clipboard."""
        lines = sorted({index.row() for index in self.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText(self.rows_model.tab_separated(lines or None))

    def _fit_columns(self) -> None:
        header = self.horizontalHeader()
        modes = QHeaderView.ResizeMode
        for column in range(self.rows_model.columnCount()):
            fits = column != self._wide
            header.setSectionResizeMode(column, modes.ResizeToContents if fits else modes.Stretch)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.rows_model.row_at(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies, Enter opens."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)


def text_columns(headers: Sequence[str], *, words: int = 1) -> tuple[Column[tuple[str, ...]], ...]:
    """Columns of a table whose rows are texts: the first are `words`, the rest figures."""

    def reader(place: int) -> Callable[[tuple[str, ...]], str]:
        return lambda row: row[place]

    return tuple(
        Column(title, reader(place), numeric=place >= words) for place, title in enumerate(headers)
    )


def _alignment(column: Column[Any]) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _cell(text: str) -> str:
    clean = " ".join(text.split())
    return f"'{clean}" if clean.startswith(("=", "+", "-", "@")) else clean
