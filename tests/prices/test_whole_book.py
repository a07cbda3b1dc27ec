"""The whole list that comes with Plimsoll: no decimal point is misplaced in it, and its models are
found by the names that providers' own records give them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from price_kit import at, usage

from plimsoll.domain.tariff import UNITS, Kind, PriceRow
from plimsoll.prices import overlay
from plimsoll.prices.book import PriceBook

ROWS = overlay.rows()
SITES = {"zhipu": "zai", "volcengine": "byteplus"}
"""Whose list abroad belongs to whose on the mainland, where the two have words of their own."""

NOW = at("2026-11-17 02:00")  # a Tuesday's peak hours in Beijing, as the package has them, too

LOWEST, HIGHEST = Decimal("1.2"), Decimal(12)
"""Yuan for a dollar, between a maker's two lists: the widest gaps are real, and found in both."""

PACKAGE = {
    "deepseek": ("deepseek", "USD", Decimal(1)),
    "moonshot": ("moonshotai", "USD", Decimal(1)),
    "minimax": ("minimax", "USD", Decimal(1)),
    "zai": ("zai", "USD", Decimal(1)),
    "zhipu": ("zhipuai", "CNY", Decimal("7.25")),
}
"""The package's words for makers whose prices come from elsewhere, and what it divided them by."""

PACKAGE_KINDS = {
    Kind.INPUT: "input_mtok",
    Kind.CACHE_READ: "cache_read_mtok",
    Kind.CACHE_WRITE_5M: "cache_write_mtok",
    Kind.OUTPUT: "output_mtok",
}


def names(row: PriceRow) -> set[str]:
    return {name.casefold() for name in row.models}


def bands(row: PriceRow) -> dict[int, dict[Kind, Decimal]]:
    return {0: dict(row.rates), **{step.above: dict(step.rates) for step in row.steps}}


def lists_compared(rows: Sequence[PriceRow]) -> Iterator[tuple[PriceRow, Kind, Decimal]]:
    """Yuan for a dollar, of each kind of price that both of a maker's lists have at one time."""
    for home in (row for row in rows if row.currency == "CNY"):
        for away in rows:
            same = away.provider == SITES.get(home.provider, home.provider)
            if not same or away.currency != "USD" or not names(home) & names(away):
                continue
            if (home.effective_from, home.effective_to) != (away.effective_from, away.effective_to):
                continue
            for above, prices in bands(home).items():
                others = bands(away).get(above, {})
                for kind in prices.keys() & others.keys():
                    if others[kind]:
                        yield home, kind, prices[kind] / others[kind]


def package_compared(rows: Sequence[PriceRow]) -> Iterator[tuple[PriceRow, Kind, Decimal]]:
    """Ours as a share of the package's, of each kind of price that both have now."""
    from genai_prices.data_snapshot import get_snapshot

    package = get_snapshot()
    for row in rows:
        word, currency, divided_by = PACKAGE.get(row.provider, ("", "", Decimal(1)))
        if row.currency != currency or not row.holds_at(NOW):
            continue
        for name in row.models:
            try:
                _, model = package.find_provider_model(name, None, word, None)
            except LookupError:
                continue
            theirs = model.get_prices(NOW)
            for kind, price in row.rates:
                found = getattr(theirs, PACKAGE_KINDS.get(kind, ""), None)
                base = getattr(found, "base", found)
                if base:
                    yield row, kind, price / (base * divided_by)


def outside(
    found: Iterator[tuple[PriceRow, Kind, Decimal]], low: Decimal, high: Decimal
) -> list[str]:
    return [
        f"{row.provider} {row.models[0]} {row.currency} {kind}: {share:.3g}"
        for row, kind, share in found
        if not low <= share <= high
    ]


def test_a_makers_two_lists_are_a_rate_of_exchange_apart_and_no_decimal_point():
    assert outside(lists_compared(ROWS), LOWEST, HIGHEST) == []
    compared = {row.provider for row, _, _ in lists_compared(ROWS)}
    assert compared == {*overlay.CURRENCIES, *SITES}


def test_where_the_package_has_a_price_too_ours_is_the_same():
    # It rounds yuan, divided by 7.25, to a thousandth of a dollar.
    assert outside(package_compared(ROWS), Decimal("0.95"), Decimal("1.05")) == []
    assert {row.provider for row, _, _ in package_compared(ROWS)} == set(PACKAGE)


@pytest.mark.parametrize("factor", [10, 100, 1000], ids="times {}".format)
@pytest.mark.parametrize("upwards", [True, False], ids=["up", "down"])
def test_a_misplaced_decimal_point_would_be_seen(factor, upwards):
    share = Decimal(factor) if upwards else 1 / Decimal(factor)
    for compared, low, high in (
        (lists_compared, LOWEST, HIGHEST),
        (package_compared, Decimal("0.95"), Decimal("1.05")),
    ):
        for row, kind, _ in compared(ROWS):
            broken = replace(
                row, rates=tuple((k, p * share if k is kind else p) for k, p in row.rates)
            )
            rest = [broken if other is row else other for other in ROWS]
            if dict(row.rates).get(kind):
                assert outside(compared(rest), low, high), (row, kind)


def test_the_prices_of_one_model_keep_their_order():
    for row in ROWS:
        last: dict[Kind, Decimal] = {}
        for above, prices in sorted(bands(row).items()):
            fresh, out = prices.get(Kind.INPUT), prices.get(Kind.OUTPUT)
            if fresh:
                read = prices.get(Kind.CACHE_READ, fresh)
                assert fresh / 150 <= read <= fresh / 2 or read == fresh, (row, above)
                assert out is None or fresh * 2 <= out <= fresh * 10, (row, above)
            for kind, price in prices.items():
                if kind not in UNITS:
                    shorter = last.get(kind, price)
                    assert shorter <= price <= shorter * 5, (row, above, kind)
            last |= prices


@pytest.mark.parametrize(
    ("provider", "currency", "raw", "listed"),
    [
        ("alibaba", "CNY", "qwen3.8-max", "qwen3.8-max"),
        ("alibaba", "CNY", "qwen3.8-max-2026-09-02", "qwen3.8-max"),
        ("alibaba", "CNY", "qwen3.8-max-0902", "qwen3.8-max-0902"),
        ("alibaba", "USD", "qwen3.7-plus-2026-05-26", "qwen3.7-plus"),
        ("alibaba", "CNY", "MiniMax/MiniMax-M3.1-Flash", "MiniMax/MiniMax-M3.1-Flash"),
        ("volcengine", "CNY", "doubao-seed-2-1-pro-260628", "doubao-seed-2-1-pro"),
        ("volcengine", "CNY", "doubao-seed-2-1-pro-260915", "doubao-seed-2-1-pro"),
        ("volcengine", "CNY", "Doubao-Seed-2.0-pro", "doubao-seed-2.0-pro"),
        ("volcengine", "CNY", "doubao-seed-2-0-lite-260428", "doubao-seed-2-0-lite"),
        ("byteplus", "USD", "dola-seed-2-1-turbo-260628", "dola-seed-2-1-turbo"),
        ("byteplus", "USD", "seed-2-0-code-preview-260328", "seed-2-0-code-preview"),
        ("moonshot", "CNY", "kimi-k2.7-code-highspeed", "kimi-k2.7-code-highspeed"),
        ("minimax", "CNY", "minimax-m3", "MiniMax-M3"),
        ("minimax", "USD", "MiniMax-M2.5-highspeed", "MiniMax-M2.5-highspeed"),
        ("zhipu", "CNY", "GLM-5.3-FlashX", "glm-5.3-flashx"),
        ("zai", "USD", "GLM-5.2", "glm-5.2"),
        ("deepseek", "CNY", "DeepSeek-V4-Flash", "deepseek-v4-flash"),
        ("xiaomi", "CNY", "mimo-v2.6-pro", "mimo-v2.6-pro"),
    ],
)
def test_names_as_the_providers_spell_them_are_priced(provider, currency, raw, listed):
    found = PriceBook().compute(usage(raw, "1000/0/0/0/10"), provider=provider, currency=currency)
    assert found.worth is not None
    assert found.worth.currency == currency
    assert f"list price of {listed} (" in found.basis


@pytest.mark.parametrize("name", ["doubao-seed-2-1-pro-261301", "doubao-seed-2-1-pro-26062"])
def test_what_is_no_date_is_part_of_the_name(name):
    assert PriceBook().compute(usage(name), provider="volcengine").worth is None
