"""Tables of an agent's database: read row by row from a private copy, whatever state it is in.

Versions of an agent differ in their columns, so that a column which is not there reads as None; a
text that is no UTF-8 is replaced where it is not, because it is somebody's content. Where a page is
damaged, what stands before it counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plimsoll.sources.logs.notes import Notes

Row = tuple[Any, ...]


class Tables:
    """The tables of one copy. Names of tables and columns are the reader's own words."""

    def __init__(self, connection: sqlite3.Connection, notes: Notes) -> None:
        self._connection = connection
        self._notes = notes
        self._columns: dict[str, frozenset[str]] = {}

    def columns(self, table: str) -> frozenset[str]:
        """The columns that a table has; none where there is no such table."""
        if table not in self._columns:
            rows = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
            self._columns[table] = frozenset(name for (name,) in rows)
        return self._columns[table]

    def rows(self, table: str, *columns: str, holding: Sequence[str] = ()) -> Iterator[Row]:
        """A table's rows, those only whose last column contains one of the texts in `holding`
        where there are any. A damaged page ends them, and is counted.
        """
        known = self.columns(table)
        if not known:
            return
        wanted = [f'"{name}"' if name in known else "NULL" for name in columns]
        query = f'SELECT {", ".join(wanted)} FROM "{table}"'  # noqa: S608 - our own words
        if holding:
            query += " WHERE " + " OR ".join([f"instr({wanted[-1]}, ?)"] * len(holding))
        try:
            yield from self._connection.execute(query, tuple(holding))
        except sqlite3.DatabaseError:
            self._notes.bad_line()


@contextmanager
def tables_of(copy: Path, notes: Notes) -> Iterator[Tables]:
    """The tables of a private copy; raises `OSError` where it is no database."""
    connection = sqlite3.connect(copy)
    try:
        connection.text_factory = _text
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        yield Tables(connection, notes)
    except sqlite3.DatabaseError as error:
        raise OSError(f"it is no database that can be read ({error})") from None
    finally:
        connection.close()


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
