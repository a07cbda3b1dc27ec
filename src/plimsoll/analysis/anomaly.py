"""Unusual spend: days that stand out from a series' own past, with a budget for false alarms.

A day is judged on the square-root scale, between dollars, where every sprint stands out, and
logarithms, where nothing does: how many robust deviations (median absolute deviation, 1.4826 for a
normal sample) it lies above the median of the active days before it. It is told only where it
scores above all but one of the last sixty days, so that days like those before are told about once
in two months; where it is money, too; and not again within a week of the last one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

QUIET_DAYS = 7
"""After a day that was told, none is told for so long."""

LEAST_ACTIVE = 8
"""Days with spend among the last `_WINDOW`, below which nobody can say what is usual."""

_WINDOW, _OWN_DAYS, _MONTH = 56, 60, 30
_TOLD = 2
"""The day must score above all but one of the last sixty: about one alarm in two months."""

_LEAST_SCORE, _FIXED_SCORE, _LEAST_HISTORY = 3.0, 4.0, 75
_NORMAL, _LEAST_SPREAD = 1.4826, 0.2
_LEAST_UNITS, _LEAST_SHARE, _MEAN_DAYS = 1.0, 0.10, 28


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A day that stands out: nano-units spent, and what an active day usually costs here."""

    day: date
    spent: int
    usual: int

    @property
    def excess(self) -> int:
        """Nano-units above the usual."""
        return self.spent - self.usual


def unusual_days(history: Sequence[DaySpend], *, today: date) -> tuple[UnusualDay, ...]:
    """The unusual days of one series before `today`, oldest first.

    Only whole days count: days without an answer, and those last asked for while they lasted, are
    left out, and refunds count as no spend. With fewer than 75 such days the bar is fixed and
    higher than most; with fewer than eight active ones before it a day is never unusual.
    """
    days = sorted(
        (day for day in history if day.known and day.elapsed >= 1.0 and day.day < today),
        key=lambda day: day.day,
    )
    amounts = [max(day.spent, 0) / NANO for day in days]
    scores: list[float] = []
    found: list[UnusualDay] = []
    for place, day in enumerate(days):
        before = amounts[max(place - _WINDOW, 0) : place]
        active = [amount for amount in before if amount > 0]
        here = score(amounts[place], active)
        is_quiet = bool(found) and (day.day - found[-1].day).days < QUIET_DAYS
        if not is_quiet and here > bar(scores) and is_money(amounts, place):
            found.append(UnusualDay(day.day, day.spent, round(median(active) * NANO)))
        scores.append(here)
    return tuple(found)


def score(amount: float, active: Sequence[float]) -> float:
    """Robust deviations above the median of active days on the square-root scale; 0 where there
    are too few of them, or nothing was spent.
    """
    if len(active) < LEAST_ACTIVE or amount <= 0:
        return 0.0
    roots = [math.sqrt(each) for each in active]
    middle = median(roots)
    spread = _NORMAL * median(abs(root - middle) for root in roots)
    return (math.sqrt(amount) - middle) / max(spread, _LEAST_SPREAD * middle)


def bar(scores: Sequence[float]) -> float:
    """What a day has to score above: the series' own alarm budget, once there is a history."""
    if len(scores) + 1 < _LEAST_HISTORY:
        return _FIXED_SCORE
    return max(_LEAST_SCORE, sorted(scores[-_OWN_DAYS:])[-_TOLD])


def is_money(amounts: Sequence[float], place: int) -> bool:
    """Whether a day lies above the mean of four weeks by one unit and a tenth of a month."""
    month = amounts[max(place - _MONTH, 0) : place]
    above = amounts[place] - fmean(month[-_MEAN_DAYS:])
    return above >= max(_LEAST_UNITS, _LEAST_SHARE * _MONTH * fmean(month))
