"""Units of work: what the user says was done with the tokens, by name and day."""

from __future__ import annotations

from plimsoll.domain.work import Work
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of

SCHEMA = """
    CREATE TABLE work (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        day INTEGER NOT NULL,
        count INTEGER NOT NULL CHECK (count > 0)
    ) STRICT
"""


def add_work(ledger: Ledger, work: Work) -> Work:
    """Enter units of work; with the number by which they can be removed."""
    with ledger.writing() as connection:
        (number,) = connection.execute(
            "INSERT INTO work (name, day, count) VALUES (?, ?, ?) RETURNING id",
            (work.name, number_of(work.day), work.count),
        ).fetchone()
    return Work(work.name, work.day, work.count, number)


def remove_work(ledger: Ledger, number: int) -> bool:
    """Remove an entry; whether there was one."""
    with ledger.writing() as connection:
        return connection.execute("DELETE FROM work WHERE id = ?", (number,)).rowcount > 0


def all_work(ledger: Ledger) -> tuple[Work, ...]:
    """Every entry, the earliest day first."""
    query = "SELECT name, day, count, id FROM work ORDER BY day, id"
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return tuple(Work(name, day_of(day), count, number) for name, day, count, number in rows)
