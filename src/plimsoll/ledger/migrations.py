"""The archive's schema, as functions in order; sqlite-utils runs those that a file still lacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plimsoll.ledger import schema

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x506C696D  # "Plim", kept in the file's header
SET = "plimsoll"

Step = Callable[["Database"], None]
STEPS: list[Step] = []
"""Every migration, the oldest first. Names are kept in the file: never rename or reorder."""


def step(function: Step) -> Step:
    """Add a migration to the list."""
    STEPS.append(function)
    return function


def names() -> tuple[str, ...]:
    """The migrations that this program knows, in order."""
    return tuple(function.__name__ for function in STEPS)


def applied(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The migrations that a file has been through; found without sqlite-utils, to stay light."""
    query = (
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '_sqlite_migrations'"
    )
    if not connection.execute(query).fetchone()[0]:
        return ()
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid", (SET,)
    )
    return tuple(name for (name,) in rows)


def migrate(connection: sqlite3.Connection, *, steps: Sequence[Step] | None = None) -> None:
    """Run what is pending, inside the caller's transaction, so that all of it goes in or nothing.

    `steps` stands for a shorter list, as an older program had it (for tests).
    """
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    chosen = STEPS if steps is None else steps
    migrations = Migrations(SET)
    for function in chosen:
        migrations()(function)
    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(chosen)}")


@step
def first_schema(db: Database) -> None:
    """Sources, slices of usage and charges, their rollups, names, balances, runs, budgets."""
    import secrets

    for statement in (*_ACCOUNTS, *_FACTS, *_ROLLUPS, *schema.BUDGETS):
        db.execute(statement)
    db.execute("INSERT INTO ledger (only_one, id) VALUES (1, ?)", [secrets.token_hex(8)])


@step
def rates_and_subscriptions(db: Database) -> None:
    """Rates of exchange that the user sets, and flat fees of sources."""
    for statement in schema.ENTERED:
        db.execute(statement)


@step
def kept_prices(db: Database) -> None:
    """What a contract takes off, which prices computed a slice, users' own prices and discounts,
    and the log of changed prices.
    """
    for statement in schema.PRICES:
        db.execute(statement)


@step
def both_sides(db: Database) -> None:
    """Bills by line, and tokens by their price, summed by day, for comparing the two."""
    from plimsoll.ledger import sides

    sides.make(db.conn)


@step
def who_pays_and_what_was_looked_at(db: Database) -> None:
    """Pairs of sources that see the same traffic, ids of accounts, restatements looked at."""
    for statement in schema.OVERLAPS:
        db.execute(statement)


@step
def calls_of_agents(db: Database) -> None:
    """Agents' calls by their keys, how far their logs have been read, and their sessions."""
    for statement in schema.CALLS:
        db.execute(statement)


@step
def projects_of_agents(db: Database) -> None:
    """The repository of every folder that an agent worked in, as the disk told it once."""
    db.execute(schema.PROJECT)


@step
def periods_and_states_of_alerts(db: Database) -> None:
    """Budgets that carry over and can be snoozed; what became of an alert after it fired."""
    for statement in schema.ALERTS:
        db.execute(statement)


@step
def better_records_of_sessions(db: Database) -> None:
    """Which of an agent's several records of a session counts."""
    for statement in schema.FLOORS:
        db.execute(statement)


@step
def running_totals_of_agents(db: Database) -> None:
    """What running totals had come to, for agents that keep no more than a sum of a session."""
    db.execute(schema.RUNNING_TOTAL)


@step
def parts_of_balances(db: Database) -> None:
    """Granted and topped-up parts of a balance, lifetime counters, and credit that expires."""
    for statement in schema.PARTS_OF_BALANCES:
        db.execute(statement)


@step
def limits_at_providers(db: Database) -> None:
    """The spend limits that providers keep, as they were last read."""
    db.execute(schema.SPEND_LIMIT)


@step
def quotas_of_plans(db: Database) -> None:
    """What is used of a plan's allowance, as its provider told it."""
    db.execute(schema.QUOTA)


@step
def sums_of_threads_give_way(db: Database) -> None:
    """Codex's sums of threads, which are read from now on, give way to the calls that are known."""
    for statement in schema.THREADS_OF_CODEX:
        db.execute(statement)


@step
def deliveries_of_alerts(db: Database) -> None:
    """Alerts on their way to a command or a webhook."""
    for statement in schema.DELIVERIES:
        db.execute(statement)


@step
def credit_and_warnings_of_prepaid_accounts(db: Database) -> None:
    """Credit that users enter, what is to be warned of balances, and what was warned of."""
    from plimsoll.ledger import prepaid

    for statement in prepaid.SCHEMA:
        db.execute(statement)


@step
def imported_files(db: Database) -> None:
    """Imported files, and the lines of them that each day came from."""
    for statement in schema.IMPORTS:
        db.execute(statement)


@step
def keys_that_read_balances(db: Database) -> None:
    """Which key read a balance, by its last characters."""
    db.execute("ALTER TABLE balance ADD COLUMN read_by TEXT NOT NULL DEFAULT ''")


@step
def verdicts_on_unusual_days(db: Database) -> None:
    """What the user says of unusual days."""
    db.execute(schema.VERDICT)


@step
def units_of_work(db: Database) -> None:
    """Units of work that users enter."""
    from plimsoll.ledger.units_of_work import SCHEMA

    db.execute(SCHEMA)


@step
def how_sentences_are_made(db: Database) -> None:
    """How stored sentences were made, so that they can be said again in another language."""
    for table in ("run", "alert", "warned", "price_change", "delivery"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN said TEXT NOT NULL DEFAULT ''")


# Days are counted from 1970-01-01, instants are microseconds UTC (the start and the end of a usage
# record: milliseconds), money is nano-units of the row's currency. A 0 where a term or a phrase is
# expected means that there is none. Endings: STRICT everywhere, so that no text becomes a number.

_ACCOUNTS = (
    """
    CREATE TABLE ledger (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        id TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE source (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        connector TEXT NOT NULL,
        base_url TEXT,
        settings TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        removed_at INTEGER,
        key_tail TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX source_name ON source (name) WHERE removed_at IS NULL",
    """
    CREATE TABLE endpoint (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        reach INTEGER,
        PRIMARY KEY (source, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        ok INTEGER NOT NULL DEFAULT 0 CHECK (ok IN (0, 1)),
        title TEXT NOT NULL DEFAULT '',
        sentence TEXT NOT NULL DEFAULT '',
        slices INTEGER NOT NULL DEFAULT 0,
        not_before INTEGER
    ) STRICT
    """,
    "CREATE INDEX run_of_source ON run (source, id)",
    """
    CREATE TABLE name (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (source, kind, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE balance (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        reading INTEGER NOT NULL,
        currency TEXT NOT NULL,
        at INTEGER NOT NULL,
        nanos INTEGER NOT NULL,
        PRIMARY KEY (source, reading, currency)
    ) STRICT, WITHOUT ROWID
    """,
)

_FACTS = (
    # Ids of terms and attributions are never used twice, so that readers may remember them.
    "CREATE TABLE term (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE phrase (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE attribution (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        model INTEGER NOT NULL,
        project INTEGER NOT NULL,
        key INTEGER NOT NULL,
        user INTEGER NOT NULL,
        tier INTEGER NOT NULL,
        line_item INTEGER NOT NULL,
        agent INTEGER NOT NULL,
        session INTEGER NOT NULL,
        branch INTEGER NOT NULL,
        tag INTEGER NOT NULL,
        class INTEGER NOT NULL,
        UNIQUE (model, project, key, user, tier, line_item, agent, session, branch, tag, class)
    ) STRICT
    """,
    """
    CREATE TABLE slice (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        endpoint TEXT NOT NULL,
        day INTEGER NOT NULL,
        fetched_at INTEGER NOT NULL,
        final INTEGER NOT NULL CHECK (final IN (0, 1)),
        records INTEGER NOT NULL,
        charges INTEGER NOT NULL,
        bills_by INTEGER NOT NULL,
        totals TEXT NOT NULL,
        digest BLOB NOT NULL,
        UNIQUE (source, day, endpoint)
    ) STRICT
    """,
    "CREATE INDEX slice_not_final ON slice (source, day) WHERE final = 0",
    """
    CREATE TABLE coverage (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        endpoint TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY (source, endpoint, first)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE usage (
        slice INTEGER NOT NULL REFERENCES slice ON DELETE CASCADE,
        n INTEGER NOT NULL,
        start INTEGER NOT NULL,
        until INTEGER NOT NULL,
        attribution INTEGER NOT NULL,
        input INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        output INTEGER NOT NULL,
        reasoning INTEGER NOT NULL,
        requests INTEGER,
        billed_elsewhere INTEGER NOT NULL CHECK (billed_elsewhere IN (0, 1)),
        currency INTEGER NOT NULL,
        worth INTEGER,
        basis INTEGER NOT NULL,
        details INTEGER NOT NULL,
        PRIMARY KEY (slice, n)
    ) STRICT, WITHOUT ROWID
    """,
    # A quantity is the sum over its rows of quantity * 10^(12 * place): exact, and summed by SQL.
    """
    CREATE TABLE usage_unit (
        slice INTEGER NOT NULL,
        n INTEGER NOT NULL,
        unit INTEGER NOT NULL,
        place INTEGER NOT NULL,
        quantity INTEGER NOT NULL,
        PRIMARY KEY (slice, n, unit, place),
        FOREIGN KEY (slice, n) REFERENCES usage (slice, n) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE charge (
        slice INTEGER NOT NULL REFERENCES slice ON DELETE CASCADE,
        n INTEGER NOT NULL,
        attribution INTEGER NOT NULL,
        currency INTEGER NOT NULL,
        nanos INTEGER NOT NULL,
        text TEXT NOT NULL,
        details INTEGER NOT NULL,
        PRIMARY KEY (slice, n)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE restatement (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        endpoint TEXT NOT NULL,
        day INTEGER NOT NULL,
        at INTEGER NOT NULL,
        old TEXT NOT NULL,
        new TEXT NOT NULL
    ) STRICT
    """,
)

# The rollups are cut in several ways: `cut` names one dimension (or none, or the whole attribution)
# and `value` is its term (or 0, or the attribution). See ledger/rollups.py, the only writer.
_ROLLUPS = (
    """
    CREATE TABLE charged_day (
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        blind INTEGER NOT NULL,
        PRIMARY KEY (source, day)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE usage_by_day (
        cut INTEGER NOT NULL,
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        value INTEGER NOT NULL,
        currency INTEGER NOT NULL,
        records INTEGER NOT NULL,
        input INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        output INTEGER NOT NULL,
        reasoning INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        counted INTEGER NOT NULL,
        uncounted INTEGER NOT NULL,
        not_priced INTEGER NOT NULL,
        estimated INTEGER NOT NULL,
        plan INTEGER NOT NULL,
        worth INTEGER NOT NULL,
        PRIMARY KEY (cut, source, day, value, currency)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE unit_by_day (
        cut INTEGER NOT NULL,
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        value INTEGER NOT NULL,
        unit INTEGER NOT NULL,
        place INTEGER NOT NULL,
        quantity INTEGER NOT NULL,
        PRIMARY KEY (cut, source, day, value, unit, place)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE charge_by_day (
        cut INTEGER NOT NULL,
        source INTEGER NOT NULL,
        day INTEGER NOT NULL,
        value INTEGER NOT NULL,
        currency INTEGER NOT NULL,
        records INTEGER NOT NULL,
        billed INTEGER NOT NULL,
        PRIMARY KEY (cut, source, day, value, currency)
    ) STRICT, WITHOUT ROWID
    """,
)
