"""Plan: which provider days' tokens of a source are paid by a flat subscription."""

from __future__ import annotations

import json
import sqlite3


def plan_days(connection: sqlite3.Connection, source_id: int) -> str:
    """Those days, as a condition on `s.day`: all of them where the source's setting `money` is
    `plan`, else those of the subscriptions that were entered for it. `0` where there are none.
    """
    row = connection.execute("SELECT settings FROM source WHERE id = ?", (source_id,)).fetchone()
    if row is not None and dict(json.loads(row[0])).get("money") == "plan":
        return "1"
    spans = connection.execute(
        "SELECT first, last FROM subscription WHERE source = ? ORDER BY first", (source_id,)
    ).fetchall()
    return " OR ".join(_span(first, last) for first, last in spans) or "0"


def _span(first: int, last: int | None) -> str:
    """Whole numbers only, so that they can stand in a statement."""
    return f"s.day >= {first:d}" if last is None else f"s.day BETWEEN {first:d} AND {last:d}"
