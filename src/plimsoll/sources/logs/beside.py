"""What lies beside a log: the agent's own small files, which say what its log does not.

A folder's name, a session's parent. They are never needed to count: where one is missing, damaged
or comes later, the call is counted without what it says.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from plimsoll.sources.logs.notes import parsed
from plimsoll.sources.logs.regular import opened

LARGEST = 4 * 2**20
_REMEMBERED = 512
_REMEMBERED_SIZE = 16 * 2**10


def json_beside(path: Path, most: int = LARGEST) -> Mapping[str, Any]:
    """The object in a file of at most so many bytes; an empty one where there is none."""
    return parsed(content_beside(path, most)) or {}


def text_beside(path: Path) -> str:
    """The text of a file, stripped; an empty one where there is none."""
    return content_beside(path, LARGEST).decode("utf-8", "replace").strip()


def names_beside(folder: Path) -> tuple[str, ...]:
    """The names in a folder, in order; none where there is no such folder."""
    try:
        return _names(folder, folder.stat().st_mtime_ns)
    except (OSError, ValueError):
        return ()


def ends_beside(path: Path, size: int) -> tuple[bytes, bytes]:
    """So many bytes of a file's beginning and of its end; none where there is no such file."""
    try:
        with opened(path) as file:
            head = file.read(size)
            file.seek(max(0, os.fstat(file.fileno()).st_size - size))
            return head, file.read(size)
    except (OSError, ValueError):
        return b"", b""


def content_beside(path: Path, most: int) -> bytes:
    """The bytes of a file of at most so many; none where there is no such file."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > most:
            return b""
        if state.st_size > _REMEMBERED_SIZE:
            return _content(path)
        return _read(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):
        return b""


@lru_cache(_REMEMBERED)
def _read(path: Path, modified: int, size: int) -> bytes:  # noqa: ARG001 - they tell it from newer
    return _content(path)


def _content(path: Path) -> bytes:
    with opened(path) as file:
        return file.read()


@lru_cache(_REMEMBERED)
def _names(folder: Path, modified: int) -> tuple[str, ...]:  # noqa: ARG001 - it tells it from newer
    return tuple(sorted(path.name for path in folder.iterdir()))
