"""List worth: what tokens would have cost in the place of a row, by the list of its time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from plimsoll.domain.calendar import day_start
from plimsoll.domain.money import Money
from plimsoll.domain.question import Row
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import Attribution, UsageRecord
from plimsoll.ledger import accounts
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.price_list import provider_of
from plimsoll.services.pricing import Pricing

_HOUR = timedelta(hours=1)


class ListWorth:
    """List prices of tokens as they would have been in a row's place."""

    def __init__(self, ledger: Ledger, book: Pricing) -> None:
        self._ledger = ledger
        self._book = book
        self._sources = {source.name: source for source in accounts.sources(ledger, removed=True)}
        self._providers: dict[tuple[str, str], str] = {}

    def of(self, row: Row, tokens: Tokens) -> Money | None:
        """What these tokens cost at the day, hour, source, model and tier of a row, whose key has
        them in this order; None where the list does not say.
        """
        day, hour, name, model, tier = row.key
        source = self._sources.get(name or "")
        if source is None or model is None:
            return None
        start = datetime.fromisoformat(hour) if hour else day_start(date.fromisoformat(day or ""))
        end = start + (_HOUR if hour else timedelta(days=1))
        record = UsageRecord(start, end, Attribution(model=model, tier=tier), tokens)
        return self._book.compute(record, source, provider=self._provider(source, model)).worth

    def _provider(self, source: Source, model: str) -> str:
        key = source.name, model
        if key not in self._providers:
            self._providers[key] = provider_of(self._ledger, source, model)
        return self._providers[key]
