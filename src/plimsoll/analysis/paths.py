"""Paths: what the days ahead may cost, drawn from weeks of the past at today's level.

A weekday-deseasonalised bootstrap of blocks of seven days (Künsch 1989, moving blocks), recent
weeks more often than old ones, centred on the geometric mean of a fast and a slow exponentially
weighted average, with one log-normal error of the level for each path. Amounts are floats in units
of one currency: statistics, never bookkeeping. Sums are `math.fsum`, which is the same everywhere.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import fsum
from operator import mul
from random import Random

WEEK = 7

_FAST, _SLOW = 5.0, 21.0
"""Half-lives, in days, of the two averages whose geometric mean is the level;"""

_PROFILE_HALF_LIFE, _SPREAD_HALF_LIFE, _LONG_HALF_LIFE, _BLOCK_HALF_LIFE = 42.0, 28.0, 56.0, 28.0
"""of the weekday profile, the dispersion, the long run, and of how often a week is drawn."""

_PSEUDO_DAYS = 2.0
"""Days of plain average that each weekday starts from, so that three Sundays make no rule."""

_CLIP = 6.0
"""A day counts at most this many averages in the profile: one burst makes no Tuesday effect."""

_LEAST_FACTOR = 0.05
_LONG_RUN_SHARE = 0.02
_BASE_SHARE = 0.10
_LEVEL_ERROR = 0.35
_SEED = 12345
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a series of days looks like now.

    `profile` are factors by weekday (Monday first, mean 1), `level` the amount of an average day
    now, `base` the level with a share of the long run in it, `dispersion` the deviation from the
    profile as a share of the level, `idle` the days since the last one with spend.
    """

    profile: tuple[float, ...]
    level: float
    base: float
    dispersion: float
    idle: int


def pattern_of(amounts: Sequence[float], weekdays: Sequence[int]) -> Pattern:
    """The pattern of complete days, oldest first, none negative; at least one day."""
    profile = _profile(amounts, weekdays)
    factors = [profile[weekday] for weekday in weekdays]
    long_run = _level(amounts, factors, _LONG_HALF_LIFE)
    middle = _level(amounts, factors, _SPREAD_HALF_LIFE)
    logs = (
        math.log(_level(amounts, factors, half_life) + _LONG_RUN_SHARE * long_run + _TINY)
        for half_life in (_FAST, _SLOW)
    )
    level = math.exp(0.5 * fsum(logs))
    return Pattern(
        profile=profile,
        level=level,
        base=level + _BASE_SHARE * long_run,
        dispersion=_deviation(amounts, factors, middle) / max(0.5 * (middle + long_run), _TINY),
        idle=_idle(amounts),
    )


def _weights(count: int, half_life: float) -> list[float]:
    """Weights that halve every `half_life` days into the past; the newest day weighs 1."""
    return [0.5 ** (age / half_life) for age in range(count - 1, -1, -1)]


def _profile(amounts: Sequence[float], weekdays: Sequence[int]) -> tuple[float, ...]:
    weights = _weights(len(amounts), _PROFILE_HALF_LIFE)
    mean = fsum(map(mul, weights, amounts)) / fsum(weights)
    if mean <= 0:
        return (1.0,) * WEEK
    spent: list[list[float]] = [[] for _ in range(WEEK)]
    seen: list[list[float]] = [[] for _ in range(WEEK)]
    for weight, amount, weekday in zip(weights, amounts, weekdays, strict=True):
        spent[weekday].append(weight * min(amount, _CLIP * mean))
        seen[weekday].append(weight)
    sums, days = [fsum(part) for part in spent], [fsum(part) for part in seen]
    clipped = fsum(sums) / fsum(days)
    factors = [
        (amount + _PSEUDO_DAYS * clipped) / (count + _PSEUDO_DAYS) / clipped
        for amount, count in zip(sums, days, strict=True)
    ]
    average = fsum(factors) / WEEK
    return tuple(factor / average for factor in factors)


def _level(amounts: Sequence[float], factors: Sequence[float], half_life: float) -> float:
    weights = _weights(len(amounts), half_life)
    return fsum(map(mul, weights, amounts)) / fsum(map(mul, weights, factors))


def _deviation(amounts: Sequence[float], factors: Sequence[float], level: float) -> float:
    weights = _weights(len(amounts), _SPREAD_HALF_LIFE)
    squares = (
        weight * (amount - level * factor) ** 2
        for weight, amount, factor in zip(weights, amounts, factors, strict=True)
    )
    return math.sqrt(fsum(squares) / fsum(weights))


def _idle(amounts: Sequence[float]) -> int:
    for age, amount in enumerate(reversed(amounts)):
        if amount > 0:
            return age
    return len(amounts)


def simulate(
    amounts: Sequence[float],
    weekdays: Sequence[int],
    pattern: Pattern,
    columns: Sequence[float],
    *,
    paths: int,
) -> list[list[float]]:
    """Simulated sums: for each day ahead, its cumulative total on every path, ascending.

    `columns` are the weekday factors of the days ahead, each times the share of the day that is
    still to come. All paths together are centred on the level. The same input gives the same sums.
    """
    random = Random(_SEED)  # noqa: S311 - statistics, and the same for everyone on purpose
    drawn = _draw_weeks(_plain_days(amounts, weekdays, pattern), columns, paths, random)
    mean = fsum(path[-1] for path in drawn) / paths
    wanted = (pattern.level + _LONG_RUN_SHARE * pattern.base) * fsum(columns)
    centre = wanted / max(mean, _TINY)
    shrink = _LEVEL_ERROR * _LEVEL_ERROR / 2
    errors = [centre * math.exp(_LEVEL_ERROR * random.gauss(0, 1) - shrink) for _ in range(paths)]
    return [sorted(map(mul, sums, errors)) for sums in zip(*drawn, strict=True)]


def _plain_days(amounts: Sequence[float], weekdays: Sequence[int], pattern: Pattern) -> list[float]:
    """The days with their weekday taken out; the newest repeated, so that each starts a week."""
    days = [
        amount / max(pattern.profile[weekday], _LEAST_FACTOR)
        for amount, weekday in zip(amounts, weekdays, strict=True)
    ]
    return days + days[-1:] * (WEEK - 1)


def _draw_weeks(
    days: Sequence[float], columns: Sequence[float], paths: int, random: Random
) -> list[list[float]]:
    """Cumulative sums of each path: weeks drawn from the past, set on the weekdays ahead."""
    starts = max(len(days) - 2 * (WEEK - 1), 1)
    chances = list(accumulate(_weights(starts, _BLOCK_HALF_LIFE)))
    weeks = [days[start : start + WEEK] for start in range(starts)]
    blocks = range(-(-len(columns) // WEEK))
    drawn = []
    for _ in range(paths):
        path: list[float] = []
        for _ in blocks:
            path += weeks[bisect_left(chances, random.random() * chances[-1])]
        drawn.append(list(accumulate(map(mul, path, columns))))
    return drawn


def quantiles(ordered: Sequence[float], probabilities: Sequence[float]) -> list[float]:
    """Quantiles of ascending figures, linear between neighbours (Hyndman and Fan's type 7)."""
    last = len(ordered) - 1
    found = []
    for probability in probabilities:
        place = probability * last
        left = int(place)
        right = min(left + 1, last)
        found.append(ordered[left] + (ordered[right] - ordered[left]) * (place - left))
    return found
