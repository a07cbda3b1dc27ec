"""The ways in which the rollups are cut: one number for each dimension, and two more."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.domain.question import Dimension

ATTRIBUTED = (
    Dimension.MODEL,
    Dimension.PROJECT,
    Dimension.KEY,
    Dimension.USER,
    Dimension.TIER,
    Dimension.LINE_ITEM,
    Dimension.AGENT,
    Dimension.SESSION,
    Dimension.BRANCH,
    Dimension.TAG,
    Dimension.CLASS,
)
"""The dimensions of an attribution, in the order of its columns, which bear their names."""

NAMED = frozenset({Dimension.PROJECT, Dimension.KEY, Dimension.USER})
"""Dimensions whose values are ids that the provider's lists give names to."""

UNCUT = 0
"""One row for everything: `value` is 0."""

WHOLE = 99
"""One row for each attribution: `value` is its id."""

CUT_OF = {dimension: number for number, dimension in enumerate(ATTRIBUTED, start=1)}
"""The number of each dimension's cut: kept in the file, never changed, only added to."""

ALL_CUTS = (UNCUT, *CUT_OF.values(), WHOLE)


def mask_of(dimensions: Iterable[str]) -> int:
    """A set of dimensions by their words as one number, a bit for each cut."""
    known = {dimension.value: number for dimension, number in CUT_OF.items()}
    return sum(1 << known[word] for word in set(dimensions) if word in known)


EVERY_DIMENSION = mask_of(dimension.value for dimension in ATTRIBUTED)


def is_in(dimension: Dimension, mask: int) -> bool:
    """Whether a mask holds a dimension."""
    return bool(mask >> CUT_OF[dimension] & 1) if dimension in CUT_OF else False
