"""Floors: of an agent's several records of a session the worse give way to the better.

Whatever is read first, the archive ends up with the same calls: a session's floor only rises, and
calls of a lower rank neither come in below it nor stay.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from plimsoll.domain.calls import Call, Harvest
from plimsoll.ledger.accounts import CALLS
from plimsoll.ledger.canonical import clean

_BELOW = """
    SELECT c.key, c.slice FROM slice s JOIN usage u ON u.slice = s.id
    JOIN attribution a ON a.id = u.attribution JOIN term t ON t.id = a.session
    JOIN json_each(:floors) f ON f.key = t.text JOIN call c ON c.key = u.n AND c.slice = s.id
    WHERE s.source = :source AND s.endpoint = :calls AND c.rank < f.value
"""
_STORED = """
    SELECT id, floor FROM session WHERE source = ? AND id IN (SELECT value FROM json_each(?))
"""
_SAVE = """
    INSERT INTO session (source, id, floor) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET floor = max(floor, excluded.floor)
"""


class Floors(NamedTuple):
    """The floors that hold for some sessions, and those of them that were lower before."""

    all: Mapping[str, int]
    risen: Mapping[str, int]

    def kept(self, calls: Iterable[Call]) -> dict[int, Call]:
        """The calls that do not give way, by their keys."""
        floors, highest = self.all, max(self.all.values(), default=0)
        return {
            call.key: call
            for call in calls
            if call.rank >= highest or call.rank >= floors.get(_session(call), 0)
        }


def raise_floors(
    connection: sqlite3.Connection, source_id: int, harvests: Iterable[Harvest]
) -> Floors:
    """Keep the floors that these harvests tell of, and say which hold now."""
    told: dict[str, int] = {}
    for harvest in harvests:
        for session, floor in harvest.floors:
            told[clean(session)] = max(floor, told.get(clean(session), 0))
    if not told:
        return Floors({}, {})
    stored = dict(connection.execute(_STORED, (source_id, json.dumps(list(told)))))
    risen = {name: told[name] for name, floor in stored.items() if told[name] > floor}
    connection.executemany(_SAVE, [(source_id, name, floor) for name, floor in told.items()])
    return Floors({**told, **{name: max(told[name], stored[name]) for name in stored}}, risen)


def calls_below(
    connection: sqlite3.Connection, source_id: int, floors: Mapping[str, int]
) -> list[tuple[int, int]]:
    """The keys and slices of a source's calls that give way now."""
    given = {"floors": json.dumps(floors), "source": source_id, "calls": CALLS}
    return connection.execute(_BELOW, given).fetchall() if floors else []


def _session(call: Call) -> str:
    return clean(call.origin.session)
