"""Unusual days on simulated spend: how many are told, and how many made-up ones are found.

    pip install numpy && python benchmarks/unusual.py [--seeds 90001 90002 90003] [--series 100]

Alarms are counted on the series as they are, whose own bursts count as alarms, too. Then single
days, drawn evenly, are set to five and to ten times the usual active day (the larger of the median
and the mean of the last 28 days' active ones), one at a time, and judged without the quiet week.
Rivals: mean and three deviations, and 3.5 robust deviations in dollars, with the same least amount
and the same quiet week.

Then accounts of six series each (its models) with their whole: all alarms of an account are counted
where only the whole is judged, where every part is judged for itself, and as it ships, the parts
under one budget with the whole; and of made-up tenfold days of one part, how many
are told, as such or as a day of the whole. Exits 1 if a bar is missed. Takes two minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean, median, pstdev

import numpy as np
import simulated_spend as simulated

from plimsoll.analysis import anomaly
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend, Dimension

UNSEEN = (90001, 90002, 90003)
FIRST_DAY, DAYS_BEFORE, TRIES = 60, 120, 4
FACTORS = (5, 10)

Judge = Callable[[Sequence[float], int], bool]


def ours(amounts: Sequence[float], place: int) -> bool:
    """Whether one day is unusual, whatever was told in the week before it."""
    first = max(place - DAYS_BEFORE, 0)
    scores = []
    for here in range(first, place + 1):
        before = amounts[max(here - 56, first) : here]
        scores.append(anomaly.score(amounts[here], [each for each in before if each > 0]))
    return scores[-1] > anomaly.bar(scores[:-1]) and anomaly.is_money(amounts, place)


def mean_and_deviations(amounts: Sequence[float], place: int) -> bool:
    before = amounts[place - 56 : place]
    return amounts[place] > fmean(before) + 3 * pstdev(before) and anomaly.is_money(amounts, place)


def robust_in_dollars(amounts: Sequence[float], place: int) -> bool:
    before = amounts[place - 56 : place]
    middle = median(before)
    spread = 1.4826 * median(abs(each - middle) for each in before)
    return amounts[place] > middle + 3.5 * spread and anomaly.is_money(amounts, place)


JUDGES: dict[str, Judge] = {
    "Plimsoll": ours,
    "mean + 3 deviations": mean_and_deviations,
    "3.5 robust, in dollars": robust_in_dollars,
}


def alarms(judge: Judge, amounts: Sequence[float]) -> int:
    """How many days are told, with a quiet week after each."""
    found, last = 0, -anomaly.QUIET_DAYS
    for place in range(FIRST_DAY, len(amounts)):
        if place - last >= anomaly.QUIET_DAYS and judge(amounts, place):
            found, last = found + 1, place
    return found


def told(series: simulated.SimulatedSeries) -> int:
    """The same by the function that ships."""
    days = [
        DaySpend(series.start + timedelta(days=place), billed=round(dollars * NANO))
        for place, dollars in enumerate(series.dollars.tolist())
    ]
    after = series.start + timedelta(days=FIRST_DAY)
    found = anomaly.unusual_days(days, today=days[-1].day + timedelta(days=1))
    return sum(each.day >= after for each in found)


def made_up(amounts: Sequence[float], rng: np.random.Generator) -> list[tuple[int, float]]:
    """Places for a made-up day, and what an active day costs there."""
    found = []
    for place in rng.choice(np.arange(70, len(amounts) - 4), TRIES, replace=False).tolist():
        active = [each for each in amounts[place - 28 : place] if each > 0]
        if len(active) >= 5:
            found.append((place, max(median(active), fmean(active))))
    return found


def is_found(judge: Judge, amounts: Sequence[float], place: int, amount: float) -> bool:
    return judge([*amounts[:place], amount], place)


MODELS = 6
HISTORY = 200


@dataclass(frozen=True)
class SimulatedAccount:
    """Six series of one length as an account's models, in nano-dollars by day."""

    days: tuple[date, ...]
    models: dict[anomaly.Part, dict[date, int]]

    @property
    def whole(self) -> list[DaySpend]:
        return [DaySpend(d, billed=sum(own[d] for own in self.models.values())) for d in self.days]

    def told(self, *, parts: bool = True) -> tuple[anomaly.UnusualDay, ...]:
        today = self.days[-1] + timedelta(days=1)
        found = anomaly.unusual_days(self.whole, today=today, parts=self.models if parts else None)
        return tuple(each for each in found if each.day >= self.days[FIRST_DAY])

    def told_apart(self) -> int:
        """Alarms where the whole and every part are judged for themselves."""
        today = self.days[-1] + timedelta(days=1)
        series = [[DaySpend(d, billed=own[d]) for d in self.days] for own in self.models.values()]
        found = [anomaly.unusual_days(each, today=today) for each in (self.whole, *series)]
        return sum(each.day >= self.days[FIRST_DAY] for own in found for each in own)


def accounts(population: Sequence[simulated.SimulatedSeries]) -> list[SimulatedAccount]:
    """The series that are long enough, six at a time, as they come."""
    long = [series for series in population if len(series.dollars) >= HISTORY]
    days = tuple(date(2026, 1, 1) + timedelta(days=place) for place in range(HISTORY))
    found = []
    for first in range(0, len(long) - MODELS + 1, MODELS):
        models: dict[anomaly.Part, dict[date, int]] = {}
        for number, series in enumerate(long[first : first + MODELS]):
            dollars = series.dollars.tolist()[-HISTORY:]
            nanos = [round(amount * NANO) for amount in dollars]
            models[Dimension.MODEL, f"model-{number}"] = dict(zip(days, nanos, strict=True))
        found.append(SimulatedAccount(days, models))
    return found


def tenfold(account: SimulatedAccount, part: anomaly.Part) -> SimulatedAccount | None:
    """The account with its last day of one part ten times the usual active day there; None where
    that is less than half a usual day of the whole, which is no news by rule.
    """
    last = account.days[-1]
    own = account.models[part]
    active = [own[d] for d in account.days[-29:-1] if own[d] > 0]
    whole = fmean(day.spent for day in account.whole[-31:-1])
    if len(active) < 5 or 10 * max(median(active), fmean(active)) < whole / 2:
        return None
    spent = round(10 * max(median(active), fmean(active)))
    return replace(account, models={**account.models, part: {**own, last: spent}})


def judge_accounts(population: Sequence[simulated.SimulatedSeries]) -> float:
    """Prints what becomes of accounts; answers the alarms of one in a month."""
    found = accounts(population)
    months = len(found) * (HISTORY - FIRST_DAY) / 30
    shipped = sum(len(each.told()) for each in found) / months
    whole = sum(len(each.told(parts=False)) for each in found) / months
    apart = sum(each.told_apart() for each in found) / months
    tried = [
        (made, part)
        for each in found
        for part in each.models
        if (made := tenfold(each, part)) is not None
    ]
    seen = by_whole = 0
    for made, part in tried:
        last = made.days[-1]
        told = next((each for each in made.told() if each.day == last), None)
        seen += told is not None and told.part in {None, part}
        by_whole += any(each.day == last for each in made.told(parts=False))
    count = max(len(tried), 1)
    print(f"{len(found)} accounts of {MODELS} models, {len(tried)} tenfold days of one of them")
    print(f"  only the whole           alarms {whole:.2f} a month   told {by_whole / count:.0%}")
    print(f"  every part for itself    alarms {apart:.2f} a month")
    print(f"  as it ships              alarms {shipped:.2f} a month   told {seen / count:.0%}")
    return shipped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=UNSEEN)
    parser.add_argument("--series", type=int, default=100)
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    population = [s for seed in asked.seeds for s in simulated.population(asked.series, seed)]
    long = [series for series in population if len(series.dollars) >= 130]
    amounts = [series.dollars.tolist() for series in long]
    tries = [(own, *one) for own in amounts for one in made_up(own, rng)]
    months = sum(len(own) - FIRST_DAY for own in amounts) / 30
    print(f"{len(long)} series, {len(tries)} made-up days, seeds {asked.seeds}")
    rates = {}
    for name, judge in JUDGES.items():
        per_month = sum(alarms(judge, own) for own in amounts) / months
        found = {
            factor: fmean(
                is_found(judge, own, place, factor * usual) for own, place, usual in tries
            )
            for factor in FACTORS
        }
        rates[name] = per_month, found[10]
        print(
            f"  {name:<24} alarms per series and 30 days {per_month:.2f}   "
            + "   ".join(f"x{factor} day found {share:.0%}" for factor, share in found.items())
        )
    shipped = sum(map(told, long)) / months
    per_month, found_tenfold = rates["Plimsoll"]
    print(f"  as it ships: {shipped:.2f} alarms per series and 30 days")
    alarms_a_month = judge_accounts(population)
    bars = (
        (f"alarms of an account a month {alarms_a_month:.2f}, at most 1", alarms_a_month <= 1.0),
        (f"alarms per series and 30 days {shipped:.2f}, at most 0.60", shipped <= 0.60),
        (f"x10 days found {found_tenfold:.0%}, at least 70%", found_tenfold >= 0.70),
    )
    for words, held in bars:
        print(f"  {'held' if held else 'MISSED'}  {words}")
    return 0 if all(held for _, held in bars) and per_month <= 0.60 else 1


if __name__ == "__main__":
    sys.exit(main())
