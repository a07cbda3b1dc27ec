"""Regular files, opened without waiting for anybody: a pipe, a socket or a device never is one."""

from __future__ import annotations

import io
import os
import stat
from typing import Any, TypeAlias

from plimsoll.domain.said import say

Buffered: TypeAlias = "io.BufferedReader[Any]"

NO_FILE = say("it is no regular file")

_BUFFER = 2**18


def opened(path: str | os.PathLike[str]) -> Buffered:
    """A regular file; `OSError` for anything else."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    number = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    file = io.BufferedReader(io.FileIO(number), _BUFFER)
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(NO_FILE)
