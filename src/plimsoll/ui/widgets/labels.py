"""Words on the screen: always plain text, in a role's colour, wrapping where asked."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from plimsoll.ui import theme as look


class Tone(StrEnum):
    """What a sentence means, beside its words: the role of its colour."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class Words(QLabel):
    """Plain text, never markup: a provider's words cannot become links or pictures."""

    def __init__(
        self,
        text: str = "",
        *,
        tone: str = "text",
        size: int = 13,
        weight: int = 400,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(look.font(size, weight))
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)

    def set_tone(self, tone: str) -> None:
        """Another role of the theme: `text`, `muted`, `faint`, or a `Tone`."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedWords(Words):
    """One line that ends in an ellipsis where there is no room; the whole is its tooltip.

    With `middle` the ellipsis stands inside, for words whose end tells them apart.
    """

    def __init__(
        self,
        text: str = "",
        *,
        tone: str = "text",
        size: int = 13,
        weight: int = 400,
        middle: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, tone=tone, size=size, weight=weight, parent=parent)
        modes = Qt.TextElideMode
        self._mode = modes.ElideMiddle if middle else modes.ElideRight

    def minimumSizeHint(self) -> QSize:
        """Room for little more than the ellipsis."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As much of the words as fits."""
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, room.width())
        tip = "" if shown == self.text() else self.text()
        if self.toolTip() != tip:
            self.setToolTip(tip)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment() | Qt.TextFlag.TextSingleLine, shown)
        painter.end()


def widen(label: QLabel) -> None:
    """Let a wrapping label take all the width there is, and as much height as its words need."""
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
