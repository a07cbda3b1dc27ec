"""What stored rows keep of their price as text is read back whole, and said in other words."""

from __future__ import annotations

import re

import pytest

from plimsoll.domain.calls import REPORTED
from plimsoll.domain.said import Said
from plimsoll.domain.tariff import Kind
from plimsoll.prices.book import BY_THE_GATEWAY
from plimsoll.prices.words import band_of
from plimsoll.services.basis_words import basis_again, editions_again
from plimsoll.services.falls import SPREAD

RATES = {Kind.INPUT: 10**9, Kind.CACHE_WRITE_12H: 5 * 10**8, Kind.OUTPUT: 4 * 10**9}
LEADS = (
    "list price of gpt-5.5 (genai-prices)",
    "list price of gpt-5.5 (genai-prices), batch at its usual share, US only",
    "list price of glm-5 (Plimsoll's list; as read on a page (in part)), peak hours",
    "own price of ft:gpt-4.1::a/b (for this account)",
)
LONGEST = (
    "list price of m (genai-prices): $4 input per million tokens; $10 per 1,000 web searches; the "
    "lower rate, because the lengths of the single prompts are not reported; less 5 % by contract"
)
PRICED = (
    *(band_of(above, "USD", RATES, lead).words for lead in LEADS for above in (0, 272_000)),
    "list price of whisper-1 (genai-prices); $0.36 per hour of audio",
    LONGEST,
)
REASONS = (
    "There is no list price for qwen/qwen3.5-plus.",
    "There is no list price for gpt-5.6-sol, priority, on that day.",
    "There is no list price for m in CNY at that time.",
    "The price changes at 16:00 UTC, within the time of this record.",
)
WHOLE = tuple(map(str, (SPREAD, REPORTED, BY_THE_GATEWAY)))


@pytest.mark.parametrize("text", [*PRICED, *REASONS, *WHOLE])
def test_a_stored_text_is_the_same_text_and_made_of_something(text: str) -> None:
    again = basis_again(text)
    assert again == text
    assert isinstance(again, Said)


@pytest.mark.parametrize("text", PRICED)
def test_nothing_but_names_and_numbers_is_left_as_it_was_written(text: str) -> None:
    """What no catalogue could say in other words: a model, a price, a note of our own list."""
    left = " ".join(plain_parts(basis_again(text)))
    assert not re.search(r"\b(price|input|output|tokens|write|hours|account|per|rate)\b", left)


def plain_parts(text: str) -> list[str]:
    if not isinstance(text, Said):
        return [text]
    inside = [*text.parts, *(value for value in text.values.values() if isinstance(value, str))]
    return [part for one in inside for part in plain_parts(one)]


@pytest.mark.parametrize("text", ["", "something else", "list price of nothing", "; ", "a (b): c"])
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    assert basis_again(text) == text
    assert not isinstance(basis_again(text), Said) or not text


def test_an_edition_is_told_by_its_parts() -> None:
    text = "Plimsoll 0.1.0; genai-prices 0.2.3; Plimsoll's list of 2026-11-27; own prices ab12"
    again = editions_again(text)
    assert again == text
    assert isinstance(again, Said)
    assert [isinstance(part, Said) for part in again.parts] == [False, False, True, True]
