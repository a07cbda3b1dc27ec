"""Efficiency, added up: the money and tokens of each week, as far as both are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from plimsoll.analysis.efficiency import CacheHour, Kind, never_read
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Row, Table
from plimsoll.domain.tokens import Tokens
from plimsoll.services.efficiency_answers import LeftOut
from plimsoll.services.efficiency_tallies import Tallies
from plimsoll.services.list_worth import ListWorth
from plimsoll.services.priced_part import priced_parts

_EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class WeekSums:
    """What was spent in one week by currency, the sources that it was spent at, and those that a
    plan pays for.
    """

    spent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    payers: set[str] = field(default_factory=set)
    plans: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Unread:
    """Cache writes of one model in the latest week that were never read, at the least, and what
    they cost above plain input by list price.
    """

    source: str
    model: str
    tokens: int
    cost: Money


class Sums:
    """The weeks' sums, and the tallies of every source and model."""

    def __init__(self, weeks: Sequence[Period], worth: ListWorth) -> None:
        self.weeks = tuple(WeekSums() for _ in weeks)
        self.tallies = Tallies(weeks)
        self.cells: dict[tuple[str, str], list[Row]] = defaultdict(list)
        """The rows by day, hour, source, model and tier, by their source and model."""
        self.unread: tuple[Unread, ...] = ()
        self._worth = worth

    @property
    def latest(self) -> WeekSums:
        """The sums of the week that is looked at."""
        return self.weeks[-1]

    def add_money(self, table: Table, cells: Table) -> None:
        """Add rows by day and source: what was paid, and the output and requests that it bought;
        those are told by `cells` (by day, hour, source, model, tier) where some have no price.
        """
        priced = priced_parts(cells.rows, (0, 2))
        for row in table.rows:
            day, source = row.key
            place = self.tallies.place(day)
            if place is None or day is None or source is None:
                continue
            sums = self.weeks[place]
            for amounts in row.amounts:
                if amounts.spent:
                    sums.spent[amounts.currency] += amounts.spent
                    sums.payers.add(source)
                if amounts.plan:
                    sums.plans.add(source)
            self.tallies.add_money(row, (source, None), day, priced.get((day, source)))
        self.tallies.add_gaps(table.gaps)

    def add_tokens(self, table: Table) -> None:
        """Add rows by day, hour, source, model and tier, after the money: what caches and reasoning
        made of them.
        """
        by_day: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
        tells = {(row.key[2], row.key[3]) for row in table.rows if row.tokens.reasoning}
        for row in table.rows:
            day, _, source, model, _ = row.key
            if source is not None and model is not None:
                self.cells[source, model].append(row)
            place = self.tallies.place(day)
            if place is None or day is None or source is None:
                continue
            where, tokens = (source, model), row.tokens
            self.tallies.add(
                Kind.CACHE_HITS, where, day, tokens.cache_read, tokens.total - tokens.output
            )
            written = tokens.cache_write_5m + tokens.cache_write_1h
            self.tallies.add(Kind.WRITES_UNREAD, where, day, 0, written)
            if where in tells:
                self.tallies.add(Kind.REASONING, where, day, tokens.reasoning, tokens.output)
            elif tokens.output:
                self.tallies.leave_out((Kind.REASONING,), source, LeftOut.NO_REASONING, day)
            if _cached(tokens):
                sums = self.weeks[place]
                if source in sums.payers:
                    by_day[day, None, *row.key[2:]].append(row)
                else:
                    why = LeftOut.PLAN if source in sums.plans else LeftOut.NO_MONEY
                    self.tallies.leave_out((Kind.CACHE_SAVED,), source, why, day)
        for key, rows in by_day.items():
            self._add_saved(key, rows)

    def _add_saved(self, key: tuple[str | None, ...], rows: Sequence[Row]) -> None:
        """What the cache saved on a day; hour by hour where the price was not one all day."""
        day, _, source, model, _ = key
        whole = Row(key, sum((row.tokens for row in rows), Tokens()))
        found = self._saved(whole)
        for part in (found,) if found is not None else map(self._saved, rows):
            if part is None:
                why = LeftOut.NO_LIST_PRICE
                self.tallies.leave_out((Kind.CACHE_SAVED,), source or "", why, day or "")
            else:
                full, saved = part
                where, currency = (source or "", model), full.currency
                self.tallies.add(
                    Kind.CACHE_SAVED, where, day or "", saved, full.nanos, currency=currency
                )

    def _saved(self, row: Row) -> tuple[Money, int] | None:
        """The input of a row at its full price, and how much less it was as it was; None where a
        price is not known.
        """
        plain = Tokens(input=row.tokens.input + _cached(row.tokens))
        full = self._worth.of(row, plain)
        was = self._worth.of(row, replace(row.tokens, output=0, reasoning=0))
        if full is None or was is None or full.currency != was.currency:
            return None
        return full, full.nanos - was.nanos

    def add_unread(self) -> None:
        """Add the writes never read, at least: their tokens and, where the source is paid by use,
        what they cost above plain input in the latest week.
        """
        latest: dict[tuple[str, str, str], Unread] = {}
        for (source, model), own in self.cells.items():
            for row, lost in _unread(own):
                place = self.tallies.place(row.key[0])
                if place is None:
                    continue
                day = row.key[0] or ""
                self.tallies.add(Kind.WRITES_UNREAD, (source, model), day, sum(lost), 0)
                sums = self.weeks[place]
                above = self._above_plain(row, lost) if source in sums.payers else None
                if above is None or sums is not self.latest:
                    continue
                key = source, model, above.currency
                before = latest.get(key, Unread(source, model, 0, Money(above.currency, 0)))
                latest[key] = Unread(source, model, before.tokens + sum(lost), before.cost + above)
        self.unread = tuple(latest.values())

    def _above_plain(self, row: Row, lost: tuple[int, int]) -> Money | None:
        """What writes cost above plain input, by list price; None where that is not known."""
        short, long = lost
        cost = self._worth.of(row, Tokens(cache_write_5m=short, cache_write_1h=long))
        plain = self._worth.of(row, Tokens(input=short + long))
        if cost is None or plain is None or cost.currency != plain.currency:
            return None
        return Money(cost.currency, cost.nanos - plain.nanos)


def _unread(rows: Sequence[Row]) -> Iterable[tuple[Row, tuple[int, int]]]:
    """Rows of one model, and how many of the writes of their hour were never read.

    Where some rows know only their day, all are looked at by days, and a write may have been read
    on the day after it.
    """
    by_hour = all(row.key[1] for row in rows)
    cells: dict[int, CacheHour] = defaultdict(CacheHour)
    first: dict[int, Row] = {}
    for row in rows:
        day, hour, *_ = row.key
        moment = (
            int(datetime.fromisoformat(hour or "").timestamp()) // 3600
            if by_hour
            else (date.fromisoformat(day or "") - _EPOCH).days
        )
        tokens = row.tokens
        cells[moment] += CacheHour(tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h)
        if tokens.cache_write_5m or tokens.cache_write_1h:
            first.setdefault(moment, row)
    lost = never_read(cells) if by_hour else never_read(cells, short=1, long=1)
    return [(first[moment], tokens) for moment, tokens in lost.items()]


def _cached(tokens: Tokens) -> int:
    """Tokens of the input that were read from a cache or written to it."""
    return tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h
