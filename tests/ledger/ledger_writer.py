"""A process of its own that writes into a ledger: run with the folder, a word, and what to do.

hold FOLDER WORD    take the write turn, say `held`, and keep it until its input ends
write FOLDER WORD   store thirty days one after another, as the source called WORD
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from ledger_kit import nov, priced, record, store

from plimsoll.domain.usage import Tokens
from plimsoll.ledger import catalog
from plimsoll.ledger.database import Ledger


class RealClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 15, tzinfo=UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def hold(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        connection.execute("INSERT INTO term (text) VALUES ('never kept')")
        sys.stdout.write("held\n")
        sys.stdout.flush()
        sys.stdin.read()
        os._exit(9)  # as if it had been killed


def write(ledger: Ledger, word: str) -> None:
    source = catalog.add_source(ledger, name=word, connector="openai")
    for day in range(1, 31):
        used = record(nov(day), tokens=Tokens(1), requests=1, model=f"{word} {day}")
        store(ledger, source.id, priced("tokens", nov(day), used))


if __name__ == "__main__":
    what, folder, word = sys.argv[1:]
    opened = Ledger.open(Path(folder), clock=RealClock(), who=word)
    hold(opened) if what == "hold" else write(opened, word)
    opened.close()
