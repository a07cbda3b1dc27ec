"""The log of changed prices: when, what changed in words, and what it did to the figures."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import date, datetime

from plimsoll.domain.calendar import Period
from plimsoll.domain.effect import Effect, MonthEffect, PriceChange
from plimsoll.domain.said import again, kept
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, micros_of, number_of


def add_entry(
    connection: sqlite3.Connection, now: datetime, sentence: str, edition: str, effect: Effect
) -> None:
    """Add one entry, inside the transaction that it tells of."""
    period = effect.period
    (number,) = connection.execute(
        """
        INSERT INTO price_change
            (at, sentence, said, edition, slices, records, first, last, not_priced)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (
            micros_of(now),
            sentence,
            kept(sentence),
            edition,
            effect.slices,
            effect.records,
            number_of(period.first) if period else 0,
            number_of(period.last) if period else 0,
            effect.not_priced,
        ),
    ).fetchone()
    connection.executemany(
        "INSERT INTO price_effect (change, month, currency, estimated, plan, worth) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, m.month.isoformat()[:7], m.currency, m.estimated, m.plan, m.worth)
            for m in effect.months
        ],
    )


def price_changes(ledger: Ledger) -> tuple[PriceChange, ...]:
    """The log of changed prices, the newest first."""
    heads = """
        SELECT id, at, sentence, said, edition, slices, records, first, last, not_priced
        FROM price_change ORDER BY id DESC
    """
    months = "SELECT change, month, currency, estimated, plan, worth FROM price_effect"
    effects: dict[int, list[MonthEffect]] = defaultdict(list)
    with ledger.reading() as connection:
        for change, month, *figures in connection.execute(months):
            effects[change].append(MonthEffect(first_of(month), *figures))
        return tuple(
            PriceChange(
                at=instant_of(at),
                sentence=again(sentence, said),
                edition=edition,
                effect=Effect(
                    records=records,
                    slices=slices,
                    period=Period(day_of(first), day_of(last)) if slices else None,
                    months=tuple(effects[number]),
                    not_priced=not_priced,
                ),
            )
            for number, at, sentence, said, edition, slices, records, first, last, not_priced in (
                connection.execute(heads)
            )
        )


def first_of(month: str) -> date:
    """The first day of a month written `2026-11`."""
    return date.fromisoformat(f"{month}-01")
