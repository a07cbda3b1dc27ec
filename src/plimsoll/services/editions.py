"""Editions: which prices hold now, and whether stored figures are of others; light."""

from __future__ import annotations

from pathlib import Path

from plimsoll import __version__
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.presence import has_own_prices, is_stale
from plimsoll.prices import edition

FETCHED = "fetched-prices.json"
"""The file of a data directory that holds fetched list prices."""


def is_behind(ledger: Ledger, folder: Path) -> bool:
    """Whether an older edition of the prices computed some of what is stored."""
    return is_stale(ledger, current_edition(ledger, folder))


def current_edition(ledger: Ledger, folder: Path) -> str:
    """The edition of the price book as it is now. The book is only put together where it holds more
    than what comes with Plimsoll.
    """
    if (folder / FETCHED).exists() or has_own_prices(ledger):
        from plimsoll.services.pricing import pricing

        return pricing(ledger, folder).edition
    return in_full(edition.joined(edition.listed(), edition.overlay()))


def in_full(book: str) -> str:
    """The edition of a price book, and of the program whose rules read it."""
    return f"Plimsoll {__version__}; {book}"
