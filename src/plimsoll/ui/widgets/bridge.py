"""A bridge from one amount to another: a line for each step, and the steps visibly add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.labels import ElidedWords

_BAR = 10.0
_LINE = 44
_PLAIN = 34
_AMOUNT = 104


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a bridge: what it is, and by how much it moves the sum, in nano-units.

    `text` is the amount as it is written. A `total` line states where the sum has come to and
    moves nothing. `role` is the colour of the bar; `can_open` says that there is more behind it.
    """

    key: str
    title: str
    text: str
    amount: int = 0
    detail: str = ""
    role: str = "other"
    total: bool = False
    can_open: bool = False


class Bridge(QWidget):
    """All lines of a bridge, on one scale.

    Signals:
        opened(str): the user wants to see what a step is made of, or not any more.
        explain_asked(str, QWidget): say where the amount of a line comes from, beside a widget.
    """

    opened = Signal(str)
    explain_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, BridgeLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show other lines, in order; the sum runs from zero at the first."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._lines = {}
        sums = [0]
        for step in steps:
            sums.append(sums[-1] + step.amount)
        low, high = min(sums), max(sums)
        for place, step in enumerate(steps):
            scale = _Scale(low, high, sums[place], sums[place + 1])
            line = BridgeLine(step, scale, first=place == 0, last=place == len(steps) - 1)
            line.opened.connect(lambda key=step.key: self.opened.emit(key))
            line.explain_asked.connect(
                lambda key=step.key, made=line: self.explain_asked.emit(key, made.amount)
            )
            self._lines[step.key] = line
            self._column.addWidget(line)

    def line(self, key: str) -> BridgeLine:
        """The line of a step."""
        return self._lines[key]

    @property
    def lines(self) -> tuple[BridgeLine, ...]:
        """All lines, in order."""
        return tuple(self._lines.values())

    def put_below(self, key: str, widget: QWidget | None) -> None:
        """Show a widget below a line, and mark the line as open; None takes it away again."""
        line = self._lines[key]
        line.show_below(widget)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From where to where one line moves the sum, and the sums of all of them."""

    low: int
    high: int
    before: int
    after: int

    def place(self, value: int, room: QRectF) -> float:
        if self.high == self.low:
            return room.left()
        return room.left() + room.width() * (value - self.low) / (self.high - self.low)


class BridgeLine(QFrame):
    """One line: what it is, its bar, its amount.

    Signals:
        opened(): the line was clicked, or Enter or Space pressed on it.
        explain_asked(): its amount was clicked.
    """

    opened = Signal()
    explain_asked = Signal()

    def __init__(self, step: Step, scale: _Scale, *, first: bool, last: bool) -> None:
        super().__init__()
        self.step = step
        self._below: QWidget | None = None
        weight = 600 if step.total else 400
        self.title = ElidedWords(step.title, weight=600 if step.total else 500)
        self.detail = ElidedWords(step.detail, tone="muted", size=12)
        if not step.detail:
            self.detail.hide()
        self._chevron = QLabel()
        self._chevron.setFixedWidth(16)
        self.amount = AmountLabel(step.text, weight=max(weight, 500))
        self.amount.setMinimumWidth(_AMOUNT)
        self.amount.clicked.connect(self.explain_asked)
        self._bar = _Bar(step, scale, first=first, last=last)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.detail)
        names.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._chevron)
        row.addLayout(names, 11)
        row.addWidget(self._bar, 8)
        row.addSpacing(8)
        row.addWidget(self.amount)
        top = QWidget()
        top.setLayout(row)
        top.setFixedHeight(_LINE if step.detail else _PLAIN)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(top)
        self._head = top
        if step.can_open:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            top.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{step.title}, {step.text}")
        self.setAccessibleDescription(step.detail)
        self._tint()

    @property
    def is_open(self) -> bool:
        """Whether what it is made of is shown."""
        return self._below is not None

    def show_below(self, widget: QWidget | None) -> None:
        """Show a widget below the line; None takes it away."""
        if self._below is not None:
            self._column.removeWidget(self._below)
            self._below.hide()
            self._below.deleteLater()
        self._below = widget
        if widget is not None:
            self._column.addWidget(widget)
        self._tint()

    def _tint(self) -> None:
        if self.step.can_open:
            name = "chevron-down" if self.is_open else "chevron-right"
            ratio = self.devicePixelRatioF()
            self._chevron.setPixmap(look.pixmap(name, "faint", 14, ratio=ratio))

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() in look.THEME_EVENTS and hasattr(self, "_head"):
            self._tint()
        super().changeEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens."""
        inside = self._head.geometry().contains(event.position().toPoint())
        if self.step.can_open and inside and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open."""
        if self.step.can_open and event.key() in {
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Space,
        }:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A hairline above a total, and the ring of the keyboard."""
        theme = look.current()
        painter = QPainter(self)
        if self.step.total and not self._bar.is_first:
            painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("border"))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
            painter.setPen(QPen(theme.colour("accent"), 1))
            ring = QRectF(self._head.geometry()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(ring, 6, 6)
        painter.end()


class _Bar(QWidget):
    """The bar of a step between the sum before it and the sum after it."""

    def __init__(self, step: Step, scale: _Scale, *, first: bool, last: bool) -> None:
        super().__init__()
        self._step = step
        self._scale = scale
        self.is_first = first
        self._is_last = last
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, _PLAIN)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The lines from the step before and to the step after, and the bar between them."""
        theme = look.current()
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(6, 0, -6, 0)
        middle = room.center().y()
        before = round(self._scale.place(self._scale.before, room)) + 0.5
        after = round(self._scale.place(self._scale.after, room)) + 0.5
        painter.setPen(QPen(theme.colour("border"), 1))
        if not self.is_first:
            painter.drawLine(QPointF(before, 0), QPointF(before, middle))
        if not self._is_last:
            painter.drawLine(QPointF(after, middle), QPointF(after, room.bottom() + 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        colour = theme.colour(self._step.role)
        if self._step.total:
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.setBrush(theme.colour("card"))
            painter.drawEllipse(QPointF(after, middle), 4.0, 4.0)
        else:
            left, width = min(before, after), abs(after - before)
            bar = QRectF(left - 0.5, middle - _BAR / 2, max(width, 1.0) + 1, _BAR)
            edged = theme.high_contrast
            painter.setPen(theme.colour("text") if edged else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(bar, min(2.5, bar.width() / 2), 2.5)
        painter.end()
