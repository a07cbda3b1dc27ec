"""What the user says of unusual days: that they were expected, or that they were not."""

from __future__ import annotations

from datetime import date

from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, micros_of, number_of


def save_verdict(ledger: Ledger, day: date, *, currency: str, expected: bool | None) -> None:
    """Keep whether a day's spend in one currency was expected; None takes it back."""
    with ledger.writing() as connection:
        if expected is None:
            connection.execute(
                "DELETE FROM verdict WHERE day = ? AND currency = ?", (number_of(day), currency)
            )
            return
        connection.execute(
            "INSERT OR REPLACE INTO verdict (day, currency, expected, at) VALUES (?, ?, ?, ?)",
            (number_of(day), currency, int(expected), micros_of(ledger.clock.now())),
        )


def verdicts(ledger: Ledger, *, currency: str) -> dict[date, bool]:
    """Every day of one currency that was judged, and whether it was expected."""
    query = "SELECT day, expected FROM verdict WHERE currency = ? ORDER BY day"
    with ledger.reading() as connection:
        rows = connection.execute(query, (currency,)).fetchall()
    return {day_of(day): bool(expected) for day, expected in rows}
