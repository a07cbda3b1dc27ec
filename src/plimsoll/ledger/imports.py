"""Imported files: what was taken, when, and which lines of which file each day came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plimsoll.domain.calendar import Period
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, micros_of, number_of


@dataclass(frozen=True, slots=True)
class DayLines:
    """One day of an endpoint, and the lines of a sheet that it came from."""

    endpoint: str
    day: date
    sheet: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was imported into a source. `sheets` are those of its sheets that days still come
    from, `lines` the first and the last line of them, `days` those days, and `days_now` their
    number; none where newer files have replaced all of it.
    """

    name: str
    sha256: str
    size: int
    at: datetime
    sheets: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None
    days: Period | None = None
    days_now: int = 0


def save_import(
    ledger: Ledger,
    source_id: int,
    days: Sequence[DayLines],
    *,
    name: str,
    sha256: str,
    size: int,
) -> None:
    """Note a file, and that these days come from it now."""
    with ledger.writing() as connection:
        (number,) = connection.execute(
            "INSERT INTO import_file (source, at, name, sha256, size) VALUES (?, ?, ?, ?, ?) "
            "RETURNING id",
            (source_id, micros_of(ledger.clock.now()), name, sha256, size),
        ).fetchone()
        connection.executemany(
            "INSERT OR REPLACE INTO import_day "
            "(source, endpoint, day, file, sheet, first_line, last_line) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    source_id,
                    told.endpoint,
                    number_of(told.day),
                    number,
                    told.sheet,
                    told.first_line,
                    told.last_line,
                )
                for told in days
            ],
        )


def imported_files(
    ledger: Ledger, source_id: int, *, within: Period | None = None
) -> tuple[ImportedFile, ...]:
    """The files of a source, the newest first; only those that days `within` a period come from,
    and those days of them, where one is named.
    """
    first, last = (number_of(within.first), number_of(within.last)) if within else (0, 0)
    query = """
        SELECT f.name, f.sha256, f.size, f.at, count(d.day), min(d.day), max(d.day),
            min(d.first_line), max(d.last_line), json_group_array(DISTINCT d.sheet)
        FROM import_file f LEFT JOIN import_day d ON d.file = f.id
            AND (:every OR d.day BETWEEN :first AND :last)
        WHERE f.source = :source
        GROUP BY f.id HAVING :every OR count(d.day) > 0 ORDER BY f.id DESC
    """
    given = {"source": source_id, "every": within is None, "first": first, "last": last}
    with ledger.reading() as connection:
        rows = connection.execute(query, given).fetchall()
    return tuple(
        ImportedFile(
            name,
            sha256,
            size,
            instant_of(at),
            tuple(sorted(json.loads(sheets))) if count else (),
            (low, high) if count else None,
            Period(day_of(begin), day_of(end)) if count else None,
            count,
        )
        for name, sha256, size, at, count, begin, end, low, high, sheets in rows
    )
