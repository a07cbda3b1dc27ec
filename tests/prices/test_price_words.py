"""The prices that a stored row keeps in words are read back as they were."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from plimsoll.domain.calendar import day_start
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.prices.words import class_rates

DAY = date(2026, 11, 20)


def test_the_words_of_a_price_are_read_as_they_are_written() -> None:
    record = UsageRecord(
        day_start(DAY),
        day_start(DAY) + timedelta(hours=1),
        Attribution(model="claude-sonnet-4-5"),
        Tokens(10, 10, 10, 10, 10),
    )
    computed = PriceBook().compute(record, provider="anthropic")
    rates = class_rates(computed.basis)
    assert set(rates) == {"input", "cache_read", "cache_write_5m", "cache_write_1h", "output"}
    assert computed.worth is not None
    assert 10 * sum(rates.values()) * 1000 == computed.worth.nanos


def test_what_names_no_price_has_none() -> None:
    assert class_rates("There is no list price for m.") == {}
    assert class_rates("") == {}
    assert class_rates("flat") == {}


def test_the_name_of_a_model_is_no_price() -> None:
    words = (
        "list price of gpt-4 input, prompts above 272,000 tokens: "
        "¥2.5 input, ¥10 output per million tokens"
    )
    assert class_rates(words) == {"input": Fraction(5, 2), "output": Fraction(10)}
