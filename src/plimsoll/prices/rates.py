"""Rates: what one token or unit costs, exact, and the arithmetic from a record to its worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from plimsoll.domain.money import NANO
from plimsoll.domain.said import say
from plimsoll.domain.tariff import PRICED_PER, UNITS, Kind
from plimsoll.domain.usage import UsageRecord

SCALE = 10**15
"""A rate of 1 is this fraction of a nano-unit: every price of `PRICE_PLACES` decimals, times its
multipliers, is a whole number of them: nothing is rounded before the record's one amount is."""

SPOKEN: Mapping[Kind, str] = {
    Kind.INPUT: say("input"),
    Kind.INPUT_AUDIO: say("audio input"),
    Kind.INPUT_IMAGE: say("image input"),
    Kind.CACHE_READ: say("cache read"),
    Kind.CACHE_READ_AUDIO: say("audio cache read"),
    Kind.CACHE_READ_IMAGE: say("image cache read"),
    Kind.CACHE_WRITE_5M: say("cache write"),
    Kind.CACHE_WRITE_1H: say("longer cache write"),
    Kind.CACHE_WRITE_12H: say("12-hour cache write"),
    Kind.OUTPUT: say("output"),
    Kind.OUTPUT_AUDIO: say("audio output"),
    Kind.OUTPUT_IMAGE: say("image output"),
    Kind.SEARCHES: say("web searches"),
    Kind.FETCHES: say("web fetches"),
    Kind.CHARACTERS: say("characters"),
    Kind.SECONDS: say("seconds"),
}
"""The kinds by the words that explain a price."""

_UNIT_KINDS = {kind.value: kind for kind in UNITS}
"""The units of a record that some list prices; all others are not priced."""

_PARTS = (
    ("input_audio_tokens", Kind.INPUT, Kind.INPUT_AUDIO),
    ("input_image_tokens", Kind.INPUT, Kind.INPUT_IMAGE),
    ("input_cached_audio_tokens", Kind.CACHE_READ, Kind.CACHE_READ_AUDIO),
    ("input_cached_image_tokens", Kind.CACHE_READ, Kind.CACHE_READ_IMAGE),
    ("cache_write_12h", Kind.CACHE_WRITE_1H, Kind.CACHE_WRITE_12H),
    ("output_audio_tokens", Kind.OUTPUT, Kind.OUTPUT_AUDIO),
    ("output_image_tokens", Kind.OUTPUT, Kind.OUTPUT_IMAGE),
)
"""Details that count a part of a token class, and the kind that it is priced as."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a price depends on, apart from the instant and the length of the prompts.

    `tier`, `speed` and `geo` are the provider's own words, empty where it says nothing; `source`
    is the account's name and `currency` what it is billed in, empty where nobody said.
    """

    provider: str
    model: str
    tier: str
    speed: str
    geo: str
    source: str
    currency: str


@dataclass(frozen=True, slots=True)
class Band:
    """The rates of prompts longer than `above` tokens; a kind that is missing has no price.

    `words` explain the price of tokens and where it is from, `unit_words` the price of units, for
    records that have some.
    """

    above: int
    currency: str
    rates: Mapping[Kind, int]
    words: str
    unit_words: str


Bands = tuple[Band, ...]
"""What one price asks under some circumstances, the shortest prompts first."""


class NotPriced(Exception):
    """There is no list price for this; the sentence says what is missing."""


def rate_of(kind: Kind, price: Decimal | Fraction) -> int:
    """The rate of one token or unit, from a price in currency units for as many as `PRICED_PER`."""
    return round(Fraction(price) * NANO * SCALE / PRICED_PER[kind])


def nanos_of_counts(counts: Mapping[Kind, int | Decimal], band: Band) -> int:
    """Nano-units of the band's currency for counts at its rates, rounded once, half to even.

    Raises `NotPriced` for a kind without a rate: what is unknown is never zero.
    """
    exact: int | Fraction = 0
    for kind, count in counts.items():
        rate = band.rates.get(kind)
        if rate is None:
            length = ""
            if band.above > 0:
                length = say(" of prompts above {count:,} tokens", count=band.above)
            raise NotPriced(
                say(
                    "There is no list price for {spoken}{length}.",
                    spoken=SPOKEN[kind],
                    length=length,
                )
            )
        exact += (count if isinstance(count, int) else Fraction(count)) * rate
    return round(Fraction(exact, SCALE))


def counts_of(record: UsageRecord, details: Mapping[str, str]) -> dict[Kind, int | Decimal]:
    """What a record holds of each kind, without the kinds it holds nothing of.

    Audio and image tokens are parts of input, cache reads and output that are priced apart, as are
    cache writes that live for 12 hours. Raises `NotPriced` for a unit that no list prices and for
    parts that are more than their whole.
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
                raise NotPriced(
                    say(
                        "The {spoken} tokens are more than all {spoken2} tokens.",
                        spoken=SPOKEN[part],
                        spoken2=SPOKEN[whole],
                    )
                )
            counts[whole] -= count
            counts[part] = count
    counts.update(_units(record))
    return {kind: count for kind, count in counts.items() if count}


def _units(record: UsageRecord) -> Iterator[tuple[Kind, Decimal]]:
    for unit, quantity in record.units:
        kind = _UNIT_KINDS.get(unit)
        if kind is not None:
            yield kind, quantity
        elif quantity:
            raise NotPriced(say("There is no list price for {unit}.", unit=unit))
