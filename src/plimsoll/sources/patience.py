"""Patience: all the waiting that one sync may do for one account, and the pauses between tries."""

from __future__ import annotations

import random
from collections.abc import Callable

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.said import say
from plimsoll.sources.sockets import Deadline

_PROMPT = 5.0
"""Seconds: an answer within so many is no waiting, however often it is asked."""

_SLEEP_STEP = 0.2
_FIRST_BACK_OFF = 1.0
_LONGEST_BACK_OFF = 64.0


class Patience:
    """Seconds on `clock.monotonic()` that are left for waiting; what is spent never comes back."""

    __slots__ = ("_cancelled", "_clock", "left", "seconds")

    def __init__(self, seconds: float, *, clock: Clock, cancelled: Callable[[], bool]) -> None:
        self.seconds = self.left = seconds
        self._clock = clock
        self._cancelled = cancelled

    def deadline(self) -> Deadline:
        """For one request: it may take all that is left."""
        return Deadline(self._clock, seconds=self.left, cancelled=self._cancelled)

    def charge(self, deadline: Deadline, *, in_vain: bool) -> None:
        """Count a request that is over: not at all if it was prompt, in full if it was slow or in
        vain (it broke off, or must be tried again), so that failures cannot add up to minutes.
        """
        elapsed = deadline.elapsed()
        if in_vain or elapsed > _PROMPT:
            self.left -= elapsed

    def sleep(self, seconds: float) -> bool:
        """Wait, and tell True; False at once, without waiting, where too little is left.

        Raises `Cancelled` within a fifth of a second when the user stops the work.
        """
        if seconds >= self.left:
            return False
        start, slept = self._clock.monotonic(), 0.0
        try:
            while slept < seconds:
                if self._cancelled():
                    raise stopped()
                step = min(_SLEEP_STEP, seconds - slept)
                self._clock.sleep(step)
                slept += step
        finally:
            self.left -= max(slept, self._clock.monotonic() - start)
        return True


def back_off(times: int) -> float:
    """Seconds before try number `times` + 1, with full jitter: up to one, then two, four …"""
    longest = min(_FIRST_BACK_OFF * 2 ** (min(times, 30) - 1), _LONGEST_BACK_OFF)
    return random.uniform(0, longest)  # noqa: S311 - spreads requests, guards nothing


def stopped() -> Cancelled:
    """What is raised when the user stops the work."""
    return Cancelled(say("Stopped; what had come before is kept."))
