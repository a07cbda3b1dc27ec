"""The prices that a stored row keeps in words are read back as they were."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from plimsoll.domain.calendar import day_start
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.prices.words import class_rates, unit_rates

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


def test_writes_of_twelve_hours_stand_for_longer_ones_where_those_have_no_price() -> None:
    words = "list price of m: $1 input, $2 cache write, $4 12-hour cache write per million tokens"
    assert class_rates(words)["cache_write_1h"] == 4
    both = words.replace("$4 12", "$3 longer cache write, $4 12")
    assert class_rates(both)["cache_write_1h"] == 3


def test_any_currency_is_read_and_what_stands_around_the_prices_is_not() -> None:
    words = (
        "list price of 9 input (Plimsoll's list; read at 8 output, in 2026), peak hours: "
        "CHF 0.05 input, CHF 12 output per million tokens; CHF 5 per 1,000 web searches; "
        "less 10 % by contract"
    )
    assert class_rates(words) == {"input": Fraction(1, 20), "output": Fraction(12)}
    assert unit_rates(words) == {"searches": Fraction(5, 1000)}


def test_what_older_archives_keep_is_still_read() -> None:
    words = (
        "list price of gpt-5.4, batch at its usual share, prompts above 272,000 tokens: "
        "$2.5 input, $0.25 cache read, $11.25 output per million tokens; "
        "$10 per 1,000 web searches; "
        "the lower rate, because the lengths of the single prompts are not reported"
    )
    assert class_rates(words) == {
        "input": Fraction(5, 2),
        "cache_read": Fraction(1, 4),
        "output": Fraction(45, 4),
    }
    assert unit_rates(words) == {"searches": Fraction(1, 100)}
    heard = "list price of whisper-1; $0.36 per hour of audio"
    assert unit_rates(heard) == {"seconds": Fraction(1, 10_000)}
