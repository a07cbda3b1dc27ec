"""What a gateway estimated stands in for a price that nobody lists, and is said to be its own."""

from __future__ import annotations

from typing import Any

from price_kit import row, usage

from plimsoll.domain.money import Money
from plimsoll.domain.usage import REPORTED_USD
from plimsoll.prices.book import BY_THE_GATEWAY, PriceBook

BOOK = PriceBook((row(input="2", output="8"),))


def computed(model: str, tokens: str = "1000000/0/0/0/0", **details: str) -> Any:
    return BOOK.compute(usage(model, tokens, details=details), provider="litellm")


def test_a_list_price_goes_before_the_gateways_figure() -> None:
    found = computed("m", provider="openai", **{REPORTED_USD: "99"})
    assert found.worth == Money("USD", 2 * 10**9)
    assert found.basis != BY_THE_GATEWAY


def test_where_nobody_lists_the_model_the_gateways_figure_counts_and_is_called_so() -> None:
    found = computed("our-own-llama", **{REPORTED_USD: "0.0201"})
    assert (found.worth, found.basis) == (Money("USD", 20_100_000), BY_THE_GATEWAY)
    assert computed("our-own-llama").worth is None


def test_unknown_classes_are_priced_by_the_gateway_alone() -> None:
    found = computed("m", provider="openai", classes="unknown", **{REPORTED_USD: "1.5"})
    assert (found.worth, found.basis) == (Money("USD", 1_500_000_000), BY_THE_GATEWAY)
    assert computed("m", provider="openai", classes="unknown").worth is None


def test_a_figure_without_tokens_is_not_lost() -> None:
    found = computed("m", "0/0/0/0/0", **{REPORTED_USD: "0.04"})
    assert (found.worth, found.basis) == (Money("USD", 40_000_000), BY_THE_GATEWAY)
    assert computed("m", "0/0/0/0/0").worth == Money("USD", 0)
