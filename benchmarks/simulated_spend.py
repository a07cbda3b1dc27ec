"""Simulated daily spend of people, keys, jobs and teams: what the forecast is measured on.

    population(n, seed) -> n series

Needs numpy (`pip install numpy`), which nothing else in the project does. The same seed gives the
same bits everywhere: PCG64, and only calls whose streams are stable across platforms. The check is
`fingerprint(population(5, 90001))`, which begins `ced5c8fcb564aaea`.

Features, each with a rate of its own for each series: days without use (a two-state Markov chain),
a weekday profile, log-normal amounts with memory, a level that wanders and grows, shifts when a
model or an agent is adopted or dropped, price changes, bursts, idle gaps with a heavy tail, jobs on
certain days, adoption ramps, models that die, newcomers, teams. Set to 22 real series of daily
spend that people publish: 17 to 88 % active days, a deviation of log amounts of 1.1 to 3.2.
The order of the draws is part of the definition: do not reorder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

EPOCH = date(2025, 1, 1)
NEVER = 1e9
SERIES_APART = 1_000_003
"""Between the seeds of two populations: their series never share one."""

Rng = np.random.Generator
Floats = np.ndarray


@dataclass(frozen=True)
class SimulatedSeries:
    """One series: dollars for each calendar day from `start`, its first day with spend, on."""

    name: str
    start: date
    dollars: Floats

    @property
    def weekdays(self) -> Floats:
        """Monday is 0."""
        return (self.start.weekday() + np.arange(len(self.dollars))) % 7


@dataclass(frozen=True)
class Habits:
    """How one person or one key spends; probabilities are by day, rates in days between events."""

    active: float
    active_weekend: float
    stick: float
    log_amount: float
    wander: float
    growth: float
    shift_every: float
    shift_mean: float
    shift_spread: float
    memory: float
    spread: float
    weekend_amount: float
    burst_every: float
    burst_length: int
    gap_every: float
    gap_length: float


def habits_of_a_developer(rng: Rng, *, bursty: bool = False, hobby: bool = False) -> Habits:
    return Habits(
        active=0.2 + 0.2 * rng.random() if hobby else 0.45 + 0.45 * rng.random(),
        active_weekend=0.35 + 0.3 * rng.random() if hobby else 0.05 + 0.5 * rng.random(),
        stick=0.25 + 0.35 * rng.random(),
        log_amount=np.log(2 + 25 * rng.random()),
        wander=0.02 + 0.05 * rng.random(),
        growth=0.010 * (rng.random() - 0.35),
        shift_every=(45 if bursty else 70) + 70 * rng.random(),
        shift_mean=0.30,
        shift_spread=1.15 if bursty else 0.9,
        memory=0.2 + 0.3 * rng.random(),
        spread=1.2 + 0.6 * rng.random() if bursty else 0.75 + 0.5 * rng.random(),
        weekend_amount=0.4 + 0.7 * rng.random(),
        burst_every=22 if bursty else 45,
        burst_length=6 if bursty else 3,
        gap_every=45 if bursty else 90,
        gap_length=10 if bursty else 5,
    )


def habits_of_production(rng: Rng) -> Habits:
    """A service that runs every day and grows."""
    return Habits(
        active=1.0,
        active_weekend=1.0,
        stick=0.5,
        log_amount=np.log(10 + 150 * rng.random()),
        wander=0.01 + 0.02 * rng.random(),
        growth=0.012 * (rng.random() - 0.25),
        shift_every=120,
        shift_mean=0.15,
        shift_spread=0.4,
        memory=0.5,
        spread=0.12 + 0.25 * rng.random(),
        weekend_amount=0.35 + 0.65 * rng.random(),
        burst_every=60,
        burst_length=2,
        gap_every=NEVER,
        gap_length=1,
    )


def habits_of_a_job(rng: Rng) -> Habits:
    """Small steady use, on which large jobs are put later."""
    return Habits(
        active=0.9,
        active_weekend=0.9,
        stick=0.3,
        log_amount=np.log(1 + 4 * rng.random()),
        wander=0.02,
        growth=0.002,
        shift_every=150,
        shift_mean=0.1,
        shift_spread=0.5,
        memory=0.2,
        spread=0.5,
        weekend_amount=1.0,
        burst_every=80,
        burst_length=2,
        gap_every=200,
        gap_length=3,
    )


# -- one person or one key ---------------------------------------------------------------------


def spend(rng: Rng, weekdays: Floats, habits: Habits) -> Floats:
    """Dollars by day of one person or one key."""
    days = len(weekdays)
    weekend = weekdays >= 5
    active = _active_days(rng, weekend, habits)
    level = _level(rng, days, habits)
    memory = _remembered_noise(rng, days, habits.memory)
    by_weekday = np.exp(0.12 * rng.standard_normal(7))[weekdays]
    profile = np.where(weekend, habits.weekend_amount, 1.0) * by_weekday
    spread = habits.spread
    dollars = np.exp(habits.log_amount + level + spread * memory - 0.5 * spread**2 * 0.5) * profile
    for day in _events(rng, habits.burst_every, 2, days):
        length = 1 + int(rng.integers(0, habits.burst_length))
        dollars[day : day + length] *= float(np.exp(np.log(3.0) + 0.5 * rng.standard_normal()))
        active[day : day + length] |= rng.random(min(length, days - day)) < 0.9
    dollars = dollars * active
    for day in _events(rng, habits.gap_every, 10, days):
        length = 3 + int(np.exp(np.log(habits.gap_length) + 1.1 * rng.standard_normal()))
        dollars[day : day + length] = 0
    return dollars


def _events(rng: Rng, every: float, apart: int, days: int):
    """Days of events, drawn one by one while the caller draws what happens at each."""
    day = 0
    while True:
        day += int(rng.exponential(every)) + apart
        if day >= days:
            return
        yield day


def _active_days(rng: Rng, weekend: Floats, habits: Habits) -> Floats:
    active = np.zeros(len(weekend), bool)
    now = rng.random() < habits.active
    for day, is_weekend in enumerate(weekend):
        usual = habits.active_weekend if is_weekend else habits.active
        moved = (1 - habits.stick) * usual
        odds = habits.stick + moved if now else moved + habits.stick * usual * 0.35
        quieter = is_weekend and habits.active_weekend < habits.active
        now = rng.random() < odds * (usual / max(habits.active, 1e-9) if quieter else 1)
        active[day] = now
    return active


def _level(rng: Rng, days: int, habits: Habits) -> Floats:
    """The logarithm of the level: it wanders, grows, meets plan limits, shifts, is repriced."""
    level = np.cumsum(habits.wander * rng.standard_normal(days)) + habits.growth * np.arange(days)
    level = level - np.maximum(level - 4.0, 0) * 0.7
    for day in _events(rng, habits.shift_every, 7, days):
        level[day:] += habits.shift_mean + habits.shift_spread * rng.standard_normal()
    for day in _events(rng, 150, 20, days):
        level[day:] += -0.10 + 0.25 * rng.standard_normal()
    return level


def _remembered_noise(rng: Rng, days: int, memory: float) -> Floats:
    fresh = rng.standard_normal(days)
    noise = np.zeros(days)
    noise[0] = fresh[0]
    for day in range(1, days):
        noise[day] = memory * noise[day - 1] + np.sqrt(1 - memory * memory) * fresh[day]
    return noise


# -- personas ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """What a persona is told from: its random numbers and its calendar."""

    rng: Rng
    start: date
    weekdays: Floats

    @property
    def days(self) -> int:
        return len(self.weekdays)

    def spend(self, habits: Habits) -> Floats:
        return spend(self.rng, self.weekdays, habits)


def developer(story: Story) -> Floats:
    return story.spend(habits_of_a_developer(story.rng))


def bursty_developer(story: Story) -> Floats:
    return story.spend(habits_of_a_developer(story.rng, bursty=True))


def hobbyist(story: Story) -> Floats:
    bursty = story.rng.random() < 0.5
    return story.spend(habits_of_a_developer(story.rng, bursty=bursty, hobby=True))


def production(story: Story) -> Floats:
    return story.spend(habits_of_production(story.rng))


def adopter(story: Story) -> Floats:
    """A slow start, then a ramp of ten times or more within weeks, as agents are adopted."""
    rng = story.rng
    dollars = story.spend(habits_of_a_developer(rng, bursty=rng.random() < 0.6))
    middle = int(rng.integers(30, story.days - 40))
    weeks, rise = 6 + 30 * rng.random(), 1.5 + 2.0 * rng.random()
    ramp = rise / (1 + np.exp(-(np.arange(story.days) - middle) / weeks))
    return dollars * np.exp(ramp - rise * 0.7)


def life_of_a_model(story: Story) -> Floats:
    """A model, key or project: adopted, used for weeks or months, then replaced for good."""
    rng = story.rng
    dollars = story.spend(habits_of_a_developer(rng, bursty=rng.random() < 0.5))
    day = int(rng.integers(0, 90))
    dollars[:day] = 0
    while day < story.days:
        day += int(20 + rng.exponential(60))
        away = story.days if rng.random() < 0.45 else int(5 + rng.exponential(25))
        dollars[day : day + away] = 0
        day += away
    return dollars


def batch_job(story: Story) -> Floats:
    """Large jobs on the first of the month, on one weekday, or every week of the month."""
    rng = story.rng
    dollars = story.spend(habits_of_a_job(rng))
    kind, factor = int(rng.integers(0, 3)), 10 + 30 * rng.random()
    of_month = np.array([(story.start + timedelta(days=n)).day for n in range(story.days)])
    if kind == 0:
        hit = of_month == 1
    elif kind == 1:
        hit = story.weekdays == int(rng.integers(0, 5))
    else:
        hit = of_month % 7 == 3
    usual = np.median(dollars[dollars > 0])
    return dollars + hit * factor * usual * np.exp(0.3 * rng.standard_normal(story.days))


def team(story: Story) -> Floats:
    rng = story.rng
    dollars = np.zeros(story.days)
    for _ in range(3 + int(rng.integers(0, 8))):
        one = story.spend(habits_of_a_developer(rng, bursty=rng.random() < 0.4))
        joined = int(rng.integers(0, story.days // 2)) if rng.random() < 0.5 else 0
        one[:joined] = 0
        dollars += one
    return dollars


def newcomer(story: Story) -> Floats:
    dollars = developer(story)
    dollars[: int(story.rng.integers(story.days // 4, int(story.days * 0.8)))] = 0
    return dollars


PERSONAS: tuple[tuple[str, float, Callable[[Story], Floats]], ...] = (
    ("dev", 0.20, developer),
    ("dev_bursty", 0.20, bursty_developer),
    ("adopter", 0.12, adopter),
    ("model_life", 0.14, life_of_a_model),
    ("hobby", 0.06, hobbyist),
    ("prod_api", 0.10, production),
    ("batch", 0.04, batch_job),
    ("team", 0.10, team),
    ("newcomer", 0.04, newcomer),
)
"""Each persona with its share of a population."""


def simulate(seed: int, days: int = 420) -> SimulatedSeries:
    """One series of a persona drawn by its share."""
    rng = np.random.Generator(np.random.PCG64(seed))
    name, persona = _drawn(rng.random())
    start = EPOCH + timedelta(days=int(rng.integers(0, 364)))
    weekdays = (start.weekday() + np.arange(days)) % 7
    dollars = persona(Story(rng, start, weekdays))
    used = np.nonzero(dollars)[0]
    first = int(used[0]) if len(used) else 0
    return SimulatedSeries(
        f"{name}-{seed}", start + timedelta(days=first), np.round(dollars[first:], 6)
    )


def _drawn(share: float) -> tuple[str, Callable[[Story], Floats]]:
    below = 0.0
    for name, weight, persona in PERSONAS:
        below += weight
        if share < below:
            return name, persona
    name, _, persona = PERSONAS[-1]
    return name, persona


def population(n: int, seed: int) -> list[SimulatedSeries]:
    """`n` series of one seed."""
    return [simulate(seed * SERIES_APART + number) for number in range(n)]


def fingerprint(series: Sequence[SimulatedSeries]) -> str:
    """What tells that the simulator is still the same."""
    return hashlib.sha256(b"".join(one.dollars.tobytes() for one in series)).hexdigest()


def first_days(series: SimulatedSeries, days: int) -> SimulatedSeries:
    """A series cut short."""
    return replace(series, dollars=series.dollars[:days])
