"""Bills: what an account was charged, line by line, and what its tokens are worth, day by day."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import EVERYTHING, Gap
from plimsoll.domain.tokens import Tokens
from plimsoll.ledger import gaps
from plimsoll.ledger.asking import sources_in
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.gaps import Asked
from plimsoll.ledger.instants import day_of, number_of
from plimsoll.ledger.plan import plan_days
from plimsoll.ledger.quantities import join
from plimsoll.ledger.sides import SUMMED

_CHARGES = """
    SELECT r.day, p.text, r.nanos, m.text, t.text, l.text, ifnull(d.text, ''), r.quantity,
        r.list_amount
    FROM bill_day r
    JOIN phrase p ON p.id = r.currency
    LEFT JOIN term m ON m.id = r.model
    LEFT JOIN term t ON t.id = r.tier
    LEFT JOIN term l ON l.id = r.line_item
    LEFT JOIN phrase d ON d.id = r.details
    WHERE r.source = ? AND r.day BETWEEN ? AND ?
"""
_USAGE = """
    SELECT s.day, m.text, t.text, ifnull(b.text, ''), ifnull(p.text, ''), s.billed_elsewhere,
        s.worth, s.off, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
        s.reasoning
    FROM priced_day s
    LEFT JOIN term m ON m.id = s.model
    LEFT JOIN term t ON t.id = s.tier
    LEFT JOIN phrase b ON b.id = s.basis
    LEFT JOIN phrase p ON p.id = s.currency
    LEFT JOIN charged_day c ON c.source = s.source AND c.day = s.day
    WHERE s.source = ? AND s.day BETWEEN ? AND ? AND (c.day IS NOT NULL OR NOT (:plan))
"""
_UNITS = """
    SELECT r.day, m.text, t.text, p.text, r.place, sum(r.quantity)
    FROM unit_by_day r
    JOIN attribution a ON a.id = r.value
    JOIN phrase p ON p.id = r.unit
    LEFT JOIN term m ON m.id = a.model
    LEFT JOIN term t ON t.id = a.tier
    WHERE r.cut = 99 AND r.source = ? AND r.day BETWEEN ? AND ?
    GROUP BY r.day, a.model, a.tier, r.unit, r.place
"""
_EVER = """
    SELECT EXISTS (SELECT 1 FROM slice WHERE source = :source AND charges > 0),
        EXISTS (SELECT 1 FROM priced_day WHERE source = :source AND (worth IS NOT NULL
            OR input > 0 OR cache_read > 0 OR cache_write_5m > 0 OR cache_write_1h > 0
            OR output > 0))
"""


@dataclass(frozen=True, slots=True)
class ChargedLine:
    """Nano-units that one day's charges say of one line, whosever project or key it was.

    `details` are the charges' circumstances; `sums` are the `SUMMED` ones among them, added up,
    where every charge of the line tells them.
    """

    day: date
    currency: str
    nanos: int
    model: str | None
    tier: str | None
    line_item: str | None
    details: Mapping[str, str]
    sums: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class UsedDay:
    """One day's tokens of one model, tier and price: `worth` is None where no price is known.

    `off` is what a contract that was entered takes off it.
    """

    day: date
    model: str | None
    tier: str | None
    basis: str
    currency: str
    elsewhere: bool
    worth: int | None
    off: int
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class UnitDay:
    """One day's quantity of one unit that is not tokens, of one model and tier."""

    day: date
    model: str | None
    tier: str | None
    unit: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Books:
    """One account's two sides in a period, and which of its days can be relied on.

    `has_bill` and `has_usage` say whether it ever told any (of usage: tokens, or units that have a
    price; requests and credits are nothing to hold a bill against), `has_plan` whether a
    subscription pays for tokens of some days: without charges these days are left out. `open_days`
    can still change; of `no_bill` and `no_usage` days there is no answer of that side.
    """

    source: str
    connector: str
    has_plan: bool
    has_bill: bool
    has_usage: bool
    charges: tuple[ChargedLine, ...]
    used: tuple[UsedDay, ...]
    units: tuple[UnitDay, ...]
    open_days: frozenset[date]
    no_bill: frozenset[date]
    no_usage: frozenset[date]
    gaps: tuple[Gap, ...]
    restated: frozenset[date]


def books_of(ledger: Ledger, period: Period, *, today: date) -> tuple[Books, ...]:
    """Both sides of every account that has anything in `period` (provider days, UTC) or ever had.

    Sources that were removed are there as long as their figures are.
    """
    with ledger.reading() as connection:
        return tuple(
            _books(connection, source, period, today)
            for source in sources_in(connection, EVERYTHING)
        )


def _books(connection: sqlite3.Connection, source: Asked, period: Period, today: date) -> Books:
    given = (source.id, number_of(period.first), number_of(period.last))
    has_bill, has_usage = connection.execute(_EVER, {"source": source.id}).fetchone()
    plan = plan_days(connection, source.id)
    no_bill, no_usage = _unanswered(connection, source, period, today)
    open_days = gaps.open_days(connection, [source], period)
    restated = connection.execute(
        "SELECT DISTINCT day FROM restatement WHERE source = ? AND day BETWEEN ? AND ?", given
    )
    return Books(
        source=source.name,
        connector=source.connector,
        has_plan=plan != "0",
        has_bill=bool(has_bill),
        has_usage=bool(has_usage),
        charges=tuple(map(_line, connection.execute(_CHARGES, given))),
        used=tuple(
            UsedDay(
                day_of(day),
                model,
                tier,
                basis,
                currency,
                bool(elsewhere),
                worth,
                off,
                Tokens(*classes),
            )
            for day, model, tier, basis, currency, elsewhere, worth, off, *classes in (
                connection.execute(_USAGE.replace(":plan", plan), given)
            )
        ),
        units=_units(connection.execute(_UNITS, given)),
        open_days=frozenset(map(day_of, open_days)),
        no_bill=frozenset(map(day_of, no_bill)),
        no_usage=frozenset(map(day_of, no_usage)),
        gaps=gaps.gaps_of(connection, [source], period, today=today),
        restated=frozenset(day_of(day) for (day,) in restated),
    )


# -- lines -------------------------------------------------------------------------------------


def _line(row: tuple[Any, ...]) -> ChargedLine:
    day, currency, nanos, model, tier, line_item, text, *amounts = row
    sums = {name: Decimal(a) for name, a in zip(SUMMED, amounts, strict=True) if a is not None}
    return ChargedLine(
        day_of(day), currency, nanos, model, tier, line_item, _circumstances(text), sums
    )


@lru_cache(maxsize=4096)
def _circumstances(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(json.loads(text) if text else ()))


def _units(
    rows: Iterable[tuple[int, str | None, str | None, str, int, int]],
) -> tuple[UnitDay, ...]:
    parts: dict[tuple[int, str | None, str | None, str], list[tuple[int, int]]] = defaultdict(list)
    for day, model, tier, unit, place, quantity in rows:
        parts[day, model, tier, unit].append((place, quantity))
    return tuple(
        UnitDay(day_of(day), model, tier, unit, join(quantities))
        for (day, model, tier, unit), quantities in parts.items()
    )


# -- days --------------------------------------------------------------------------------------


def _unanswered(
    connection: sqlite3.Connection, source: Asked, period: Period, today: date
) -> tuple[set[int], set[int]]:
    """The days up to yesterday of which the bill, and of which some usage, has no answer.

    An endpoint that has brought charges is the bill, every other one is usage, and one that has
    brought both is both. Before the first day that its provider answers for, an endpoint misses
    nothing as long as another one of its side has an answer; nor does one that never had any,
    because the key may not read it. Today is not missing: it is not over.
    """
    first, last = number_of(period.first), min(number_of(period.last), number_of(today) - 1)
    if not source.is_asked or last < first:
        return set(), set()
    told = {
        name: (bool(charges), bool(records))
        for name, charges, records in connection.execute(
            "SELECT endpoint, max(charges), max(records) FROM slice WHERE source = ? GROUP BY 1",
            (source.id,),
        )
    }
    missing: tuple[set[int], set[int]] = (set(), set())
    reach = dict(
        connection.execute("SELECT name, reach FROM endpoint WHERE source = ?", (source.id,))
    )
    covered = gaps.coverage_of(connection, source.id)
    endpoints = covered.keys() or reach.keys()
    begins = {name: max(reach.get(name) or first, first) for name in endpoints}
    starts: tuple[list[int], list[int]] = ([], [])
    for endpoint, begin in begins.items():
        charges, records = told.get(endpoint, (False, False))
        holes = gaps.holes_in(covered.get(endpoint, []), (begin, last))
        days = {day for a, b in holes for day in range(a, b + 1)}
        for side, is_its in enumerate((charges, records or not charges)):
            if is_its:
                missing[side].update(days)
                starts[side].append(begin)
    for days, begin in zip(missing, starts, strict=True):
        days.update(range(first, min([*begin, last + 1])) if begin else ())
    return missing
