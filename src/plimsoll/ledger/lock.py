"""One writer at a time: an operating-system lock for processes, a turn for threads."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import LedgerBusy
from plimsoll.domain.said import say
from plimsoll.ledger.faults import told

if TYPE_CHECKING:
    from filelock import BaseFileLock

PATIENCE = 10.0
"""Seconds that a process waits for another one's write before it says who is writing."""

_STEP = 0.05


class WriteTurn:
    """The right to write to one archive: held by one thread of one process.

    The system frees it when its holder dies. Threads of this process wait for each other without
    a limit, because each of them gets on; other processes are waited for `PATIENCE` seconds.
    """

    def __init__(self, archive: Path, *, clock: Clock, who: str) -> None:
        self._archive = archive
        self._path = archive.with_suffix(".lock")
        self._clock = clock
        self._who = who
        self._thread_turn = threading.RLock()
        self._depth = 0
        self._file_lock: BaseFileLock | None = None
        self._note = archive.with_suffix(".lock.json")

    @contextmanager
    def held(self, *, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the turn; raises `LedgerBusy` when another process does not let go in time."""
        with self._thread_turn:
            if self._depth == 0:
                self._acquire(patience)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._file_lock is not None:
                    self._file_lock.release()

    def _acquire(self, patience: float) -> None:
        deadline = self._clock.monotonic() + patience
        while not self._try():
            if self._clock.monotonic() >= deadline:
                raise self._busy()
            self._clock.sleep(_STEP)
        self._leave_note()

    def _try(self) -> bool:
        from filelock import FileLock, Timeout

        with told(self._archive):
            if self._file_lock is None:
                self._file_lock = FileLock(self._path, thread_local=False, mode=0o600)
            try:
                self._file_lock.acquire(blocking=False)
            except Timeout:
                return False
            return True

    def _leave_note(self) -> None:
        """Say who writes, for those who wait; the note is only as good as the lock beside it."""
        note = {"pid": os.getpid(), "who": self._who, "since": self._clock.now().isoformat()}
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(self._note, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(note, file)

    def _busy(self) -> LedgerBusy:
        return LedgerBusy(
            say("Another program is writing to the archive: {holder}.", holder=self._holder()),
            remedy=say("Wait until it is done, or close it, then try again."),
        )

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            since = datetime.fromisoformat(note["since"]).astimezone(UTC)
            return say(
                "{who}, process {pid}, since {time} UTC",
                who=note["who"],
                pid=note["pid"],
                time=f"{since:%Y-%m-%d %H:%M}",
            )
        except (OSError, ValueError, KeyError, TypeError):
            return say("it did not leave its name")
