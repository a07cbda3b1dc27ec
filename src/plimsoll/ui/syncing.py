"""Syncing: one sync at a time, asked for by the user or by the clock, with progress and cancel."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui.jobs import Job, Jobs

if TYPE_CHECKING:
    from plimsoll.services.answers import SyncOutcome, SyncProgress
    from plimsoll.services.program import Program
    from plimsoll.services.schedule import Awake, Plan
    from plimsoll.services.watch import Growth
    from plimsoll.ui.network import Network

_SOONEST = timedelta(minutes=1)
_LATEST = timedelta(minutes=5)
"""The schedule is looked at when something is due, but not oftener and not seldomer than this: an
archive that could not be written must not be tried again at once.
"""

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
        looked(Surroundings): the schedule was looked at, on such a network and battery.
    """

    began = Signal(object)
    moved = Signal(object)
    data_came = Signal()
    ended = Signal(object)
    failed = Signal(object)
    stopped = Signal()
    grew = Signal(str)
    looked = Signal(object)

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
        self._is_ours = False
        self._network: Network | None = None
        self._awake: Awake | None = None
        self._expected: datetime | None = None
        self._after: tuple[str, ...] | None = None
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._read_grown)
        self.grew.connect(self._note_grown)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.timeout.connect(self.freshen)

    @property
    def is_running(self) -> bool:
        """Whether a sync is under way."""
        return self._job is not None

    def start(self, names: Sequence[str] = ()) -> bool:
        """Pull these sources (all without a name); False if a sync is under way already. One that
        nobody asked for is let through first.
        """
        wanted = tuple(names)
        if self._job is not None:
            if self._is_ours:
                self._after = wanted
            return self._is_ours
        self._begin(wanted)
        return True

    def _begin(self, wanted: tuple[str, ...]) -> None:
        self.names = wanted
        self._show.start()
        self._run(wanted)
        self.began.emit(wanted)

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

    def keep_fresh(self, network: Network | None = None, *, spread: bool = False) -> None:
        """From now on pull by itself what is due, and read logs that grow. With `spread` nobody
        waits for the figures: what was missed is caught up with over a few minutes.
        """
        self._network = network
        if network is not None:
            network.changed.connect(self._network_changed)
        self._wake(spread=spread)
        self.freshen()
        self._growth = self._program.watch_logs(self.grew.emit)
        self._growth.start()

    def _network_changed(self) -> None:
        self._wake(spread=True)
        self.freshen()

    def _wake(self, *, spread: bool) -> None:
        """The program starts, or the machine was asleep or offline until now."""
        from plimsoll.services.schedule import SPREAD, Awake

        over = SPREAD if spread else timedelta()
        self._awake = Awake(self._program.clock.now(), over)

    def look_again(self) -> None:
        """Sources were added, changed or removed: watch what there is now."""
        if self._growth is not None:
            self._growth.look_again()
            self.freshen()

    def rest(self) -> None:
        """Pull nothing more by itself: the window closes."""
        self._awake = self._network = None
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
            self._is_quiet = self._is_ours = True
            self._run(wanted)

    def freshen(self) -> None:
        """Pull what the schedule says, and look again when it has more."""
        from plimsoll.services.schedule import has_slept

        self._look.stop()
        awake, network = self._awake, self._network
        if self._job is not None or awake is None:
            return  # the end of the sync looks again
        if self._expected is not None and has_slept(self._expected, self._program.clock.now()):
            self._wake(spread=True)
            awake = self._awake or awake
        online = network is None or network.is_online
        metered = network is not None and network.is_metered
        self._expected = None
        # Not on the reader's lane, where pages wait: the battery is asked about over a bus.
        self._jobs.download(
            lambda _job: self._program.plan(awake, is_online=online, is_metered=metered),
            then=self._follow,
            failed=self._look_later,
            receiver=self,
        )

    def _follow(self, plan: Plan) -> None:
        self.looked.emit(plan.surroundings)
        if self._job is not None or self._awake is None:
            return
        if plan.now:
            self._is_ours = True
            self._begin(plan.now)
        else:
            self._look_at(plan.next_at)

    def _look_later(self, _error: PlimsollError | None = None) -> None:
        """Nobody asked for this look; the page on screen says what is wrong with the archive."""
        self._look_at(None)

    def _look_at(self, instant: datetime | None) -> None:
        now = self._program.clock.now()
        wait = _LATEST if instant is None else min(max(instant - now, _SOONEST), _LATEST)
        self._expected = now + wait
        self._look.start(round(wait / timedelta(milliseconds=1)))

    def _moved(self, progress: SyncProgress) -> None:
        if not self._is_quiet:
            self.moved.emit(progress)

    def _ended(self, outcome: SyncOutcome) -> None:
        self._over()
        self.ended.emit(outcome)
        for source in outcome.failed:
            if source.mistake is not None:
                sys.excepthook(type(source.mistake), source.mistake, source.mistake.__traceback__)
        self.stopped.emit()
        self._go_on()

    def _failed(self, error: PlimsollError) -> None:
        was_quiet = self._is_quiet
        self._over()
        if not was_quiet:  # nobody asked for it; the next sync says what is wrong
            self.failed.emit(error)
        self.stopped.emit()
        self._go_on()

    def _over(self) -> None:
        self._job = self.names = None
        self._is_quiet = self._is_ours = False
        self._show.stop()

    def _go_on(self) -> None:
        """What was asked for meanwhile, or else what is due next."""
        after, self._after = self._after, None
        if after is not None and self._job is None:
            self.start(after)
        elif self._awake is not None:
            self._look_at(self._program.clock.now())
