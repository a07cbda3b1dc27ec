"""Sources as they are kept: added, changed, removed, and what is asked of them."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from plimsoll.domain.errors import WrongUse
from plimsoll.ledger import overlaps, rollups
from plimsoll.ledger.cuts import ATTRIBUTED, WHOLE
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import instant_of, maybe_instant, micros_of, number_of
from plimsoll.ledger.plan import plan_days

_SOURCE = (
    "id, uid, name, kind, connector, base_url, settings, created_at, removed_at, key_tail, "
    "organisation"
)


AGENT = "agent"
"""The kind of a source that is an agent's logs: each of its calls says whose prices count."""


@dataclass(frozen=True, slots=True)
class Source:
    """One configured place that data comes from. `base_url` None is the provider's usual one;
    `removed_at` is set for a source that is no longer asked and whose figures stay.
    """

    id: int
    uid: str
    """Random, made once: the keyring's item bears it."""
    name: str
    kind: str
    connector: str
    base_url: str | None
    settings: tuple[tuple[str, str], ...]
    created_at: datetime
    removed_at: datetime | None
    key_tail: str
    organisation: str | None = None
    """The provider's own id of the account, once it is known."""


def add_source(
    ledger: Ledger,
    *,
    name: str,
    connector: str,
    kind: str = "provider",
    base_url: str | None = None,
    settings: Sequence[tuple[str, str]] = (),
    key_tail: str = "",
) -> Source:
    """Set up a source; raises `WrongUse` if there is one of that name.

    Where a removed source of the same name, connector and address left its figures, the new one
    takes them over when it first runs, so that days fetched again are not counted twice.
    """
    import secrets

    with ledger.writing() as connection:
        if _find(connection, name) is not None:
            raise WrongUse(f"There is already a source called {name}.")
        row = connection.execute(
            "INSERT INTO source (uid, name, kind, connector, base_url, settings, created_at, "
            f"key_tail) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_SOURCE}",
            (
                secrets.token_hex(8),
                name,
                kind,
                connector,
                base_url,
                json.dumps(list(settings)),
                micros_of(ledger.clock.now()),
                key_tail,
            ),
        ).fetchone()
    return _source(row)


def sources(ledger: Ledger, *, removed: bool = False) -> tuple[Source, ...]:
    """Every source in the order in which they were added; with `removed`, those too."""
    query = f"SELECT {_SOURCE} FROM source WHERE ? OR removed_at IS NULL ORDER BY id"
    with ledger.reading() as connection:
        return tuple(map(_source, connection.execute(query, (removed,)).fetchall()))


def source_named(ledger: Ledger, name: str) -> Source:
    """The source of that name; raises `WrongUse` for an unknown one."""
    with ledger.reading() as connection:
        found = _find(connection, name)
    if found is None:
        known = ", ".join(source.name for source in sources(ledger))
        raise WrongUse(
            f"There is no source called {name}.",
            remedy=f"Known: {known}." if known else "None has been added yet.",
        )
    return found


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
        other = _find(connection, name)
        if other is not None and other.id != source_id:
            raise WrongUse(f"There is already a source called {name}.")
        was_plan = plan_days(connection, source_id)
        row = connection.execute(
            "UPDATE source SET name = ?, base_url = ?, settings = ?, key_tail = ? "
            f"WHERE id = ? RETURNING {_SOURCE}",
            (name, base_url, json.dumps(list(settings)), key_tail, source_id),
        ).fetchone()
        if row is None:
            raise WrongUse("This source is no longer there.")
        rollups.follow_plan(connection, source_id, before=was_plan)
    return _source(row)


def remove_source(ledger: Ledger, source_id: int, *, forget: bool) -> None:
    """Ask a source no more. Its figures stay and count, unless `forget`: then they go with it."""
    with ledger.writing() as connection:
        if forget:
            rollups.drop(connection, source_id)
            connection.execute(
                "DELETE FROM call WHERE slice IN (SELECT id FROM slice WHERE source = ?)",
                (source_id,),
            )
            connection.execute("DELETE FROM source WHERE id = ?", (source_id,))
            _sweep(connection)
        else:
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


def set_endpoints(
    ledger: Ledger,
    source_id: int,
    names: Sequence[str],
    *,
    reach: Mapping[str, date | None] | None = None,
) -> None:
    """Say which endpoints a source is asked for, so that their missing days can be told.

    `reach` is the first day that the provider itself answers for, where one is known: earlier days
    of that endpoint are not missing.
    """
    firsts = reach or {}
    rows = [
        (name, position, number_of(first) if (first := firsts.get(name)) else None)
        for position, name in enumerate(dict.fromkeys(names))
    ]
    query = "SELECT name, position, reach FROM endpoint WHERE source = ? ORDER BY position"
    with ledger.reading() as connection:
        if connection.execute(query, (source_id,)).fetchall() == rows:
            return
    with ledger.writing() as connection:
        connection.execute("DELETE FROM endpoint WHERE source = ?", (source_id,))
        connection.executemany(
            "INSERT INTO endpoint (source, name, position, reach) VALUES (?, ?, ?, ?)",
            [(source_id, *row) for row in rows],
        )


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
    for table in ("slice", "coverage", "restatement", "own_price", "discount"):
        connection.execute(f"UPDATE {table} SET source = ? WHERE source = ?", (source_id, old))
    was_plan = plan_days(connection, old)
    for table in ("name", "balance", "endpoint", "log_file", "session"):
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


def _find(connection: sqlite3.Connection, name: str) -> Source | None:
    row = connection.execute(
        f"SELECT {_SOURCE} FROM source WHERE name = ? AND removed_at IS NULL",
        (name,),
    ).fetchone()
    return None if row is None else _source(row)


def _source(row: Sequence[Any]) -> Source:
    number, uid, name, kind, connector, base_url, settings, created, removed, tail, known_as = row
    return Source(
        id=number,
        uid=uid,
        name=name,
        kind=kind,
        connector=connector,
        base_url=base_url,
        settings=tuple((key, value) for key, value in json.loads(settings)),
        created_at=instant_of(created),
        removed_at=maybe_instant(removed),
        key_tail=tail,
        organisation=known_as,
    )
