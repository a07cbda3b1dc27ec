"""Pattern: what a series of days looks like now, as figures without a currency.

Exponentially weighted averages of several memories say where the level is and where it was, shares
of active days how often anything is spent, logarithms of active days how wild they are. The learned
part of the forecast (`network`) reads them all; each is a ratio, a share or a logarithm, so that a
thousandth of the spend looks the same. Amounts are floats in units of one currency: statistics,
never bookkeeping. Sums are taken in one order, which is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from operator import mul

WEEK = 7

_MEMORIES = (2.0, 5.0, 10.0, 21.0, 42.0, 90.0)
"""Half-lives, in days, of the averages that say where the level is."""

_EARLIER, _EARLIER_MEMORY = (14, 28, 56), 14.0
"""So many days ago, and the memory with which the level of then is seen."""

_FAST, _SLOW, _SPREAD, _PROFILE, _LONG = 5.0, 21.0, 28.0, 42.0, 56.0
_ACTIVE_MEMORIES = (3.0, 10.0, 40.0)
_ROOT_MEMORIES = (21.0, 7.0)

_PSEUDO_DAYS = 2.0
"""Days of plain average that each weekday starts from, so that three Sundays make no rule."""

_CLIP = 6.0
"""A day counts at most this many averages in the profile: one burst makes no Tuesday effect."""

_LEAST_FACTOR = 0.05
_LEVEL_FLOOR, _ROOT_FLOOR, _AMOUNT_FLOOR = 0.03, 0.003, 0.001
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a series of days looks like now.

    `profile` are factors by weekday (Monday first, mean 1), `level` the amount of an average day
    now, `base` the level with a tenth of the long run on it, in which amounts ahead are measured;
    `figures` are what `network` reads, in the order that its table was made for.
    """

    profile: tuple[float, ...]
    level: float
    base: float
    figures: tuple[float, ...]


def pattern_of(amounts: Sequence[float], weekdays: Sequence[int]) -> Pattern:
    """The pattern of complete days, oldest first, none negative; at least one with spend."""
    profile = _profile(amounts, weekdays)
    factors = [profile[weekday] for weekday in weekdays]
    long_run = _average(amounts, factors, _LONG)
    fast, slow = (_average(amounts, factors, memory) for memory in (_FAST, _SLOW))
    level = math.sqrt((fast + 0.02 * long_run) * (slow + 0.02 * long_run))
    base = level + 0.1 * long_run + _TINY
    figures = (
        math.log(len(amounts)),
        *_levels(amounts, factors, base),
        *_activity(amounts, weekdays),
        *_logarithms(amounts, factors, base),
        *_shape(amounts, factors, base, long_run),
        max(profile) - min(profile),
        (profile[5] + profile[6]) / 2,
    )
    return Pattern(profile, level, base, figures)


def _weights(count: int, half_life: float) -> list[float]:
    """Weights that halve every `half_life` days into the past; the newest day weighs 1."""
    return [0.5 ** (age / half_life) for age in range(count - 1, -1, -1)]


def _average(amounts: Sequence[float], factors: Sequence[float], half_life: float) -> float:
    """The weighted sum of the days by that of their factors, in one pass."""
    keep = 0.5 ** (1 / half_life)
    amount = factor = 0.0
    for spent, share in zip(amounts, factors, strict=True):
        amount = amount * keep + spent
        factor = factor * keep + share
    return amount / factor


def _mean(values: Sequence[float], half_life: float) -> float:
    return _average(values, [1.0] * len(values), half_life)


def _profile(amounts: Sequence[float], weekdays: Sequence[int]) -> tuple[float, ...]:
    weights = _weights(len(amounts), _PROFILE)
    mean = fsum(map(mul, weights, amounts)) / fsum(weights)
    if mean <= 0:
        return (1.0,) * WEEK
    spent, seen = [0.0] * WEEK, [0.0] * WEEK
    for weight, amount, weekday in zip(weights, amounts, weekdays, strict=True):
        spent[weekday] += weight * min(amount, _CLIP * mean)
        seen[weekday] += weight
    clipped = fsum(spent) / fsum(seen)
    factors = [
        (amount + _PSEUDO_DAYS * clipped) / (count + _PSEUDO_DAYS) / clipped
        for amount, count in zip(spent, seen, strict=True)
    ]
    average = fsum(factors) / WEEK
    return tuple(factor / average for factor in factors)


def _levels(amounts: Sequence[float], factors: Sequence[float], base: float) -> Iterator[float]:
    """Where the level is by several memories, and where it was two, four and eight weeks ago."""

    def ratio(level: float) -> float:
        return math.log(level / base + _LEVEL_FLOOR)

    levels = {memory: _average(amounts, factors, memory) for memory in _MEMORIES}
    yield from map(ratio, levels.values())
    for back in _EARLIER:
        if len(amounts) > back + 4:
            yield ratio(_average(amounts[:-back], factors[:-back], _EARLIER_MEMORY))
        else:
            yield ratio(levels[_PROFILE])


def _activity(amounts: Sequence[float], weekdays: Sequence[int]) -> Iterator[float]:
    """How often anything is spent, how long ago, and whether active days stay together."""
    active = [1.0 if amount > 0 else 0.0 for amount in amounts]
    for memory in _ACTIVE_MEMORIES:
        yield _mean(active, memory)
    idle = next((age for age, flag in enumerate(reversed(active)) if flag), len(active))
    yield math.log1p(idle)
    again, after_active, woken, after_idle = 1.0, 2.0, 1.0, 2.0
    weights = _weights(len(active), _PROFILE)
    for before, now, weight in zip(active, active[1:], weights[1:], strict=False):
        if before:
            again, after_active = again + weight * now, after_active + weight
        else:
            woken, after_idle = woken + weight * now, after_idle + weight
    yield again / after_active
    yield woken / after_idle
    at_weekends = [flag * (day >= 5) for flag, day in zip(active, weekdays, strict=True)]
    yield _mean(at_weekends, _PROFILE) * WEEK / 2


def _logarithms(amounts: Sequence[float], factors: Sequence[float], base: float) -> Iterator[float]:
    """The active days on the scale of logarithms: mean, deviation, the newest ones, memory."""
    logs, weights = [], []
    for amount, factor, weight in zip(
        amounts, factors, _weights(len(amounts), _SPREAD), strict=True
    ):
        if amount > 0:
            plain = amount / max(factor, _LEAST_FACTOR) / base
            logs.append(math.log(max(plain, _AMOUNT_FLOOR)))
            weights.append(weight)
    whole = fsum(weights) + _TINY
    mean = fsum(map(mul, logs, weights)) / whole
    spread = fsum(w * (log - mean) ** 2 for log, w in zip(logs, weights, strict=True)) / whole
    yield mean
    yield math.sqrt(spread)
    for count, memory in ((20, 1.0), (40, 4.0), (80, 15.0)):
        yield (_mean(logs[-count:], memory) if logs else 0.0) - mean
    pairs = [(a - mean) * (b - mean) for a, b in pairwise(logs)][-40:]
    together = fsum(pairs) / max(len(pairs), 1) / (spread + 0.05)
    yield min(max(together, -1.0), 1.0)


def _shape(
    amounts: Sequence[float], factors: Sequence[float], base: float, long_run: float
) -> Iterator[float]:
    """What one day can hold of it all, how far days lie from the profile, and the newest day."""
    weights = _weights(len(amounts), _SPREAD)
    weighted = list(map(mul, weights, amounts))
    yield math.log(max(weighted) / (fsum(weighted) + _TINY) + 0.01)
    middle = _average(amounts, factors, _SPREAD)
    squares = (
        weight * (amount - middle * factor) ** 2
        for weight, amount, factor in zip(weights, amounts, factors, strict=True)
    )
    deviation = math.sqrt(fsum(squares) / fsum(weights))
    yield math.log(max(deviation / max(0.5 * (middle + long_run), _TINY), 0.03))
    roots = [math.sqrt(amount) for amount in amounts]
    for memory in _ROOT_MEMORIES:
        yield math.log(_mean(roots, memory) ** 2 / base + _ROOT_FLOOR)
    newest = amounts[-1] / max(factors[-1], _LEAST_FACTOR)
    yield math.log(newest / base + _LEVEL_FLOOR)
