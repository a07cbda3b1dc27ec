"""In the background: whether Plimsoll starts at login, stays in the tray, and spares batteries."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSystemTrayIcon, QWidget

from plimsoll.services.login import LoginStart
from plimsoll.services.settings import Settings
from plimsoll.ui import theme
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import in_words, tr

_BESIDE_A_BOX = 25
"""Where the words of a switch begin: what is said of it stands beneath them."""


class BackgroundCard(Card):
    """Three switches, and beneath each why it cannot do what it says, if so.

    Signals:
        chosen(): one of the settings is another now.
        login_chosen(bool): start at login from now on, or no more.
    """

    chosen = Signal()
    login_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("In the background"), parent=parent)
        self.login = QCheckBox(tr("Start at login, hidden in the tray"))
        self.login.clicked.connect(self.login_chosen)
        self.login_trouble = Words(tone=Tone.WARN, size=12, wrap=True)
        self.stay = QCheckBox(tr("Keep running in the tray when the window is closed"))
        self.no_tray = Words(
            tr(
                "This desktop shows no tray: closing the window ends Plimsoll, and at login the"
                " window opens."
            ),
            tone="faint",
            size=12,
            wrap=True,
        )
        self.sparing = QCheckBox(tr("Ask less often on a low battery and on metered networks"))
        for words in (self.login_trouble, self.no_tray):
            words.setContentsMargins(_BESIDE_A_BOX, 0, 0, 0)
        for box in (self.stay, self.sparing):
            box.clicked.connect(lambda _: self.chosen.emit())
        for box in (self.login, self.stay, self.sparing):
            box.setFont(theme.font(13))
        for widget in (self.login, self.login_trouble, self.stay, self.no_tray, self.sparing):
            self.add(widget)
        self.add(
            Words(
                tr(
                    "Each source is asked at its own rhythm: balances every 15 minutes, usage and"
                    " cost every hour, what charges for being asked once a day. After failures it"
                    " is asked less and less often. Syncing by hand always works."
                ),
                tone="faint",
                size=12,
                wrap=True,
            )
        )

    def show_settings(self, settings: Settings, login: LoginStart) -> None:
        """Show what is in force, on this desktop."""
        self.login.setChecked(login.is_on)
        self.login.setEnabled(login.is_on or not login.why_not)
        why = in_words(login.why_not or login.trouble)
        self.login_trouble.setText(why)
        self.login_trouble.setVisible(bool(why))
        has_tray = QSystemTrayIcon.isSystemTrayAvailable()
        self.stay.setChecked(settings.in_tray)
        self.stay.setEnabled(has_tray or settings.in_tray)
        self.no_tray.setVisible(not has_tray)
        self.sparing.setChecked(settings.sparing)

    def chosen_in(self, settings: Settings) -> Settings:
        """The settings with what is chosen here."""
        return replace(settings, in_tray=self.stay.isChecked(), sparing=self.sparing.isChecked())
