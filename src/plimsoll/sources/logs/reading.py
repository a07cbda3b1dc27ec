"""Reading one file: on from where it was left, as far as it has whole lines, in bounded memory."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import NamedTuple, cast

from plimsoll.domain.calls import Call, Harvest, ReadState, merged
from plimsoll.sources.logs.agent import (
    Databases,
    Documents,
    Lines,
    LogFile,
    Memory,
    agent_named,
)
from plimsoll.sources.logs.find import Found, extent
from plimsoll.sources.logs.notes import Notes
from plimsoll.sources.logs.regular import Buffered, opened

LONGEST_LINE = 32 * 2**20
"""Bytes of a line; what is longer is passed over and counted. Usage stands at a line's end."""

LARGEST_DOCUMENT = 64 * 2**20
"""Bytes of a file that is read as a whole."""

BROKE = "Plimsoll's own reader broke on it"
"""The problem of a file that nothing is wrong with, as far as we know."""

_LONG_LINE = 2**18
"""From here on a line is freed of its long texts before anybody parses it."""

_LONG_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_KEPT_TEXT = 4096

_BUFFER = 2**18
_HEAD = 4096
_BEFORE = 512
_CHUNK_LINES = 30_000
_CHUNK_CALLS = 8_000
_NEWLINE = 10
_BOM = b"\xef\xbb\xbf"


class Task(NamedTuple):
    """One file to read for an agent, and how far it has been read."""

    agent: str
    found: Found
    state: ReadState | None


def tasks_of(agent: str, files: Iterable[Found], states: Mapping[str, ReadState]) -> list[Task]:
    """The files that are not as they were when they were read; no other is opened."""
    return [
        Task(agent, found, state)
        for found in files
        if (state := states.get(found.file.path)) is None or state[1:5] != found[2:6]
    ]


def read(task: Task) -> Iterator[Harvest]:
    """What is new in one file, in one harvest or in several, each of which can be stored.

    An error of the world becomes the state's `problem`, and the file will be tried again. So does a
    bug of its reader, which must not cost the other files their figures; it is told in `broke`.
    """
    found = task.found
    fresh = ReadState(found.file.path, found.device, found.inode, found.size, found.modified)
    try:
        with opened(found.file.path) as file:
            state = os.fstat(file.fileno())
            kind = agent_named(task.agent).files[found.kind]
            size, modified = extent(kind, found.file.path, state)
            fresh = fresh._replace(
                device=state.st_dev, inode=state.st_ino, size=size, modified=modified
            )
            yield from _read_as(task, file, fresh)
    except FileNotFoundError:
        return  # gone since it was found: what it brought stays
    except (OSError, EOFError) as error:
        yield Harvest(_untouched(task, fresh, _sentence(error)))
    except Exception as bug:  # noqa: BLE001 - it rises when everything else was read
        problem = f"{BROKE} ({type(bug).__name__})"
        yield Harvest(_untouched(task, fresh, problem), broke=_where(bug))


def _untouched(task: Task, fresh: ReadState, problem: str) -> ReadState:
    """How far a file was read before; its size is not the file's, so that it is tried again."""
    return (task.state or fresh)._replace(size=-1, problem=problem)


def _where(bug: Exception) -> str:
    """The places in the code, without the bug's own words: they may quote what somebody asked."""
    import traceback

    frames = "".join(traceback.format_tb(bug.__traceback__))
    return f"{frames}{type(bug).__name__}"


def _sentence(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or "unreadable"


def _read_as(task: Task, file: Buffered, fresh: ReadState) -> Iterator[Harvest]:
    kind = agent_named(task.agent).files[task.found.kind]
    where = task.found.file
    if isinstance(kind, Lines):
        if where.path.endswith(".zst"):
            yield from _compressed(kind, where, file, fresh)
        else:
            yield from _lines(kind, where, file, fresh, task.state)
        return
    notes, memory = Notes(), json.loads(task.state.memory) if task.state else {}
    if isinstance(kind, Documents):
        if fresh.size > LARGEST_DOCUMENT:
            raise OSError(f"it is longer than {LARGEST_DOCUMENT >> 20} MB")
        calls = kind.read(file.read().removeprefix(_BOM), where, notes, memory)
        yield _harvest(_gathered(calls), notes, _ended(fresh, notes, memory))
        return
    yield from _database(kind, where, fresh, notes, memory)


def _database(
    kind: Databases, where: LogFile, fresh: ReadState, notes: Notes, memory: Memory
) -> Iterator[Harvest]:
    from plimsoll.sources.logs.copies import copied

    with copied(Path(where.path)) as copy:
        calls = _gathered(kind.read(copy, where, notes, memory))
    yield _harvest(calls, notes, _ended(fresh, notes, memory))


def _ended(fresh: ReadState, notes: Notes, memory: Memory) -> ReadState:
    return fresh._replace(
        offset=fresh.size,
        memory=_written(memory),
        bad_lines=notes.bad_lines,
        bad_calls=notes.bad_calls,
    )


def _written(memory: Memory) -> str:
    return json.dumps(memory, separators=(",", ":"))


def _harvest(calls: dict[int, Call], notes: Notes, state: ReadState) -> Harvest:
    titles, floors = tuple(notes.titles.items()), tuple(notes.floors.items())
    notes.titles, notes.floors = {}, {}
    return Harvest(state, tuple(calls.values()), titles, floors)


def _gathered(calls: Iterable[Call], into: dict[int, Call] | None = None) -> dict[int, Call]:
    """Calls by their keys, the lines of each made one."""
    found = {} if into is None else into
    for call in calls:
        known = found.get(call.key)
        found[call.key] = call if known is None else merged(known, call)
    return found


# -- files that grow by lines ------------------------------------------------------------------


def _lines(
    kind: Lines, where: LogFile, file: Buffered, fresh: ReadState, known: ReadState | None
) -> Iterator[Harvest]:
    start = fresh
    if known is not None and _only_grew(file, fresh, known):
        start = known._replace(size=fresh.size, modified=fresh.modified, problem="")
    file.seek(start.offset)
    yield from _Reading(kind, where, file, start).harvests(file.tell)


def _compressed(kind: Lines, where: LogFile, file: Buffered, fresh: ReadState) -> Iterator[Harvest]:
    import zstandard

    stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
    lines = io.BufferedReader(cast("io.RawIOBase", stream), _BUFFER)
    try:
        yield from _Reading(kind, where, lines, fresh).harvests(None)
    except zstandard.ZstdError as error:
        raise OSError(f"it is damaged ({error})") from None


def _only_grew(file: Buffered, fresh: ReadState, known: ReadState) -> bool:
    """Whether what was read of a file is still there (D8), as far as a look at its beginning and
    at its end can tell.
    """
    if (fresh.device, fresh.inode) != (known.device, known.inode):
        return False
    if known.offset == 0 or fresh.size < known.offset or fresh.size == known.size:
        return False
    return _mark(file, known.offset) == known.mark


def _mark(file: Buffered, offset: int) -> bytes:
    """A hash of a file's beginning and of what stands before `offset`. Reads around the buffer,
    and leaves everything where it was.
    """
    raw = file.raw
    place = raw.tell()
    raw.seek(0)
    mark = blake2b(raw.read(min(_HEAD, offset)) or b"", digest_size=16)
    raw.seek(max(0, offset - _BEFORE))
    mark.update(raw.read(min(_BEFORE, offset)) or b"")
    raw.seek(place)
    return mark.digest()


class _Reading:
    """One file while its lines are read. A memory with `skipping` stands within an endless line."""

    def __init__(self, kind: Lines, where: LogFile, file: Buffered, start: ReadState) -> None:
        self._kind = kind
        self._where = where
        self._file = file
        self._start = start
        self._notes = Notes()
        self._memory: Memory = json.loads(start.memory)
        self._skipping = bool(self._memory.pop("skipping", False))
        self._reader = kind.open(where, self._notes, self._memory)
        self._tail = b""
        self._at_end = False

    def harvests(self, tell: Callable[[], int] | None) -> Iterator[Harvest]:
        """All that is new; `tell` says how far the file is read, None where that cannot be kept,
        so that a file that was not read to its end begins anew.
        """
        lines = self._whole_lines()
        calls: dict[int, Call] = {}
        while not self._at_end:
            _gathered(self._reader.read(islice(lines, _CHUNK_LINES)), calls)
            if len(calls) >= _CHUNK_CALLS and not self._at_end:
                # Its size is not that of the file, so that the rest is not taken for read.
                state = self._state(tell() if tell else 0)._replace(size=-1)
                yield _harvest(calls, self._notes, state)
                calls = {}
        state = self._state(tell() - len(self._tail) if tell else self._start.size)
        if self._tail:
            again = self._kind.open(self._where, Notes(), json.loads(state.memory))
            _gathered(again.read([self._tail]), calls)
        yield _harvest(calls, self._notes, state)

    def _state(self, offset: int) -> ReadState:
        self._reader.keep()
        memory = {**self._memory, "skipping": True} if self._skipping else self._memory
        mark = b""
        if not self._where.path.endswith(".zst"):
            mark = _mark(self._file, offset)
        return self._start._replace(
            mark=mark,
            offset=offset,
            memory=_written(memory),
            bad_lines=self._start.bad_lines + self._notes.bad_lines,
            bad_calls=self._start.bad_calls + self._notes.bad_calls,
        )

    def _whole_lines(self) -> Iterator[bytes]:
        """Lines that end; the last one without an end is kept aside (D4)."""
        first = self._start.offset == 0
        for line in iter(partial(self._file.readline, LONGEST_LINE), b""):
            if line[-1] == _NEWLINE:
                if self._skipping:
                    self._skipping = False
                    self._notes.bad_line()
                    continue
                whole = line.removeprefix(_BOM) if first else line
                first = False
                yield whole if len(whole) < _LONG_LINE else _shortened(whole)
            elif len(line) == LONGEST_LINE:
                self._skipping = True
            else:
                if not self._skipping:
                    self._tail = line
                break
        self._at_end = True


def _shortened(line: bytes) -> bytes:
    """A line without its long texts, which are content: no name or count is that long."""
    return _LONG_TEXT.sub(lambda text: text[0] if len(text[0]) <= _KEPT_TEXT else b'""', line)
