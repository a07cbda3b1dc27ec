"""Patience: work that may never end, because a disk does not answer, is waited for only so long."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

_Answer = TypeVar("_Answer")


def within(seconds: float, work: Callable[[], _Answer]) -> _Answer:
    """What `work` gives, or raises; `TimeoutError` if that takes longer.

    Work that hangs is left behind in a thread of its own, which ends with the program.
    """
    answers: list[_Answer] = []
    errors: list[BaseException] = []

    def do() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            errors.append(error)

    doing = Thread(target=do, name="plimsoll disk", daemon=True)
    doing.start()
    doing.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError("it does not answer")
    return answers[0]
