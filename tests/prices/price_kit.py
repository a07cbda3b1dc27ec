"""Records and prices for the tests of the price book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from plimsoll.domain.tariff import Kind, PriceRow, Rates
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import PriceBook

NOW = datetime(2026, 11, 17, 20, tzinfo=UTC)  # a Tuesday, off-peak in Beijing


def at(text: str) -> datetime:
    """An instant in UTC, from `2026-11-17 02:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def usage(
    model: str = "m",
    tokens: str = "1000000/0/0/0/0",
    *,
    start: datetime = NOW,
    hours: float = 1,
    tier: str | None = None,
    requests: int | None = 1,
    units: dict[str, str] | None = None,
    details: dict[str, str] | None = None,
) -> UsageRecord:
    """A record; `tokens` are fresh input/cache read/short writes/long writes/output."""
    return UsageRecord(
        start,
        start + timedelta(hours=hours),
        Attribution(model=model, tier=tier),
        Tokens(*(int(count) for count in tokens.split("/"))),
        requests=requests,
        units=tuple((unit, Decimal(text)) for unit, text in (units or {}).items()),
        details=tuple((details or {}).items()),
    )


def rates(**prices: str | int) -> Rates:
    return tuple((Kind(kind), Decimal(price)) for kind, price in prices.items())


def row(
    currency: str = "USD", *, provider: str = "openai", model: str = "m", **more: Any
) -> PriceRow:
    """A price row; what is no field of it is a price by its kind."""
    fields = {name: more.pop(name) for name in list(more) if name in PriceRow.__slots__}
    return PriceRow(provider, (model,), currency, rates(**more), **fields)


def worth(
    book: PriceBook,
    record: UsageRecord,
    provider: str = "openai",
    *,
    source: str = "",
    currency: str | None = None,
) -> str | None:
    """`USD 0.128`, or None where it is not priced."""
    found = book.compute(record, provider=provider, source=source, currency=currency).worth
    return f"{found.currency} {found.amount.normalize():f}" if found else None
