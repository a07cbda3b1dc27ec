"""Prepaid accounts as they are kept: credit that users entered, what is watched, what was warned
of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.prepaid import (
    Credit,
    CreditKind,
    Warned,
    WarningKind,
    Watch,
    read_marks,
)
from plimsoll.domain.said import again, kept, say
from plimsoll.ledger import deliveries
from plimsoll.ledger.accounts import source_named
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, maybe_instant, micros_of, number_of

FIRING = "warned"
"""What warnings of balances are called among the deliveries."""

_WARNED = (
    "w.id, s.name, w.currency, w.kind, w.mark, w.nanos, w.fired_at, w.sentence, w.said, w.told_at, "
    "w.waiting, w.rearmed_at"
)


# Of prepaid accounts: credit that the user entered (`last` NULL never expires), what is to be
# warned of (a source without a row is watched as usual), and the warnings that fired, of which one
# of a kind and mark stands at a time, whoever comes second.
SCHEMA = (
    """
    CREATE TABLE credit (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('start', 'top-up', 'grant')),
        currency TEXT NOT NULL,
        nanos INTEGER NOT NULL,
        day INTEGER NOT NULL,
        last INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE watch (
        source INTEGER PRIMARY KEY REFERENCES source ON DELETE CASCADE,
        low TEXT NOT NULL,
        run_out_days INTEGER NOT NULL,
        snoozed_until INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE warned (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        currency TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('balance', 'run-out')),
        mark TEXT NOT NULL,
        nanos INTEGER NOT NULL,
        fired_at INTEGER NOT NULL,
        sentence TEXT NOT NULL,
        told_at INTEGER,
        waiting INTEGER NOT NULL CHECK (waiting IN (0, 1)),
        rearmed_at INTEGER
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX warned_once ON warned (source, currency, kind, mark)
    WHERE rearmed_at IS NULL
    """,
    """
    CREATE TRIGGER warned_takes_its_deliveries AFTER DELETE ON warned BEGIN
        DELETE FROM delivery WHERE firing = 'warned:' || old.id;
    END
    """,
)


def add_credit(ledger: Ledger, source_id: int, credit: Credit) -> Credit:
    """Keep one entry of a source's account book; it with its number."""
    last = None if credit.last is None else number_of(credit.last)
    row = (
        source_id,
        credit.kind.value,
        credit.amount.currency,
        credit.amount.nanos,
        number_of(credit.day),
        last,
    )
    with ledger.writing() as connection:
        (number,) = connection.execute(
            "INSERT INTO credit (source, kind, currency, nanos, day, last) "
            "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            row,
        ).fetchone()
    return replace(credit, id=number)


def remove_credit(ledger: Ledger, name: str, number: int) -> None:
    """Remove one entry, as if it had never been there; raises `WrongUse` where it is not."""
    source = source_named(ledger, name)
    with ledger.writing() as connection:
        done = connection.execute(
            "DELETE FROM credit WHERE id = ? AND source = ?", (number, source.id)
        )
        if not done.rowcount:
            raise WrongUse(
                say("{name} has no entry {number} in its account book.", name=name, number=number)
            )


def credits_of(ledger: Ledger, source_id: int) -> tuple[Credit, ...]:
    """The account book of one source, in the order of its days."""
    query = (
        "SELECT kind, currency, nanos, day, last, id FROM credit WHERE source = ? ORDER BY day, id"
    )
    with ledger.reading() as connection:
        rows = connection.execute(query, (source_id,)).fetchall()
    return tuple(
        Credit(
            CreditKind(kind),
            Money(currency, nanos),
            day_of(day),
            None if last is None else day_of(last),
            number,
        )
        for kind, currency, nanos, day, last, number in rows
    )


def watches(ledger: Ledger) -> dict[str, Watch]:
    """What is watched of each source for which something was said, by its name."""
    query = (
        "SELECT s.name, w.low, w.run_out_days, w.snoozed_until FROM watch w "
        "JOIN source s ON s.id = w.source WHERE s.removed_at IS NULL"
    )
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return {
        name: Watch(read_marks(low), days, maybe_instant(until)) for name, low, days, until in rows
    }


def save_watch(ledger: Ledger, name: str, watch: Watch) -> None:
    """Keep what is to be warned of at a source; raises `WrongUse` for an unknown name."""
    source = source_named(ledger, name)
    until = None if watch.snoozed_until is None else micros_of(watch.snoozed_until)
    with ledger.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO watch (source, low, run_out_days, snoozed_until) "
            "VALUES (?, ?, ?, ?)",
            (source.id, watch.low_text, watch.run_out_days, until),
        )


@dataclass(frozen=True, slots=True)
class Before:
    """What the ledger holds of one balance when it is decided: its warnings, the oldest first, and
    when anything was told lately, by budgets too.
    """

    warned: tuple[Warned, ...]
    told: tuple[datetime, ...]


def settle(
    ledger: Ledger,
    source: str,
    currency: str,
    decide: Callable[[Before], tuple[Warned, ...]],
    *,
    now: datetime,
    channels: Collection[Channel] = (),
    document_of: Callable[[Warned], str] = lambda one: one.sentence,
) -> tuple[Warned, ...]:
    """Decide and keep what becomes of one balance's warnings, in one transaction; what is to be
    told, which is put on its way through the `channels` as its document. Of several processes only
    the one that keeps it tells.
    """
    with ledger.reading() as connection:
        if not decide(_before(connection, source, currency)):
            return ()
    with ledger.writing() as connection:
        before = _before(connection, source, currency)
        heard = {one.number for one in before.warned if one.told_at is not None}
        kept = [_keep(connection, one) for one in decide(before)]
        told = tuple(one for one in kept if one.told_at is not None and one.number not in heard)
        for one in told:
            deliveries.queue(
                connection,
                f"{FIRING}:{one.number}",
                channels=channels,
                document=document_of(one),
                now=now,
            )
    return told


def warned(ledger: Ledger) -> tuple[Warned, ...]:
    """Every warning of a source that is still asked, the newest first."""
    with ledger.reading() as connection:
        return tuple(reversed(_warned(connection, "s.removed_at IS NULL", ())))


def _before(connection: sqlite3.Connection, source: str, currency: str) -> Before:
    told = connection.execute(
        "SELECT told_at FROM warned WHERE told_at IS NOT NULL UNION ALL "
        "SELECT told_at FROM alert WHERE told_at IS NOT NULL ORDER BY told_at DESC LIMIT 100"
    ).fetchall()
    mine = _warned(
        connection, "s.removed_at IS NULL AND s.name = ? AND w.currency = ?", (source, currency)
    )
    return Before(mine, tuple(instant_of(at) for (at,) in told))


def _warned(
    connection: sqlite3.Connection, such: str, given: tuple[object, ...]
) -> tuple[Warned, ...]:
    query = (
        f"SELECT {_WARNED} FROM warned w JOIN source s ON s.id = w.source "  # noqa: S608 - ours
        f"WHERE {such} ORDER BY w.id"
    )
    return tuple(map(_read, connection.execute(query, given)))


def _read(row: tuple[Any, ...]) -> Warned:
    number, name, currency, kind, mark, left, fired, sentence, said, told, waiting, rearmed = row
    return Warned(
        source=name,
        currency=currency,
        kind=WarningKind(kind),
        mark=mark,
        left=left,
        fired_at=instant_of(fired),
        sentence=again(sentence, said),
        told_at=maybe_instant(told),
        waiting=bool(waiting),
        rearmed_at=maybe_instant(rearmed),
        number=number,
    )


def _keep(connection: sqlite3.Connection, one: Warned) -> Warned:
    """Write a warning, a new one or one that stands differently."""
    told, rearmed = (
        None if instant is None else micros_of(instant) for instant in (one.told_at, one.rearmed_at)
    )
    if one.number:
        connection.execute(
            "UPDATE warned SET told_at = ?, waiting = ?, rearmed_at = ? WHERE id = ?",
            (told, int(one.waiting), rearmed, one.number),
        )
        return one
    (number,) = connection.execute(
        "INSERT INTO warned (source, currency, kind, mark, nanos, fired_at, sentence, said, "
        "told_at, waiting, rearmed_at) "
        "SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM source WHERE name = ? AND removed_at IS NULL "
        "RETURNING id",
        (
            one.currency,
            one.kind.value,
            one.mark,
            one.left,
            micros_of(one.fired_at),
            one.sentence,
            kept(one.sentence),
            told,
            int(one.waiting),
            rearmed,
            one.source,
        ),
    ).fetchone()
    return replace(one, number=number)


__all__ = [
    "Before",
    "add_credit",
    "credits_of",
    "remove_credit",
    "save_watch",
    "settle",
    "warned",
    "watches",
]
