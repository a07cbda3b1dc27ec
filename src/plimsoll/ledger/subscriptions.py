"""Subscriptions as they are kept, and the days on which a source's tokens are under one."""

from __future__ import annotations

import sqlite3
from datetime import date

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.subscription import Cycle, Subscription, Unit
from plimsoll.ledger import rollups
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of
from plimsoll.ledger.plan import plan_days


def subscriptions(ledger: Ledger) -> tuple[Subscription, ...]:
    """Every subscription of the sources that are asked, by source, the newest first."""
    query = """
        SELECT o.name, p.name, p.currency, p.nanos, p.first, p.last, p.unit, p.every
        FROM subscription p JOIN source o ON o.id = p.source
        WHERE o.removed_at IS NULL ORDER BY o.id, p.first DESC
    """
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return tuple(
        Subscription(
            source=source,
            name=name,
            fee=Money(currency, nanos),
            first=day_of(first),
            last=None if last is None else day_of(last),
            cycle=Cycle(Unit(unit), every),
        )
        for source, name, currency, nanos, first, last, unit, every in rows
    )


def save_subscription(
    ledger: Ledger, subscription: Subscription, *, instead_of: date | None = None
) -> None:
    """Keep a subscription, in place of the source's one that began on `instead_of`, and sum up its
    source's days again.

    Raises `WrongUse` for an unknown source, or where another one has some of its days: what tokens
    are worth can be set against one fee only.
    """
    with ledger.writing() as connection:
        source_id = _source_id(connection, subscription.source)
        before = plan_days(connection, source_id)
        if instead_of is not None:
            _delete(connection, source_id, instead_of)
        for other in subscriptions(ledger):
            if other.source == subscription.source and other.overlaps(subscription):
                raise WrongUse(
                    say(
                        "{source} is under {name} on some of these days.",
                        source=other.source,
                        name=other.name,
                    ),
                    remedy=say("End that one first, or enter both fees as one."),
                )
        connection.execute(
            "INSERT INTO subscription (source, name, currency, nanos, first, last, unit, every) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source_id,
                subscription.name.strip(),
                subscription.fee.currency,
                subscription.fee.nanos,
                number_of(subscription.first),
                None if subscription.last is None else number_of(subscription.last),
                subscription.cycle.unit.value,
                subscription.cycle.count,
            ),
        )
        rollups.follow_plan(connection, source_id, before=before)


def remove_subscription(ledger: Ledger, source: str, first: date) -> None:
    """Remove a source's subscription that began on `first`, as if it had never been entered.

    Raises `WrongUse` if there is none.
    """
    with ledger.writing() as connection:
        source_id = _source_id(connection, source)
        before = plan_days(connection, source_id)
        if not _delete(connection, source_id, first):
            raise WrongUse(
                say(
                    "{source} has no subscription that began on {first}.",
                    source=source,
                    first=str(first),
                )
            )
        rollups.follow_plan(connection, source_id, before=before)


def _delete(connection: sqlite3.Connection, source_id: int, first: date) -> bool:
    query = "DELETE FROM subscription WHERE source = ? AND first = ?"
    return connection.execute(query, (source_id, number_of(first))).rowcount > 0


def _source_id(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute(
        "SELECT id FROM source WHERE name = ? AND removed_at IS NULL", (name,)
    ).fetchone()
    if row is None:
        raise WrongUse(say("There is no source called {name}.", name=name))
    return int(row[0])
