"""Lanes of work beside the window: answers come back on the GUI thread by one queued signal."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from plimsoll.domain.errors import Cancelled, PlimsollError, VaultSilent
from plimsoll.ui.words import tr

T = TypeVar("T")

DOWNLOAD_THREADS = 4
KEYRING_DEADLINE = 20.0
"""Seconds: long enough to type a password into the keyring's own prompt."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a work: its answer, a known error, or a bug of ours."""

    answer: Any = None
    known: PlimsollError | None = None
    bug: BaseException | None = None


class Job:
    """One piece of work under way. The work itself is called with it.

    `report` and `is_cancelled` are for the work, on its own thread; `cancel` and `forget` for the
    GUI thread.
    """

    def __init__(
        self,
        jobs: Jobs,
        *,
        work: Callable[[Job], Any],
        receiver: QObject | None,
        then: Callable[[Any], None] | None,
        failed: Callable[[PlimsollError], None],
        progress: Callable[[Any], None] | None,
    ) -> None:
        self._jobs = jobs
        self._work = work
        self._receiver = receiver or _owner_of(then) or _owner_of(failed)
        self._then = then
        self._failed = failed
        self._progress = progress
        self._cancelled = threading.Event()
        self._forgotten = False
        self._settled = False
        self._news: deque[Any] = deque(maxlen=1)
        self._timer: QTimer | None = None

    def is_cancelled(self) -> bool:
        """Whether the work should stop as soon as it can."""
        return self._cancelled.is_set()

    def report(self, news: object) -> None:
        """Say how far the work is; only the newest word reaches `progress`, on the GUI thread."""
        if self._progress is not None:
            self._jobs._post_news(self, news)  # noqa: SLF001 - one pair, two threads

    def cancel(self) -> None:
        """Ask the work to stop. Its answer still comes: what came so far, or `Cancelled`."""
        self._cancelled.set()

    def forget(self) -> None:
        """Ask the work to stop, and want no answer at all."""
        self._forgotten = True
        self._cancelled.set()
        self._stop_timer()

    @property
    def is_settled(self) -> bool:
        """Whether its answer was given, or will never be."""
        return self._settled or self._forgotten

    def _attempt(self) -> _Outcome:
        """On the lane's thread: do the work, and answer what came of it."""
        if self._cancelled.is_set():
            return _Outcome(known=Cancelled(tr("Stopped before it began.")))
        try:
            return _Outcome(answer=self._work(self))
        except PlimsollError as error:
            return _Outcome(known=error)
        except BaseException as error:  # noqa: BLE001 - our bug: to the edge, never swallowed
            return _Outcome(bug=error)

    def _settle(self, outcome: _Outcome) -> None:
        """On the GUI thread: give the answer, once, if somebody still wants it."""
        if self._settled:
            return
        self._settled = True
        self._stop_timer()
        if outcome.bug is not None:
            sys.excepthook(type(outcome.bug), outcome.bug, outcome.bug.__traceback__)
        elif not self._is_wanted():
            return
        elif outcome.known is not None:
            self._failed(outcome.known)
        elif self._then is not None:
            self._then(outcome.answer)

    def _tell(self, news: object) -> None:
        if self._progress is not None and not self._settled and self._is_wanted():
            self._progress(news)

    def _is_wanted(self) -> bool:
        if self._forgotten:
            return False
        return self._receiver is None or shiboken6.isValid(self._receiver)

    def _give_up_after(self, seconds: float, error: PlimsollError) -> None:
        timer = QTimer(self._jobs)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._settle(_Outcome(known=error)))
        timer.start(round(seconds * 1000))
        self._timer = timer

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.deleteLater()
            self._timer = None


class Jobs(QObject):
    """Three lanes and a side door: network (wide), the ledger's writer, its reader, the keyring.

    Every method takes `work`, called as `work(job)` on another thread, and answers a `Job`; `then`
    gets its result, `failed` a `PlimsollError`, `progress` what the work reports. All three run on
    the GUI thread, and not at all once `receiver` was destroyed (without `receiver`, the object
    that `then` or `failed` is a method of). Any other exception goes to `sys.excepthook`.

    Signals:
        rested(): the last job that was under way has been answered.
    """

    rested = Signal()
    _posted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._letters: deque[tuple[Job, _Outcome | None]] = deque()
        self._open: set[Job] = set()
        self._closed = False
        self._network = _Lane("network", DOWNLOAD_THREADS, self._serve)
        self._writer = _Lane("writer", 1, self._serve)
        self._reader = _Lane("reader", 1, self._serve)
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, and no answer waits to be given."""
        return not self._open

    def download(
        self,
        work: Callable[[Job], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Callable[[PlimsollError], None],
        progress: Callable[[Any], None] | None = None,
        receiver: QObject | None = None,
    ) -> Job:
        """Work that waits for the network; four at a time."""
        job = Job(self, work=work, receiver=receiver, then=then, failed=failed, progress=progress)
        return self._open_job(self._network, job)

    def write(
        self,
        work: Callable[[Job], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Callable[[PlimsollError], None],
        progress: Callable[[Any], None] | None = None,
        receiver: QObject | None = None,
    ) -> Job:
        """Work that changes the ledger; one after the other."""
        job = Job(self, work=work, receiver=receiver, then=then, failed=failed, progress=progress)
        return self._open_job(self._writer, job)

    def ask(
        self,
        work: Callable[[Job], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Callable[[PlimsollError], None],
        progress: Callable[[Any], None] | None = None,
        receiver: QObject | None = None,
    ) -> Job:
        """Work that only reads; one after the other, never behind a writer."""
        job = Job(self, work=work, receiver=receiver, then=then, failed=failed, progress=progress)
        return self._open_job(self._reader, job)

    def keyring(
        self,
        work: Callable[[Job], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Callable[[PlimsollError], None],
        receiver: QObject | None = None,
        deadline: float = KEYRING_DEADLINE,
    ) -> Job:
        """Work that may wait for the keyring's prompt, on a thread of its own that is left behind
        after `deadline` seconds: `failed` gets `VaultSilent`, and nothing else waits.
        """
        job = Job(self, work=work, receiver=receiver, then=then, failed=failed, progress=None)
        if not self._closed:
            silent = VaultSilent(tr("The keyring did not answer in time."))
            job._give_up_after(deadline, silent)  # noqa: SLF001 - its own job
        lane = _Lane("keyring", 1, self._serve)
        self._open_job(lane, job)
        lane.close()
        return job

    def close(self, wait_seconds: float = 2.0) -> bool:
        """Take no more work, ask all of it to stop, and wait a little; no answer comes any more.

        Answers whether every lane ended. What does not end is a daemon thread and dies with the
        program; the ledger's transactions make that harmless.
        """
        with self._lock:
            self._closed = True
            self._letters.clear()
        # They stay in `_open`: a widget that a job holds must not be destroyed on a lane's thread.
        for job in self._open:
            job.forget()
        lanes = (self._network, self._writer, self._reader)
        for lane in lanes:
            lane.close()
        until = time.monotonic() + wait_seconds
        ended = tuple(lane.wait(until - time.monotonic()) for lane in lanes)
        return all(ended)

    def _open_job(self, lane: _Lane, job: Job) -> Job:
        if self._closed:
            job.forget()
        else:
            self._open.add(job)
            lane.put(job)
        return job

    def _serve(self, queue: SimpleQueue[Job | None]) -> None:
        """On a lane's thread: one job after the other, until there comes a None."""
        while (job := queue.get()) is not None:
            outcome = job._attempt()  # noqa: SLF001 - its own job
            with self._lock:
                if not self._closed and shiboken6.isValid(self):
                    self._letters.append((job, outcome))
                    self._posted.emit()
                # Given up while locked: the last reference to a widget is the GUI thread's.
                del job, outcome

    def _post_news(self, job: Job, news: object) -> None:
        with self._lock:
            waiting = bool(job._news)  # noqa: SLF001 - its own job
            job._news.append(news)  # noqa: SLF001 - its own job
            if not waiting and not self._closed and shiboken6.isValid(self):
                self._letters.append((job, None))
                self._posted.emit()

    def _deliver(self) -> None:
        """One letter a signal, so that a callback may run a dialog's own event loop."""
        with self._lock:
            if not self._letters:
                return
            job, outcome = self._letters.popleft()
            news = job._news.popleft() if outcome is None else None  # noqa: SLF001 - its own job
        if outcome is None:
            job._tell(news)  # noqa: SLF001 - its own job
        else:
            self._open.discard(job)
            job._settle(outcome)  # noqa: SLF001 - its own job
            if self.is_idle:
                self.rested.emit()


class _Lane:
    """A queue and its daemon threads, started when first needed."""

    def __init__(
        self, name: str, width: int, serve: Callable[[SimpleQueue[Job | None]], None]
    ) -> None:
        self._name = name
        self._width = width
        self._serve = serve
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def put(self, job: Job) -> None:
        self._queue.put(job)
        if len(self._threads) < self._width:
            thread = threading.Thread(
                target=self._serve, args=(self._queue,), name=f"plimsoll {self._name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put(None)

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)


def _owner_of(callback: Callable[..., None] | None) -> QObject | None:
    owner = getattr(callback, "__self__", None)
    return owner if isinstance(owner, QObject) else None
