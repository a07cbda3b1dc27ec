"""Private copies of agents' databases: read as they stood at one moment, the original untouched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TRIES = 5


@contextmanager
def copied(database: Path) -> Iterator[Path]:
    """A copy of a SQLite file with its write-ahead log, gone when the block ends.

    It is made again where the agent wrote meanwhile. Raises `OSError` if the agent never rests.
    """
    log = database.with_name(f"{database.name}-wal")
    with tempfile.TemporaryDirectory(prefix="plimsoll-") as folder:
        copy = Path(folder) / "copy.db"
        for _ in range(_TRIES):
            before = (_state(database), _state(log))
            shutil.copyfile(database, copy)
            beside = copy.with_name("copy.db-wal")
            beside.unlink(missing_ok=True)
            if before[1] is not None:
                shutil.copyfile(log, beside)
            if before == (_state(database), _state(log)):
                yield copy
                return
    raise OSError("it is written to all the time")


def _state(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return (state.st_size, state.st_mtime_ns)
