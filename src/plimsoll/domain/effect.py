"""Effect: what a change of prices does to the figures that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from plimsoll.domain.calendar import Period


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """By how many nano-units of one currency the sums of a month change; less is negative.

    `month` is its first day (UTC). `worth` is the list price, shown beside and part of no total.
    """

    month: date
    currency: str
    estimated: int = 0
    plan: int = 0
    worth: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes when stored records are computed again: how many of them get another amount,
    on how many days of an endpoint (slices), the first and the last of these days, the sums by
    month and currency as every answer tells them (in order, only those that change), and by how
    many tokens *not priced* grows or, where negative, shrinks.
    """

    records: int = 0
    slices: int = 0
    period: Period | None = None
    months: tuple[MonthEffect, ...] = ()
    not_priced: int = 0

    def __bool__(self) -> bool:
        return bool(self.records)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One entry of the log: when prices changed, in words what did, the edition of the price book
    from then on, and what it did to the figures.
    """

    at: datetime
    sentence: str
    edition: str
    effect: Effect
