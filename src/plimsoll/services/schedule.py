"""Schedule: when each source is asked next, so that none is asked too often, and none forgotten.

Each source has its connector's rhythm, a little stretched by a share that is its own and the day's,
so that many machines do not knock together. After failures it is asked less and less often. What is
known of the past is read from the ledger, so that a new start knows it too. How many are
asked at once is the sync's matter, and asking by hand is always possible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from plimsoll.domain.errors import Cancelled, KeyRejected, MissingScope, WrongKeyKind

if TYPE_CHECKING:
    from plimsoll.ledger.accounts import Source
    from plimsoll.ledger.database import Ledger

JITTER = 0.1
"""The largest share by which a rhythm is stretched."""

LONGEST_PAUSE = timedelta(hours=6)
"""However often a source has failed, it is asked again after so long; one with a slower rhythm at
that rhythm.
"""

SPARING = 4
"""How much slower every rhythm is on a low battery or a metered network."""

SPREAD = timedelta(minutes=5)
"""After sleep, and after a start in the background, what was missed is caught up over so long."""

NAP = timedelta(minutes=2)
"""A look that comes so much later than it should says that the machine slept."""

FOR_THE_USER = frozenset({KeyRejected.title, WrongKeyKind.title, MissingScope.title})
"""What only the user can mend: asking again would say the same, every time."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one source. `asked_at` is the beginning of its latest sync, however it
    ended; `failures` counts those since the last that brought something; `not_before` is what the
    provider asked for. `waits_for_user` means that its key must be mended first.
    """

    name: str
    uid: str
    rhythm: timedelta = HOUR
    asked_at: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None
    waits_for_user: bool = False
    was_stopped: bool = False
    """The user, or the end of the program, stopped its latest sync."""
    is_local: bool = False
    """It is read on this machine: no network is needed, and what grew unwatched is read at once."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the platform tells of the network and the battery; what it does not tell is no reason
    to hold anything back.
    """

    is_online: bool = True
    is_metered: bool = False
    is_low: bool = False
    """The machine runs on a battery that is nearly empty."""

    @property
    def is_sparing(self) -> bool:
        """Whether there is a reason to ask less often."""
        return self.is_metered or self.is_low


@dataclass(frozen=True, slots=True)
class Awake:
    """Since when the program has been running and the machine awake; `spread` is over how long it
    catches up with what was missed until then, nothing where somebody waits for it.
    """

    since: datetime
    spread: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Turn:
    """When one source is asked next; `at` is None for one that waits for its user."""

    name: str
    at: datetime | None
    rhythm: timedelta
    failures: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked now, and when there is something to do next (None: nothing ever)."""

    now: tuple[str, ...] = ()
    next_at: datetime | None = None
    surroundings: Surroundings = Surroundings()


def plan(
    standings: Sequence[Standing], *, now: datetime, awake: Awake, around: Surroundings
) -> Plan:
    """What to ask at `now`, the longest overdue first."""
    factor = SPARING if around.is_sparing else 1
    turns = [
        (turn.at, turn.name)
        for standing in standings
        if around.is_online or standing.is_local
        for turn in [turn_of(standing, now=now, awake=awake, factor=factor)]
        if turn.at is not None
    ]
    due = sorted(turn for turn in turns if turn[0] <= now)
    coming = [at for at, _ in turns if at > now]
    return Plan(tuple(name for _, name in due), min(coming, default=None), around)


def turn_of(standing: Standing, *, now: datetime, awake: Awake, factor: int = 1) -> Turn:
    """When a source is asked next, as far as is known now."""
    if awake.since > now:  # the clock went back
        awake = Awake(now)
    return Turn(
        standing.name,
        None if standing.waits_for_user else _next(standing, now, awake, factor),
        standing.rhythm,
        standing.failures,
    )


def _next(standing: Standing, now: datetime, awake: Awake, factor: int) -> datetime:
    asked, pause = standing.asked_at, factor * pause_of(standing)
    if asked is None or asked > now + pause:
        # Never, or at an instant that the clock has gone back from since.
        return _caught_up(standing, awake.since, awake)
    own = standing.is_local or standing.was_stopped
    if own and asked < awake.since:
        return _caught_up(standing, awake.since, awake)
    at = asked + pause
    if standing.not_before is not None:
        at = max(at, standing.not_before)
    return max(at, _caught_up(standing, awake.since, awake)) if at < awake.since else at


def _caught_up(standing: Standing, at: datetime, awake: Awake) -> datetime:
    """When a source that was missed is caught up with: each at its own moment of the spread."""
    return at + awake.spread * _share(standing, awake.since)


def pause_of(standing: Standing) -> timedelta:
    """How long after its latest sync a source is asked again: its rhythm, doubled by each failure
    after the first, and stretched by its own share of the day.
    """
    rhythm = standing.rhythm
    doubled = rhythm * (1 << min(max(standing.failures - 1, 0), 16))
    pause = min(doubled, max(rhythm, LONGEST_PAUSE))
    share = 0.0 if standing.asked_at is None else _share(standing, standing.asked_at)
    return pause * (1 + JITTER * share)


def _share(standing: Standing, day: datetime) -> float:
    """A number from 0 to 1 that is the source's own, another one each day, and always the same."""
    seed = f"{standing.uid} {day.date().isoformat()}".encode()
    return int.from_bytes(hashlib.sha256(seed).digest()[:4], "big") / 2**32


def has_slept(expected: datetime, now: datetime) -> bool:
    """Whether a look that was expected earlier says that the machine slept until now."""
    return now - expected > NAP


def standings(ledger: Ledger) -> tuple[Standing, ...]:
    """What the ledger knows of every source that is still asked; nobody is asked for a file."""
    from plimsoll.ledger import accounts

    asked = (source for source in accounts.sources(ledger) if source.kind != accounts.FILE)
    return tuple(_standing(ledger, source) for source in asked)


def _standing(ledger: Ledger, source: Source) -> Standing:
    from plimsoll.ledger import runs
    from plimsoll.ledger.accounts import AGENT

    tried = runs.tries(ledger, source.id, but=Cancelled.title)
    last = tried.last
    failed = last is not None and last.ended_at is not None and not last.ok
    # A key that may read a part is of use: that part is not to wait.
    barren = last is not None and failed and not last.slices
    return Standing(
        name=source.name,
        uid=source.uid,
        rhythm=HOUR if source.kind == AGENT else _rhythm(source.connector),
        asked_at=last.started_at if last is not None else None,
        failures=tried.failures,
        not_before=last.not_before if last is not None and failed else None,
        waits_for_user=barren and last is not None and last.title in FOR_THE_USER,
        was_stopped=failed and last is not None and last.title == Cancelled.title,
        is_local=source.kind == AGENT,
    )


def _rhythm(connector: str) -> timedelta:
    from plimsoll.domain.errors import WrongUse
    from plimsoll.sources.base import provider, rhythm_of

    try:
        return rhythm_of(provider(connector))
    except WrongUse:  # of a newer program; its sync says so
        return HOUR
