"""Private copies of agents' databases: read as they stood at one moment, the original untouched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

from plimsoll.sources.logs.regular import opened

_PREFIX = "plimsoll-copy-"

_LONGEST = 3600
"""Seconds after which nobody reads a copy any more: whoever made it was ended."""

_TRIES = 5

_LARGE = 2**28
"""Bytes above which a copy is no guest for a folder that may be in memory, as /tmp often is."""

_ON_DISK = Path("/var/tmp")  # noqa: S108 - the copy stands in a folder of its own there

_LOG_HEAD = 32
"""The head of a write-ahead log is another whenever the log begins anew."""


@contextmanager
def copied(database: Path) -> Iterator[Path]:
    """A copy of a SQLite file with its write-ahead log, gone when the block ends.

    The log may grow meanwhile: what of it was copied ends with something whole. The copy is made
    again where the log was written back into the file. Raises `OSError` if the agent never rests,
    and where there is no room.
    """
    log = database.with_name(f"{database.name}-wal")
    room = _room_for(database, log)
    _clear(room)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=room) as folder:
        copy = Path(folder) / "copy.db"
        beside = copy.with_name("copy.db-wal")
        for _ in range(_TRIES):
            before = _state(database)
            shutil.copyfile(database, copy)
            beside.unlink(missing_ok=True)
            if log.is_file():
                shutil.copyfile(log, beside)
            if before == _state(database) and _head(beside) == _head(log):
                yield copy
                return
    raise OSError("it is written to all the time")


def _room_for(*files: Path) -> str:
    """A folder for temporary files that has room for copies of these."""
    needed = sum(file.stat().st_size for file in files if file.is_file())
    usual = Path(tempfile.gettempdir())
    folders = [_ON_DISK, usual] if needed > _LARGE and _ON_DISK.is_dir() else [usual]
    for folder in folders:
        if shutil.disk_usage(folder).free > 2 * needed:
            return str(folder)
    raise OSError(f"there is no room for a copy of its {needed >> 20} MB in {usual}")


def _clear(room: str) -> None:
    """Clear away copies that were left behind: nobody's words stay longer than they are read."""
    for folder in Path(room).glob(f"{_PREFIX}*"):
        try:
            left_behind = time() - folder.stat().st_mtime > _LONGEST
        except OSError:
            continue
        if left_behind:
            shutil.rmtree(folder, ignore_errors=True)


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _head(log: Path) -> bytes:
    if not log.is_file():
        return b""
    try:
        with opened(log) as file:
            return file.read(_LOG_HEAD)
    except FileNotFoundError:
        return b""
