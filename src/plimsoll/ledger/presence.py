"""Presence: whether there is any of something, asked without loading what reads it."""

from __future__ import annotations

from plimsoll.ledger.accounts import FALLS
from plimsoll.ledger.database import Ledger


def is_stale(ledger: Ledger, edition: str) -> bool:
    """Whether some rows were computed by another edition of the price book."""
    query = """
        SELECT EXISTS (SELECT 1 FROM slice WHERE records > 0 AND endpoint <> ? AND edition <>
            ifnull((SELECT id FROM phrase WHERE text = ?), -1))
    """
    with ledger.reading() as connection:
        return bool(connection.execute(query, (FALLS, edition)).fetchone()[0])


def has_usage(ledger: Ledger) -> bool:
    """Whether any usage was ever recorded, priced or not."""
    return _exists(ledger, "SELECT 1 FROM slice WHERE records > 0")


def has_own_prices(ledger: Ledger) -> bool:
    """Whether the user has prices or discounts of their own."""
    return _exists(ledger, "SELECT 1 FROM own_price UNION ALL SELECT 1 FROM discount")


def has_budgets(ledger: Ledger) -> bool:
    """Whether there is any budget."""
    return _exists(ledger, "SELECT 1 FROM budget")


def has_prepaid(ledger: Ledger) -> bool:
    """Whether any balance was read, or credit entered."""
    return _exists(ledger, "SELECT 1 FROM balance UNION ALL SELECT 1 FROM credit")


def _exists(ledger: Ledger, query: str) -> bool:
    with ledger.reading() as connection:
        return connection.execute(f"{query} LIMIT 1").fetchone() is not None
