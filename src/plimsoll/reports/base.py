"""What every report is made from, and the registry of formats: the file's ending chooses.

A format is one file in this folder that defines `SUFFIX` and `render(report) -> bytes`; the
registry lists the folder by file name and imports only the one that is named.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plimsoll.domain.errors import LedgerFull, LedgerUnreadable, WrongUse
from plimsoll.domain.question import Table
from plimsoll.domain.said import say

_DOUBLE_ENDING = ".focus.csv"
"""A format of its own, and never an ordinary `.csv`."""

_NOT_FORMATS = frozenset({"base", "document"})


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a report: one answer cut finely, and when it was made."""

    table: Table
    made_at: datetime


def format_names() -> tuple[str, ...]:
    """Every format there is, by its ending without the dot."""
    from plimsoll import reports

    modules = (module.name for module in pkgutil.iter_modules(reports.__path__))
    return tuple(sorted(name for name in modules if name not in _NOT_FORMATS))


def write_report(path: Path, report: Report) -> None:
    """Write a report whole or not at all, readable by its owner; the ending chooses the format.

    Raises `WrongUse` for an unknown ending, `LedgerFull` or `LedgerUnreadable` when the file
    cannot be written; an older file of that name is then left as it was.
    """
    ending = _DOUBLE_ENDING if path.name.lower().endswith(_DOUBLE_ENDING) else path.suffix.lower()
    name = ending.removeprefix(".").replace(".", "_")
    if name not in format_names():
        known = ", ".join(f".{name}" for name in format_names())
        raise WrongUse(
            say("No report ends in {ending}.", ending=ending or path.name),
            remedy=say("Known: {names}.", names=known),
        )
    module = importlib.import_module(f"plimsoll.reports.{name}")
    content: bytes = module.render(report)
    write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, flush it to the disk, then put it there in one step."""
    if path.is_dir():
        raise WrongUse(say("{path} is a folder.", path=str(path)), remedy=say("Name a file in it."))
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise LedgerUnreadable(
            say(
                "{path} could not be written ({strerror}).",
                path=str(path),
                strerror=str(error.strerror),
            ),
            remedy=say("Choose another folder, or check its permissions."),
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except OSError as error:
        Path(beside).unlink(missing_ok=True)
        raise LedgerFull(
            say(
                "{path} could not be written ({strerror}); what was there is untouched.",
                path=str(path),
                strerror=str(error.strerror),
            ),
            remedy=say("Free some space, or choose another folder."),
        ) from error
