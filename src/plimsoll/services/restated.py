"""Restated: settled days that their provider changed later, each with what it was and what it is.

A day is settled when it was fetched after its revision window; what it held then is kept here when
a later answer differs in what was billed, in its tokens or in other units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from plimsoll.domain.calendar import Period, spoken
from plimsoll.domain.money import shown
from plimsoll.ledger import accounts, usage
from plimsoll.ledger.database import Ledger


@dataclass(frozen=True, slots=True)
class AmountChange:
    """What was billed in one currency, nano-units, before and after."""

    currency: str
    old: int
    new: int

    @property
    def change(self) -> int:
        """More is positive."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class UnitChange:
    """How many of a billable unit that is no token (images, searches), before and after."""

    unit: str
    old: Decimal
    new: Decimal

    @property
    def change(self) -> Decimal:
        """More is positive."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Restated:
    """One change of one settled provider day (UTC) of one endpoint; `seen` is when we saw it.

    `amounts` are all currencies billed before or after, `units` all units that differ.
    """

    day: date
    source: str
    endpoint: str
    seen: datetime
    amounts: tuple[AmountChange, ...]
    tokens_old: int
    tokens_new: int
    units: tuple[UnitChange, ...] = ()

    @property
    def tokens_change(self) -> int:
        """More is positive."""
        return self.tokens_new - self.tokens_old

    @property
    def sentence(self) -> str:
        """What changed, in words: `14 September changed from $8.10 to $9.42 on 16 September.`"""
        changes = [
            f"{shown(a.old, a.currency)} to {shown(a.new, a.currency)}"
            for a in self.amounts
            if a.change
        ]
        if not changes and self.tokens_change:
            changes = [f"{_grouped(self.tokens_old)} to {_grouped(self.tokens_new)} tokens"]
        if not changes:
            changes = [f"{u.old:f} to {u.new:f} {u.unit}" for u in self.units]
        when = spoken(self.seen.astimezone(UTC).date())
        return f"{spoken(self.day)} changed from {' and from '.join(changes)} on {when}."


def restatements(
    ledger: Ledger, *, source: str | None = None, period: Period | None = None
) -> tuple[Restated, ...]:
    """Settled days that were changed later, the latest change first.

    Of one source by its name, and of the days of `period` only, where these are given. Raises
    `WrongUse` for an unknown source.
    """
    number = None if source is None else accounts.source_named(ledger, source).id
    names = {known.id: known.name for known in accounts.sources(ledger, removed=True)}
    return tuple(
        _restated(kept, names[kept.source_id])
        for kept in usage.restatements(ledger, source_id=number)
        if period is None or kept.day in period
    )


def _restated(kept: usage.Restatement, source: str) -> Restated:
    old = {money.currency: money.nanos for money in kept.old.billed}
    new = {money.currency: money.nanos for money in kept.new.billed}
    return Restated(
        day=kept.day,
        source=source,
        endpoint=kept.endpoint,
        seen=kept.at,
        amounts=tuple(
            AmountChange(currency, old.get(currency, 0), new.get(currency, 0))
            for currency in sorted(old.keys() | new.keys())
        ),
        tokens_old=kept.old.tokens,
        tokens_new=kept.new.tokens,
        units=_unit_changes(kept.old.units, kept.new.units),
    )


def _unit_changes(
    old: Iterable[tuple[str, Decimal]], new: Iterable[tuple[str, Decimal]]
) -> tuple[UnitChange, ...]:
    counts: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for place, units in enumerate((old, new)):
        for unit, quantity in units:
            counts[unit][place] += quantity
    return tuple(
        UnitChange(unit, before, after)
        for unit, (before, after) in sorted(counts.items())
        if before != after
    )


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")
