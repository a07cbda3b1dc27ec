"""Freshness: how old the figures are at most."""

from __future__ import annotations

from datetime import datetime

from plimsoll.ledger import accounts, runs
from plimsoll.ledger.database import Ledger


def as_of(ledger: Ledger) -> datetime | None:
    """The oldest of the sources' last good syncs: no figure is older than that."""
    instants = [runs.last_success(ledger, s.id) for s in accounts.sources(ledger)]
    return min((instant for instant in instants if instant), default=None)
