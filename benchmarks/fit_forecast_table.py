"""Fit the forecast's table of conformal factors, on simulated spend only.

    pip install numpy && python benchmarks/fit_forecast_table.py OUT [--seed 101] [--series 240]

Makes `resources/forecast_table.json` again, to the last digit, in half a minute; run it on purpose
only, then `benchmarks/forecast.py`. At each node of (days ahead, dispersion, idle days), and for
each of the seven probabilities p, the factor is the weighted p-quantile of

    (what was spent + margin) / (raw p-quantile + margin)

over the training cases near the node: split conformal prediction with a multiplicative score, kept
apart by node. A second table does the same by length of history. Cases weigh by (size of the
forecast as a share of the series' mean) ** 0.35: at 0 every case counts alike, at 1 every dollar.

The engine here is the numpy twin of `plimsoll.analysis.paths`, with numpy's random numbers, which
is what the shipped factors were fitted with; the two agree within the noise of their paths.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import simulated_spend as simulated

from plimsoll.analysis.conformal import PROBABILITIES
from plimsoll.analysis.paths import Pattern, pattern_of

HORIZONS = np.array([1, 2, 4, 7, 12, 20, 30, 60, 90.0])
DISPERSIONS = np.array([0.2, 0.4, 0.7, 1.0, 1.5, 2.2, 3.2, 4.8])
IDLES = np.array([0, 2, 5, 12, 30.0])
HISTORIES = np.array([5, 7, 10, 14, 21, 28, 42, 70, 120.0])
LEVELS = np.array(PROBABILITIES)
MARGIN, GAMMA, HEAVIEST = 0.10, 0.35, 10.0
PATHS, MOST_DAYS, SEED = 150, 200, 12345
LEAST_CASES = 80


@dataclass(frozen=True)
class Case:
    """One training case: seven scores and seven weights, and what it looks like."""

    horizon: int
    dispersion: float
    idle: int
    history: int
    scores: np.ndarray
    sizes: np.ndarray


Correct = Callable[[np.ndarray, float, int, Pattern], np.ndarray]


def raw_quantiles(dollars: np.ndarray, weekdays: np.ndarray, pattern: Pattern, horizon: int):
    """Seven quantiles of the sum of the days ahead, and the margin that goes with them."""
    profile = np.array(pattern.profile)
    columns = profile[(weekdays[-1] + 1 + np.arange(horizon)) % 7]
    days, count = len(dollars), -(-horizon // 7)
    rng = np.random.Generator(np.random.PCG64(SEED))
    plain = dollars / np.maximum(profile[weekdays], 0.05)
    starts = max(days - 6, 1)
    chances = 0.5 ** (np.arange(starts - 1, -1, -1) / 28.0)
    chances = np.cumsum(chances / chances.sum())
    drawn = np.searchsorted(chances, rng.random((PATHS, count)) * 0.999999)
    places = (drawn[:, :, None] + np.arange(7)).reshape(PATHS, -1)[:, :horizon]
    sums = plain[np.minimum(places, days - 1)] * columns
    wanted = (pattern.level + 0.02 * pattern.base) * columns.sum()
    centre = wanted / max(sums.sum(1).mean(), 1e-12)
    errors = centre * np.exp(0.35 * rng.standard_normal((PATHS, 1)) - 0.35**2 / 2)
    margin = MARGIN * pattern.base * columns.sum()
    return np.quantile((sums * errors).sum(1), LEVELS), margin


def case(
    series: simulated.SimulatedSeries, here: int, history: int, horizon: int, correct: Correct
) -> Case:
    """What a forecast made on one evening would have had to be multiplied by."""
    dollars = series.dollars[max(here - history, 0) : here]
    weekdays = series.weekdays[max(here - history, 0) : here]
    pattern = pattern_of(dollars.tolist(), weekdays.tolist())
    quantiles, margin = raw_quantiles(dollars, weekdays, pattern, horizon)
    quantiles = correct(quantiles, margin, horizon, pattern)
    actual = series.dollars[here : here + horizon].sum()
    return Case(
        horizon=horizon,
        dispersion=pattern.dispersion,
        idle=pattern.idle,
        history=history,
        scores=(actual + margin) / (quantiles + margin),
        sizes=(quantiles + margin) / (series.dollars.mean() * horizon + 1e-9),
    )


def uncorrected(quantiles: np.ndarray, _margin: float, _horizon: int, _pattern: Pattern):
    return quantiles


def first_cases(population: list[simulated.SimulatedSeries]) -> Iterator[Case]:
    """Every ninth evening of every series, at eight horizons, with all of its history."""
    for series in population:
        days = len(series.dollars)
        for here in range(14, days - 1, 9):
            if series.dollars[:here].sum() <= 0:
                continue
            for horizon in (1, 3, 7, 14, 22, 30, 60, 90):
                if here + horizon <= days:
                    yield case(series, here, MOST_DAYS, horizon, uncorrected)


def second_cases(
    population: list[simulated.SimulatedSeries], factors: np.ndarray
) -> Iterator[Case]:
    """Every eleventh evening, seen with a shorter history, after the first correction."""

    def correct(quantiles: np.ndarray, margin: float, horizon: int, pattern: Pattern):
        found = (quantiles + margin) * interpolated(factors, horizon, pattern) - margin
        return np.sort(np.maximum(found, 0.0))

    rng = np.random.default_rng(7)
    for series in population:
        days = len(series.dollars)
        for here in range(120, days - 1, 11):
            for history in rng.choice(HISTORIES, 3, replace=False).astype(int):
                if series.dollars[here - history : here].sum() <= 0:
                    continue
                for horizon in rng.choice([2, 5, 10, 15, 20, 25, 30, 60], 2, replace=False):
                    if here + horizon <= days:
                        yield case(series, here, int(history), int(horizon), correct)


# -- tables ------------------------------------------------------------------------------------


def coordinates(horizons, dispersions, idles) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places among the nodes, with fractions."""
    return (
        np.interp(np.log(horizons), np.log(HORIZONS), np.arange(len(HORIZONS))),
        np.interp(
            np.log(np.clip(dispersions, 1e-3, 99)), np.log(DISPERSIONS), np.arange(len(DISPERSIONS))
        ),
        np.interp(np.log1p(idles), np.log1p(IDLES), np.arange(len(IDLES))),
    )


def interpolated(factors: np.ndarray, horizon: int, pattern: Pattern) -> np.ndarray:
    """Seven factors between the nodes."""
    places = coordinates(horizon, pattern.dispersion, pattern.idle)
    found = np.zeros(len(LEVELS))
    for corner in range(8):
        weight, nodes = 1.0, []
        for axis, place in enumerate(places):
            low = min(int(place), factors.shape[axis] - 1)
            high, share = min(low + 1, factors.shape[axis] - 1), place - low
            upper = corner >> axis & 1
            weight *= share if upper else 1 - share
            nodes.append(high if upper else low)
        if weight:
            found = found + weight * factors[tuple(nodes)]
    return found


def weighted_quantiles(scores: np.ndarray, sizes: np.ndarray, near: np.ndarray) -> list[float]:
    """For each probability its weighted quantile of the scores in its column."""
    found = []
    for column, level in enumerate(LEVELS):
        weights = near * np.minimum(sizes[:, column], HEAVIEST) ** GAMMA + 1e-12
        order = np.argsort(scores[:, column])
        ordered, weights = scores[order, column], weights[order]
        middles = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
        found.append(float(np.interp(level, middles, ordered)))
    return found


def fit_factors(cases: list[Case]) -> np.ndarray:
    """The table by node; a node with few cases borrows from a wider neighbourhood."""
    scores, sizes = np.array([c.scores for c in cases]), np.array([c.sizes for c in cases])
    places = coordinates(
        np.array([c.horizon for c in cases]),
        np.array([c.dispersion for c in cases]),
        np.array([c.idle for c in cases]),
    )
    table = np.zeros((len(HORIZONS), len(DISPERSIONS), len(IDLES), len(LEVELS)))
    for node in np.ndindex(table.shape[:3]):
        for width in (1, 2, 3, 6):
            near = np.ones(len(cases))
            for place, centre, reach in zip(
                places, node, (min(width, 2), width, width), strict=True
            ):
                near *= np.maximum(1 - np.abs(place - centre) / reach, 0)
            if (near > 0).sum() >= LEAST_CASES:
                break
        there = near > 0
        table[node] = weighted_quantiles(scores[there], sizes[there], near[there])
    return table


def fit_histories(cases: list[Case]) -> np.ndarray:
    table = np.ones((len(HISTORIES), len(LEVELS)))
    for place, history in enumerate(HISTORIES):
        here = [c for c in cases if c.history == int(history)]
        scores, sizes = np.array([c.scores for c in here]), np.array([c.sizes for c in here])
        table[place] = weighted_quantiles(scores, sizes, np.ones(len(here)))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--series", type=int, default=240)
    asked = parser.parse_args()
    population = simulated.population(asked.series, asked.seed)
    cases = list(first_cases(population))
    factors = fit_factors(cases)
    histories = fit_histories(list(second_cases(population, factors)))
    document = {
        "hist_days": HISTORIES.tolist(),
        "hist": np.round(histories, 3).tolist(),
        "train": f"sim:{asked.seed}:{asked.series}",
        "cases": len(cases),
        "ps": LEVELS.tolist(),
        "H": HORIZONS.tolist(),
        "cv": DISPERSIONS.tolist(),
        "idle": IDLES.tolist(),
        "factors": np.round(factors, 3).tolist(),
    }
    asked.out.write_text(json.dumps(document), encoding="utf-8")
    print(f"{len(cases)} cases, {factors[..., 0].size} nodes, written to {asked.out}")


if __name__ == "__main__":
    main()
