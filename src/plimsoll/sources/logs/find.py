"""The files of an agent: below its roots, each once, whatever links and loops lie there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from plimsoll.sources.logs.agent import Agent, Databases, Documents, Lines, LogFile, Place
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


Extent = tuple[int, int]


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
    if agent.either and files:
        first = _reader(agent, min(found.kind for found in files))
        files = [found for found in files if _reader(agent, found.kind) == first]
    return Search(tuple(walk.roots), tuple(files), tuple(walk.problems))


def _reader(agent: Agent, kind: int) -> Callable[..., object]:
    files = agent.files[kind]
    return files.open if isinstance(files, Lines) else files.read


def reads(agent: Agent, below: str) -> bool:
    """Whether a path below a root, with slashes, is a file that an agent's readers read."""
    return any(_pattern(kind.pattern).fullmatch(below) for kind in agent.files)


def extent(kind: Lines | Documents | Databases, path: str, state: os.stat_result) -> Extent:
    """A file's size and the time of its last change, in nanoseconds.

    A database grows in its write-ahead log first, and may do so for days.
    """
    size, modified = state.st_size, state.st_mtime_ns
    if isinstance(kind, Databases):
        try:
            log = os.stat(f"{path}-wal")  # noqa: PTH116 - real paths stay texts
        except OSError:
            return size, modified
        return size + log.st_size, max(modified, log.st_mtime_ns)
    return size, modified


class _Walk:
    def __init__(self, agent: Agent) -> None:
        self.roots: list[str] = []
        self.files: dict[tuple[int, int], Found] = {}
        self.problems: list[str] = []
        self.where = "its folders"
        """What is looked at just now."""
        self._kinds = agent.files
        self._patterns = [_pattern(kind.pattern) for kind in agent.files]
        self._ways = [tuple(kind.pattern.split("/")) for kind in agent.files]
        self._entered: set[tuple[int, int]] = set()

    def roots_of(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            self.where = str(folder)
            self._root(folder)

    def _root(self, folder: Path) -> None:
        real = os.path.realpath(folder)
        if os.path.isdir(real):  # noqa: PTH112 - real paths stay texts
            if self._is_new(real):
                self.roots.append(real)
                self._folder(real, "", 0)
        elif self._file(real, folder.name):
            self.roots.append(real)

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
                    if depth < _DEEPEST and self._leads_on(name) and self._is_new(entry.path):
                        self._folder(entry.path, f"{name}/", depth + 1)
                else:
                    self._file(entry.path, name)
            except OSError as error:
                self._note(entry.path, error)

    def _leads_on(self, below: str) -> bool:
        """Whether there can be a file of the agent in a folder: others may be deep and crowded."""
        names = below.split("/")
        return any(_leads_into(way, names) for way in self._ways)

    def _file(self, path: str, below: str) -> bool:
        """Note a file that the agent's readers read; whether it is one that was not seen yet."""
        kind = next(_kinds(self._patterns, below), None)
        if kind is None:
            return False
        state = os.stat(path)  # noqa: PTH116 - real paths stay texts
        identity = (state.st_dev, state.st_ino or hash(path))
        if not stat.S_ISREG(state.st_mode) or identity in self.files:
            return False
        how_much = extent(self._kinds[kind], path, state)
        file = LogFile(path, below)
        self.files[identity] = Found(file, kind, state.st_dev, state.st_ino, *how_much)
        return True

    def _note(self, path: str, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # what is gone meanwhile is no problem
            self.problems.append(f"{path}: {error.strerror or error}")


def _kinds(patterns: Sequence[re.Pattern[str]], below: str) -> Iterator[int]:
    for kind, pattern in enumerate(patterns):
        if pattern.fullmatch(below):
            yield kind


def _leads_into(way: Sequence[str], names: Sequence[str]) -> bool:
    for part, name in zip(way, names, strict=False):
        if part == "**":
            return True
        if not _pattern(part).fullmatch(name):
            return False
    return len(names) < len(way)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """`*` stays within a name, `**/` is any number of folders."""
    parts = re.split(r"(\*\*/|\*)", glob)
    words = {"**/": r"(?:[^/]+/)*", "*": r"[^/]*"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts), re.DOTALL)
