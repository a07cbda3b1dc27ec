"""The files of an agent: below its roots, each once, whatever links and loops lie there."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Databases, Documents, Lines, LogFile, Place
from plimsoll.sources.logs.patience import SILENCE, each_within
from plimsoll.sources.logs.regular import NO_FILE

PATIENCE = 10.0
"""Seconds that the disk has to tell of one folder or file."""

_MOST_SILENT = 3
"""How many of an agent's folders and files are waited for in vain."""

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
    """What a look at the disk found: the roots that are there, the files, in sentences the places
    that could not be looked into, where roots would be, and the folders that files can be in.
    """

    roots: tuple[str, ...]
    files: tuple[Found, ...]
    problems: tuple[str, ...]
    places: tuple[Path, ...]
    folders: tuple[str, ...]


def first_below(folder: Path, *names: str) -> Path:
    """The first of these folders that is there below one that somebody named; else that one."""
    return next((folder / name for name in names if (folder / name).is_dir()), folder)


def search(agent: Agent, place: Place, given: Sequence[Path] = ()) -> Search:
    """Every file of an agent, the ones that were changed longest ago first.

    Roots that are the same folder count once (D9), and so does a file with several names. Links to
    folders are followed, but no folder is entered twice. Only regular files count: a pipe would
    never end. What cannot be looked into, or does not answer, stops nothing else.
    """
    walk = _Walk(agent, place, given)
    walk.go()
    files = sorted(walk.files.values(), key=lambda found: (found.modified, found.file.path))
    if agent.either and files:
        first = _reader(agent, min(found.kind for found in files))
        files = [found for found in files if _reader(agent, found.kind) == first]
    return Search(
        tuple(walk.roots), tuple(files), tuple(walk.problems), walk.places, tuple(walk.folders)
    )


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


class _Step(NamedTuple):
    """One question to the disk, and what it is about."""

    where: str
    ask: Callable[[], None]

    def take(self) -> None:
        self.ask()


class _Walk:
    """A walk in small steps, any of which may be the last that the disk answers."""

    def __init__(self, agent: Agent, place: Place, given: Sequence[Path]) -> None:
        self.places: tuple[Path, ...] = ()
        self.roots: list[str] = []
        self.folders: list[str] = []
        self.files: dict[tuple[int, int], Found] = {}
        self.problems: list[str] = []
        self._find_roots = partial(agent.roots, place, given)
        self._kinds = agent.files
        self._patterns = [_pattern(kind.pattern) for kind in agent.files]
        self._ways = [tuple(kind.pattern.split("/")) for kind in agent.files]
        self._entered: set[tuple[int, int]] = set()
        self._steps: deque[_Step] = deque([_Step(say("its folders"), self._begin)])

    def go(self) -> None:
        """Look at everything that answers."""
        for step in each_within(PATIENCE, self._steps, _Step.take, most=_MOST_SILENT):
            self.problems.append(f"{step.where}: {SILENCE}")
        if self._steps:
            self.problems.append(
                say("{where} and what comes after it: not looked at", where=self._steps[0].where)
            )

    def _begin(self) -> None:
        try:
            self.places = tuple(self._find_roots())
        except OSError as error:
            self._note(str(error.filename or say("its folders")), error)
        self._steps.extend(_Step(str(one), partial(self._root, one)) for one in self.places)

    def _root(self, root: Path) -> None:
        real = os.path.realpath(root)
        try:
            if os.path.isdir(real):  # noqa: PTH112 - real paths stay texts
                if self._is_new(real):
                    self.roots.append(real)
                    self._folder(real, "", 0)
            elif self._file(real, root.name):
                self.roots.append(real)
        except OSError as error:
            self._note(real, error)

    def _is_new(self, folder: str) -> bool:
        state = os.stat(folder)  # noqa: PTH116 - real paths stay texts
        identity = (state.st_dev, state.st_ino)
        if identity in self._entered:
            return False
        self._entered.add(identity)
        return True

    def _folder(self, folder: str, below: str, depth: int) -> None:
        self.folders.append(folder)
        with os.scandir(folder) as entries:
            steps = [
                _Step(entry.path, partial(self._entry, entry, f"{below}{entry.name}", depth))
                for entry in entries
            ]
        self._steps.extendleft(reversed(steps))

    def _entry(self, entry: os.DirEntry[str], below: str, depth: int) -> None:
        try:
            if not entry.is_dir():
                self._file(entry.path, below)
            elif depth < _DEEPEST and self._leads_on(below) and self._is_new(entry.path):
                self._folder(entry.path, f"{below}/", depth + 1)
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
        if not stat.S_ISREG(state.st_mode):
            self.problems.append(f"{path}: {NO_FILE}")
            return False
        if identity in self.files:
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
