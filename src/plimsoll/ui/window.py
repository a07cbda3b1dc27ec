"""The window: pages in a sidebar, one sync at a time, and one signal when figures changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui import theme
from plimsoll.ui.application import application_for
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.places import (
    FIRST,
    PAGE_NAMES,
    Destination,
    destinations,
    page_class,
    places_below,
)
from plimsoll.ui.sidebar import Sidebar
from plimsoll.ui.status import Status
from plimsoll.ui.syncing import SyncControl
from plimsoll.ui.words import tr, use_language

if TYPE_CHECKING:
    from plimsoll.services.answers import SyncOutcome, SyncProgress
    from plimsoll.services.program import Program
    from plimsoll.services.settings import Settings
    from plimsoll.ui.instance import Instance
    from plimsoll.ui.page import Page
    from plimsoll.ui.widgets.notices import Banner

SIZE = QSize(1440, 940)
SMALLEST = QSize(900, 600)
CLOSING_PATIENCE_MS = 3000


class MainWindow(QMainWindow):
    """The window of one program. Its pages are made when they are first shown.

    Signals:
        data_changed(): figures, budgets or sources changed; the visible page asks again.
        page_settled(str): the page of this name shows the answer to its newest question.
        alerted(tuple): thresholds were crossed in the last sync.
    """

    data_changed = Signal()
    page_settled = Signal(str)
    alerted = Signal(object)

    def __init__(self, program: Program, *, settings: Settings | None = None) -> None:
        super().__init__()
        self.program = program
        self.jobs = Jobs(self)
        self.syncing = SyncControl(program, self.jobs, self)
        self.status = Status(program, self.jobs, self)
        self.settings = settings or program.settings()
        self.pages: dict[str, Page[Any]] = {}
        self.page_name = FIRST
        self._history: list[str] = []
        self._is_furnished = False
        self._is_closing = False
        self._may_close = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(CLOSING_PATIENCE_MS)
        self.setWindowTitle("Plimsoll")
        self.setMinimumSize(SMALLEST)
        self.resize(SIZE)
        self._build()
        self._connect()

    # --- what can be asked of the window ------------------------------------------------------

    @property
    def page(self) -> Page[Any]:
        """The page on screen; made now if the first frame is still to come."""
        self.furnish()
        return self.pages[self.page_name]

    def furnish(self) -> None:
        """Make the first page; done by itself after the first frame is on the screen."""
        if not self._is_furnished:
            self._bring(self.page_name)

    def show_page(self, name: str, intention: str = "") -> None:
        """Go to a page; it asks its question when it appears, and begins what is intended."""
        if name not in PAGE_NAMES:
            return
        if name != self.page_name or name not in self.pages:
            self._history.append(self.page_name)
            self._bring(name)
        if intention:
            self.page.intend(intention)

    def go_back(self) -> None:
        """Return to the page before."""
        if self._history:
            self._bring(self._history.pop())

    def sync(self, names: Sequence[str] = ()) -> None:
        """Pull sources now (all without a name); nothing happens while a sync is under way."""
        self.syncing.start(names)

    def announce_change(self) -> None:
        """Say that what is stored changed: every page asks again, the visible one at once."""
        for page in self.pages.values():
            page.refresh()
        if self.page_name != "overview":
            self.status.ask()
        self.data_changed.emit()

    def change_settings(self, chosen: Settings) -> None:
        """Use and keep other settings; another language makes the pages anew."""
        before, self.settings = self.settings, chosen
        self.jobs.write(
            lambda _job: self.program.save_settings(chosen),
            then=_done,
            failed=self._show_trouble,
            receiver=self,
        )
        if chosen.theme != before.theme:
            theme.use(chosen.theme)
        if chosen.language != before.language:
            use_language(chosen.language)
            # The page that asked for it is still in its own signal.
            QTimer.singleShot(0, self, self._rebuild)

    def choose_theme(self, scheme: str) -> None:
        """Use a theme from now on: `system`, `light` or `dark`."""
        self.change_settings(replace(self.settings, theme=scheme))
        if "settings" in self.pages:
            self.pages["settings"].refresh()

    def explain_page(self) -> None:
        """F1: say what the page on screen shows."""
        from plimsoll.ui.dialogs.explain import Explain

        Explain(self.page.title, self.page.explanation, self).open()

    def show_table(self) -> None:
        """Ctrl+T: the page's chart as a table."""
        self.page.show_table()

    def open_palette(self) -> None:
        """Ctrl+K: every page and action by typing."""
        from plimsoll.ui.dialogs.palette import Palette

        Palette(self._commands(), self).open_over(self)

    def come_to_front(self) -> None:
        """Raise the window over others."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def show_crash(self, report: str) -> None:
        """Offer the report of a bug of ours; the window lives on."""
        from plimsoll.ui.dialogs.crash import CrashDialog

        CrashDialog(report, self).open()

    # --- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        self.sidebar = Sidebar(destinations(), places_below())
        self.stack = QStackedWidget()
        self.banners = QVBoxLayout()
        self.banners.setContentsMargins(0, 0, 0, 0)
        self.banners.setSpacing(6)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(self.banners)
        right.addWidget(self.stack, 1)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addLayout(right, 1)
        self.setCentralWidget(centre)
        self.sidebar.show_page(self.page_name)
        self.sidebar.page_asked.connect(self.show_page)
        self.sidebar.help_asked.connect(self.explain_page)
        self.sidebar.cancel_asked.connect(self.syncing.cancel)
        self.status.speak_through(self.sidebar)

    def _rebuild(self) -> None:
        """The same window in another language."""
        self.pages.clear()
        self._build()
        self._bring(self.page_name)

    def _connect(self) -> None:
        for place in (*destinations(), *places_below()):
            self._shortcut(place.shortcut, partial(self.show_page, place.name))
        self._shortcut("F5", self.sync)
        self._shortcut("Ctrl+K", self.open_palette)
        self._shortcut("F1", self.explain_page)
        self._shortcut("Ctrl+T", self.show_table)
        self._shortcut("Alt+Left", self.go_back)
        self._shortcut("Ctrl+Q", self._leave)
        self.syncing.began.connect(self._sync_began)
        self.syncing.moved.connect(self._sync_moved)
        self.syncing.data_came.connect(self.announce_change)
        self.syncing.ended.connect(self._sync_ended)
        self.syncing.failed.connect(self._sync_failed)
        self.syncing.stopped.connect(self._finish_closing)
        self._patience.timeout.connect(self._finish_closing)

    def _shortcut(self, keys: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(act)

    def _bring(self, name: str) -> None:
        page = self.pages.get(name)
        if page is None:
            page = page_class(name)(self.program, self.jobs)
            page.page_asked.connect(self.show_page)
            page.sync_asked.connect(self.sync)
            page.stop_asked.connect(self.syncing.cancel)
            page.data_changed.connect(self.announce_change)
            page.settings_chosen.connect(self.change_settings)
            page.answered.connect(self._page_answered)
            page.settled.connect(partial(self.page_settled.emit, name))
            self.pages[name] = page
            self.stack.addWidget(page)
            if self.syncing.names is not None:
                page.sync_began(self.syncing.names)
        self.page_name = name
        self._is_furnished = True
        if name != "overview" and not self.status.is_known:
            self.status.ask()
        self.sidebar.show_page(name)
        self.stack.setCurrentWidget(page)
        page.take_focus()

    def _commands(self) -> tuple[Any, ...]:
        from plimsoll.ui.dialogs.palette import Command

        def go(place: Destination) -> Command:
            act = partial(self.show_page, place.name)
            return Command(place.title, act, place.icon, place.shortcut, place.name)

        def look(scheme: str, title: str) -> Command:
            return Command(title, partial(self.choose_theme, scheme), "settings", also="theme")

        return (
            *(go(place) for place in (*destinations(), *places_below())),
            Command(tr("Sync now"), self.sync, "sync", "F5"),
            Command(tr("Stop the sync"), self.syncing.cancel, "close"),
            Command(tr("Add a source"), partial(self.show_page, "sources", "add"), "plus"),
            Command(tr("Add a budget"), partial(self.show_page, "budgets", "add"), "plus"),
            look("light", tr("Light theme")),
            look("dark", tr("Dark theme")),
            look("system", tr("Theme of the system")),
            Command(tr("Show the chart as a table"), self.show_table, "table", "Ctrl+T"),
            Command(tr("Explain this page"), self.explain_page, "help", "F1"),
            Command(tr("Quit"), self._leave, "close", "Ctrl+Q"),
        )

    # --- sync and banners --------------------------------------------------------------------

    def _sync_began(self, names: tuple[str, ...]) -> None:
        self.status.show_syncing(None)
        for page in self.pages.values():
            page.sync_began(names)

    def _sync_moved(self, progress: SyncProgress) -> None:
        if not self._is_closing:
            self.status.show_syncing(progress)
        for page in self.pages.values():
            page.sync_moved(progress)

    def _sync_ended(self, outcome: SyncOutcome) -> None:
        self.status.show_synced()
        for page in self.pages.values():
            page.sync_ended(outcome)
        if self._is_closing:
            return
        self.announce_change()
        for alert in outcome.alerts:
            self._add_banner("warn", alert.sentence, tr("See budgets"), "budgets")
        if outcome.alerts:
            self.alerted.emit(outcome.alerts)

    def _sync_failed(self, error: PlimsollError) -> None:
        self.status.show_synced()
        for page in self.pages.values():
            page.sync_ended(None)
        if not self._is_closing:
            self._show_trouble(error)

    def _page_answered(self, answer: object) -> None:
        from plimsoll.services.answers import Overview

        if isinstance(answer, Overview):
            self.status.take(answer)

    def _show_trouble(self, error: PlimsollError) -> None:
        self._add_banner("bad", str(error), tr("Close"), "")

    def _add_banner(self, tone: str, sentence: str, action: str, page: str) -> None:
        from plimsoll.ui.page import SIDE
        from plimsoll.ui.widgets.labels import Tone
        from plimsoll.ui.widgets.notices import Banner

        banner = Banner()
        banner.acted.connect(partial(self._banner_acted, banner, page))
        self.banners.setContentsMargins(SIDE, 14, SIDE, 0)
        self.banners.addWidget(banner)
        banner.show_line(sentence, tone=Tone(tone), action=action)

    def _banner_acted(self, banner: Banner, page: str) -> None:
        self.banners.removeWidget(banner)
        banner.hide()
        banner.deleteLater()
        if self.banners.count() == 0:
            self.banners.setContentsMargins(0, 0, 0, 0)
        if page:
            self.show_page(page)

    # --- closing -----------------------------------------------------------------------------

    def _leave(self) -> None:
        QTimer.singleShot(0, self, self.close)

    def _finish_closing(self) -> None:
        if self._is_closing:
            self._is_closing, self._may_close = False, True
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once, or stop the sync first and wait for it a little."""
        if self.syncing.is_running and not self._may_close:
            event.ignore()
            if not self._is_closing:
                self._is_closing = True
                self.syncing.cancel()
                self.status.show_syncing(None, sentence=tr("Stopping the sync …"))
                self._patience.start()
            return
        self._patience.stop()
        for page in self.pages.values():
            page.rest()
        self.syncing.rest()
        self.status.stop()
        self.jobs.close()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """After the first frame, which shows quickly, come the page and what it imports."""
        super().paintEvent(event)
        if not self._is_furnished:
            QTimer.singleShot(0, self, self.furnish)


def run_window(program: Program) -> int:
    """Show the window on a program and stay until it is closed; answers the exit code.

    A second start for the same data directory brings the first window to the front, says so on
    standard error and answers 0. Raises `LedgerUnreadable` if the folder cannot be written.
    """
    from plimsoll.ui.crash import CrashWatch
    from plimsoll.ui.instance import ALREADY_OPEN, Instance

    application = application_for(program.settings())
    instance = Instance(program.data_dir)
    if not instance.claim():
        heard = instance.ask_to_raise()
        sys.stderr.write(tr(ALREADY_OPEN) + "\n")
        return 0 if heard else 1
    watch = CrashWatch()
    watch.install()
    window = MainWindow(program)
    watch.caught.connect(window.show_crash, Qt.ConnectionType.QueuedConnection)
    instance.raise_asked.connect(window.come_to_front)
    # Only once, after the first answer: until then nothing may delay the first frame.
    window.page_settled.connect(
        partial(_settle_in, window, instance), Qt.ConnectionType.SingleShotConnection
    )
    window.show()
    try:
        return application.exec()
    finally:
        watch.uninstall()
        window.jobs.close()
        instance.release()


def _settle_in(window: MainWindow, instance: Instance, _page: str) -> None:
    """What may wait until the first figures are on the screen."""
    from plimsoll.ui.tray import join_desktop

    instance.listen()
    join_desktop(window)
    if not window.program.demo:
        window.syncing.keep_fresh()


def _done(_nothing: object) -> None:
    """Nothing is left to do."""
