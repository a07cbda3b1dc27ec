"""Sides: two rollups for comparing a bill with its tokens: lines by day, and tokens by their price.

`priced_day` sums usage by model, tier and the price that each row keeps in words; `bill_day` sums
charges by model, tier, line item and circumstances. Both leave out whose it was; what a balance
lost has no tokens and is in neither. They are rebuilt with the other rollups (`rollups`), in the
same transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from plimsoll.domain.money import NotAnAmount, read_amount
from plimsoll.ledger.accounts import FALLS
from plimsoll.ledger.quantities import EXACT, plain

TABLES = ("priced_day", "bill_day")
SUMMED = ("quantity", "list_amount")
"""The details of a charge that are amounts: they are summed, the others tell lines apart."""

SCHEMA = (
    """
    CREATE TABLE priced_day (
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        model INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        basis INTEGER NOT NULL,
        currency INTEGER NOT NULL,
        billed_elsewhere INTEGER NOT NULL,
        worth INTEGER,
        off INTEGER NOT NULL,
        input INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        output INTEGER NOT NULL,
        reasoning INTEGER NOT NULL,
        PRIMARY KEY (source, day, model, tier, basis, currency, billed_elsewhere)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE bill_day (
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        currency INTEGER NOT NULL,
        model INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        line_item INTEGER NOT NULL,
        details INTEGER NOT NULL,
        nanos INTEGER NOT NULL,
        quantity TEXT,
        list_amount TEXT,
        PRIMARY KEY (source, day, currency, model, tier, line_item, details)
    ) STRICT, WITHOUT ROWID
    """,
)
"""As the migration makes them: what changes later is a migration of its own."""

_USAGE = f"""
    INSERT INTO priced_day
    SELECT s.source, s.day, a.model, a.tier, u.basis, iif(u.worth IS NULL, 0, u.currency),
        u.billed_elsewhere, sum(u.worth), sum(u.off), sum(u.input), sum(u.cache_read),
        sum(u.cache_write_5m), sum(u.cache_write_1h), sum(u.output), sum(u.reasoning)
    FROM slice s JOIN usage u ON u.slice = s.id JOIN attribution a ON a.id = u.attribution
    WHERE s.source = :source AND s.day IN (SELECT value FROM json_each(:days))
        AND s.endpoint <> '{FALLS}'
    GROUP BY s.day, a.model, a.tier, u.basis, 6, u.billed_elsewhere
"""  # noqa: S608 - of constants
_CHARGES = """
    SELECT s.day, c.currency, a.model, a.tier, a.line_item, d.text, sum(c.nanos), count(*)
    FROM slice s JOIN charge c ON c.slice = s.id JOIN attribution a ON a.id = c.attribution
    LEFT JOIN phrase d ON d.id = c.details
    WHERE s.source = :source AND s.day IN (SELECT value FROM json_each(:days)) AND s.charges > 0
    GROUP BY s.day, c.currency, a.model, a.tier, a.line_item, c.details
"""

_Line = tuple[int, int, int, int, int, str]
"""A day, and the ids of a currency, a model, a tier and a line item; then circumstances as text."""


class _Sum:
    """One line while it is summed up; what one of its charges does not tell is not known of it."""

    __slots__ = ("nanos", "sums")

    def __init__(self) -> None:
        self.nanos = 0
        self.sums: dict[str, Decimal | None] = dict.fromkeys(SUMMED, Decimal(0))

    def add(self, nanos: int, count: int, told: Mapping[str, Decimal]) -> None:
        self.nanos += nanos
        for name in SUMMED:
            have, each = self.sums[name], told.get(name)
            if have is None or each is None:
                self.sums[name] = None
            else:
                self.sums[name] = EXACT.add(have, EXACT.multiply(each, count))


def make(connection: sqlite3.Connection) -> None:
    """Make both tables, and sum up all that is there (for the migration)."""
    for statement in SCHEMA:
        connection.execute(statement)
    days = "SELECT source, json_group_array(day) FROM slice GROUP BY source"
    for source, listed in connection.execute(days).fetchall():
        rebuild(connection, {"source": source, "days": listed})


def rebuild(connection: sqlite3.Connection, given: Mapping[str, object]) -> None:
    """Sum up again what one `source` has on some `days` (JSON); the old sums are gone already."""
    connection.execute(_USAGE, given)
    lines: dict[_Line, _Sum] = {}
    for *place, text, nanos, count in connection.execute(_CHARGES, given):
        circumstances, told = _read(text or "")
        line: _Line = (*place, circumstances)
        lines.setdefault(line, _Sum()).add(nanos, count, told)
    phrases = _phrases(connection, {line[5] for line in lines})
    connection.executemany(
        "INSERT INTO bill_day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                given["source"],
                *line[:5],
                phrases[line[5]],
                found.nanos,
                *map(_text, found.sums.values()),
            )
            for line, found in lines.items()
        ],
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _phrases(connection: sqlite3.Connection, texts: Iterable[str]) -> dict[str, int]:
    found = {"": 0}
    for text in texts:
        if text:
            connection.execute("INSERT OR IGNORE INTO phrase (text) VALUES (?)", (text,))
            query = "SELECT id FROM phrase WHERE text = ?"
            (found[text],) = connection.execute(query, (text,)).fetchone()
    return found


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[str, Mapping[str, Decimal]]:
    """A charge's circumstances as text, and those of its details that are amounts."""
    kept, told = [], {}
    for name, value in json.loads(text) if text else ():
        if name in SUMMED:
            try:
                told[name] = read_amount(value)
            except NotAnAmount:
                continue  # as good as not told
        else:
            kept.append((name, value))
    return json.dumps(kept) if kept else "", told
