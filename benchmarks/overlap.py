"""Whether accounts that merely look alike are ever thought the same, on simulated spend.

    pip install numpy && python benchmarks/overlap.py [--pairs 20000]

Pairs of simulated series (`simulated_spend.py`), the second made as large as the first, half of
them of one persona: the last 90 days, one model, a dollar as 100,000 tokens. None may be thought
likely. Then pairs that are one series with a little noise, as a gateway would tell it: how many are
found, and how many for certain. And calls shared out evenly over two accounts: none may be certain.
Exits 1 if a bar is missed. Takes ten seconds.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from datetime import date, timedelta

import numpy as np
import simulated_spend as simulated

from plimsoll.analysis.overlap import Seen, likeness

DAYS = [date(2026, 8, 1) + timedelta(days=n) for n in range(90)]
TOKENS_A_DOLLAR = 1e5
SERIES, SEED = 1500, 7919


def verdict(one: np.ndarray, other: np.ndarray) -> str:
    """`apart`, `likely` or `certain`."""
    a, b = (
        Seen(word, None, frozenset(DAYS), {(d, "m"): int(x) for d, x in zip(DAYS, s, strict=True)})
        for word, s in (("provider", one), ("gateway", other))
    )
    found = likeness(a, b)
    return "apart" if found is None else "certain" if found.certain else "likely"


def pool() -> list[tuple[str, np.ndarray]]:
    """The last ninety days of many series, by persona, in tokens."""
    made = (simulated.simulate(n * SEED) for n in range(1, SERIES))
    long = ((s.name.split("-")[0], s.dollars[-90:] * TOKENS_A_DOLLAR) for s in made)
    return [(name, tokens) for name, tokens in long if len(tokens) == 90 and tokens.sum() > 0]


def drawn_apart(found: list[tuple[str, np.ndarray]], pairs: int) -> Counter[str]:
    rng, told = random.Random(3), Counter[str]()
    alike = {name: [s for n, s in found if n == name] for name, _ in found}
    for number in range(pairs):
        name, one = rng.choice(found)
        other = rng.choice(alike[name]) if number % 2 else rng.choice(found)[1]
        if other is not one:
            told[verdict(one, other * (one.sum() / other.sum()))] += 1
    return told


def with_noise(found: list[tuple[str, np.ndarray]], noise: float, both: float) -> Counter[str]:
    told = Counter[str]()
    for number in range(600):
        rng = np.random.default_rng(number)
        _, one = found[number % len(found)]
        halves = [one * np.exp(rng.normal(0, share, 90)) for share in (both, noise)]
        told[verdict(*halves)] += 1
    return told


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pairs", type=int, default=20_000)
    pairs = arguments.parse_args().pairs
    found, missed = pool(), 0
    told = drawn_apart(found, pairs)
    missed += told.total() != told["apart"]
    print(f"drawn apart               {dict(told)}")
    for noise in (0.0, 0.001, 0.01, 0.03):
        told = with_noise(found, noise, 0.0)
        print(f"seen twice, noise {noise:<5}   {dict(told)}")
    for noise in (0.002, 0.005, 0.01, 0.03):
        told = with_noise(found, noise, noise)
        missed += told["certain"] > 0
        print(f"shared out, noise {noise:<5}   {dict(told)}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
