"""Running totals: what a session's figures rose by since they were last read, for agents that keep
no more than a sum of each session.

The archive remembers the highest figures that it has seen of a session, whichever file told them:
a copy, a moved folder, a file that was written anew or a total that fell add nothing again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from plimsoll.domain.calls import Call, key_of

_COLUMNS = "input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost"
_KNOWN = f"SELECT {_COLUMNS} FROM running_total WHERE key = ?"  # noqa: S608 - our own words
_KEEP = f"""
    INSERT OR REPLACE INTO running_total (key, source, {_COLUMNS})
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608 - our own words


def resolved(
    connection: sqlite3.Connection, source_id: int, calls: Mapping[int, Call]
) -> dict[int, Call]:
    """Calls by their keys, with a call of what it rose by in the place of each running total."""
    found = {}
    for key, call in calls.items():
        if call.requests is not None:
            found[key] = call
            continue
        risen = _risen(connection, source_id, call)
        if risen is not None:
            found[risen.key] = risen
    return found


def _risen(connection: sqlite3.Connection, source_id: int, total: Call) -> Call | None:
    """What a total rose by, and remember it; None where it did not rise."""
    known = connection.execute(_KNOWN, (total.key,)).fetchone() or (0,) * 7
    told = (*total[5:11], total.cost or 0)
    *classes, cost = (max(new - old, 0) for new, old in zip(told, known, strict=True))
    if not cost and not any(classes):
        return None
    highest = map(max, told, known)
    connection.execute(_KEEP, (total.key, source_id, *highest))
    fresh, read, short, long, output, reasoning = classes
    return total._replace(
        key=key_of("running", f"{total.key:x}", str(known)),
        rank=total.rank if any(classes) else cost,
        input=fresh,
        cache_read=read,
        cache_write_5m=short,
        cache_write_1h=long,
        output=output,
        reasoning=min(reasoning, output),
        cost=None if total.cost is None else cost,
    )
