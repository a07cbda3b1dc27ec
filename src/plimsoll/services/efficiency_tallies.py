"""Tallies: what is to be divided by what, week by week, apart for every source and part of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from plimsoll.analysis.efficiency import Kind
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Amounts, Gap, Row
from plimsoll.services.efficiency_answers import LeftOut, Share
from plimsoll.services.priced_part import Priced, all_priced

Where = tuple[str, str | None]
"""A source, and a model, project or agent of it; None where it has none, or for the whole."""

PER_MONEY = (Kind.OUTPUT_PER_MONEY, Kind.COST_PER_REQUEST)
"""What is divided only on days whose money and tokens are both known."""


@dataclass(slots=True)
class Tally:
    """One part, week by week: (top, bottom). `days` are those of the latest week; `billed` and
    `estimated` say which money is in it.
    """

    weeks: list[tuple[int, int]]
    days: set[str] = field(default_factory=set)
    billed: bool = False
    estimated: bool = False

    def add(self, place: int, top: int, bottom: int) -> None:
        """Add to a week."""
        before = self.weeks[place]
        self.weeks[place] = before[0] + top, before[1] + bottom

    def __add__(self, other: Tally) -> Tally:
        both = zip(self.weeks, other.weeks, strict=True)
        return Tally(
            [(top + more, bottom + below) for (top, bottom), (more, below) in both],
            self.days | other.days,
            self.billed or other.billed,
            self.estimated or other.estimated,
        )


class Tallies:
    """The tallies of some weeks, by measure, currency (empty where it is no money) and part."""

    def __init__(self, weeks: Sequence[Period]) -> None:
        self._first = weeks[0].first
        self._count = len(weeks)
        self._tallies: dict[tuple[Kind, str], dict[Where, Tally]] = defaultdict(dict)
        self._left_out: dict[Kind, dict[tuple[str, LeftOut], set[str]]] = defaultdict(dict)
        self._unknown: dict[Where, set[int]] = defaultdict(set)
        self._missing: dict[str, set[int]] = defaultdict(set)
        self.not_divided: set[str] = set()
        """Sources of whose days some had money in two currencies, or tokens without a price that
        cannot be told from the others."""

    def place(self, day: str | None) -> int | None:
        """Which of the weeks a day is in."""
        place = (date.fromisoformat(day or "") - self._first).days // 7
        return place if place < self._count else None

    def is_latest(self, day: str | None) -> bool:
        """Whether a day is in the latest of the weeks."""
        return self.place(day) == self._count - 1

    def tally(self, kind: Kind, where: Where, *, currency: str = "") -> Tally:
        """The tally of a part, made where there was none."""
        made = self._tallies[kind, currency].get(where)
        if made is None:
            made = Tally([(0, 0)] * self._count)
            self._tallies[kind, currency][where] = made
        return made

    def add(
        self, kind: Kind, where: Where, day: str, top: int, bottom: int, *, currency: str = ""
    ) -> Tally:
        """Add what a part has on a day, if that is in one of the weeks."""
        place = self.place(day)
        tally = self.tally(kind, where, currency=currency)
        if place is not None:
            tally.add(place, top, bottom)
            if self.is_latest(day):
                tally.days.add(day)
        return tally

    def leave_out(self, kinds: Iterable[Kind], source: str, why: LeftOut, day: str) -> None:
        """Note that a day of a source is not in these measures, if it is in the latest week."""
        if self.is_latest(day):
            for kind in kinds:
                self._left_out[kind].setdefault((source, why), set()).add(day)

    def add_gaps(self, gaps: Iterable[Gap]) -> None:
        """Note the weeks in which days of a source are missing: what it spent is not all known."""
        for gap in gaps:
            places = {self.place(day.isoformat()) for day in gap.period.days()}
            self._missing[gap.source] |= {place for place in places if place is not None}

    def add_money(self, row: Row, where: Where, day: str, priced: Priced | None = None) -> None:
        """Add what was paid on a day, and the output and requests that it bought: only where one
        currency paid for them. `priced` is what has a price of a row some of whose tokens have
        none, as far as that is known.
        """
        source, paid = where[0], [amounts for amounts in row.amounts if amounts.spent]
        place = self.place(day)
        if place is None or not (paid or row.tokens.total):
            return
        if row.not_priced_tokens:
            self._unknown[where].add(place)
            self.leave_out((Kind.COST_PER_UNIT,), source, LeftOut.NOT_PRICED, day)
        for money in paid:
            self._add_paid(money, Kind.COST_PER_UNIT, where, day, (money.spent, 0))
        bought = priced if row.not_priced_tokens else all_priced(row)
        why = _why_not_divided(row, paid, bought)
        if why is not None:
            self.leave_out(PER_MONEY, source, why, day)
            if why is LeftOut.PLAN:
                self.leave_out((Kind.COST_PER_UNIT,), source, why, day)
            if paid and row.tokens.total:
                self.not_divided.add(source)
            return
        if row.not_priced_tokens:
            self.leave_out(PER_MONEY, source, LeftOut.PART_NOT_PRICED, day)
        self._add_bought(paid[0], bought or Priced(), where, day)

    def _add_bought(self, money: Amounts, bought: Priced, where: Where, day: str) -> None:
        given = bought.output, money.spent
        self._add_paid(money, Kind.OUTPUT_PER_MONEY, where, day, given)
        if bought.requests:
            asked = money.spent, bought.requests
            self._add_paid(money, Kind.COST_PER_REQUEST, where, day, asked)
        else:
            self.leave_out((Kind.COST_PER_REQUEST,), where[0], LeftOut.NO_REQUESTS, day)

    def _add_paid(
        self, money: Amounts, kind: Kind, where: Where, day: str, pair: tuple[int, int]
    ) -> None:
        tally = self.add(kind, where, day, *pair, currency=money.currency)
        tally.billed = tally.billed or bool(money.billed)
        tally.estimated = tally.estimated or bool(money.estimated)

    # --- reading them ------------------------------------------------------------------------

    def currencies(self, kind: Kind) -> list[str]:
        """The currencies that a measure has."""
        return sorted(currency for one, currency in self._tallies if one is kind and currency)

    def of(self, kind: Kind, currency: str = "") -> Mapping[Where, Tally]:
        """The tallies of a measure by their parts."""
        return self._tallies.get((kind, currency), {})

    def unknown(self, where: Where) -> set[int]:
        """The weeks in which not all that a part spent is known."""
        return self._unknown.get(where, set()) | self._missing.get(where[0], set())

    def total(self, kind: Kind, currency: str = "") -> Tally:
        """All parts of a measure together."""
        return sum(self.of(kind, currency).values(), Tally([(0, 0)] * self._count))

    def shares(self, kind: Kind, currency: str = "") -> tuple[Share, ...]:
        """What each source gave to the latest week, the largest first."""
        found: dict[str, Tally] = {}
        for (source, _), tally in self.of(kind, currency).items():
            found[source] = found[source] + tally if source in found else tally
        shares = [
            Share(source, *tally.weeks[-1], len(tally.days))
            for source, tally in found.items()
            if any(tally.weeks[-1])
        ]
        return tuple(sorted(shares, key=lambda s: (-s.bottom, -s.top, s.source)))

    def left_out(self, kind: Kind) -> tuple[tuple[str, LeftOut, int], ...]:
        """Which sources are not in the latest week of a measure, why, and on how many days."""
        found = self._left_out.get(kind, {})
        return tuple((source, why, len(days)) for (source, why), days in sorted(found.items()))


def _why_not_divided(row: Row, paid: Sequence[Amounts], bought: Priced | None) -> LeftOut | None:
    """Why the money of a day cannot be set against its tokens; None where it can."""
    if not paid and any(amounts.plan for amounts in row.amounts):
        return LeftOut.PLAN
    if bought is None or row.not_priced_tokens == row.tokens.total > 0:
        return LeftOut.NOT_PRICED
    if not paid:
        return LeftOut.NOT_PRICED if row.not_priced_tokens else LeftOut.NO_MONEY
    if not row.tokens.total:
        return LeftOut.NO_TOKENS
    return LeftOut.TWO_CURRENCIES if len(paid) > 1 else None
