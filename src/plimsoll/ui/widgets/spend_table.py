"""The table of what was spent: a line a value and currency, every kind of number in its column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from plimsoll.domain.money import shown
from plimsoll.domain.question import Amounts, Dimension
from plimsoll.services.breakdown import Breakdown, SpendLine
from plimsoll.ui import theme as look
from plimsoll.ui.charts.canvas import draw_focus
from plimsoll.ui.dimensions import title_of, value_words
from plimsoll.ui.moments import brief, grouped
from plimsoll.ui.widgets.amounts import ASKS
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import tr

_SWATCH = 10
_ROW = 30
_MOST_ROWS = 14
"""More lines than these scroll inside the table, so that the page below stays in reach."""

_NARROW = 800
_NAME_ROOM = 170

_BY_KEY = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class SpendRow:
    """A line as the table shows it: its words, the colour that it has in the chart, if any."""

    line: SpendLine
    name: str
    colour: QColor | None = None
    is_total: bool = False

    @property
    def amounts(self) -> Amounts | None:
        """Its money, where some is known."""
        return self.line.amounts


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
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setAccessibleName(tr("Spend"))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._reached_by_key = False
        self.hovered = QPersistentModelIndex()
        self.entered.connect(self._hover)
        self.viewportEntered.connect(lambda: self._hover(QModelIndex()))

    def show_spending(self, answer: Breakdown, *, coloured: Collection[str]) -> None:
        """Show an answer; only values in `coloured` have a colour of their own in the chart."""
        rows = [
            SpendRow(
                line,
                value_words(answer.by, line.value),
                _colour_of(answer.by, line.value, coloured),
            )
            for line in answer.lines
        ]
        totals = [SpendRow(line, tr("Total"), is_total=True) for line in answer.totals]
        shape = (answer.by, *_shape_of(answer))
        if shape != self._shape:
            self._shape = shape
            columns = _columns(answer)
            self._titles = [column.title for column in columns]
            self.rows_model.set_columns(columns)
            # The answer's own order, until the user chooses one.
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
            self.setSortingEnabled(True)
        self.show_rows(rows, totals=totals)
        lines = min(len(rows) + len(totals), _MOST_ROWS)
        self.setFixedHeight(lines * _ROW + self.horizontalHeader().sizeHint().height() + 4)

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
        """Names keep room to be read: where the window is narrow, requests are left out."""
        header = self.horizontalHeader()
        for place, title in enumerate(self._titles):
            self.setColumnHidden(place, title == tr("Requests") and self.width() < _NARROW)
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        room = self.viewport().width() - sum(
            header.sectionSize(place) for place in range(1, len(self._titles))
        )
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, max(room, _NAME_ROOM))

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


def _colour_of(by: Dimension, value: str | None, coloured: Collection[str]) -> QColor | None:
    if by in {Dimension.DAY, Dimension.MONTH}:
        return None
    return look.series_colour(value, other=value is not None and value not in coloured)


def _swatch(colour: QColor | None) -> QPixmap | None:
    """The colour of a value as it stands in the chart's legend."""
    if colour is None:
        return None
    picture = QPixmap(2 * _SWATCH, 2 * _SWATCH)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(0, 0, _SWATCH, _SWATCH, 3, 3)
    painter.end()
    return picture


# --- columns ---------------------------------------------------------------------------------


def _shape_of(answer: Breakdown) -> tuple[bool, bool, bool]:
    """Which columns are needed: currencies apart, plan, not priced."""
    money = [total.amounts for total in answer.totals if total.amounts is not None]
    return (
        len(money) > 1,
        any(amounts.plan for amounts in money),
        any(total.not_priced_tokens for total in answer.totals),
    )


def _columns(answer: Breakdown) -> Sequence[Column[SpendRow]]:
    several, plan, not_priced = _shape_of(answer)
    columns: list[Column[SpendRow]] = [
        Column(
            title_of(answer.by),
            lambda row: row.name,
            lambda row: row.line.value,
            mark=lambda row: _swatch(row.colour),
        )
    ]
    if several:
        columns.append(Column(tr("Currency"), _currency))
    columns += [
        _money_column(tr("Spent"), _spent, several=several),
        _money_column(tr("Billed"), _billed, several=several),
        _money_column(tr("Estimated"), _estimated, several=several),
    ]
    if plan:
        columns.append(_money_column(tr("Plan"), _plan, several=several))
    columns += [
        _money_column(tr("Worth"), _worth, several=several, role="faint"),
        _count_column(tr("Tokens"), lambda row: row.line.tokens.total, show=brief),
        _count_column(tr("Requests"), lambda row: row.line.requests, show=grouped),
    ]
    if not_priced:
        columns.append(
            _count_column(tr("Not priced"), lambda row: row.line.not_priced_tokens, show=brief)
        )
    return columns


def _money_column(
    title: str, read: Callable[[SpendRow], int | None], *, several: bool, role: str = ""
) -> Column[SpendRow]:
    def show(row: SpendRow) -> str:
        nanos = read(row)
        return NOTHING if nanos is None or row.amounts is None else shown(nanos, _currency(row))

    def sort(row: SpendRow) -> object:
        nanos = read(row)
        return (_currency(row), nanos) if several and nanos is not None else nanos

    return Column(
        title,
        show,
        sort,
        numeric=True,
        role=lambda row: role or ("faint" if read(row) is None else ""),
        says=lambda row: f"{row.name}, {title}: {show(row)}",
    )


def _count_column(
    title: str, read: Callable[[SpendRow], int | None], *, show: Callable[[int], str]
) -> Column[SpendRow]:
    def count_of(row: SpendRow) -> int | None:
        """Nothing is said of none: the fewer figures, the easier the others are read."""
        return (read(row) or None) if row.line.counts else None

    def words(row: SpendRow) -> str:
        count = count_of(row)
        return NOTHING if count is None else show(count)

    def exact(row: SpendRow) -> str:
        count = count_of(row)
        return "" if count is None else grouped(count)

    return Column(
        title,
        words,
        count_of,
        numeric=True,
        tip=exact,
        role=lambda row: "faint" if count_of(row) is None else "",
        says=lambda row: f"{row.name}, {title}: {exact(row) or NOTHING}",
    )


def _currency(row: SpendRow) -> str:
    return row.amounts.currency if row.amounts is not None else ""


def _spent(row: SpendRow) -> int | None:
    return row.amounts.spent if row.amounts is not None and row.line.is_owed else None


def _billed(row: SpendRow) -> int | None:
    return (row.amounts.billed or None) if row.amounts is not None else None


def _estimated(row: SpendRow) -> int | None:
    return (row.amounts.estimated or None) if row.amounts is not None else None


def _plan(row: SpendRow) -> int | None:
    return (row.amounts.plan or None) if row.amounts is not None else None


def _worth(row: SpendRow) -> int | None:
    return (row.amounts.worth or None) if row.amounts is not None else None
