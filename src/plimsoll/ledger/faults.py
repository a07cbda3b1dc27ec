"""What SQLite and the file system say when they fail, turned into the errors that people read."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plimsoll.domain.errors import (
    LedgerBroken,
    LedgerBusy,
    LedgerFull,
    LedgerProblem,
    LedgerUnreadable,
)
from plimsoll.domain.said import say

_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_LITTLE_ROOM = 128 * 1024
_PRIMARY = 0xFF  # an extended result code keeps its primary one in the lowest byte


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what SQLite or the system says of the archive at `path` as a `LedgerProblem`."""
    try:
        yield
    except sqlite3.Error as error:
        problem = _of_sqlite(error, path)
        if problem is None:
            raise
        raise problem from error
    except UnicodeDecodeError as error:
        raise broken(path, "is damaged") from error
    except OSError as error:
        raise of_system(error, path) from error


def broken(path: Path, what: str) -> LedgerBroken:
    """The error for a file that is damaged or no archive: where the backups are."""
    copies = sorted(path.parent.glob(f"{path.stem}-before-*.db"), reverse=True)
    where = (
        say("A backup made before an upgrade is {copies}.", copies=str(copies[0]))
        if copies
        else say(
            "Backups made before an upgrade would be in {parent}; there are none yet.",
            parent=str(path.parent),
        )
    )
    return LedgerBroken(
        say("The archive {path} {what}. It was left untouched.", path=str(path), what=what),
        remedy=say(
            "Move it away and put a backup in its place, or start afresh and sync again. {where}",
            where=where,
        ),
    )


def of_system(error: OSError, path: Path) -> LedgerProblem:
    """The error for what the operating system refused."""
    if error.errno in _NO_ROOM:
        return _full(path)
    reason = error.strerror or type(error).__name__
    return LedgerUnreadable(
        say(
            "The archive {path} cannot be opened or written ({reason}).",
            path=str(path),
            reason=reason,
        ),
        remedy=say(
            "Check that its folder is there and that you may write to it, or name "
            "another one with --data-dir."
        ),
    )


def _full(path: Path) -> LedgerFull:
    return LedgerFull(
        say(
            "The disk that holds {path} is full; nothing was changed, what was there is kept.",
            path=str(path),
        ),
        remedy=say("Free some space, then try again."),
    )


def _unreadable(path: Path, reason: str) -> LedgerProblem:
    if _no_room(path):  # SQLite cannot even make the small files beside the archive
        return _full(path)
    return LedgerUnreadable(
        say(
            "The archive {path} cannot be read or written ({reason}).",
            path=str(path),
            reason=reason,
        ),
        remedy=say("Check the disk, and that you may write to the folder."),
    )


def _no_room(path: Path) -> bool:
    from shutil import disk_usage

    try:
        return disk_usage(path.parent).free < _LITTLE_ROOM
    except OSError:
        return False


def _of_sqlite(error: sqlite3.Error, path: Path) -> LedgerProblem | None:
    """The error for a result code of SQLite; None for what only our own bug can cause."""
    if str(error).startswith("no such "):  # our statements fit the schema: the tests run them all
        return broken(path, "lacks tables or columns that it should have")
    code: int = getattr(error, "sqlite_errorcode", 0)
    match code & _PRIMARY:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return broken(path, "is damaged")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LedgerBusy(
                say("Another program keeps the archive {path} locked.", path=str(path)),
                remedy=say("Close it, then try again."),
            )
        case (
            sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_READONLY
            | sqlite3.SQLITE_PERM
            | sqlite3.SQLITE_AUTH
            | sqlite3.SQLITE_IOERR
        ):
            return _unreadable(path, str(error))
        case _:
            return None
