"""The statements of the later steps of the schema; `migrations` has the steps, in their order."""

from __future__ import annotations

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
