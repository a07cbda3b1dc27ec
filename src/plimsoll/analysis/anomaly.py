"""Unusual spend: days that stand out from a series' own past, with a budget for false alarms.

A day is judged on the square-root scale, between dollars, where every sprint stands out, and
logarithms, where nothing does: how many robust deviations (median absolute deviation, 1.4826 for a
normal sample) it lies above the median of the active days before it. It is told only where it
scores above all but one of the last sixty days, so that days like those before are told about once
in two months; where it is money, too; and not again within a week of the last one.

The parts of the whole (a model, a project, a key) are judged with it, under the same budget: a day
scores what its highest part does, and has to pass the highest such scores of the days before. So
the alarms of all parts together stay what those of one series are, however many there are.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend, Dimension

Part = tuple[Dimension, str]
"""A part of the whole: a model, a project or a key, by its name."""

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


_LEAST_SHARE_OF_ALL = 1 / 60
"""A part has to lie above its usual by half of a mean day of the whole: less is no news."""

_SAME_PERCENT = 80
"""Of the largest excess of a part, in percent: a wider part that has so much of it is named."""


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A day that stands out: nano-units spent, and what an active day usually costs here; of the
    whole, or of the one `part` of it that stands out.
    """

    day: date
    spent: int
    usual: int
    part: Part | None = None

    @property
    def excess(self) -> int:
        """Nano-units above the usual."""
        return self.spent - self.usual


def unusual_days(
    history: Sequence[DaySpend],
    *,
    today: date,
    parts: Mapping[Part, Mapping[date, int]] | None = None,
    expected: Collection[date] = (),
) -> tuple[UnusualDay, ...]:
    """The unusual days of one series and its parts before `today`, oldest first.

    `parts` are nano-units by day, those that hold others before those that they hold. Only whole
    days count: days without an answer, and those last asked for while they lasted, are left out,
    and refunds count as no spend. Days that the user `expected` are told of nothing, and are no
    part of what is usual. With fewer than 75 days the bar is fixed and higher than most; with fewer
    than eight active ones before it a day is never unusual.
    """
    days = sorted(
        (
            day
            for day in history
            if day.known and day.elapsed >= 1.0 and day.day < today and day.day not in expected
        ),
        key=lambda day: day.day,
    )
    whole = [max(day.spent, 0) / NANO for day in days]
    amounts = {
        part: [max(spent.get(day.day, 0), 0) / NANO for day in days]
        for part, spent in (parts or {}).items()
    }
    scores: list[float] = []
    found: list[UnusualDay] = []
    for place, day in enumerate(days):
        here = score_at(whole, place)
        least = _LEAST_SHARE_OF_ALL * math.fsum(whole[max(place - _MONTH, 0) : place])
        of_parts = {
            part: score_at(own, place)
            for part, own in amounts.items()
            if is_money(own, place, least=least)
        }
        is_quiet = bool(found) and (day.day - found[-1].day).days < QUIET_DAYS
        limit = bar(scores)
        if not is_quiet and here > limit and is_money(whole, place):
            found.append(UnusualDay(day.day, day.spent, _usual(whole, place)))
        elif not is_quiet and any(each > limit for each in of_parts.values()):
            standing = [part for part, each in of_parts.items() if each > limit]
            found.append(_widest(day.day, standing, amounts, place))
        scores.append(max([here, *of_parts.values()]))
    return tuple(found)


def _widest(
    day: date, standing: Sequence[Part], amounts: Mapping[Part, Sequence[float]], place: int
) -> UnusualDay:
    """Of the parts that stand out, the first that has most of the largest excess."""
    told = [
        UnusualDay(day, round(own[place] * NANO), _usual(own, place), part)
        for part in standing
        if (own := amounts[part])
    ]
    most = max(each.excess for each in told)
    return next(each for each in told if each.excess * 100 >= _SAME_PERCENT * most)


def _active(amounts: Sequence[float], place: int) -> list[float]:
    return [amount for amount in amounts[max(place - _WINDOW, 0) : place] if amount > 0]


def _usual(amounts: Sequence[float], place: int) -> int:
    return round(median(_active(amounts, place)) * NANO)


def score_at(amounts: Sequence[float], place: int) -> float:
    """The score of one day of a series against the days before it."""
    return score(amounts[place], _active(amounts, place))


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


def is_money(amounts: Sequence[float], place: int, *, least: float = 0.0) -> bool:
    """Whether a day lies above the mean of four weeks by one unit and a tenth of a month, and by
    the `least` that is asked of it.
    """
    above = amounts[place] - fmean(amounts[max(place - _MEAN_DAYS, 0) : place] or [0.0])
    if above < max(_LEAST_UNITS, least):
        return False
    month = amounts[max(place - _MONTH, 0) : place]
    return above >= _LEAST_SHARE * _MONTH * fmean(month or [0.0])
