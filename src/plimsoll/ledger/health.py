"""What is wrong with the archive: pages, rows, sums and digests, one sentence each."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator

from plimsoll.ledger import migrations
from plimsoll.ledger.accounts import FALLS
from plimsoll.ledger.cuts import UNCUT
from plimsoll.ledger.instants import day_of
from plimsoll.ledger.rollups import MEASURES
from plimsoll.ledger.slices import Kept

_DIGEST_DAYS = 90
_FEW_ROWS = 500_000
"""Up to this many rows all digests are looked at, beyond it those of the last days with data."""

_SHOWN = 5


def faults_of(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Everything that is wrong; empty for an archive that is whole."""
    damaged = tuple(_damaged_pages(connection))
    if damaged:  # what rests on broken pages cannot be judged
        return damaged
    return tuple(
        fault
        for look in (_schema, _lost_rows, _wrong_totals, _wrong_rollups, _wrong_digests)
        for fault in _faults_of(look, connection)
    )


def _faults_of(
    look: Callable[[sqlite3.Connection], Iterator[str]], connection: sqlite3.Connection
) -> list[str]:
    try:
        return list(look(connection))
    except (sqlite3.DatabaseError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        return [f"Some rows cannot be read back ({error})."]


def _damaged_pages(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        found = [text for (text,) in connection.execute(f"PRAGMA integrity_check({_SHOWN})")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    for text in found:
        if text != "ok":
            yield f"The file is damaged: {text}."


def _schema(connection: sqlite3.Connection) -> Iterator[str]:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(migrations.STEPS) or migrations.applied(connection) != migrations.names():
        yield "The schema is not the one that this version of Plimsoll made."


def _lost_rows(connection: sqlite3.Connection) -> Iterator[str]:
    lost = connection.execute("PRAGMA foreign_key_check").fetchall()
    if lost:
        tables = ", ".join(sorted({row[0] for row in lost}))
        yield f"{len(lost)} rows belong to nothing (in {tables})."


def _wrong_totals(connection: sqlite3.Connection) -> Iterator[str]:
    """Each slice says how many rows it has."""
    wrong = connection.execute(
        """
        SELECT count(*) FROM slice s
        WHERE s.records <> (SELECT count(*) FROM usage WHERE slice = s.id)
        OR s.charges <> (SELECT count(*) FROM charge WHERE slice = s.id)
        """
    ).fetchone()[0]
    if wrong:
        yield f"{wrong} days of an endpoint have more or fewer rows than were stored."


def _wrong_rollups(connection: sqlite3.Connection) -> Iterator[str]:
    """Every cut of the rollups has the same sums, and they are those of the slices."""
    of_slices = _sums_of_slices(connection)
    of_rollups = {
        (source, day): tokens
        for source, day, tokens in connection.execute(
            "SELECT source, day, sum(input + cache_read + cache_write_5m + cache_write_1h + output)"
            f" FROM usage_by_day WHERE cut = {UNCUT} GROUP BY source, day"
        )
    }
    wrong = {place for place, tokens in of_slices.items() if tokens != of_rollups.get(place, 0)}
    for table, sums in (("usage_by_day", [*MEASURES]), ("charge_by_day", ["records", "billed"])):
        columns = ", ".join(f"sum({column})" for column in sums)
        seen: dict[tuple[int, int], set[tuple[int, ...]]] = {}
        for source, day, _, *figures in connection.execute(
            f"SELECT source, day, cut, {columns} FROM {table} GROUP BY source, day, cut"
        ):
            seen.setdefault((source, day), set()).add(tuple(figures))
        wrong |= {place for place, sums_seen in seen.items() if len(sums_seen) > 1}
    wrong |= _wrong_sides(connection)
    if wrong:
        first = min(day for _, day in wrong)
        yield f"The sums of {len(wrong)} days do not agree, the first of them {day_of(first)}."


def _wrong_sides(connection: sqlite3.Connection) -> set[tuple[int, int]]:
    """Days on which a bill by line, or worth by price, is not the sum of the other rollups: those
    hold what a balance lost besides, which has no price.
    """
    lost = f"""
        UNION ALL SELECT s.source, s.day, ifnull(u.worth, 0) FROM slice s
        JOIN usage u ON u.slice = s.id WHERE s.endpoint = '{FALLS}'
    """
    pairs = (
        ("bill_day", "nanos", "charge_by_day", "billed", ""),
        ("priced_day", "worth", "usage_by_day", "worth", lost),
    )
    wrong = set()
    for table, column, rollup, sums, besides in pairs:
        found = connection.execute(
            f"""
            SELECT source, day, sum(nanos) FROM (
                SELECT source, day, ifnull({column}, 0) AS nanos FROM {table}
                UNION ALL SELECT source, day, -{sums} FROM {rollup} WHERE cut = {UNCUT}
                {besides}
            ) GROUP BY source, day HAVING sum(nanos) <> 0
            """
        )
        wrong |= {(source, day) for source, day, _ in found}
    return wrong


def _sums_of_slices(connection: sqlite3.Connection) -> dict[tuple[int, int], int]:
    sums: dict[tuple[int, int], int] = {}
    for source, day, totals in connection.execute("SELECT source, day, totals FROM slice"):
        sums[source, day] = sums.get((source, day), 0) + json.loads(totals)["tokens"]
    return sums


def _wrong_digests(connection: sqlite3.Connection) -> Iterator[str]:
    """Rows that are no longer what was stored."""
    (rows, last) = connection.execute(
        "SELECT ifnull(sum(records + charges), 0), max(day) FROM slice"
    ).fetchone()
    since = -(10**9) if rows <= _FEW_ROWS else last - _DIGEST_DAYS
    kept, wrong = Kept(connection), []
    query = """
        SELECT s.id, s.digest, s.endpoint, s.day, o.name FROM slice s JOIN source o
        ON o.id = s.source WHERE s.day >= ? ORDER BY s.day
    """
    for slice_id, digest, endpoint, day, name in connection.execute(query, (since,)).fetchall():
        if kept.rows(slice_id).digest != digest:
            wrong.append(f"{name}, {endpoint}, {day_of(day)}")
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        yield (
            f"Rows have changed since they were stored: {'; '.join(wrong[:_SHOWN])}{more}. "
            f"A sync with --since mends days that are settled."
        )
