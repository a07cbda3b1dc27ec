"""Where keys and figures are kept: the two cards at the foot of the sources."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from plimsoll.ui import theme
from plimsoll.ui.moments import size_words
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import tr


class KeysCard(Card):
    """The keyring in use, or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Keys"), parent=parent)
        self._works = True
        self._icon = QLabel()
        self.keyring = Words(wrap=True)
        self.header.insertWidget(0, self._icon)
        self.add(self.keyring)
        self.add(
            Words(
                tr(
                    "Keys are kept there and nowhere else. Without a keyring a key can come from"
                    " the environment as PLIMSOLL_KEY_<NAME>."
                ),
                tone="faint",
                size=12,
                wrap=True,
            )
        )
        self.body.addStretch(1)
        theme.observer().changed.connect(self._tint)

    def show_keyring(self, words: str, *, works: bool) -> None:
        """Say where keys are, in amber where they cannot be kept."""
        self._works = works
        self.keyring.setText(words)
        self.keyring.set_tone("text" if works else Tone.WARN)
        self._tint()

    def _tint(self) -> None:
        icon, role = ("lock", "muted") if self._works else ("warning", "warn")
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(theme.pixmap(icon, role, 18, ratio=ratio))


class ArchiveCard(Card):
    """The archive's place and size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Archive"), parent=parent)
        self.size_words = Words(tone="muted")
        self.path = Words(wrap=True)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.header.addWidget(self.size_words)
        self.add(self.path)
        self.add(
            Words(
                tr("Nothing leaves this computer but the calls to your providers."),
                tone="faint",
                size=12,
                wrap=True,
            )
        )
        self.body.addStretch(1)

    def show_archive(self, path: str, size: int) -> None:
        """Say where the archive is, and how many bytes it has."""
        self.path.setText(path)
        self.size_words.setText(size_words(size))
