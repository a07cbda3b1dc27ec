"""Efficiency, added up: the money and tokens of each week, as far as both are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from plimsoll.analysis.efficiency import CacheHour, never_read
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Row, Table
from plimsoll.domain.tokens import Tokens
from plimsoll.services.list_worth import ListWorth

_EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class WeekSums:
    """What is added up of one week, by currency where it is money."""

    output_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_for_output: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    requests_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_for_requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    prompt: int = 0
    cache_read: int = 0
    saved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    full: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    written: int = 0
    unread: int = 0
    unread_costs: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reasoning: int = 0
    output: int = 0
    payers: set[str] = field(default_factory=set)


class Sums:
    """The weeks' sums, and the sources that could not be divided."""

    def __init__(self, weeks: Sequence[Period], worth: ListWorth) -> None:
        self.weeks = tuple(WeekSums() for _ in weeks)
        self.left_out: set[str] = set()
        self._first = weeks[0].first
        self._worth = worth

    @property
    def latest(self) -> WeekSums:
        """The sums of the week that is looked at."""
        return self.weeks[-1]

    def place(self, day: str | None) -> int | None:
        """Which of the weeks a day is in."""
        place = (date.fromisoformat(day or "") - self._first).days // 7
        return place if place < len(self.weeks) else None

    def add_money(self, table: Table) -> None:
        """Add rows by day and source: what was paid, and the output and requests that it bought."""
        for row in table.rows:
            day, source = row.key
            place = self.place(day)
            if place is None or source is None:
                continue
            sums = self.weeks[place]
            paid = {a.currency: a.spent for a in row.amounts if a.spent}
            for currency, nanos in paid.items():
                sums.spent[currency] += nanos
            if paid:
                sums.payers.add(source)
            if not paid or not row.tokens.total:
                continue
            if len(paid) > 1 or row.not_priced_tokens:
                self.left_out.add(source)
                continue
            ((currency, nanos),) = paid.items()
            sums.output_for[currency] += row.tokens.output
            sums.paid_for_output[currency] += nanos
            if row.requests:
                sums.requests_for[currency] += row.requests
                sums.paid_for_requests[currency] += nanos

    def add_tokens(self, table: Table) -> None:
        """Add rows by day, hour, source, model and tier, after the money: what caches and reasoning
        made of them.
        """
        by_day: dict[tuple[int, tuple[str | None, ...]], list[Row]] = defaultdict(list)
        tells = {(row.key[2], row.key[3]) for row in table.rows if row.tokens.reasoning}
        for row in table.rows:
            place = self.place(row.key[0])
            if place is None:
                continue
            sums, tokens = self.weeks[place], row.tokens
            sums.prompt += tokens.total - tokens.output
            sums.cache_read += tokens.cache_read
            sums.written += tokens.cache_write_5m + tokens.cache_write_1h
            if (row.key[2], row.key[3]) in tells:
                sums.reasoning += tokens.reasoning
                sums.output += tokens.output
            if _cached(tokens) and row.key[2] in sums.payers:
                day, _, *where = row.key
                by_day[place, (day, None, *where)].append(row)
        for (place, key), rows in by_day.items():
            self._add_saved(self.weeks[place], key, rows)

    def _add_saved(self, sums: WeekSums, key: tuple[str | None, ...], rows: Sequence[Row]) -> None:
        """What the cache saved on a day; hour by hour where the price was not one all day."""
        whole = Row(key, sum((row.tokens for row in rows), Tokens()))
        found = self._saved(whole)
        for part in (found,) if found is not None else map(self._saved, rows):
            if part is not None:
                full, saved = part
                sums.full[full.currency] += full.nanos
                sums.saved[full.currency] += saved

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

    def add_unread(self, rows: Sequence[Row]) -> Mapping[tuple[str, str], tuple[int, Money]]:
        """Writes never read, at least, by source and model: their tokens and what they cost above
        plain input in the latest week, where the source is paid by use.
        """
        by_model: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.key[2] and row.key[3]:
                by_model[row.key[2], row.key[3]].append(row)
        latest: dict[tuple[str, str], tuple[int, Money]] = {}
        for (source, model), own in by_model.items():
            for row, lost in _unread(own):
                place = self.place(row.key[0])
                if place is None:
                    continue
                sums = self.weeks[place]
                sums.unread += sum(lost)
                if source not in sums.payers:
                    continue
                written = Tokens(cache_write_5m=lost[0], cache_write_1h=lost[1])
                cost, plain = (
                    self._worth.of(row, written),
                    self._worth.of(row, Tokens(input=sum(lost))),
                )
                if not cost or not plain or cost.currency != plain.currency:
                    continue
                above = Money(cost.currency, cost.nanos - plain.nanos)
                sums.unread_costs[above.currency] += above.nanos
                if sums is self.latest:
                    tokens, money = latest.get((source, model), (0, Money(above.currency, 0)))
                    if money.currency == above.currency:
                        latest[source, model] = (tokens + sum(lost), money + above)
        return latest


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
