"""Many calls are priced quicker than one by one, and to the nano-unit the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from price_kit import row as own

from plimsoll.domain.calls import Call, Origin, Service, rank_of
from plimsoll.domain.tariff import Discount
from plimsoll.prices.book import PriceBook
from plimsoll.prices.many import REPORTED, CallPrices, _record

HERE = Origin("session", None, None, None, "human")
SERVICES = [
    Service("anthropic", "claude-opus-4-6", "standard"),
    Service("anthropic", "claude-sonnet-4-5", "batch"),
    Service("anthropic", "claude-sonnet-4-5", None, (("inference_geo", "us"),)),
    Service("anthropic", "claude-opus-4-6", None, (("speed", "fast"),)),
    Service("openai", "gpt-5.4", None, (("flag", "model_assumed"),)),
    Service("openai", "gpt-5.4", "priority"),
    Service("deepseek", "deepseek-chat", None),
    Service("anthropic", "nobody-knows", None),
    Service("anthropic", None, None),
    Service("anthropic", "claude-opus-4-6", None, (("cache_write_12h", "1"),)),
]
COUNTS = st.one_of(st.just(0), st.integers(0, 300_000), st.integers(0, 10**9))


def at(day: date, hour: int = 12) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp() * 1000)


@settings(max_examples=300)
@given(
    service=st.sampled_from(SERVICES),
    counts=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    day=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    requests=st.sampled_from([1, 1, 1, 0]),
    searches=st.sampled_from([0, 0, 0, 2]),
    discounted=st.booleans(),
)
def test_a_call_is_worth_what_the_price_book_says(
    service: Service,
    counts: tuple[int, ...],
    day: date,
    requests: int,
    searches: int,
    discounted: bool,
) -> None:
    book = PriceBook(discounts=[Discount("here", Decimal("12.5"))] if discounted else [])
    units = (("searches", searches),) if searches else ()
    rank = rank_of(output=0, total=0)
    call = Call(1, at(day), rank, HERE, service, *counts, 0, requests, units)
    prices = CallPrices(book, source="here", currency=None)
    expected = book.compute(_record(call), provider=service.provider, source="here")
    for _ in range(2):
        currency, worth, basis, off = prices(call)
        assert (worth, basis, off) == (
            expected.worth.nanos if expected.worth else None,
            expected.basis,
            expected.off,
        )
        assert currency == (expected.worth.currency if expected.worth else "")


def test_every_call_has_the_price_of_its_own_day_and_prompt() -> None:
    prices = CallPrices(PriceBook(), source="", currency=None)
    service = Service("anthropic", "claude-sonnet-4-5", None)
    day = date(2026, 2, 1)
    short = Call(1, at(day), 0, HERE, service, 200_000, output=0)
    long = short._replace(input=200_001)
    assert prices(short)[1] == 200_000 * 3000
    assert prices(long)[1] == 200_001 * 6000


def test_what_the_agent_reported_counts_where_no_price_is_known() -> None:
    prices = CallPrices(PriceBook(), source="", currency=None)
    unknown = Service("crush", "some-model", None)
    call = Call(1, at(date(2026, 2, 1)), 0, HERE, unknown, 100, cost=1_234)
    assert prices(call) == ("USD", 1_234, REPORTED, 0)
    assert prices(call._replace(cost=None))[1] is None
    known = Service("anthropic", "claude-opus-4-6", None)
    assert prices(call._replace(service=known))[2] != REPORTED
    assert prices(call._replace(service=known, input=0))[1] == 1_234


@pytest.mark.parametrize("currency", [None, "USD"])
def test_own_prices_hold_for_calls(currency: str | None) -> None:
    row = own(provider="anthropic", model="claude-opus-4-6", input="1")
    prices = CallPrices(PriceBook([row]), source="", currency=currency)
    call = Call(1, at(date(2026, 2, 1)), 0, HERE, SERVICES[0], 1_000_000)
    assert prices(call)[1] == 1_000_000_000
