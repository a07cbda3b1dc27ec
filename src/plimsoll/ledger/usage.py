"""Usage and charges: whole slices are replaced, with their rollups, in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from plimsoll.domain.actors import ActorDay
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.calls import FIRST_DAY
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.usage import PricedSlice, Slice
from plimsoll.ledger import rollups
from plimsoll.ledger.accounts import CALLS
from plimsoll.ledger.actors import put_actors
from plimsoll.ledger.canonical import rows_of
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, micros_of, number_of
from plimsoll.ledger.slices import Batch


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch did: slices stored, the days they span, and settled days that changed."""

    slices: int
    first: date | None = None
    last: date | None = None
    restated: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many usage records and charges are kept."""

    records: int
    charges: int


@dataclass(frozen=True, slots=True)
class SliceTotals:
    """The sums of one slice: nano-units billed, tokens, and other units."""

    billed: tuple[Money, ...]
    tokens: int
    units: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Restatement:
    """A settled day that its provider changed later; `at` is when we saw it."""

    source_id: int
    endpoint: str
    day: date
    at: datetime
    old: SliceTotals
    new: SliceTotals


def replace_slices(
    ledger: Ledger,
    source_id: int,
    slices: Sequence[PricedSlice],
    *,
    revision_days: int,
    edition: str = "",
) -> Stored:
    """Put whole slices in the place of what was there, all of them or none.

    A slice is final when it is fetched `revision_days` after its day ended; where a final one
    changes its totals, the old ones go to the restatement log. Of two slices for one endpoint and
    day the later counts. `edition` says which price book computed them. Raises `SurprisingAnswer`
    for impossible figures, `Cancelled` where the source is gone, or a `LedgerProblem`; nothing is
    changed then.
    """
    prepared = {(s.slice.endpoint, number_of(s.slice.day)): rows_of(s) for s in slices}
    if not prepared:
        return Stored(0)
    with ledger.writing() as connection:
        if not connection.execute("SELECT 1 FROM source WHERE id = ?", (source_id,)).fetchone():
            raise Cancelled(say("The source was removed while it was being read."))
        now = ledger.clock.now()
        batch = Batch(connection, source_id, now, revision_days, edition=edition)
        for (endpoint, day), rows in prepared.items():
            batch.put(endpoint, day, rows)
        rollups.rebuild(connection, source_id, batch.changed)
        extend_coverage(connection, source_id, prepared)
        told = (ActorDay(p.slice.day, p.slice.actors) for p in slices if p.slice.actors is not None)
        put_actors(connection, source_id, told, now=now, revision_days=revision_days)
    days = [day for _, day in prepared]
    return Stored(len(prepared), day_of(min(days)), day_of(max(days)), batch.restated)


def coverage(ledger: Ledger, source_id: int) -> dict[str, tuple[Period, ...]]:
    """For each endpoint of a source, the runs of days that we have an answer for, in order."""
    with ledger.reading() as connection:
        return coverage_in(connection, source_id)


def coverage_in(connection: sqlite3.Connection, source_id: int) -> dict[str, tuple[Period, ...]]:
    """As `coverage`, within a snapshot."""
    runs: dict[str, list[Period]] = {}
    for endpoint, first, last in connection.execute(
        "SELECT endpoint, first, last FROM coverage WHERE source = ? ORDER BY endpoint, first",
        (source_id,),
    ):
        runs.setdefault(endpoint, []).append(Period(day_of(first), day_of(last)))
    return {endpoint: tuple(periods) for endpoint, periods in runs.items()}


def days_with_content(ledger: Ledger, source_id: int) -> dict[str, Period]:
    """For each endpoint, the first and last day that has any record or charge; of agents' calls,
    of which some are dated oddly, the days between the first agent and now (D7).
    """
    query = """
        SELECT endpoint, min(day), max(day) FROM slice
        WHERE source = :source AND records + charges > 0
            AND (endpoint <> :calls OR day BETWEEN :first AND :today)
        GROUP BY endpoint
    """
    given = {
        "source": source_id,
        "calls": CALLS,
        "first": number_of(FIRST_DAY),
        "today": number_of(utc_day(ledger.clock.now())),
    }
    with ledger.reading() as connection:
        rows = connection.execute(query, given).fetchall()
    return {endpoint: Period(day_of(first), day_of(last)) for endpoint, first, last in rows}


def first_day_with_content(ledger: Ledger, source_id: int) -> date | None:
    """The first day of a source that has any record or charge."""
    periods = days_with_content(ledger, source_id).values()
    return min((period.first for period in periods), default=None)


def not_final_days(ledger: Ledger, source_id: int) -> dict[str, tuple[date, ...]]:
    """For each endpoint, the days that were fetched while they could still change, in order."""
    query = "SELECT endpoint, day FROM slice WHERE source = ? AND final = 0 ORDER BY endpoint, day"
    days: dict[str, list[date]] = {}
    with ledger.reading() as connection:
        for endpoint, day in connection.execute(query, (source_id,)):
            days.setdefault(endpoint, []).append(day_of(day))
    return {endpoint: tuple(found) for endpoint, found in days.items()}


def counts(ledger: Ledger, source_id: int) -> Counts:
    """How many usage records and charges of a source are kept."""
    query = "SELECT ifnull(sum(records), 0), ifnull(sum(charges), 0) FROM slice WHERE source = ?"
    with ledger.reading() as connection:
        return Counts(*connection.execute(query, (source_id,)).fetchone())


def slice_totals(ledger: Ledger, source_id: int, endpoint: str) -> dict[date, SliceTotals]:
    """The sums of every day that is kept of an endpoint."""
    query = "SELECT day, totals FROM slice WHERE source = ? AND endpoint = ?"
    with ledger.reading() as connection:
        rows = connection.execute(query, (source_id, endpoint)).fetchall()
    return {day_of(day): _read_totals(totals) for day, totals in rows}


def totals_of(told: Slice) -> SliceTotals:
    """What a slice will sum to once it is kept; raises `SurprisingAnswer` as keeping does."""
    return _read_totals(rows_of(PricedSlice(told)).totals)


def restatements(
    ledger: Ledger, *, source_id: int | None = None, unseen: bool = False
) -> tuple[Restatement, ...]:
    """Settled days that were changed later, the newest first; or only those `unseen` since
    somebody last looked at them.
    """
    query = """
        SELECT source, endpoint, day, at, old, new FROM restatement
        WHERE (:source IS NULL OR source = :source) AND (NOT :unseen OR looked_at IS NULL)
        ORDER BY id DESC
    """
    with ledger.reading() as connection:
        rows = connection.execute(query, {"source": source_id, "unseen": unseen}).fetchall()
    return tuple(
        Restatement(
            source, endpoint, day_of(day), instant_of(at), _read_totals(old), _read_totals(new)
        )
        for source, endpoint, day, at, old, new in rows
    )


def look_at_restatements(ledger: Ledger) -> bool:
    """Note that somebody has looked at everything that was changed so far; whether anything of it
    was new.
    """
    if not restatements(ledger, unseen=True):
        return False
    with ledger.writing() as connection:
        connection.execute(
            "UPDATE restatement SET looked_at = ? WHERE looked_at IS NULL",
            (micros_of(ledger.clock.now()),),
        )
    return True


def extend_coverage(
    connection: sqlite3.Connection, source_id: int, stored: Collection[tuple[str, int]]
) -> None:
    """Add the days of a batch to the runs of days that are covered."""
    for endpoint in sorted({endpoint for endpoint, _ in stored}):
        key = (source_id, endpoint)
        runs = connection.execute(
            "SELECT first, last FROM coverage WHERE source = ? AND endpoint = ?", key
        ).fetchall()
        joined = _joined([*runs, *((day, day) for name, day in stored if name == endpoint)])
        if joined != sorted(runs):
            connection.execute("DELETE FROM coverage WHERE source = ? AND endpoint = ?", key)
            connection.executemany(
                "INSERT INTO coverage (source, endpoint, first, last) VALUES (?, ?, ?, ?)",
                [(*key, first, last) for first, last in joined],
            )


def _joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of days in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _read_totals(text: str) -> SliceTotals:
    totals = json.loads(text)
    return SliceTotals(
        billed=tuple(Money(currency, nanos) for currency, nanos in totals["billed"].items()),
        tokens=totals["tokens"],
        units=tuple((unit, Decimal(quantity)) for unit, quantity in totals["units"].items()),
    )
