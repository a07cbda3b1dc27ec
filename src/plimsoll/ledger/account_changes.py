"""Sources changed and removed, and what becomes of their figures."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.ledger import overlaps, rollups
from plimsoll.ledger.accounts import SOURCE, Source, find, source_of
from plimsoll.ledger.commits import drop_repositories
from plimsoll.ledger.cuts import ATTRIBUTED, WHOLE
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import micros_of
from plimsoll.ledger.plan import plan_days
from plimsoll.ledger.reported_work import remove_reported


def change_source(
    ledger: Ledger,
    source_id: int,
    *,
    name: str,
    base_url: str | None,
    settings: Sequence[tuple[str, str]],
    key_tail: str,
) -> Source:
    """Give a source these values; raises `WrongUse` for a name that another one has."""
    with ledger.writing() as connection:
        other = find(connection, name)
        if other is not None and other.id != source_id:
            raise WrongUse(say("There is already a source called {name}.", name=name))
        was_plan = plan_days(connection, source_id)
        row = connection.execute(
            "UPDATE source SET name = ?, base_url = ?, settings = ?, key_tail = ? "
            f"WHERE id = ? RETURNING {SOURCE}",
            (name, base_url, json.dumps(list(settings)), key_tail, source_id),
        ).fetchone()
        if row is None:
            raise WrongUse(say("This source is no longer there."))
        rollups.follow_plan(connection, source_id, before=was_plan)
    return source_of(row)


def remove_source(ledger: Ledger, source_id: int, *, forget: bool) -> None:
    """Ask a source no more. Its figures stay and count, unless `forget`: then they go with it, and
    what git counted where only it had worked. What its provider reported as work goes in any case:
    nothing follows it up any more.
    """
    with ledger.writing() as connection:
        if forget:
            rollups.drop(connection, source_id)
            connection.execute(
                "DELETE FROM call WHERE slice IN (SELECT id FROM slice WHERE source = ?)",
                (source_id,),
            )
            connection.execute("DELETE FROM source WHERE id = ?", (source_id,))
            _sweep(connection)
            drop_repositories(connection)
        else:
            remove_reported(connection, source_id)
            overlaps.turn_from(connection, source_id)
            connection.execute(
                "UPDATE source SET removed_at = ?, key_tail = '' WHERE id = ?",
                (micros_of(ledger.clock.now()), source_id),
            )


def note_organisation(ledger: Ledger, source_id: int, organisation: str) -> bool:
    """Keep the provider's own id of a source's account; whether it was not known yet."""
    query = "SELECT 1 FROM source WHERE id = ? AND organisation = ?"
    with ledger.reading() as connection:
        if connection.execute(query, (source_id, organisation)).fetchone():
            return False
    with ledger.writing() as connection:
        connection.execute(
            "UPDATE source SET organisation = ? WHERE id = ?", (organisation, source_id)
        )
        overlaps.withdraw(connection, source_id)
    return True


def take_over(connection: sqlite3.Connection, source_id: int) -> None:
    """Take the figures of a removed namesake, if this source has none of its own yet."""
    row = connection.execute(
        """
        SELECT old.id FROM source new JOIN source old ON old.name = new.name
            AND old.connector = new.connector AND old.kind = new.kind
            AND old.base_url IS new.base_url
        WHERE new.id = ? AND old.id <> new.id AND old.removed_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM slice WHERE source = new.id)
            AND EXISTS (SELECT 1 FROM slice WHERE source = old.id)
        ORDER BY old.id DESC LIMIT 1
        """,
        (source_id,),
    ).fetchone()
    if row is None:
        return
    (old,) = row
    for table in (
        *("slice", "coverage", "restatement", "own_price", "discount"),
        *("import_file", "import_day"),
    ):
        connection.execute(f"UPDATE {table} SET source = ? WHERE source = ?", (source_id, old))
    was_plan = plan_days(connection, old)
    for table in (
        *("name", "balance", "credit", "watch", "warned"),
        *("endpoint", "log_file", "session", "running_total", "actor_day"),
    ):
        connection.execute(
            f"UPDATE OR REPLACE {table} SET source = ? WHERE source = ?",
            (source_id, old),
        )
    connection.execute(
        """
        UPDATE subscription SET source = :new WHERE source = :old
        AND NOT EXISTS (SELECT 1 FROM subscription WHERE source = :new)
        """,
        {"new": source_id, "old": old},
    )
    rollups.hand_over(connection, old, source_id)
    overlaps.hand_over(connection, old, source_id)
    connection.execute(
        "UPDATE source SET organisation = ifnull(organisation, "
        "(SELECT organisation FROM source WHERE id = ?)) WHERE id = ?",
        (old, source_id),
    )
    rollups.follow_plan(connection, source_id, before=was_plan)
    connection.execute("DELETE FROM source WHERE id = ?", (old,))


def _sweep(connection: sqlite3.Connection) -> None:
    """Let go of the ids that only a forgotten source had."""
    connection.execute(
        f"""
        DELETE FROM attribution WHERE id NOT IN (
            SELECT value FROM usage_by_day WHERE cut = {WHOLE}
            UNION SELECT value FROM charge_by_day WHERE cut = {WHOLE}
        )
        """
    )
    used = " UNION ".join(f"SELECT {d.value} FROM attribution" for d in ATTRIBUTED)
    connection.execute(f"DELETE FROM term WHERE id NOT IN ({used})")
