"""Small controls: a choice of segments, a key's field; buttons, words and notices by one name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from plimsoll.domain.secret import Secret
from plimsoll.ui import theme as look
from plimsoll.ui.widgets.buttons import IconButton, LinkButton, PrimaryButton, QuietButton
from plimsoll.ui.widgets.labels import ElidedWords, Tone, Words
from plimsoll.ui.widgets.notices import Banner, EmptyState, ProgressLine
from plimsoll.ui.words import tr

__all__ = [
    "Banner",
    "ElidedWords",
    "EmptyState",
    "IconButton",
    "KeyField",
    "LinkButton",
    "PrimaryButton",
    "ProgressLine",
    "QuietButton",
    "SegmentedControl",
    "Tone",
    "Words",
]


class SegmentedControl(QFrame):
    """One choice of a few, all in sight; Left and Right choose, as the mouse does.

    Signals:
        chosen(str): the value that the user chose.
    """

    chosen = Signal(str)

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._choices: tuple[tuple[str, str], ...] = ()
        self._buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(3, 3, 3, 3)
        self._row.setSpacing(2)
        self._group.buttonClicked.connect(self._say)
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Have these choices from now on, each a value and its words; the first is chosen where
        they are others than before.
        """
        if tuple(choices) == self._choices:
            return
        self._choices = tuple(choices)
        for button in self._buttons.values():
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {value: self._segment(text) for value, text in choices}
        if choices:
            self.choose(choices[0][0])

    def _segment(self, text: str) -> QPushButton:
        button = _Segment(text, self)
        button.setProperty("kind", "segment")
        button.setCheckable(True)
        button.setFont(look.font(13, 500))
        button.setMinimumWidth(button.sizeHint().width() + 6)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._group.addButton(button)
        self._row.addWidget(button)
        return button

    @property
    def value(self) -> str:
        """The chosen value."""
        return next((v for v, button in self._buttons.items() if button.isChecked()), "")

    def choose(self, value: str) -> None:
        """Show a value as chosen, without a signal; an unknown one changes nothing."""
        button = self._buttons.get(value)
        if button is not None:
            button.setChecked(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            for other in self._buttons.values():
                # One stop for Tab, as with radio buttons, and always in the same place.
                if other is not button and other.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    self.setTabOrder(other, button)
                    other.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def button(self, value: str) -> QPushButton:
        """The real button of a value."""
        return self._buttons[value]

    def _say(self) -> None:
        self.choose(self.value)
        self.chosen.emit(self.value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the choice with Left and Right."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        values = list(self._buttons)
        if step is None or not values:
            super().keyPressEvent(event)
            return
        place = min(max(values.index(self.value) + step, 0), len(values) - 1)
        if values[place] != self.value:
            self._buttons[values[place]].setFocus()
            self.choose(values[place])
            self.chosen.emit(values[place])


class _Segment(QPushButton):
    """One segment; it leaves the arrows to the control around it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's own way along a group would move the focus before the choice."""
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            event.ignore()
        else:
            super().keyPressEvent(event)


LONGEST_KEY = 16384
"""Characters: room for a service account's file, pasted whole; its lines become one."""


class KeyField(QWidget):
    """Where a key is pasted: never shown, never undone, empty as soon as it was taken.

    Signals:
        changed(): the field was edited.
        submitted(): Enter was pressed.
    """

    changed = Signal()
    submitted = Signal()

    def __init__(self, label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit(self)
        self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.setFont(look.font(13))
        self._line.setAccessibleName(label or tr("Key"))
        self._line.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._line.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self._line.setMaxLength(LONGEST_KEY)
        self._line.textEdited.connect(self.changed)
        self._line.returnPressed.connect(self.submitted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._line)
        self.setFocusProxy(self._line)

    @property
    def is_filled(self) -> bool:
        """Whether something was typed or pasted."""
        return bool(self._line.text().strip())

    def set_hint(self, hint: str) -> None:
        """Say in the empty field how the key begins."""
        self._line.setPlaceholderText(hint)

    def take(self) -> Secret:
        """The key; the field is empty afterwards. `ValueError` if it cannot be a key."""
        text = self._line.text()
        self.clear()
        return Secret(text)

    def clear(self) -> None:
        """Empty the field and its undo history."""
        # setText, unlike clear(), drops the history that undo would bring back.
        self._line.setText("")

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not in sight is not kept."""
        if not event.spontaneous():
            self.clear()
        super().hideEvent(event)
