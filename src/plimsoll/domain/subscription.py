"""Subscriptions: a flat fee for every cycle, whatever the tokens of a source would have cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plimsoll.domain.calendar import ONE_DAY, Period, month_of
from plimsoll.domain.money import MAX_NANOS, Money
from plimsoll.domain.said import say

EARLIEST = date(2015, 1, 1)
"""No model was sold by subscription before; an earlier day is a slip of the finger."""

LONGEST = 120
"""At most as many weeks, months or years make a cycle."""


class Unit(StrEnum):
    """What a cycle is counted in."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Cycle:
    """How often a fee is due: every `count` weeks, months or years.

    Raises `ValueError` for a count below one.
    """

    unit: Unit = Unit.MONTH
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST:
            raise ValueError(f"A cycle is 1 to {LONGEST} weeks, months or years.")

    def begin(self, anchor: date, number: int) -> date:
        """The first day of the cycle of this number, the one that begins on `anchor` being 0.

        A month without the anchor's day begins its cycle on its last day, and the next month on the
        anchor's day again: 31 January, 28 February, 31 March.
        """
        steps = number * self.count
        if self.unit is Unit.WEEK:
            return anchor + timedelta(weeks=steps)
        months = anchor.month - 1 + steps * (12 if self.unit is Unit.YEAR else 1)
        first = date(anchor.year + months // 12, months % 12 + 1, 1)
        return first.replace(day=min(anchor.day, month_of(first).last.day))


@dataclass(frozen=True, slots=True)
class Subscription:
    """A flat fee of a source for every cycle from `first` on, to `last` (both included), if known.

    What the source's tokens of these provider days (UTC) would have cost is *plan*, and not owed.
    Raises `ValueError` with a sentence for what cannot be.
    """

    source: str
    name: str
    fee: Money
    first: date
    last: date | None = None
    cycle: Cycle = Cycle()

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 60 or not self.name.isprintable():
            raise ValueError(say("A subscription's name is one line of 1 to 60 characters."))
        if not 0 < self.fee.nanos <= MAX_NANOS:
            raise ValueError(say("A fee is more than zero."))
        if self.first < EARLIEST:
            raise ValueError(f"A subscription begins in {EARLIEST.year} or later.")
        if self.last is not None and self.last < self.first:
            raise ValueError(say("A subscription does not end before it begins."))

    def covers(self, day: date) -> bool:
        """Whether a day's tokens are under it."""
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: Subscription) -> bool:
        """Whether some day is under both."""
        later, earlier = (self, other) if self.first > other.first else (other, self)
        return earlier.covers(later.first)

    def cycles(self, until: date) -> Iterator[Period]:
        """Every cycle that has begun by `until`, the oldest first; the last one ends with it."""
        number = 0
        while (first := self.cycle.begin(self.first, number)) <= until and self.covers(first):
            number += 1
            last = self.cycle.begin(self.first, number) - ONE_DAY
            yield Period(first, last if self.last is None else min(last, self.last))
