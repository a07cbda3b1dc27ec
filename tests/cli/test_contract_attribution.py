"""Money by what the provider does not bill by: a named row has all of its money or none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from anthropic_on_loopback import LoopbackAnthropic


@pytest.fixture
def half_billed(cli: Any, claude: LoopbackAnthropic) -> LoopbackAnthropic:
    """The older reports bill no key; the 13th is not billed yet, and only estimated."""
    claude.cost(date(2026, 11, 10), "123.45")
    for day in (10, 13):
        at = datetime(2026, 11, day, 5, tzinfo=UTC)
        claude.tokens(at, fresh=1_000_000, api_key_id="apikey_1")
    claude.tokens(datetime(2026, 11, 13, 6, tzinfo=UTC), fresh=1_000_000, api_key_id="apikey_2")
    assert cli("sync").code == 0
    return claude


def _money(cli: Any, *words: str) -> dict[Any, tuple[str, str, str]]:
    document = cli("spend", "--json", *words).json
    by = next((name for name in ("key", "model") if name in words), None)
    rows = {
        row[by] if by else "all": tuple(
            row["amounts"][0][kind] if row["amounts"] else "0"
            for kind in ("billed", "estimated", "worth")
        )
        for row in document["rows"]
    }
    for place, kind in enumerate(("billed", "estimated", "worth")):
        total = document["total"]["amounts"]
        told = Decimal(total[0][kind]) if total else Decimal(0)
        assert sum(Decimal(amounts[place]) for amounts in rows.values()) == told
    return rows


@pytest.mark.usefixtures("half_billed")
def test_a_key_has_no_part_of_its_money_where_some_of_it_is_not_told(cli: Any) -> None:
    assert _money(cli, "--by", "key") == {
        "apikey_1": ("0", "0", "6.00"),
        "apikey_2": ("0", "0", "3.00"),
        None: ("1.2345", "6.00", "0"),
    }


@pytest.mark.usefixtures("half_billed")
def test_a_period_without_charges_is_told_by_key(cli: Any) -> None:
    assert _money(cli, "--by", "key", "--from", "2026-11-13", "--to", "2026-11-13") == {
        "apikey_1": ("0", "3.00", "3.00"),
        "apikey_2": ("0", "3.00", "3.00"),
    }


@pytest.mark.usefixtures("half_billed")
def test_a_condition_counts_money_as_the_rows_do(cli: Any) -> None:
    assert _money(cli, "--where", "key=apikey_1") == {"all": ("0", "0", "6.00")}
    assert _money(cli, "--where", "key=") == {"all": ("1.2345", "6.00", "0")}


@pytest.mark.usefixtures("half_billed")
def test_what_is_billed_by_keeps_its_money(cli: Any) -> None:
    assert _money(cli, "--by", "model") == {"claude-sonnet-4-5": ("1.2345", "6.00", "9.00")}
