"""Work: units of it that somebody counted, so that tokens can be priced by what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plimsoll.domain.money import Money

COMMITS = "commits"
PULL_REQUESTS = "pull requests"
LINES_ADDED = "lines added"
LINES_ACCEPTED = "lines accepted"
"""What providers and git count, by the names that they are shown by."""

NO_REPOSITORY = "it is no git repository"
SILENT = "it did not answer in time"
"""Why the commits in a folder are not known, as the end of a sentence; these two are told apart."""

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


@dataclass(frozen=True, slots=True)
class Done:
    """What an account's provider counted of one kind of customer on one day.

    `counts` are whole numbers from zero up by name, each name once. `cost` is what the provider
    itself takes exactly this work to have cost, where it says so: an estimate that overlaps what it
    bills, to be divided by the counts and never added to any spend. `is_plan` where that is the
    worth of use under a flat plan, which nobody owes.
    """

    counts: tuple[tuple[str, int], ...]
    cost: Money | None = None
    is_plan: bool = False

    def __post_init__(self) -> None:
        """A name twice, or less than nothing, would be our own mistake."""
        names = [name for name, _ in self.counts]
        if len(set(names)) < len(names) or any(count < 0 for _, count in self.counts):
            raise ValueError("each name has one count from zero up")


@dataclass(frozen=True, slots=True)
class WorkDay:
    """One whole UTC day of an account, as its provider counted it; nothing done is no `parts`."""

    day: date
    parts: tuple[Done, ...] = ()


class Cost(StrEnum):
    """Which money is divided by units of work."""

    SPENT = "spent"
    """All that was spent, billed and estimated."""
    SOURCE = "source"
    """What the source spent that counted the units."""
    ESTIMATED = "estimated"
    """What the provider estimates that exactly this work cost, where it was paid by use."""
    PLAN = "plan"
    """The same of work under the provider's flat plans: its worth, which nobody owes."""
    WORTH = "worth"
    """The list price of the agents' tokens in the repositories whose commits are counted."""
