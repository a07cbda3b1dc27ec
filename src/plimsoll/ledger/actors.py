"""Actors: who asked for a day's tokens, as providers tell it; a day is kept whole or not at all.

It stands beside usage: no sum, rollup or answer of spend reads it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from plimsoll.domain.actors import ActorDay, Actors
from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of

SCHEMA = """
    CREATE TABLE actor_day (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        day INTEGER NOT NULL,
        final INTEGER NOT NULL CHECK (final IN (0, 1)),
        person INTEGER NOT NULL CHECK (person >= 0),
        agent INTEGER NOT NULL CHECK (agent >= 0),
        program INTEGER NOT NULL CHECK (program >= 0),
        not_told INTEGER NOT NULL CHECK (not_told >= 0),
        PRIMARY KEY (source, day)
    ) STRICT, WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class KeptDay:
    """One kept day; one that is not `final` was read while it could still change."""

    actors: Actors
    final: bool


def save_actors(
    ledger: Ledger, source_id: int, days: Iterable[ActorDay], *, revision_days: int
) -> None:
    """Keep who asked on these days, in the place of what was known of them; nothing where the
    source is gone.
    """
    found = tuple(days)
    if not found:
        return
    with ledger.writing() as connection:
        if connection.execute("SELECT 1 FROM source WHERE id = ?", (source_id,)).fetchone():
            now = ledger.clock.now()
            put_actors(connection, source_id, found, now=now, revision_days=revision_days)


def put_actors(
    connection: sqlite3.Connection,
    source_id: int,
    days: Iterable[ActorDay],
    *,
    now: datetime,
    revision_days: int,
) -> None:
    """As `save_actors`, within a transaction."""
    settled = ONE_DAY + timedelta(days=revision_days)
    connection.executemany(
        "INSERT OR REPLACE INTO actor_day VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                source_id,
                number_of(one.day),
                now >= day_start(one.day) + settled,
                one.actors.person,
                one.actors.agent,
                one.actors.program,
                one.actors.not_told,
            )
            for one in days
        ],
    )


def settled_days(ledger: Ledger, source_id: int) -> frozenset[date]:
    """The days of a source that are known and final."""
    query = "SELECT day FROM actor_day WHERE source = ? AND final = 1"
    with ledger.reading() as connection:
        return frozenset(day_of(day) for (day,) in connection.execute(query, (source_id,)))


def kept_actors(ledger: Ledger, period: Period) -> Mapping[str, Mapping[date, KeptDay]]:
    """What is known of a period, by the names of sources and by day: a day that is missing is not
    known. Sources that were removed and kept their figures are among them.
    """
    query = """
        SELECT s.name, a.day, a.final, a.person, a.agent, a.program, a.not_told
        FROM actor_day a JOIN source s ON s.id = a.source
        WHERE a.day BETWEEN ? AND ? ORDER BY s.name, s.id, a.day
    """
    with ledger.reading() as connection:
        rows = connection.execute(
            query, (number_of(period.first), number_of(period.last))
        ).fetchall()
    found: dict[str, dict[date, KeptDay]] = {}
    for name, day, final, *counts in rows:
        found.setdefault(name, {})[day_of(day)] = KeptDay(Actors(*counts), bool(final))
    return found
