"""Projects: what the folders that agents worked in are called, one name for a repository.

The disk is asked once for each folder, in its own time and never for long: a folder on a network
that does not answer goes by its path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from plimsoll.analysis.projects import repositories, short_names
from plimsoll.ledger import projects
from plimsoll.ledger.database import Ledger
from plimsoll.sources.logs.patience import each_within
from plimsoll.sources.logs.worktrees import repository_of

PATIENCE = 2.0
"""Seconds that the disk has for one folder that is new."""

_MOST_SILENT = 2
"""How many folders are waited for in vain; the rest is asked about the next time."""


def name_projects(ledger: Ledger, *, home: Path) -> None:
    """Look at the folders that are new, and give those of one repository one short name."""
    used = projects.folders(ledger)
    told = projects.told(ledger)
    new = set().union(*used.values()) - told.keys()
    looked = _look(new, home)
    found = repositories({**dict.fromkeys(new), **told, **looked})
    called = short_names(found.values())
    wanted = {
        (source, path): called[found[path]] for source, paths in used.items() for path in paths
    }
    known = projects.names(ledger)
    changed = {key: name for key, name in wanted.items() if known.get(key) != name}
    if looked or changed:
        projects.save(ledger, looked, changed)


def folders_called(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """The folders behind each name of a project, in the order of their paths."""
    found: dict[str, set[str]] = {}
    for (_, path), name in projects.names(ledger).items():
        found.setdefault(name, set()).add(path)
    return {name: tuple(sorted(paths)) for name, paths in found.items()}


def _look(paths: Iterable[str], home: Path) -> dict[str, str | None]:
    """What the disk says of each folder that it has time for; of those that do not answer, and are
    not asked again, nothing.
    """
    answers: dict[str, str | None] = {}

    def ask(path: str) -> None:
        try:
            answers[path] = repository_of(path, home=home)
        except (OSError, ValueError):
            answers[path] = None

    silent = each_within(PATIENCE, deque(sorted(paths)), ask, most=_MOST_SILENT)
    return dict.fromkeys(silent) | dict(answers)
