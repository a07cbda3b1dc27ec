"""A user's own prices and what contracts take off, as they are kept: each with its account.

Accounts are named by their `uid` here, which stays when they are renamed; where one is forgotten,
its prices and discounts go with it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.tariff import Discount
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of


@dataclass(frozen=True, slots=True)
class OwnText:
    """One own price as text, and the account that it is for (None: every account)."""

    source: str | None
    text: str


@dataclass(frozen=True, slots=True)
class OwnPrices:
    """All own prices and discounts, in the order in which they were given."""

    prices: tuple[OwnText, ...] = ()
    discounts: tuple[Discount, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.prices or self.discounts)

    @property
    def version(self) -> str:
        """A short word that stands for exactly these; empty for none."""
        if not self:
            return ""
        told = [
            [[price.source, price.text] for price in self.prices],
            [[d.source, f"{d.percent:f}", str(d.first), str(d.last)] for d in self.discounts],
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


def own_prices(ledger: Ledger) -> OwnPrices:
    """The own prices and discounts that are kept."""
    with ledger.reading() as connection:
        return _own_prices(connection)


def keep_own_prices(ledger: Ledger, kept: OwnPrices, *, instead_of: str) -> None:
    """Keep these in the place of those that `instead_of` is the version of.

    Raises `WrongUse` where others have been kept meanwhile, or where an account is not there.
    """
    with ledger.writing() as connection:
        if _own_prices(connection).version != instead_of:
            raise WrongUse(
                say("Your own prices were changed elsewhere meanwhile; nothing was changed here."),
                remedy=say("Look at them again, then repeat your change."),
            )
        ids = dict(connection.execute("SELECT uid, id FROM source").fetchall())
        named = {*(p.source for p in kept.prices if p.source), *(d.source for d in kept.discounts)}
        if named - set(ids):
            raise WrongUse(say("The account of a price or a discount is no longer there."))
        connection.execute("DELETE FROM own_price")
        connection.execute("DELETE FROM discount")
        connection.executemany(
            "INSERT INTO own_price (source, text) VALUES (?, ?)",
            [(p.source and ids[p.source], p.text) for p in kept.prices],
        )
        connection.executemany(
            "INSERT INTO discount (source, percent, first, last) VALUES (?, ?, ?, ?)",
            [
                (
                    ids[d.source],
                    f"{d.percent:f}",
                    number_of(d.first) if d.first else None,
                    number_of(d.last) if d.last else None,
                )
                for d in kept.discounts
            ],
        )


def _own_prices(connection: sqlite3.Connection) -> OwnPrices:
    prices = connection.execute(
        "SELECT s.uid, p.text FROM own_price p LEFT JOIN source s ON s.id = p.source ORDER BY p.id"
    )
    discounts: Sequence[tuple[str, str, int | None, int | None]] = connection.execute(
        "SELECT s.uid, d.percent, d.first, d.last FROM discount d JOIN source s ON s.id = d.source "
        "ORDER BY d.id"
    ).fetchall()
    return OwnPrices(
        prices=tuple(OwnText(uid, text) for uid, text in prices),
        discounts=tuple(
            Discount(
                source=uid,
                percent=Decimal(percent),
                first=None if first is None else day_of(first),
                last=None if last is None else day_of(last),
            )
            for uid, percent, first, last in discounts
        ),
    )
