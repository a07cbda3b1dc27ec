"""Sums of one source out of the narrowest rollup that can tell them: the SQL behind every answer.

Rollups answer by provider day. Hours, and days of another zone than UTC, are summed from the rows
themselves, and only as far as the rollups cannot help.
"""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

from plimsoll.domain.question import Dimension
from plimsoll.ledger.cuts import CUT_OF, UNCUT, WHOLE, is_in
from plimsoll.ledger.instants import MS_PER_HOUR
from plimsoll.ledger.rollups import measured
from plimsoll.ledger.zones import local_day, offsets

Days = tuple[tuple[int, int], ...]
"""Runs of days, by their numbers, first and last included."""

_HOURLY = f"u.until - u.start <= {MS_PER_HOUR}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one source: how it is cut (`by_day`, `by_hour`, `by`), which days, and
    which values (ids of terms, 0 for none; hours since 1970-01-01, None for none). `days` are those
    of the zone; of the provider days `apart` nothing is wanted, or where `only_apart` nothing else.
    """

    days: Days
    by: tuple[Dimension, ...] = ()
    by_day: bool = False
    by_hour: bool = False
    values: Mapping[Dimension, frozenset[int]] = field(default_factory=dict)
    hours: frozenset[int | None] | None = None
    zone: tzinfo = UTC
    apart: frozenset[int] = frozenset()
    only_apart: bool = False

    @property
    def provider_days(self) -> Days:
        """The days of the provider on which rows of the asked days can be: an instant's local day
        is at most one away from its provider day.
        """
        if self.zone is UTC:
            return self.days
        return tuple((first - 1, last + 1) for first, last in self.days)

    @property
    def by_rows(self) -> bool:
        """Whether hours are asked for, which no rollup holds."""
        return self.by_hour or self.hours is not None

    def blind(self, mask: int) -> Wanted | None:
        """The same for charges that are not cut by the dimensions of `mask`, nor by the hour:
        they stand where there is no value. None where only values are asked for.
        """
        if self.hours is not None and None not in self.hours:
            return None
        seen = self.unattributed(mask)
        return seen and replace(seen, by_hour=False, hours=None, zone=UTC)

    def unattributed(self, mask: int) -> Wanted | None:
        """The same without the dimensions of `mask`: what has no value there, and what has."""
        unseen = {dimension for dimension in self.values if is_in(dimension, mask)}
        if any(0 not in self.values[dimension] for dimension in unseen):
            return None
        return replace(
            self,
            by=tuple(dimension for dimension in self.by if not is_in(dimension, mask)),
            values={d: ids for d, ids in self.values.items() if d not in unseen},
        )


@dataclass(frozen=True, slots=True)
class _Select:
    """The parts of one statement, and what is bound to it. Rows that are `summed` already, because
    the rollup is cut just as it is asked for, need no grouping, which is quicker.
    """

    columns: list[str]
    tables: str
    conditions: list[str]
    given: list[int | str]
    summed: bool = False

    def statement(self, measures: Sequence[str], *more: str, each: str = "") -> str:
        """`each` groups more finely than is asked, to keep every sum within SQLite's 64 bits."""
        columns = ", ".join([*self.columns, *more])
        chosen = f"FROM {self.tables} WHERE {' AND '.join(self.conditions)}"
        if self.summed:
            return f"SELECT {columns}, {', '.join(measures)} {chosen}"
        totals = ", ".join(f"sum({measure})" for measure in measures)
        return f"SELECT {columns}, {totals} {chosen} GROUP BY {columns}{each}"


class Sums:
    """The sums of one source within one snapshot; `plan` are its days under a subscription.

    Each row begins with the day (if cut by days), the hour (if cut by hours; None for daily
    records) and the ids of the dimensions in `by`.
    """

    def __init__(self, connection: sqlite3.Connection, source_id: int, *, plan: str) -> None:
        self.plan = plan
        self._connection = connection
        self._source_id = source_id

    def usage(
        self,
        wanted: Wanted,
        measures: Sequence[str],
        *,
        currency: int | None = None,
        only: str | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of the phrase id of the currency (0: no price), then the `measures`; `only` leaves
        out what is nothing by that measure.
        """
        exact = self._exact_days(wanted)
        if exact:
            select = self._rows(wanted, exact)
            columns = [measured(measure, plan=self.plan) for measure in measures]
            yield from self._run(select, columns, "u.currency", currency=currency)
        rolled = self._rolled(wanted)
        if rolled:
            select = self._rollup("usage_by_day", rolled)
            if only:
                select.conditions.append(f"r.{only} <> 0")
            columns = [f"r.{measure}" for measure in measures]
            yield from self._run(select, columns, "r.currency", currency=currency)

    def units(self, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
        """Rows of the phrase id of the unit, the place, and the quantity at that place."""
        exact = self._exact_days(wanted)
        if exact:
            select = self._rows(wanted, exact)
            joined = f"{select.tables} JOIN usage_unit q ON q.slice = u.slice AND q.n = u.n"
            select = replace(select, tables=joined)
            yield from self._run(select, ["q.quantity"], "q.unit", "q.place")
        rolled = self._rolled(wanted)
        if rolled:
            select = self._rollup("unit_by_day", rolled)
            yield from self._run(select, ["r.quantity"], "r.unit", "r.place")

    def charges(self, wanted: Wanted, *, currency: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Rows of the phrase id of the currency, and what was billed; always by provider day."""
        select = self._rollup("charge_by_day", wanted)
        return self._run(select, ["r.billed"], "r.currency", currency=currency)

    def usage_rows(
        self, wanted: Wanted, columns: Sequence[str], *, such: str = "1", tail: str = ""
    ) -> sqlite3.Cursor:
        """The usage rows `u` of slices `s` themselves, by the whole attribution `a`; `c` has a row
        where the day is charged. `such` is a further condition, `tail` comes after all of them.
        """
        days = wanted.days
        if wanted.zone is not UTC:
            # An instant's local day is at most one away from its provider day.
            days = tuple((first - 1, last + 1) for first, last in days)
        return self._read(
            self._rows(replace(wanted, by=(), by_day=False), days), columns, such, tail
        )

    def charge_rows(
        self, wanted: Wanted, columns: Sequence[str], *, such: str = "1", tail: str = ""
    ) -> sqlite3.Cursor:
        """The charges `g` of slices `s` themselves, by the whole attribution `a`."""
        select = _Select(
            columns=[],
            tables="slice s JOIN charge g ON g.slice = s.id "
            "JOIN attribution a ON a.id = g.attribution",
            conditions=["s.source = ?"],
            given=[self._source_id],
        )
        _within(select, "s.day", wanted.days)
        _set_apart(select, "s.day", wanted)
        for dimension, ids in wanted.values.items():
            _one_of(select, f"a.{dimension.value}", ids)
        return self._read(select, columns, such, tail)

    def _read(
        self, select: _Select, columns: Sequence[str], such: str, tail: str
    ) -> sqlite3.Cursor:
        conditions = " AND ".join([*select.conditions, f"({such})"])
        statement = f"SELECT {', '.join(columns)} FROM {select.tables} WHERE {conditions} {tail}"
        return self._connection.execute(statement, select.given)

    def _run(
        self, select: _Select, measures: Sequence[str], *more: str, currency: int | None = None
    ) -> Iterator[tuple[Any, ...]]:
        if currency is not None:
            select.conditions.append(f"{more[0]} = ?")
            select.given.append(currency)
        statement = select.statement(measures, *more)
        try:
            return iter(self._connection.execute(statement, select.given).fetchall())
        except sqlite3.OperationalError as error:
            if "integer overflow" not in str(error):
                raise
        day = ", s.day" if "slice s" in select.tables else ", r.day"
        statement = select.statement(measures, *more, each=day)
        return self._connection.execute(statement, select.given)

    @staticmethod
    def _exact_days(wanted: Wanted) -> Days:
        """The provider days whose rows must be looked at one by one.

        An instant's local day is at most one away from its provider day. All hours of the inner
        provider days of a run of local days belong to that run, so that the rollups tell them,
        unless each day is wanted by itself.
        """
        if wanted.zone is UTC:
            return wanted.days if wanted.by_rows else ()
        if wanted.by_rows or wanted.by_day:
            return tuple((first - 1, last + 1) for first, last in wanted.days)
        edges: list[tuple[int, int]] = []
        for first, last in wanted.days:
            if last - first < 2:
                edges.append((first - 1, last + 1))
            else:
                edges += [(first - 1, first), (last, last + 1)]
        return tuple(edges)

    @staticmethod
    def _rolled(wanted: Wanted) -> Wanted | None:
        """What the rollups can tell of it."""
        if wanted.by_rows or (wanted.by_day and wanted.zone is not UTC):
            return None
        if wanted.zone is UTC:
            return wanted
        inner = tuple((first + 1, last - 1) for first, last in wanted.days if last - first >= 2)
        return replace(wanted, days=inner) if inner else None

    def _rollup(self, table: str, wanted: Wanted) -> _Select:
        asked = tuple(dict.fromkeys((*wanted.by, *wanted.values)))
        one = asked[0] if len(asked) == 1 else None
        cut = CUT_OF[one] if one else WHOLE if asked else UNCUT
        join = " JOIN attribution a ON a.id = r.value" if cut == WHOLE else ""

        def column(dimension: Dimension) -> str:
            return "r.value" if one else f"a.{dimension.value}"

        select = _Select(
            columns=["r.day"] if wanted.by_day else [],
            tables=f"{table} r{join}",
            conditions=["r.cut = ?", "r.source = ?"],
            given=[cut, self._source_id],
            summed=wanted.by_day and (not asked or wanted.by == (one,)),
        )
        select.columns.extend(column(dimension) for dimension in wanted.by)
        _within(select, "r.day", wanted.days)
        _set_apart(select, "r.day", wanted)
        for dimension, ids in wanted.values.items():
            _one_of(select, column(dimension), ids)
        return select

    def _rows(self, wanted: Wanted, provider_days: Days) -> _Select:
        day = "s.day"
        if wanted.zone is not UTC:
            spans = offsets(wanted.zone, provider_days[0][0], provider_days[-1][1])
            day = f"CASE WHEN {_HOURLY} THEN {local_day(spans, 'u.start')} ELSE s.day END"
        hour = f"CASE WHEN {_HOURLY} THEN u.start / {MS_PER_HOUR} END"
        select = _Select(
            columns=[day] if wanted.by_day else [],
            tables="slice s JOIN usage u ON u.slice = s.id "
            "JOIN attribution a ON a.id = u.attribution "
            "LEFT JOIN charged_day c ON c.source = s.source AND c.day = s.day",
            conditions=["s.source = ?"],
            given=[self._source_id],
        )
        if wanted.by_hour:
            select.columns.append(hour)
        select.columns.extend(f"a.{dimension.value}" for dimension in wanted.by)
        _within(select, "s.day", provider_days)
        _set_apart(select, "s.day", wanted)
        if wanted.zone is not UTC:
            _within(select, day, wanted.days)
        if wanted.hours is not None:
            _one_of(select, f"ifnull({hour}, -1)", {-1 if h is None else h for h in wanted.hours})
        for dimension, ids in wanted.values.items():
            _one_of(select, f"a.{dimension.value}", ids)
        return select


def _within(select: _Select, column: str, days: Days) -> None:
    if not days:
        select.conditions.append("0")
        return
    runs = " OR ".join(f"{column} BETWEEN ? AND ?" for _ in days)
    select.conditions.append(f"({runs})" if len(days) > 1 else runs)
    for first, last in days:
        select.given.extend((first, last))


def _set_apart(select: _Select, column: str, wanted: Wanted) -> None:
    """By the provider's own days, whatever zone is asked for, so that no hour falls between."""
    if wanted.apart or wanted.only_apart:
        word = "IN" if wanted.only_apart else "NOT IN"
        select.conditions.append(f"{column} {word} (SELECT value FROM json_each(?))")
        select.given.append(json.dumps(sorted(wanted.apart)))


def _one_of(select: _Select, column: str, numbers: Collection[int]) -> None:
    if len(numbers) == 1:
        select.conditions.append(f"{column} = ?")
        select.given.extend(numbers)
    else:
        select.conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
        select.given.append(json.dumps(sorted(numbers)))
