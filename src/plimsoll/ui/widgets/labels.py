"""Words on the screen: always plain text, in a role's colour, wrapping where asked."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt
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


def widen(label: QLabel) -> None:
    """Let a wrapping label take all the width there is, and as much height as its words need."""
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
