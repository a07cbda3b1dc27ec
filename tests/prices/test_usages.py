"""Usages priced right, to the nano-unit, in the maker's own currency: reckoned by hand from lists.

The table is the one by which price sources were compared (nine of every ten get some of it wrong);
the known faults of those sources each have a test of their own.
"""

from __future__ import annotations

import pytest
from price_kit import NOW, at, row, usage, worth

from plimsoll.prices.book import PriceBook

BOOK = PriceBook()

USAGES = """
1   openai     gpt-6.1-sol         40000/80000/0/0/4000      .                .     USD 0.128
2   openai     gpt-6.1-sol         50000/300000/50000/0/6000 .                .     USD 0.6
3   openai     gpt-5.5             50000/0/0/0/2000          .                batch USD 0.155
4   anthropic  claude-opus-5-5     2000/50000/5000/3000/3000 .                .     USD 0.127
5   anthropic  claude-haiku-5-5    150000/0/0/0/1000         .                .     USD 0.0775
6   anthropic  claude-fable-5-2    10000/10000/0/0/5000      .                .     USD 0.282
7   google     gemini-4-argon      20000/10000/0/0/4000      .                .     USD 0.081
7b  google     gemini-4-argon      20000/10000/0/0/4000      2026-12-02T12:00 .     USD 0.162
8   deepseek   deepseek-flash      10000/90000/0/0/5000      2026-11-17T02:00 .     USD 0.00954
8b  deepseek   deepseek-flash      10000/90000/0/0/5000      2026-11-17T20:00 .     USD 0.00477
9   deepseek   deepseek-flash      10000/90000/0/0/5000      2026-11-21T02:00 .     USD 0.00477
10  deepseek   deepseek-v4-pro     10000/90000/0/0/5000      2026-07-15T02:00 .     USD 0.00902625
11  moonshot   kimi-k3.1-pro       10000/40000/0/0/3000      .                .     USD 0.058
12  zhipu      glm-5.3             10000/20000/0/0/2000      .                .     CNY 0.176
12b zai        glm-5.3             10000/20000/0/0/2000      .                .     USD 0.028
13  alibaba    qwen3.7-plus        300000/0/0/0/2000         .                .     USD 0.3696
14  volcengine doubao-seed-2.1-pro 10000/10000/0/0/3000      .                .     CNY 0.162
15  minimax    MiniMax-M3          100000/500000/0/0/4000    .                .     USD 0.1296
16  anthropic  claude-sonnet-4-6   250000/0/0/0/2000         2026-02-20T12:00 .     USD 1.545
17  openai     o3                  10000/0/0/0/1000          2025-05-01T12:00 .     USD 0.14
18  openai     gpt-5.6-sol         20000/20000/0/0/3000      2026-08-01T12:00 .     USD 0.2
8c  deepseek   deepseek-flash      10000/90000/0/0/5000      2026-11-17T02:00 .     CNY 0.0636
9c  deepseek   deepseek-flash      10000/90000/0/0/5000      2026-11-21T02:00 .     CNY 0.0318
11c moonshot   kimi-k3             10000/40000/0/0/3000      .                .     CNY 0.58
"""
"""Number, provider, model, tokens (fresh/read/short/long writes/output), instant (UTC), tier, and
the right answer; those in yuan at the end are what a mainland account pays."""


@pytest.mark.parametrize("line", USAGES.strip().splitlines(), ids=lambda line: line.split()[0])
def test_priced_right(line):
    _, provider, model, tokens, start, tier, currency, amount = line.replace(" . ", " - ").split()
    record = usage(
        model,
        tokens,
        start=NOW if start == "-" else at(start),
        tier=None if tier == "-" else tier,
    )
    assert worth(BOOK, record, provider, currency=currency) == f"{currency} {amount}"


class TestKnownFaults:
    def test_1_todays_peak_hours_do_not_reach_back_to_days_without_any(self):
        before = usage("deepseek-v4-flash", start=at("2026-08-10 02:00"))
        assert worth(BOOK, before, "deepseek", currency="USD") == "USD 0.14"

    def test_1_a_price_changes_at_its_hour_and_not_at_midnight(self):
        def flash(hour: str) -> str | None:
            record = usage("deepseek-v4-flash", start=at(f"2026-08-16 {hour}"))
            return worth(BOOK, record, "deepseek", currency="USD")

        assert (flash("15:00"), flash("16:00")) == ("USD 0.14", "USD 0.22")

    def test_2_mainland_prices_are_yuan_and_no_dollars_at_some_fixed_rate(self):
        assert worth(BOOK, usage("glm-5.3"), "zhipu") == "CNY 8"
        assert worth(BOOK, usage("glm-5.3"), "zhipu", currency="USD") is None

    def test_2_what_was_read_at_others_says_so(self):
        basis = BOOK.compute(usage("glm-5.3-flashx"), provider="zhipu").basis
        assert "as another program read it" in basis

    def test_3_the_two_lists_of_one_maker_are_never_converted_into_each_other(self):
        in_yuan = usage("kimi-k3")
        only_dollars = usage("kimi-k3.1-pro")
        assert worth(BOOK, in_yuan, "moonshot", currency="CNY") == "CNY 20"
        assert worth(BOOK, in_yuan, "moonshot", currency="USD") == "USD 3"
        assert worth(BOOK, only_dollars, "moonshot", currency="CNY") is None

    @pytest.mark.parametrize("provider", ["deepseek", "moonshot", "alibaba", "minimax", "xiaomi"])
    def test_3_without_its_currency_an_account_of_two_lists_is_not_priced(self, provider):
        models = {
            "deepseek": "deepseek-flash",
            "moonshot": "kimi-k3.1-pro",
            "alibaba": "qwen3.8-max",
            "minimax": "MiniMax-M3",
            "xiaomi": "mimo-v2.6-pro",
        }
        found = BOOK.compute(usage(models[provider]), provider=provider)
        assert found.worth is None
        assert "CNY or USD" in found.basis

    def test_4_a_gateways_or_anothers_list_is_never_asked_for_a_maker(self):
        for model in ("deepseek-v3.2", "kimi-k2", "minimax-m1", "glm-4.5v", "glm-5v-turbo"):
            for provider in ("deepseek", "moonshot", "minimax", "zhipu", "zai"):
                assert worth(BOOK, usage(model), provider, currency="USD") is None

    def test_4_a_name_that_moved_on_to_another_model_has_no_price_of_the_old_one(self):
        def large(name: str, day: str) -> str | None:
            return worth(BOOK, usage(name, start=at(f"{day} 10:00")), "mistral")

        assert large("mistral-large-latest", "2025-06-02") == "USD 2"
        assert large("mistral-large-latest", "2025-12-02") is None
        assert large("mistral-large-2411", "2026-11-02") == "USD 2"
        assert large("mistral-large-2512", "2026-11-02") == "USD 0.5"

    def test_5_a_price_of_nothing_in_a_list_is_never_taken_for_free(self):
        assert worth(BOOK, usage("gpt-99", tokens="0/0/0/0/5"), "openai") is None

    def test_6_an_absent_price_is_unknown_and_a_price_of_zero_is_free(self):
        absent, free = row(input=1), row(input=1, output=0)
        record = usage(tokens="1000000/0/0/0/1000000")
        assert worth(PriceBook([absent]), record) is None
        assert worth(PriceBook([free]), record) == "USD 1"

    def test_7_pricing_loads_no_second_network_library(self):
        # tokencost would: the test of light imports holds what the book loads
        assert BOOK.edition.startswith("genai-prices ")


class TestWhatThePackageLacks:
    def test_openais_cache_writes_of_twelve_hours_cost_twice_the_shorter_ones(self):
        record = usage(
            "gpt-6.1-terra", "0/0/1000000/1000000/0", details={"cache_write_12h": "1000000"},
            requests=40,
        )  # fmt: skip
        assert worth(BOOK, record) == "USD 3.75"
        batch = usage(
            "gpt-6.1-terra", "0/0/0/100000/0", tier="batch", details={"cache_write_12h": "100000"}
        )
        assert worth(BOOK, batch) == "USD 0.125"

    def test_a_write_of_an_unknown_longer_life_has_no_price(self):
        assert worth(BOOK, usage("gpt-6.1-terra", "0/0/0/1000/0")) is None

    def test_searches_and_fetches_by_the_call(self):
        record = usage("deepseek-flash", "0/0/0/0/0", units={"searches": "3000", "fetches": "200"})
        assert worth(BOOK, record, "deepseek", currency="CNY") == "CNY 16"
        assert worth(BOOK, record, "deepseek", currency="USD") == "USD 2.4"
        found = BOOK.compute(record, provider="deepseek", currency="CNY")
        assert found.basis.endswith("; ¥5 per 1,000 web searches, ¥5 per 1,000 web fetches")

    def test_before_searches_had_a_price_they_are_not_priced(self):
        record = usage("deepseek-flash", start=at("2026-10-31 15:00"), units={"searches": "1"})
        assert worth(BOOK, record, "deepseek", currency="CNY") is None

    def test_google_searches_and_its_tiers(self):
        searched = usage("gemini-3.6-flash", "0/0/0/0/0", units={"searches": "1000"})
        assert worth(BOOK, searched, "google") == "USD 14"
        assert worth(BOOK, usage("gemini-4-argon", tier="batch"), "google") == "USD 1"
        assert worth(BOOK, usage("gemini-4-argon", tier="flex"), "google") is None

    def test_grok_costs_double_from_a_long_prompt_on(self):
        assert worth(BOOK, usage("grok-4.7", "100000/0/0/0/0"), "xai") == "USD 0.2"
        assert worth(BOOK, usage("grok-4.7", "300000/0/0/0/0"), "xai") == "USD 1.2"
        assert worth(BOOK, usage("grok-4.3", "100000/0/0/0/0", tier="batch"), "xai") == "USD 0.1"

    def test_groqs_seconds_have_a_minimum_that_a_record_does_not_tell(self):
        heard = usage("whisper-large-v3", "0/0/0/0/0", units={"seconds": "3"})
        assert worth(BOOK, heard, "groq") is None

    def test_where_a_longer_prompt_costs_something_else_that_nobody_knows(self):
        short, long = (
            usage("qwen3.6-plus", "256000/0/0/0/0"),
            usage("qwen3.6-plus", "256001/0/0/0/0"),
        )
        assert worth(BOOK, short, "alibaba", currency="CNY") == "CNY 0.512"
        found = BOOK.compute(long, provider="alibaba", currency="CNY")
        assert found.worth is None
        assert found.basis == "There is no list price for input of prompts above 256,000 tokens."

    def test_where_only_a_longer_prompt_is_known(self):
        assert worth(BOOK, usage("glm-5", "32000/0/0/0/0"), "alibaba", currency="CNY") is None
        assert (
            worth(BOOK, usage("glm-5", "32001/0/0/0/0"), "alibaba", currency="CNY")
            == "CNY 0.192006"
        )
        assert worth(BOOK, usage("glm-5", "200001/0/0/0/0"), "alibaba", currency="CNY") is None

    def test_a_tier_that_no_list_has_is_not_priced(self):
        found = BOOK.compute(usage("glm-5.3", tier="batch"), provider="zhipu")
        assert (found.worth, found.basis) == (None, "There is no list price for glm-5.3, batch.")

    @pytest.mark.parametrize(
        "name", ["deepseek-flash-2026-11-01", "deepseek-flash-20261101", "DeepSeek-Flash"]
    )
    def test_a_dated_name_is_the_name_without_its_date(self, name):
        assert worth(BOOK, usage(name), "deepseek", currency="CNY") == "CNY 1"

    @pytest.mark.parametrize(
        "name",
        [
            "deepseek-flash-lite",
            "x-deepseek-flash",
            "deepseek-flash-2026-13-01",
            "deepseek-flash-1",
        ],
    )
    def test_a_name_that_only_contains_another_is_not_that_model(self, name):
        assert worth(BOOK, usage(name), "deepseek", currency="CNY") is None

    def test_the_basis_names_the_model_that_was_used_and_not_another_of_its_price(self):
        found = BOOK.compute(usage("GLM-5.1-20260406"), provider="zai")
        assert found.basis.startswith("list price of glm-5.1 (Plimsoll's list")
