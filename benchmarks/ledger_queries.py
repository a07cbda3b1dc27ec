"""Time every page's questions on an archive with five million usage rows: a frame is 16 ms.

    python benchmarks/ledger_queries.py [FOLDER] [--rows 5000000]

The archive is made once in FOLDER (a folder for temporary files unless named) and used again.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from plimsoll.domain.calendar import Period, month_of, previous_month
from plimsoll.domain.question import EVERYTHING, Dimension, Question, Scope
from plimsoll.domain.usage import Attribution
from plimsoll.ledger import answers, bills, catalog, rollups, usage
from plimsoll.ledger.behind import behind
from plimsoll.ledger.canonical import texts_of
from plimsoll.ledger.cuts import mask_of
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import MS_PER_DAY, MS_PER_HOUR, number_of
from plimsoll.ledger.slices import Attributions, Interned
from plimsoll.services.change import change, usual_comparison

TODAY = date(2026, 11, 23)
DAYS = 900
FRAME = 16.0
MODELS = 12


@dataclass(frozen=True)
class Account:
    name: str
    connector: str
    share: float
    projects: int
    keys: int


ACCOUNTS = (
    Account("acme", "openai", 0.60, 14, 45),
    Account("acme-claude", "anthropic", 0.33, 9, 25),
    Account("side", "openai", 0.07, 2, 3),
)


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
    with closing(Ledger.open(folder / str(given.rows), clock=Clock(), who="benchmark")) as ledger:
        if not catalog.sources(ledger):
            fill(ledger, given.rows)
        describe(ledger)
        for title, question in questions(ledger):
            show(title, question)


# --- the archive ---


def fill(ledger: Ledger, rows: int) -> None:
    """Put rows straight into the tables: the connectors' way would take minutes."""
    started = time.perf_counter()
    for account in ACCOUNTS:
        source = catalog.add_source(ledger, name=account.name, connector=account.connector)
        with ledger.writing() as connection:
            fill_source(connection, source.id, account, rows)
        with ledger.writing() as connection:
            query = "SELECT DISTINCT day FROM slice WHERE source = ?"
            days = [day for (day,) in connection.execute(query, (source.id,))]
            rollups.rebuild(connection, source.id, days)
        catalog.set_endpoints(ledger, source.id, ["usage", "costs"])
        run = catalog.start_run(ledger, source.id)
        catalog.finish_run(ledger, run, ok=True, slices=2 * DAYS)
        print(f"{account.name}: {time.perf_counter() - started:.0f} s")


def fill_source(
    connection: sqlite3.Connection, source_id: int, account: Account, rows: int
) -> None:
    rng = random.Random(account.name)
    per_hour = round(rows * account.share / DAYS / 24)
    phrases, attributions = Interned(connection, "phrase"), Attributions(connection)
    dollars, bases = phrases["USD"], [phrases[f"list price of model {n}"] for n in range(MODELS)]
    today = number_of(TODAY)
    for position in range(DAYS):
        day = today - DAYS + 1 + position
        who = list(callers(rng, account, position, per_hour * 3 // 2))
        ids = [attributions[texts_of(a)] for a in who]
        hours = [
            (day * MS_PER_DAY + hour * MS_PER_HOUR, attribution, rng.randrange(100, 100_000))
            for hour in range(24)
            for attribution in rng.sample(ids, per_hour)
        ]
        tokens = add_slice(connection, source_id, "usage", day, len(hours), 0)
        connection.executemany(
            """
            INSERT INTO usage (slice, n, start, until, attribution, input, cache_read,
                cache_write_5m, cache_write_1h, output, reasoning, requests, billed_elsewhere,
                currency, worth, basis, details)
            VALUES (:slice, :n, :start, :start + 3600000, :who, :count * 3, :count * 5, 0, 0,
                :count, :count / 9, :count / 100, 0, :dollars, :count * 17000, :basis, 0)
            """,
            [
                {
                    "slice": tokens,
                    "n": n,
                    "start": start,
                    "who": who,
                    "count": count,
                    "dollars": dollars,
                    "basis": bases[who % len(bases)],
                }
                for n, (start, who, count) in enumerate(hours)
            ],
        )
        money = sorted({(a.model or "", a.project or "") for a in who})
        costs = add_slice(connection, source_id, "costs", day, 0, len(money))
        connection.executemany(
            "INSERT INTO charge VALUES (?, ?, ?, ?, ?, '', 0)",
            [
                (costs, n, attributions[texts_of(billed)], dollars, rng.randrange(10**7, 10**10))
                for n, billed in enumerate(
                    Attribution(model, project, line_item=f"{model}, tokens")
                    for model, project in money
                )
            ],
        )
    covered = [(name, today - back) for name in ("usage", "costs") for back in range(DAYS)]
    usage.extend_coverage(connection, source_id, covered)


def add_slice(
    connection: sqlite3.Connection, source_id: int, endpoint: str, day: int, *counts: int
) -> int:
    bills_by = mask_of({"model", "project", "line_item"})
    final = int(day < number_of(TODAY) - 3)
    (number,) = connection.execute(
        "INSERT INTO slice (source, endpoint, day, fetched_at, final, records, charges, bills_by, "
        "totals, digest) VALUES (?, ?, ?, 0, ?, ?, ?, ?, '{}', x'') RETURNING id",
        (source_id, endpoint, day, final, *counts, bills_by),
    ).fetchone()
    return int(number)


def callers(
    rng: random.Random, account: Account, position: int, count: int
) -> Iterator[Attribution]:
    """Who calls on one day: models come and go, five of them at a time."""
    newest = 4 + position * (MODELS - 4) // DAYS
    for _ in range(count):
        key = rng.randrange(account.keys)
        yield Attribution(
            model=f"{account.connector}-{rng.randrange(newest - 4, newest + 1)}-2026-01-01",
            project=f"proj_{account.name}_{key % account.projects}",
            key=f"key_{account.name}_{key}",
            tier=rng.choice(("default", "default", "default", "flex")),
        )


def describe(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        (rows,) = connection.execute("SELECT sum(records) FROM slice").fetchone()
        (sums,) = connection.execute("SELECT count(*) FROM usage_by_day").fetchone()
    size = ledger.path.stat().st_size / 1e6
    print(f"{rows:,} usage rows, {sums:,} rows of sums, {DAYS} days, {size:,.0f} MB\n")


# --- the questions ---

MONTH, BEFORE = month_of(TODAY), previous_month(TODAY)
SO_FAR = Period(MONTH.first, TODAY)
DAILY_BY_MODEL = (Dimension.DAY, Dimension.MODEL)
PROJECT = Scope(((Dimension.PROJECT, ("proj_acme_3",)),))
KEY = Scope(((Dimension.KEY, ("key_acme_7",)),))
BOTH = Scope((*PROJECT.conditions, (Dimension.MODEL, ("openai-12-2026-01-01",))))


def last_days(count: int) -> Period:
    return Period(TODAY - timedelta(days=count - 1), TODAY)


def ask(
    ledger: Ledger, period: Period, *by: Dimension, scope: Scope = EVERYTHING, zone: str = "UTC"
) -> object:
    return answers.answer(ledger, Question(period, by=by, scope=scope, zone=zone), today=TODAY)


def money(ledger: Ledger, period: Period, *by: Dimension) -> object:
    return answers.spend_by(ledger, Question(period, by=by), currency="USD")


def daily(ledger: Ledger, period: Period, scope: Scope = EVERYTHING) -> object:
    return answers.daily(ledger, period, currency="USD", scope=scope, today=TODAY)


def two_months(ledger: Ledger, question: Callable[..., object], *by: Dimension) -> None:
    for period in (BEFORE, SO_FAR):
        question(ledger, period, *by)


def sources_page(ledger: Ledger) -> None:
    for source in catalog.sources(ledger):
        usage.coverage(ledger, source.id)
        usage.first_day_with_content(ledger, source.id)
        usage.counts(ledger, source.id)
        catalog.last_run(ledger, source.id)
        catalog.last_success(ledger, source.id)
    catalog.latest_balances(ledger)


def both_sides(ledger: Ledger, period: Period) -> object:
    return bills.books_of(ledger, period, today=TODAY)


def why(ledger: Ledger) -> object:
    return change(ledger, period=SO_FAR, against=usual_comparison(SO_FAR), today=TODAY)


def origin(ledger: Ledger, period: Period, scope: Scope) -> object:
    return behind(ledger, Question(period, scope=scope), currency="USD")


def questions(ledger: Ledger) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "Overview: the month so far", partial(ask, ledger, SO_FAR)
    for count in (30, 90, 365):
        title = f"Overview: {count} days by model"
        yield title, partial(money, ledger, last_days(count), *DAILY_BY_MODEL)
    yield "Overview: curve of two months", partial(two_months, ledger, daily)
    yield "Overview: movers by model", partial(two_months, ledger, ask, Dimension.MODEL)
    yield "Overview: currencies", partial(answers.currencies, ledger)
    yield "Forecast: 210 days", partial(daily, ledger, last_days(210))
    for title, scope in (("project", PROJECT), ("key", KEY), ("project and model", BOTH)):
        yield f"Budget of a {title}: the month", partial(ask, ledger, SO_FAR, scope=scope)
        yield f"Budget of a {title}: 210 days", partial(daily, ledger, last_days(210), scope)
    yield "Budget in Shanghai's days", partial(ask, ledger, SO_FAR, zone="Asia/Shanghai")
    yield "Sources: what is covered", partial(sources_page, ledger)
    for count in (30, 365):
        title = f"Spend: {count} days by key"
        yield title, partial(ask, ledger, last_days(count), Dimension.KEY)
    yield "(why: the month against the one before)", partial(why, ledger)
    for title, period, scope in (
        ("the month", SO_FAR, EVERYTHING),
        ("a key, 365 days", last_days(365), KEY),
        ("365 days", last_days(365), EVERYTHING),
    ):
        yield f"(how do we know: {title})", partial(origin, ledger, period, scope)
    yield "(both sides of every bill, the month)", partial(both_sides, ledger, SO_FAR)
    yield "(both sides of every bill, 365 days)", partial(both_sides, ledger, last_days(365))
    # Not on a page: what reports and the command line may ask.
    by_project = (*DAILY_BY_MODEL, Dimension.PROJECT)
    yield "(30 days by model, everything)", partial(ask, ledger, last_days(30), *DAILY_BY_MODEL)
    yield "(365 days by model, everything)", partial(ask, ledger, last_days(365), *DAILY_BY_MODEL)
    yield "(the month by day, model and project)", partial(ask, ledger, SO_FAR, *by_project)
    yield "(two days by hour, from the rows)", partial(ask, ledger, last_days(2), Dimension.HOUR)


def show(title: str, question: Callable[[], object]) -> None:
    times = []
    for _ in range(7):
        started = time.perf_counter()
        question()
        times.append((time.perf_counter() - started) * 1000)
    best = min(times)
    verdict = "" if best <= FRAME or title.startswith("(") else "   more than a frame"
    print(f"{title:40} {best:8.1f} ms   (first {times[0]:.1f}){verdict}")


if __name__ == "__main__":
    main()
