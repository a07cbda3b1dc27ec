"""Time every page's questions on an archive with five million usage rows: a frame is 16 ms.

    python benchmarks/ledger_queries.py [FOLDER] [--rows 5000000]

The archive is made once in FOLDER (a folder for temporary files unless named) and used again.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from plimsoll.domain.calendar import Period, month_of, previous_month
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.usage import Attribution, Slice
from plimsoll.ledger import answers, catalog, rollups, usage
from plimsoll.ledger.canonical import _texts
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import MS_PER_DAY, MS_PER_HOUR, number_of
from plimsoll.ledger.slices import Batch

TODAY = date(2026, 11, 23)
DAYS = 900
FRAME = 16.0

# name, connector, share of the rows, projects, keys
SOURCES = (
    ("acme", "openai", 0.60, 14, 45),
    ("acme-claude", "anthropic", 0.33, 9, 25),
    ("side", "openai", 0.07, 2, 3),
)
MODELS = 12


class Clock:
    def now(self) -> datetime:
        return datetime(TODAY.year, TODAY.month, TODAY.day, 15, tzinfo=UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=None)
    parser.add_argument("--rows", type=int, default=5_000_000)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.gettempdir()) / "plimsoll-benchmark"
    ledger = Ledger.open(folder / f"{given.rows}", clock=Clock(), who="benchmark")
    try:
        if not catalog.sources(ledger):
            fill(ledger, given.rows)
        describe(ledger)
        for title, question in questions(ledger):
            show(title, question)
    finally:
        ledger.close()


def fill(ledger: Ledger, rows: int) -> None:
    started = time.perf_counter()
    for name, connector, share, projects, keys in SOURCES:
        source = catalog.add_source(ledger, name=name, connector=connector)
        fill_source(ledger, source, int(rows * share), projects, keys)
        catalog.set_endpoints(ledger, source.id, ["usage", "costs"])
        run = catalog.start_run(ledger, source.id)
        catalog.finish_run(ledger, run, ok=True, slices=2 * DAYS)
        print(f"{name}: {time.perf_counter() - started:.0f} s")
    with ledger.writing() as connection:
        connection.execute("ANALYZE")


def fill_source(
    ledger: Ledger, source: catalog.Source, rows: int, projects: int, keys: int
) -> None:
    rng = random.Random(source.name)
    per_hour = rows / DAYS / 24
    today = number_of(TODAY)
    with ledger.writing() as connection:
        batch = Batch(connection, source.id, ledger.clock.now(), 3)
        for position in range(DAYS):
            day = today - DAYS + 1 + position
            who = list(callers(rng, source, position, int(per_hour * 1.5), projects, keys))
            ids = [batch._attribution(_texts(a)) for a in who]
            slice_id = head(connection, source.id, "usage", day)
            dollars = batch._phrases["USD"]
            connection.executemany(
                f"INSERT INTO usage VALUES ({', '.join('?' * 17)})",
                [
                    (slice_id, n, start, start + MS_PER_HOUR, attribution)
                    + (tokens * 3, tokens * 5, 0, 0, tokens, tokens // 9)
                    + (tokens // 100, 0, dollars, tokens * 17_000, 0, 0)
                    for n, (start, attribution, tokens) in enumerate(
                        (
                            day * MS_PER_DAY + hour * MS_PER_HOUR,
                            attribution,
                            rng.randrange(100, 100_000),
                        )
                        for hour in range(24)
                        for attribution in rng.sample(ids, min(len(ids), round(per_hour)))
                    )
                ],
            )
            slice_id = head(connection, source.id, "costs", day)
            money = sorted({(a.model, a.project) for a in who if a.model and a.project})
            connection.executemany(
                "INSERT INTO charge VALUES (?, ?, ?, ?, ?, '', 0)",
                [
                    (
                        slice_id,
                        n,
                        batch._attribution(
                            _texts(Attribution(m, p, line_item=f"{m}, tokens"))
                        ),
                        dollars,
                        rng.randrange(10**7, 10**10),
                    )
                    for n, (m, p) in enumerate(money)
                ],
            )
        connection.execute(
            """
            UPDATE slice SET records = (SELECT count(*) FROM usage WHERE slice = slice.id),
            charges = (SELECT count(*) FROM charge WHERE slice = slice.id),
            bills_by = ? WHERE source = ?
            """,
            (rollups.EVERY_DIMENSION & 0b1000110, source.id),
        )
        usage._extend_coverage(
            connection,
            source.id,
            [(e, today - p) for e in ("usage", "costs") for p in range(DAYS)],
        )
    with ledger.writing() as connection:
        rollups.rebuild_all(connection, source.id)


def head(connection: object, source_id: int, endpoint: str, day: int) -> int:
    number = connection.execute(  # type: ignore[attr-defined]
        "INSERT INTO slice (source, endpoint, day, fetched_at, final, records, charges, bills_by, "
        "totals, digest) VALUES (?, ?, ?, 0, ?, 0, 0, 0, '{}', x'')",
        (source_id, endpoint, day, int(day < number_of(TODAY) - 3)),
    ).lastrowid
    return int(number)


def callers(
    rng: random.Random, source: catalog.Source, position: int, count: int, projects: int, keys: int
) -> Iterator[Attribution]:
    """Who calls on one day: models come and go, five of them at a time."""
    newest = 4 + position * (MODELS - 4) // DAYS
    for _ in range(count):
        key = rng.randrange(keys)
        yield Attribution(
            model=f"{source.connector}-{rng.randrange(newest - 4, newest + 1)}-2026-01-01",
            project=f"proj_{source.name}_{key % projects}",
            key=f"key_{source.name}_{key}",
            tier=rng.choice(("default", "default", "default", "flex")),
        )


def describe(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        (rows,) = connection.execute("SELECT sum(records) FROM slice").fetchone()
        (sums,) = connection.execute("SELECT count(*) FROM usage_by_day").fetchone()
    size = ledger.path.stat().st_size / 1e6
    print(f"{rows:,} usage rows, {sums:,} rows of sums, {DAYS} days, {size:,.0f} MB\n")


def questions(ledger: Ledger) -> Iterator[tuple[str, Callable[[], object]]]:
    month, before = month_of(TODAY), previous_month(TODAY)
    so_far = Period(month.first, TODAY)

    def ask(period: Period, *by: Dimension, scope: Scope = Scope(), zone: str = "UTC") -> object:
        question = Question(period, by=by, scope=scope, zone=zone)
        return answers.answer(ledger, question, today=TODAY)

    def days(count: int) -> Period:
        return Period(TODAY - timedelta(days=count - 1), TODAY)

    def curve() -> None:
        for period in (before, so_far):
            answers.daily(ledger, period, currency="USD", today=TODAY)

    def movers() -> None:
        for period in (before, so_far):
            ask(period, Dimension.MODEL)

    def series(count: int, scope: Scope = Scope()) -> object:
        return answers.daily(ledger, days(count), currency="USD", scope=scope, today=TODAY)

    def covered() -> None:
        for source in catalog.sources(ledger):
            usage.coverage(ledger, source.id)
            usage.first_day_with_content(ledger, source.id)
            usage.counts(ledger, source.id)
            catalog.last_run(ledger, source.id)

    project = Scope(((Dimension.PROJECT, ("proj_acme_3",)),))
    key = Scope(((Dimension.KEY, ("key_acme_7",)),))
    both = Scope((*project.conditions, (Dimension.MODEL, ("openai-12-2026-01-01",))))
    daily_model = (Dimension.DAY, Dimension.MODEL)
    yield "Overview: the month so far", lambda: ask(so_far)
    for count in (30, 90, 365):
        yield f"Overview: {count} days by model", lambda n=count: ask(days(n), *daily_model)
        yield (
            f"   ... only the money",
            lambda n=count: answers.spend_by(
                ledger, Question(days(n), by=daily_model), currency="USD"
            ),
        )
    yield "Overview: curve of two months", curve
    yield "Overview: movers of two months by model", movers
    yield "Overview: currencies", lambda: answers.currencies(ledger)
    yield "Forecast: 210 days", lambda: series(210)
    yield "Budget of a project: the month so far", lambda: ask(so_far, scope=project)
    yield "Budget of a project: 210 days", lambda: series(210, project)
    yield "Budget of a key: the month so far", lambda: ask(so_far, scope=key)
    yield "Budget of a key: 210 days", lambda: series(210, key)
    yield "Budget of a project and a model: the month", lambda: ask(so_far, scope=both)
    yield "Budget of a project and a model: 210 days", lambda: series(210, both)
    yield "Budget in Shanghai's days: the month", lambda: ask(so_far, zone="Asia/Shanghai")
    yield "Sources: what is covered", covered
    yield "(a report: the month by day, model, project)", lambda: ask(
        so_far, Dimension.DAY, Dimension.MODEL, Dimension.PROJECT
    )
    yield "(hours, from the rows: two days)", lambda: ask(days(2), Dimension.HOUR)


def show(title: str, question: Callable[[], object]) -> None:
    times = []
    for _ in range(7):
        started = time.perf_counter()
        question()
        times.append((time.perf_counter() - started) * 1000)
    best = min(times)
    verdict = "" if best <= FRAME or title.startswith("(") else "   more than a frame"
    print(f"{title:46} {best:8.1f} ms   (first {times[0]:.1f}){verdict}")


if __name__ == "__main__":
    main()
