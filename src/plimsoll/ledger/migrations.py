"""The archive's schema, as functions in order; sqlite-utils runs those that a file still lacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plimsoll.ledger import first_schema as first
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

    for statement in (*first.ACCOUNTS, *first.FACTS, *first.ROLLUPS, *schema.BUDGETS):
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


@step
def work_that_providers_and_git_report(db: Database) -> None:
    """What providers and git counted, day by day."""
    from plimsoll.ledger import commits, reported_work

    for statement in (*reported_work.SCHEMA, *commits.SCHEMA):
        db.execute(statement)


@step
def actors_of_days(db: Database) -> None:
    """Who asked for a day's tokens, as providers tell it."""
    from plimsoll.ledger.actors import SCHEMA

    db.execute(SCHEMA)


@step
def overlaps_by_rows(db: Database) -> None:
    """Imported sources that hold the same rows."""
    for statement in schema.OVERLAPS_BY_ROWS:
        db.execute(statement)
