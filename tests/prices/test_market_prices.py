"""Prices for the market: means over whole weeks, and every list's offers with their dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from plimsoll.domain.tariff import Kind, PriceRow
from plimsoll.prices.board import offers
from plimsoll.prices.book import PriceBook
from plimsoll.prices.means import mean_prices
from plimsoll.prices.rates import Circumstances

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def asked(provider: str, model: str, currency: str = "") -> Circumstances:
    return Circumstances(provider, model, "", "", "", "", currency)


def week(last: date) -> list[date]:
    return [last - timedelta(days=back) for back in range(7)]


def test_a_week_has_35_peak_hours_of_168_whichever_day_ends_it():
    """DeepSeek asks twice as much for 7 hours of five days: 1 yuan × (133 + 2 · 35) ÷ 168."""
    flash = asked("deepseek", "deepseek-flash", "CNY")
    means = {
        mean_prices(PriceBook(), flash, week(date(2026, 11, day)))[1][Kind.INPUT]  # type: ignore[index]
        for day in range(8, 22)
    }
    assert means == {Fraction(1000) * (133 + 2 * 35) / 168}


def test_a_price_that_changes_within_the_week_counts_by_its_days():
    """$1 until 29 July, $0.20 from the 30th: two days of seven are at the new one on the 31st."""
    found = mean_prices(PriceBook(), asked("openai", "gpt-5.6-luna"), week(date(2026, 7, 31)))
    assert found is not None
    assert found[0] == "USD"
    assert found[1][Kind.INPUT] == Fraction(5 * 1000 + 2 * 200, 7)


def test_what_nobody_prices_has_no_mean():
    assert mean_prices(PriceBook(), asked("openai", "nobody-knows-1"), week(NOW.date())) is None
    assert mean_prices(PriceBook(), asked("openai", "gpt-5.4"), []) is None


def test_a_list_in_two_currencies_has_no_mean_until_one_is_known():
    assert mean_prices(PriceBook(), asked("moonshot", "kimi-k3"), week(NOW.date())) is None


def own(begin: datetime | None, end: datetime | None, dollars: str) -> PriceRow:
    return PriceRow(
        "openai",
        ("in-house-1",),
        "USD",
        ((Kind.INPUT, Decimal(dollars)),),
        effective_from=begin,
        effective_to=end,
    )


def test_an_own_price_has_its_past_and_what_is_coming():
    june, december = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    rows = (own(december, None, "9"), own(None, june, "1"), own(june, december, "4"))
    (mine,) = (offer for offer in offers(rows, snapshot=None, now=NOW) if offer.layer == "own")
    assert mine.prices == {Kind.INPUT: 4000}
    assert [(one.begins, one.prices[Kind.INPUT]) for one in mine.past] == [
        (None, 1000),
        (june, 4000),
    ]
    assert [(one.begins, one.prices[Kind.INPUT]) for one in mine.coming] == [(december, 9000)]


def test_a_price_that_has_ended_is_no_offer():
    ended = own(None, datetime(2026, 6, 1, tzinfo=UTC), "1")
    assert not [offer for offer in offers((ended,), snapshot=None, now=NOW) if offer.layer == "own"]


def test_tiers_are_told_as_shares_of_the_price():
    haiku = next(
        offer
        for offer in offers((), snapshot=None, now=NOW)
        if (offer.provider, offer.model) == ("anthropic", "claude-haiku-4-5")
    )
    assert dict(haiku.tiers)["batch"] == Fraction(1, 2)
