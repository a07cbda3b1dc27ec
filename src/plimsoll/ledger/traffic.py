"""Traffic: what each source saw lately, in the shape in which two of them can be compared."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from plimsoll.analysis.overlap import LOOK_BACK, Cells, Seen, by_plain_model
from plimsoll.ledger.accounts import FALLS
from plimsoll.ledger.cuts import WHOLE
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of

_TOKENS = "r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output"
_NANOS_A_POINT = 100_000
"""Money is compared in ten-thousandths of a unit, so that one unit weighs what 10,000 tokens do."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one source saw in the settled days of the last three months: by tokens and by money,
    charged or, for a prepaid account that tells nothing else, by how its balance fell.

    Of money the currency stands in the model's place: providers do not cut it by model alike.
    `bills` is whether it was ever charged; `added` its place among the sources.
    """

    source_id: int
    name: str
    connector: str
    kind: str
    asked: bool
    bills: bool
    tokens: Seen
    money: Seen


def traffic(ledger: Ledger, *, today: date) -> tuple[Traffic, ...]:
    """Every source's traffic, removed ones' too, in the order in which they were added."""
    since = number_of(today - timedelta(days=LOOK_BACK))
    query = """
        SELECT id, name, connector, kind, organisation, removed_at IS NULL,
            EXISTS (SELECT 1 FROM charged_day WHERE source = s.id)
        FROM source s ORDER BY id
    """
    with ledger.reading() as connection:
        found = []
        for number, name, connector, kind, organisation, asked, bills in connection.execute(query):
            days = _settled_days(connection, number, since)
            tokens = Seen(
                connector,
                organisation,
                days,
                _by_model(connection, number, since),
                dict(_parts(connection, number, since)),
            )
            money = Seen(
                connector, organisation, days, _money(connection, number, since), telling=False
            )
            found.append(
                Traffic(number, name, connector, kind, bool(asked), bool(bills), tokens, money)
            )
    return tuple(found)


def _settled_days(connection: sqlite3.Connection, source_id: int, since: int) -> frozenset[date]:
    """The days that some endpoint answered for, and none of whose slices can still change."""
    moving = {
        day
        for (day,) in connection.execute(
            "SELECT day FROM slice WHERE source = ? AND final = 0", (source_id,)
        )
    }
    return frozenset(
        day_of(day)
        for first, last in connection.execute(
            "SELECT first, last FROM coverage WHERE source = ? AND last >= ?", (source_id, since)
        )
        for day in range(max(first, since), last + 1)
        if day not in moving
    )


def _by_model(connection: sqlite3.Connection, source_id: int, since: int) -> Cells:
    """Tokens by day and model, of models that answer: without output nothing is told apart."""
    query = f"""
        SELECT r.day, t.text, sum({_TOKENS}) FROM usage_by_day r
        JOIN attribution a ON a.id = r.value LEFT JOIN term t ON t.id = a.model
        WHERE r.cut = {WHOLE} AND r.source = ? AND r.day >= ?
        GROUP BY r.day, a.model HAVING sum(r.output) > 0
    """
    rows = connection.execute(query, (source_id, since))
    return by_plain_model((day_of(day), model, count) for day, model, count in rows)


def _parts(
    connection: sqlite3.Connection, source_id: int, since: int
) -> Iterator[tuple[str, Cells]]:
    """The same of each key and of each project."""
    for word in ("key", "project"):
        query = f"""
            SELECT p.text, r.day, t.text, sum({_TOKENS}) FROM usage_by_day r
            JOIN attribution a ON a.id = r.value JOIN term p ON p.id = a.{word}
            LEFT JOIN term t ON t.id = a.model
            WHERE r.cut = {WHOLE} AND r.source = ? AND r.day >= ?
            GROUP BY a.{word}, r.day, a.model HAVING sum(r.output) > 0
        """
        found: dict[str, list[tuple[date, str | None, int]]] = defaultdict(list)
        for part, day, model, count in connection.execute(query, (source_id, since)):
            found[part].append((day_of(day), model, count))
        for part, rows in found.items():
            yield f"{word} {part}", by_plain_model(rows)


def _money(connection: sqlite3.Connection, source_id: int, since: int) -> Cells:
    query = """
        SELECT r.day, p.text, r.billed FROM charge_by_day r JOIN phrase p ON p.id = r.currency
        WHERE r.cut = 0 AND r.source = :source AND r.day >= :since
        UNION ALL
        SELECT s.day, p.text, sum(u.worth) FROM slice s JOIN usage u ON u.slice = s.id
        JOIN phrase p ON p.id = u.currency
        WHERE s.source = :source AND s.day >= :since AND s.endpoint = :falls GROUP BY s.day, p.text
    """
    given = {"source": source_id, "since": since, "falls": FALLS}
    rows = connection.execute(query, given)
    return {(day_of(day), code): nanos // _NANOS_A_POINT for day, code, nanos in rows}
