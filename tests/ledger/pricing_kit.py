"""A made-up price book for the ledger's tests: whole prices by model, what it asks is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ledger_kit import REVISION_DAYS

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Computed, PricedSlice, Slice, UsageRecord
from plimsoll.ledger import usage
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger


@dataclass(frozen=True)
class Book:
    """Nano-units a token by model, in one currency; a percentage off; from some day on."""

    prices: Mapping[str | None, int]
    currency: str = "USD"
    off: int = 0
    since: date = date(2000, 1, 1)
    asked: list[UsageRecord] = field(default_factory=list, compare=False)

    @property
    def edition(self) -> str:
        return f"{sorted(self.prices.items(), key=str)} {self.currency} {self.off} {self.since}"

    def compute(self, record: UsageRecord, source: Source) -> Computed:
        self.asked.append(record)
        price = self.prices.get(record.attribution.model)
        if price is None or utc_day(record.start) < self.since:
            return Computed(None, f"no price for {record.attribution.model} of {source.name}")
        nanos = price * record.tokens.total + sum(int(q) for _, q in record.units)
        off = nanos * self.off // 100
        return Computed(Money(self.currency, nanos), f"{price} a token, {self.off} % off", off)


def sync(ledger: Ledger, source: Source, book: Book, slices: Sequence[Slice]) -> None:
    """Store slices as a sync with this book does."""
    usage.replace_slices(
        ledger,
        source.id,
        [PricedSlice(s, tuple(book.compute(r, source) for r in s.records)) for s in slices],
        revision_days=REVISION_DAYS,
        edition=book.edition,
    )
