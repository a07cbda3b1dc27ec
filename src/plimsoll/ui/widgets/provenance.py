"""How do we know: where an amount comes from, when it was fetched, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class HowDoWeKnow(QFrame):
    """A popover of labelled lines; Esc or a click elsewhere closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setAccessibleName(tr("How do we know?"))
        self._lines: tuple[tuple[str, str], ...] = ()
        self._title = Words(size=13, weight=600)
        self._rows = QWidget(self)
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(self._rows)

    def show_lines(self, lines: Sequence[tuple[str, str]], *, title: str = "") -> None:
        """Lines of (label, text): source, fetched, days covered, not final, what is missing."""
        self._lines = tuple(lines)
        self._title.setText(title or tr("How do we know?"))
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, (label, text) in enumerate(self._lines):
            name = Words(label, tone="faint", size=12)
            words = Words(text, size=12, wrap=True)
            words.setMinimumWidth(240)
            words.setMaximumWidth(380)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(name, row, 0, top)
            self._grid.addWidget(words, row, 1, top)
        self.setAccessibleDescription(self.accessible_text())
        self.adjustSize()

    def accessible_text(self) -> str:
        """All lines in words."""
        return ". ".join(f"{label}: {text}" for label, text in self._lines)

    def open_at(self, anchor: QWidget) -> None:
        """Open below a widget, inside its screen."""
        self.adjustSize()
        place = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        screen = anchor.screen().availableGeometry()
        place.setX(max(screen.left() + 4, min(place.x(), screen.right() - self.width() - 4)))
        if place.y() + self.height() > screen.bottom():
            place.setY(anchor.mapToGlobal(QPoint(0, 0)).y() - self.height() - 4)
        self.move(place)
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
