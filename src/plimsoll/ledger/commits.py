"""Commits: what git counts in the repositories that agents worked in, each by its hash.

A repository is known from a day to a day (UTC), the last not included; two clones of one hold the
same hashes, so that a commit counts once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from plimsoll.domain.calendar import Period
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, micros_of, number_of

SCHEMA = (
    """
    CREATE TABLE repository (
        path TEXT PRIMARY KEY NOT NULL,
        asked_at INTEGER NOT NULL,
        known_from INTEGER,
        known_until INTEGER,
        trouble TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE git_commit (
        repository TEXT NOT NULL REFERENCES repository ON DELETE CASCADE,
        hash TEXT NOT NULL,
        day INTEGER NOT NULL,
        PRIMARY KEY (repository, hash)
    ) STRICT, WITHOUT ROWID
    """,
)

_ANY = "SELECT 1 FROM project WHERE repository IS NOT NULL LIMIT 1"

_WORKED_IN = """
    SELECT DISTINCT p.repository FROM source s
    JOIN usage_by_day r ON r.cut = ? AND r.source = s.id AND r.day >= ?
    JOIN term t ON t.id = r.value JOIN project p ON p.path = t.text
    WHERE s.kind = 'agent' AND p.repository IS NOT NULL
    ORDER BY p.repository
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """When git was last asked about a repository, what it is known for, and why it is not."""

    path: str
    asked_at: datetime
    known_from: date | None
    known_until: date | None
    trouble: str

    def knows(self, period: Period) -> bool:
        """Whether every commit of these days is known."""
        first, until = self.known_from, self.known_until
        if first is None or until is None:
            return False
        return first <= period.first and period.last < until


def worked_in(ledger: Ledger, *, since: date) -> tuple[str, ...]:
    """The repositories in which agents made calls since a day, by their paths."""
    with ledger.reading() as connection:
        if connection.execute(_ANY).fetchone() is None:
            return ()
        # Questions are not loaded by a sync that has no repository to ask about.
        from plimsoll.domain.question import Dimension
        from plimsoll.ledger.cuts import CUT_OF

        asked = CUT_OF[Dimension.PROJECT], number_of(since)
        return tuple(path for (path,) in connection.execute(_WORKED_IN, asked))


def known_repositories(ledger: Ledger) -> dict[str, Repository]:
    """Every repository that git was ever asked about, by its path."""
    query = "SELECT path, asked_at, known_from, known_until, trouble FROM repository"
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return {
        path: Repository(
            path,
            instant_of(asked_at),
            None if known_from is None else day_of(known_from),
            None if known_until is None else day_of(known_until),
            trouble,
        )
        for path, asked_at, known_from, known_until, trouble in rows
    }


def save_commits(
    ledger: Ledger, path: str, *, period: Period, commits: Mapping[str, date], asked_at: datetime
) -> None:
    """Keep the commits of a repository, by their hashes, in the place of those it had; it is known
    for the days of `period` but for its last, which is not over.
    """
    bounds = number_of(period.first), number_of(period.last)
    with ledger.writing() as connection:
        connection.execute("DELETE FROM git_commit WHERE repository = ?", (path,))
        connection.execute(
            "INSERT OR REPLACE INTO repository (path, asked_at, known_from, known_until, trouble) "
            "VALUES (?, ?, ?, ?, '')",
            (path, micros_of(asked_at), *bounds),
        )
        connection.executemany(
            "INSERT INTO git_commit (repository, hash, day) VALUES (?, ?, ?)",
            [(path, name, number_of(day)) for name, day in commits.items()],
        )


def note_repository(ledger: Ledger, path: str, *, trouble: str, asked_at: datetime) -> None:
    """Keep why a repository could not be read; what was known of it before stays."""
    with ledger.writing() as connection:
        connection.execute(
            "INSERT INTO repository (path, asked_at, trouble) VALUES (?, ?, ?) ON CONFLICT (path) "
            "DO UPDATE SET asked_at = excluded.asked_at, trouble = excluded.trouble",
            (path, micros_of(asked_at), trouble),
        )


def commits_in(ledger: Ledger, period: Period, repositories: Iterable[str]) -> int:
    """How many commits of these days there are in these repositories, each hash once."""
    query = "SELECT repository, hash FROM git_commit WHERE day BETWEEN ? AND ?"
    wanted, bounds = set(repositories), (number_of(period.first), number_of(period.last))
    with ledger.reading() as connection:
        rows = connection.execute(query, bounds).fetchall()
    return len({name for path, name in rows if path in wanted})


def drop_repositories(connection: sqlite3.Connection) -> None:
    """Let go of repositories in which no agent that is still known has worked."""
    connection.execute(
        """
        DELETE FROM repository WHERE path NOT IN (
            SELECT p.repository FROM project p JOIN term t ON t.text = p.path
            WHERE p.repository IS NOT NULL
        )
        """
    )
