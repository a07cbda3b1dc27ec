"""A row of a list that can be chosen, by mouse and keyboard, and says which one is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame

from plimsoll.ui import theme as look

INSET = 12
"""Room that a row leaves at its left for the bar that marks the chosen one."""

_CHOOSES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class ChoiceRow(QFrame):
    """A row that can be chosen, if it `can_choose`; its first `top` pixels are air.

    Signals:
        chosen(): it was clicked, or Enter or Space pressed on it.
    """

    chosen = Signal()

    def __init__(self, *, can_choose: bool, top: int) -> None:
        super().__init__()
        self.top = top
        self._can_choose = can_choose
        self._is_chosen = False
        if can_choose:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def is_chosen(self) -> bool:
        """Whether it is marked as the chosen one."""
        return self._is_chosen

    def mark(self, chosen: bool) -> None:
        """Mark it as the chosen one, or as one of the others."""
        self._is_chosen = chosen
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        if self._can_choose and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space choose."""
        if self._can_choose and event.key() in _CHOOSES:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard went elsewhere."""
        self.update()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bar at the left of the chosen one; a fainter one where only the keyboard is."""
        super().paintEvent(event)
        if not (self._is_chosen or self.hasFocus()):
            return
        accent = look.current().colour("accent")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent if self._is_chosen else look.faded(accent, 0.5))
        bar = QRectF(0, self.top + 3, 3, self.height() - self.top - 8)
        painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.end()
