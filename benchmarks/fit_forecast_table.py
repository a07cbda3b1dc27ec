"""Fit the forecast's table, a small network and its offsets, on simulated spend only.

    pip install numpy && python benchmarks/fit_forecast_table.py OUT [--seed 102] [--series 10000]

Makes `resources/forecast_table.json` again; run it on purpose only, then `benchmarks/forecast.py`.
The same numpy on the same machine gives the same digits, another one nearly. Takes five minutes.

A case is one evening of one series and some days ahead. What was spent then is measured as
log((spent + margin) / (base x days + margin)), and the network learns its seven quantiles by the
quantile loss (Koenker and Bassett 1978), minimised by Adam with a falling step. Cases weigh by
(size of the forecast as a share of the series' mean) ** 0.7: at 0 every case counts alike, at 1
every dollar. One series in fifty never moves at all, so that what is steady stays steady.

Offsets come from series of the next seed, which the network never saw: by how much each quantile
has to move, in widths of its own 80 % range, so that it holds as often as it says, first by days
ahead, then by length of history.
How many days ahead are asked, and the memory, follow `plimsoll.analysis.network`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import simulated_spend as simulated

from plimsoll.analysis.network import PROBABILITIES
from plimsoll.analysis.past import MOST_DAYS
from plimsoll.analysis.pattern import pattern_of

LEVELS = np.array(PROBABILITIES)
MARGIN, FARTHEST = 0.10, 4.0
LOW80, HIGH80 = 1, 5
WIDTHS, ROUNDS, BATCH, STEP = (24, 24), 12, 2048, 3e-3
GAMMA, HEAVIEST = 0.7, 10.0
STEADY_EVERY = 50
SHORT_HISTORIES = (5, 7, 10, 14, 21, 28, 42, 70, 120)
CALIBRATION_SERIES = 2500
HORIZON_NODES, HISTORY_NODES = (1, 2, 4, 8, 15, 25, 45, 90), (5, 7, 10, 14, 21, 30, 60, 120)
TAIL = 6
"""Columns of a case after its figures: history, lead, weight, spent, base, the mean day."""


# -- cases -------------------------------------------------------------------------------------


def series_of(seed: int) -> simulated.SimulatedSeries:
    """A simulated series, or now and then one that never moves."""
    if seed % STEADY_EVERY:
        return simulated.simulate(seed)
    rng = np.random.Generator(np.random.PCG64(seed))
    start = simulated.EPOCH + timedelta(days=int(rng.integers(0, 364)))
    weekend = (start.weekday() + np.arange(420)) % 7 >= 5
    dollars = np.where(weekend, rng.choice([1.0, 1.0, 0.0, rng.random()]), 1.0)
    return simulated.SimulatedSeries(
        f"steady-{seed}", start, 10 * dollars * np.exp(rng.choice([0, 0.05]) * rng.random(420))
    )


def asked_ahead(rng: random.Random) -> Iterator[tuple[int, int]]:
    """(days before the first, days asked for): most from tomorrow on, some from later on."""
    for low, high in ((1, 3), (3, 8), (8, 15), (15, 21), (20, 27), (27, 92)):
        yield 0, rng.randint(low, high)
    yield rng.randint(1, 91), 1
    yield rng.choice((rng.randint(1, 91), rng.randint(1, 20))), rng.choice((1, 1, 7, 30))


def cases(seed: int) -> list[list[float]]:
    """Evenings some weeks apart, now and then seen with a short history."""
    series, rng = series_of(seed), random.Random(seed)
    dollars, weekdays, mean = series.dollars, series.weekdays, float(series.dollars.mean())
    sums = np.concatenate([[0.0], np.cumsum(dollars)])
    found: list[list[float]] = []
    here = rng.randint(5, 20)
    while here < len(dollars) - 1:
        length = min(here, MOST_DAYS)
        if rng.random() < 0.2:
            length = min(length, rng.choice(SHORT_HISTORIES))
        before = dollars[here - length : here]
        if before.any():
            before = before[int(np.flatnonzero(before)[0]) :]
        if len(before) >= 5 and before[-60:].any():
            pattern = pattern_of(before.tolist(), weekdays[here - len(before) : here].tolist())
            profile = np.array(pattern.profile)
            for lead, horizon in asked_ahead(rng):
                first, end = here + lead, here + lead + horizon
                if end <= len(dollars):
                    weight = profile[(weekdays[here - 1] + 1 + lead + np.arange(horizon)) % 7].sum()
                    logs = np.log(horizon)
                    figures = (logs, logs * logs / 4, weight / horizon, np.log1p(lead))
                    tail = (len(before), lead, weight, sums[end] - sums[first], pattern.base, mean)
                    found.append([*pattern.figures, *figures, *tail])
        here += rng.randint(22, 40)
    return found


def all_cases(seed: int, count: int) -> Cases:
    numbers = [seed * simulated.SERIES_APART + number for number in range(count)]
    with ProcessPoolExecutor() as pool:
        rows = [row for part in pool.map(cases, numbers, chunksize=25) for row in part]
    return Cases(np.array(rows))


@dataclass(frozen=True)
class Cases:
    """Many cases: what the network reads, and what it should have said."""

    rows: np.ndarray

    @property
    def figures(self) -> np.ndarray:
        return self.rows[:, :-TAIL]

    @property
    def horizon(self) -> np.ndarray:
        return np.exp(self.figures[:, -4])

    @property
    def history(self) -> np.ndarray:
        return self.rows[:, -6]

    @property
    def lead(self) -> np.ndarray:
        return self.rows[:, -5]

    @property
    def margin(self) -> np.ndarray:
        return MARGIN * self.rows[:, -2] * self.rows[:, -4]

    @property
    def ahead(self) -> np.ndarray:
        """The base for the days asked, and the margin."""
        return self.rows[:, -2] * self.rows[:, -4] + self.margin

    @property
    def truth(self) -> np.ndarray:
        return np.log((self.rows[:, -3] + self.margin) / self.ahead)

    @property
    def sizes(self) -> np.ndarray:
        """How much a case weighs: by its dollars, and by how often it is asked in the window."""
        share = np.minimum(self.ahead / (self.rows[:, -1] * self.horizon + 1e-9), HEAVIEST)
        usual = np.where(self.horizon <= 30, self.horizon / 15, 0.5) ** 0.25
        sizes = share**GAMMA * usual * np.where(self.lead > 0, 0.6, 1.0)
        return sizes / sizes.mean()


# -- the network -------------------------------------------------------------------------------


class Network:
    """Two layers of hyperbolic tangents; the median and softplus steps away from it."""

    def __init__(self, inputs: int, rng: np.random.Generator) -> None:
        self.parameters: list[np.ndarray] = []
        sizes = (inputs, *WIDTHS, len(LEVELS))
        for many, few in pairwise(sizes):
            gain = 0.3 if few == len(LEVELS) else 1.0
            self.parameters.append(gain * rng.standard_normal((many, few)) / np.sqrt(many))
            self.parameters.append(np.zeros(few))
        self.parameters[-1][:] = (0.0, -0.7, -1.0, -1.5, -0.7, -1.0, -1.0)
        self.parameters = [each.astype(np.float32) for each in self.parameters]

    def forward(self, inputs: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        """What each layer says, the seven outputs, and the seven quantiles they mean."""
        layers = [inputs]
        for place in (0, 2):
            added = layers[-1] @ self.parameters[place] + self.parameters[place + 1]
            layers.append(np.tanh(added))
        out = layers[-1] @ self.parameters[4] + self.parameters[5]
        steps = np.logaddexp(0, out[:, 1:])
        middle = out[:, :1]
        down = middle - np.cumsum(steps[:, :3], axis=1)
        up = middle + np.cumsum(steps[:, 3:], axis=1)
        return layers, out, np.hstack([down[:, ::-1], middle, up])

    def slopes(self, inputs: np.ndarray, truth: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
        """How the quantile loss changes with each parameter."""
        layers, out, quantiles = self.forward(inputs)
        below = truth[:, None] >= quantiles
        slope = np.where(below, -LEVELS, 1 - LEVELS) * (sizes / len(truth))[:, None]
        outer = np.empty_like(slope)
        outer[:, 0] = slope.sum(1)
        outer[:, 1:4] = -np.cumsum(slope[:, :3], axis=1)[:, ::-1]
        outer[:, 4:] = np.cumsum(slope[:, :3:-1], axis=1)[:, ::-1]
        outer[:, 1:] /= 1 + np.exp(-out[:, 1:])
        found: list[np.ndarray] = []
        back = outer.astype(np.float32)
        for place in (4, 2, 0):
            layer = layers[place // 2]
            found = [layer.T @ back, back.sum(0), *found]
            if place:
                back = (back @ self.parameters[place].T) * (1 - layer * layer)
        return found

    def train(self, inputs: np.ndarray, truth: np.ndarray, sizes: np.ndarray, rng) -> None:
        """Adam (Kingma and Ba 2015) over all cases in batches, its step falling by a cosine."""
        moved = [np.zeros_like(each) for each in self.parameters]
        shaken = [np.zeros_like(each) for each in self.parameters]
        total, done = ROUNDS * (len(truth) // BATCH), 0
        for turn in range(ROUNDS):
            order = rng.permutation(len(truth))
            for start in range(0, len(truth) - BATCH + 1, BATCH):
                batch = order[start : start + BATCH]
                done += 1
                step = STEP * 0.5 * (1 + np.cos(np.pi * done / total)) + 1e-5
                slopes = self.slopes(inputs[batch], truth[batch], sizes[batch])
                for place, slope in enumerate(slopes):
                    moved[place] += 0.1 * (slope - moved[place])
                    shaken[place] += 0.001 * (slope * slope - shaken[place])
                    size = np.sqrt(shaken[place] / (1 - 0.999**done)) + 1e-8
                    self.parameters[place] -= step * (moved[place] / (1 - 0.9**done)) / size
            print(f"round {turn + 1} of {ROUNDS}", flush=True)


# -- offsets -----------------------------------------------------------------------------------


def offsets(errors: np.ndarray, days: np.ndarray, nodes: Sequence[int]) -> np.ndarray:
    """By how much each quantile has to move, at each node, to hold as often as it says."""
    places = np.interp(np.log(np.maximum(days, 1)), np.log(nodes), np.arange(len(nodes)))
    found = np.zeros((len(nodes), len(LEVELS)))
    for node in range(len(nodes)):
        near = np.maximum(1 - np.abs(places - node), 0)
        here = near > 0
        for column, level in enumerate(LEVELS):
            order = np.argsort(errors[here, column])
            weights = near[here][order]
            middles = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
            found[node, column] = np.interp(level, middles, errors[here, column][order])
    return found


def shifts_at(table: np.ndarray, days: np.ndarray, nodes: Sequence[int]) -> np.ndarray:
    logs = np.log(np.maximum(days, 1))
    return np.column_stack([np.interp(logs, np.log(nodes), column) for column in table.T])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=102)
    parser.add_argument("--series", type=int, default=10000)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    learned = all_cases(asked.seed, asked.series)
    print(f"{len(learned.rows)} cases")
    centres, spreads = learned.figures.mean(0), learned.figures.std(0) + 1e-6

    def standard(found: Cases) -> np.ndarray:
        deviations = (found.figures - centres) / spreads
        return np.clip(deviations, -FARTHEST, FARTHEST).astype(np.float32)

    network = Network(len(centres), rng)
    truth, sizes = learned.truth.astype(np.float32), learned.sizes.astype(np.float32)
    network.train(standard(learned), truth, sizes, rng)

    unseen = all_cases(asked.seed + 1, CALIBRATION_SERIES)
    quantiles = network.forward(standard(unseen))[2]
    spread = (quantiles[:, HIGH80] - quantiles[:, LOW80])[:, None]
    errors = (unseen.truth[:, None] - quantiles) / spread
    near = unseen.lead == 0
    by_horizon = offsets(errors[near], unseen.horizon[near], HORIZON_NODES)
    errors -= shifts_at(by_horizon, unseen.horizon, HORIZON_NODES)
    by_history = offsets(errors[near], unseen.history[near], HISTORY_NODES)
    weights = network.parameters
    document = {
        "train": f"sim:{asked.seed}:{asked.series}, offsets sim:{asked.seed + 1}",
        "cases": len(learned.rows),
        "ps": LEVELS.tolist(),
        "centres": shortened(centres),
        "spreads": shortened(spreads),
        "layers": [
            {"weights": shortened(weights[place].T), "biases": shortened(weights[place + 1])}
            for place in (0, 2, 4)
        ],
        "by_horizon": {"days": HORIZON_NODES, "shifts": shortened(by_horizon)},
        "by_history": {"days": HISTORY_NODES, "shifts": shortened(by_history)},
    }
    asked.out.write_text(json.dumps(document) + "\n", encoding="utf-8")
    print(f"written to {asked.out}")


def shortened(numbers: np.ndarray) -> list:
    return np.round(numbers.astype(float), 4).tolist()


if __name__ == "__main__":
    main()
