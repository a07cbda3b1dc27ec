"""How do we know: where an amount comes from, at once in lines, then by its prices and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from plimsoll.ui.widgets.buttons import IconButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

_WIDEST_LINE = 380
_WIDEST_CELL = 330
_SHARE_OF_SCREEN = 0.72
_FRAME = 72
"""The title row and the edges around what scrolls, and a little air."""

_LEAST = 240
_STEP = 48
"""How far an arrow key scrolls, in pixels."""

_TOP = Qt.AlignmentFlag.AlignTop
_SCROLLS = {
    Qt.Key.Key_Up: -_STEP,
    Qt.Key.Key_Down: _STEP,
    Qt.Key.Key_PageUp: -6 * _STEP,
    Qt.Key.Key_PageDown: 6 * _STEP,
}


@dataclass(frozen=True, slots=True)
class Section:
    """A small table below the lines: a title, a quiet note, heads, and rows of words as long as
    they; the columns at the places in `numeric` are right-aligned.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numeric: frozenset[int] = frozenset()


class HowDoWeKnow(QFrame):
    """A popover of labelled lines and of sections, which may come later. Esc or a click elsewhere
    closes it, arrows scroll it, and everything in it can be copied. One serves a page for all of
    its amounts.

    Signals:
        completed(): everything that was asked for is said, or why it cannot be.
    """

    completed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setAccessibleName(tr("How do we know?"))
        self._lines: tuple[tuple[str, str], ...] = ()
        self._sections: tuple[Section, ...] = ()
        self._anchor: QWidget | None = None
        self._place: QRect | None = None
        self._title = Words(size=13, weight=600)
        self.copy = IconButton("copy", tr("Copy all of it"))
        self.copy.clicked.connect(self._copy)
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self.copy)
        self._content = QWidget()
        self._content.setObjectName("page")
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(16, 0, 16, 4)
        self._column.setSpacing(14)
        self._grid = _grid()
        self._column.addLayout(self._grid)
        self._waiting = Words(tone="faint", size=12, wrap=True)
        self._waiting.hide()
        self._more = QVBoxLayout()
        self._more.setSpacing(14)
        self._column.addWidget(self._waiting)
        self._column.addLayout(self._more)
        self._scroller = QScrollArea()
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        self._scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroller.setWidget(self._content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 12)
        column.setSpacing(6)
        top.setContentsMargins(16, 0, 10, 0)
        column.addLayout(top)
        column.addWidget(self._scroller)

    def show_lines(self, lines: Sequence[tuple[str, str]], *, title: str = "") -> None:
        """Lines of (label, text): source, fetched, days covered, not final, what is missing."""
        self._lines, self._sections = tuple(lines), ()
        self._waiting.hide()
        while (item := self._more.takeAt(0)) is not None:
            _drop(item.widget())
        self._title.setText(title or tr("How do we know?"))
        _empty(self._grid)
        for row, (label, text) in enumerate(self._lines):
            words = Words(text, size=12, wrap=True)
            # As wide as its longest line, as far as that can be read at once; Qt wraps sooner.
            longest = max(map(words.fontMetrics().horizontalAdvance, text.split("\n")), default=0)
            words.setMinimumWidth(min(max(_LEAST, longest + 4), _WIDEST_LINE))
            words.setMaximumWidth(_WIDEST_LINE)
            for place, widget in enumerate((Words(label, tone="faint", size=12), words)):
                self._grid.addWidget(widget, row, place, _TOP)
                # In a popover that is open, Qt would show it only a little later.
                widget.show()
        self._grid.setColumnStretch(2, 1)
        self._say()

    def await_more(self) -> None:
        """Say that prices and rows are on their way."""
        self._waiting.set_tone("faint")
        self._waiting.setText(tr("Reading the rows …"))
        self._waiting.show()
        self._fit()

    def show_trouble(self, sentence: str) -> None:
        """Say why prices and rows do not come."""
        self._waiting.set_tone("bad")
        self._waiting.setText(sentence)
        self._fit()
        self.completed.emit()

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show prices and rows, or whatever more there is to say."""
        self._waiting.hide()
        self._sections = tuple(sections)
        for section in self._sections:
            box = _section(section)
            self._more.addWidget(box)
            box.show()
        self._say()
        self._fit()
        self.completed.emit()

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is shown below the lines."""
        return self._sections

    def accessible_text(self) -> str:
        """All of it in words."""
        lines = [f"{label}: {text}" for label, text in self._lines]
        for section in self._sections:
            rows = "; ".join(", ".join(cell for cell in row if cell) for row in section.rows)
            lines.append(f"{section.title}: {rows}")
        return ". ".join(lines)

    def tab_separated(self) -> str:
        """All of it as text for a spreadsheet or a letter."""
        table = [[label, text] for label, text in self._lines]
        for section in self._sections:
            table += [[], [section.title, section.note], list(section.heads)]
            table += [list(row) for row in section.rows]
        return "\n".join("\t".join(" ".join(c.split()) for c in row) for row in table) + "\n"

    def open_at(self, anchor: QWidget, place: QRect | None = None) -> None:
        """Open below a widget, or a place in it, inside its screen."""
        self._anchor, self._place = anchor, place
        self._scroller.verticalScrollBar().setValue(0)
        self._fit()
        self.show()
        self.setFocus()

    def _say(self) -> None:
        self.setAccessibleDescription(self.accessible_text())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.tab_separated())

    def _fit(self) -> None:
        """As large as what it says, as far as the screen has room; and beside its anchor."""
        self._column.invalidate()
        room = self._screen()
        width = min(self._column.sizeHint().width(), room.width() - 40)
        hint = self._column.sizeHint().height()
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else hint
        self._content.setFixedSize(width, height)
        seen = min(height, self._highest(room))
        bar = self._scroller.verticalScrollBar().sizeHint().width() if seen < height else 0
        self._scroller.setFixedSize(QSize(width + bar, seen))
        self.adjustSize()
        if self._anchor is not None:
            self.move(self._beside(room))

    def _screen(self) -> QRect:
        """Where it may be: on the screen, or inside what holds it as a part of itself."""
        holder = self.parentWidget()
        if not self.isWindow() and holder is not None:
            return QRect(holder.mapToGlobal(QPoint(0, 0)), holder.size())
        widget = self._anchor if self._anchor is not None else self
        return widget.screen().availableGeometry()

    def _mark(self) -> QRect:
        """The amount that is explained, on the screen."""
        anchor = self._anchor
        if anchor is None:
            return QRect()
        mark = self._place or QRect(0, 0, anchor.width(), anchor.height())
        return QRect(anchor.mapToGlobal(mark.topLeft()), mark.size())

    def _highest(self, room: QRect) -> int:
        """How much can be seen at once: not so much that it covers the amount, where that leaves
        enough to read.
        """
        mark = self._mark()
        free = max(room.bottom() - mark.bottom(), mark.top() - room.top()) - _FRAME
        most = int(room.height() * _SHARE_OF_SCREEN)
        return min(most, free) if free >= _LEAST else most

    def _beside(self, room: QRect) -> QPoint:
        """Below the amount, else above it, else at its side; and never off the screen."""
        mark = self._mark()
        x, y = mark.left(), mark.bottom() + 5
        if y + self.height() > room.bottom():
            y = mark.top() - self.height() - 4
        if y < room.top():
            x = mark.right() + 6
            if x + self.width() > room.right():
                x = mark.left() - self.width() - 6
        return QPoint(
            max(room.left() + 4, min(x, room.right() - self.width() - 4)),
            max(room.top() + 4, min(y, room.bottom() - self.height() - 4)),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes, arrows scroll."""
        step = _SCROLLS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif step is not None:
            bar = self._scroller.verticalScrollBar()
            bar.setValue(bar.value() + step)
        else:
            super().keyPressEvent(event)


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    return grid


def _section(section: Section) -> QWidget:
    """A title, a note, and a grid of words."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(5)
    column.addWidget(Words(section.title, size=12, weight=600))
    if section.note:
        note = Words(section.note, tone="faint", size=12, wrap=True)
        column.addWidget(note)
    grid = _grid()
    grid.setVerticalSpacing(4)
    for place, head in enumerate(section.heads):
        words = Words(head, tone="faint", size=11)
        grid.addWidget(words, 0, place, _side(section, place))
    for line, row in enumerate(section.rows, start=1):
        for place, cell in enumerate(row):
            words = Words(cell, size=12)
            words.setAlignment(_side(section, place) | _TOP)
            if words.sizeHint().width() > _WIDEST_CELL:
                words.setWordWrap(True)
                words.setFixedWidth(_WIDEST_CELL)
            grid.addWidget(words, line, place, _side(section, place) | _TOP)
    grid.setColumnStretch(len(section.heads), 1)
    column.addLayout(grid)
    return box


def _side(section: Section, place: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag
    return side.AlignRight if place in section.numeric else side.AlignLeft


def _empty(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        _drop(item.widget())


def _drop(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()
        widget.deleteLater()
