"""A history sorted out: the whole days that a pattern is made from, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

LEAST_DAYS = 5
"""Complete days, since the first with spend, below which there is no range."""

NORMAL_DAYS = 21
"""Complete days from which a range is more than rough."""

MOST_DAYS = 200
"""Complete days looked at, the newest ones."""

IDLE_DAYS = 60
"""Known days without spend after which nothing is expected."""

LEAST_ELAPSED = 0.3
"""Of a day that was seen in part, the share from which its pace says something: a burst in the
first hour is not taken for a whole day of it."""


@dataclass(frozen=True, slots=True)
class PastDays:
    """A history sorted out, oldest first.

    `complete` are the known days before today, from the first with spend on, that the pattern is
    made from, those of `partial` at their pace; `partial` are the ones of which a part was still to
    come when they were asked for; `unknown` the days since then without an answer; `idle` counts
    the known days without spend up to now; `today` is None where the history does not hold it.
    """

    complete: tuple[DaySpend, ...]
    partial: tuple[DaySpend, ...]
    unknown: tuple[DaySpend, ...]
    idle: int
    today: DaySpend | None

    @classmethod
    def of(cls, history: Sequence[DaySpend], today: date) -> PastDays:
        """Days in any order, sorted out as they are seen on `today`."""
        past = sorted((day for day in history if day.day < today), key=lambda day: day.day)
        now = next((day for day in history if day.day == today), None)
        used = _from_first_spend([day for day in past if day.known])
        complete = _from_first_spend([_at_its_pace(day) for day in used[-MOST_DAYS:]])
        first = complete[0].day if complete else today
        return cls(
            complete=tuple(complete),
            partial=tuple(day for day in used if day.elapsed < 1.0),
            unknown=tuple(day for day in past if not day.known and day.day > first),
            idle=_idle_days(used, now),
            today=now,
        )

    @property
    def amounts(self) -> list[float]:
        """Spend of the complete days in units of the currency, none below zero."""
        return [max(day.spent, 0) / NANO for day in self.complete]

    @property
    def weekdays(self) -> list[int]:
        """Their weekdays, Monday 0."""
        return [day.day.weekday() for day in self.complete]


def _at_its_pace(day: DaySpend) -> DaySpend:
    """A day as it would have ended; a whole one as it is."""
    if day.elapsed >= 1.0:
        return day
    return replace(day, billed=round(day.spent / max(day.elapsed, LEAST_ELAPSED)), estimated=0)


def _from_first_spend(days: list[DaySpend]) -> list[DaySpend]:
    first = next((place for place, day in enumerate(days) if day.spent > 0), len(days))
    return days[first:]


def _idle_days(used: Sequence[DaySpend], now: DaySpend | None) -> int:
    known = [*used, now] if now is not None and now.known else used
    return next((age for age, day in enumerate(reversed(known)) if day.spent > 0), 0)
