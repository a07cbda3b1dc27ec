"""The statements of the schema for budgets and of its later steps; `migrations` has the steps."""

from __future__ import annotations

BUDGETS = (
    """
    CREATE TABLE budget (
        name TEXT PRIMARY KEY NOT NULL,
        edition INTEGER NOT NULL,
        nanos INTEGER NOT NULL,
        currency TEXT NOT NULL,
        span TEXT NOT NULL,
        zone TEXT NOT NULL,
        scope TEXT NOT NULL,
        thresholds TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE alert (
        id INTEGER PRIMARY KEY,
        budget TEXT NOT NULL REFERENCES budget ON DELETE CASCADE,
        edition INTEGER NOT NULL,
        kind TEXT NOT NULL,
        percent TEXT NOT NULL,
        probability TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        fired_at INTEGER NOT NULL,
        sentence TEXT NOT NULL,
        notified INTEGER NOT NULL CHECK (notified IN (0, 1)),
        UNIQUE (budget, edition, kind, percent, probability, first, last)
    ) STRICT
    """,
)

# `edition` is the phrase of the price book that computed a slice's rows, 0 where none is known. A
# price or a discount of a user goes with its source; a price without one is for every account.
PRICES = (
    "ALTER TABLE usage ADD COLUMN off INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE slice ADD COLUMN edition INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE own_price (
        id INTEGER PRIMARY KEY,
        source INTEGER REFERENCES source ON DELETE CASCADE,
        text TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE discount (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        percent TEXT NOT NULL,
        first INTEGER,
        last INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE price_change (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        sentence TEXT NOT NULL,
        edition TEXT NOT NULL,
        slices INTEGER NOT NULL,
        records INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        not_priced INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE price_effect (
        change INTEGER NOT NULL REFERENCES price_change ON DELETE CASCADE,
        month TEXT NOT NULL,
        currency TEXT NOT NULL,
        estimated INTEGER NOT NULL,
        plan INTEGER NOT NULL,
        worth INTEGER NOT NULL,
        PRIMARY KEY (change, month, currency)
    ) STRICT, WITHOUT ROWID
    """,
)

# `relation` is the explainer's to the payer: the same, a part of it, or the whole of which it is a
# part; see analysis/overlap.py. Shares and differences are no amounts, so that REAL does for them.
OVERLAPS = (
    "ALTER TABLE source ADD COLUMN organisation TEXT",
    "ALTER TABLE restatement ADD COLUMN looked_at INTEGER",
    """
    CREATE TABLE overlap (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        payer INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        explainer INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('likely', 'assumed', 'confirmed', 'separate')),
        relation TEXT NOT NULL CHECK (relation IN ('same', 'part', 'whole')),
        reason TEXT NOT NULL CHECK (reason IN ('organisation', 'series', 'said')),
        days INTEGER NOT NULL,
        equal REAL NOT NULL,
        to_the_token INTEGER NOT NULL,
        part TEXT NOT NULL,
        found_at INTEGER NOT NULL,
        decided_at INTEGER,
        CHECK (payer <> explainer)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX overlap_pair ON overlap (min(payer, explainer), max(payer, explainer))",
)

# The same table, with one more reason; a CHECK cannot be changed in its place.
OVERLAPS_BY_ROWS = (
    """
    CREATE TABLE overlap_by_rows (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        payer INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        explainer INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('likely', 'assumed', 'confirmed', 'separate')),
        relation TEXT NOT NULL CHECK (relation IN ('same', 'part', 'whole')),
        reason TEXT NOT NULL CHECK (reason IN ('organisation', 'rows', 'series', 'said')),
        days INTEGER NOT NULL,
        equal REAL NOT NULL,
        to_the_token INTEGER NOT NULL,
        part TEXT NOT NULL,
        found_at INTEGER NOT NULL,
        decided_at INTEGER,
        CHECK (payer <> explainer)
    ) STRICT
    """,
    "INSERT INTO overlap_by_rows SELECT * FROM overlap",
    "DROP TABLE overlap",
    "ALTER TABLE overlap_by_rows RENAME TO overlap",
    "CREATE UNIQUE INDEX overlap_pair ON overlap (min(payer, explainer), max(payer, explainer))",
)

# A call is the usage row (slice, n = key). `rank` is that of the line whose figures it has. No
# foreign key: a day of ten thousand calls would be looked through for each of them. Paths are
# bytes, as the system has them; `modified` is in nanoseconds.
CALLS = (
    """
    CREATE TABLE call (
        key INTEGER PRIMARY KEY,
        slice INTEGER NOT NULL,
        rank INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE log_file (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        path BLOB NOT NULL,
        device INTEGER NOT NULL,
        inode INTEGER NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        mark BLOB NOT NULL,
        offset INTEGER NOT NULL,
        memory TEXT NOT NULL,
        bad_lines INTEGER NOT NULL,
        bad_calls INTEGER NOT NULL,
        problem TEXT NOT NULL,
        PRIMARY KEY (source, path)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE session (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        id TEXT NOT NULL,
        title TEXT,
        parent TEXT,
        PRIMARY KEY (source, id)
    ) STRICT, WITHOUT ROWID
    """,
)

# The folder's path as the log has it; `repository` is NULL where the folder was not there any more.
PROJECT = """
    CREATE TABLE project (
        path TEXT PRIMARY KEY NOT NULL,
        repository TEXT
    ) STRICT, WITHOUT ROWID
"""

# A budget carries over from a day on; periods that ended before `watched_from` are not looked at.
# An alert was told at an instant, or waits for the end of quiet hours, or stands in the list only.
# `calm_since` and `recovered_at` say since when its reason is gone, and when it was taken as gone.
ALERTS = (
    "ALTER TABLE budget ADD COLUMN carries_from INTEGER",
    "ALTER TABLE budget ADD COLUMN watched_from INTEGER",
    "ALTER TABLE budget ADD COLUMN snoozed_until INTEGER",
    "ALTER TABLE alert ADD COLUMN told_at INTEGER",
    "ALTER TABLE alert ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1))",
    "ALTER TABLE alert ADD COLUMN calm_since INTEGER",
    "ALTER TABLE alert ADD COLUMN recovered_at INTEGER",
    "UPDATE alert SET told_at = fired_at WHERE notified = 1",
)

# The lowest rank of a session's calls that still count; see ledger/floors.py.
FLOORS = ("ALTER TABLE session ADD COLUMN floor INTEGER NOT NULL DEFAULT 0",)

# What is known of Codex came from rollouts, and was read before these said that nothing of a rank
# below a call's, `rank_of(output=0, total=0)`, counts beside them; searches had none.
THREADS_OF_CODEX = (
    """
    UPDATE call SET rank = 1 << 62 WHERE rank = 0 AND slice IN (
        SELECT s.id FROM slice s JOIN source o ON o.id = s.source WHERE o.connector = 'codex'
    )
    """,
    """
    INSERT INTO session (source, id, floor)
    SELECT DISTINCT s.source, t.text, 1 << 62 FROM source o
    JOIN slice s ON s.source = o.id JOIN usage u ON u.slice = s.id
    JOIN attribution a ON a.id = u.attribution JOIN term t ON t.id = a.session
    WHERE o.connector = 'codex'
    ON CONFLICT DO UPDATE SET floor = excluded.floor
    """,
)

# What running totals had come to when they were last read. `cost` is in nano-dollars.
RUNNING_TOTAL = """
    CREATE TABLE running_total (
        key INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        input INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        output INTEGER NOT NULL,
        reasoning INTEGER NOT NULL,
        cost INTEGER NOT NULL
    ) STRICT
"""

# Limits that providers keep, as last read; `dimension` and `value` are empty for a whole account.
SPEND_LIMIT = """
    CREATE TABLE spend_limit (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        dimension TEXT NOT NULL,
        value TEXT NOT NULL,
        span TEXT NOT NULL,
        currency TEXT NOT NULL,
        nanos INTEGER NOT NULL CHECK (nanos > 0),
        PRIMARY KEY (source, dimension, value, span, currency)
    ) STRICT, WITHOUT ROWID
"""

# What a provider tells of a balance besides its amount, in nano-units; `expiring` is a list of
# [last day, nano-units] as JSON.
PARTS_OF_BALANCES = (
    "ALTER TABLE balance ADD COLUMN granted INTEGER",
    "ALTER TABLE balance ADD COLUMN topped_up INTEGER",
    "ALTER TABLE balance ADD COLUMN ever_added INTEGER",
    "ALTER TABLE balance ADD COLUMN ever_spent INTEGER",
    "ALTER TABLE balance ADD COLUMN expiring TEXT NOT NULL DEFAULT '[]'",
)

# What was used of a plan's allowance at an instant; percentages and counts are decimal text. The
# readings of one sync share their instant, and stand as the provider told them.
QUOTA = """
    CREATE TABLE quota (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        at INTEGER NOT NULL,
        place INTEGER NOT NULL,
        name TEXT NOT NULL,
        span TEXT NOT NULL,
        used_percent TEXT,
        used TEXT,
        most TEXT,
        resets_at INTEGER,
        PRIMARY KEY (source, at, place)
    ) STRICT, WITHOUT ROWID
"""

# Entered by the user. Rates are decimal text; two currencies have one a day, whichever way round.
ENTERED = (
    """
    CREATE TABLE rate (
        day INTEGER NOT NULL,
        base TEXT NOT NULL,
        quote TEXT NOT NULL,
        value TEXT NOT NULL,
        note TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX rate_of_day ON rate (day, min(base, quote), max(base, quote))",
    """
    CREATE TABLE subscription (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        name TEXT NOT NULL,
        currency TEXT NOT NULL,
        nanos INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER,
        unit TEXT NOT NULL,
        every INTEGER NOT NULL,
        PRIMARY KEY (source, first)
    ) STRICT, WITHOUT ROWID
    """,
)

# `firing` is the table and the row of what fired, `alert:12`. Without `next_at` nothing more is
# tried.
DELIVERIES = (
    """
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        firing TEXT NOT NULL,
        channel TEXT NOT NULL,
        document TEXT NOT NULL,
        tries INTEGER NOT NULL,
        delivered_at INTEGER,
        next_at INTEGER,
        trouble TEXT NOT NULL,
        UNIQUE (firing, channel)
    ) STRICT
    """,
    "CREATE INDEX delivery_due ON delivery (next_at) WHERE next_at IS NOT NULL",
    """
    CREATE TRIGGER alert_takes_its_deliveries AFTER DELETE ON alert BEGIN
        DELETE FROM delivery WHERE firing = 'alert:' || old.id;
    END
    """,
)

# Imported files, and for each day of an endpoint the file and the lines that it came from.
IMPORTS = (
    """
    CREATE TABLE import_file (
        id INTEGER PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        at INTEGER NOT NULL,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE import_day (
        source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
        endpoint TEXT NOT NULL,
        day INTEGER NOT NULL,
        file INTEGER NOT NULL REFERENCES import_file ON DELETE CASCADE,
        sheet TEXT NOT NULL,
        first_line INTEGER NOT NULL,
        last_line INTEGER NOT NULL,
        PRIMARY KEY (source, endpoint, day)
    ) STRICT, WITHOUT ROWID
    """,
)

# What the user says of an unusual day: that it was expected, or that it was not.
VERDICT = """
    CREATE TABLE verdict (
        day INTEGER NOT NULL,
        currency TEXT NOT NULL,
        expected INTEGER NOT NULL CHECK (expected IN (0, 1)),
        at INTEGER NOT NULL,
        PRIMARY KEY (day, currency)
    ) STRICT, WITHOUT ROWID
"""
