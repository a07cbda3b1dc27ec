"""Syncs and what they bring besides slices: runs, the names of ids, and balances."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plimsoll.domain.errors import Cancelled, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.said import again, kept, say
from plimsoll.domain.usage import BalanceReading, Expiring, Name, NameKind
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, maybe_instant, micros_of, number_of

_RUNS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of one source. `ended_at` is None while it runs, or when it was cut off; `title`
    and `sentence` say why it failed, `not_before` when it may be tried again.
    """

    id: int
    source_id: int
    started_at: datetime
    ended_at: datetime | None
    ok: bool
    title: str
    sentence: str
    slices: int
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Prepaid credit of a source (by its name), one for each currency of its latest reading."""

    source: str
    at: datetime
    amount: Money


def start_run(ledger: Ledger, source_id: int) -> int:
    """Note that a sync begins; its number is for `finish_run`. Old runs are let go.

    Raises `WrongUse` for a source that was forgotten.
    """
    with ledger.writing() as connection:
        if not connection.execute("SELECT 1 FROM source WHERE id = ?", (source_id,)).fetchone():
            raise WrongUse(say("This source is no longer there."))
        if not connection.execute(
            "SELECT 1 FROM slice WHERE source = ? LIMIT 1", (source_id,)
        ).fetchone():
            from plimsoll.ledger.account_changes import take_over

            take_over(connection, source_id)
        connection.execute(
            "DELETE FROM run WHERE source = :source AND id NOT IN "
            "(SELECT id FROM run WHERE source = :source ORDER BY id DESC LIMIT :kept)",
            {"source": source_id, "kept": _RUNS_KEPT},
        )
        row = connection.execute(
            "INSERT INTO run (source, started_at) VALUES (?, ?) RETURNING id",
            (source_id, micros_of(ledger.clock.now())),
        ).fetchone()
    number: int = row[0]
    return number


def finish_run(
    ledger: Ledger,
    run_id: int,
    *,
    ok: bool,
    title: str = "",
    sentence: str = "",
    slices: int = 0,
    not_before: datetime | None = None,
) -> None:
    """Note how a sync ended; nothing where its source was forgotten meanwhile."""
    until = None if not_before is None else micros_of(not_before)
    with ledger.writing() as connection:
        connection.execute(
            "UPDATE run SET ended_at = ?, ok = ?, title = ?, sentence = ?, said = ?, slices = ?, "
            "not_before = ? WHERE id = ?",
            (
                *(micros_of(ledger.clock.now()), int(ok), title, sentence, kept(sentence)),
                *(slices, until, run_id),
            ),
        )


def last_run(ledger: Ledger, source_id: int) -> Run | None:
    """The latest sync of a source that has ended, by its number, not by the clock."""
    query = "SELECT * FROM run WHERE source = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1"
    with ledger.reading() as connection:
        row = connection.execute(query, (source_id,)).fetchone()
    return None if row is None else _run(row)


def last_success(ledger: Ledger, source_id: int) -> datetime | None:
    """When the latest sync that went well ended."""
    query = "SELECT ended_at FROM run WHERE source = ? AND ok = 1 ORDER BY id DESC LIMIT 1"
    with ledger.reading() as connection:
        row = connection.execute(query, (source_id,)).fetchone()
    return None if row is None else maybe_instant(row[0])


@dataclass(frozen=True, slots=True)
class Tries:
    """The latest sync of a source, ended or not, and how many in a row have brought nothing."""

    last: Run | None
    failures: int


def tries(ledger: Ledger, source_id: int, *, but: str) -> Tries:
    """How a source's latest syncs went. Failures with the title `but` say nothing of the source."""
    query = "SELECT * FROM run WHERE source = ? ORDER BY id DESC LIMIT 1"
    failures = """
        SELECT count(*) FROM run WHERE source = :source AND ok = 0 AND ended_at IS NOT NULL
        AND slices = 0 AND title <> :but AND id > ifnull((SELECT max(id) FROM run
            WHERE source = :source AND ended_at IS NOT NULL AND (ok = 1 OR slices > 0)), 0)
    """
    with ledger.reading() as connection:
        row = connection.execute(query, (source_id,)).fetchone()
        (count,) = connection.execute(failures, {"source": source_id, "but": but}).fetchone()
    return Tries(None if row is None else _run(row), count)


def forget_failures(ledger: Ledger, source_id: int) -> None:
    """Let go of the failures since the last success: they tell of a key, or an address, that is no
    longer used.
    """
    with ledger.writing() as connection:
        connection.execute(
            "DELETE FROM run WHERE source = :source AND ended_at IS NOT NULL AND id > ifnull("
            "(SELECT max(id) FROM run WHERE source = :source AND ok = 1), 0)",
            {"source": source_id},
        )


def save_names(ledger: Ledger, source_id: int, names: Iterable[Name]) -> None:
    """Keep the names that a provider gives to its ids; names it no longer lists stay."""
    rows = [(source_id, name.kind.value, name.id, name.name) for name in names]
    with ledger.writing() as connection:
        connection.executemany(
            "INSERT INTO name (source, kind, id, name) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET name = excluded.name",
            rows,
        )


def names_in(connection: sqlite3.Connection, source_id: int, kind: NameKind) -> dict[str, str]:
    """The names of a source's ids, within a snapshot."""
    query = "SELECT id, name FROM name WHERE source = ? AND kind = ?"
    return dict(connection.execute(query, (source_id, kind.value)))


def save_balances(ledger: Ledger, source_id: int, readings: Iterable[BalanceReading]) -> None:
    """Keep one reading of a source's prepaid credit: one amount for each currency."""
    last = """
        SELECT (SELECT ifnull(max(reading), 0) FROM balance WHERE source = s.id), key_tail
        FROM source s WHERE id = ?
    """
    with ledger.writing() as connection:
        found = connection.execute(last, (source_id,)).fetchone()
        if found is None:
            raise Cancelled(say("The source was removed while it was being read."))
        reading, key_tail = found
        connection.executemany(
            "INSERT OR REPLACE INTO balance (source, reading, currency, at, nanos, "
            "granted, topped_up, ever_added, ever_spent, expiring, read_by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*_balance_row(source_id, reading + 1, told), key_tail) for told in readings],
        )


def _balance_row(source_id: int, reading: int, told: BalanceReading) -> tuple[object, ...]:
    expiring = sorted((number_of(credit.last), credit.nanos) for credit in told.expiring)
    return (
        source_id,
        reading,
        told.amount.currency,
        micros_of(told.at),
        told.amount.nanos,
        told.granted,
        told.topped_up,
        told.ever_added,
        told.ever_spent,
        json.dumps(expiring),
    )


def readings_of(
    ledger: Ledger, source_id: int, *, since: datetime | None = None
) -> tuple[BalanceReading, ...]:
    """The readings of a source's prepaid credit, in all currencies, the oldest first: all of them,
    or those `since` an instant and of each currency the last one before it.
    """
    query = """
        SELECT at, currency, nanos, granted, topped_up, ever_added, ever_spent, expiring, read_by
        FROM balance WHERE source = :source AND at >= (
            SELECT ifnull(min(at), :since) FROM (
                SELECT max(at) AS at FROM balance WHERE source = :source AND at < :since
                GROUP BY currency
            )
        ) ORDER BY at, reading, currency
    """
    begin = 0 if since is None else micros_of(since)
    with ledger.reading() as connection:
        rows = connection.execute(query, {"source": source_id, "since": begin}).fetchall()
    return tuple(
        BalanceReading(
            instant_of(at),
            Money(currency, nanos),
            granted,
            topped_up,
            ever_added,
            ever_spent,
            tuple(Expiring(day_of(last), left) for last, left in json.loads(expiring)),
            read_by,
        )
        for at, currency, nanos, granted, topped_up, ever_added, ever_spent, expiring, read_by in (
            rows
        )
    )


def latest_balances(ledger: Ledger) -> tuple[Balance, ...]:
    """The latest reading of every source that is still asked, one for each currency."""
    query = """
        SELECT s.name, b.at, b.currency, b.nanos FROM source s JOIN balance b ON b.source = s.id
        WHERE s.removed_at IS NULL
        AND b.reading = (SELECT max(reading) FROM balance WHERE source = s.id)
        ORDER BY s.id, b.currency
    """
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return tuple(Balance(n, instant_of(at), Money(c, nanos)) for n, at, c, nanos in rows)


def _run(row: Sequence[Any]) -> Run:
    number, source_id, started, ended, ok, title, sentence, slices, not_before, said = row
    return Run(
        id=number,
        source_id=source_id,
        started_at=instant_of(started),
        ended_at=maybe_instant(ended),
        ok=bool(ok),
        title=title,
        sentence=again(sentence, said),
        slices=slices,
        not_before=maybe_instant(not_before),
    )
