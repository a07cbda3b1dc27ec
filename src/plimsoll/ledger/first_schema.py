"""The tables that the first schema brought; later steps change them, and this never changes."""

from __future__ import annotations

# Days are counted from 1970-01-01, instants are microseconds UTC (the start and the end of a usage
# record: milliseconds), money is nano-units of the row's currency. A 0 where a term or a phrase is
# expected means that there is none. Endings: STRICT everywhere, so that no text becomes a number.

ACCOUNTS = (
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

FACTS = (
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
ROLLUPS = (
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
