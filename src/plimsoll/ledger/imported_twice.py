"""Imported twice: files under two names whose rows are the same on every day that both hold.

The last day of either may differ: whoever exports in the middle of a day has a part of it.
"""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from plimsoll.ledger.database import Ledger

_COMMON = """
    SELECT a.id, b.id, s.day, s.totals,
        s.totals = t.totals AND s.records = t.records AND s.charges = t.charges,
        s.day < (SELECT min(l.last) FROM (SELECT max(day) AS last FROM slice
            WHERE source IN (a.id, b.id) GROUP BY source) l)
    FROM source a
    JOIN source b ON b.connector = a.connector AND b.kind = 'file' AND b.id > a.id
    JOIN slice s ON s.source = a.id
    JOIN slice t ON t.source = b.id AND t.endpoint = s.endpoint AND t.day = s.day
    WHERE a.kind = 'file' AND (a.removed_at IS NULL OR b.removed_at IS NULL)
        AND ifnull(a.organisation = b.organisation, 1)
        AND s.records + s.charges + t.records + t.charges > 0
"""
_ROWS = {
    "usage": "r.start, r.until, r.attribution, r.input, r.cache_read, r.cache_write_5m, "
    "r.cache_write_1h, r.output, r.reasoning, r.requests, r.billed_elsewhere, r.details",
    "usage_unit": "r.unit, r.place, r.quantity",
    "charge": "r.attribution, r.currency, r.nanos, r.text, r.details",
}
"""What a file tells of each row: not what our price book made of it when it was imported."""

_MORE = """
    SELECT EXISTS (SELECT 1 FROM slice s WHERE s.source = ? AND s.records + s.charges > 0
        AND s.day IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM slice t
            WHERE t.source = ? AND t.endpoint = s.endpoint AND t.day = s.day))
"""
_SAME_FILE = """
    SELECT EXISTS (SELECT 1 FROM import_file f JOIN import_file g ON g.sha256 = f.sha256
        WHERE f.source = ? AND g.source = ?)
"""


@dataclass(slots=True)
class Twice:
    """Two imported sources, by their ids, the older one first, that hold the same rows on `days`:
    so many tokens, and nano-units by currency. `same_file` where the very same file was imported
    into both; `more_in_one` and `more_in_other` where one of them holds on these days what the
    other has no export of (tokens beside costs).
    """

    one: int
    other: int
    days: set[int] = field(default_factory=set)
    tokens: int = 0
    billed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    same_file: bool = False
    more_in_one: bool = False
    more_in_other: bool = False

    @property
    def most_billed(self) -> int:
        """Nano-units of the currency that they hold most of."""
        return max(map(abs, self.billed.values()), default=0)


def imported_twice(ledger: Ledger, *, but: Collection[frozenset[int]]) -> tuple[Twice, ...]:
    """The pairs of imported sources of one provider that hold the same rows on every day that both
    hold, without the pairs `but`. Days that only one of them holds say nothing.
    """
    found: dict[tuple[int, int], Twice] = {}
    differ: set[tuple[int, int]] = set()
    with ledger.reading() as connection:
        for one, other, day, totals, alike, is_over in connection.execute(_COMMON):
            if not alike:
                if is_over:
                    differ.add((one, other))
                continue
            pair = found.setdefault((one, other), Twice(one, other))
            told = json.loads(totals)
            pair.days.add(day)
            pair.tokens += told["tokens"]
            for currency, nanos in told["billed"].items():
                pair.billed[currency] += nanos
        return tuple(
            _told(connection, pair)
            for both, pair in found.items()
            if both not in differ and frozenset(both) not in but and _same(connection, pair)
        )


def _same(connection: sqlite3.Connection, pair: Twice) -> bool:
    """Whether all rows of these days are the same, as often as they are there; that both have as
    many of them is known.
    """
    days = json.dumps(sorted(pair.days))
    for table, columns in _ROWS.items():
        rows = f"""
            SELECT s.endpoint, s.day, {columns}, count(*) FROM slice s
            JOIN slice t ON t.endpoint = s.endpoint AND t.day = s.day AND t.source = ?
            JOIN {table} r ON r.slice = s.id
            WHERE s.source = ? AND s.day IN (SELECT value FROM json_each(?))
            GROUP BY s.endpoint, s.day, {columns}
        """
        given = (pair.other, pair.one, days, pair.one, pair.other, days)
        if connection.execute(f"SELECT EXISTS ({rows} EXCEPT {rows})", given).fetchone()[0]:
            return False
    return True


def _told(connection: sqlite3.Connection, pair: Twice) -> Twice:
    """The pair with what there is besides the rows of these days."""

    def ask(query: str, *given: object) -> bool:
        return bool(connection.execute(query, given).fetchone()[0])

    days = json.dumps(sorted(pair.days))
    pair.same_file = ask(_SAME_FILE, pair.one, pair.other)
    pair.more_in_one = ask(_MORE, pair.one, days, pair.other)
    pair.more_in_other = ask(_MORE, pair.other, days, pair.one)
    return pair
