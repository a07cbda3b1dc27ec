"""The daily rollups, the only thing that pages read: rebuilt day by day inside the same
transaction as the rows that they sum up.

A day of a source that has charges is *charged*: its money is what was billed, and nothing of it is
estimated. Each day is summed up whole by attribution first, then by every single dimension.
"""

# ruff: noqa: S608 - only our own words are put into statements, values are always bound
from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection

from plimsoll.ledger import sides
from plimsoll.ledger.cuts import ALL_CUTS, CUT_OF, EVERY_DIMENSION, UNCUT, WHOLE
from plimsoll.ledger.plan import plan_days

_TABLES = ("usage_by_day", "unit_by_day", "charge_by_day")
_WITHOUT_CUTS = ("charged_day", *sides.TABLES)
_CUTS = ", ".join(map(str, ALL_CUTS))
TOKENS = "(u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.output)"
_OWED = "iif(c.day IS NULL AND NOT u.billed_elsewhere, ifnull(u.worth - u.off, 0), 0)"
_UNDER_PLAN = "iif(c.day IS NULL AND NOT u.billed_elsewhere, ifnull(u.worth, 0), 0)"
NOT_PRICED = "u.billed_elsewhere OR (c.day IS NULL AND u.worth IS NULL)"

MEASURES = {
    "records": "1",
    "input": "u.input",
    "cache_read": "u.cache_read",
    "cache_write_5m": "u.cache_write_5m",
    "cache_write_1h": "u.cache_write_1h",
    "output": "u.output",
    "reasoning": "u.reasoning",
    "requests": "ifnull(u.requests, 0)",
    "counted": "u.requests IS NOT NULL",
    "uncounted": f"u.requests IS NULL AND {TOKENS} > 0",
    "not_priced": f"iif({NOT_PRICED}, {TOKENS}, 0)",
    "estimated": f"iif(:plan, 0, {_OWED})",
    "plan": f"iif(:plan, {_UNDER_PLAN}, 0)",
    "worth": "ifnull(u.worth, 0)",
}
"""What is summed of usage rows `u` of slices `s`, whose day is charged where `c` has a row; `:plan`
stands for the days whose tokens are paid by a subscription (`plan_days`). `counted` are records
that tell their number of requests, `uncounted` those that bear tokens and do not. `worth` and
`plan` are at list price; what is owed (`estimated`) is that less what a contract takes off.
"""


def measured(name: str, *, plan: str) -> str:
    """One of the measures, for a source whose tokens are under a subscription on these days."""
    return MEASURES[name].replace(":plan", plan)


_USAGE_COLUMNS = ", ".join(MEASURES)
_SUM_AGAIN = ", ".join(f"sum({column})" for column in MEASURES)


def rebuild(connection: sqlite3.Connection, source_id: int, days: Collection[int]) -> None:
    """Sum up again all that one source has on `days` (numbers of days), in every cut."""
    if not days:
        return
    plan = plan_days(connection, source_id)
    sums = ", ".join(f"sum({measured(name, plan=plan)})" for name in MEASURES)
    given: dict[str, object] = {"source": source_id, "days": json.dumps(sorted(days))}
    _clear(connection, given)
    _mark_charged(connection, given)
    connection.execute(
        f"""
        INSERT INTO usage_by_day (cut, source, day, value, currency, {_USAGE_COLUMNS})
        SELECT {WHOLE}, :source, s.day, u.attribution, u.currency, {sums}
        FROM slice s JOIN usage u ON u.slice = s.id
        LEFT JOIN charged_day c ON c.source = s.source AND c.day = s.day
        WHERE s.source = :source AND s.day IN (SELECT value FROM json_each(:days))
        GROUP BY s.day, u.attribution, u.currency
        """,
        given,
    )
    connection.execute(
        f"""
        INSERT INTO unit_by_day (cut, source, day, value, unit, place, quantity)
        SELECT {WHOLE}, :source, s.day, u.attribution, q.unit, q.place, sum(q.quantity)
        FROM slice s JOIN usage_unit q ON q.slice = s.id
        JOIN usage u ON u.slice = q.slice AND u.n = q.n
        WHERE s.source = :source AND s.day IN (SELECT value FROM json_each(:days))
        GROUP BY s.day, u.attribution, q.unit, q.place
        """,
        given,
    )
    connection.execute(
        f"""
        INSERT INTO charge_by_day (cut, source, day, value, currency, records, billed)
        SELECT {WHOLE}, :source, s.day, c.attribution, c.currency, count(*), sum(c.nanos)
        FROM slice s JOIN charge c ON c.slice = s.id
        WHERE s.source = :source AND s.day IN (SELECT value FROM json_each(:days))
        GROUP BY s.day, c.attribution, c.currency
        """,
        given,
    )
    for cut, column in [(UNCUT, "NULL"), *((n, f"a.{d.value}") for d, n in CUT_OF.items())]:
        _sum_up(connection, given, cut, column)
    sides.rebuild(connection, given)


def follow_plan(connection: sqlite3.Connection, source_id: int, *, before: str) -> None:
    """Sum up again the days that a subscription pays for now and did not `before`, or did and does
    no more (both as `plan_days` has them).
    """
    now = plan_days(connection, source_id)
    if now == before:
        return
    days = connection.execute(
        f"SELECT DISTINCT s.day FROM slice s WHERE s.source = ? AND ({before}) IS NOT ({now})",
        (source_id,),
    )
    rebuild(connection, source_id, [day for (day,) in days])


def drop(connection: sqlite3.Connection, source_id: int) -> None:
    """Take one source out of the rollups."""
    for table in _TABLES:
        connection.execute(
            f"DELETE FROM {table} WHERE cut IN ({_CUTS}) AND source = ?",
            (source_id,),
        )
    for table in _WITHOUT_CUTS:
        connection.execute(f"DELETE FROM {table} WHERE source = ?", (source_id,))


def hand_over(connection: sqlite3.Connection, old: int, new: int) -> None:
    """Let one source's sums count as another's, which has none yet."""
    for table in _TABLES:
        connection.execute(
            f"UPDATE {table} SET source = ? WHERE cut IN ({_CUTS}) AND source = ?",
            (new, old),
        )
    for table in _WITHOUT_CUTS:
        connection.execute(f"UPDATE {table} SET source = ? WHERE source = ?", (new, old))


def _clear(connection: sqlite3.Connection, given: dict[str, object]) -> None:
    wanted = "source = :source AND day IN (SELECT value FROM json_each(:days))"
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table} WHERE cut IN ({_CUTS}) AND {wanted}", given)
    for table in _WITHOUT_CUTS:
        connection.execute(f"DELETE FROM {table} WHERE {wanted}", given)


def _mark_charged(connection: sqlite3.Connection, given: dict[str, object]) -> None:
    """Note the charged days, and the dimensions by which some of their charges are not cut."""
    blind: dict[int, int] = defaultdict(int)
    rows = connection.execute(
        """
        SELECT day, bills_by FROM slice WHERE source = :source AND charges > 0
        AND day IN (SELECT value FROM json_each(:days))
        """,
        given,
    )
    for day, bills_by in rows:
        blind[day] |= EVERY_DIMENSION & ~bills_by
    connection.executemany(
        "INSERT INTO charged_day (source, day, blind) VALUES (?, ?, ?)",
        [(given["source"], day, mask) for day, mask in blind.items()],
    )


def _sum_up(
    connection: sqlite3.Connection, given: dict[str, object], cut: int, column: str
) -> None:
    """One coarser cut, from the sums by whole attribution."""
    chosen = f"""
        JOIN attribution a ON a.id = r.value
        WHERE r.cut = {WHOLE} AND r.source = :source
        AND r.day IN (SELECT value FROM json_each(:days))
    """
    connection.execute(
        f"""
        INSERT INTO usage_by_day (cut, source, day, value, currency, {_USAGE_COLUMNS})
        SELECT {cut}, r.source, r.day, ifnull({column}, 0), r.currency, {_SUM_AGAIN}
        FROM usage_by_day r {chosen} GROUP BY r.day, {column}, r.currency
        """,
        given,
    )
    connection.execute(
        f"""
        INSERT INTO unit_by_day (cut, source, day, value, unit, place, quantity)
        SELECT {cut}, r.source, r.day, ifnull({column}, 0), r.unit, r.place, sum(r.quantity)
        FROM unit_by_day r {chosen} GROUP BY r.day, {column}, r.unit, r.place
        """,
        given,
    )
    connection.execute(
        f"""
        INSERT INTO charge_by_day (cut, source, day, value, currency, records, billed)
        SELECT {cut}, r.source, r.day, ifnull({column}, 0), r.currency, sum(r.records),
            sum(r.billed)
        FROM charge_by_day r {chosen} GROUP BY r.day, {column}, r.currency
        """,
        given,
    )
