"""The learned part of the forecast: seven quantiles of what days ahead cost, from a pattern.

A small network (two layers of hyperbolic tangents) whose weights lie in
`resources/forecast_table.json`, trained with the quantile loss on simulated spend only
(`benchmarks/fit_forecast_table.py`): it answers as the average of all simulated pasts that look
like this one would. It reads the figures of `pattern` and how many days are asked for, from when;
it gives the median and its distances to the six others on a logarithmic scale, in which `base`
days of the series are one. Offsets, found on series that it was not trained on, then bring the
ranges to what they say (split conformal prediction: Romano, Patterson and Candès 2019).
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from plimsoll.analysis.pattern import Pattern

PROBABILITIES = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
"""The quantiles that are forecast: the ends of the 95, 80 and 50 % ranges, and the median."""

Quantiles = tuple[float, ...]
"""One figure for each of `PROBABILITIES`, never falling."""

_LOW80, _MEDIAN, _HIGH80 = 1, 3, 5
_MARGIN = 0.10
"""In units of a base day: keeps logarithms meaningful where nothing is spent."""

_FARTHEST = 4.0
"""Deviations beyond which a figure looks like one at this distance: never far from the seen."""

_LONGEST = 92.0
"""Days that were learned from; a longer span has the shape of one as long as this."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: `weights[unit]` in the order of what comes in, and a bias for each unit."""

    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...]

    def __call__(self, values: Sequence[float]) -> list[float]:
        """What the units add up to."""
        return [
            bias + sum(map(mul, row, values))
            for row, bias in zip(self.weights, self.biases, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Offsets:
    """Shifts of the seven quantiles, in widths of the 80 % range, at nodes of a logarithm."""

    nodes: tuple[float, ...]
    shifts: tuple[Quantiles, ...]

    def at(self, number: float) -> Quantiles:
        """The shifts at a number of days, between its two nodes; the ends hold."""
        place = math.log(max(number, 1.0))
        right = bisect_left(self.nodes, place)
        if right in {0, len(self.nodes)}:
            return self.shifts[min(right, len(self.nodes) - 1)]
        low, high = self.nodes[right - 1], self.nodes[right]
        share = (place - low) / (high - low)
        return tuple(
            (1 - share) * a + share * b
            for a, b in zip(self.shifts[right - 1], self.shifts[right], strict=True)
        )


@dataclass(frozen=True, slots=True)
class Table:
    """What was learned. Figures are read as deviations from their `centres`, in `spreads`."""

    centres: tuple[float, ...]
    spreads: tuple[float, ...]
    layers: tuple[Layer, Layer, Layer]
    by_horizon: Offsets
    by_history: Offsets

    def reading(self, pattern: Pattern, *, history: int) -> Reading:
        """The pattern of one series of `history` days, with only the days ahead left open."""
        seen = _standard(pattern.figures, self.centres, self.spreads)
        first = self.layers[0]
        partial = Layer(tuple(row[: len(seen)] for row in first.weights), first.biases)(seen)
        return Reading(self, pattern, tuple(partial), self.by_history.at(history))


@dataclass(frozen=True, slots=True)
class Reading:
    """The network with the figures of one series read in."""

    table: Table
    pattern: Pattern
    partial: tuple[float, ...]
    shifts: Quantiles

    def quantiles(self, *, horizon: float, weight: float, lead: float = 0.0) -> Quantiles:
        """Seven quantiles of the sum of days ahead, in units of the currency, none below zero.

        `horizon` counts the days, `weight` sums their weekday factors (a day of which only a share
        is to come counts by it in both), and `lead` days lie before the first of them.
        """
        if horizon <= 0:
            return (0.0,) * len(PROBABILITIES)
        logs = self._logs(horizon, weight / horizon, lead)
        ahead, margin = self.pattern.base * weight, _MARGIN * self.pattern.base * weight
        return tuple(max(math.exp(log) * (ahead + margin) - margin, 0.0) for log in logs)

    def _logs(self, horizon: float, factor: float, lead: float) -> list[float]:
        table, known = self.table, len(self.pattern.figures)
        days = math.log(min(max(horizon, 1.0), _LONGEST))
        asked = (days, days * days / 4, factor, math.log1p(min(lead, _LONGEST)))
        seen = _standard(asked, table.centres[known:], table.spreads[known:])
        first = [
            math.tanh(so_far + sum(map(mul, row[known:], seen)))
            for so_far, row in zip(self.partial, table.layers[0].weights, strict=True)
        ]
        second = [math.tanh(each) for each in table.layers[1](first)]
        middle, *steps = table.layers[2](second)
        logs = _spread_out(middle, [_softplus(step) for step in steps])
        width = logs[_HIGH80] - logs[_LOW80]
        shifts = zip(logs, table.by_horizon.at(horizon), self.shifts, strict=True)
        return sorted(log + width * (ahead + behind) for log, ahead, behind in shifts)


def _standard(
    figures: Sequence[float], centres: Sequence[float], spreads: Sequence[float]
) -> list[float]:
    return [
        min(max((figure - centre) / spread, -_FARTHEST), _FARTHEST)
        for figure, centre, spread in zip(figures, centres, spreads, strict=False)
    ]


def _softplus(value: float) -> float:
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


def _spread_out(middle: float, steps: Sequence[float]) -> list[float]:
    """Three steps down from the median, then three up, so that quantiles never cross."""
    logs = [middle]
    for step in steps[:_MEDIAN]:
        logs.insert(0, logs[0] - step)
    for step in steps[_MEDIAN:]:
        logs.append(logs[-1] + step)
    return logs


def load_table(text: str) -> Table:
    """Read the table from the text of its JSON file; raises `ValueError` if it is not whole."""
    raw = json.loads(text)
    if tuple(raw["ps"]) != PROBABILITIES:
        raise ValueError("the forecast table was made for other probabilities")
    first, second, third = (
        Layer(tuple(tuple(map(float, row)) for row in one["weights"]), tuple(one["biases"]))
        for one in raw["layers"]
    )
    by_horizon, by_history = (
        Offsets(
            tuple(math.log(days) for days in raw[name]["days"]),
            tuple(tuple(map(float, seven)) for seven in raw[name]["shifts"]),
        )
        for name in ("by_horizon", "by_history")
    )
    layers = (first, second, third)
    table = Table(tuple(raw["centres"]), tuple(raw["spreads"]), layers, by_horizon, by_history)
    _check(table)
    return table


def _check(table: Table) -> None:
    widths = [len(table.centres), *(len(layer.biases) for layer in table.layers)]
    offsets = (table.by_horizon, table.by_history)
    whole = (
        len(table.spreads) == len(table.centres)
        and widths[-1] == len(PROBABILITIES)
        and all(
            len(layer.weights) == len(layer.biases)
            and all(len(row) == width for row in layer.weights)
            for layer, width in zip(table.layers, widths, strict=False)
        )
        and all(len(each.nodes) == len(each.shifts) > 0 for each in offsets)
        and all(len(seven) == len(PROBABILITIES) for each in offsets for seven in each.shifts)
    )
    if not whole:
        raise ValueError("the forecast table is not whole")
