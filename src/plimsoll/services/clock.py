"""The system's clock, which `PLIMSOLL_NOW` can set for tests and demonstrations."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from plimsoll.domain.errors import WrongUse

VARIABLE = "PLIMSOLL_NOW"


class SystemClock:
    """The wall clock (UTC), the stopwatch and the wait of this machine.

    Where the environment variable `PLIMSOLL_NOW` holds an ISO instant (UTC where it names no
    zone), the wall starts there when the clock is made and runs on with the monotonic clock;
    `monotonic` and `sleep` are never touched by it. Anything else in it raises `WrongUse`.
    """

    __slots__ = ("_set_at", "_start")

    def __init__(self) -> None:
        self._start = _instant_from_environment()
        self._set_at = time.monotonic()

    def now(self) -> datetime:
        """The wall clock, UTC."""
        if self._start is None:
            return datetime.now(UTC)
        return self._start + timedelta(seconds=time.monotonic() - self._set_at)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; not at all for nought or less."""
        if seconds > 0:
            time.sleep(seconds)


def _instant_from_environment() -> datetime | None:
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongUse(
            f"{VARIABLE} holds {text!r}, which is not an ISO instant.",
            remedy="Write it like 2026-11-23T12:00:00Z, or unset it.",
        ) from None
