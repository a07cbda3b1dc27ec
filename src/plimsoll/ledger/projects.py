"""Projects: the folders that agents worked in, and the repository that the disk told of each."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.question import Dimension
from plimsoll.domain.usage import NameKind
from plimsoll.ledger.cuts import CUT_OF
from plimsoll.ledger.database import Ledger

_FOLDERS = """
    SELECT DISTINCT r.source, t.text FROM source s
    JOIN usage_by_day r ON r.cut = ? AND r.source = s.id JOIN term t ON t.id = r.value
    WHERE s.kind = 'agent'
"""
_SET_NAME = """
    INSERT INTO name (source, kind, id, name) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET name = excluded.name
"""


def folders(ledger: Ledger) -> dict[int, frozenset[str]]:
    """The folders that each agent worked in, by the source."""
    found: dict[int, set[str]] = {}
    with ledger.reading() as connection:
        for source, text in connection.execute(_FOLDERS, (CUT_OF[Dimension.PROJECT],)):
            found.setdefault(source, set()).add(text)
    return {source: frozenset(texts) for source, texts in found.items()}


def told(ledger: Ledger) -> dict[str, str | None]:
    """The repository of every folder that was looked for; None where it was not there."""
    with ledger.reading() as connection:
        return dict(connection.execute("SELECT path, repository FROM project"))


def names(ledger: Ledger) -> dict[tuple[int, str], str]:
    """The short name of each source's folders."""
    query = "SELECT n.source, n.id, n.name FROM name n JOIN project p ON p.path = n.id"
    with ledger.reading() as connection:
        return {(source, path): name for source, path, name in connection.execute(query)}


def save(
    ledger: Ledger, looked: Mapping[str, str | None], names: Mapping[tuple[int, str], str]
) -> None:
    """Keep what the disk told of folders, and what the folders of each source are called."""
    kind = NameKind.PROJECT.value
    with ledger.writing() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO project (path, repository) VALUES (?, ?)", looked.items()
        )
        connection.executemany(
            _SET_NAME, [(source, kind, path, name) for (source, path), name in names.items()]
        )
