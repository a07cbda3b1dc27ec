"""Projects: what the folders that agents worked in are called, one name for a repository.

The disk is asked once for each folder, in its own time and never for long: a folder on a network
that does not answer goes by its path.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Thread

from plimsoll.analysis.projects import repositories, short_names
from plimsoll.ledger import projects
from plimsoll.ledger.database import Ledger
from plimsoll.sources.logs.worktrees import repository_of

PATIENCE = 2.0
"""Seconds that the disk has for all folders that are new."""


def name_projects(ledger: Ledger, *, home: Path) -> None:
    """Look at the folders that are new, and give those of one repository one short name."""
    used = projects.folders(ledger)
    told = projects.told(ledger)
    new = set().union(*used.values()) - told.keys()
    looked = _look(new, home)
    found = repositories({**told, **looked})
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
    """What the disk says of each folder; of those that it has no time for, nothing."""
    found: dict[str, str | None] = dict.fromkeys(paths)

    def ask() -> None:
        for path in tuple(found):
            try:
                told = repository_of(path, home=home)
            except (OSError, ValueError):
                continue
            answers[path] = told

    answers: dict[str, str | None] = {}
    if found:
        # A thread that hangs on a dead mount is left behind, and ends with the program.
        asking = Thread(target=ask, name="plimsoll folders", daemon=True)
        asking.start()
        asking.join(PATIENCE)
    return found | dict(answers)
