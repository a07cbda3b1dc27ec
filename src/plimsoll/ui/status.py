"""The line at the sidebar's foot: how fresh the figures are, and what the sync is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.moments import ago
from plimsoll.ui.sidebar import Sidebar
from plimsoll.ui.words import counted, in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.answers import Overview, SyncProgress
    from plimsoll.services.program import Program
    from plimsoll.services.schedule import Surroundings

_AGAIN_MS = 30_000
"""`2 min ago` grows old by itself."""


class Status(QObject):
    """Speaks of the newest `Overview` answer, or of the sync while one runs.

    Signals:
        changed(): the newest answer is on the line.
    """

    changed = Signal()

    def __init__(self, program: Program, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = program
        self._jobs = jobs
        self._newest: Overview | None = None
        self._sidebar: Sidebar | None = None
        self._is_syncing = False
        self._around: Surroundings | None = None
        self._clockwork = QTimer(self)
        self._clockwork.setInterval(_AGAIN_MS)
        self._clockwork.timeout.connect(self._say)

    def speak_through(self, sidebar: Sidebar) -> None:
        """Use this sidebar from now on."""
        self._sidebar = sidebar
        self._say()

    def ask(self) -> None:
        """Find out how fresh the figures are."""
        self._jobs.ask(
            lambda _job: self._program.overview(),
            then=self.take,
            failed=self._unknown,
            receiver=self,
        )

    def take(self, newest: Overview) -> None:
        """An answer came by, with the page or by `ask`."""
        self._newest = newest
        self._clockwork.start()
        self._say()
        self.changed.emit()

    def stop(self) -> None:
        """The window closes."""
        self._clockwork.stop()

    def show_syncing(self, progress: SyncProgress | None, *, sentence: str = "") -> None:
        """A sync is under way."""
        self._is_syncing = True
        if self._sidebar is None:
            return
        if progress is not None:
            sentence = f"{progress.source} · {in_words(progress.sentence)}"
        share = progress.share if progress is not None else None
        self._sidebar.show_progress(sentence or tr("Syncing …"), share)

    def show_synced(self) -> None:
        """No sync is under way any more."""
        self._is_syncing = False
        if self._sidebar is not None:
            self._sidebar.hide_progress()
        self._say()

    def show_surroundings(self, around: Surroundings) -> None:
        """Why the figures may be older than usual: no network, or reason to spare it."""
        if around != self._around:
            self._around = around
            self._say()

    @property
    def is_known(self) -> bool:
        """Whether an answer has come yet."""
        return self._newest is not None

    @property
    def newest(self) -> Overview | None:
        """The newest answer, if one has come."""
        return self._newest

    @property
    def mood(self) -> str:
        """`calm`, `warning` or `failed`: the weightiest of what needs the user."""
        kinds = {need.kind for need in self._newest.needs} if self._newest else set()
        return next((kind for kind in ("failed", "warning") if kind in kinds), "calm")

    def sentence(self) -> str:
        """How fresh the figures are, and from how many sources."""
        newest = self._newest
        if newest is None:
            return ""
        count = newest.sources_count
        if not count:
            return tr("No source yet")
        sources = counted(count, "1 source", "{count} sources") + self._reason()
        if newest.as_of is None:
            return tr("Never synced · {sources}", sources=sources)
        when = ago(newest.as_of, self._program.clock.now())
        return tr("Synced {when} · {sources}", when=when, sources=sources)

    def _reason(self) -> str:
        around = self._around
        if around is None:
            return ""
        if not around.is_online:
            return tr(" · offline")
        if around.is_metered:
            return tr(" · metered network")
        return tr(" · low battery") if around.is_low else ""

    def _say(self) -> None:
        if self._sidebar is not None and not self._is_syncing:
            self._sidebar.show_status(self.sentence())

    def _unknown(self, error: PlimsollError) -> None:
        """The page on screen says what is wrong with the archive; the line stays as it was."""
