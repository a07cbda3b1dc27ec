"""A day that was last asked for while it lasted, as a complete one and as the part that it is.

    pip install numpy && python benchmarks/cut_days.py [--series 70]

At every second origin of simulated months (`forecast.py`) the last day is cut off at a random
share of it, and holds about that share of its spend. The forecast is made from the whole day, from
the cut one taken as complete, and from the cut one that says how much of it had passed. Amounts are
shares of the series' average month. Exits 1 where the cut day drags the median by more than a
hundredth, or costs the quantiles more than 2 % of their loss. Takes twenty seconds.
"""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import replace
from statistics import mean

import forecast as measured
import simulated_spend as simulated

from plimsoll.analysis.forecast import forecast_period
from plimsoll.analysis.network import PROBABILITIES
from plimsoll.domain.money import NANO
from plimsoll.domain.question import DaySpend

SEED, SPREAD = 90003, 0.15


def scored(origin: measured.Origin, days: list[DaySpend], spent: float) -> tuple[float, float]:
    """The error of the median and the mean loss of the seven quantiles."""
    found = forecast_period(
        days,
        period=origin.month,
        today=origin.today,
        day_elapsed=0.0,
        spent_so_far=round(spent * NANO),
        table=measured.TABLE,
    )
    truth = origin.spent + origin.rest
    ends = [found.spent + quantile for quantile in found.rest] or [found.median] * 7
    losses = [
        max(p * (truth - end / NANO), (p - 1) * (truth - end / NANO))
        for p, end in zip(PROBABILITIES, ends, strict=True)
    ]
    return (found.median / NANO - truth) / origin.scale, mean(losses) / origin.scale


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--series", type=int, default=70)
    rng = random.Random(5)
    scores: dict[str, list[tuple[float, float]]] = {"whole": [], "as complete": [], "cut": []}
    for series in simulated.population(arguments.parse_args().series, SEED):
        for origin in list(measured.origins(series))[::2]:
            *before, last = origin.days
            if last.day not in origin.month:
                continue
            elapsed = rng.uniform(0.03, 0.97)
            seen = min(max(rng.gauss(elapsed, SPREAD), 0), 1)
            cut = replace(last, billed=round(last.billed * seen), elapsed=elapsed)
            spent = origin.spent - (last.billed - cut.billed) / NANO
            scores["whole"].append(scored(origin, [*before, last], origin.spent))
            scores["as complete"].append(scored(origin, [*before, replace(cut, elapsed=1)], spent))
            scores["cut"].append(scored(origin, [*before, cut], spent))
    means = {}
    for name, found in scores.items():
        means[name] = mean(error for error, _ in found), mean(loss for _, loss in found)
        error, lost = means[name]
        print(f"{name:<12} {len(found)} origins  error {error:+.4f}  loss {lost:.4f}")
    (whole, loss), (cut_error, cut_loss) = means["whole"], means["cut"]
    return int(abs(cut_error - whole) > 0.01 or cut_loss > 1.02 * loss)


if __name__ == "__main__":
    sys.exit(main())
