"""The crew: several processes that read logs, and one order in which their harvests come.

A process is started afresh (never forked, so that it has nothing of the window's in it) and loads
only the readers. Little work is done without one. A file that does not answer, or that breaks the
process that reads it, becomes that file's problem and stops no other.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event, local
from typing import TYPE_CHECKING, Self

from plimsoll.domain.calls import Harvest, ReadState
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.said import say
from plimsoll.sources.logs.packing import pack, unpack
from plimsoll.sources.logs.patience import SILENCE, within
from plimsoll.sources.logs.reading import Task, read

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

LITTLE = 16 * 2**20
"""Bytes up to which starting processes costs more than it brings."""

PATIENCE = 30.0
"""Seconds that a file has, and a second more for each megabyte."""

IMPATIENCE = 1.0
"""The same where another file of its disk did not answer: none is passed over without a try."""

_MOST = 3
_GROUP_BYTES = 6 * 2**20
_GROUP_FILES = 256
_AHEAD = 64
"""Groups that may wait to be stored, a few hundred kilobytes each at most."""


class Crew:
    """Reads tasks in order; processes are started when there is much to read, and shared."""

    def __init__(self, cancelled: Callable[[], bool], *, little: int = LITTLE) -> None:
        self._cancelled = cancelled
        self._little = little
        self._size = min(os.cpu_count() or 1, _MOST)
        self._threads: ThreadPoolExecutor | None = None
        self._mine = local()
        self._workers: list[_Worker] = []
        self._queues: list[_Queue] = []
        self._silent: set[int] = set()
        """The devices on which a file did not answer."""
        self._closed = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Let everybody go, whatever they are doing."""
        self._closed.set()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def gather(self, tasks: Sequence[Task]) -> Gathering:
        """The harvests of all tasks, in the tasks' order; large ones are begun with at once, before
        anybody asks for the first. Raises `Cancelled`.
        """
        if self._size < 2 or sum(map(new_bytes, tasks)) <= self._little:
            return Gathering(self._alone(tasks))
        queue = _Queue(deque(_groups(tasks)))
        self._queues.append(queue)
        self._begin()
        return Gathering(self._in_order(queue), partial(self._give_up, queue))

    def _alone(self, tasks: Sequence[Task]) -> Iterator[Harvest]:
        for task in tasks:
            self._go_on()
            try:
                yield from within(self._patience([task]), partial(_read_whole, task))
            except TimeoutError as error:
                self._silent.add(task.found.device)
                yield _problem(task, str(error))

    def _begin(self) -> None:
        """Let as much be read as may wait to be stored, in the order in which it is asked for."""
        for queue in self._queues:
            while queue.waiting and sum(len(other.begun) for other in self._queues) < _AHEAD:
                self._begin_with_next(queue)

    def _begin_with_next(self, queue: _Queue) -> None:
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor

            self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="plimsoll reader")
        queue.begun.append(self._threads.submit(self._read, queue.waiting.popleft()))

    def _in_order(self, queue: _Queue) -> Iterator[Harvest]:
        while queue.begun or queue.waiting:
            self._go_on()
            if not queue.begun:  # whoever was to be asked first has all the room, and is not asked
                self._begin_with_next(queue)
            packed = queue.begun[0].result()
            queue.begun.popleft()
            self._begin()
            yield from unpack(packed)

    def _give_up(self, queue: _Queue) -> None:
        for future in queue.begun:
            future.cancel()
        queue.begun.clear()
        queue.waiting.clear()
        self._begin()

    def _go_on(self) -> None:
        if self._cancelled():
            raise Cancelled(say("The sync was stopped; what had come is kept."))

    def _read(self, group: Sequence[Task]) -> bytes:
        """What a thread of the crew does: let its process read, and mend what breaks there."""
        try:
            return self._ask(group)
        except (TimeoutError, EOFError, OSError) as error:
            if len(group) == 1:
                return pack([_problem(group[0], str(error) or say("reading it ended the reader"))])
        harvests = []
        for task in group:
            if self._closed.is_set():
                break
            try:
                harvests.extend(unpack(self._ask([task])))
            except (TimeoutError, EOFError, OSError) as error:
                harvests.append(_problem(task, str(error) or say("reading it ended the reader")))
        return pack(harvests)

    def _ask(self, group: Sequence[Task]) -> bytes:
        worker: _Worker | None = getattr(self._mine, "worker", None)
        if worker is None:
            worker = self._mine.worker = _Worker()
            self._workers.append(worker)
        try:
            return worker.ask(group, self._patience(group))
        except (TimeoutError, EOFError, OSError) as error:
            if isinstance(error, TimeoutError) and len(group) == 1:
                self._silent.add(group[0].found.device)
            self._mine.worker = None
            worker.end()
            raise

    def _patience(self, tasks: Sequence[Task]) -> float:
        silent = any(task.found.device in self._silent for task in tasks)
        seconds = IMPATIENCE if silent else PATIENCE
        return seconds + sum(map(new_bytes, tasks)) / 2**20


class Gathering:
    """What comes of one agent's files, in their order. Close it when no more of it is wanted, read
    to its end or not: else it would keep room from the next agent's files.
    """

    def __init__(
        self, harvests: Iterator[Harvest], close: Callable[[], None] = lambda: None
    ) -> None:
        self._harvests = harvests
        self.close = close

    def __iter__(self) -> Iterator[Harvest]:
        return self._harvests


@dataclass(slots=True)
class _Queue:
    """One agent's files: what is still to be begun with, and what was, in the order of storing."""

    waiting: deque[tuple[Task, ...]]
    begun: deque[Future[bytes]] = field(default_factory=deque)


class _Worker:
    """One process, and the line to it."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, group: Sequence[Task], seconds: float) -> bytes:
        """All harvests of these tasks, packed. Raises `EOFError` if the process has died,
        `TimeoutError` if it does not answer within so many seconds, and its own bugs.
        """
        self._line.send(group)
        if not self._line.poll(seconds):
            raise TimeoutError(SILENCE)
        packed, bug = self._line.recv()
        if bug is not None:
            raise bug
        return bytes(packed)

    def end(self) -> None:
        self._process.kill()
        self._line.close()


def work(line: Connection) -> None:
    """What a process of the crew does: read what it is told to, until nobody tells it any more."""
    while True:
        try:
            tasks = line.recv()
        except (EOFError, OSError):
            return
        packed, bug = b"", None
        try:
            packed = pack([harvest for task in tasks for harvest in read(task)])
        except Exception as error:  # noqa: BLE001 - it rises where it can be told
            bug = error
        line.send((packed, bug))


def new_bytes(task: Task) -> int:
    """How much of a file is to be read, as far as can be told."""
    known = task.state.offset if task.state is not None else 0
    size = task.found.size
    return size - known if size >= known else size


def _read_whole(task: Task) -> list[Harvest]:
    return list(read(task))


def _problem(task: Task, sentence: str) -> Harvest:
    """That a file could not be read now; it will be tried again."""
    found = task.found
    state = task.state or ReadState(found.file.path, found.device, found.inode, 0, 0)
    return Harvest(state._replace(size=-1, problem=sentence))


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
