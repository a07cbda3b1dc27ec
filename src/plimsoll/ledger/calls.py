"""Agents' calls: kept for ever, each once, whatever file, copy or sync tells of it (D5).

A call is one usage row of its day's slice, numbered by its key, so that everything that is asked
of usage is answered for calls too. A line that tells more of a known call raises it, as
`domain.calls.merged` says; nothing takes a call away. What is read of the files is kept in the
same transaction as the calls it brought.
"""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.calls import (
    Call,
    CallClass,
    Harvest,
    Origin,
    Priced,
    Service,
    merged,
)
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.said import say
from plimsoll.ledger import rollups, running
from plimsoll.ledger.accounts import CALLS, Source
from plimsoll.ledger.canonical import PROVIDER, Texts, clean, details_text
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.floors import calls_below, raise_floors
from plimsoll.ledger.instants import MS_PER_DAY, micros_of, number_of
from plimsoll.ledger.log_files import save_states
from plimsoll.ledger.slices import (
    UNIT_COLUMNS,
    USAGE_COLUMNS,
    Attributions,
    Interned,
    Kept,
    digest_of_marks,
    mark_of,
    marks_of_digest,
)

Price = Callable[[Call], Priced]
"""What a price book makes of a call."""

_TOKENS = slice(5, 10)
"""Where a row of `usage` has its classes of tokens."""

_MARKS = ", ".join("?" * 18)
_KNOWN = """
    SELECT c.key, c.slice, c.rank, u.start, u.attribution, u.details, u.requests, u.input,
        u.cache_read, u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning
    FROM json_each(?) k JOIN call c ON c.key = k.value
    JOIN usage u ON u.slice = c.slice AND u.n = c.key
"""
_SET_SESSION = """
    INSERT INTO session (source, id, title, parent) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET title = ifnull(excluded.title, title),
        parent = ifnull(parent, excluded.parent)
"""


def store_harvests(
    ledger: Ledger, source: Source, harvests: Sequence[Harvest], *, price: Price, edition: str
) -> int:
    """Keep what was read, all of it or nothing; how many days changed.

    `edition` is that of the price book. Raises `Cancelled` where the source is gone, or a
    `LedgerProblem`; nothing is changed then.
    """
    calls: dict[int, Call] = {}
    for harvest in harvests:
        for call in harvest.calls:
            known = calls.get(call.key)
            calls[call.key] = call if known is None else merged(known, call)
    with ledger.writing() as connection:
        if not connection.execute("SELECT 1 FROM source WHERE id = ?", (source.id,)).fetchone():
            raise Cancelled(say("The source was removed while it was being read."))
        storing = _Storing(connection, source, ledger.clock.now(), price, edition)
        calls = running.resolved(connection, source.id, calls)
        floors = raise_floors(connection, source.id, harvests)
        if floors.all:
            calls = floors.kept(calls.values())
            storing.drop(calls_below(connection, source.id, floors.risen))
        if calls:
            storing.put(calls)
        save_states(connection, source.id, harvests)
        _save_sessions(connection, source.id, harvests, calls.values())
        return storing.seal()


def titles(ledger: Ledger, sessions: Iterable[str]) -> dict[str, str]:
    """The titles that logs give to sessions, by the session."""
    query = """
        SELECT id, title FROM session
        WHERE title IS NOT NULL AND id IN (SELECT value FROM json_each(?))
    """
    with ledger.reading() as connection:
        return dict(connection.execute(query, (json.dumps(sorted(set(sessions))),)))


def _save_sessions(
    connection: sqlite3.Connection,
    source_id: int,
    harvests: Iterable[Harvest],
    calls: Iterable[Call],
) -> None:
    parents = {call.origin.session: call.origin.parent for call in calls if call.origin.parent}
    named = {session: title for harvest in harvests for session, title in harvest.titles}
    rows = [
        (source_id, clean(session), _clean(named.get(session)), _clean(parents.get(session)))
        for session in {*parents, *named}
    ]
    connection.executemany(_SET_SESSION, rows)


def _clean(text: str | None) -> str | None:
    return None if text is None else clean(text)


class _Storing:
    """Calls of one source on their way into the file, inside one transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        source: Source,
        now: datetime,
        price: Price,
        edition: str,
    ) -> None:
        self._connection = connection
        self._source = source
        self._now = micros_of(now)
        self._today = number_of(utc_day(now))
        self._price = price
        self._phrases = Interned(connection, "phrase")
        self._attributions = Attributions(connection)
        self._kept = Kept(connection)
        self._edition = self._phrases[edition]
        self._places: dict[tuple[Origin, Service], tuple[int, int]] = {}
        self._days: dict[tuple[int, int], _Day] = {}
        """The slices that change, by source and day."""

    def put(self, calls: dict[int, Call]) -> None:
        """Add what is new, and raise what is known."""
        known = self._known(calls)
        new = calls if not known else {key: calls[key] for key in calls.keys() - known.keys()}
        raised: dict[int, list[Call]] = defaultdict(list)
        raised[self._source.id].extend(new.values())
        for key, row in known.items():
            if self._tells_more(calls[key], row):
                self._raise(calls[key], row, raised)
        for owner, fresh in raised.items():
            self._write(owner, fresh)

    def drop(self, rows: Iterable[tuple[int, int]]) -> None:
        """Take calls out, by their keys and slices: a better record of their sessions came."""
        for key, slice_id in rows:
            self._take_out(slice_id, key)
            self._connection.execute("DELETE FROM call WHERE key = ?", (key,))

    def _known(self, calls: dict[int, Call]) -> dict[int, tuple[Any, ...]]:
        if self._connection.execute("SELECT 1 FROM call LIMIT 1").fetchone() is None:
            return {}
        rows = self._connection.execute(_KNOWN, (json.dumps(list(calls)),))
        return {row[0]: row for row in rows}

    def _tells_more(self, call: Call, row: tuple[Any, ...]) -> bool:
        """Whether a line can change what is known of its call; quick, for files read again."""
        _, _, rank, start, attribution, details, requests, *classes = row
        if call.at >= start and call.rank < rank:
            return False
        same = (call.at, call.rank, call.requests, *call[5:11]) == (start, rank, requests, *classes)
        return not (same and self._place(call.origin, call.service) == (attribution, details))

    def _raise(self, call: Call, row: tuple[Any, ...], raised: dict[int, list[Call]]) -> None:
        """Take a known call out, if a line adds to it, to be written again as it is then."""
        key, slice_id, *_ = row
        known = self._read(row)
        better = merged(known, call)
        if better != known:
            raised[self._take_out(slice_id, key)].append(better)

    def _take_out(self, slice_id: int, key: int) -> int:
        """Take a call out of its day; whose it was."""
        query = "SELECT source, day FROM slice WHERE id = ?"
        owner, number = self._connection.execute(query, (slice_id,)).fetchone()
        day = self._day(owner, number)
        for columns, table in ((UNIT_COLUMNS, "usage_unit"), (USAGE_COLUMNS, "usage")):
            query = f"DELETE FROM {table} WHERE slice = ? AND n = ? RETURNING {columns}"
            for row in self._connection.execute(query, (day.id, key)).fetchall():
                day.marks -= mark_of(row)
        day.records -= 1
        day.tokens -= sum(row[_TOKENS])
        return cast("int", owner)

    def _read(self, row: tuple[Any, ...]) -> Call:
        """A call as it was given; where it is nothing but a cost, its rank is the cost."""
        key, slice_id, rank, start, attribution, details, requests, *classes = row
        fresh, read, written, longer, output, reasoning = classes
        model, project, _, _, tier, _, _, session, branch, _, answered = self._kept.texts(
            attribution
        )
        (_, provider), *others = json.loads(self._kept.phrase(details))
        units = self._kept.units(slice_id, key)
        cost = None if any(classes) or units else rank
        return Call(
            key,
            start,
            rank,
            Origin(session or "", None, project, branch, cast("CallClass", answered)),
            Service(provider, model, tier, tuple((name, text) for name, text in others)),
            fresh,
            read,
            written,
            longer,
            output,
            reasoning,
            requests,
            tuple((unit, int(quantity)) for unit, quantity in units),
            cost,
        )

    def _write(self, owner: int, fresh: Sequence[Call]) -> None:
        phrases, price, places = self._phrases, self._price, self._places
        days: dict[int, _Day] = {}
        rows = []
        for call in fresh:
            key, at, _, origin, service, *figures = call
            place = places.get((origin, service)) or self._place(origin, service)
            day = at // MS_PER_DAY
            slot = days.get(day) or days.setdefault(day, self._day(owner, day))
            currency, worth, basis, off = price(call)
            rows.append(
                (
                    slot.id,
                    key,
                    at,
                    at + 1,
                    place[0],
                    *figures[:7],
                    0,
                    phrases[currency],
                    worth,
                    phrases[basis],
                    place[1],
                    off,
                )
            )
            slot.add(rows[-1])
        rows.sort()
        execute = self._connection.executemany
        execute(f"INSERT INTO usage ({USAGE_COLUMNS}) VALUES ({_MARKS})", rows)
        execute(
            "INSERT OR REPLACE INTO call (key, slice, rank) VALUES (?, ?, ?)",
            sorted((call.key, days[call.at // MS_PER_DAY].id, call.rank) for call in fresh),
        )
        units = []
        for call in fresh:
            for unit, quantity in call.units:
                slot = days[call.at // MS_PER_DAY]
                units.append((slot.id, call.key, phrases[unit], 0, quantity))
                slot.marks += mark_of(units[-1])
        execute(f"INSERT INTO usage_unit ({UNIT_COLUMNS}) VALUES (?, ?, ?, ?, ?)", units)

    def _place(self, origin: Origin, service: Service) -> tuple[int, int]:
        """The ids of a call's attribution and of its details."""
        known = self._places.get((origin, service))
        if known is None:
            texts: Texts = tuple(
                _clean(text)
                for text in (
                    service.model,
                    origin.project,
                    None,
                    None,
                    service.tier,
                    None,
                    self._source.connector,
                    origin.session or None,
                    origin.branch,
                    None,
                    origin.answered,
                )
            )
            details = details_text(((PROVIDER, service.provider), *service.details))
            known = (self._attributions[texts], self._phrases[details])
            self._places[origin, service] = known
        return known

    def _day(self, owner: int, day: int) -> _Day:
        known = self._days.get((owner, day))
        if known is None:
            query = "SELECT id, records, totals, digest FROM slice WHERE source = ? AND day = ? "
            row = self._connection.execute(f"{query} AND endpoint = ?", (owner, day, CALLS))
            known = self._days[owner, day] = _Day(*(row.fetchone() or self._new(owner, day)))
        return known

    def _new(self, owner: int, day: int) -> tuple[int, int, str, bytes]:
        row = self._connection.execute(
            "INSERT INTO slice (source, endpoint, day, fetched_at, final, records, charges, "
            "bills_by, totals, digest, edition) VALUES (?, ?, ?, 0, 0, 0, 0, 0, ?, x'', ?) "
            "RETURNING id, records, totals, digest",
            (owner, CALLS, day, _totals(0), self._edition),
        ).fetchone()
        return cast("tuple[int, int, str, bytes]", row)

    def seal(self) -> int:
        """Say of every slice that changed what it holds, and sum up its day again."""
        days: dict[int, set[int]] = defaultdict(set)
        for (owner, number), day in self._days.items():
            days[owner].add(number)
            if not day.records:
                self._connection.execute("DELETE FROM slice WHERE id = ?", (day.id,))
                continue
            self._connection.execute(
                # Rows of two editions are of none: they are computed again the next time.
                "UPDATE slice SET fetched_at = ?, final = ?, records = ?, totals = ?, digest = ?, "
                "edition = iif(edition = ?, edition, 0) WHERE id = ?",
                (
                    self._now,
                    int(number < self._today),
                    day.records,
                    _totals(day.tokens),
                    digest_of_marks(day.marks),
                    self._edition,
                    day.id,
                ),
            )
        for owner, changed in days.items():
            rollups.rebuild(self._connection, owner, changed)
        return sum(map(len, days.values()))


class _Day:
    """One slice as it changes: rows come and go without a look at all the others."""

    def __init__(self, number: int, records: int, totals: str, digest: bytes) -> None:
        self.id = number
        self.records = records
        self.tokens: int = json.loads(totals)["tokens"]
        self.marks = marks_of_digest(digest)

    def add(self, row: tuple[Any, ...]) -> None:
        """Count a row of `usage`."""
        self.records += 1
        self.tokens += sum(row[_TOKENS])
        self.marks += mark_of(row)


def _totals(tokens: int) -> str:
    return json.dumps({"billed": {}, "tokens": tokens, "units": {}})
