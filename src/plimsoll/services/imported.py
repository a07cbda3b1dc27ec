"""Imported sources: shown, changed and tested as sources that nobody is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import counted, say
from plimsoll.ledger import account_changes
from plimsoll.ledger.accounts import FILE, Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.imports import ImportedFile, imported_files
from plimsoll.services.account_words import MONEY, check_settings, checked_new_name
from plimsoll.services.outcomes import TestLine

KIND = FILE
"""The kind of a source that is made of imported files."""

SETTINGS = (MONEY,)


def edit_imported(
    ledger: Ledger,
    source: Source,
    *,
    new_name: str | None,
    settings: Mapping[str, str],
    keyed: bool,
) -> Source:
    """Change its name or settings; raises `WrongUse`, and where it is `keyed`."""
    if keyed:
        raise WrongUse(
            say(
                "{name} is made of imported files: it has neither key nor address.",
                name=source.name,
            )
        )
    check_settings(source.name, settings, known=SETTINGS)
    renamed = checked_new_name(ledger, source.name, new_name)
    return account_changes.change_source(
        ledger,
        source.id,
        name=renamed,
        base_url=None,
        settings=tuple(sorted({**dict(source.settings), **settings}.items())),
        key_tail="",
    )


def title_of(source: Source) -> str:
    """What its card is titled: the provider whose exports it is made of."""
    return say("{title}, imported", title=titles().get(source.connector, source.connector))


def titles() -> dict[str, str]:
    """The providers whose exports are known, by their words."""
    from plimsoll.sources.imports import formats

    return {made.provider: made.provider_title for made in formats()}


def examine(ledger: Ledger, source: Source) -> tuple[TestLine, ...]:
    """*Test* of it: what was imported, the newest first."""
    return tuple(TestLine(True, sentence_of(file)) for file in imported_files(ledger, source.id))


def sentence_of(file: ImportedFile) -> str:
    """What a file is good for now: its lines and its days."""
    when = say(
        "{name}, imported {time} UTC (SHA-256 {digest}…)",
        name=file.name,
        time=f"{file.at:%Y-%m-%d %H:%M}",
        digest=file.sha256[:12],
    )
    if file.days is None or file.lines is None:
        return say("{when}: newer files have replaced all of its days.", when=when)
    first, last = file.lines
    return say(
        "{when}: lines {first} to {last}, {count} from {first_day} to {last_day}.",
        when=when,
        first=first,
        last=last,
        count=counted(file.days_now, "1 day", "{count} days"),
        first_day=str(file.days.first),
        last_day=str(file.days.last),
    )
