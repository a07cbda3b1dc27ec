"""Dialogue against self-circulation: over a year of weeks, how much was asked for by nobody.

Two series that are never added: the own loop that agents' logs tell, call by call, and beside it
what providers tell of who asked (`actors`), each source by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Question
from plimsoll.ledger.database import Ledger
from plimsoll.services.actors import Told, told_actors
from plimsoll.services.own_loop import Loop, own_loop

WEEKS = 52


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Whole weeks (UTC), the oldest first, from the first that anything is known of, a year of them
    at most; the latest `not_final` can still change.

    `loops` are of the logs of coding agents, None for a week in which none worked; `told` is what
    each provider tells.
    """

    weeks: tuple[Period, ...]
    loops: tuple[Loop | None, ...]
    told: tuple[Told, ...] = ()

    @property
    def not_final(self) -> int:
        """How many of the latest weeks can still change."""
        return max((one.not_final for one in self.told), default=0)


def dialogue(ledger: Ledger, *, today: date) -> Dialogue:
    """The weeks up to the last that is over."""
    weeks = whole_weeks(today, WEEKS)
    period = Period(weeks[0].first, weeks[-1].last)
    found = own_loop(ledger, Question(period), today=today)
    sums = [Loop() for _ in weeks]
    for day, loop in found.days if found else ():
        sums[(day - period.first).days // 7] += loop
    loops = tuple(week if week.total else None for week in sums)
    told = told_actors(ledger, weeks)
    known = [any(series) for series in zip(loops, *(one.weeks for one in told), strict=True)]
    first = known.index(True) if any(known) else len(weeks)
    return Dialogue(
        weeks=weeks[first:],
        loops=loops[first:],
        told=tuple(replace(one, weeks=one.weeks[first:]) for one in told),
    )
