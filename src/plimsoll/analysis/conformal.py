"""Conformal correction: factors, learned on simulated spend, that make ranges cover what they say.

The factors lie in `resources/forecast_table.json`: for each of seven probabilities the weighted
quantile of (actual + margin) / (raw quantile + margin) over training cases that look alike (split
conformal prediction with a multiplicative score), at nodes of how far ahead, how wild and how idle
the series is; and a second, smaller table by length of history.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

PROBABILITIES = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
"""The quantiles that are forecast: the ends of the 95, 80 and 50 % ranges, and the median."""

Quantiles = tuple[float, ...]
"""One figure for each of `PROBABILITIES`, never falling."""

_WILDEST, _TAMEST = 99.0, 1e-3


@dataclass(frozen=True, slots=True)
class Table:
    """The learned factors. `factors[h][d][i]` are seven factors at node (horizon, dispersion,
    idle); `history[n]` seven more at a length of history. Nodes are kept on the scale on which
    they are interpolated: logarithms of days, dispersions and (1 + idle days).
    """

    log_horizons: tuple[float, ...]
    log_dispersions: tuple[float, ...]
    log_idles: tuple[float, ...]
    log_histories: tuple[float, ...]
    factors: tuple[tuple[tuple[Quantiles, ...], ...], ...]
    history: tuple[Quantiles, ...]

    def correction(self, *, dispersion: float, idle: int, history: int) -> Correction:
        """The factors for one series, with only the horizon left open."""
        wild = _place(math.log(min(max(dispersion, _TAMEST), _WILDEST)), self.log_dispersions)
        still = _place(math.log1p(idle), self.log_idles)
        length = _blend(self.history, _place(math.log(max(history, 1)), self.log_histories))
        by_horizon = tuple(
            tuple(
                factor * scale
                for factor, scale in zip(
                    _blend([_blend(row, still) for row in rows], wild), length, strict=True
                )
            )
            for rows in self.factors
        )
        return Correction(self.log_horizons, by_horizon)


@dataclass(frozen=True, slots=True)
class Correction:
    """The factors of one series at every node of the horizon."""

    log_horizons: tuple[float, ...]
    by_horizon: tuple[Quantiles, ...]

    def apply(self, raw: Sequence[float], *, horizon: float, margin: float) -> Quantiles:
        """Raw quantiles of a sum over `horizon` days, corrected: `(q + margin) · factor − margin`,
        not below zero, in order. `margin` keeps factors meaningful where a quantile is near zero.
        """
        place = _place(math.log(max(horizon, 1.0)), self.log_horizons)
        factors = _blend(self.by_horizon, place)
        corrected = (
            max((quantile + margin) * factor - margin, 0.0)
            for quantile, factor in zip(raw, factors, strict=True)
        )
        return tuple(sorted(corrected))


def load_table(text: str) -> Table:
    """Read the table from the text of its JSON file; raises `ValueError` if it is not whole."""
    raw = json.loads(text)
    if tuple(raw["ps"]) != PROBABILITIES:
        raise ValueError("the forecast table was made for other probabilities")
    table = Table(
        log_horizons=tuple(math.log(days) for days in raw["H"]),
        log_dispersions=tuple(math.log(ratio) for ratio in raw["cv"]),
        log_idles=tuple(math.log1p(days) for days in raw["idle"]),
        log_histories=tuple(math.log(days) for days in raw["hist_days"]),
        factors=tuple(
            tuple(tuple(tuple(map(float, seven)) for seven in row) for row in rows)
            for rows in raw["factors"]
        ),
        history=tuple(tuple(map(float, seven)) for seven in raw["hist"]),
    )
    _check(table)
    return table


def _check(table: Table) -> None:
    shape = (len(table.log_horizons), len(table.log_dispersions), len(table.log_idles))
    sevens = [seven for rows in table.factors for row in rows for seven in row]
    whole = (
        len(table.factors) == shape[0]
        and all(len(rows) == shape[1] for rows in table.factors)
        and all(len(row) == shape[2] for rows in table.factors for row in rows)
        and len(table.history) == len(table.log_histories)
        and all(len(seven) == len(PROBABILITIES) for seven in (*sevens, *table.history))
    )
    if not whole:
        raise ValueError("the forecast table is not whole")


def _place(x: float, nodes: Sequence[float]) -> tuple[int, int, float]:
    """Where `x` lies among `nodes`: the two beside it and the share of the second; ends hold."""
    if x <= nodes[0]:
        return 0, 0, 0.0
    if x >= nodes[-1]:
        return len(nodes) - 1, len(nodes) - 1, 0.0
    right = bisect_left(nodes, x)
    left = right - 1
    return left, right, (x - nodes[left]) / (nodes[right] - nodes[left])


def _blend(rows: Sequence[Quantiles], place: tuple[int, int, float]) -> Quantiles:
    left, right, share = place
    if share == 0.0:
        return rows[left]
    return tuple((1 - share) * a + share * b for a, b in zip(rows[left], rows[right], strict=True))
