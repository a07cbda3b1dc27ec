"""The price book: what a usage record is worth at list price, or that nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.metadata import version

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.money import MAX_NANOS, Money
from plimsoll.domain.usage import Computed, Tokens, UsageRecord
from plimsoll.prices.rates import CURRENCY, Band, NotPriced, counts_of, price_of

_WINDOW = re.compile(r"(\d{1,6})([kM]?)-(\d{1,6})([kM])", re.ASCII)
_THOUSANDS = {"": 1, "k": 1000, "M": 1_000_000}

LOWER_RATE = "the lower rate, because the lengths of the single prompts are not reported"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a list price depends on, apart from the length of the prompts.

    `tier`, `speed` and `geo` are the provider's own words, empty where it says nothing.
    """

    provider: str
    model: str
    day: date
    tier: str
    speed: str
    geo: str


class PriceBook:
    """List prices by provider, model, day, tier and length of the prompt, in US dollars.

    The prices are those of the package genai-prices, for the providers that are billed in dollars
    at prices without hours of the day; everybody else's records are *not priced* here, never zero.
    Safe to use from several threads. (An overlay of our own prices, and the user's, will be asked
    before the package: it answers the same `Circumstances` with bands.)
    """

    def __init__(self) -> None:
        self._bands: dict[Circumstances, tuple[Band, ...] | NotPriced] = {}

    @cached_property
    def edition(self) -> str:
        """Which prices these are, to be kept beside every amount that they made."""
        return f"genai-prices {version('genai-prices')}"

    def compute(self, record: UsageRecord, *, provider: str) -> Computed:
        """What a record is worth at the list price of its UTC day, and in words which price it was.

        `worth` is None, with the reason, where any part of the record has no known price.
        """
        if not record.tokens.total and not any(quantity for _, quantity in record.units):
            return Computed(Money(CURRENCY, 0), "nothing was used")
        try:
            return self._priced(record, provider)
        except NotPriced as unknown:
            return Computed(None, str(unknown))

    def _priced(self, record: UsageRecord, provider: str) -> Computed:
        details = dict(record.details)
        attribution = record.attribution
        if attribution.model is None:
            raise NotPriced("The provider does not say which model this was.")
        circumstances = Circumstances(
            provider=provider,
            model=attribution.model,
            day=utc_day(record.start),
            tier=attribution.tier or "",
            speed=details.get("speed", ""),
            geo=details.get("inference_geo", ""),
        )
        band, certain = _band(self._bands_for(circumstances), *_prompt_lengths(record, details))
        nanos = price_of(counts_of(record, details), band)
        if nanos > MAX_NANOS:
            raise NotPriced("The amount is out of range.")
        return Computed(Money(CURRENCY, nanos), _basis(record, band, certain=certain))

    def _bands_for(self, circumstances: Circumstances) -> tuple[Band, ...]:
        known = self._bands.get(circumstances)
        if known is None:
            known = self._bands[circumstances] = _looked_up(circumstances)
        if isinstance(known, NotPriced):
            raise NotPriced(*known.args)
        return known


def _basis(record: UsageRecord, band: Band, *, certain: bool) -> str:
    if certain and not record.units:
        return band.words
    units = band.unit_words if record.units else ""
    return "; ".join(filter(None, (band.words, units, "" if certain else LOWER_RATE)))


def _looked_up(circumstances: Circumstances) -> tuple[Band, ...] | NotPriced:
    from plimsoll.prices.listed import bands_for

    try:
        return bands_for(circumstances)
    except NotPriced as unknown:
        return NotPriced(*unknown.args)


def _band(bands: tuple[Band, ...], shortest: int, longest: int) -> tuple[Band, bool]:
    """The band for prompts of these lengths: the lower one where they may lie in several."""
    lower = max((band for band in bands if shortest > band.above), key=_above)
    higher = max((band for band in bands if longest > band.above), key=_above)
    return lower, lower is higher


def _above(band: Band) -> int:
    return band.above


def _prompt_lengths(record: UsageRecord, details: dict[str, str]) -> tuple[int, int]:
    """The shortest and longest that a prompt of this record can be, in tokens.

    A record of one request has its length. Otherwise the provider's context window gives bounds
    (`200k-1M`), and no prompt is longer than all of the record's input.
    """
    whole = _input_of(record.tokens)
    if record.requests == 1:
        return whole, whole
    window = details.get("context_window")
    if window is None:
        return 0, whole
    match = _WINDOW.fullmatch(window)
    if match is None:
        raise NotPriced(f"There is no list price for the context window {window}.")
    low, low_unit, high, high_unit = match.groups()
    shortest = int(low) * _THOUSANDS[low_unit]
    longest = int(high) * _THOUSANDS[high_unit]
    return shortest + 1 if shortest else 0, min(longest, max(whole, shortest + 1))


def _input_of(tokens: Tokens) -> int:
    return tokens.total - tokens.output
