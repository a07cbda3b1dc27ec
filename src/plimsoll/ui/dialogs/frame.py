"""The frame of a small dialog: heading, words, a body, and its buttons at the lower right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from plimsoll.ui.widgets.buttons import QuietButton
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import tr

SIDE = 28
"""The room at the left and the right of what a dialog holds."""


class Frame(QDialog):
    """A dialog that never blocks the program: open it with `open()`, listen to its signals."""

    def __init__(self, heading: str, *, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(heading)
        self.setMinimumWidth(500)
        self.heading = Words(heading, size=18, weight=600, wrap=True)
        self.words = Words(words, tone="muted", wrap=True)
        if not words:
            self.words.hide()
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        self.trouble = Words(tone=Tone.BAD, wrap=True)
        self.trouble.hide()
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SIDE, 24, SIDE, 22)
        whole.setSpacing(12)
        whole.addWidget(self.heading)
        whole.addWidget(self.words)
        whole.addLayout(self.body, 1)
        whole.addWidget(self.trouble)
        whole.addSpacing(4)
        whole.addLayout(self.buttons)

    def add_cancel(self, words: str = "") -> QPushButton:
        """A button that leaves and changes nothing."""
        button = QuietButton(words or tr("Cancel"))
        button.setAutoDefault(False)
        button.clicked.connect(self.reject)
        self.buttons.addWidget(button)
        return button

    def add_button(self, button: QPushButton, *, default: bool = False) -> None:
        """A button at the right; Enter presses the default one."""
        button.setAutoDefault(default)
        button.setDefault(default)
        self.buttons.addWidget(button)

    def say_trouble(self, sentence: str) -> None:
        """Say in red what stands in the way; empty for nothing."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))


class Confirm(Frame):
    """Asks before something is removed; `accepted` when the user wants it."""

    def __init__(
        self, heading: str, words: str, *, action: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(heading, words=words, parent=parent)
        self.add_cancel().setFocus()
        self.action = QuietButton(action, danger=True)
        self.action.clicked.connect(self.accept)
        self.add_button(self.action)
