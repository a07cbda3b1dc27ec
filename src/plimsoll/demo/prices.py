"""The list prices that the simulated providers bill by, each from the date it held.

Figures are the makers' own list prices per million tokens as known in November 2026. Whatever is
billed comes out in whole nano-dollars: counts and prices are chosen so that nothing needs rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BATCH = Decimal("0.5")
FLEX = Decimal("0.5")
PRIORITY = Decimal(2)
"""What a mode multiplies a list price by: batch and flex are half, OpenAI's priority is double."""

REGIONAL = Decimal("1.1")
"""What OpenAI multiplies a list price by where data stay in a region; no line item names it."""

FREE = Decimal(0)
"""What is left of a price of tokens that are free for who shares them for training."""

FINE_TUNED = "ft:gpt-4.1-mini-2025-04-14:harbour-lab::Bq7xK2"
"""A model of one's own, which no price list holds."""

NET_OF_DISCOUNT = Decimal("0.96")
"""What is left of Anthropic's list price after the organisation's committed-use discount."""

DISCOUNT_FROM = date(2026, 7, 1)
"""The first provider day that the discount holds for."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rates:
    """List prices of one model, in US dollars per million tokens; zero where there is none."""

    input: Decimal = _ZERO
    cache_read: Decimal = _ZERO
    cache_write_5m: Decimal = _ZERO
    cache_write_1h: Decimal = _ZERO
    output: Decimal = _ZERO
    audio_input: Decimal = _ZERO
    audio_cache_read: Decimal = _ZERO
    audio_output: Decimal = _ZERO


def _openai(fresh: str, cached: str, write: str, output: str) -> Rates:
    return Rates(
        input=Decimal(fresh),
        cache_read=Decimal(cached),
        cache_write_5m=Decimal(write),
        output=Decimal(output),
    )


def _anthropic(fresh: str, read: str, write_5m: str, write_1h: str, output: str) -> Rates:
    return Rates(
        input=Decimal(fresh),
        cache_read=Decimal(read),
        cache_write_5m=Decimal(write_5m),
        cache_write_1h=Decimal(write_1h),
        output=Decimal(output),
    )


def _always(rates: Rates) -> tuple[tuple[date, Rates], ...]:
    return ((date.min, rates),)


LIST_PRICES: dict[str, tuple[tuple[date, Rates], ...]] = {
    "gpt-4.1-mini": _always(_openai("0.4", "0.1", "0", "1.6")),
    FINE_TUNED: _always(_openai("0.8", "0.2", "0", "3.2")),
    "gpt-5": _always(_openai("1.25", "0.125", "0", "10")),
    "gpt-5.4": _always(_openai("2.5", "0.25", "0", "15")),
    "gpt-5.4-mini": _always(_openai("0.75", "0.075", "0", "4.5")),
    "gpt-5.4-nano": _always(_openai("0.2", "0.02", "0", "1.25")),
    "gpt-5.6-sol": (
        (date.min, _openai("5", "0.5", "6.25", "30")),
        (date(2026, 8, 21), _openai("4", "0.4", "5", "20")),
    ),
    "gpt-5.6-luna": (
        (date.min, _openai("1", "0.1", "1.25", "6")),
        (date(2026, 7, 30), _openai("0.2", "0.02", "0.25", "1.2")),
    ),
    "gpt-6-luna": _always(_openai("0.1", "0.01", "0.125", "0.5")),
    "gpt-6.1-sol": _always(_openai("2", "0.1", "2.5", "10")),
    "gpt-realtime-mini": _always(
        Rates(
            input=Decimal("0.6"),
            cache_read=Decimal("0.06"),
            output=Decimal("2.4"),
            audio_input=Decimal(10),
            audio_cache_read=Decimal("0.3"),
            audio_output=Decimal(20),
        )
    ),
    "text-embedding-3-small": _always(Rates(input=Decimal("0.02"))),
    "text-embedding-3-large": _always(Rates(input=Decimal("0.13"))),
    "omni-moderation-latest": _always(Rates()),
    "claude-opus-4-5": _always(_anthropic("5", "0.5", "6.25", "10", "25")),
    "claude-opus-4-8": _always(_anthropic("5", "0.5", "6.25", "10", "25")),
    "claude-opus-5-5": _always(_anthropic("4", "0.2", "5", "8", "20")),
    "claude-sonnet-4-5": _always(_anthropic("3", "0.3", "3.75", "6", "15")),
    "claude-sonnet-4-6": _always(_anthropic("3", "0.3", "3.75", "6", "15")),
    "claude-sonnet-5-5": _always(_anthropic("2", "0.1", "2.5", "4", "10")),
    "claude-haiku-4-5": _always(_anthropic("1", "0.1", "1.25", "2", "5")),
}
"""Each model's prices, every one with the first provider day that it holds for."""

IMAGE = {
    "1024x1024": Decimal("0.042"),
    "1024x1792": Decimal("0.063"),
}
"""Dollars an image, by size."""

SPEECH_CHARACTER = Decimal("0.000015")
TRANSCRIBED_SECOND = Decimal("0.0001")
STORED_GIB_DAY = Decimal("0.10")
INTERPRETER_SESSION = Decimal("0.03")
FILE_SEARCH = Decimal("0.0025")
WEB_SEARCH = Decimal("0.01")
"""Dollars a unit: a character spoken, a second heard, a GiB-day stored, a session, a search."""

CODE_EXECUTION_SPAN = Decimal("0.0025")
"""Dollars for three minutes of Anthropic's code execution container ($0.05 an hour)."""


def rates_on(model: str, story_day: date) -> Rates:
    """The list prices of `model` that hold on a day of the story; KeyError for an unknown model."""
    found = Rates()
    for first, rates in LIST_PRICES[model]:
        if story_day >= first:
            found = rates
    return found


def micro_nanos(dollars_per_million: Decimal, factor: Decimal = Decimal(1)) -> int:
    """A price per million tokens as an exact whole number of millionths of a nano-dollar a token.

    Raises `ValueError` for a price that cannot be written so.
    """
    exact = dollars_per_million * factor * 1_000_000_000
    if exact != int(exact):
        raise ValueError(f"{dollars_per_million} x {factor} has too many decimals")
    return int(exact)


def nanos_for(quantity: int, price: int) -> int:
    """Nano-dollars for `quantity` tokens at a price from `micro_nanos`.

    Raises `ValueError` where the amount is no whole number of nano-dollars: the story's counts
    are chosen so that this never happens.
    """
    nanos, rest = divmod(quantity * price, 1_000_000)
    if rest:
        raise ValueError(f"{quantity} at {price} is no whole number of nano-dollars")
    return nanos
