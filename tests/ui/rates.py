"""Exchange rates that somebody set, and the page that shows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from august import TODAY

from plimsoll.domain.exchange import Rate
from plimsoll.services.currencies import Currencies

RATES = (
    Rate(date(2026, 8, 10), "USD", "CNY", Decimal("7.12"), "Bank of China, middle rate"),
    Rate(date(2026, 1, 1), "USD", "CNY", Decimal("7.05")),
)


def currencies_page() -> Currencies:
    """Dollars and yuan with two rates, the newest first."""
    return Currencies(
        today=TODAY,
        display="",
        target="USD",
        spent_in=("USD", "CNY"),
        rates=RATES,
        left_out=(),
        first_day=date(2025, 8, 12),
    )
