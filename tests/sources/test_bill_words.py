"""What a line of a bill is for, read out of each provider's own words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plimsoll.analysis.bill import STANDARD, TOKENS
from plimsoll.sources.rows.bill_words import Meaning, meaning_of, tier_of

M = "gpt-5.4-mini"


def openai(line_item: str, quantity: str | None = "8", unit: str | None = "tokens") -> Meaning:
    front, comma, _ = line_item.partition(",")
    return meaning_of(
        "openai",
        line_item=line_item,
        model=front if comma else None,
        tier=None,
        details={} if unit is None else {"quantity_unit": unit},
        sums={} if quantity is None else {"quantity": Decimal(quantity)},
    )


@pytest.mark.parametrize(
    ("line_item", "kind", "tier"),
    [
        (f"{M}, input", "input", STANDARD),
        (f"{M}, cached input", "cache_read", STANDARD),
        (f"{M}, Cached Input, Batch", "cache_read", "batch"),
        (f"{M}, cache write, flex", "cache_write_5m", "flex"),
        (f"{M}, output, priority", "output", "priority"),
        (f"{M}, audio input", TOKENS, STANDARD),
        (f"{M}, something new", TOKENS, STANDARD),
    ],
)
def test_openai_s_line_items_are_a_model_a_kind_and_a_tier(
    line_item: str, kind: str, tier: str
) -> None:
    assert openai(line_item) == Meaning(kind, tier, Decimal(8))


def test_a_model_s_name_may_hold_anything_but_a_comma() -> None:
    assert openai("ft:gpt-4.1-mini:lab::Bq7, output").kind == "output"


@pytest.mark.parametrize(
    ("unit", "kind", "times"),
    [
        ("1000_tokens", "input", 1000),
        ("images", "images", 1),
        ("characters", "characters", 1),
        ("duration_minutes", "seconds", 60),
        ("duration_hours", "seconds", 3600),
    ],
)
def test_openai_s_quantities_become_ours(unit: str, kind: str, times: int) -> None:
    assert openai(f"{M}, input", "2.5", unit) == Meaning(kind, STANDARD, times * Decimal("2.5"))


def test_what_openai_does_not_tell_is_not_made_up() -> None:
    assert openai(f"{M}, input", None, None) == Meaning("input", STANDARD)
    assert openai(f"{M}, input", "8", "furlongs") == Meaning("input", STANDARD)
    assert openai(f"{M}, something new", None, None) == Meaning("", STANDARD)


@pytest.mark.parametrize(
    ("line_item", "kind"),
    [("web search tool calls", "searches"), ("file search storage", ""), ("Scale Tier", "")],
)
def test_openai_s_tools_name_no_model(line_item: str, kind: str) -> None:
    assert openai(line_item, "3", None) == Meaning(kind, quantity=Decimal(3))


def anthropic(
    line_item: str | None, tier: str | None = "standard", listed: str | None = None, **more: str
) -> Meaning:
    return meaning_of(
        "anthropic",
        line_item=line_item,
        model="claude-sonnet-4-5",
        tier=tier,
        details=more,
        sums={} if listed is None else {"list_amount": Decimal(listed)},
    )


def test_anthropic_s_newer_lines_join_two_words_and_tell_list_prices_in_cents() -> None:
    found = anthropic("tokens: cache_creation.ephemeral_1h_input_tokens", listed="123.45")
    assert found == Meaning("cache_write_1h", STANDARD, listed=Decimal("1.2345"))
    assert anthropic("tokens: output_tokens", "batch") == Meaning("output", "batch")
    assert anthropic("web_search", listed="2") == Meaning("searches", listed=Decimal("0.02"))
    assert anthropic("code_execution", None) == Meaning()


def test_anthropic_s_older_lines_tell_the_same_beside_a_description() -> None:
    words = {"cost_type": "tokens", "token_type": "cache_read_input_tokens"}
    assert anthropic("Claude Usage - Cache Read", **words) == Meaning("cache_read", STANDARD)
    assert anthropic("Web Search Usage", None, cost_type="web_search") == Meaning("searches")
    assert anthropic("Claude Usage", cost_type="tokens") == Meaning(TOKENS, STANDARD)
    assert anthropic("Session Usage", None, cost_type="session_usage") == Meaning()


@pytest.mark.parametrize(
    ("model", "line_item", "kind"),
    [("qwen/qwen3", "Alibaba", TOKENS), (None, None, TOKENS), (None, "a tool", "")],
)
def test_other_providers_bill_models_or_one_sum(
    model: str | None, line_item: str | None, kind: str
) -> None:
    found = meaning_of(
        "openrouter", line_item=line_item, model=model, tier=None, details={}, sums={}
    )
    assert found == Meaning(kind)


@pytest.mark.parametrize("provider", ["alibaba", "baidu", "tencent", "volcengine"])
@pytest.mark.parametrize(
    ("model", "unit", "kind"),
    [
        (None, "千tokens", TOKENS),
        ("qwen3.7-plus", "1K Tokens", TOKENS),
        ("wanx", "张", ""),
        (None, "GB", ""),
        ("qwen3.7-plus", None, TOKENS),
        (None, None, ""),
    ],
)
def test_a_cloud_s_line_is_for_tokens_where_it_counts_tokens(
    provider: str, model: str | None, unit: str | None, kind: str
) -> None:
    found = meaning_of(
        provider,
        line_item="a line",
        model=model,
        tier=None,
        details={"quantity_unit": unit} if unit else {},
        sums={},
    )
    assert found == Meaning(kind)


def test_the_tier_of_ordinary_calls_has_one_name() -> None:
    assert {tier_of(word) for word in (None, "", "default", "standard", "auto")} == {STANDARD}
    assert tier_of("priority") == "priority"
