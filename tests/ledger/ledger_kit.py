"""Short words to build slices with, a clock that stands still, and what is in a ledger as text."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import EVERYTHING, Dimension, Question, Row, Scope
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import answers, usage
from plimsoll.ledger.database import Ledger

WRITER = Path(__file__).with_name("ledger_writer.py")
TODAY = date(2026, 11, 23)
REVISION_DAYS = 3
HOUR = timedelta(hours=1)
NO_TOKENS = Tokens()


@dataclass
class FakeClock:
    """A wall that stands still and a stopwatch that only waiting moves."""

    wall: datetime = datetime(2026, 11, 23, 15, tzinfo=UTC)
    waited: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


def nov(day: int) -> date:
    return date(2026, 11, day)


def november(first: int = 1, last: int = 30) -> Period:
    return Period(nov(first), nov(last))


def at(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def record(
    day: date,
    *,
    hour: int | None = 0,
    tokens: Tokens = NO_TOKENS,
    requests: int | None = None,
    units: Iterable[tuple[str, str]] = (),
    elsewhere: bool = False,
    **who: str | None,
) -> UsageRecord:
    """A record of one hour, or of the whole day where `hour` is None."""
    return UsageRecord(
        start=at(day, hour or 0),
        end=at(day, hour or 0) + (HOUR if hour is not None else timedelta(days=1)),
        attribution=Attribution(**who),
        tokens=tokens,
        requests=requests,
        units=tuple((unit, Decimal(quantity)) for unit, quantity in units),
        billed_elsewhere=elsewhere,
    )


def charge(nanos: int, *, currency: str = "USD", **who: str | None) -> Charge:
    return Charge(Attribution(**who), Money(currency, nanos), f"{nanos}e-9")


def priced(
    endpoint: str,
    day: date,
    *records: tuple[UsageRecord, Money | None] | UsageRecord,
    charges: Iterable[Charge] = (),
    bills_by: Iterable[str] = (),
) -> PricedSlice:
    pairs = [pair if isinstance(pair, tuple) else (pair, None) for pair in records]
    return PricedSlice(
        Slice(
            endpoint,
            day,
            tuple(record for record, _ in pairs),
            tuple(charges),
            frozenset(bills_by),
        ),
        tuple(Computed(worth, "listed" if worth else "") for _, worth in pairs),
    )


def usd(nanos: int) -> Money:
    return Money("USD", nanos)


def store(ledger: Ledger, source_id: int, *slices: PricedSlice) -> usage.Stored:
    return usage.replace_slices(ledger, source_id, slices, revision_days=REVISION_DAYS)


def rows_by(
    ledger: Ledger,
    *by: Dimension,
    period: Period | None = None,
    scope: Scope = EVERYTHING,
    zone: str = "UTC",
) -> dict[tuple[str | None, ...], Row]:
    question = Question(period or november(), by=by, scope=scope, zone=zone)
    table = answers.answer(ledger, question, today=TODAY)
    assert len({row.key for row in table.rows}) == len(table.rows)
    return {row.key: row for row in table.rows}


def where(dimension: Dimension, *values: str | None) -> Scope:
    return Scope(((dimension, values),))


_KEPT = {
    "slices": """
        SELECT s.source, s.endpoint, s.day, s.final, s.records, s.charges, s.bills_by, s.totals,
            hex(s.digest) FROM slice s
    """,
    "usage": """
        SELECT s.source, s.endpoint, s.day, u.n, u.start, u.until, {who}, u.input, u.cache_read,
            u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.requests,
            u.billed_elsewhere, c.text, u.worth, u.off, b.text, d.text
        FROM slice s JOIN usage u ON u.slice = s.id JOIN attribution a ON a.id = u.attribution
        LEFT JOIN phrase c ON c.id = u.currency LEFT JOIN phrase b ON b.id = u.basis
        LEFT JOIN phrase d ON d.id = u.details
    """,
    "units": """
        SELECT s.source, s.endpoint, s.day, q.n, p.text, q.place, q.quantity
        FROM slice s JOIN usage_unit q ON q.slice = s.id JOIN phrase p ON p.id = q.unit
    """,
    "charges": """
        SELECT s.source, s.endpoint, s.day, c.n, {who}, p.text, c.nanos, c.text
        FROM slice s JOIN charge c ON c.slice = s.id JOIN attribution a ON a.id = c.attribution
        JOIN phrase p ON p.id = c.currency
    """,
    "usage sums by attribution": """
        SELECT r.source, r.day, {who}, p.text, records, input, cache_read, cache_write_5m,
            cache_write_1h, output, reasoning, requests, counted, uncounted, not_priced, estimated,
            plan, worth
        FROM usage_by_day r JOIN attribution a ON a.id = r.value
        LEFT JOIN phrase p ON p.id = r.currency WHERE cut = 99
    """,
    "usage sums by dimension": """
        SELECT r.cut, r.source, r.day, t.text, p.text, records, input, cache_read, cache_write_5m,
            cache_write_1h, output, reasoning, requests, counted, uncounted, not_priced, estimated,
            plan, worth
        FROM usage_by_day r LEFT JOIN term t ON t.id = r.value
        LEFT JOIN phrase p ON p.id = r.currency WHERE cut < 99
    """,
    "charge sums": """
        SELECT r.cut, r.source, r.day, t.text, p.text, records, billed
        FROM charge_by_day r LEFT JOIN term t ON t.id = r.value
        JOIN phrase p ON p.id = r.currency WHERE cut < 99
    """,
    "unit sums": """
        SELECT r.cut, r.source, r.day, t.text, p.text, place, quantity
        FROM unit_by_day r LEFT JOIN term t ON t.id = r.value
        JOIN phrase p ON p.id = r.unit WHERE cut < 99
    """,
    "charged days": "SELECT source, day, blind FROM charged_day",
    "coverage": "SELECT source, endpoint, first, last FROM coverage",
}
_WHO = ("model", "project", "key", "user", "tier", "line_item")


def content(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is kept of slices, in a fixed order, with texts for ids; but no instants of
    fetching, which say when and not what.
    """
    who = ", ".join(f"(SELECT text FROM term WHERE id = a.{column})" for column in _WHO)
    with ledger.reading() as connection:
        return {
            title: sorted(connection.execute(query.format(who=who)).fetchall(), key=repr)
            for title, query in _KEPT.items()
        }


def started(what: str, folder: Path, word: str) -> subprocess.Popen[str]:
    """A process of its own that does what `ledger_writer.py` says."""
    return subprocess.Popen(
        [sys.executable, str(WRITER), what, str(folder), word],
        env={**os.environ, "PYTHONPATH": str(WRITER.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def count(connection: sqlite3.Connection, table: str) -> int:
    (number,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(number)
