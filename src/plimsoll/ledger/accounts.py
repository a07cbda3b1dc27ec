"""Sources as they are kept: added, found, and what is asked of them."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import instant_of, maybe_instant, micros_of, number_of

SOURCE = (
    "id, uid, name, kind, connector, base_url, settings, created_at, removed_at, key_tail, "
    "organisation"
)


AGENT = "agent"
"""The kind of a source that is an agent's logs: each of its calls says whose prices count."""


FILE = "file"
"""The kind of a source that is made of imported files: nobody is asked for it."""


CALLS = "calls"
"""The endpoint of the slices of agents' calls, whose rows are numbered by the calls' keys."""


FALLS = "balance"
"""The endpoint of the slices of what a prepaid balance lost to use, where its provider tells no
usage and no cost: no price book computed their rows."""


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
        if find(connection, name) is not None:
            raise WrongUse(say("There is already a source called {name}.", name=name))
        row = connection.execute(
            "INSERT INTO source (uid, name, kind, connector, base_url, settings, created_at, "
            f"key_tail) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING {SOURCE}",
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
    return source_of(row)


def sources(ledger: Ledger, *, removed: bool = False) -> tuple[Source, ...]:
    """Every source in the order in which they were added; with `removed`, those too."""
    query = f"SELECT {SOURCE} FROM source WHERE ? OR removed_at IS NULL ORDER BY id"
    with ledger.reading() as connection:
        return tuple(map(source_of, connection.execute(query, (removed,)).fetchall()))


def source_named(ledger: Ledger, name: str) -> Source:
    """The source of that name; raises `WrongUse` for an unknown one."""
    with ledger.reading() as connection:
        found = find(connection, name)
    if found is None:
        known = ", ".join(source.name for source in sources(ledger))
        raise WrongUse(
            say("There is no source called {name}.", name=name),
            remedy=f"Known: {known}." if known else say("None has been added yet."),
        )
    return found


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


def find(connection: sqlite3.Connection, name: str) -> Source | None:
    """The source of that name that is still asked."""
    row = connection.execute(
        f"SELECT {SOURCE} FROM source WHERE name = ? AND removed_at IS NULL",
        (name,),
    ).fetchone()
    return None if row is None else source_of(row)


def source_of(row: Sequence[Any]) -> Source:
    """A source from its row of `SOURCE`."""
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
