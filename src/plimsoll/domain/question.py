"""What can be asked of the ledger, and the shape of every answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plimsoll.domain.calendar import Period
from plimsoll.domain.tokens import Tokens


class Dimension(StrEnum):
    """What spend can be cut and filtered by; the values are the command line's words."""

    DAY = "day"
    HOUR = "hour"
    MONTH = "month"
    PROVIDER = "provider"
    SOURCE = "source"
    MODEL = "model"
    PROJECT = "project"
    KEY = "key"
    USER = "user"
    AGENT = "agent"
    SESSION = "session"
    BRANCH = "branch"
    TAG = "tag"
    TIER = "tier"
    LINE_ITEM = "line_item"
    CLASS = "class"


TIME_DIMENSIONS = frozenset({Dimension.DAY, Dimension.HOUR, Dimension.MONTH})


@dataclass(frozen=True, slots=True)
class Scope:
    """A filter over dimensions: every condition must hold; several values of one are either-or.

    A value of None asks for rows that do not have the dimension. The empty scope is everything.
    """

    conditions: tuple[tuple[Dimension, tuple[str | None, ...]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)


EVERYTHING = Scope()
"""The scope without conditions."""


def narrowed(scope: Scope, dimension: Dimension, value: str | None) -> Scope:
    """A scope with one more condition; another value of the same dimension takes its place."""
    kept = tuple(condition for condition in scope.conditions if condition[0] is not dimension)
    return Scope((*kept, (dimension, (value,))))


@dataclass(frozen=True, slots=True)
class Question:
    """Spend of `period`, cut by `by`, within `scope`, in the days of `zone` (an IANA name)."""

    period: Period
    by: tuple[Dimension, ...] = ()
    scope: Scope = EVERYTHING
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Nano-units of one currency by evidence; `worth` is beside them and part of no total."""

    currency: str
    billed: int = 0
    estimated: int = 0
    plan: int = 0
    worth: int = 0

    @property
    def spent(self) -> int:
        """What is owed as far as is known: billed and estimated together, never plan."""
        return self.billed + self.estimated

    def __add__(self, other: Amounts) -> Amounts:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Amounts(
            self.currency,
            self.billed + other.billed,
            self.estimated + other.estimated,
            self.plan + other.plan,
            self.worth + other.worth,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an answer. `key` holds the asked dimensions' values in the asked order (days and
    months as ISO text, hours as ISO instants, None where a row does not have the dimension).
    """

    key: tuple[str | None, ...]
    tokens: Tokens = field(default_factory=Tokens)
    requests: int | None = None
    amounts: tuple[Amounts, ...] = ()
    units: tuple[tuple[str, Decimal], ...] = ()
    not_priced_tokens: int = 0

    def spent(self, currency: str) -> int:
        """Nano-units billed and estimated in `currency`."""
        return sum(a.spent for a in self.amounts if a.currency == currency)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days of a source for which we have no answer: unknown, not zero."""

    source: str
    period: Period
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a question: rows that sum exactly to `total`, what is missing, and the first
    day that can still change (None where every asked day is final).
    """

    question: Question
    rows: tuple[Row, ...]
    total: Row
    gaps: tuple[Gap, ...] = ()
    not_final_from: date | None = None


@dataclass(frozen=True, slots=True)
class DaySpend:
    """One day of a series: nano-units billed and estimated. `known` is False for a gap, whose
    amounts say nothing; `final` is False while the day can still change. `elapsed` is the share of
    the day that had passed when it was last asked for: below 1 its amounts cannot be all of it.
    """

    day: date
    billed: int = 0
    estimated: int = 0
    known: bool = True
    final: bool = True
    elapsed: float = 1.0

    @property
    def spent(self) -> int:
        """Billed and estimated together."""
        return self.billed + self.estimated


@dataclass(frozen=True, slots=True)
class Series:
    """Spend per provider day in one currency, every day of `period` present, oldest first."""

    period: Period
    currency: str
    days: tuple[DaySpend, ...] = field(default=())
