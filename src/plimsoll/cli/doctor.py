"""`plimsoll doctor`: what works, what does not, and what to do about it."""

from __future__ import annotations

import os

import click

from plimsoll.cli.session import common, print_out, session_of
from plimsoll.services.doctor import Check, Diagnosis, examine

_MARKS = {True: "ok  ", False: "FAIL", None: "    "}


@click.command("doctor")
@common
@click.pass_context
def command(context: click.Context) -> None:
    """Look at the program, the archive, the keyring and every source; change nothing."""
    session = session_of(context)
    found = examine(session.folder, clock=session.clock, environ=os.environ)
    if session.as_json:
        session.answer(_document(found))
    else:
        for check in found.checks:
            print_out(f"{_MARKS[check.ok]} {check.name}: {check.sentence} {check.remedy}".rstrip())
    context.exit(0 if found.ok else 1)


def _document(found: Diagnosis) -> dict[str, object]:
    return {
        "schema": 1,
        "version": found.version,
        "ok": found.ok,
        "checks": [_check(check) for check in found.checks],
        "sources": [
            {
                "name": card.name,
                "provider": card.provider,
                "key": card.key_place,
                "state": card.state.value,
                "last_sync": card.last_sync.isoformat() if card.last_sync else None,
                "failure": card.failure or None,
            }
            for card in found.sources
        ],
    }


def _check(check: Check) -> dict[str, object]:
    return {
        "name": check.name,
        "ok": check.ok,
        "sentence": check.sentence,
        "remedy": check.remedy or None,
    }
