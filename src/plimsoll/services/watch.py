"""Watch: agents' logs are noticed while they grow, within seconds and without looking all the time.

The system tells of changed files where it can. Only folders that an agent's files can be in are
watched, the ones that were written to last before all others. What the system does not tell of (a
folder that is not there yet, more folders than are watched) is looked at every little while, by the
sizes and times of its files; and everything is once in a longer while, because systems forget.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from plimsoll.domain.errors import PlimsollError
from plimsoll.ledger import accounts
from plimsoll.ledger.accounts import AGENT, Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.logs import look, this_place
from plimsoll.sources.logs.agent import Databases, agent_named
from plimsoll.sources.logs.find import Search, reads

QUIET_MS, LONGEST_MS = 300, 1_600
"""Changes are told together when nothing has changed for so long, at the latest after so long."""

LOOK_EVERY_S = 30.0
"""How often is looked at what the system does not tell of."""

_ALL_EVERY = 10
"""Of so many looks one is at everything."""

MOST_FOLDERS, FEW_FOLDERS = 1_000, 50
"""How many folders of an agent are watched; how many where the system watches no more."""

COPIED_PER_S = 10_000_000
"""Bytes of databases that are copied a second, on average, because they grow: an agent at work
writes all the time, and its whole database is copied to be read.
"""

_ENDINGS = ("-wal", "-journal")
"""A database grows in a file beside it first."""

BY_FOLDER = sys.platform == "linux"
"""Whether the system watches single folders; elsewhere one handle watches all below a root."""

Sizes = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Watched:
    """One agent's logs as they were last seen: the folders of which the disk tells, the roots, and
    the folders below them that files can be in, the ones that were written to last before all
    others.
    """

    source: Source
    roots: tuple[str, ...]
    folders: tuple[str, ...]
    sizes: Sizes
    to_copy: int = 0
    """Bytes of its databases."""

    def holds(self, path: str) -> bool:
        """Whether a path is one of the agent's files."""
        for ending in _ENDINGS:
            path = path.removesuffix(ending)
        agent = agent_named(self.source.connector)
        return any(
            reads(agent, Path(path).relative_to(root).as_posix())
            for root in self.roots
            if Path(path).is_relative_to(root)
        )

    def may_hold(self, path: str) -> bool:
        """Whether a change here may be growth: of one of the agent's files, or of a folder below.

        What is written into a folder before the system watches it is told of by nothing else.
        """
        within = any(Path(path).is_relative_to(root) for root in self.roots)
        return within and (self.holds(path) or _is_folder(path))

    def told(self, most: int) -> tuple[str, ...]:
        """What the system is asked to watch: so many folders, or the roots with all below them."""
        if BY_FOLDER:
            return self.folders[:most]
        return self.roots if most else ()

    def is_told(self, most: int) -> bool:
        """Whether the system can tell of all growth then."""
        return bool(self.roots) and bool(most) and (not BY_FOLDER or len(self.folders) <= most)


def watched(ledger: Ledger) -> tuple[Watched, ...]:
    """Every agent that is a source, as its logs are now."""
    return tuple(
        seen(source, look(source, this_place()))
        for source in accounts.sources(ledger)
        if source.kind == AGENT
    )


def seen(source: Source, found: Search) -> Watched:
    """An agent's logs as a look at the disk found them."""
    written: dict[str, int] = {}
    for one in found.files:
        folder = os.path.dirname(one.file.path)  # noqa: PTH120 - real paths stay texts
        written[folder] = max(one.modified, written.get(folder, 0))
    latest = max(written.values(), default=0)
    folders = sorted(found.folders, key=lambda folder: -written.get(folder, latest))
    kinds = agent_named(source.connector).files
    return Watched(
        source,
        tuple(filter(_is_folder, found.roots)),
        tuple(folders),
        sizes_of(found),
        sum(one.size for one in found.files if isinstance(kinds[one.kind], Databases)),
    )


def sizes_of(found: Search) -> Sizes:
    """The files, with all that changes when they grow."""
    return frozenset((one.file.path, one.size, one.modified) for one in found.files)


def refusal(sources: Sequence[Watched]) -> str:
    """Why the system would not watch these; empty where it would."""
    over = Event()
    over.set()
    try:
        for _ in _told([folder for one in sources for folder in one.told(MOST_FOLDERS)], over):
            break
    except (OSError, RuntimeError) as error:
        return str(error)
    return ""


def _is_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - real paths stay texts


class Growth:
    """Says which sources' logs have grown, by `grown(name)` on a thread of its own, until `stop`.

    `sources` is asked on that thread what there is to watch, first and after every `look_again`.
    `ready` is set whenever everything is being watched.
    """

    def __init__(
        self, sources: Callable[[], Sequence[Watched]], grown: Callable[[str], None]
    ) -> None:
        self.ready = Event()
        self._sources, self._grown = sources, grown
        self._known: dict[str, Sizes] = {}
        """The files as they were when a source was last looked at."""
        self._rests: dict[str, float] = {}
        """Until when a source's databases are not to be copied again."""
        self._late: dict[str, Watched] = {}
        """What has grown meanwhile."""
        self._turn, self._stopped = Event(), False
        self._thread = Thread(target=self._run, name="plimsoll watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def look_again(self) -> None:
        """Sources were added, changed or removed."""
        self.ready.clear()
        self._turn.set()

    def stop(self) -> None:
        """Watch no more; nothing is told once this returns, but for what was being told."""
        self._stopped = True
        self._turn.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while True:
            self._turn.clear()
            if self._stopped:
                return
            try:
                self._follow(tuple(self._sources()))
            except PlimsollError:  # the archive is closed or busy: a sync says what is wrong
                self._turn.wait(LOOK_EVERY_S)

    def _follow(self, sources: Sequence[Watched]) -> None:
        """Tell of growth until there is something else to watch, or nothing any more."""
        for most in (MOST_FOLDERS, FEW_FOLDERS, 0):
            try:
                self._listen(sources, most)
            except (OSError, RuntimeError):  # more than can be watched, or gone in this moment
                continue
            return

    def _listen(self, sources: Sequence[Watched], most: int) -> None:
        self._compare(sources)
        looks = 0
        for paths in self._changes([folder for one in sources for folder in one.told(most)]):
            self.ready.set()
            for one in sources:
                if any(map(one.may_hold, paths)):
                    self._tell(one)
                    if BY_FOLDER and any(map(_is_folder, paths)):
                        self.look_again()
            for one in tuple(self._late.values()):
                self._tell(one)
            if paths:
                continue
            # The first look is at everything, for what was written before the watching began.
            everything = looks % _ALL_EVERY == 0
            looks += 1
            old = [one for one in sources if everything or not one.is_told(most)]
            new = [seen(one.source, look(one.source, this_place())) for one in old]
            self._compare(new)
            moved = [{*a.told(most)} != {*b.told(most)} for a, b in zip(old, new, strict=True)]
            if any(moved) or (everything and looks > 1 and most < MOST_FOLDERS):
                self.look_again()

    def _compare(self, sources: Sequence[Watched]) -> None:
        """Tell of sources whose files are not as they were when they were last looked at."""
        for one in sources:
            known = self._known.get(one.source.name, one.sizes)
            self._known[one.source.name] = one.sizes
            if known != one.sizes:
                self._tell(one)

    def _tell(self, one: Watched) -> None:
        """Say that a source has grown, or keep it for later."""
        name, now = one.source.name, monotonic()
        if now < self._rests.get(name, now):
            self._late[name] = one
            return
        self._late.pop(name, None)
        self._rests[name] = now + one.to_copy / COPIED_PER_S
        self._grown(name)

    def _changes(self, places: Sequence[str]) -> Iterator[frozenset[str]]:
        """Paths that changed together; none of them at first, and where nothing has for a while."""
        if places:
            yield from _told(places, self._turn)
            return
        yield frozenset()
        while not self._turn.wait(LOOK_EVERY_S):
            yield frozenset()


def _told(places: Sequence[str], until: Event) -> Iterator[frozenset[str]]:
    """Paths that changed together, as the system tells; none of them where nothing has a while."""
    from watchfiles import watch

    for changes in watch(
        *places,
        watch_filter=None,
        debounce=LONGEST_MS,
        step=QUIET_MS,
        stop_event=until,
        rust_timeout=round(LOOK_EVERY_S * 1000),
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=False,
        recursive=not BY_FOLDER,
        ignore_permission_denied=True,
    ):
        yield frozenset(path for _, path in changes)
