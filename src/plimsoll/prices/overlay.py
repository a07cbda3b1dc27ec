"""Overlay: the prices that come with Plimsoll, one file a provider, and the holidays they need.

Only makers whose prices genai-prices has wrong or not at all are in it (docs/decisions, 0010).
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache

from plimsoll.domain.tariff import Holidays, PriceRow
from plimsoll.prices.edition import HOLIDAYS
from plimsoll.prices.pricefile import read_prices
from plimsoll.prices.shelf import Shelf
from plimsoll.shipped import resource

CURRENCIES = {
    "alibaba": ("CNY", "USD"),
    "deepseek": ("CNY", "USD"),
    "minimax": ("CNY", "USD"),
    "moonshot": ("CNY", "USD"),
    "xiaomi": ("CNY", "USD"),
}
"""Makers that bill in two currencies, each by its own list, whether both lists are known or not:
without the account's currency there is no telling which holds."""


@cache
def rows() -> tuple[PriceRow, ...]:
    """Every price that comes with Plimsoll."""
    files = sorted(resource("prices").glob("*.toml"))
    return tuple(
        row
        for file in files
        if file.name != HOLIDAYS
        for row in read_prices(file.read_text(encoding="utf-8"), name=file.name)
    )


@cache
def shelf() -> Shelf:
    """The same prices, found by provider and model."""
    return Shelf(rows(), own=False, choices=CURRENCIES)


@cache
def holidays() -> Holidays:
    """The public holidays that are known, by calendar and year."""
    tables = tomllib.loads(resource(f"prices/{HOLIDAYS}").read_text(encoding="utf-8"))
    return {
        calendar: {year["year"]: frozenset(_days(year["days"])) for year in years}
        for calendar, years in tables.items()
    }


def _days(spans: list[tuple[date, date]]) -> list[date]:
    return [
        first + timedelta(days=offset)
        for first, last in spans
        for offset in range((last - first).days + 1)
    ]


__all__ = ["CURRENCIES", "holidays", "rows", "shelf"]
