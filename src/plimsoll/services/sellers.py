"""Sellers: from which provider a source bought a model, and what that is called."""

from __future__ import annotations

from plimsoll.domain.errors import WrongUse
from plimsoll.ledger.catalog import Source, sources
from plimsoll.ledger.database import Ledger
from plimsoll.services.price_list import provider_of
from plimsoll.sources.base import provider


class Sellers:
    """The sellers of one archive, each asked for once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        known = sources(ledger, removed=True)
        in_use_last = sorted(known, key=lambda source: source.removed_at is None)
        self._sources = {source.name: source for source in in_use_last}
        self._found: dict[tuple[str, str | None], str] = {}

    def source(self, name: str) -> Source | None:
        """The source of this name; one in use goes before one that was removed."""
        return self._sources.get(name)

    def of(self, name: str, model: str | None) -> str:
        """The provider's word: an agent's calls say it themselves."""
        place = name, model
        if place not in self._found:
            source = self._sources.get(name)
            if source is None:
                self._found[place] = name
            elif model:
                self._found[place] = provider_of(self._ledger, source, model)
            else:
                self._found[place] = source.connector
        return self._found[place]

    @property
    def titles(self) -> dict[str, str]:
        """The names of all that were asked for, by their words."""
        return {seller: _title(seller) for seller in self._found.values()}


def _title(word: str) -> str:
    try:
        return provider(word).title
    except WrongUse:  # prices of a provider that is no source
        return word
