"""Watch: agents' logs are noticed while they grow, within seconds and without looking all the time.

The system tells of changed files where it can. What it cannot tell of (a folder that is not there
yet, more folders than it watches) is looked at every little while, by its files' sizes and times.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from plimsoll.domain.errors import PlimsollError
from plimsoll.ledger import accounts
from plimsoll.ledger.accounts import AGENT, Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.logs import folders, look, this_place
from plimsoll.sources.logs.agent import agent_named
from plimsoll.sources.logs.find import reads

QUIET_MS, LONGEST_MS = 300, 1_600
"""Changes are told together when nothing has changed for so long, at the latest after so long."""

LOOK_EVERY_S = 30.0
"""How often is looked at what the system does not tell of."""

_ENDINGS = ("-wal", "-journal")
"""A database grows in a file beside it first."""

Sizes = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Watched:
    """One agent's logs: the folders that are there, as the disk names them."""

    source: Source
    roots: tuple[str, ...]

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
        return within and (self.holds(path) or os.path.isdir(path))  # noqa: PTH112 - real paths stay texts

    def sizes(self) -> Sizes:
        """The files as they are now."""
        found = look(self.source, this_place()).files
        return frozenset((one.file.path, one.size, one.modified) for one in found)


def watched(ledger: Ledger) -> tuple[Watched, ...]:
    """Every agent that is a source, and where its logs lie now."""
    place = this_place()
    return tuple(
        Watched(source, tuple(_there(agent_named(source.connector).roots(place, given))))
        for source in accounts.sources(ledger)
        if source.kind == AGENT
        for given in [folders(dict(source.settings).get("root", ""))]
    )


def _there(roots: Sequence[Path]) -> Iterator[str]:
    for root in roots:
        real = os.path.realpath(root)
        if os.path.isdir(real):  # noqa: PTH112 - real paths stay texts
            yield real


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
        sighted = [one for one in sources if one.roots]
        try:
            self._listen(sighted, [one for one in sources if not one.roots])
        except (OSError, RuntimeError):  # no such folder any more, or more than can be watched
            self._listen([], sources)

    def _listen(self, sighted: Sequence[Watched], blind: Sequence[Watched]) -> None:
        sizes = [one.sizes() for one in blind]
        for paths in self._changes([root for one in sighted for root in one.roots]):
            self.ready.set()
            for one in sighted:
                if any(map(one.may_hold, paths)):
                    self._grown(one.source.name)
            if paths:
                continue
            now = [one.sizes() for one in blind]
            if now != sizes and not all(one.roots for one in blind):
                self.look_again()  # a folder is there now, of which the system can tell
            for one, before, after in zip(blind, sizes, now, strict=True):
                if before != after:
                    self._grown(one.source.name)
            sizes = now

    def _changes(self, roots: Sequence[str]) -> Iterator[frozenset[str]]:
        """Paths that changed together; none of them at first, and where nothing has for a while."""
        if not roots:
            yield frozenset()
            while not self._turn.wait(LOOK_EVERY_S):
                yield frozenset()
            return
        from watchfiles import watch

        for changes in watch(
            *roots,
            watch_filter=None,
            debounce=LONGEST_MS,
            step=QUIET_MS,
            stop_event=self._turn,
            rust_timeout=round(LOOK_EVERY_S * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            ignore_permission_denied=True,
        ):
            yield frozenset(path for _, path in changes)
