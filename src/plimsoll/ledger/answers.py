"""Answers: any question about spend, from the rollups, as one frozen table or series.

Rows sum exactly to the total, because both are made of the same whole numbers.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

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
from plimsoll.domain.usage import Tokens
from plimsoll.ledger import gaps
from plimsoll.ledger.asking import Asking, sources_in
from plimsoll.ledger.canonical import join
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, number_of

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
_MONEY = ("estimated", "plan", "worth")
_RECENT = timedelta(days=89)


class _Cell:
    """One row of an answer while it is summed up."""

    __slots__ = ("figures", "money", "units")

    def __init__(self) -> None:
        self.figures = [0] * len(_FIGURES)
        self.money: dict[int, list[int]] = {}
        """Billed, estimated, plan and worth, by the phrase of the currency."""
        self.units: dict[tuple[int, int], int] = {}

    def add(self, figures: Sequence[int]) -> None:
        self.figures = [a + b for a, b in zip(self.figures, figures, strict=True)]

    def add_money(self, currency: int, billed: int, money: Sequence[int]) -> None:
        known = self.money.get(currency)
        if known is None:
            self.money[currency] = [billed, *money]
        else:
            self.money[currency] = [a + b for a, b in zip(known, (billed, *money), strict=True)]

    def include(self, other: _Cell) -> None:
        """Add another row: how the total is made."""
        self.add(other.figures)
        for currency, (billed, *money) in other.money.items():
            self.add_money(currency, billed, money)
        for unit, quantity in other.units.items():
            self.units[unit] = self.units.get(unit, 0) + quantity


def answer(ledger: Ledger, question: Question, *, today: date) -> Table:
    """The answer to any question. `today` (UTC) bounds the gaps: days to come are not missing.

    Days, months and provider days are as in the design: with another zone than UTC, hourly records
    fall on the local day of their start, daily ones and charges stay on their provider day. An hour
    is written as an ISO instant in the zone's offset, `Z` for UTC. Raises `WrongUse` for an unknown
    zone.
    """
    with ledger.reading() as connection:
        asked = sources_in(connection, question.scope)
        cells: dict[tuple[str | None, ...], _Cell] = defaultdict(_Cell)
        for source in asked:
            _sum_source(Asking(ledger, connection, source, question), cells)
        total = _Cell()
        for cell in cells.values():
            total.include(cell)
        phrases = _phrases(connection, total)
        open_days = gaps.open_days(connection, asked, question.period)
        missing = gaps.gaps_of(connection, asked, question.period, today=today)
    keys = sorted(cells, key=lambda key: [(value is None, value) for value in key])
    return Table(
        question=question,
        rows=tuple(_row(key, cells[key], phrases) for key in keys),
        total=_row((), total, phrases),
        gaps=missing,
        not_final_from=day_of(min(open_days)) if open_days else None,
    )


def _sum_source(asking: Asking, cells: dict[tuple[str | None, ...], _Cell]) -> None:
    width = asking.width
    money_at = width + 1 + len(_FIGURES)
    for row in asking.usage((*_FIGURES, *_MONEY)):
        cell = cells[asking.key(row)]
        cell.add(row[width + 1 : money_at])
        if row[width]:
            cell.add_money(row[width], 0, row[money_at:])
    for row in asking.units():
        *_, unit, place, quantity = row
        units = cells[asking.key(row)].units
        units[unit, place] = units.get((unit, place), 0) + quantity
    for key, currency, billed in asking.charges():
        cells[key].add_money(currency, billed, (0, 0, 0))


def _row(key: tuple[str | None, ...], cell: _Cell, phrases: dict[int, str]) -> Row:
    records, *classes, requests, counted, uncounted, not_priced = cell.figures
    units: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (unit, place), quantity in cell.units.items():
        units[phrases[unit]].append((place, quantity))
    return Row(
        key=key,
        tokens=Tokens(*classes) if records else Tokens(),
        requests=requests if counted and not uncounted else None,
        amounts=tuple(
            sorted(
                (Amounts(phrases[currency], *money) for currency, money in cell.money.items()),
                key=lambda amounts: amounts.currency,
            )
        ),
        units=tuple((unit, join(parts)) for unit, parts in sorted(units.items())),
        not_priced_tokens=not_priced,
    )


def daily(
    ledger: Ledger,
    period: Period,
    *,
    currency: str,
    scope: Scope = EVERYTHING,
    today: date,
) -> Series:
    """Spend of every provider day (UTC) of `period` in one currency, billed and estimated.

    A day that is missing or still to come is not `known`; a day that can still change, or is not
    known, is not `final`.
    """
    question = Question(period, by=(Dimension.DAY,), scope=scope)
    with ledger.reading() as connection:
        asked = sources_in(connection, scope)
        phrase = _phrase_of(connection, currency)
        billed: dict[str | None, int] = defaultdict(int)
        estimated: dict[str | None, int] = defaultdict(int)
        for source in asked:
            asking = Asking(ledger, connection, source, question, currency=phrase)
            for row in asking.usage(("estimated",)):
                estimated[asking.key(row)[0]] += row[-1]
            for (charged,), _, nanos in asking.charges():
                billed[charged] += nanos
        unknown = gaps.unknown_days(connection, asked, period, today=today)
        unsettled = unknown | gaps.open_days(connection, asked, period)
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
            )
        )
    return Series(period, currency, tuple(days))


def spend_by(
    ledger: Ledger, question: Question, *, currency: str
) -> dict[tuple[str | None, ...], int]:
    """Only the money spent (billed and estimated, nano-units of one currency) of a question, by
    its rows' keys: what a chart needs, and quicker than the whole answer. Rows without any are left
    out.
    """
    spent: dict[tuple[str | None, ...], int] = defaultdict(int)
    with ledger.reading() as connection:
        phrase = _phrase_of(connection, currency)
        for source in sources_in(connection, question.scope):
            asking = Asking(ledger, connection, source, question, currency=phrase)
            for row in asking.usage(("estimated",)):
                spent[asking.key(row)] += row[-1]
            for key, _, nanos in asking.charges():
                spent[key] += nanos
    return {key: nanos for key, nanos in spent.items() if nanos}


def currencies(ledger: Ledger) -> tuple[str, ...]:
    """Every currency in which something was billed or estimated, the one most spent in the last
    90 days first.
    """
    since = number_of(ledger.clock.now().date() - _RECENT)
    query = """
        SELECT p.text, sum(iif(m.day >= ?, m.nanos, 0)) AS recent FROM (
            SELECT day, currency, billed AS nanos FROM charge_by_day WHERE cut = 0
            UNION ALL
            SELECT day, currency, estimated FROM usage_by_day WHERE cut = 0 AND estimated <> 0
        ) m JOIN phrase p ON p.id = m.currency
        GROUP BY p.text ORDER BY recent DESC, p.text
    """
    with ledger.reading() as connection:
        return tuple(text for text, _ in connection.execute(query, (since,)).fetchall())


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
