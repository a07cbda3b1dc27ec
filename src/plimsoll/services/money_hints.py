"""Money hints: whether a plan or an API key seems to pay for an agent's tokens, and why.

Only the names of settings are looked at, and whether there is something behind them: whatever a
file holds is dropped while it is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from plimsoll.ledger import accounts, log_files, overlaps, subscriptions
from plimsoll.ledger.accounts import AGENT, Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.account_words import MONEY
from plimsoll.sources.logs.agent import Place
from plimsoll.sources.logs.regular import opened

Paid = Literal["plan", "api"]

_LARGEST = 1_000_000


class Sign(NamedTuple):
    """What tells of a plan or of a key: a variable that is set or, with a `file`, a member of it
    that says something; the file is where the variable `home` says, else in `folder` of the home
    folder.
    """

    paid: Paid
    member: str
    file: str = ""
    home: str = ""
    folder: str = ""

    def is_there(self, place: Place) -> bool:
        """Whether this machine has it."""
        if not self.file:
            return bool(place.environ.get(self.member, "").strip())
        named = place.environ.get(self.home, "").strip()
        folder = Path(named) if named else place.home / self.folder
        return self.member in _members(folder / self.file)


def _claude(paid: Paid, member: str, file: str) -> Sign:
    return Sign(paid, member, file, "CLAUDE_CONFIG_DIR", ".claude")


SIGNS: Mapping[str, tuple[Sign, ...]] = {
    "claude-code": (
        Sign("api", "ANTHROPIC_API_KEY"),
        _claude("api", "apiKeyHelper", "settings.json"),
        _claude("plan", "claudeAiOauth", ".credentials.json"),
    ),
    "codex": (
        Sign("plan", "tokens", "auth.json", "CODEX_HOME", ".codex"),
        Sign("api", "OPENAI_API_KEY", "auth.json", "CODEX_HOME", ".codex"),
    ),
}
"""For each agent the first sign that is there decides, as the agent itself decides: Claude Code
takes a key before a log-in, Codex a log-in before the key that some of its log-ins made."""


@dataclass(frozen=True, slots=True)
class MoneyQuestion:
    """What is still to be asked of an agent: whether a plan pays, while `paid` is only a guess (or
    empty), made by what `because` names; or, where a key pays, whether the bill of one of the
    `accounts` holds it already.
    """

    asks_account: bool = False
    paid: str = ""
    because: str = ""
    accounts: tuple[str, ...] = ()


def money_question(
    ledger: Ledger, source: Source, place: Place, *, today: date
) -> MoneyQuestion | None:
    """What the user has still to be asked about an agent's money; None where all is said."""
    said = dict(source.settings).get(MONEY, "")
    covered = [s for s in subscriptions.subscriptions(ledger) if s.source == source.name]
    if said == "plan" or any(made.covers(today) for made in covered):
        return None
    if not said:
        sign = next((s for s in SIGNS.get(source.connector, ()) if s.is_there(place)), None)
        if sign is None:
            return MoneyQuestion()
        because = f"{sign.file}: {sign.member}" if sign.file else sign.member
        return MoneyQuestion(paid=sign.paid, because=because)
    open_accounts = _accounts(ledger, source)
    return MoneyQuestion(asks_account=True, accounts=open_accounts) if open_accounts else None


def _accounts(ledger: Ledger, source: Source) -> tuple[str, ...]:
    """The accounts whose bill may hold an agent's calls, and of which nobody has said so or not."""
    provider = log_files.provider_of_calls(ledger, source.id)
    pairs = overlaps.overlaps(ledger)
    if any(pair.state.counts_once and pair.explainer == source.id for pair in pairs):
        return ()
    known = {number for pair in pairs if source.id in pair.both for number in pair.both}
    return tuple(
        other.name
        for other in accounts.sources(ledger)
        if other.kind != AGENT and other.connector == provider and other.id not in known
    )


def say_payer(ledger: Ledger, name: str, payer: str | None) -> None:
    """Keep whose bill holds an agent's calls: that of `payer`, or of none of the accounts that were
    asked about.
    """
    source = accounts.source_named(ledger, name)
    asked = _accounts(ledger, source)
    for other in asked if payer is None else (payer,):
        paying = accounts.source_named(ledger, other)
        once = payer is not None
        overlaps.settle(ledger, payer=paying.id, explainer=source.id, once=once)


def _members(file: Path) -> frozenset[str]:
    """The names of a file's members that have something in them; none where there is no such file.

    What they have is never kept: it may be a key.
    """
    try:
        with opened(file) as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            return frozenset()
        found = json.loads(content, object_pairs_hook=_names)
    except (OSError, ValueError, RecursionError):
        return frozenset()
    return found if isinstance(found, frozenset) else frozenset()


def _names(pairs: list[tuple[str, object]]) -> frozenset[str]:
    return frozenset(name for name, value in pairs if value)
