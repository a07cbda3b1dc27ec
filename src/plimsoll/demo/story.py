"""The story: what was used in every hour of every day, the same for a seed whatever the time is.

Only additions, multiplications and the generator's own uniform numbers are used, so that every
platform tells the same story to the last token.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from plimsoll.demo.anthropic_workloads import anthropic_series
from plimsoll.demo.company import FOUNDED
from plimsoll.demo.lab import lab_series
from plimsoll.demo.openai_workloads import openai_series
from plimsoll.demo.workloads import CACHE_STEP, COUNTERS, Series
from plimsoll.domain.calendar import day_start, utc_day

PROVIDERS = ("openai", "anthropic")
"""Northwind's two organisations, by the words of their providers."""

LAB = "lab"
"""Harbour Lab's organisation, which is at OpenAI, too."""

ORGANISATIONS = {"openai": "openai", "anthropic": "anthropic", LAB: "openai"}
"""Every organisation of the story, and the word of its provider."""

SHORTEST_HISTORY = 380
"""Days of story before the first `now`: a year and a fortnight at least."""

_STEP = timedelta(days=364)
_HOUR = timedelta(hours=1)
_NO_CELLS: tuple[tuple[Cell, ...], ...] = ((),) * 24

_HOLIDAYS = frozenset(
    {
        *((12, day) for day in (24, 25, 26, 31)),
        (1, 1),
        (1, 6),
        (4, 3),
        (4, 6),
        (5, 1),
        (5, 14),
        (5, 25),
        (11, 1),
    }
)
"""Days (month, day) on which the company's people do not work, as they fell in the first year."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one provider counted on one day: for each endpoint, the cells of each of 24 hours."""

    cells: dict[str, tuple[tuple[Cell, ...], ...]]

    def hours(self, endpoint: str) -> tuple[tuple[Cell, ...], ...]:
        """24 tuples of cells, one an hour; empty ones where nothing was used."""
        return self.cells.get(endpoint, _NO_CELLS)


Cell = tuple[int, tuple[int, ...]]
"""The number of a series and what it counted in an hour, in the order of `COUNTERS`."""

_EMPTY = Day({})


class Story:
    """Every day of the simulated company, told on demand and remembered; safe for many threads."""

    def __init__(self, *, seed: int, now: datetime) -> None:
        self.seed = seed
        self._shift = timedelta(0)
        while utc_day(now) - FOUNDED - self._shift < timedelta(days=SHORTEST_HISTORY):
            self._shift -= _STEP
        self.first_day = FOUNDED + self._shift
        self.series = {
            "openai": openai_series(),
            "anthropic": anthropic_series(),
            LAB: lab_series(),
        }
        self._told: dict[tuple[str, date], Day] = {}
        self._lock = threading.Lock()

    def story_day(self, day: date) -> date:
        """A day by the story's own calendar, which its prices and events go by.

        The two calendars are the same, unless the clock stands too early for a year of history.
        """
        return day - self._shift

    def day(self, provider: str, day: date) -> Day:
        """Everything of one provider day (UTC), as if it were over."""
        if day < self.first_day:
            return _EMPTY
        with self._lock:
            told = self._told.get((provider, day))
            if told is None:
                told = _tell(self.seed, provider, self.series[provider], self.story_day(day))
                self._told[provider, day] = told
            return told


def hours_over(day: date, now: datetime) -> int:
    """How many hours of a day (UTC) are over at `now`: 0 to 24."""
    passed = now.astimezone(UTC) - day_start(day)
    return max(0, min(24, passed // _HOUR))


def hours_billed(organisation: str, day: date, now: datetime) -> int:
    """How many hours of a day are in an organisation's costs at `now`: 0 to 24.

    OpenAI's costs come late: nothing of the current day, and until noon only the first 18 hours of
    the day before. Anthropic's are there with the usage.
    """
    over = hours_over(day, now)
    if ORGANISATIONS[organisation] == "anthropic":
        return over
    if over < 24:
        return 0
    noon_after = day_start(day) + timedelta(hours=36)
    return 24 if now >= noon_after else 18


def _tell(seed: int, provider: str, series: Sequence[Series], story_day: date) -> Day:
    dice = random.Random(f"plimsoll/{seed}/{provider}/{story_day.isoformat()}")  # noqa: S311 - a story, no secret
    mood = 0.93 + 0.14 * dice.random()
    hours: dict[str, list[list[Cell]]] = {}
    for one in series:
        share = one.stint.share_on(story_day)
        if share <= 0:
            continue
        into = hours.get(one.endpoint)
        if into is None:
            into = hours[one.endpoint] = [[] for _ in range(24)]
        if one.endpoint == "vector_stores":
            _stored(one, story_day, into)
            continue
        calls = one.volume * share * _size_of_day(one, story_day, dice) * mood
        if calls > 0:
            _fill(one, calls, dice, into)
    return Day({name: tuple(tuple(hour) for hour in day) for name, day in hours.items()})


def _size_of_day(series: Series, story_day: date, dice: random.Random) -> float:
    """How large a workload's day is against an ordinary weekday at the end of the first year."""
    rhythm = series.rhythm
    wobble, out = 0.75 + 0.5 * dice.random(), dice.random()
    if not rhythm.grows:
        return 1.0
    size = wobble * _growth(story_day)
    if story_day.weekday() >= 5:
        size *= rhythm.weekend
    if rhythm.personal:
        if (story_day.month, story_day.day) in _HOLIDAYS:
            size *= 0.06
        elif story_day.month == 12 and story_day.day >= 20:
            size *= 0.35
        elif story_day.month == 8 and 3 <= story_day.day <= 21:
            size *= 0.7
        if out < 0.06:
            return 0.0
    return size


def _growth(story_day: date) -> float:
    """The company's appetite: a quarter at first, the whole after a year, at most half again."""
    return min(1.5, 0.25 + 0.75 * (story_day - FOUNDED).days / 390)


def _fill(series: Series, calls: float, dice: random.Random, into: list[list[Cell]]) -> None:
    roll = dice.random
    endpoint, number, means = series.endpoint, series.number, series.means
    stepped = endpoint == "completions"
    for hour, share in enumerate(series.rhythm.hours):
        if not share:
            continue
        count = int(calls * share * (0.6 + 0.8 * roll()) + roll())
        if not count:
            continue
        if len(means) == 1:
            amount = int(count * means[0] * (0.8 + 0.4 * roll()) + roll())
            into[hour].append((number, (count, max(amount, 1))))
        elif stepped:
            into[hour].append((number, _completions(count, means, roll(), roll())))
        elif means:
            into[hour].append((number, _messages(count, means, roll(), roll(), roll())))
        else:
            into[hour].append((number, (count,)))


def _completions(
    calls: int, means: tuple[float, ...], read: float, written: float
) -> tuple[int, ...]:
    """OpenAI's counts of one hour; what comes from the cache does so in steps of 128 tokens."""
    inward, outward = calls * (0.8 + 0.4 * read), calls * (0.8 + 0.4 * written)
    fresh, cached, writes, output, audio_in, audio_cached, audio_out = means
    return (
        calls,
        2 * int(inward * fresh / 2) + 2,
        CACHE_STEP * int(inward * cached / CACHE_STEP),
        2 * int(inward * writes / 2),
        2 * int(outward * output / 2) + 2,
        int(inward * audio_in),
        CACHE_STEP * int(inward * audio_cached / CACHE_STEP),
        int(outward * audio_out),
    )


def _messages(
    calls: int, means: tuple[float, ...], read: float, written: float, looked_up: float
) -> tuple[int, ...]:
    """Anthropic's counts of one hour."""
    inward, outward = calls * (0.8 + 0.4 * read), calls * (0.8 + 0.4 * written)
    fresh, cached, write_5m, write_1h, output, searches = means
    return (
        calls,
        int(inward * fresh) + 1,
        int(inward * cached),
        int(inward * write_5m),
        int(inward * write_1h),
        int(outward * output) + 1,
        int(calls * searches + looked_up) if searches else 0,
    )


def _stored(series: Series, story_day: date, into: list[list[Cell]]) -> None:
    """Bytes kept in a vector store: a level, the same all day, in whole steps of 4 MiB."""
    steps = int(series.volume * _growth(story_day))
    cell = (series.number, (steps * 4 * 1024 * 1024,))
    for hour in into:
        hour.append(cell)


__all__ = [
    "COUNTERS",
    "LAB",
    "ORGANISATIONS",
    "PROVIDERS",
    "Cell",
    "Day",
    "Story",
    "hours_billed",
    "hours_over",
]
