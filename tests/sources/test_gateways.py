"""Gateways: input that holds what was cached, and an estimate that is never a bill."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calls import PRICED_AS
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import REPORTED_USD, Attribution, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.sources.base import provider, provider_names
from plimsoll.sources.fields import FieldError
from plimsoll.sources.rows.gateways import record_of, split_input, told_count, told_dollars

COUNTS = st.integers(0, 10**9)


@given(whole=COUNTS, read=COUNTS, written=COUNTS)
def test_no_token_is_lost_or_counted_twice(whole: int, read: int, written: int) -> None:
    tokens = split_input(whole, read=read, written=written, output=0)
    assert (tokens.cache_read, tokens.cache_write_5m) == (read, written)
    apart = read + written > whole
    assert tokens.total == (whole + read + written if apart else whole)
    assert min(tokens.input, tokens.total) >= 0


def record(model: str | None = "gpt-5.4-mini", **more: Any) -> UsageRecord | None:
    usual: dict[str, Any] = {"requests": 1, "dollars": None, "knows_classes": True}
    return record_of(NOW, NOW, Attribution(model=model), Tokens(input=5), **{**usual, **more})


def details(found: UsageRecord | None) -> dict[str, str]:
    assert found is not None
    return dict(found.details)


def test_the_list_of_the_models_maker_counts_and_the_gateways_figure_is_kept_beside() -> None:
    assert details(record(dollars=Decimal("0.5"))) == {"provider": "openai", REPORTED_USD: "0.5"}
    assert details(record("claude-sonnet-5.5", service="azure"))["provider"] == "anthropic"
    assert details(record("llama", service="ollama"))["provider"] == "ollama"
    assert details(record(None))["provider"] == "unknown"
    assert details(record(knows_classes=False))["classes"] == "unknown"


def test_a_model_named_by_its_way_is_priced_by_its_bare_name() -> None:
    told = details(record("azure/gpt-5.4-mini", service="azure"))
    assert told == {"provider": "openai", PRICED_AS: "gpt-5.4-mini"}
    usage = record("azure/gpt-5.4-mini", service="azure")
    assert usage is not None
    assert PriceBook().compute(usage, provider="litellm").worth is not None
    assert PRICED_AS not in details(record())


def test_an_estimate_of_nothing_is_no_price() -> None:
    assert REPORTED_USD not in details(record(dollars=Decimal(0)))


def test_nothing_leaves_no_record() -> None:
    nothing = {"requests": 0, "dollars": Decimal(0), "knows_classes": True}
    assert record_of(NOW, NOW, Attribution(), Tokens(), **nothing) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", ["NaN", -1, True, "1,5", [], "1e99"])
def test_what_is_no_figure_is_refused(odd: Any) -> None:
    with pytest.raises(FieldError):
        told_dollars({"x": odd}, "x")
    with pytest.raises(FieldError):
        told_count({"x": odd}, "x")


def test_counts_may_be_text_and_null_but_must_be_there() -> None:
    assert [told_count({"x": one}, "x") for one in ("12", 12, Decimal("12.0"), None)] == [
        12
    ] * 3 + [0]
    for missing in ({}, {"x": 1.5}):
        with pytest.raises(FieldError):
            told_count(missing, "x")


@pytest.mark.parametrize("word", ["litellm", "langfuse", "helicone", "portkey", "cloudflare"])
def test_a_gateway_that_bills_nobody_declares_no_money(word: str) -> None:
    assert word in provider_names()
    assert provider(word).gives.gateway
    assert not provider(word).gives.money
