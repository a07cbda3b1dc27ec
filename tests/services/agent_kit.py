"""A program with coding agents whose logs are written line by line, for tests of the services."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from made_up import SetClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Attribution, Charge, PricedSlice, Slice
from plimsoll.ledger import accounts, catalog, usage
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from log_kit import CLAUDE, CODEX, Logs

NOW = datetime(2026, 9, 3, 9, tzinfo=UTC)
DAY = date(2026, 9, 2)
"""The day of everything that `log_kit` writes."""

PERIOD = Period(DAY, DAY)


class Desk:
    """A home folder with logs, and an archive that reads them through `--set root=`."""

    def __init__(self, folder: Path) -> None:
        self.logs = Logs(folder / "home")
        self.program = Program(folder / "data", clock=SetClock(NOW), vault=MemoryVault())

    def add(self, word: str = CLAUDE, name: str = "", **settings: str) -> None:
        root = self.logs.home / {CLAUDE: ".claude", CODEX: ".codex"}[word]
        root.mkdir(parents=True, exist_ok=True)
        given = {"root": str(root), "money": "api", **settings}
        self.program.add_source(word, name=name or word, key=None, settings=given)

    def sync(self) -> None:
        outcome = self.program.sync()
        assert [source.failure for source in outcome.failed] == []

    def rows(self, *by: Dimension) -> dict[tuple[str | None, ...], Row]:
        return {row.key: row for row in self.program.spend(Question(PERIOD, by)).rows}

    def add_account(self, name: str) -> None:
        """An Anthropic account, which is never asked here."""
        key = Secret(f"sk-ant-admin01-{name}" + "a" * 80)
        self.program.add_source("anthropic", name=name, key=key)

    def charge(self, name: str) -> None:
        """Five dollars of a bill on the day of the logs."""
        source = accounts.source_named(self.program.ledger, name)
        bill = Charge(Attribution(model="claude-opus-4-6"), Money("USD", 5 * NANO), "5")
        day = Slice("costs", DAY, charges=(bill,), bills_by=frozenset({"model"}))
        catalog.set_endpoints(self.program.ledger, source.id, ["costs"])
        usage.replace_slices(self.program.ledger, source.id, [PricedSlice(day)], revision_days=0)

    def close(self) -> None:
        self.program.close()


__all__ = ["CLAUDE", "CODEX", "DAY", "NOW", "PERIOD", "Desk", "Logs"]
