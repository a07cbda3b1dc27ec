"""Amounts that say where they come from when they are clicked, or asked by the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.ui import theme as look
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr

ASKS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_I})
"""The keys that ask how we know the amount with the keyboard."""


class AmountLabel(Words):
    """An amount that says where it comes from when it is clicked.

    Signals:
        clicked(): it was clicked, or Enter, Space or I pressed on it.
    """

    clicked = Signal()

    def __init__(
        self, text: str = "", *, size: int = 13, weight: int = 600, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, size=size, weight=weight, parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("How do we know?"))
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Another amount; it names the label for screen readers too."""
        super().setText(text)
        self.setAccessibleName(tr("{amount}: how do we know?", amount=text))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click asks."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.clicked.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The click is this label's, and not that of the line below it."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Space and I ask."""
        if event.key() in ASKS:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The amount, underlined while it has the mouse or the keyboard."""
        super().paintEvent(event)
        if not (self.underMouse() or self.hasFocus()):
            return
        theme = look.current()
        width = self.fontMetrics().horizontalAdvance(self.text())
        box = self.contentsRect()
        left = box.right() - width
        if self.alignment() & Qt.AlignmentFlag.AlignLeft:
            left = box.left()
        base = (box.height() + self.fontMetrics().ascent() - self.fontMetrics().descent()) / 2
        painter = QPainter(self)
        painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(left, base + 3.5), QPointF(left + width, base + 3.5))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Paint anew when the mouse comes and goes."""
        if event.type() in {QEvent.Type.Enter, QEvent.Type.Leave, QEvent.Type.FocusIn}:
            self.update()
        return super().event(event)
