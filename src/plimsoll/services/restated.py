"""Restated: settled days that their provider changed later, each with what it was and what it is.

A day is settled when it was fetched after its revision window; what it held then is kept here when
a later answer differs in what was billed, in its tokens or in other units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from plimsoll.domain.calendar import Period, spoken, utc_day
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.said import counted, say, together
from plimsoll.ledger import accounts, usage
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import number_of
from plimsoll.ledger.overlaps import paid_elsewhere


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
        changes = [_words(amount) for amount in self.amounts if amount.change]
        if not changes and self.tokens_change:
            changes = [
                say(
                    "{old} to {new} tokens",
                    old=_grouped(self.tokens_old),
                    new=_grouped(self.tokens_new),
                )
            ]
        if not changes:
            changes = [
                say("{old} to {new} {unit}", old=f"{u.old:f}", new=f"{u.new:f}", unit=u.unit)
                for u in self.units
            ]
        return say(
            "{day} changed from {changes} on {when}.",
            day=spoken(self.day),
            changes=together(changes, " and from "),
            when=spoken(utc_day(self.seen)),
        )


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


def unseen_sentence(ledger: Ledger) -> str:
    """The bills of settled days that changed since somebody last looked, the largest change in
    words; empty where none did, or none that is worth a line.

    A day that changed several times is told from what it was first to what it is now. Days that
    another source pays for are no part of any total, and not told.
    """
    with ledger.reading() as connection:
        elsewhere = paid_elsewhere(connection)
    days: dict[tuple[int, date, str], tuple[AmountChange, datetime]] = {}
    for kept in usage.restatements(ledger, unseen=True):
        if kept.source_id in elsewhere and number_of(kept.day) in elsewhere[kept.source_id].days:
            continue
        for amount in _amounts(kept):
            place = (kept.source_id, kept.day, f"{amount.currency} {kept.endpoint}")
            later, seen = days.get(place, (amount, kept.at))
            days[place] = (AmountChange(amount.currency, amount.old, later.new), seen)
    told = [(day, *change) for (_, day, _), change in days.items() if _is_worth_a_line(change[0])]
    if not told:
        return ""
    day, amount, seen = max(told, key=lambda one: (abs(one[1].change), one[0]))
    others = len({one[0] for one in told} - {day})
    changed, when = _words(amount), spoken(utc_day(seen))
    if not others:
        return say(
            "{day} changed from {changes} on {when}.", day=spoken(day), changes=changed, when=when
        )
    return say(
        "{day} changed from {changes} on {when}, and {days} changed too.",
        day=spoken(day),
        changes=changed,
        when=when,
        days=counted(others, "1 more settled day", "{count} more settled days"),
    )


def _is_worth_a_line(amount: AmountChange) -> bool:
    """A change that can be seen in cents, and is a hundredth of the day or a whole unit."""
    change = abs(amount.change)
    return change * 100 >= NANO and (change >= NANO or change * 100 >= abs(amount.old))


def _words(amount: AmountChange) -> str:
    old, new = (shown(nanos, amount.currency) for nanos in (amount.old, amount.new))
    return say("{old} to {new}", old=old, new=new)


def _restated(kept: usage.Restatement, source: str) -> Restated:
    return Restated(
        day=kept.day,
        source=source,
        endpoint=kept.endpoint,
        seen=kept.at,
        amounts=_amounts(kept),
        tokens_old=kept.old.tokens,
        tokens_new=kept.new.tokens,
        units=_unit_changes(kept.old.units, kept.new.units),
    )


def _amounts(kept: usage.Restatement) -> tuple[AmountChange, ...]:
    old = {money.currency: money.nanos for money in kept.old.billed}
    new = {money.currency: money.nanos for money in kept.new.billed}
    return tuple(
        AmountChange(currency, old.get(currency, 0), new.get(currency, 0))
        for currency in sorted(old.keys() | new.keys())
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
