"""Worktrees: the repository that a folder on this disk belongs to, read from git's own files."""

from __future__ import annotations

import os
from pathlib import Path

from plimsoll.sources.logs.regular import opened

_LONGEST = 4096
"""Git's pointers are one line."""


def repository_of(folder: str, *, home: Path) -> str | None:
    """The top folder of a folder's repository: a linked worktree's is the repository that it was
    made from. A folder in no repository stands for itself. None where the folder is not there.

    The home folder counts as a repository only for itself: people keep their settings in one.
    """
    place = Path(folder)
    if not place.is_absolute() or not place.is_dir():
        return None
    for above in (place, *place.parents):
        if above == home and above != place:
            break
        git = above / ".git"
        if git.is_dir():
            return str(above)
        if git.is_file():
            return _common(above, git) or str(above)
    return folder


def _common(top: Path, pointer: Path) -> str | None:
    """Where the pointer of a linked worktree leads; None for a submodule, which is one itself."""
    word, _, where = _line(pointer).partition(":")
    if word != "gitdir" or not where.strip():
        return None
    own = Path(os.path.normpath(top / where.strip()))
    common = _line(own / "commondir")
    if not common:
        return None
    shared = Path(os.path.normpath(own / common))
    return str(shared.parent if shared.name == ".git" else shared)


def _line(file: Path) -> str:
    """The first line of a small file; empty where it cannot be read."""
    try:
        with opened(file) as pointer:
            return pointer.readline(_LONGEST).decode("utf-8", "replace").strip()
    except OSError:
        return ""
