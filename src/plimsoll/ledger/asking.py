"""A question put to one source: its words turned into ids and days, and ids back into words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.ledger.accounts import FILE
from plimsoll.ledger.cuts import CUT_OF, NAMED, is_in
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.gaps import Asked
from plimsoll.ledger.instants import day_of, number_of
from plimsoll.ledger.overlaps import paid_elsewhere
from plimsoll.ledger.plan import plan_days
from plimsoll.ledger.sums import Days, Sums, Wanted
from plimsoll.ledger.zones import hour_number, hour_text, zone_named

_OF_TIME = frozenset({Dimension.DAY, Dimension.MONTH, Dimension.HOUR})
_LATELY = 90
"""Days back, at least, in which a source must have had something to be able to change it."""

_OF_SOURCE = frozenset({Dimension.PROVIDER, Dimension.SOURCE})
_PAID_ELSEWHERE = frozenset({"estimated", "plan", "not_priced"})
"""Measures that say nothing of a day that another source pays for."""

Key = tuple[str | None, ...]
Owed = tuple[Key, int, Sequence[int]]


def sources_in(connection: sqlite3.Connection, scope: Scope) -> list[Asked]:
    """The sources that a scope lets through, removed ones too: their figures still count.

    This is the one place that knows that no token is counted twice: a source that only explains
    what another one pays comes with the days on which it does, and whoever sums up a source leaves
    them out (`Asked.explained`). Only a scope that names it, and not the one that pays, shows them.
    """
    found = [
        Asked(number, name, connector, removed is not None, is_file=kind == FILE)
        for number, name, connector, removed, kind in connection.execute(
            "SELECT id, name, connector, removed_at, kind FROM source ORDER BY id"
        )
    ]
    named = False
    for dimension, values in scope.conditions:
        if dimension is Dimension.SOURCE:
            named = True
            found = [source for source in found if source.name in values]
        elif dimension is Dimension.PROVIDER:
            found = [source for source in found if source.connector in values]
    numbers = {source.id for source in found}
    for number, elsewhere in paid_elsewhere(connection).items():
        shown = named and not elsewhere.payers & numbers
        guarded = elsewhere.asked and not shown
        found = [
            replace(source, explained=elsewhere.days, shown=shown, guarded=guarded)
            if source.id == number
            else source
            for source in found
        ]
    return found


class Asking:
    """One question, one source, one snapshot.

    Rows of `usage` and `units` begin with `width` ids, which `key` turns into the row's key.
    """

    def __init__(
        self,
        ledger: Ledger,
        connection: sqlite3.Connection,
        source: Asked,
        question: Question,
        *,
        currency: int | None = None,
    ) -> None:
        self._connection = connection
        self._source = source
        self._by, self._period = question.by, question.period
        self._currency = currency
        self._zone = zone_named(question.zone)
        self._names = _Names(connection, ledger, source.id)
        self._wanted = self._want(question)
        self.sums = Sums(connection, source.id, plan=plan_days(connection, source.id))
        self.width, self.key = self._reader(self._wanted)

    def usage(
        self, measures: Sequence[str], *, only: str | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Ids, then the phrase of the currency (0: none), then the measures."""
        if not self._wanted.days:
            return
        yield from self.sums.usage(self._wanted, measures, currency=self._currency, only=only)
        if self.wanted_explained is not None:
            yield from self._explained(self.wanted_explained, measures)

    def _explained(self, wanted: Wanted, measures: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """As `usage`, of the days that another source pays for: without money."""
        begin = self.width + 1
        for row in self.sums.usage(wanted, measures, currency=self._currency):
            told = zip(measures, row[begin:], strict=True)
            yield (*row[:begin], *(0 if m in _PAID_ELSEWHERE else value for m, value in told))

    @property
    def wanted(self) -> Wanted | None:
        """What is wanted of the usage; None where the source has none of these days."""
        return self._wanted if self._wanted.days else None

    @property
    def wanted_owed(self) -> Wanted | None:
        """The usage whose money not billed is wanted, if any."""
        return self._wanted.unattributed(self._blind) if self._wanted.days else None

    @property
    def wanted_charges(self) -> Wanted | None:
        """The charges that are wanted, if any."""
        return self._wanted.blind(self._blind) if self._wanted.days else None

    @property
    def wanted_explained(self) -> Wanted | None:
        """The usage of days that another source pays for, where it is shown."""
        shown = self._source.shown and bool(self._wanted.days)
        return replace(self._wanted, only_apart=True) if shown else None

    @property
    def owes_apart(self) -> bool:
        """Whether what is owed stands on other rows than the usage that it is owed for.

        Where some charge of the period is not cut by a dimension, a row with a value there would
        have the money of the uncharged days only: all of it or none is the rule, so that none has.
        """
        asked = {*self._wanted.by, *self._wanted.values}
        return any(is_in(dimension, self._blind) for dimension in asked)

    def owed(self, measures: Sequence[str], *, only: str | None = None) -> Iterator[Owed]:
        """Keys, phrases of currencies and the `measures`, which are of money not billed."""
        wanted = self.wanted_owed
        if wanted is None:
            return
        width, key = self._reader(wanted)
        for row in self.sums.usage(wanted, measures, currency=self._currency, only=only):
            yield key(row), row[width], row[width + 1 :]

    def units(self) -> Iterator[tuple[Any, ...]]:
        """Ids, then the phrase of the unit, the place and the quantity."""
        if not self._wanted.days:
            return
        yield from self.sums.units(self._wanted)
        if self.wanted_explained is not None:
            yield from self.sums.units(self.wanted_explained)

    def charges(self) -> Iterator[tuple[Key, int, int]]:
        """Keys, phrases of currencies and nano-units billed.

        Money by a dimension that some charge of the period is not cut by stands all of it where
        there is no value.
        """
        wanted = self.wanted_charges
        if wanted is None:
            return
        _, key = self._reader(wanted)
        for row in self.sums.charges(wanted, currency=self._currency):
            *_, currency, billed = row
            yield key(row), currency, billed

    def _want(self, question: Question) -> Wanted:
        dimensions = tuple(d for d in question.by if d not in _OF_TIME | _OF_SOURCE)
        values: dict[Dimension, frozenset[int]] = {}
        hours: frozenset[int | None] | None = None
        for dimension, texts in question.scope.conditions:
            if dimension is Dimension.HOUR:
                chosen = _hours(texts)
                hours = chosen if hours is None else hours & chosen
            elif dimension not in _OF_TIME | _OF_SOURCE:
                ids = self._names.ids_of(dimension, texts)
                values[dimension] = values.get(dimension, ids) & ids
        days = self._days(question)
        return Wanted(
            days=days,
            by=dimensions,
            by_day=Dimension.DAY in question.by or Dimension.MONTH in question.by,
            by_hour=Dimension.HOUR in question.by,
            values=values,
            hours=hours,
            zone=self._zone,
            apart=self._source.explained,
        )

    def _days(self, question: Question) -> Days:
        """The asked days as far as the source has any, and as far as day and month are chosen."""
        first, last = self._connection.execute(
            "SELECT (SELECT min(day) FROM slice WHERE source = :source), "
            "(SELECT max(day) FROM slice WHERE source = :source)",
            {"source": self._source.id},
        ).fetchone()
        if first is None:
            return ()
        # A local day may be the one before or after the provider day.
        held = Period(day_of(first - 1), day_of(last + 1)).overlap(question.period)
        if held is None:
            return ()
        chosen = [c for c in question.scope.conditions if c[0] in _OF_TIME - {Dimension.HOUR}]
        if not chosen:
            return ((number_of(held.first), number_of(held.last)),)
        runs: list[tuple[int, int]] = []
        for day in held.days():
            if all(_of_day(dimension, day) in texts for dimension, texts in chosen):
                number = number_of(day)
                if runs and runs[-1][1] == number - 1:
                    runs[-1] = (runs[-1][0], number)
                else:
                    runs.append((number, number))
        return tuple(runs)

    @cached_property
    def may_hold(self) -> bool:
        """Whether a day of the source can still change the answer: it lately had something of
        every value that is asked for.
        """
        return all(
            self._has(CUT_OF[dimension], ids)
            for dimension, ids in self._wanted.values.items()
            if dimension in CUT_OF
        )

    def _has(self, cut: int, ids: frozenset[int]) -> bool:
        last = number_of(self._period.last)
        given = {
            "cut": cut,
            "source": self._source.id,
            "first": min(number_of(self._period.first), last - _LATELY),
            "last": last,
            "ids": json.dumps(sorted(ids)),
        }
        where = """
            WHERE cut = :cut AND source = :source AND day BETWEEN :first AND :last
            AND value IN (SELECT value FROM json_each(:ids))
        """
        query = (
            f"SELECT EXISTS (SELECT 1 FROM usage_by_day {where}) "  # noqa: S608 - our own words
            f"OR EXISTS (SELECT 1 FROM charge_by_day {where})"
        )
        return bool(self._connection.execute(query, given).fetchone()[0])

    @cached_property
    def _blind(self) -> int:
        """The dimensions by which some charge of the asked period is not cut."""
        period = self._period
        mask = 0
        for day, blind in self._connection.execute(
            "SELECT day, blind FROM charged_day WHERE source = ? AND day BETWEEN ? AND ?",
            (self._source.id, number_of(period.first), number_of(period.last)),
        ):
            mask |= blind if day not in self._source.explained else 0
        return mask

    def _reader(self, wanted: Wanted) -> tuple[int, Callable[[Sequence[Any]], Key]]:
        """How many ids begin a row, and how they become its key."""
        places: dict[Dimension, int] = {}
        if wanted.by_day:
            places[Dimension.DAY] = places[Dimension.MONTH] = 0
        if wanted.by_hour:
            places[Dimension.HOUR] = int(wanted.by_day)
        before = int(wanted.by_day) + int(wanted.by_hour)
        places.update({d: before + i for i, d in enumerate(wanted.by)})
        columns = [(self._words_of(d, known=d in places), places.get(d, 0)) for d in self._by]

        def key(row: Sequence[Any]) -> Key:
            return tuple([words[row[place]] for words, place in columns])

        return before + len(wanted.by), key

    def _words_of(self, dimension: Dimension, *, known: bool) -> _Words:
        """The words for the ids of one column; one word where the column is not in the rows."""
        if dimension is Dimension.SOURCE:
            return _Words(lambda _: self._source.name)
        if dimension is Dimension.PROVIDER:
            return _Words(lambda _: self._source.connector)
        if not known:
            return _Words(lambda _: None)
        if dimension in _OF_TIME:
            if dimension is Dimension.HOUR:
                return _Words(lambda h: None if h is None else hour_text(h, self._zone))
            return _Words(_day_text if dimension is Dimension.DAY else _month_text)
        return _Words(lambda number: self._names.text_of(dimension, number))


class _Words(dict[Any, str | None]):
    """Words by their ids, each looked up once."""

    def __init__(self, look_up: Callable[[Any], str | None]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, number: Any) -> str | None:
        word = self[number] = self._look_up(number)
        return word


class _Names:
    """Ids of terms and what they are called by one source's own lists."""

    def __init__(self, connection: sqlite3.Connection, ledger: Ledger, source_id: int) -> None:
        self._connection = connection
        self._known = ledger.terms
        self._source_id = source_id
        self._lists: dict[Dimension, dict[str, str]] = {}

    def text_of(self, dimension: Dimension, term: int) -> str | None:
        """The shown value of a term: its name in the provider's lists, else its own text."""
        if term == 0:
            return None
        text = self._known.get(term)
        if text is None:
            query = "SELECT text FROM term WHERE id = ?"
            (text,) = self._connection.execute(query, (term,)).fetchone()
            self._known[term] = text
        return self._list(dimension).get(text, text) if dimension in NAMED else text

    def ids_of(self, dimension: Dimension, words: Sequence[str | None]) -> frozenset[int]:
        """The terms that are called by one of `words`, or are one of them; 0 for None."""
        texts = {word for word in words if word is not None}
        if dimension in NAMED and texts:
            texts |= {number for number, name in self._list(dimension).items() if name in texts}
        found = {
            term
            for (term,) in self._connection.execute(
                "SELECT id FROM term WHERE text IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(texts)),),
            )
        }
        return frozenset(found | {0} if None in words else found)

    def _list(self, dimension: Dimension) -> dict[str, str]:
        names = self._lists.get(dimension)
        if names is None:
            query = "SELECT id, name FROM name WHERE source = ? AND kind = ?"
            given = (self._source_id, dimension.value)
            names = self._lists[dimension] = dict(self._connection.execute(query, given))
        return names


def _of_day(dimension: Dimension, day: date) -> str:
    return day.isoformat()[: 7 if dimension is Dimension.MONTH else 10]


@lru_cache(maxsize=4096)
def _day_text(number: int) -> str:
    return day_of(number).isoformat()


@lru_cache(maxsize=4096)
def _month_text(number: int) -> str:
    return day_of(number).isoformat()[:7]


def _hours(texts: Sequence[str | None]) -> frozenset[int | None]:
    numbers = {None if text is None else hour_number(text) for text in texts}
    return frozenset(numbers if None in texts else numbers - {None})
