"""Reported work: what providers counted of an account, day by day; a day is kept as a whole.

A day that was asked and held nothing is known to be none; of a day without a row nothing is known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.work import Done, WorkDay
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of

SCHEMA = (
    """
    CREATE TABLE work_day (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        day INTEGER NOT NULL,
        asked_on INTEGER NOT NULL,
        PRIMARY KEY (source, day)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE work_count (
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        is_plan INTEGER NOT NULL CHECK (is_plan IN (0, 1)),
        name TEXT NOT NULL,
        count INTEGER NOT NULL CHECK (count >= 0),
        PRIMARY KEY (source, day, is_plan, name),
        FOREIGN KEY (source, day) REFERENCES work_day (source, day) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE work_cost (
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        is_plan INTEGER NOT NULL CHECK (is_plan IN (0, 1)),
        currency TEXT NOT NULL,
        nanos INTEGER NOT NULL,
        PRIMARY KEY (source, day, is_plan),
        FOREIGN KEY (source, day) REFERENCES work_day (source, day) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE work_trouble (
        source INTEGER PRIMARY KEY REFERENCES source ON DELETE CASCADE,
        asked_on INTEGER NOT NULL,
        is_offered INTEGER NOT NULL CHECK (is_offered IN (0, 1)),
        sentence TEXT NOT NULL
    ) STRICT
    """,
)


@dataclass(frozen=True, slots=True)
class WorkTrouble:
    """Why a provider's report of work could not be read when it was last asked, on a day (UTC)."""

    source: str
    asked_on: date
    is_offered: bool
    sentence: str


def save_work(ledger: Ledger, source_id: int, days: Iterable[WorkDay], *, asked_on: date) -> None:
    """Keep whole days of a source, asked on a day (UTC), in the place of what was known of them."""
    with ledger.writing() as connection:
        for told in days:
            key = source_id, number_of(told.day)
            connection.execute("DELETE FROM work_day WHERE source = ? AND day = ?", key)
            connection.execute(
                "INSERT INTO work_day (source, day, asked_on) VALUES (?, ?, ?)",
                (*key, number_of(asked_on)),
            )
            for part in told.parts:
                connection.executemany(
                    "INSERT INTO work_count VALUES (?, ?, ?, ?, ?)",
                    [(*key, int(part.is_plan), name, count) for name, count in part.counts],
                )
                if part.cost is not None:
                    cost = part.cost.currency, part.cost.nanos
                    connection.execute(
                        "INSERT INTO work_cost VALUES (?, ?, ?, ?, ?)",
                        (*key, int(part.is_plan), *cost),
                    )


def days_asked(ledger: Ledger, source_id: int, period: Period) -> dict[date, date]:
    """The days of a period that are known of a source, and on which day each was asked last."""
    query = "SELECT day, asked_on FROM work_day WHERE source = ? AND day BETWEEN ? AND ?"
    bounds = number_of(period.first), number_of(period.last)
    with ledger.reading() as connection:
        rows = connection.execute(query, (source_id, *bounds)).fetchall()
    return {day_of(day): day_of(asked_on) for day, asked_on in rows}


def work_reported(ledger: Ledger, period: Period) -> dict[str, dict[date, WorkDay]]:
    """What is known of a period, by the name of the source and the day."""
    bounds = number_of(period.first), number_of(period.last)
    with ledger.reading() as connection:
        known = connection.execute(
            "SELECT s.name, s.id, w.day FROM work_day w JOIN source s ON s.id = w.source "
            "WHERE w.day BETWEEN ? AND ? ORDER BY s.name, w.day",
            bounds,
        ).fetchall()
        parts = _parts(connection, bounds)
    found: dict[str, dict[date, WorkDay]] = {}
    for name, source, number in known:
        day = day_of(number)
        found.setdefault(name, {})[day] = WorkDay(day, tuple(parts.get((source, number), ())))
    return found


def note_trouble(
    ledger: Ledger, source_id: int, *, asked_on: date, is_offered: bool, sentence: str
) -> None:
    """Keep why a report could not be read."""
    with ledger.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO work_trouble (source, asked_on, is_offered, sentence) "
            "VALUES (?, ?, ?, ?)",
            (source_id, number_of(asked_on), int(is_offered), sentence),
        )


def forget_trouble(ledger: Ledger, source_id: int) -> None:
    """The report can be read again."""
    query = "SELECT 1 FROM work_trouble WHERE source = ?"
    with ledger.reading() as connection:
        if connection.execute(query, (source_id,)).fetchone() is None:
            return
    with ledger.writing() as connection:
        connection.execute("DELETE FROM work_trouble WHERE source = ?", (source_id,))


def work_troubles(ledger: Ledger) -> tuple[WorkTrouble, ...]:
    """Every report that could not be read when it was last asked, by the source's name."""
    query = """
        SELECT s.name, t.asked_on, t.is_offered, t.sentence
        FROM work_trouble t JOIN source s ON s.id = t.source
        WHERE s.removed_at IS NULL ORDER BY s.name
    """
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return tuple(
        WorkTrouble(name, day_of(asked_on), bool(offered), sentence)
        for name, asked_on, offered, sentence in rows
    )


def remove_reported(connection: sqlite3.Connection, source_id: int) -> None:
    """Let go of what a source's provider reported."""
    for table in ("work_day", "work_trouble"):
        connection.execute(
            f"DELETE FROM {table} WHERE source = ?",  # noqa: S608 - our own two words
            (source_id,),
        )


def _parts(
    connection: sqlite3.Connection, bounds: tuple[int, int]
) -> dict[tuple[int, int], list[Done]]:
    costs = {
        (source, day, is_plan): Money(currency, nanos)
        for source, day, is_plan, currency, nanos in connection.execute(
            "SELECT source, day, is_plan, currency, nanos FROM work_cost WHERE day BETWEEN ? AND ?",
            bounds,
        )
    }
    counts: dict[tuple[int, int, int], list[tuple[str, int]]] = {}
    query = (
        "SELECT source, day, is_plan, name, count FROM work_count WHERE day BETWEEN ? AND ? "
        "ORDER BY source, day, is_plan, name"
    )
    for source, day, is_plan, name, count in connection.execute(query, bounds):
        counts.setdefault((source, day, is_plan), []).append((name, count))
    found: dict[tuple[int, int], list[Done]] = {}
    for (source, day, is_plan), told in counts.items():
        part = Done(tuple(told), costs.get((source, day, is_plan)), bool(is_plan))
        found.setdefault((source, day), []).append(part)
    return found
