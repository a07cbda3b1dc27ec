"""Syncing: one sync at a time, asked for by the user or by the clock, with progress and cancel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui.jobs import Job, Jobs

if TYPE_CHECKING:
    from plimsoll.services.answers import SourceCard, SourcesPage, SyncOutcome, SyncProgress
    from plimsoll.services.program import Program
    from plimsoll.services.watch import Growth

STALE_AFTER = timedelta(hours=1)
"""Providers' figures lag by hours; asking more often than hourly brings nothing."""

_LOOK_EVERY_MS = 5 * 60 * 1000
_CALM_MS = 2000
"""Logs that grow are read together so long after the first was noticed."""

_SHOW_EVERY_MS = 4000
"""A first fill takes minutes: what has come is shown every few seconds."""


class SyncControl(QObject):
    """Runs syncs on the network lane.

    Signals:
        began(tuple): a sync of these sources (all, if empty) has started.
        moved(SyncProgress): how far it is.
        data_came(): figures were stored, and more may follow.
        ended(SyncOutcome): how it ended, source by source.
        failed(PlimsollError): it could not be done at all.
        stopped(): nothing runs any more, however it ended; after `ended` or `failed`.
        grew(str): the logs of this source have grown; they are read by themselves.
    """

    began = Signal(object)
    moved = Signal(object)
    data_came = Signal()
    ended = Signal(object)
    failed = Signal(object)
    stopped = Signal()
    grew = Signal(str)

    def __init__(self, program: Program, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = program
        self._jobs = jobs
        self._job: Job | None = None
        self.names: tuple[str, ...] | None = None
        """What is being pulled now: names, empty for all; None while nothing is."""
        self._show = QTimer(self)
        self._show.setInterval(_SHOW_EVERY_MS)
        self._show.timeout.connect(self.data_came)
        self._growth: Growth | None = None
        self._grown: set[str] = set()
        self._is_quiet = False
        self._after: tuple[str, ...] | None = None
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._read_grown)
        self.grew.connect(self._note_grown)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self.freshen)

    @property
    def is_running(self) -> bool:
        """Whether a sync is under way."""
        return self._job is not None

    def start(self, names: Sequence[str] = ()) -> bool:
        """Pull these sources (all without a name); False if a sync is under way already. One that
        nobody asked for is let through first: it takes a moment.
        """
        wanted = tuple(names)
        if self._job is not None:
            if self._is_quiet:
                self._after = wanted
            return self._is_quiet
        self.names = wanted
        self._show.start()
        self._run(wanted)
        self.began.emit(wanted)
        return True

    def _run(self, wanted: tuple[str, ...]) -> None:
        self._job = self._jobs.download(
            lambda job: self._program.sync(wanted, progress=job.report, cancelled=job.is_cancelled),
            then=self._ended,
            failed=self._failed,
            progress=self._moved,
            receiver=self,
        )

    def cancel(self) -> None:
        """Ask the sync to stop; what came is kept, and `ended` follows."""
        if self._job is not None:
            self._job.cancel()

    def keep_fresh(self) -> None:
        """From now on pull by itself what is older than an hour, and read logs that grow."""
        self._look.start()
        self.freshen()
        self._growth = self._program.watch_logs(self.grew.emit)
        self._growth.start()

    def look_again(self) -> None:
        """Sources were added, changed or removed: watch what there is now."""
        if self._growth is not None:
            self._growth.look_again()

    def rest(self) -> None:
        """Pull nothing more by itself: the window closes."""
        self._look.stop()
        self._show.stop()
        self._calm.stop()
        if self._growth is not None:
            self._growth.stop()
            self._growth = None

    def _note_grown(self, name: str) -> None:
        """An agent at work writes all the time: its logs are read every few seconds, no oftener."""
        self._grown.add(name)
        if not self._calm.isActive():
            self._calm.start()

    def _read_grown(self) -> None:
        """Read what grew, without a word: the figures say it."""
        if self._job is not None:
            self._calm.start()
        elif self._grown:
            wanted, self._grown = tuple(sorted(self._grown)), set()
            self._is_quiet = True
            self._run(wanted)

    def freshen(self) -> None:
        """Pull the sources that are stale and may be asked."""
        if self._job is None:
            self._jobs.ask(
                lambda _job: self._program.sources_page(),
                then=self._start_stale,
                failed=_stay_quiet,
                receiver=self,
            )

    def _start_stale(self, page: SourcesPage) -> None:
        stale = stale_sources(page)
        if stale:
            self.start(stale)

    def _moved(self, progress: SyncProgress) -> None:
        if not self._is_quiet:
            self.moved.emit(progress)

    def _ended(self, outcome: SyncOutcome) -> None:
        self._over()
        self.ended.emit(outcome)
        self.stopped.emit()
        self._go_on()

    def _failed(self, error: PlimsollError) -> None:
        was_quiet = self._is_quiet
        self._over()
        if not was_quiet:  # nobody asked for it; the hourly sync says what is wrong
            self.failed.emit(error)
        self.stopped.emit()
        self._go_on()

    def _over(self) -> None:
        self._job = self.names = None
        self._is_quiet = False
        self._show.stop()

    def _go_on(self) -> None:
        """What was asked for while a quiet sync ran."""
        after, self._after = self._after, None
        if after is not None and self._job is None:
            self.start(after)


def stale_sources(page: SourcesPage) -> tuple[str, ...]:
    """The sources that have no figures from the last hour and may be asked again now.

    One that failed within the hour is left alone: the user sees why and can retry.
    """
    return tuple(
        card.name
        for card in page.cards
        if card.key_place != "file"
        if _is_old(card.last_sync, page.now)
        if _is_old(card.failed_at, page.now)
        if card.not_before is None or card.not_before <= page.now
        if not _was_paid_today(card, page.now)
    )


def _was_paid_today(card: SourceCard, now: datetime) -> bool:
    """Whether asking costs money and this UTC day's question was answered: once a day is enough."""
    asked = card.last_sync
    if not card.costs_money or asked is None:
        return False
    return asked.astimezone(UTC).date() == now.astimezone(UTC).date()


def _is_old(instant: datetime | None, now: datetime) -> bool:
    return instant is None or now - instant > STALE_AFTER


def _stay_quiet(error: PlimsollError) -> None:
    """Nobody asked for this look; the page on screen says what is wrong with the archive."""
