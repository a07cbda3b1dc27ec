"""A column of cards that is seen whole, however long the column beside it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

_ANY = 16_777_215
"""Qt's largest height of a widget: no limit."""


class SeenColumn(QWidget):
    """A column no higher than what shows of a scrolled page, unless its cards need more.

    `below` is the page's own margin under it. While it is not `beside` another column there is no
    limit.
    """

    def __init__(self, scroller: QScrollArea, *, below: int, gap: int) -> None:
        super().__init__()
        self._viewport = scroller.viewport()
        self._below = below
        self._beside = True
        self._inner = QWidget()
        self.column = QVBoxLayout(self._inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(gap)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._inner, 1)
        whole.addStretch(0)
        self._viewport.installEventFilter(self)

    def stand_beside(self, beside: bool) -> None:
        """Whether there is another column beside it, or below it."""
        self._beside = beside
        self.fit()

    def fit(self) -> None:
        """Take the height that there is; call it when the cards hold something else."""
        least = self.column.totalMinimumHeightForWidth(self.width())
        seen = self._viewport.height() - self._below
        self._inner.setMaximumHeight(max(least, seen) if self._beside else _ANY)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The page was made higher or lower."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)
