"""Agents' files: how far each has been read, and what that says of the days; light, because every
sync asks for it.
"""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.calls import FIRST_DAY, MOST_AHEAD, Harvest, ReadState
from plimsoll.ledger.accounts import CALLS
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import micros_of, number_of

_STATE = "path, device, inode, size, modified, mark, offset, memory, bad_lines, bad_calls, problem"


@dataclass(frozen=True, slots=True)
class FilesRead:
    """How a source's files stand: how many were read, what was passed over, and which could not be
    read, with the reasons; how many of its calls are dated before there were agents (`early`), or
    more than a day from now (`ahead`).
    """

    files: int
    bad_lines: int
    bad_calls: int
    problems: tuple[str, ...]
    early: int = 0
    ahead: int = 0


def save_states(
    connection: sqlite3.Connection, source_id: int, harvests: Iterable[Harvest]
) -> None:
    """Keep how far files have been read, inside the transaction that keeps what they brought."""
    marks = ", ".join("?" * 12)
    connection.executemany(
        f"INSERT OR REPLACE INTO log_file (source, {_STATE}) VALUES ({marks})",
        [(source_id, os.fsencode(path), *rest) for (path, *rest), *_ in harvests],
    )


def settle(ledger: Ledger, source_id: int) -> None:
    """Note that the logs were read up to now: past days are final, and no day since the first is
    missing.
    """
    today = number_of(utc_day(ledger.clock.now()))
    query = """
        SELECT ifnull((SELECT min(day) FROM slice WHERE source = :id AND day >= :first), :today),
            ifnull((SELECT max(last) FROM coverage WHERE source = :id AND endpoint = :calls), -1),
            ifnull((SELECT min(first) FROM coverage WHERE source = :id AND endpoint = :calls), -1),
            EXISTS (SELECT 1 FROM slice WHERE source = :id AND final = 0 AND day < :today)
    """
    given = {"id": source_id, "first": number_of(FIRST_DAY), "today": today, "calls": CALLS}
    with ledger.reading() as connection:
        first, last, covered_from, moving = connection.execute(query, given).fetchone()
    first = min(first, today)
    if last >= today and covered_from <= first and not moving:
        return
    with ledger.writing() as connection:
        connection.execute(
            "UPDATE slice SET final = 1 WHERE source = ? AND final = 0 AND day < ?",
            (source_id, today),
        )
        from plimsoll.ledger.usage import extend_coverage

        days = {*range(first, covered_from), *range(max(first, last), today + 1)}
        extend_coverage(connection, source_id, {(CALLS, day) for day in days})


def states_of(ledger: Ledger, source_id: int) -> dict[str, ReadState]:
    """How far each file of a source has been read, by its path; by a namesake that was removed,
    where it has read nothing itself.
    """
    query = f"SELECT {_STATE} FROM log_file WHERE source = ?"
    with ledger.reading() as connection:
        rows = connection.execute(query, (source_id,)).fetchall()
    if not rows:
        with ledger.writing() as connection:
            from plimsoll.ledger.account_changes import take_over

            take_over(connection, source_id)
            rows = connection.execute(query, (source_id,)).fetchall()
    return {path: ReadState(path, *rest) for path, *rest in _with_paths(rows)}


def files_read(ledger: Ledger, source_id: int) -> FilesRead:
    """How a source's files stand."""
    from plimsoll.ledger.canonical import clean

    query = """
        SELECT count(*), ifnull(sum(bad_lines), 0), ifnull(sum(bad_calls), 0) FROM log_file
        WHERE source = ?
    """
    broken = "SELECT path, problem FROM log_file WHERE source = ? AND problem <> '' ORDER BY path"
    with ledger.reading() as connection:
        files, lines, calls = connection.execute(query, (source_id,)).fetchone()
        problems = _with_paths(connection.execute(broken, (source_id,)))
        early, ahead = _oddly_dated(connection, source_id, ledger.clock.now() + MOST_AHEAD)
    told = tuple(f"{clean(path)}: {problem}" for path, problem in problems)
    return FilesRead(files, lines, calls, told, early, ahead)


def _oddly_dated(
    connection: sqlite3.Connection, source_id: int, latest: datetime
) -> tuple[int, int]:
    """How many calls are dated before the first agent, and how many later than `latest` (D7)."""
    query = """
        SELECT ifnull(sum(day < :first), 0), ifnull(sum(day > :first AND start > :latest), 0)
        FROM slice s JOIN usage u ON u.slice = s.id
        WHERE source = :source AND endpoint = :calls AND (day < :first OR day >= :last)
    """
    given = {
        "source": source_id,
        "calls": CALLS,
        "first": number_of(FIRST_DAY),
        "last": number_of(utc_day(latest)),
        "latest": micros_of(latest) // 1000,
    }
    early, ahead = connection.execute(query, given).fetchone()
    return int(early), int(ahead)


def _with_paths(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [(os.fsdecode(path), *rest) for path, *rest in rows]


def providers_of_calls(ledger: Ledger, source_id: int, *, since: date) -> frozenset[str]:
    """The providers whose models answered an agent from a day (UTC) on."""
    query = """
        SELECT DISTINCT json_extract(p.text, '$[0][1]')
        FROM slice s JOIN usage u ON u.slice = s.id JOIN phrase p ON p.id = u.details
        WHERE s.source = ? AND s.endpoint = ? AND s.day >= ?
    """
    with ledger.reading() as connection:
        found = connection.execute(query, (source_id, CALLS, number_of(since))).fetchall()
    return frozenset(provider for (provider,) in found if provider)


def provider_of_calls(ledger: Ledger, source_id: int) -> str | None:
    """The provider whose models answered an agent on its latest day; None where there were several,
    or no call yet.
    """
    query = """
        SELECT DISTINCT json_extract(p.text, '$[0][1]')
        FROM usage u JOIN phrase p ON p.id = u.details
        WHERE u.slice = (SELECT id FROM slice WHERE source = ? AND endpoint = ? ORDER BY day DESC)
    """
    with ledger.reading() as connection:
        found = connection.execute(query, (source_id, CALLS)).fetchall()
    return found[0][0] if len(found) == 1 else None
