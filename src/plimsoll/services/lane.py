"""A lane of one thread for calls that may never return, and that can be given up."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class GivenUp(Exception):
    """The call did not end in time; what it may still do is undone by itself."""


class Call(Generic[T]):
    """One call: waiting, then begun, then either settled or given up by the one who asked.

    `asked_at` is when it was asked for, on the monotonic clock.
    """

    def __init__(self, work: Callable[[Call[T]], T]) -> None:
        self.asked_at = time.monotonic()
        self._work = work
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._given_up = False
        self._settled = False
        self._answer: list[T] = []
        self._error: Exception | None = None

    def run(self) -> None:
        """Do the work, unless nobody waits for it any more."""
        with self._lock:
            wanted = not self._given_up
        if wanted:
            try:
                self._answer.append(self._work(self))
            except Exception as error:  # noqa: BLE001 - it rises again in the thread that asked
                self._error = error
        self._ended.set()

    def settle(self) -> bool:
        """Say, inside the work, that it is done for good; False: nobody waits, so undo it."""
        with self._lock:
            self._settled = not self._given_up
            return self._settled

    def result(self, seconds: float) -> T:
        """The answer, or the error, of the work; raises `GivenUp` after `seconds`."""
        if not self._ended.wait(seconds):
            with self._lock:
                self._given_up = not self._settled
            if self._given_up:
                raise GivenUp
            self._ended.wait()
        if self._error is not None:
            raise self._error
        return self._answer[0]


class Lane:
    """One daemon thread that makes one call after another, in the order in which they were asked.

    A call that hangs holds up only the calls behind it, each no longer than its asker waits, and
    never the end of the program. A call that was given up before it began is never made.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, work: Callable[[Call[T]], T], *, within: float) -> T:
        """What `work` answers; raises what it raises, and `GivenUp` after `within` seconds."""
        call = Call(work)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
        self._calls.put(call.run)
        return call.result(within)

    def _serve(self) -> None:
        while True:
            self._calls.get()()
