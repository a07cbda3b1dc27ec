"""Presence: the program on the desktop: its tray, when one comes or goes, and its notifications."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from plimsoll.domain.budget import Alert
from plimsoll.ui.tray import Notifier, Tray
from plimsoll.ui.words import tr

if TYPE_CHECKING:
    from plimsoll.domain.prepaid import Warned
    from plimsoll.ui.shell import Shell
    from plimsoll.ui.window import MainWindow

_LOOK_EVERY_MS = 30_000
"""A tray that comes later, or goes, is noticed within so long; no desktop tells of it."""

_LOOK_SOON_MS = 2_000
_LOOKS_AT_START = 10
"""At login the tray may come after us: it is waited for so often, and then the window opens."""


class Presence(QObject):
    """Keeps the tray's icon in step with the program, and the window in reach of its user: it may
    be hidden only while there is a tray to bring it back.
    """

    def __init__(self, shell: Shell, window: MainWindow) -> None:
        super().__init__(window)
        self._shell, self._window = shell, window
        self.tray: Tray | None = None
        self.notifier = Notifier(shell.jobs)
        self._waits = 0
        self._is_there = self._was_missing = False
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self.look)
        shell.alerted.connect(self._tell)
        shell.status.changed.connect(self._show_mood)
        window.may_hide = self.may_hide
        window.left.connect(self.rest)
        self.look()
        self._look.start()

    def begin_hidden(self) -> None:
        """Start without a window: at once where there is a tray, else wait for it a little while,
        and then open the window after all.
        """
        self._shell.status.ask()
        if self.tray is None:
            self._waits = _LOOKS_AT_START
            self._look.start(_LOOK_SOON_MS)

    def may_hide(self) -> bool:
        """Whether closing the window leaves the program in the tray."""
        if not self._shell.settings.in_tray:
            return False
        self.look()
        return self._is_there

    def rest(self) -> None:
        """The window closes for good."""
        self._look.stop()
        if self.tray is not None:
            self.tray.hide()

    def look(self) -> None:
        """Take the tray that is there; bring the window back where there is none any more."""
        was_there, is_there = self._is_there, Tray.is_available()
        self._is_there = is_there
        if is_there and self.tray is None:
            self._enter()
        elif is_there and self.tray is not None and not was_there:
            self.tray.hide()  # a desktop that starts its panel anew forgets what stood there
            self.tray.show()
        if is_there or self._window.isVisible():
            self._was_missing = False
            self._settle()
            return
        if self._waits > 1:
            self._waits -= 1
        elif self._waits or self._was_missing:
            # Two looks in a row: a desktop that starts its panel anew has no tray for a moment.
            self._say_why()
            self._window.come_to_front()
            self._settle()
        else:
            self._was_missing = True

    def _settle(self) -> None:
        if self._waits:
            self._waits = 0
            self._look.start(_LOOK_EVERY_MS)

    def _say_why(self) -> None:
        if sys.stderr is not None:
            sys.stderr.write(tr("This desktop has no tray, so the window opens.") + "\n")

    def _enter(self) -> None:
        self.tray = Tray(self)
        self.tray.open_asked.connect(self._window.come_to_front)
        self.tray.sync_asked.connect(self._shell.sync)
        self.tray.quit_asked.connect(self._window.leave)
        self.tray.show()
        self.notifier.use(self.tray)
        self._show_mood()

    def _tell(self, alerts: Sequence[Alert | Warned]) -> None:
        if self._shell.settings.notifications:
            self.notifier.tell(alerts)

    def _show_mood(self) -> None:
        status = self._shell.status
        if self.tray is not None:
            self.tray.show_state(status.mood)
            if status.newest is not None:
                self.tray.show_facts(status.newest)
