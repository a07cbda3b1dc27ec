"""Clock: the wall, the stopwatch and the wait, handed in so that nothing reads the time itself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time. `now` is the wall clock (UTC); `monotonic` counts seconds for
    time-outs; `sleep` waits and returns True at once when `cancelled` is set meanwhile.
    """

    def now(self) -> datetime:
        """The wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
