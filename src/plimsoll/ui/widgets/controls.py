"""Small controls: buttons, a choice of segments, a key's field, a banner, an empty page."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.secret import Secret
from plimsoll.ui import theme as look
from plimsoll.ui.words import tr


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


class _Button(QPushButton):
    """A button whose icon follows the theme."""

    kind = ""
    icon_role = "text"

    def __init__(self, text: str = "", *, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon_name = icon
        self._icon_theme: object = None
        self.setProperty("kind", self.kind)
        self.setFont(look.font(13, 500))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(16, 16))
        self._tint()

    def set_icon(self, name: str) -> None:
        """Another icon of `resources/icons`; empty for none."""
        self._icon_name, self._icon_theme = name, None
        self._tint()

    def _tint(self) -> None:
        theme = look.current()
        if self._icon_name and self._icon_theme != theme:
            self._icon_theme = theme
            self.setIcon(look.icon(self._icon_name, self.icon_role, theme))

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon_name"):
            self._tint()
        super().changeEvent(event)


class PrimaryButton(_Button):
    """The one thing to do here."""

    kind = "primary"
    icon_role = "on_accent"


class QuietButton(_Button):
    """Something else that can be done; `danger` for what cannot be undone."""

    kind = "quiet"

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        danger: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self.kind = "danger" if danger else "quiet"
        self.icon_role = "bad" if danger else "muted"
        super().__init__(text, icon=icon, parent=parent)


class LinkButton(_Button):
    """An action inside a sentence."""

    kind = "link"
    icon_role = "accent"


class IconButton(_Button):
    """A small button with an icon alone; its words are its tooltip and its accessible name."""

    kind = "icon"
    icon_role = "muted"

    def __init__(self, icon: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(icon=icon, parent=parent)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setFixedSize(28, 28)


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
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(2)
        for value, text in choices:
            button = QPushButton(text, self)
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setFont(look.font(13, 500))
            button.setMinimumWidth(button.sizeHint().width() + 6)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(button)
            self._buttons[value] = button
            row.addWidget(button)
        self._group.buttonClicked.connect(self._say)
        if choices:
            self.choose(choices[0][0])

    @property
    def value(self) -> str:
        """The chosen value."""
        return next((v for v, button in self._buttons.items() if button.isChecked()), "")

    def choose(self, value: str) -> None:
        """Show a value as chosen, without a signal; an unknown one changes nothing."""
        button = self._buttons.get(value)
        if button is not None:
            button.setChecked(True)
            for other in self._buttons.values():
                # One stop for Tab, as with radio buttons.
                policy = (
                    Qt.FocusPolicy.StrongFocus if other is button else Qt.FocusPolicy.ClickFocus
                )
                other.setFocusPolicy(policy)

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
        self._line.setMaxLength(2048)
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


class Banner(QFrame):
    """One line across a page: a tone, a sentence, at most one action.

    Signals:
        acted(): the action was chosen.
    """

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = Tone.WARN
        self._icon = QLabel(self)
        self._sentence = Words(wrap=True)
        widen(self._sentence)
        self._action = LinkButton()
        self._action.clicked.connect(self.acted)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._sentence, 1)
        row.addWidget(self._action)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_line(self, sentence: str, *, tone: Tone = Tone.WARN, action: str = "") -> None:
        """Show a sentence; amber by default, red (`Tone.BAD`) for what failed."""
        self._tone = tone
        self._sentence.setText(sentence)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(sentence)
        self._tint()
        self.show()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence.text()

    @property
    def action(self) -> QPushButton:
        """The button of the action."""
        return self._action

    def clear(self) -> None:
        """Nothing to say: take no room."""
        self._sentence.setText("")
        self.hide()

    def _tint(self) -> None:
        names = {Tone.BAD: "failed", Tone.GOOD: "done", Tone.NEUTRAL: "info"}
        role = "muted" if self._tone is Tone.NEUTRAL else self._tone.value
        name = names.get(self._tone, "warning")
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(look.pixmap(name, role, 18, ratio=ratio))
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_action"):
            self._tint()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A soft field of the tone's colour."""
        theme = look.current()
        colour = theme.colour("muted" if self._tone is Tone.NEUTRAL else self._tone.value)
        shape = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("card"))
        painter.drawRoundedRect(shape, 9, 9)
        painter.setPen(colour if theme.high_contrast else look.faded(colour, 0.35))
        painter.setBrush(look.faded(colour, 0.08))
        painter.drawRoundedRect(shape, 9, 9)
        painter.end()


class EmptyState(QWidget):
    """Nothing here yet: one sentence, one button.

    Signals:
        acted(): the button was pressed.
    """

    acted = Signal()

    def __init__(
        self,
        sentence: str = "",
        *,
        action: str = "",
        icon: str = "plimsoll",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence = Words(tone="muted", size=14, wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setMaximumWidth(440)
        self._sentence.setMinimumWidth(220)
        self._button = PrimaryButton()
        self._button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 36, 24, 36)
        column.setSpacing(16)
        column.addStretch()
        column.addWidget(self._icon)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._sentence, 20)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self.show_words(sentence, action=action)
        self._tint()

    def show_words(self, sentence: str, *, action: str = "") -> None:
        """Another sentence, another button; an empty action has no button."""
        self._sentence.setText(sentence)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(sentence)

    @property
    def button(self) -> QPushButton:
        """The one button."""
        return self._button

    def _tint(self) -> None:
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(look.pixmap(self._icon_name, "faint", 44, ratio=ratio))

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_button"):
            self._tint()
        super().changeEvent(event)


class ProgressLine(QWidget):
    """A thin bar with words and a way out, for work that is under way.

    Signals:
        cancelled(): the user wants it to stop.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = None
        self._phase = 0.35
        self._words = Words(tone="muted", size=12)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._cancel = IconButton("close", tr("Stop"))
        self._cancel.setFixedSize(22, 22)
        self._cancel.clicked.connect(self.cancelled)
        self._pulse = QTimer(self)
        self._pulse.setInterval(40)
        self._pulse.timeout.connect(self._move)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 7)
        row.setSpacing(6)
        row.addWidget(self._words, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_progress(self, sentence: str, share: float | None = None) -> None:
        """Say what is being done, and how far it is, 0 to 1; None where that is not known."""
        self._share = None if share is None else min(max(share, 0.0), 1.0)
        self._words.setText(sentence)
        self._words.setToolTip(sentence)
        self.setAccessibleName(sentence)
        self.show()
        self._set_pulse()
        self.update()

    def finish(self) -> None:
        """Done: take no room."""
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._words.text()

    @property
    def stop_button(self) -> QPushButton:
        """The way out."""
        return self._cancel

    def _set_pulse(self) -> None:
        moves = self._share is None and self.isVisible() and not _prefers_calm()
        if moves and not self._pulse.isActive():
            self._pulse.start()
        elif not moves:
            self._pulse.stop()

    def _move(self) -> None:
        self._phase = (self._phase + 0.012) % 1.0
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Move only in sight."""
        super().showEvent(event)
        self._set_pulse()

    def hideEvent(self, event: QHideEvent) -> None:
        """Move only in sight."""
        self._pulse.stop()
        super().hideEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The bar under the words."""
        theme = look.current()
        track = QRectF(0, self.height() - 4, self.width(), 3)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("selected"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        painter.setBrush(theme.colour("accent"))
        if self._share is not None:
            painter.drawRoundedRect(
                QRectF(track.left(), track.top(), track.width() * self._share, 3), 1.5, 1.5
            )
        else:
            width = track.width() * 0.28
            left = track.left() + (track.width() + width) * self._phase - width
            painter.drawRoundedRect(QRectF(left, track.top(), width, 3) & track, 1.5, 1.5)
        painter.end()


def _prefers_calm() -> bool:
    """Whether the desktop asks for less motion (Qt says so from 6.12 on)."""
    hints = QGuiApplication.styleHints().accessibility()
    preference = getattr(hints, "motionPreference", None)
    return preference is not None and "Reduced" in str(preference())
