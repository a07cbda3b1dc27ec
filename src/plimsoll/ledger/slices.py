"""Slices on their way into the file and back: texts become ids, quantities whole numbers."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from plimsoll.domain.calendar import ONE_DAY, day_start
from plimsoll.ledger.accounts import CALLS
from plimsoll.ledger.canonical import (
    ChargeRow,
    Rows,
    Texts,
    Units,
    UsageRow,
    whole,
)
from plimsoll.ledger.cuts import ATTRIBUTED
from plimsoll.ledger.instants import day_of, micros_of
from plimsoll.ledger.quantities import join, plain, split

_COLUMNS = ", ".join(dimension.value for dimension in ATTRIBUTED)
_TERM_OF_EACH = ", ".join(
    f"(SELECT text FROM term WHERE id = a.{dimension.value})" for dimension in ATTRIBUTED
)
USAGE_COLUMNS = (
    "slice, n, start, until, attribution, input, cache_read, cache_write_5m, cache_write_1h, "
    "output, reasoning, requests, billed_elsewhere, currency, worth, basis, details, off"
)

UNIT_COLUMNS = "slice, n, unit, place, quantity"

_MARKS = 1 << 128

_OF_MODELS = """
    AND (SELECT model FROM attribution WHERE id = usage.attribution)
        IN (SELECT value FROM json_each(:models))
"""


def digest_of_calls(connection: sqlite3.Connection, slice_id: int) -> bytes:
    """A digest over the rows of a slice of calls, as they are in the file."""
    total = 0
    for columns, table in ((USAGE_COLUMNS, "usage"), (UNIT_COLUMNS, "usage_unit")):
        query = f"SELECT {columns} FROM {table} WHERE slice = ?"
        total += sum(map(mark_of, connection.execute(query, (slice_id,))))
    return digest_of_marks(total)


def mark_of(row: tuple[object, ...]) -> int:
    """What one row of a slice of calls adds to its digest: a sum of the rows' hashes, so that a row
    that comes to a large day costs no look at the others.
    """
    return int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "big")


def digest_of_marks(total: int) -> bytes:
    """The digest of a slice of calls, by the sum of its rows' marks."""
    return (total % _MARKS).to_bytes(16, "big")


def marks_of_digest(digest: bytes) -> int:
    """The sum of marks that a digest stands for."""
    return int.from_bytes(digest, "big")


class Batch:
    """Slices of one source on their way into the file, inside one transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        source_id: int,
        now: datetime,
        revision_days: int,
        *,
        edition: str = "",
    ) -> None:
        self.changed: set[int] = set()
        self.restated = 0
        self._connection = connection
        self._source_id = source_id
        self._now = now
        self._revision = timedelta(days=revision_days)
        self._writer = RowWriter(connection)
        self._edition = self._writer.edition(edition)

    @cached_property
    def _kept(self) -> Kept:
        return Kept(self._connection)

    def put(self, endpoint: str, day: int, rows: Rows) -> None:
        """Replace one slice; its rows are left alone when they have not changed."""
        settled_at = day_start(day_of(day)) + ONE_DAY + self._revision
        final = self._now >= settled_at
        old = self._connection.execute(
            "SELECT id, final, digest, totals FROM slice "
            "WHERE source = ? AND day = ? AND endpoint = ?",
            (self._source_id, day, endpoint),
        ).fetchone()
        if old is None:
            self._write(self._add(endpoint, day, final=final, rows=rows), day, rows)
            return
        slice_id, was_final, digest, totals = old
        if was_final and totals != rows.totals:
            self._note_restatement(endpoint, day, totals, rows.totals)
        # A slice that settles is compared row by row, so that a rotten row does not stay for ever.
        same = digest == rows.digest and not (final and self._kept.rows(slice_id).digest != digest)
        self._mark(slice_id, final=final, rows=rows)
        if not same:
            self._connection.execute("DELETE FROM usage WHERE slice = ?", (slice_id,))
            self._connection.execute("DELETE FROM charge WHERE slice = ?", (slice_id,))
            self._write(slice_id, day, rows)

    def _add(self, endpoint: str, day: int, *, final: bool, rows: Rows) -> int:
        cursor = self._connection.execute(
            "INSERT INTO slice (source, endpoint, day, fetched_at, final, records, charges, "
            "bills_by, totals, digest, edition) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self._source_id, endpoint, day, *self._head(rows, final=final)),
        )
        if cursor.lastrowid is None:
            raise RuntimeError("SQLite gave no id to a slice")
        return cursor.lastrowid

    def _mark(self, slice_id: int, *, final: bool, rows: Rows) -> None:
        self._connection.execute(
            "UPDATE slice SET fetched_at = ?, final = ?, records = ?, charges = ?, "
            "bills_by = ?, totals = ?, digest = ?, edition = ? WHERE id = ?",
            (*self._head(rows, final=final), slice_id),
        )

    def _head(self, rows: Rows, *, final: bool) -> tuple[object, ...]:
        return (
            micros_of(self._now),
            int(final),
            len(rows.usage),
            len(rows.charges),
            rows.bills_by,
            rows.totals,
            rows.digest,
            self._edition,
        )

    def _write(self, slice_id: int, day: int, rows: Rows) -> None:
        self.changed.add(day)
        self._writer.usage(slice_id, rows)
        self._writer.charges(slice_id, rows)

    def _note_restatement(self, endpoint: str, day: int, old: str, new: str) -> None:
        self.restated += 1
        self._connection.execute(
            "INSERT INTO restatement (source, endpoint, day, at, old, new) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (self._source_id, endpoint, day, micros_of(self._now), old, new),
        )


class RowWriter:
    """Writes rows into the file, texts as ids; inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._phrases = Interned(connection, "phrase")
        self._attributions = Attributions(connection)

    def edition(self, text: str) -> int:
        """The number that an edition of the price book is kept by."""
        return self._phrases[text]

    def reprice(self, slice_id: int, rows: Rows) -> None:
        """Put these usage rows in the place of a slice's own, of which the worth has changed."""
        self._connection.execute("DELETE FROM usage WHERE slice = ?", (slice_id,))
        self.usage(slice_id, rows)
        digest = rows.digest or digest_of_calls(self._connection, slice_id)
        self._connection.execute("UPDATE slice SET digest = ? WHERE id = ?", (digest, slice_id))

    def usage(self, slice_id: int, rows: Rows) -> None:
        """Add the usage rows of one slice."""
        self._connection.executemany(
            f"INSERT INTO usage ({USAGE_COLUMNS}) VALUES ({', '.join('?' * 18)})",
            [self._usage(slice_id, row.call or n, row) for n, row in enumerate(rows.usage)],
        )
        self._connection.executemany(
            f"INSERT INTO usage_unit ({UNIT_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
            [
                (slice_id, row.call or n, self._phrases[unit], place, number)
                for n, row in enumerate(rows.usage)
                for unit, quantity in row.units
                for place, number in split(quantity)
            ],
        )

    def charges(self, slice_id: int, rows: Rows) -> None:
        """Add the charges of one slice."""
        self._connection.executemany(
            "INSERT INTO charge (slice, n, attribution, currency, nanos, text, details) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [self._charge(slice_id, n, row) for n, row in enumerate(rows.charges)],
        )

    def _usage(self, slice_id: int, n: int, row: UsageRow) -> tuple[object, ...]:
        return (
            slice_id,
            n,
            row.start,
            row.until,
            self._attributions[row.attribution],
            *row[3:11],
            self._phrases[row.currency],
            row.worth,
            self._phrases[row.basis],
            self._phrases[row.details],
            row.off,
        )

    def _charge(self, slice_id: int, n: int, row: ChargeRow) -> tuple[object, ...]:
        return (
            slice_id,
            n,
            self._attributions[row.attribution],
            self._phrases[row.currency],
            row.nanos,
            row.text,
            self._phrases[row.details],
        )


class Interned(dict[str, int]):
    """Texts and their ids in one table, those of a transaction remembered; nothing is 0."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        super().__init__()
        self._connection = connection
        self._table = table
        if table == "phrase":
            self[""] = 0

    def __missing__(self, text: str) -> int:
        row = self._connection.execute(
            f"SELECT id FROM {self._table} WHERE text = ?", (text,)
        ).fetchone()
        if row is None:
            row = self._connection.execute(
                f"INSERT INTO {self._table} (text) VALUES (?) RETURNING id", (text,)
            ).fetchone()
        number: int = row[0]
        self[text] = number
        return number


class Attributions(dict[Texts, int]):
    """Attributions by their texts and their ids, those of a transaction remembered."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection
        self._terms = Interned(connection, "term")

    def __missing__(self, texts: Texts) -> int:
        terms = tuple(0 if text is None else self._terms[text] for text in texts)
        same = " AND ".join(f"{dimension.value} = ?" for dimension in ATTRIBUTED)
        row = self._connection.execute(f"SELECT id FROM attribution WHERE {same}", terms).fetchone()
        if row is None:
            marks = ", ".join("?" * len(terms))
            row = self._connection.execute(
                f"INSERT INTO attribution ({_COLUMNS}) VALUES ({marks}) RETURNING id", terms
            ).fetchone()
        number: int = row[0]
        self[texts] = number
        return number


class Kept:
    """Slices as they are in the file now, read back as they were written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._phrases: dict[int, str] = {0: ""}
        self._phrases.update(connection.execute("SELECT id, text FROM phrase"))
        self._attributions: dict[int, Texts] = {}

    def rows(self, slice_id: int) -> Rows:
        """One slice's rows, with the totals and the digest that they should have."""
        charges = [
            ChargeRow(self.texts(who), self.phrase(currency), nanos, text, self.phrase(details))
            for who, currency, nanos, text, details in self._connection.execute(
                "SELECT attribution, currency, nanos, text, details FROM charge WHERE slice = ?",
                (slice_id,),
            )
        ]
        (bills_by,) = self._connection.execute(
            "SELECT bills_by FROM slice WHERE id = ?", (slice_id,)
        ).fetchone()
        rows = whole(list(self.usage(slice_id)), charges, bills_by)
        if rows.digest:
            return rows
        return replace(rows, digest=digest_of_calls(self._connection, slice_id))

    def usage(self, slice_id: int, *, models: Collection[int] | None = None) -> Iterator[UsageRow]:
        """One slice's usage rows; only those of some models (their terms, 0 for none) if named."""
        units = self._units(slice_id)
        calls = self._are_calls(slice_id)
        rows = self._connection.execute(
            f"""
            SELECT n, start, until, attribution, currency, worth, basis, details, off, input,
                cache_read, cache_write_5m, cache_write_1h, output, reasoning, requests,
                billed_elsewhere
            FROM usage WHERE slice = :slice {"" if models is None else _OF_MODELS}
            """,
            {"slice": slice_id, "models": json.dumps(sorted(models or ()))},
        )
        for n, start, until, who, currency, worth, basis, details, off, *figures in rows:
            yield UsageRow._make(
                (
                    start,
                    until,
                    self.texts(who),
                    *figures,
                    self.phrase(currency),
                    worth,
                    self.phrase(basis),
                    self.phrase(details),
                    units.get(n, ()),
                    off,
                    n if calls else 0,
                )
            )

    def _are_calls(self, slice_id: int) -> bool:
        query = "SELECT endpoint FROM slice WHERE id = ?"
        (endpoint,) = self._connection.execute(query, (slice_id,)).fetchone()
        return bool(endpoint == CALLS)

    def phrase(self, number: int) -> str:
        """A phrase by its id."""
        known = self._phrases.get(number)
        if known is None:
            query = "SELECT text FROM phrase WHERE id = ?"
            row = self._connection.execute(query, (number,)).fetchone()
            known = self._phrases[number] = row[0] if row else f"lost phrase {number}"
        return known

    def texts(self, number: int) -> Texts:
        """The texts of an attribution, by its id."""
        texts = self._attributions.get(number)
        if texts is None:
            row = self._connection.execute(
                f"SELECT {_TERM_OF_EACH} FROM attribution a WHERE a.id = ?", (number,)
            ).fetchone()
            texts = self._attributions[number] = row or (f"lost attribution {number}",)
        return texts

    def units(self, slice_id: int, n: int) -> Units:
        """The units of one row."""
        return self._units(slice_id).get(n, ())

    def _units(self, slice_id: int) -> dict[int, Units]:
        parts: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(dict)
        for n, unit, place, number in self._connection.execute(
            "SELECT n, unit, place, quantity FROM usage_unit WHERE slice = ?", (slice_id,)
        ):
            parts[n].setdefault(unit, []).append((place, number))
        return {
            n: tuple(sorted((self.phrase(u), plain(join(p))) for u, p in units.items()))
            for n, units in parts.items()
        }
