"""Rates of exchange as the user set them: one for each two currencies and day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from plimsoll.domain.exchange import Exchange, Rate
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of


def exchange(ledger: Ledger) -> Exchange:
    """Every rate, the oldest first."""
    query = "SELECT day, base, quote, value, note FROM rate ORDER BY day, base, quote"
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return Exchange(
        tuple(
            Rate(day_of(day), base, quote, Decimal(value), note)
            for day, base, quote, value, note in rows
        )
    )


def save_rate(ledger: Ledger, rate: Rate, *, instead_of: Rate | None = None) -> None:
    """Set a rate. It replaces the one of its day and currencies, whichever way round, and the one
    that it was made from.
    """
    with ledger.writing() as connection:
        if instead_of is not None:
            remove_rate(ledger, instead_of.day, instead_of.base, instead_of.quote)
        connection.execute(
            "INSERT OR REPLACE INTO rate (day, base, quote, value, note) VALUES (?, ?, ?, ?, ?)",
            (number_of(rate.day), rate.base, rate.quote, f"{rate.value:f}", rate.note),
        )


def remove_rate(ledger: Ledger, day: date, one: str, other: str) -> bool:
    """Remove the rate of a day between two currencies; False if there is none."""
    with ledger.writing() as connection:
        done = connection.execute(
            "DELETE FROM rate WHERE day = ? AND min(base, quote) = ? AND max(base, quote) = ?",
            (number_of(day), min(one, other), max(one, other)),
        )
        return done.rowcount > 0
