"""The tray and the desktop's notifications: a convenience; nothing essential lives only here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from plimsoll.domain.budget import Alert
from plimsoll.domain.money import shown
from plimsoll.domain.prepaid import Warned
from plimsoll.ui import theme
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.figures import Overview

APP_NAME = "Plimsoll"
STATES = ("calm", "warning", "failed")
"""States, not numbers: all is well, a budget warns, a source failed or a budget is passed."""

_ROLES = {"calm": "accent", "warning": "warn", "failed": "bad"}


class Tray(QObject):
    """The icon in the tray, where the desktop has one.

    Signals:
        open_asked(): show the window.
        sync_asked(): pull every source now.
        quit_asked(): end the program.
    """

    open_asked = Signal()
    sync_asked = Signal()
    quit_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = "calm"
        self.menu = QMenu()
        self._facts: list[QAction] = []
        for text, signal in (
            (tr("Open Plimsoll"), self.open_asked),
            (tr("Sync now"), self.sync_asked),
            (tr("Quit"), self.quit_asked),
        ):
            action = QAction(text, self.menu)
            action.triggered.connect(signal)
            self.menu.addAction(action)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.open_asked)
        theme.observer().changed.connect(self._paint)
        self.show_state("calm")

    @staticmethod
    def is_available() -> bool:
        """Whether this desktop shows a tray now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        """Appear; without a tray nothing happens."""
        if self.is_available():
            self._icon.show()

    def hide(self) -> None:
        """Leave the tray."""
        self._icon.hide()

    @property
    def is_shown(self) -> bool:
        """Whether the icon stands in a tray."""
        return self._icon.isVisible()

    def show_facts(self, overview: Overview) -> None:
        """Today, the month, where it ends and the worst budget, at the head of the menu."""
        for action in self._facts:
            self.menu.removeAction(action)
        first = self.menu.actions()[0]
        self._facts = [QAction(words, self.menu) for words in fact_words(overview)]
        for action in self._facts:
            action.setEnabled(False)
        if self._facts:
            self._facts.append(QAction(self.menu))
            self._facts[-1].setSeparator(True)
        self.menu.insertActions(first, self._facts)

    def show_state(self, state: str) -> None:
        """Calm, warning or failed: as the icon's colour and its tooltip's words."""
        self.state = state
        words = {
            "calm": tr("Plimsoll: all is well"),
            "warning": tr("Plimsoll: a budget needs attention"),
            "failed": tr("Plimsoll: something needs you"),
        }
        self._icon.setToolTip(words[state])
        self._paint()

    def message(self, title: str, body: str) -> None:
        """Show one notification at the tray."""
        self._icon.showMessage(title, body, self._icon.icon())

    def _paint(self) -> None:
        self._icon.setIcon(theme.icon("plimsoll", role=_ROLES[self.state]))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self.open_asked.emit()


class Notifier:
    """Tells the desktop about alerts: through the tray, or over D-Bus where there is no tray."""

    def __init__(self, jobs: Jobs, *, tray: Tray | None = None) -> None:
        self._jobs = jobs
        self._tray = tray

    def use(self, tray: Tray) -> None:
        """Tell through this tray from now on, while it is shown."""
        self._tray = tray

    def tell(self, alerts: Sequence[Alert | Warned]) -> None:
        """One notification for all that fired in one sync; the window shows the same itself."""
        if not alerts:
            return
        title, body = alert_words(alerts)
        if self._tray is not None and self._tray.is_shown:
            self._tray.message(title, body)
        elif sys.platform == "linux":
            # In a worker: a session bus that does not answer must not hold up the window.
            self._jobs.download(
                lambda _job: notify_over_dbus(title, body), then=_say_nothing, failed=_say_nothing
            )


def fact_words(overview: Overview) -> tuple[str, ...]:
    """What the tray's menu says; nothing of what is not known."""
    currency = overview.currency
    facts = []
    if overview.today is not None:
        facts.append(tr("Today: {amount}", amount=shown(overview.today, currency)))
    if overview.has_figures:
        facts.append(tr("This month: {amount}", amount=shown(overview.spent, currency)))
    end = overview.month_end
    if end is not None and end.low80 is not None and end.high80 is not None:
        low, high = shown(end.low80, currency, places=0), shown(end.high80, currency, places=0)
        facts.append(tr("Month's end: {low} to {high}", low=low, high=high))
    if overview.budget is not None:
        name, share = overview.budget.budget.name, f"{int(overview.budget.share)}%"
        facts.append(tr("Budget {name}: {share}", name=name, share=share))
    return tuple(facts)


def alert_words(alerts: Sequence[Alert | Warned]) -> tuple[str, str]:
    """The title and the text of one notification."""
    sentences = "\n".join(in_words(alert.sentence) for alert in alerts)
    if len(alerts) == 1:
        (only,) = alerts
        if isinstance(only, Warned):
            return tr("Balance of “{name}”", name=only.source), sentences
        return tr("Budget “{name}”", name=only.budget), sentences
    if any(isinstance(alert, Warned) for alert in alerts):
        return tr("Budgets and balances need attention"), sentences
    return tr("Budgets need attention"), sentences


def notify_over_dbus(title: str, body: str, *, patience: float = 2.0) -> bool:
    """Show one notification by `org.freedesktop.Notifications`; whether the desktop took it.

    Blocking, at most `patience` seconds an answer. Written with jeepney, which keyring brings on
    Linux: QtDBus in PySide6 sends a Python int as INT32, and `Notify` demands a UINT32
    (Desktop Notifications Specification 1.3, org.freedesktop.Notifications.Notify).
    """
    try:
        from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]
        from jeepney.io.blocking import (  # type: ignore[import-untyped]
            open_dbus_connection,
        )
    except ImportError:
        return False
    address = DBusAddress(
        "/org/freedesktop/Notifications",
        bus_name="org.freedesktop.Notifications",
        interface="org.freedesktop.Notifications",
    )
    hints = {"urgency": ("y", 1), "desktop-entry": ("s", "plimsoll")}
    call = new_method_call(
        address,
        "Notify",
        "susssasa{sv}i",
        (APP_NAME, 0, "plimsoll", title, _escaped(body), [], hints, -1),
    )
    try:
        with open_dbus_connection() as bus:
            reply = bus.send_and_get_reply(call, timeout=patience)
    except (OSError, KeyError, ValueError, RuntimeError):
        # No session bus, no notification service, or one that does not answer in time.
        return False
    return str(reply.header.message_type.name) == "method_return"


def _escaped(body: str) -> str:
    """The specification reads a body as simple markup."""
    return body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _say_nothing(_answer: object) -> None:
    """The window has already shown the alert; a deaf desktop is no failure."""
