"""Rates: what one token or unit costs, exact, and the arithmetic from a record to its worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from plimsoll.domain.usage import UsageRecord

CURRENCY = "USD"
"""The currency of every price in the book so far."""

SCALE = 10**12
"""A rate of 1 is a millionth of a millionth of a nano-dollar: every list price is a whole number
of them, so that nothing is rounded before the record's one amount is."""


class Kind(StrEnum):
    """What is priced apart, by the words that explain a price."""

    INPUT = "input"
    INPUT_AUDIO = "audio input"
    INPUT_IMAGE = "image input"
    CACHE_READ = "cache read"
    CACHE_READ_AUDIO = "audio cache read"
    CACHE_READ_IMAGE = "image cache read"
    CACHE_WRITE_5M = "cache write"
    CACHE_WRITE_1H = "longer cache write"
    OUTPUT = "output"
    OUTPUT_AUDIO = "audio output"
    OUTPUT_IMAGE = "image output"
    SEARCHES = "web searches"
    CHARACTERS = "characters"
    SECONDS = "seconds"


UNIT_KINDS = {
    "searches": Kind.SEARCHES,
    "characters": Kind.CHARACTERS,
    "seconds": Kind.SECONDS,
}
"""The units of a record that some list prices; all others are not priced."""

_PARTS = (
    ("input_audio_tokens", Kind.INPUT, Kind.INPUT_AUDIO),
    ("input_image_tokens", Kind.INPUT, Kind.INPUT_IMAGE),
    ("input_cached_audio_tokens", Kind.CACHE_READ, Kind.CACHE_READ_AUDIO),
    ("input_cached_image_tokens", Kind.CACHE_READ, Kind.CACHE_READ_IMAGE),
    ("output_audio_tokens", Kind.OUTPUT, Kind.OUTPUT_AUDIO),
    ("output_image_tokens", Kind.OUTPUT, Kind.OUTPUT_IMAGE),
)
"""Details that count a part of a token class, and the kind that it is priced as."""


@dataclass(frozen=True, slots=True)
class Band:
    """The rates of prompts longer than `above` tokens; a kind that is missing has no price.

    `words` explain the price of tokens, `unit_words` that of units, for records that have some.
    """

    above: int
    rates: Mapping[Kind, int]
    words: str
    unit_words: str = ""


class NotPriced(Exception):
    """There is no price for this; the sentence says what is missing."""


def price_of(counts: Mapping[Kind, int | Decimal], band: Band) -> int:
    """Nano-dollars for counts at a band's rates, rounded once, half to even.

    Raises `NotPriced` for a kind without a rate: what is unknown is never zero.
    """
    exact: int | Fraction = 0
    for kind, count in counts.items():
        rate = band.rates.get(kind)
        if rate is None:
            raise NotPriced(f"There is no list price for {kind}.")
        exact += (count if isinstance(count, int) else Fraction(count)) * rate
    return round(Fraction(exact, SCALE))


def counts_of(record: UsageRecord, details: Mapping[str, str]) -> dict[Kind, int | Decimal]:
    """What a record holds of each kind, without the kinds it holds nothing of.

    Audio and image tokens are parts of input, cache reads and output that are priced apart. Raises
    `NotPriced` for a unit that no list prices and for parts that are more than their whole.
    """
    tokens = record.tokens
    counts: dict[Kind, int | Decimal] = {
        Kind.INPUT: tokens.input,
        Kind.CACHE_READ: tokens.cache_read,
        Kind.CACHE_WRITE_5M: tokens.cache_write_5m,
        Kind.CACHE_WRITE_1H: tokens.cache_write_1h,
        Kind.OUTPUT: tokens.output,
    }
    if details:
        for name, whole, part in _PARTS:
            count = int(details.get(name, "0"))
            if count > counts[whole]:
                raise NotPriced(f"The {part} tokens are more than all {whole} tokens.")
            counts[whole] -= count
            counts[part] = count
    counts.update(_units(record))
    return {kind: count for kind, count in counts.items() if count}


def _units(record: UsageRecord) -> Iterator[tuple[Kind, Decimal]]:
    for unit, quantity in record.units:
        kind = UNIT_KINDS.get(unit)
        if kind is not None:
            yield kind, quantity
        elif quantity:
            raise NotPriced(f"There is no list price for {unit}.")
