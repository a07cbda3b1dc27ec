"""Pricing: the one place where a data directory's price book is put together, and asked.

It joins the prices that come with Plimsoll (or were fetched in their place), the user's own, and
what contracts take off. Every amount that is computed for the archive is computed here, when a
source is synced as well as when prices change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.tariff import Discount, PriceRow
from plimsoll.domain.usage import Computed, UsageRecord
from plimsoll.ledger.accounts import AGENT, FILE, Source, sources
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.own_prices import OwnPrices, OwnText, own_prices
from plimsoll.prices.book import InHours, PriceBook
from plimsoll.prices.many import CallPrices
from plimsoll.prices.overlay import CURRENCIES
from plimsoll.prices.pricefile import read_prices, write_prices
from plimsoll.prices.snapshot import Snapshot
from plimsoll.services.account_words import CURRENCY
from plimsoll.services.editions import in_full
from plimsoll.services.fetched_prices import fetched_prices
from plimsoll.sources.base import billed_in, provider


class Pricing:
    """A price book that is asked by source; safe to use from several threads.

    The book knows accounts by their `uid`, which no renaming changes.
    """

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self._currencies: dict[tuple[int, str], str | None] = {}

    @property
    def edition(self) -> str:
        """Which prices these are, and whose rules read them, to be kept with what they computed."""
        return in_full(self.book.edition)

    def compute(
        self, record: UsageRecord, source: Source, *, provider: str | None = None
    ) -> Computed:
        """What a record of a source is worth, and what its contract takes off.

        `provider` is whose prices count, where that is not the source's own.
        """
        seller = seller_of(record, provider or source.connector)
        return self.book.compute(
            record,
            provider=seller,
            source=source.uid,
            currency=self._currency_of(source, seller),
        )

    def hours_of(self, record: UsageRecord, source: Source) -> InHours | None:
        """Whether a record of a source was in peak hours; None where its price has none."""
        return self.book.hours_of(
            record,
            provider=source.connector,
            source=source.uid,
            currency=self._currency_of(source, seller_of(record, source.connector)),
        )

    def call_prices(self, source: Source) -> CallPrices:
        """The same for the single calls of an agent, of which there are many."""
        currency = dict(source.settings).get(CURRENCY)
        return CallPrices(self.book, source=source.uid, currency=currency)

    def _currency_of(self, source: Source, seller: str) -> str | None:
        place = (source.id, seller)
        if place not in self._currencies:
            self._currencies[place] = currency_of(source, seller)
        return self._currencies[place]


def pricing(ledger: Ledger, folder: Path) -> Pricing:
    """The price book of a data directory, as it is now."""
    return pricing_with(own_prices(ledger), fetched_prices(folder).snapshot)


def pricing_with(own: OwnPrices, snapshot: Snapshot | None) -> Pricing:
    """The price book with these own prices and discounts, and the list prices of a snapshot."""
    return Pricing(PriceBook(rows_of(own), own.discounts, snapshot=snapshot))


def rows_of(own: OwnPrices) -> tuple[PriceRow, ...]:
    """The own prices, each with the uid of its account; raises `PriceFileProblem` for bad text."""
    return tuple(
        replace(row, source=kept.source)
        for number, kept in enumerate(own.prices, start=1)
        for row in read_prices(kept.text, name=f"your own price number {number}")
    )


def texts_of(rows: Sequence[PriceRow]) -> tuple[OwnText, ...]:
    """Own prices with uids, as they are kept."""
    return tuple(OwnText(row.source, write_prices([replace(row, source=None)])) for row in rows)


class Accounts:
    """The names of sources and their uids, both ways; a name means the source that is in use."""

    def __init__(self, ledger: Ledger) -> None:
        known = sources(ledger, removed=True)
        self._names: Mapping[str, str] = {source.uid: source.name for source in known}
        self._uids: Mapping[str, str] = {
            source.name: source.uid
            for source in sorted(known, key=lambda source: source.removed_at is None)
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Every name."""
        return tuple(self._uids)

    def uid(self, name: str) -> str:
        """The uid of the source of that name; raises `WrongUse` for an unknown one."""
        found = self._uids.get(name)
        if found is None:
            raise WrongUse(
                say("There is no source called {name}.", name=name),
                remedy=f"Known: {', '.join(self._uids)}."
                if self._uids
                else say("None has been added yet."),
            )
        return found

    def row_by_uid(self, row: PriceRow) -> PriceRow:
        """A price whose account is named by its uid."""
        return row if row.source is None else replace(row, source=self.uid(row.source))

    def row_by_name(self, row: PriceRow) -> PriceRow:
        """A price whose account is named as the user names it."""
        return row if row.source is None else replace(row, source=self._names[row.source])

    def discount_by_uid(self, discount: Discount) -> Discount:
        """A discount whose account is named by its uid."""
        return replace(discount, source=self.uid(discount.source))

    def discount_by_name(self, discount: Discount) -> Discount:
        """A discount whose account is named as the user names it."""
        return replace(discount, source=self._names[discount.source])


def seller_of(record: UsageRecord, provider: str) -> str:
    """Whose prices count for a record: whom an agent's call names, else the `provider`."""
    return dict(record.details).get("provider", provider)


def currency_of(source: Source, seller: str) -> str | None:
    """The currency that decides which of a seller's price lists holds for an account, None where
    there is one. What an agent pays in is for sellers with two lists: it uses many.
    """
    if source.kind == AGENT:
        return dict(source.settings).get(CURRENCY) if seller in CURRENCIES else None
    if source.kind == FILE:
        return dict(source.settings).get(CURRENCY)
    try:
        connector = provider(source.connector)
    except WrongUse:  # figures of a connector that this program does not have
        return None
    return billed_in(connector, dict(source.settings), source.base_url)
