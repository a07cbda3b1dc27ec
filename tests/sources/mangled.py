"""Agents' files in which values are not what they should be: any value may stand for any other."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from random import Random
from typing import Any

_ODD: tuple[Any, ...] = (
    *(None, [], {}, "", "x", "\x00", "\ud800", "1e999", [None], {"a": 1}, True),
    *(-1, 0, 1, 1.5, 1e308, 10**15, -(10**18), 2**63, 10**30, 253_402_300_799_999),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
)
_ODD_CELLS = (None, -1, "x", b"\xff\xfe", 2**62, -(2**62), 1.5, 1e300, "", 0)


def mangle(home: Path, dice: Random) -> None:
    """Change some values in every file below a folder, and leave out others."""
    share = dice.choice([0.02, 0.1, 0.3])
    for path in sorted(home.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if content.startswith(b"SQLite format"):
                _mangle_database(path, dice, share)
            else:
                lines = [_mangled_line(line, dice, share) for line in content.split(b"\n")]
                path.write_bytes(b"\n".join(lines))


def _mangled_line(line: bytes, dice: Random, share: float) -> bytes:
    try:
        return json.dumps(_mangled(json.loads(line), dice, share)).encode()
    except ValueError:
        return bytes(dice.randrange(256) if dice.random() < share / 9 else byte for byte in line)


def _mangled(value: Any, dice: Random, share: float) -> Any:
    if dice.random() < share / 4:
        return dice.choice(_ODD)
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if dice.random() > share / 4}
        return {name: _mangled(one, dice, share) for name, one in kept.items()}
    if isinstance(value, list):
        return [_mangled(one, dice, share) for one in value]
    return dice.choice(_ODD) if dice.random() < share else value


def _mangle_database(path: Path, dice: Random, share: float) -> None:
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        for row in connection.execute(f'SELECT rowid, * FROM "{table}"').fetchall():
            for column, value in zip(columns, row[1:], strict=True):
                new = value
                if isinstance(value, str) and value.startswith(("{", "[")):
                    new = _mangled_line(value.encode(), dice, share).decode("utf-8", "replace")
                elif dice.random() < share:
                    new = dice.choice(_ODD_CELLS)
                try:
                    query = f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?'
                    connection.execute(query, (new, row[0]))
                except sqlite3.Error:
                    continue  # the table itself refuses it
    connection.commit()
    connection.close()
