"""Patience: work that may never end, because a disk does not answer, is waited for only so long.

Work that hangs is left behind in a thread of its own, which ends with the program.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from typing import Generic, TypeVar

from plimsoll.domain.said import say

SILENCE = say("it does not answer")

_Answer = TypeVar("_Answer")
_Item = TypeVar("_Item")


def within(seconds: float, work: Callable[[], _Answer]) -> _Answer:
    """What `work` gives, or raises; `TimeoutError` if that takes longer."""
    answers: list[_Answer] = []
    if each_within(seconds, deque([work]), lambda one: answers.append(one()), most=1):
        raise TimeoutError(SILENCE)
    return answers[0]


def each_within(
    seconds: float, items: deque[_Item], work: Callable[[_Item], object], *, most: int
) -> list[_Item]:
    """Do some work for each item, from the left, and go on without those that take longer than
    `seconds`; these are the answer. `work` may put more items into the queue.

    Once as many as `most` did not answer, what is still in the queue is left there. What `work`
    raises is raised.
    """
    silent: list[_Item] = []
    while items and len(silent) < most:
        turn = _Turn(items, work)
        Thread(target=turn.run, name="plimsoll disk", daemon=True).start()
        done = 0
        while not has_ended(turn.ended, seconds):
            if turn.done == done:
                turn.is_over = True
                silent.append(turn.item)
                break
            done = turn.done
        if turn.error is not None:
            raise turn.error
    return silent


def has_ended(event: Event, seconds: float) -> bool:
    """Whether something ends within so many seconds (for tests, which cannot wait for them)."""
    return event.wait(seconds)


class _Turn(Generic[_Item]):
    """One thread's way through the items, until it is left behind."""

    def __init__(self, items: deque[_Item], work: Callable[[_Item], object]) -> None:
        self._items, self._work = items, work
        self.item: _Item = items[0]
        self.done = 0
        self.is_over = False
        self.ended = Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.is_over and self._take():
                self._work(self.item)
                self.done += 1
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            self.error = error
        self.ended.set()

    def _take(self) -> bool:
        """Take the next item; one that was left behind and comes back may take the last."""
        try:
            self.item = self._items.popleft()
        except IndexError:
            return False
        return True
