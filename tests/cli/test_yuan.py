"""An archive of yuan alone works as one of dollars does."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from plimsoll.domain.calendar import day_start
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.usage import (
    Attribution,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.database import Ledger
from plimsoll.services.clock import SystemClock

LAST = date(2026, 11, 19)


@pytest.fixture
def yuan(cli: Any, tmp_path: Path) -> Any:
    """Seven yuan a day for six weeks, in the archive that the commands use."""
    ledger = Ledger.open(tmp_path / "data", clock=SystemClock())
    source = catalog.add_source(ledger, name="East", connector="openai").id
    slices = []
    for back in range(42):
        day = LAST - timedelta(days=back)
        start = day_start(day)
        record = UsageRecord(
            start, start + timedelta(hours=1), Attribution(model="deepseek-v4"), Tokens(10)
        )
        worth = Computed(Money("CNY", 7 * NANO), "list")
        slices.append(PricedSlice(Slice("usage", day, (record,)), (worth,)))
    usage.replace_slices(ledger, source, slices, revision_days=3)
    ledger.close()
    return cli


def test_spend_is_in_yuan(yuan: Any) -> None:
    [amounts] = yuan("spend", "--json").json["total"]["amounts"]
    assert (amounts["currency"], Decimal(amounts["estimated"])) == ("CNY", 19 * 7)
    assert "¥133.00 estimated" in yuan("spend").out


def test_the_forecast_is_in_yuan(yuan: Any) -> None:
    [end] = yuan("forecast", "--json").json["month_end"]
    assert end["currency"] == "CNY"
    assert Decimal(200) < Decimal(end["median"]) < Decimal(220)


def test_a_budget_is_in_yuan_without_saying_so(yuan: Any) -> None:
    assert "¥133.00 of ¥200.00" in yuan("budget", "set", "Team", "--amount", "200").out
    dollars = yuan("budget", "set", "West", "--amount", "200", "--currency", "USD")
    assert "$0.00 of $200.00" in dollars.out


@pytest.mark.parametrize("code", ["RMB", "XYZ", "Y"])
def test_a_budget_in_no_currency_is_refused(yuan: Any, code: str) -> None:
    refused = yuan("budget", "set", "Team", "--amount", "200", "--currency", code)
    assert refused.code == 2


def test_before_any_spend_a_budget_is_in_dollars(cli: Any) -> None:
    assert "$0.00 of $200.00" in cli("budget", "set", "Team", "--amount", "200").out
