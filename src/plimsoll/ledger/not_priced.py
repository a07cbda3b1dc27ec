"""Not priced: stored usage of which nobody knows what it is worth, or what it costs, and why."""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.calendar import Period
from plimsoll.ledger.accounts import CALLS
from plimsoll.ledger.cuts import UNCUT
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of
from plimsoll.ledger.overlaps import explained_days, not_explained
from plimsoll.ledger.quantities import join
from plimsoll.ledger.rollups import MEASURES, TOKENS

# Whose prices count: for an agent's call the provider that its first detail names.
_PROVIDER = f"iif(s.endpoint = '{CALLS}', json_extract(e.text, '$[0][1]'), NULL)"
_KEY = f"s.source, {_PROVIDER}, a.model, a.tier, u.basis, u.worth IS NULL"

# Rows without a price have no currency, and those whose money is unknown have tokens not priced: so
# the rollups know the days that have any, and only these are looked at. On days that another source
# pays for nothing is unknown.
_ROWS = f"""
    FROM (SELECT DISTINCT source, day FROM usage_by_day
        WHERE cut = {UNCUT} AND (currency = 0 OR not_priced > 0)
        AND {not_explained("source", "day")}) d
    JOIN slice s ON s.source = d.source AND s.day = d.day
    JOIN usage u ON u.slice = s.id AND (u.worth IS NULL OR u.billed_elsewhere)
    JOIN attribution a ON a.id = u.attribution
    LEFT JOIN charged_day c ON c.source = s.source AND c.day = s.day
    LEFT JOIN phrase e ON e.id = u.details
"""

_LINES = f"""
    SELECT f.*, o.name, ifnull(f.provider, o.connector), m.text, t.text, ifnull(b.text, '') FROM (
        SELECT s.source, {_PROVIDER} AS provider, a.model, a.tier, u.basis, u.worth IS NULL,
            sum({TOKENS}), sum({MEASURES["not_priced"]}),
            count(DISTINCT s.day), min(s.day), max(s.day)
        {_ROWS} GROUP BY {_KEY}
    ) f
    JOIN source o ON o.id = f.source
    LEFT JOIN term m ON m.id = f.model
    LEFT JOIN term t ON t.id = f.tier
    LEFT JOIN phrase b ON b.id = f.basis
"""

_UNITS = f"""
    SELECT {_KEY}, p.text, q.place, sum(q.quantity)
    {_ROWS} JOIN usage_unit q ON q.slice = u.slice AND q.n = u.n JOIN phrase p ON p.id = q.unit
    GROUP BY {_KEY}, q.unit, q.place
"""


@dataclass(frozen=True, slots=True)
class NotPriced:
    """Usage of one source, model and tier without a known worth (`unknown`), or without known
    money although its worth is known: what a bill leaves out by rule.

    `reason` is the price book's. `tokens` are all of it, of which nobody knows the money of the
    `missing` ones; the rest are on days that were billed. `period` goes from the first to the last
    of the `days` that have some.
    """

    provider: str
    source: str
    model: str | None
    tier: str | None
    unknown: bool
    reason: str
    tokens: int
    missing: int
    units: tuple[tuple[str, Decimal], ...]
    days: int
    period: Period


def not_priced(ledger: Ledger) -> tuple[NotPriced, ...]:
    """All of it, the most tokens first."""
    with ledger.reading() as connection:
        explained = explained_days(connection)
        units = _units(connection, explained)
        found = [
            NotPriced(
                provider=provider,
                source=source,
                model=model,
                tier=tier,
                unknown=bool(key[-1]),
                reason=reason,
                tokens=tokens,
                missing=missing,
                units=units.get(tuple(key), ()),
                days=days,
                period=Period(day_of(first), day_of(last)),
            )
            for *key, tokens, missing, days, first, last, source, provider, model, tier, reason in (
                connection.execute(_LINES, (explained,))
            )
        ]
    return tuple(sorted(found, key=lambda n: (-n.tokens, n.source, n.model or "", n.tier or "")))


def _units(
    connection: sqlite3.Connection, explained: str
) -> dict[tuple[int, ...], tuple[tuple[str, Decimal], ...]]:
    parts: dict[tuple[int, ...], dict[str, list[tuple[int, int]]]] = defaultdict(dict)
    for *key, unit, place, quantity in connection.execute(_UNITS, (explained,)):
        parts[tuple(key)].setdefault(unit, []).append((place, quantity))
    return {
        key: tuple((unit, join(quantities)) for unit, quantities in sorted(units.items()))
        for key, units in parts.items()
    }
