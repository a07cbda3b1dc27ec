"""Work: units of it that somebody counted, so that tokens can be priced by what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LONGEST_NAME = 60
MOST = 10**9


@dataclass(frozen=True, slots=True)
class Work:
    """`count` units (`tickets`, `documents`, `pull requests`) that were done on a day, UTC.

    `id` is the ledger's number of the entry, 0 before it is kept. Raises `ValueError` for a name
    that is empty, long or not of one line, and for a count that is none.
    """

    name: str
    day: date
    count: int
    id: int = 0

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable() or len(self.name) > LONGEST_NAME:
            raise ValueError(f"a unit of work needs a name of at most {LONGEST_NAME} characters")
        if not 0 < self.count <= MOST:
            raise ValueError("the count of units must be a whole number from 1 on")
