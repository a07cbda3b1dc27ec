"""The price book: hand-reckoned worths, agreement with the package, and never a made-up zero."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.money import Money, nanos_of
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import LOWER_RATE, PriceBook

NOVEMBER = datetime(2026, 11, 5, 10, tzinfo=UTC)
BOOK = PriceBook()


def record(
    model: str | None,
    *,
    at: datetime = NOVEMBER,
    tier: str | None = None,
    requests: int | None = None,
    units: dict[str, str] | None = None,
    details: dict[str, str] | None = None,
    **tokens: int,
) -> UsageRecord:
    return UsageRecord(
        at,
        at + timedelta(hours=1),
        Attribution(model=model, tier=tier),
        Tokens(**tokens),
        requests=requests,
        units=tuple((unit, Decimal(text)) for unit, text in (units or {}).items()),
        details=tuple((details or {}).items()),
    )


def worth(usage: UsageRecord, provider: str) -> str | None:
    """Dollars, as text; None where there is no price."""
    found = BOOK.compute(usage, provider=provider).worth
    if found is None:
        return None
    assert found.currency == "USD"
    return f"{found.amount.normalize():f}"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


class TestReckonedByHand:
    """Prices per million tokens, as the makers list them, times tokens: figures from outside."""

    def test_openai_with_cached_input(self):
        usage = record("gpt-6.1-sol", input=40_000, cache_read=80_000, output=4_000)
        assert worth(usage, "openai") == "0.128"

    def test_openai_long_prompt_costs_more_for_the_whole_request(self):
        usage = record(
            "gpt-6.1-sol",
            requests=1,
            input=50_000,
            cache_read=300_000,
            cache_write_5m=50_000,
            output=6_000,
        )
        assert worth(usage, "openai") == "0.6"

    def test_openai_batch_is_half(self):
        usage = record("gpt-5.5", tier="batch", input=50_000, output=2_000)
        assert worth(usage, "openai") == "0.155"

    def test_anthropic_with_both_cache_writes(self):
        usage = record(
            "claude-opus-5-5",
            input=2_000,
            cache_read=50_000,
            cache_write_5m=5_000,
            cache_write_1h=3_000,
            output=3_000,
        )
        assert worth(usage, "anthropic") == "0.127"

    def test_anthropic_long_prompt(self):
        usage = record("claude-haiku-5-5", requests=1, input=150_000, output=1_000)
        assert worth(usage, "anthropic") == "0.0775"

    def test_anthropic_newest_model(self):
        usage = record("claude-fable-5-2", input=10_000, cache_read=10_000, output=5_000)
        assert worth(usage, "anthropic") == "0.282"

    def test_the_long_tier_that_ended(self):
        usage = record(
            "claude-sonnet-4-6", at=day("2026-02-20"), requests=1, input=250_000, output=2_000
        )
        assert worth(usage, "anthropic") == "1.545"

    def test_a_price_before_its_cut(self):
        usage = record("o3", at=day("2025-05-01"), input=10_000, output=1_000)
        assert worth(usage, "openai") == "0.14"

    def test_the_price_of_its_own_day(self):
        tokens = {"input": 20_000, "cache_read": 20_000, "output": 3_000}
        before = record("gpt-5.6-sol", at=day("2026-08-01"), **tokens)
        after = record("gpt-5.6-sol", at=day("2026-08-21"), **tokens)
        assert worth(before, "openai") == "0.2"
        assert worth(after, "openai") == "0.148"

    @pytest.mark.parametrize(
        ("model", "million_each"),
        [
            ("gpt-6-astra", "10 1 12.5 50"),
            ("gpt-6-luna", "0.1 0.01 0.125 0.5"),
            ("gpt-6.1-terra", "1 0.05 1.25 5"),
            ("gpt-5.4", "2.5 0.25 2.5 15"),
            ("gpt-4.1-mini", "0.4 0.1 0.4 1.6"),
            ("claude-opus-4-8", "5 0.5 6.25 25"),
            ("claude-sonnet-5-5", "2 0.1 2.5 10"),
            ("claude-haiku-4-5", "1 0.1 1.25 5"),
        ],
    )
    def test_a_million_of_each_class(self, model, million_each):
        provider = "anthropic" if model.startswith("claude") else "openai"
        for name, dollars in zip(
            ("input", "cache_read", "cache_write_5m", "output"), million_each.split(), strict=True
        ):
            assert worth(record(model, **{name: 1_000_000}), provider) == dollars

    def test_web_searches_cost_ten_dollars_a_thousand_and_are_not_halved(self):
        usage = record("claude-sonnet-5-5", tier="batch", input=1_000, units={"searches": "30"})
        assert worth(usage, "anthropic") == "0.301"
        assert worth(record("gpt-5.4", units={"searches": "30"}), "openai") == "0.3"

    def test_spoken_characters_and_heard_seconds(self):
        assert worth(record("tts-1", units={"characters": "2000"}), "openai") == "0.03"
        assert worth(record("whisper-1", units={"seconds": "90"}), "openai") == "0.009"

    def test_audio_and_images_have_their_own_prices(self):
        usage = record(
            "gpt-realtime-mini",
            input=1_000_000,
            cache_read=1_000_000,
            output=1_000_000,
            details={
                "input_audio_tokens": "500000",
                "input_cached_audio_tokens": "1000000",
                "output_audio_tokens": "250000",
            },
        )
        # 0.3 + 5 fresh, 0.3 cached, 1.8 + 5 out
        assert worth(usage, "openai") == "12.4"

    def test_pictures_sent_to_a_language_model_cost_as_text(self):
        usage = record("gpt-5.4", input=1_000_000, details={"input_image_tokens": "400000"})
        assert worth(usage, "openai") == "2.5"

    def test_moderation_is_free(self):
        assert worth(record("omni-moderation-latest", input=5_000), "openai") == "0"


MILLIONS = {"input": 1_000_000, "output": 1_000_000}


class TestTiers:
    @pytest.mark.parametrize(
        ("tier", "dollars"),
        [
            (None, "12"),
            ("default", "12"),
            ("batch", "6"),
            ("flex", "6"),
            ("priority", "24"),
            ("fast", "24"),
            ("scale", None),
            ("something-new", None),
        ],
    )
    def test_openai(self, tier, dollars):
        assert worth(record("gpt-6.1-sol", tier=tier, **MILLIONS), "openai") == dollars

    @pytest.mark.parametrize(
        ("tier", "dollars"),
        [
            (None, "12"),
            ("standard", "12"),
            ("batch", "6"),
            ("priority", None),
            ("priority_on_demand", None),
            ("flex", None),
            ("flex_discount", None),
        ],
    )
    def test_anthropic(self, tier, dollars):
        assert worth(record("claude-sonnet-5", tier=tier, **MILLIONS), "anthropic") == dollars

    def test_fast_mode_where_it_is_listed(self):
        fast = {"speed": "fast"}
        assert worth(record("claude-opus-4-8", details=fast, **MILLIONS), "anthropic") == "60"
        assert worth(record("claude-opus-4-5", details=fast, **MILLIONS), "anthropic") is None
        slow = record("claude-opus-4-8", details={"speed": "standard"}, **MILLIONS)
        assert worth(slow, "anthropic") == "30"

    def test_a_fast_batch_is_not_listed(self):
        usage = record("claude-opus-4-8", tier="batch", details={"speed": "fast"}, **MILLIONS)
        assert worth(usage, "anthropic") is None

    def test_batch_was_half_before_the_package_recorded_it(self):
        old = record("claude-sonnet-4-5", at=day("2026-03-01"), tier="batch", **MILLIONS)
        assert worth(old, "anthropic") == "9"
        dearer = record("gpt-5.6-sol", at=day("2026-08-01"), tier="batch", **MILLIONS)
        assert worth(dearer, "openai") == "17.5"
        assert "at its usual share" in BOOK.compute(dearer, provider="openai").basis

    def test_priority_was_not_always_the_same_multiple(self):
        old = record("gpt-5.4", at=day("2026-09-01"), tier="priority", **MILLIONS)
        assert worth(old, "openai") is None

    def test_inference_in_the_us_costs_a_tenth_more_but_its_searches_do_not(self):
        usage = record(
            "claude-sonnet-5",
            details={"inference_geo": "us"},
            units={"searches": "100"},
            **MILLIONS,
        )
        assert worth(usage, "anthropic") == "14.2"
        for place in ("global", "not_available"):
            usage = record("claude-sonnet-5", details={"inference_geo": place}, **MILLIONS)
            assert worth(usage, "anthropic") == "12"
        moon = record("claude-sonnet-5", details={"inference_geo": "moon"}, **MILLIONS)
        assert worth(moon, "anthropic") is None


class TestPromptLengths:
    def test_an_hour_of_many_prompts_has_the_lower_rate_and_says_so(self):
        found = BOOK.compute(record("gpt-6.1-sol", requests=40, input=1_000_000), provider="openai")
        assert found.worth == Money("USD", 2_000_000_000)
        assert found.basis.endswith(LOWER_RATE)

    def test_prompts_that_cannot_be_long_need_no_such_remark(self):
        found = BOOK.compute(record("gpt-6.1-sol", requests=40, input=272_000), provider="openai")
        assert LOWER_RATE not in found.basis

    def test_the_threshold_itself_is_still_short(self):
        assert worth(record("gpt-6.1-sol", requests=1, input=272_000), "openai") == "0.544"
        assert worth(record("gpt-6.1-sol", requests=1, input=272_001), "openai") == "1.088004"

    def test_a_context_window_tells_the_tier(self):
        long = {"context_window": "200k-1M"}
        short = {"context_window": "0-200k"}
        model, tokens = "claude-sonnet-4-5", {"input": 1_000_000}
        assert worth(record(model, details=long, **tokens), "anthropic") == "6"
        assert worth(record(model, details=short, **tokens), "anthropic") == "3"
        found = BOOK.compute(record(model, details=short, **tokens), provider="anthropic")
        assert LOWER_RATE not in found.basis

    def test_a_window_across_a_threshold_is_the_lower_rate_and_says_so(self):
        usage = record("claude-haiku-5-5", details={"context_window": "0-200k"}, input=1_000_000)
        found = BOOK.compute(usage, provider="anthropic")
        assert found.worth == Money("USD", 100_000_000)
        assert found.basis.endswith(LOWER_RATE)

    def test_an_unknown_window_has_no_price(self):
        usage = record("claude-sonnet-4-5", details={"context_window": "huge"}, input=1)
        assert worth(usage, "anthropic") is None


class TestNotPriced:
    """Unknown is never zero."""

    @pytest.mark.parametrize(
        ("usage", "provider"),
        [
            (record("gpt-99-nonesuch", input=10), "openai"),
            (record("claude-sonnet-5", input=10), "openai"),
            (record("gpt-5.4", input=10), "anthropic"),
            (record(None, input=10), "openai"),
            (record("glm-5.3", input=10), "zhipuai"),
            (record("glm-5.3", input=10), "glm"),
            (record("deepseek-flash", input=10), "deepseek"),
            (record("gpt-5.4", units={"sessions": "3"}), "openai"),
            (record(None, units={"bytes": "12345"}), "openai"),
            (record("dall-e-3", units={"images": "2"}), "openai"),
            (record("gpt-4o-transcribe", units={"seconds": "60"}), "openai"),
            (record(None, units={"searches": "60"}), "openai"),
            (record("text-embedding-3-small", output=5), "openai"),
            (record("gpt-5.4", input=10, details={"input_audio_tokens": "5"}), "openai"),
            (record("gpt-realtime", input=4, details={"input_audio_tokens": "5"}), "openai"),
        ],
    )
    def test_never_zero(self, usage, provider):
        found = BOOK.compute(usage, provider=provider)
        assert found.worth is None
        assert found.basis

    def test_long_cache_writes_that_only_have_a_short_price(self):
        assert worth(record("gpt-6.1-sol", cache_write_5m=1_000_000), "openai") == "2.5"
        assert worth(record("gpt-6.1-sol", cache_write_1h=1_000_000), "openai") is None

    def test_a_known_part_does_not_hide_an_unknown_one(self):
        usage = record("claude-sonnet-5", input=1_000_000, units={"sessions": "1"})
        assert worth(usage, "anthropic") is None

    def test_the_reason_names_the_model(self):
        found = BOOK.compute(record("gpt-99", input=1), provider="openai")
        assert found.basis == "There is no list price for gpt-99."

    def test_nothing_used_is_worth_nothing(self):
        assert worth(record("gpt-99", requests=3), "openai") == "0"
        assert worth(record(None, units={"sessions": "0"}), "openai") == "0"


class TestBasis:
    def test_it_says_which_price_was_used(self):
        usage = record("claude-sonnet-5-5-20260801", tier="batch", input=1)
        assert BOOK.compute(usage, provider="anthropic").basis == (
            "list price of claude-sonnet-5-5 (genai-prices), batch: $1 input, $0.05 cache read, "
            "$1.25 cache write, $2 longer cache write, $5 output per million tokens"
        )

    def test_it_says_the_price_of_units_where_there_are_some(self):
        searched = BOOK.compute(record("gpt-5.4", units={"searches": "3"}), provider="openai")
        assert searched.basis.endswith("per million tokens; $10 per 1,000 web searches")
        heard = BOOK.compute(record("whisper-1", units={"seconds": "3"}), provider="openai")
        assert heard.basis == "list price of whisper-1 (genai-prices); $0.36 per hour of audio"

    def test_the_edition_names_the_package_and_its_version(self):
        assert BOOK.edition.startswith("genai-prices 0.2.")


COUNT = st.integers(0, 3_000_000)
MODELS = st.sampled_from(
    [
        *(("openai", m) for m in ("gpt-6.1-sol", "gpt-5.5", "gpt-5.6-sol", "gpt-4.1", "o3")),
        *(("openai", m) for m in ("gpt-6-luna", "gpt-5-nano", "o4-mini")),
        *(("anthropic", m) for m in ("claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-6")),
        *(("anthropic", m) for m in ("claude-fable-5-2", "claude-haiku-4-5", "claude-opus-4-6")),
    ]
)
DAYS = st.sampled_from(["2025-11-05", "2026-02-20", "2026-03-13", "2026-07-30", "2026-10-20"])


TIERS = ("", "batch", "flex", "priority", "fast", "nonesuch")


class TestEveryModelOfThePackage:
    @pytest.mark.parametrize("provider", ["openai", "anthropic"])
    def test_has_a_price_or_a_reason(self, provider):
        listed = next(p for p in get_snapshot().providers if p.id == provider)
        for model in listed.models:
            for tier in TIERS:
                usage = record(model.id, at=day("2026-11-05"), tier=tier, input=7, output=7)
                found = BOOK.compute(usage, provider=provider)
                assert found.basis
                assert found.worth is None or found.worth.nanos > 0 or model.id == "moderation"

    def test_asking_for_the_book_does_not_load_the_package(self):
        program = (
            "import sys; from plimsoll.prices.book import PriceBook; book = PriceBook(); "
            "print(book.edition, sorted({'genai_prices', 'pydantic', 'httpx2'} & set(sys.modules)))"
        )
        told = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == f"{BOOK.edition} []"


class TestAgreesWithThePackage:
    @settings(max_examples=150)
    @given(MODELS, DAYS, st.booleans(), COUNT, COUNT, COUNT, COUNT, COUNT)
    def test_one_request_of_any_size(self, named, on, batch, fresh, read, short, long, output):
        provider, model = named
        batch = batch and on == "2026-10-20"
        if provider == "openai":
            short, long = short + long, 0
        usage = record(
            model,
            at=day(on),
            tier="batch" if batch else None,
            requests=1,
            input=fresh,
            cache_read=read,
            cache_write_5m=short,
            cache_write_1h=long,
            output=output,
        )
        theirs = calc_price(
            Usage(
                input_tokens=fresh + read + short + long,
                cache_read_tokens=read,
                cache_write_tokens=short + long,
                cache_write_1h_tokens=long,
                output_tokens=output,
            ),
            model,
            provider_id=provider,
            genai_request_timestamp=day(on),
            price_context={"processing": "batch"} if batch else None,
        )
        ours = BOOK.compute(usage, provider=provider).worth
        assert ours == Money("USD", nanos_of(theirs.total_price))

    @settings(max_examples=40)
    @given(st.lists(st.integers(0, 5_000_000), min_size=2, max_size=6))
    def test_parts_are_worth_their_sum(self, parts):
        prices = [worth(record("gpt-5.4-nano", input=part), "openai") for part in parts]
        whole = worth(record("gpt-5.4-nano", input=sum(parts)), "openai")
        assert sum(Decimal(price) for price in prices) == Decimal(whole)
