"""Garbage: Python's reference cycles are let go on the GUI thread, and on no other.

A cycle can hold widgets, and Python collects where it happens to allocate: on a lane's thread it
would destroy them there. Qt hears of that too late, keeps a pointer to what is gone, and follows it
when the theme changes next.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Qt, QTimer

PAUSE_MS = 5000
"""Cycles pile up slowly: whatever nobody refers to goes at once without a collection."""


@contextmanager
def kept_to_this_thread() -> Iterator[None]:
    """Until the block ends, cycles go only when somebody asks for it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_if_due() -> None:
    """Collect as Python itself would by now: the oldest generation that is over its threshold."""
    due = [g for g, count in enumerate(gc.get_count()) if count > gc.get_threshold()[g] > 0]
    if due:
        gc.collect(due[-1])


class Collector(QObject):
    """Collects on the thread of its event loop, for as long as it lives."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(collect_if_due)
        self._timer.start()
