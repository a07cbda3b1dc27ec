"""Deliveries: alerts on their way to a command or a webhook, each firing once for a channel.

A firing is named by its table and row, such as `alert:12`, so that alerts of other kinds can go
the same way; what fired takes its deliveries with it when it is removed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plimsoll.domain.delivery import CLAIM, LONGEST_WAIT, MOST_TRIES, Channel, Delivery
from plimsoll.domain.said import again, kept, say
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import maybe_instant, micros_of

_CUT_OFF = say("Plimsoll ended before it was known how this went.")

_IS_DUE = "next_at IS NOT NULL AND (next_at <= :now OR next_at > :too_far)"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that nobody else tries meanwhile: what to deliver, and how often it was tried."""

    id: int
    document: str
    tries: int


def queue(
    connection: sqlite3.Connection,
    firing: str,
    *,
    channels: Iterable[Channel],
    document: str,
    now: datetime,
) -> None:
    """Put a firing on its way, inside the transaction that keeps it; once for each channel."""
    for channel in channels:
        connection.execute(
            """
            INSERT INTO delivery (firing, channel, document, tries, next_at, trouble)
            VALUES (?, ?, ?, 0, ?, '') ON CONFLICT DO NOTHING
            """,
            (firing, channel.value, document, micros_of(now)),
        )


def has_due(ledger: Ledger, *, now: datetime, channel: Channel | None = None) -> bool:
    """Whether something is to be tried now."""
    query = f"""
        SELECT EXISTS (SELECT 1 FROM delivery
            WHERE {_IS_DUE} AND (:channel IS NULL OR channel = :channel))
    """  # noqa: S608 - of constants
    with ledger.reading() as connection:
        return bool(connection.execute(query, _bounds(now, channel)).fetchone()[0])


def claim(ledger: Ledger, channel: Channel, *, now: datetime) -> Claimed | None:
    """Take the next delivery that is due, the oldest first; None where there is none.

    A command counts as run from now on. A webhook is due again when its try was cut off, unless
    that was its last one.
    """
    retry, last = micros_of(now + CLAIM), MOST_TRIES[channel] - 1
    query = f"""
        UPDATE delivery SET tries = tries + 1, next_at = iif(tries < :last, :again, NULL),
            trouble = :trouble, said = :said
        WHERE id = (SELECT min(id) FROM delivery WHERE {_IS_DUE} AND channel = :channel)
        RETURNING id, document, tries
    """  # noqa: S608 - of constants
    values = _bounds(now, channel) | {
        "again": retry,
        "last": last,
        "trouble": _CUT_OFF,
        "said": kept(_CUT_OFF),
    }
    with ledger.writing() as connection:
        row = connection.execute(query, values).fetchone()
    return None if row is None else Claimed(*row)


def say_delivered(ledger: Ledger, claimed: Claimed, *, now: datetime) -> None:
    """Keep that it was taken: it is never tried again."""
    _settle(ledger, claimed, delivered_at=now, next_at=None, trouble="")


def say_failed(ledger: Ledger, claimed: Claimed, *, trouble: str, next_at: datetime | None) -> None:
    """Keep why a try was in vain, and when there will be another, if any."""
    _settle(ledger, claimed, delivered_at=None, next_at=next_at, trouble=trouble)


def postpone(ledger: Ledger, channel: Channel, *, until: datetime, trouble: str) -> None:
    """Try nothing of a channel before an instant: nothing was sent, so no try is used up."""
    with ledger.writing() as connection:
        connection.execute(
            "UPDATE delivery SET next_at = ?, trouble = ?, said = ? WHERE next_at IS NOT NULL"
            " AND channel = ?",
            (micros_of(until), trouble, kept(trouble), channel.value),
        )


def give_up(ledger: Ledger, channel: Channel, *, trouble: str) -> None:
    """Deliver nothing of what still waits in a channel: the user turned it off."""
    with ledger.writing() as connection:
        connection.execute(
            "UPDATE delivery SET next_at = NULL, trouble = ?, said = ? WHERE next_at IS NOT NULL"
            " AND channel = ?",
            (trouble, kept(trouble), channel.value),
        )


def deliveries_of(ledger: Ledger, table: str) -> dict[int, tuple[Delivery, ...]]:
    """The deliveries of what a table's rows fired, by the row."""
    query = """
        SELECT CAST(substr(firing, length(:table) + 2) AS INTEGER), channel, tries, delivered_at,
            next_at, trouble, said
        FROM delivery WHERE firing GLOB :table || ':*' ORDER BY channel
    """
    found: dict[int, tuple[Delivery, ...]] = {}
    with ledger.reading() as connection:
        for row, *rest in connection.execute(query, {"table": table}):
            found[row] = (*found.get(row, ()), _delivery(*rest))
    return found


def latest(ledger: Ledger, channel: Channel) -> Delivery | None:
    """How the newest delivery of a channel stands that was tried; None before the first."""
    query = """
        SELECT channel, tries, delivered_at, next_at, trouble, said FROM delivery
        WHERE channel = ? AND tries > 0 ORDER BY id DESC LIMIT 1
    """
    with ledger.reading() as connection:
        row = connection.execute(query, (channel.value,)).fetchone()
    return None if row is None else _delivery(*row)


def _settle(
    ledger: Ledger,
    claimed: Claimed,
    *,
    delivered_at: datetime | None,
    next_at: datetime | None,
    trouble: str,
) -> None:
    """Nothing once it was taken: a try that was thought cut off may still tell its end."""
    with ledger.writing() as connection:
        connection.execute(
            """
            UPDATE delivery SET delivered_at = ?, next_at = ?, trouble = ?, said = ?
            WHERE id = ? AND delivered_at IS NULL
            """,
            (
                None if delivered_at is None else micros_of(delivered_at),
                None if next_at is None else micros_of(next_at),
                trouble,
                kept(trouble),
                claimed.id,
            ),
        )


def _bounds(now: datetime, channel: Channel | None) -> dict[str, object]:
    return {
        "now": micros_of(now),
        "too_far": micros_of(now + LONGEST_WAIT),
        "channel": None if channel is None else channel.value,
    }


def _delivery(*row: Any) -> Delivery:
    channel, tries, delivered_at, next_at, trouble, said = row
    return Delivery(
        channel=Channel(channel),
        tries=tries,
        delivered_at=maybe_instant(delivered_at),
        next_at=maybe_instant(next_at),
        trouble=again(trouble, said),
    )
