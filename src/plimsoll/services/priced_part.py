"""Priced part: the output and requests of a day that its money is for, where the cost of some of
its tokens is not known.

Money that is known is never for tokens whose cost is not: a bill leaves them out by rule
(Anthropic's Priority Tier), or no list has their price. So the rest is divided, and they are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plimsoll.domain.question import Row


@dataclass(frozen=True, slots=True)
class Priced:
    """Output tokens with a price, and the requests that they came of; None where not counted."""

    output: int = 0
    requests: int | None = 0

    def and_of(self, row: Row) -> Priced:
        """With a row, all of whose tokens have a price."""
        if not row.tokens.total:
            return self
        known = self.requests is not None and row.requests is not None
        asked = (self.requests or 0) + (row.requests or 0)
        return Priced(self.output + row.tokens.output, asked if known else None)


def all_priced(row: Row) -> Priced:
    """What a row has, whose tokens all have a price."""
    return Priced(row.tokens.output, row.requests)


def priced_parts(
    rows: Iterable[Row], places: tuple[int, ...]
) -> Mapping[tuple[str | None, ...], Priced | None]:
    """What has a price, by the values at these places of the rows' keys. The rows are cut by model
    and tier, too, so that one has a price for all of its tokens or for none; where one has it for
    some, nobody can say what those gave: None.
    """
    found: dict[tuple[str | None, ...], Priced | None] = defaultdict(Priced)
    for row in rows:
        key = tuple(row.key[place] for place in places)
        before = found[key]
        if before is None or row.not_priced_tokens == row.tokens.total > 0:
            continue
        found[key] = None if row.not_priced_tokens else before.and_of(row)
    return found
