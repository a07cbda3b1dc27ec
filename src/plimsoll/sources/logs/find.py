"""The files of an agent: below its roots, each once, whatever links and loops lie there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from plimsoll.sources.logs.agent import Agent, LogFile, Place
from plimsoll.sources.logs.patience import within

PATIENCE = 30.0
"""Seconds that the disk has for all folders of an agent."""

_DEEPEST = 16


class Found(NamedTuple):
    """One file as it is now; `kind` is the place in the agent's `files` of what reads it."""

    file: LogFile
    kind: int
    device: int
    inode: int
    size: int
    modified: int


class Search(NamedTuple):
    """What a look at the disk found: the roots that are there, the files, and in sentences the
    folders that could not be looked into.
    """

    roots: tuple[str, ...]
    files: tuple[Found, ...]
    problems: tuple[str, ...]


def search(agent: Agent, place: Place, given: Sequence[Path] = ()) -> Search:
    """Every file of an agent, the ones that were changed longest ago first.

    Roots that are the same folder count once (D9), and so does a file with several names. Links to
    folders are followed, but no folder is entered twice. Only regular files count: a pipe would
    never end. A folder that cannot be looked into stops nothing; where one does not answer, what
    was found by then counts, and the rest is for the next time.
    """
    walk = _Walk(agent)
    try:
        within(PATIENCE, lambda: walk.roots_of(agent.roots(place, given)))
    except TimeoutError as error:
        walk.problems.append(f"{walk.where}: {error}")
    files = sorted(walk.files.values(), key=lambda found: (found.modified, found.file.path))
    return Search(tuple(walk.roots), tuple(files), tuple(walk.problems))


def reads(agent: Agent, below: str) -> bool:
    """Whether a path below a root, with slashes, is a file that an agent's readers read."""
    return any(_pattern(kind.pattern).fullmatch(below) for kind in agent.files)


class _Walk:
    def __init__(self, agent: Agent) -> None:
        self.roots: list[str] = []
        self.files: dict[tuple[int, int], Found] = {}
        self.problems: list[str] = []
        self.where = "its folders"
        """What is looked at just now."""
        self._patterns = [_pattern(kind.pattern) for kind in agent.files]
        self._entered: set[tuple[int, int]] = set()

    def roots_of(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            self.where = str(folder)
            self._root(folder)

    def _root(self, folder: Path) -> None:
        real = os.path.realpath(folder)
        if os.path.isdir(real) and self._is_new(real):  # noqa: PTH112 - real paths stay texts
            self.roots.append(real)
            self._folder(real, "", 0)

    def _is_new(self, folder: str) -> bool:
        try:
            state = os.stat(folder)  # noqa: PTH116 - real paths stay texts
        except OSError as error:
            self._note(folder, error)
            return False
        identity = (state.st_dev, state.st_ino)
        if identity in self._entered:
            return False
        self._entered.add(identity)
        return True

    def _folder(self, folder: str, below: str, depth: int) -> None:
        self.where = folder
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            self._note(folder, error)
            return
        for entry in listed:
            name = f"{below}{entry.name}"
            try:
                if entry.is_dir():
                    if depth < _DEEPEST and self._is_new(entry.path):
                        self._folder(entry.path, f"{name}/", depth + 1)
                else:
                    self._file(entry, name)
            except OSError as error:
                self._note(entry.path, error)

    def _file(self, entry: os.DirEntry[str], below: str) -> None:
        for kind in _kinds(self._patterns, below):
            state = entry.stat()
            identity = (state.st_dev, state.st_ino or hash(entry.path))
            if stat.S_ISREG(state.st_mode) and identity not in self.files:
                self.files[identity] = Found(
                    LogFile(entry.path, below),
                    kind,
                    state.st_dev,
                    state.st_ino,
                    state.st_size,
                    state.st_mtime_ns,
                )
            return

    def _note(self, path: str, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # what is gone meanwhile is no problem
            self.problems.append(f"{path}: {error.strerror or error}")


def _kinds(patterns: Sequence[re.Pattern[str]], below: str) -> Iterator[int]:
    for kind, pattern in enumerate(patterns):
        if pattern.fullmatch(below):
            yield kind


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """`*` stays within a name, `**/` is any number of folders."""
    parts = re.split(r"(\*\*/|\*)", glob)
    words = {"**/": r"(?:[^/]+/)*", "*": r"[^/]*"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts), re.DOTALL)
