"""Spend limits that providers keep, as they were last read: what budgets can be made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import Span
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension
from plimsoll.ledger.database import Ledger


@dataclass(frozen=True, slots=True)
class KeptLimit:
    """A limit of a source (by its name), with the name that its provider gives to what it limits
    in the place of the id.
    """

    source: str
    limit: SpendLimit


def save_limits(ledger: Ledger, source_id: int, limits: Iterable[SpendLimit]) -> None:
    """Keep what limits a source has now, in the place of those it had."""
    rows = [
        (source_id, *(limit.of or ("", "")), limit.span, limit.amount.currency, limit.amount.nanos)
        for limit in limits
    ]
    with ledger.writing() as connection:
        connection.execute("DELETE FROM spend_limit WHERE source = ?", (source_id,))
        connection.executemany(
            "INSERT OR REPLACE INTO spend_limit (source, dimension, value, span, currency, nanos) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )


def kept_limits(ledger: Ledger) -> tuple[KeptLimit, ...]:
    """The limits of all sources that are set up, by source, whole accounts first."""
    query = """
        SELECT s.name, l.dimension, ifnull(n.name, l.value), l.span, l.currency, l.nanos
        FROM spend_limit l JOIN source s ON s.id = l.source
        LEFT JOIN name n ON n.source = l.source AND n.kind = l.dimension AND n.id = l.value
        WHERE s.removed_at IS NULL
        ORDER BY s.name, l.dimension, 3, l.span, l.currency
    """
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    found = []
    for source, dimension, value, span, currency, nanos in rows:
        limit = SpendLimit(Money(currency, nanos), Span(span))
        if dimension:
            limit = replace(limit, of=(Dimension(dimension), value))
        found.append(KeptLimit(source, limit))
    return tuple(found)
