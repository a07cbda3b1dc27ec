"""Actors: week by week, what part of its tokens each provider says agents and programs asked for.

An indicator, and a lower bound: what is not told is told beside it. It is kept apart from the own
loop of agents' logs (`own_loop`), which counts what no provider can see; the two are never added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from plimsoll.domain.actors import Actors
from plimsoll.domain.calendar import Period
from plimsoll.ledger.actors import KeptDay, kept_actors
from plimsoll.ledger.database import Ledger


@dataclass(frozen=True, slots=True)
class Told:
    """What one source's provider tells of some weeks: a week with a day that is not known is None.

    The latest `not_final` weeks can still change.
    """

    source: str
    weeks: tuple[Actors | None, ...]
    not_final: int = 0


def told_actors(ledger: Ledger, weeks: Sequence[Period]) -> tuple[Told, ...]:
    """What is told of weeks (the oldest first, without a gap), by source; sources of which no week
    is known whole are left out.
    """
    kept = kept_actors(ledger, Period(weeks[0].first, weeks[-1].last))
    told = (
        Told(source, tuple(_whole(days, week) for week in weeks), _not_final(days, weeks))
        for source, days in kept.items()
    )
    return tuple(one for one in told if any(week is not None for week in one.weeks))


def _whole(days: Mapping[date, KeptDay], week: Period) -> Actors | None:
    if any(day not in days for day in week.days()):
        return None
    return sum((days[day].actors for day in week.days()), Actors())


def _not_final(days: Mapping[date, KeptDay], weeks: Sequence[Period]) -> int:
    moving = [day for day, kept in days.items() if not kept.final]
    return sum(1 for week in weeks if moving and week.last >= min(moving))
