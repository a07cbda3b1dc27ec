"""The shell in the window: pages in a sidebar, one sync at a time, one signal for new figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui import theme
from plimsoll.ui.estimating import Estimating
from plimsoll.ui.importing import Importing
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.page import SIDE
from plimsoll.ui.places import (
    FIRST,
    PAGE_NAMES,
    Destination,
    destinations,
    page_class,
    places_below,
)
from plimsoll.ui.repricing import Repricing
from plimsoll.ui.sidebar import Sidebar
from plimsoll.ui.status import Status
from plimsoll.ui.syncing import SyncControl
from plimsoll.ui.words import in_words, tr, use_language

if TYPE_CHECKING:
    from plimsoll.services.answers import SyncOutcome, SyncProgress
    from plimsoll.services.imports import ImportOutcome
    from plimsoll.services.program import Program
    from plimsoll.services.settings import Settings
    from plimsoll.ui.page import Page
    from plimsoll.ui.widgets.notices import Banner

CLOSING_PATIENCE_MS = 3000


class Shell(QWidget):
    """Everything in the window. Its pages are made when they are first shown.

    Signals:
        data_changed(): figures, budgets or sources changed; the visible page asks again.
        figures_painted(): the stored figures of a page are on the screen.
        page_settled(str): the page of this name shows the answer to its newest question.
        alerted(tuple): thresholds were crossed in the last sync, of budgets or of balances.
        leave_asked(): the user wants to quit.
        may_leave(): the sync that stood in the way of closing is over, or has taken too long.
    """

    data_changed = Signal()
    figures_painted = Signal()
    page_settled = Signal(str)
    alerted = Signal(object)
    leave_asked = Signal()
    may_leave = Signal()

    def __init__(self, program: Program, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.program = program
        self.jobs = Jobs(self)
        self.syncing = SyncControl(program, self.jobs, self)
        self.status = Status(program, self.jobs, self)
        self.settings = settings
        self.pages: dict[str, Page[Any]] = {}
        self.page_name = FIRST
        self._history: list[str] = []
        self._is_leaving = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(CLOSING_PATIENCE_MS)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.importing = Importing(program, self.jobs, self)
        self.importing.imported.connect(self._imported)
        self.estimating = Estimating(program, self.jobs, self)
        self.repricing = Repricing(program, self.jobs, self)
        self._build()
        self._connect()
        self._bring(FIRST)

    # --- what can be asked of the shell -------------------------------------------------------

    @property
    def page(self) -> Page[Any]:
        """The page on screen."""
        return self.pages[self.page_name]

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
        if self.page_name != "overview" or not self.isVisible():
            self.status.ask()
        self.data_changed.emit()

    def change_settings(self, chosen: Settings) -> None:
        """Use and keep other settings; another language makes the pages anew."""
        before, self.settings = self.settings, chosen
        self.jobs.write(
            lambda _job: self.program.save_settings(chosen),
            then=lambda _: self._settings_kept(before),
            failed=self._show_trouble,
            receiver=self,
        )
        if chosen.theme != before.theme:
            theme.use(chosen.theme)
        if chosen.language != before.language:
            use_language(chosen.language)
            # The page that asked for it is still in its own signal.
            QTimer.singleShot(0, self, self._rebuild)

    def _settings_kept(self, before: Settings) -> None:
        if self.settings.display_currency != before.display_currency:
            self.announce_change()
        if self.settings.sparing != before.sparing:
            self.syncing.freshen()

    def choose_theme(self, scheme: str) -> None:
        """Use a theme from now on: `system`, `light` or `dark`."""
        self.change_settings(replace(self.program.settings(), theme=scheme))
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

    # --- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        self.sidebar = Sidebar(destinations(), places_below())
        self.stack = QStackedWidget()
        self.banners = QVBoxLayout()
        self.banners.setContentsMargins(0, 0, 0, 0)
        self.banners.setSpacing(6)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.banners)
        column.addWidget(self.stack, 1)
        self._row.addWidget(self.sidebar)
        self._row.addWidget(right, 1)
        self.sidebar.show_page(self.page_name)
        self.sidebar.page_asked.connect(self.show_page)
        self.sidebar.help_asked.connect(self.explain_page)
        self.sidebar.cancel_asked.connect(self.syncing.cancel)
        self.status.speak_through(self.sidebar)

    def _rebuild(self) -> None:
        """The same window in another language."""
        for page in self.pages.values():
            page.rest()
        self.pages.clear()
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
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
        self._shortcut("Ctrl+Q", self.leave_asked.emit)
        self.syncing.began.connect(self._sync_began)
        self.syncing.moved.connect(self._sync_moved)
        self.syncing.data_came.connect(self.announce_change)
        self.syncing.ended.connect(self._sync_ended)
        self.syncing.failed.connect(self._sync_failed)
        self.syncing.stopped.connect(self._let_go)
        self.syncing.looked.connect(self.status.show_surroundings)
        self._patience.timeout.connect(self._let_go)

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
            page.estimate_asked.connect(self.estimating.open)
            page.what_if_asked.connect(self.repricing.open)
            page.import_asked.connect(self.importing.choose)
            page.data_changed.connect(self.announce_change)
            page.data_changed.connect(self.syncing.look_again)
            page.settings_chosen.connect(self.change_settings)
            page.answered.connect(self._page_answered)
            page.figures_painted.connect(self.figures_painted)
            page.settled.connect(partial(self.page_settled.emit, name))
            self.pages[name] = page
            self.stack.addWidget(page)
            if self.syncing.names is not None:
                page.sync_began(self.syncing.names)
        self.page_name = name
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
            Command(tr("Import a file"), self.importing.choose, "plus"),
            Command(tr("Estimate …"), self.estimating.open, "search", also="tokens"),
            Command(tr("What if …"), self.repricing.open_month, "market", also="reprice"),
            Command(tr("Units of work …"), partial(self.show_page, "market", "work"), "market"),
            Command(tr("Add a budget"), partial(self.show_page, "budgets", "add"), "plus"),
            Command(tr("All alerts"), partial(self.show_page, "budgets", "alerts"), "table"),
            Command(
                tr("Sessions of agents"), partial(self.show_page, "spend", "sessions"), "table"
            ),
            Command(tr("Add a price"), partial(self.show_page, "check", "price"), "plus"),
            look("light", tr("Light theme")),
            look("dark", tr("Dark theme")),
            look("system", tr("Theme of the system")),
            Command(tr("Show the chart as a table"), self.show_table, "table", "Ctrl+T"),
            Command(tr("Explain this page"), self.explain_page, "help", "F1"),
            Command(tr("Quit"), self.leave_asked.emit, "close", "Ctrl+Q"),
        )

    # --- sync and banners --------------------------------------------------------------------

    def _sync_began(self, names: tuple[str, ...]) -> None:
        self.status.show_syncing(None)
        for page in self.pages.values():
            page.sync_began(names)

    def _sync_moved(self, progress: SyncProgress) -> None:
        if not self._is_leaving:
            self.status.show_syncing(progress)
        for page in self.pages.values():
            page.sync_moved(progress)

    def _sync_ended(self, outcome: SyncOutcome) -> None:
        self.status.show_synced()
        for page in self.pages.values():
            page.sync_ended(outcome)
        if self._is_leaving:
            return
        self.announce_change()
        for alert in outcome.alerts:
            self._add_banner("warn", in_words(alert.sentence), tr("See budgets"), "budgets")
        for warning in outcome.warnings:
            self._add_banner("warn", in_words(warning.sentence), tr("See sources"), "sources")
        if outcome.alerts or outcome.warnings:
            self.alerted.emit((*outcome.alerts, *outcome.warnings))
        self._deliver()

    def _imported(self, outcome: ImportOutcome) -> None:
        """A file was taken: say what it was found to share, and what it let fire."""
        self.announce_change()
        for overlap in outcome.overlaps:
            self._add_banner("neutral", in_words(overlap.sentence), tr("See sources"), "sources")
        for alert in outcome.alerts:
            self._add_banner("warn", in_words(alert.sentence), tr("See budgets"), "budgets")
        if outcome.alerts:
            self.alerted.emit(outcome.alerts)
        self._deliver()

    def _deliver(self) -> None:
        """Bring alerts to the user's own command and webhook, on a lane of the network."""
        self.jobs.download(
            lambda job: self.program.deliver_alerts(cancelled=job.is_cancelled),
            then=self._delivered,
            failed=_stay_quiet,
            receiver=self,
        )

    def _delivered(self, sent: Sequence[object]) -> None:
        """How it went stands in the list of alerts, and nowhere else."""
        if sent and "budgets" in self.pages:
            self.pages["budgets"].refresh()

    def _sync_failed(self, error: PlimsollError) -> None:
        self.status.show_synced()
        for page in self.pages.values():
            page.sync_ended(None)
        if not self._is_leaving:
            self._show_trouble(error)

    def _page_answered(self, answer: object) -> None:
        from plimsoll.services.answers import Overview

        if isinstance(answer, Overview):
            self.status.take(answer)

    def _show_trouble(self, error: PlimsollError) -> None:
        self._add_banner("bad", in_words(error.words), tr("Close"), "")

    def _add_banner(self, tone: str, sentence: str, action: str, page: str) -> None:
        from plimsoll.ui.widgets.labels import Tone
        from plimsoll.ui.widgets.notices import Banner

        ours = (one for one in self.findChildren(Banner) if self.banners.indexOf(one) >= 0)
        if any(banner.sentence == sentence for banner in ours):
            return  # the schedule meets the same trouble again and again
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

    # --- leaving -----------------------------------------------------------------------------

    def prepare_to_leave(self) -> bool:
        """Whether the window may close now. If not, the sync was asked to stop, and `may_leave`
        follows when it has, or after a little while.
        """
        if not self.syncing.is_running:
            return True
        if not self._is_leaving:
            self._is_leaving = True
            self.syncing.cancel()
            self.status.show_syncing(None, sentence=tr("Stopping the sync …"))
            self._patience.start()
        return False

    def rest(self, *, patience: float = 2.0) -> None:
        """Stop every clock and every lane, waiting for those so many seconds: the window closes."""
        self._patience.stop()
        for page in self.pages.values():
            page.rest()
        self.syncing.rest()
        self.status.stop()
        self.jobs.close(patience)

    def _let_go(self) -> None:
        if self._is_leaving:
            self._is_leaving = False
            self.may_leave.emit()


def _stay_quiet(_error: PlimsollError) -> None:
    """The archive could not be asked; the page on screen says what is wrong with it."""
