"""Answers: any question about spend, from the rollups, as one frozen table or series.

Rows sum exactly to the total, because both are made of the same whole numbers.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from operator import add, attrgetter
from typing import cast

from plimsoll.domain.budget import TOKENS
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import (
    EVERYTHING,
    Amounts,
    DaySpend,
    Dimension,
    Question,
    Row,
    Scope,
    Series,
    Table,
)
from plimsoll.domain.tokens import Tokens
from plimsoll.ledger import gaps
from plimsoll.ledger.asking import Asking, Key, sources_in
from plimsoll.ledger.cuts import CUT_OF
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of
from plimsoll.ledger.overlaps import explained_days, not_explained
from plimsoll.ledger.quantities import join

_FIGURES = (
    "records",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "requests",
    "counted",
    "uncounted",
    "not_priced",
)
_OWED = ("estimated", "plan")
_MONEY = (*_OWED, "worth")
_RECENT = timedelta(days=89)


class _Cell:
    """One row of an answer while it is summed up."""

    __slots__ = ("figures", "money", "units")

    def __init__(self) -> None:
        self.figures: Sequence[int] = ()
        self.money: dict[int, Sequence[int]] = {}
        """Billed, estimated, plan and worth, by the phrase of the currency."""
        self.units: dict[tuple[int, int], int] = {}
        """Quantities by the phrase of the unit and the place."""

    def add(self, figures: Sequence[int]) -> None:
        self.figures = list(map(add, self.figures, figures)) if self.figures else figures

    def add_money(self, currency: int, money: Sequence[int]) -> None:
        known = self.money.get(currency)
        self.money[currency] = money if known is None else list(map(add, known, money))

    def add_unit(self, unit: tuple[int, int], quantity: int) -> None:
        self.units[unit] = self.units.get(unit, 0) + quantity


def _total(cells: Collection[_Cell]) -> _Cell:
    """All rows together, from the same whole numbers."""
    total = _Cell()
    total.figures = list(map(sum, zip(*(c.figures for c in cells if c.figures), strict=True)))
    money: dict[int, list[Sequence[int]]] = defaultdict(list)
    for cell in cells:
        for currency, amounts in cell.money.items():
            money[currency].append(amounts)
        for unit, quantity in cell.units.items():
            total.add_unit(unit, quantity)
    for currency, rows in money.items():
        total.money[currency] = list(map(sum, zip(*rows, strict=True)))
    return total


def answer(ledger: Ledger, question: Question, *, today: date) -> Table:
    """The answer to any question. `today` (UTC) bounds the gaps: days to come are not missing.

    Days, months and provider days are as in the design: with another zone than UTC, hourly records
    fall on the local day of their start, daily ones and charges stay on their provider day. An hour
    is written as an ISO instant in the zone's offset, `Z` for UTC. Raises `WrongUse` for an unknown
    zone.
    """
    with ledger.reading() as connection:
        asked = sources_in(connection, question.scope)
        cells: dict[Key, _Cell] = defaultdict(_Cell)
        moving = []
        for source in asked:
            asking = Asking(ledger, connection, source, question)
            _sum_source(asking, cells)
            moving += [source] if asking.may_hold else []
        total = _total(cells.values())
        phrases = _phrases(connection, total)
        open_days = gaps.open_days(connection, moving, question.period)
        missing = gaps.gaps_of(connection, asked, question.period, today=today)
    return Table(
        question=question,
        rows=tuple([_row(key, cells[key], phrases) for key in _in_order(cells)]),
        total=_row((), total, phrases),
        gaps=missing,
        not_final_from=day_of(min(open_days)) if open_days else None,
    )


def _in_order(keys: Collection[Key]) -> list[Key]:
    """Keys in their order, those without a value last."""
    if not any(None in key for key in keys):
        return cast("list[Key]", sorted(cast("Collection[tuple[str, ...]]", keys)))
    return sorted(keys, key=lambda key: [(value is None, value) for value in key])


def _sum_source(asking: Asking, cells: dict[Key, _Cell]) -> None:
    currency_at, key = asking.width, asking.key
    first, money_at = currency_at + 1, currency_at + 1 + len(_FIGURES)
    apart = asking.owes_apart
    for row in asking.usage((*_FIGURES, *_MONEY)):
        cell = cells[key(row)]
        cell.add(row[first:money_at])
        if row[currency_at]:
            estimated, plan, worth = row[money_at:]
            owed = (0, 0) if apart else (estimated, plan)
            cell.add_money(row[currency_at], (0, *owed, worth))
    for owing, currency, (estimated, plan) in asking.owed(_OWED) if apart else ():
        if currency and (estimated or plan):
            cells[owing].add_money(currency, (0, estimated, plan, 0))
    for row in asking.units():
        *_, unit, place, quantity = row
        cells[key(row)].add_unit((unit, place), quantity)
    for charged, currency, billed in asking.charges():
        cells[charged].add_money(currency, (billed, 0, 0, 0))


def _row(key: Key, cell: _Cell, phrases: dict[int, str]) -> Row:
    amounts = tuple([Amounts(phrases[c], *money) for c, money in cell.money.items()])
    if len(amounts) > 1:
        amounts = tuple(sorted(amounts, key=attrgetter("currency")))
    units = _units(cell, phrases) if cell.units else ()
    if not cell.figures:
        return Row(key, amounts=amounts, units=units)
    _, *classes, requests, counted, uncounted, not_priced = cell.figures
    told = requests if counted and not uncounted else None
    return Row(key, Tokens(*classes), told, amounts, units, not_priced)


def _units(cell: _Cell, phrases: dict[int, str]) -> tuple[tuple[str, Decimal], ...]:
    parts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (unit, place), quantity in cell.units.items():
        parts[phrases[unit]].append((place, quantity))
    return tuple((unit, join(quantities)) for unit, quantities in sorted(parts.items()))


def daily(
    ledger: Ledger,
    period: Period,
    *,
    currency: str,
    scope: Scope = EVERYTHING,
    today: date,
) -> Series:
    """Spend of every provider day (UTC) of `period` in one currency, billed and estimated; or, for
    the word TOKENS, the whole tokens of each day in the place of what is billed.

    A day that is missing or still to come is not `known`; a day that can still change, or is not
    known, is not `final`; a day that was last asked for before it was over says how much of it had
    `elapsed`.
    """
    question = Question(period, by=(Dimension.DAY,), scope=scope)
    billed: dict[str | None, int] = defaultdict(int)
    if currency == TOKENS:
        rows = answer(ledger, question, today=today).rows
        billed.update({row.key[0]: row.tokens.total for row in rows})
    with ledger.reading() as connection:
        asked = sources_in(connection, scope)
        phrase = _phrase_of(connection, currency)
        estimated: dict[str | None, int] = defaultdict(int)
        moving = []
        for source in asked:
            asking = Asking(ledger, connection, source, question, currency=phrase)
            moving += [source] if asking.may_hold else []
            for (owing,), _, (nanos,) in asking.owed(("estimated",), only="estimated"):
                estimated[owing] += nanos
            for (charged,), _, nanos in asking.charges():
                billed[charged] += nanos
        unknown = gaps.unknown_days(connection, asked, period, today=today)
        unsettled = unknown | gaps.open_days(connection, moving, period)
        partial = gaps.partial_days(connection, asked, period)
    days = []
    for day in period.days():
        text, number = day.isoformat(), number_of(day)
        days.append(
            DaySpend(
                day=day,
                billed=billed.get(text, 0),
                estimated=estimated.get(text, 0),
                known=number not in unknown,
                final=number not in unsettled,
                elapsed=partial.get(number, 1.0),
            )
        )
    return Series(period, currency, tuple(days))


def spend_by(ledger: Ledger, question: Question, *, currency: str) -> dict[Key, int]:
    """Only the money spent (billed and estimated, nano-units of one currency) of a question, by
    its rows' keys: what a chart needs, and quicker than the whole answer. Rows without any are left
    out.
    """
    spent: dict[Key, int] = defaultdict(int)
    with ledger.reading() as connection:
        phrase = _phrase_of(connection, currency)
        for source in sources_in(connection, question.scope):
            asking = Asking(ledger, connection, source, question, currency=phrase)
            for key, _, (nanos,) in asking.owed(("estimated",), only="estimated"):
                spent[key] += nanos
            for key, _, nanos in asking.charges():
                spent[key] += nanos
    return {key: nanos for key, nanos in spent.items() if nanos}


def currencies(ledger: Ledger) -> tuple[str, ...]:
    """Every currency in which something was billed or estimated, the one most spent in the last
    90 days first.
    """
    since = number_of(ledger.clock.now().date() - _RECENT)
    query = f"""
        SELECT p.text, sum(iif(m.day >= ?, m.nanos / 1000, 0)) AS recent FROM (
            SELECT source, day, currency, billed AS nanos FROM charge_by_day WHERE cut = 0
            UNION ALL
            SELECT source, day, currency, estimated FROM usage_by_day
            WHERE cut = 0 AND estimated <> 0
        ) m JOIN phrase p ON p.id = m.currency
        WHERE {not_explained("m.source", "m.day")}
        GROUP BY p.text ORDER BY recent DESC, p.text
    """  # noqa: S608 - only our own words are put into it, values are bound
    with ledger.reading() as connection:
        given = (since, explained_days(connection))
        return tuple(text for text, _ in connection.execute(query, given).fetchall())


def dimensions_used(ledger: Ledger) -> frozenset[Dimension]:
    """The dimensions of which some usage or charge has a value."""
    query = """
        SELECT EXISTS (SELECT 1 FROM usage_by_day WHERE cut = :cut AND value <> 0)
        OR EXISTS (SELECT 1 FROM charge_by_day WHERE cut = :cut AND value <> 0)
    """
    with ledger.reading() as connection:
        return frozenset(
            dimension
            for dimension, cut in CUT_OF.items()
            if connection.execute(query, {"cut": cut}).fetchone()[0]
        )


def _phrase_of(connection: sqlite3.Connection, text: str) -> int:
    row = connection.execute("SELECT id FROM phrase WHERE text = ?", (text,)).fetchone()
    return -1 if row is None else int(row[0])


def _phrases(connection: sqlite3.Connection, total: _Cell) -> dict[int, str]:
    """The texts of the currencies and units in an answer."""
    needed: Iterable[int] = {*total.money, *(unit for unit, _ in total.units)}
    found = {}
    for number in needed:
        row = connection.execute("SELECT text FROM phrase WHERE id = ?", (number,)).fetchone()
        found[number] = str(row[0])
    return found
