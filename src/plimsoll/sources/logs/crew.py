"""The crew: several processes that read logs, and one order in which their harvests come.

A process is started afresh (never forked, so that it has nothing of the window's in it) and loads
only the readers. Little work is done without one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from plimsoll.domain.calls import Harvest
from plimsoll.domain.errors import Cancelled
from plimsoll.sources.logs.packing import pack, unpack
from plimsoll.sources.logs.reading import Task, read

if TYPE_CHECKING:
    from concurrent.futures import Future

LITTLE = 16 * 2**20
"""Bytes up to which starting processes costs more than it brings."""

_MOST = 3
_GROUP_BYTES = 6 * 2**20
_GROUP_FILES = 256


def gather(
    tasks: Sequence[Task],
    *,
    cancelled: Callable[[], bool],
    little: int = LITTLE,
) -> Iterator[Harvest]:
    """The harvests of all tasks, in the tasks' order. Raises `Cancelled`."""
    processes = min(os.cpu_count() or 1, _MOST)
    if processes < 2 or sum(map(new_bytes, tasks)) <= little:
        for task in tasks:
            _go_on(cancelled)
            yield from read(task)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(processes, get_context("spawn")) as crew:
        waiting: deque[Future[bytes]] = deque()
        try:
            for group in _groups(tasks):
                waiting.append(crew.submit(read_all, group))
                while len(waiting) > 4 * processes or (waiting and waiting[0].done()):
                    _go_on(cancelled)
                    yield from unpack(waiting.popleft().result())
            while waiting:
                _go_on(cancelled)
                yield from unpack(waiting.popleft().result())
        except BaseException:
            crew.shutdown(wait=False, cancel_futures=True)
            raise


def read_all(tasks: Sequence[Task]) -> bytes:
    """What a process of the crew does: all harvests of these tasks, packed."""
    return pack([harvest for task in tasks for harvest in read(task)])


def new_bytes(task: Task) -> int:
    """How much of a file is to be read, as far as can be told."""
    known = task.state.offset if task.state is not None else 0
    size = task.found.size
    return size - known if size >= known else size


def _groups(tasks: Sequence[Task]) -> Iterator[tuple[Task, ...]]:
    group: list[Task] = []
    weight = 0
    for task in tasks:
        group.append(task)
        weight += new_bytes(task)
        if weight >= _GROUP_BYTES or len(group) >= _GROUP_FILES:
            yield tuple(group)
            group, weight = [], 0
    if group:
        yield tuple(group)


def _go_on(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("The sync was stopped; what had come is kept.")
