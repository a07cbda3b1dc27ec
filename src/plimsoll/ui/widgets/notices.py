"""What a page says about itself: a banner, an empty state, the progress of work."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from plimsoll.ui import theme as look
from plimsoll.ui.widgets.buttons import IconButton, LinkButton, PrimaryButton
from plimsoll.ui.widgets.labels import Tone, Words, widen
from plimsoll.ui.words import tr


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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
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
        if event.type() in look.THEME_EVENTS and hasattr(self, "_action"):
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
        if event.type() in look.THEME_EVENTS and hasattr(self, "_button"):
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
