"""Shapley: what each factor of a product adds to its change, exactly, and as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import factorial, lcm
from typing import TypeVar

from plimsoll.domain.money import shares_of

Part = TypeVar("Part")


def shapley_of_product(before: Sequence[Fraction], after: Sequence[Fraction]) -> list[Fraction]:
    """Each factor's Shapley value in the change of their product; together they are the change.

    A factor's step is weighed by the product of the others, k of them as they are after, with how
    often just k others pass before it in all orders of n: k! (n - 1 - k)! / n! for each choice.
    """
    count = len(before)
    values = []
    for place in range(count):
        step = after[place] - before[place]
        chosen = [Fraction(1)]
        """Sums over all choices of k others to be as they are after, by k."""
        for other in range(count):
            if step and other != place:
                longer = [Fraction(0)] * (len(chosen) + 1)
                for k, product in enumerate(chosen):
                    longer[k] += product * before[other]
                    longer[k + 1] += product * after[other]
                chosen = longer
        weighed = sum(
            Fraction(factorial(k) * factorial(count - 1 - k), factorial(count)) * product
            for k, product in enumerate(chosen)
        )
        values.append(step * weighed)
    return values


def whole(exact: Mapping[Part, Fraction], order: Sequence[Part]) -> dict[Part, int]:
    """Fractions that sum to a whole number as whole numbers with the same sum.

    Each is cut towards zero, and what is missing goes to the largest remainders of its own sign, in
    this order where they are equal: nothing becomes something, and negated fractions give negated
    numbers.
    """
    cut = {part: int(exact[part]) for part in order}
    missing = int(sum(exact.values(), Fraction(0))) - sum(cut.values())
    sign = 1 if missing > 0 else -1
    rests = [max(sign * (exact[part] - cut[part]), Fraction(0)) for part in order]
    scale = lcm(*(rest.denominator for rest in rests))
    weights = [int(rest * scale) for rest in rests]
    for part, extra in zip(order, shares_of(missing, weights), strict=True):
        cut[part] += extra
    return cut
