"""An archive with a source that bills dollars and one whose tokens are worth yuan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from made_up import NOW, TODAY, SetClock

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.exchange import Rate
from plimsoll.domain.money import Money
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.exchange import save_rate
from plimsoll.services.answers import Overview
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.overview import overview

NOVEMBER = Period(date(2026, 11, 1), TODAY)


class TwoPurses:
    """Charges of *West* in dollars, tokens of *East* in yuan, rates between them."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger.open(folder, clock=SetClock())
        self.dollars = catalog.add_source(self.ledger, name="West", connector="openai").id
        self.yuan = catalog.add_source(self.ledger, name="East", connector="deepseek").id

    def bill(self, day: date, **nanos: int) -> None:
        """Dollars charged on a day, by model."""
        charges = tuple(
            Charge(Attribution(model=model), Money("USD", amount), "")
            for model, amount in nanos.items()
        )
        self._store(
            self.dollars,
            PricedSlice(Slice("costs", day, charges=charges, bills_by=frozenset({"model"}))),
        )

    def use(self, day: date, **nanos: int) -> None:
        """Tokens of a day that are worth so many yuan, by model."""
        start = day_start(day)
        records = tuple(
            UsageRecord(start, start + timedelta(hours=1), Attribution(model=model), Tokens(1))
            for model in nanos
        )
        worths = tuple(Computed(Money("CNY", amount), "list") for amount in nanos.values())
        self._store(self.yuan, PricedSlice(Slice("usage", day, records), worths))

    def _store(self, source: int, priced: PricedSlice) -> None:
        usage.replace_slices(self.ledger, source, [priced], revision_days=3)

    def rate(self, value: str, day: date = NOVEMBER.first) -> None:
        save_rate(self.ledger, Rate(day, "USD", "CNY", Decimal(value)))

    def seen(self, *, together: bool | None = None, display: str = "", **more: str) -> Overview:
        return overview(
            self.ledger,
            now=NOW,
            table=forecast_table(),
            currency=more.get("currency"),
            span="month",
            together=together,
            display=display,
        )
