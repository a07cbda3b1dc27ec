"""The prices that come with Plimsoll: each with its source and day, and read back as written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from price_kit import NOW

from plimsoll.domain.tariff import UNITS, Kind, first_overlap
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices import overlay
from plimsoll.prices.book import PriceBook
from plimsoll.prices.listed import LISTS
from plimsoll.prices.pricefile import read_prices
from plimsoll.prices.words import class_rates
from plimsoll.shipped import resource

FILES = sorted(file for file in resource("prices").glob("*.toml") if file.stem != "holidays")
ROWS = overlay.rows()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_named_by_its_provider(file):
    rows = read_prices(file.read_text(encoding="utf-8"), name=file.name)
    assert {row.provider for row in rows} == {file.stem}


def test_every_price_says_where_and_when_it_was_read_and_belongs_to_nobody():
    for row in ROWS:
        assert row.link.startswith("https://"), row
        assert row.checked, row
        assert row.checked <= date(2026, 11, 27), row
        assert row.source is None, row
        assert len(row.note) <= 130, row


def test_no_model_has_two_prices_at_one_time():
    assert first_overlap(ROWS) is None


def test_no_maker_is_in_the_overlay_and_in_the_package_too():
    assert not {row.provider for row in ROWS} & set(LISTS)


def test_a_maker_with_lists_in_two_currencies_is_known_to_have_them():
    for provider in {row.provider for row in ROWS}:
        listed = {row.currency for row in ROWS if row.provider == provider}
        assert listed <= set(overlay.CURRENCIES.get(provider, listed))
        assert len(listed) == 1 or provider in overlay.CURRENCIES


def test_what_is_not_certain_says_so():
    unsure = {(row.provider, row.models[0], row.currency) for row in ROWS if row.note}
    assert {
        ("moonshot", "kimi-k3", "CNY"),
        ("zhipu", "glm-5.3-flashx", "CNY"),
        ("volcengine", "doubao-seed-2.1-pro", "CNY"),
        ("byteplus", "dola-seed-2-1-turbo", "USD"),
        ("alibaba", "qwen3-max", "CNY"),
        ("minimax", "MiniMax-M3.1-Flash", "USD"),
    } <= unsure
    assert ("deepseek", "deepseek-flash", "CNY") in {
        (row.provider, row.models[0], row.currency) for row in ROWS if not row.note
    }


def test_every_price_can_be_read_back_out_of_its_basis():
    book = PriceBook()
    for row in ROWS:
        start = row.effective_from or (row.effective_to or NOW) - timedelta(hours=1)
        prices = {kind: price for kind, price in row.rates if kind not in UNITS}
        if not prices:
            continue
        record = UsageRecord(
            start,
            start + timedelta(minutes=1),
            Attribution(model=row.models[0]),
            Tokens(**dict.fromkeys(prices, 1)),
        )
        found = book.compute(record, provider=row.provider, currency=row.currency)
        assert found.worth is not None, row
        share = row.off_peak_multiplier if "off-peak" in found.basis else None
        read = class_rates(found.basis)
        assert read == {kind.value: price * (share or Decimal(1)) for kind, price in prices.items()}


def test_deepseeks_two_lists_change_at_the_same_instants():
    def changes(currency):
        return {
            (row.models, row.effective_from, row.effective_to, row.schedule)
            for row in ROWS
            if row.provider == "deepseek" and row.currency == currency
        }

    assert changes("CNY") == changes("USD")


def test_the_holidays_are_those_of_the_notices():
    days = overlay.holidays()["cn"]
    assert set(days) == {2025, 2026}
    assert (len(days[2025]), len(days[2026])) == (1 + 8 + 3 + 5 + 3 + 8, 3 + 9 + 3 + 5 + 3 + 3 + 7)
    assert all(day.year == year for year, year_days in days.items() for day in year_days)
    assert {date(2026, 2, 15), date(2026, 2, 23), date(2026, 10, 7)} <= days[2026]
    assert not {date(2026, 2, 14), date(2026, 9, 24), date(2026, 10, 8)} & days[2026]


def test_a_price_of_a_million_is_below_a_hundred_units_as_every_list_has_it():
    # a factor of 100 or 1000 in the file would be seen here
    for row in ROWS:
        for kind, price in row.rates:
            assert price <= (100 if kind not in UNITS else 10), row
            assert price == 0 or price >= Decimal("0.0028"), row
    assert max(dict(row.rates).get(Kind.OUTPUT, 0) for row in ROWS) == 100
