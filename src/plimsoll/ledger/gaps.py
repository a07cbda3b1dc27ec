"""What is missing: the days of which we have no answer, and those that can still change."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.question import Gap
from plimsoll.domain.said import again, say
from plimsoll.ledger.accounts import CALLS, FALLS
from plimsoll.ledger.instants import day_of, micros_of, number_of

NOT_FETCHED = say("not fetched yet")
NOT_ASKED = say("before the first day that was asked for")
NOT_LOGGED = say("before the first day that its logs tell of")
NOT_READ = say("before the first reading of its balance")
NOT_OVER = say("the provider tells a day when it is over")

Run = tuple[int, int]
"""First and last day, by their numbers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One source as a question sees it.

    On the provider days `explained` another source pays for the same traffic, and this one only
    explains it: it is left out of every sum, unless it is `shown` because its name was asked for;
    then its tokens and their worth are told, and no money. `guarded` is a source whose missing days
    another one, which pays, has to tell.
    """

    id: int
    name: str
    connector: str
    removed: bool
    explained: frozenset[int] = frozenset()
    shown: bool = False
    guarded: bool = False
    is_file: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether somebody is asked for its days; a file tells what it tells, and misses nothing
        outside it.
        """
        return not (self.removed or self.is_file)

    def counts(self, day: int) -> bool:
        """Whether what it has on a day is a part of the answer."""
        return self.shown or day not in self.explained


def gaps_of(
    connection: sqlite3.Connection, asked: Iterable[Asked], period: Period, *, today: date
) -> tuple[Gap, ...]:
    """The days of `period` up to today that some endpoint of a source has no answer for.

    Merged into runs, with a plain reason. Sources that nobody is asked for (removed ones, imported
    files) miss nothing; nor does
    an endpoint before the first day that its provider answers for, as long as another one does;
    nor does a source that answered, but has no endpoint to ask by the day (a balance only); nor
    one that only explains what another source pays.
    """
    window = _window(period, today)
    if window is None:
        return ()
    return tuple(
        Gap(source.name, Period(day_of(first), day_of(last)), reason)
        for source in asked
        if source.is_asked and not source.guarded
        for (first, last), reason in _missing(connection, source.id, window, number_of(today))
        for first, last in _without(source.explained if not source.shown else (), (first, last))
    )


def _window(period: Period, today: date) -> Run | None:
    first, last = number_of(period.first), number_of(min(period.last, today))
    return (first, last) if first <= last else None


def _missing(
    connection: sqlite3.Connection, source_id: int, window: Run, today: int
) -> list[tuple[Run, str]]:
    runs = coverage_of(connection, source_id)
    reach: dict[str, int | None] = dict(
        connection.execute("SELECT name, reach FROM endpoint WHERE source = ?", (source_id,))
    ) or dict.fromkeys(runs)
    covered = [runs[endpoint][0][0] for endpoint in reach if endpoint in runs]
    if not covered and not reach and _answered(connection, source_id):
        return []
    if not covered:
        return [(window, _failure(connection, source_id) or NOT_FETCHED)]
    begin, earliest = min(first or window[0] for first in reach.values()), min(covered)
    holes = [(window[0], min(begin - 1, window[1]))] if begin > window[0] else []
    for endpoint, first in reach.items():
        holes += holes_in(runs.get(endpoint, []), (max(first or window[0], window[0]), window[1]))
    early = NOT_LOGGED if CALLS in runs else NOT_READ if set(reach) == {FALLS} else NOT_ASKED
    missing: list[tuple[Run, str]] = []
    for first_day, last_day in _joined(holes):
        if first_day < earliest:
            missing.append(((first_day, min(last_day, earliest - 1)), early))
        rest = (max(first_day, earliest), last_day)
        if rest == (today, today) and _answered(connection, source_id, since=today):
            missing.append((rest, NOT_OVER))
        elif rest[0] <= last_day:
            missing.append((rest, _failure(connection, source_id) or NOT_FETCHED))
    return missing


def unknown_days(
    connection: sqlite3.Connection, asked: Sequence[Asked], period: Period, *, today: date
) -> set[int]:
    """The days of `period` whose money is not known.

    A day is known when some endpoint of a source answered for it, and every endpoint whose answers
    have begun by then did too; a source that has charges on a day needs nothing more, nor does one
    that was asked today and tells a day only when it is over. Days to come are not known.
    """
    window = (number_of(period.first), number_of(period.last))
    known: list[Run] = []
    holes: list[Run] = []
    for source in asked:
        runs = coverage_of(connection, source.id)
        known += [run for endpoint in runs.values() for run in endpoint]
        if len(runs) > 1:
            runs.pop(FALLS, None)  # given way to what the account tells itself
        if not source.is_asked or source.guarded:
            continue
        late = [
            hole
            for endpoint in runs.values()
            for hole in holes_in(endpoint, (max(endpoint[0][0], window[0]), window[1]))
        ]
        if late:
            charged = _charged(connection, source.id, window)
            if _answered(connection, source.id, since=number_of(today)):
                charged.add(number_of(today))
            holes += [
                (day, day)
                for first, last in _joined(late)
                for day in range(first, last + 1)
                if day not in charged and source.counts(day)
            ]
    unknown = {d for a, b in holes_in(_joined(known), window) for d in range(a, b + 1)}
    unknown.update(d for a, b in holes for d in range(a, b + 1))
    unknown.update(range(max(number_of(today) + 1, window[0]), window[1] + 1))
    return unknown


def open_days(connection: sqlite3.Connection, asked: Iterable[Asked], period: Period) -> set[int]:
    """The days of `period` that were fetched before they were final."""
    query = "SELECT DISTINCT day FROM slice WHERE final = 0 AND source = ? AND day BETWEEN ? AND ?"
    window = (number_of(period.first), number_of(period.last))
    return {
        day
        for source in asked
        for (day,) in connection.execute(query, (source.id, *window))
        if source.counts(day)
    }


def partial_days(
    connection: sqlite3.Connection, asked: Iterable[Asked], period: Period
) -> dict[int, float]:
    """The days of `period` that were last asked for before they were over, each with the share of
    it that had passed by then: what was spent later cannot be among their figures. A sync that
    brought all there was has asked for every day that can still change, also where nothing was new
    (logs). A source that is no longer asked is as it is.
    """
    query = """
        SELECT day, max(min(fetched_at), ifnull(
            (SELECT max(started_at) FROM run WHERE source = :source AND ok), 0)) FROM slice
        WHERE final = 0 AND source = :source AND day BETWEEN :first AND :last GROUP BY day
    """
    window = {"first": number_of(period.first), "last": number_of(period.last)}
    shares: dict[int, float] = {}
    for source in asked:
        for day, fetched_at in connection.execute(query, {"source": source.id, **window}):
            begin, end = (micros_of(day_start(day_of(n))) for n in (day, day + 1))
            if fetched_at < end and not source.removed and source.counts(day):
                share = max(fetched_at - begin, 0) / (end - begin)
                shares[day] = min(share, shares.get(day, 1.0))
    return shares


def coverage_of(connection: sqlite3.Connection, source_id: int) -> dict[str, list[Run]]:
    """For each endpoint of a source, the runs of days that it has answered for, in order."""
    runs: dict[str, list[Run]] = {}
    for endpoint, first, last in connection.execute(
        "SELECT endpoint, first, last FROM coverage WHERE source = ? ORDER BY endpoint, first",
        (source_id,),
    ):
        runs.setdefault(endpoint, []).append((first, last))
    return runs


def _charged(connection: sqlite3.Connection, source_id: int, window: Run) -> set[int]:
    query = "SELECT day FROM charged_day WHERE source = ? AND day BETWEEN ? AND ?"
    return {day for (day,) in connection.execute(query, (source_id, *window))}


def _answered(connection: sqlite3.Connection, source_id: int, *, since: int | None = None) -> bool:
    """Whether a sync that began on the day `since` or later (or ever) brought all there was."""
    begin = 0 if since is None else micros_of(day_start(day_of(since)))
    query = "SELECT 1 FROM run WHERE source = ? AND ok AND started_at >= ? LIMIT 1"
    return connection.execute(query, (source_id, begin)).fetchone() is not None


def _failure(connection: sqlite3.Connection, source_id: int) -> str:
    """Why the last sync that ended failed; nothing if it went well."""
    row = connection.execute(
        "SELECT ok, sentence, said FROM run WHERE source = ? AND ended_at IS NOT NULL "
        "ORDER BY id DESC LIMIT 1",
        (source_id,),
    ).fetchone()
    return "" if row is None or row[0] else again(row[1], row[2])


def holes_in(runs: Sequence[Run], window: Run) -> list[Run]:
    """The days of `window` that are in none of the runs, which are in order."""
    holes, day = [], window[0]
    for first, last in runs:
        if last < day:
            continue
        if first > window[1]:
            break
        if first > day:
            holes.append((day, first - 1))
        day = last + 1
    if day <= window[1]:
        holes.append((day, window[1]))
    return holes


def _without(days: Collection[int], run: Run) -> list[Run]:
    """What is left of a run when some days are taken out."""
    inside = sorted(day for day in days if run[0] <= day <= run[1])
    return holes_in([(day, day) for day in inside], run) if inside else [run]


def _joined(runs: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
