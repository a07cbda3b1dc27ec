"""Listed: the bands of the package genai-prices, read with its known faults kept out.

Prices there are dated by whole UTC days and priced by `Decimal`; this module asks the package for
the price of a million of each kind, so that its own rules hold (cached tokens without a price of
their own cost as much as input, for example), once for each day, model, tier and length of prompt.
Only providers are asked whose list is in dollars and without hours of the day: the package turns
mainland prices into dollars at a fixed rate, and knows no weekends in its hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import day_start
from plimsoll.domain.money import NANO
from plimsoll.prices.rates import SCALE, Band, Kind, NotPriced

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, PriceVariant, TieredPrices

    from plimsoll.prices.book import Circumstances

Steps = tuple[tuple[int, Decimal], ...]
"""One price of the package: (above, dollars) pairs by length of the prompt, from above −1 on."""

Prices = tuple[tuple[str, Steps], ...]
"""The prices of a model under some circumstances, by the package's names."""

LISTS = {"openai": "openai", "anthropic": "anthropic"}
"""Our words for the providers that can be priced, and the package's; the package is never left to
guess a provider from a model's name."""

_STANDARD = frozenset({"", "standard", "default"})
_CONTEXTS = {
    ("openai", "batch"): ("processing", "batch"),
    ("openai", "flex"): ("service_tier", "flex"),
    ("openai", "priority"): ("service_tier", "priority"),
    ("openai", "fast"): ("service_tier", "fast"),
    ("anthropic", "batch"): ("processing", "batch"),
}
"""The package's words for each provider's service tiers; any other tier is not priced."""

_CONSTANT_SHARE = frozenset({"batch", "flex"})
"""Tiers that have always been a share of the list price, by both providers' own price pages. The
package dates them from the day it first read them; before that, the same share holds."""

_FREE = frozenset({("openai", "moderation")})
"""Models that are free by the provider's word; the package has them without any price."""

_US_ONLY = Decimal("1.1")
"""Anthropic's inference in the US only costs this much more for every kind of token, on Claude Opus
4.6 and later (docs.aws.amazon.com/claude-platform/latest/userguide/data-residency.html); earlier
models refuse the setting. The package does not know it."""

_ANYWHERE = frozenset({"", "global", "not_available"})

_MILLION = 1_000_000
_PROBES: dict[Kind, tuple[dict[str, int], tuple[str, ...]]] = {
    Kind.INPUT: ({"input_tokens": _MILLION}, ("input_mtok",)),
    Kind.INPUT_AUDIO: (
        {"input_tokens": _MILLION, "input_audio_tokens": _MILLION},
        ("input_audio_mtok",),
    ),
    Kind.INPUT_IMAGE: (
        {"input_tokens": _MILLION, "input_image_tokens": _MILLION},
        ("input_mtok", "input_image_mtok"),
    ),
    Kind.CACHE_READ: (
        {"input_tokens": _MILLION, "cache_read_tokens": _MILLION},
        ("input_mtok", "cache_read_mtok"),
    ),
    Kind.CACHE_READ_AUDIO: (
        {
            "input_tokens": _MILLION,
            "input_audio_tokens": _MILLION,
            "cache_read_tokens": _MILLION,
            "cache_audio_read_tokens": _MILLION,
        },
        ("input_audio_mtok", "cache_audio_read_mtok"),
    ),
    Kind.CACHE_READ_IMAGE: (
        {
            "input_tokens": _MILLION,
            "input_image_tokens": _MILLION,
            "cache_read_tokens": _MILLION,
            "cache_image_read_tokens": _MILLION,
        },
        ("input_mtok", "input_image_mtok"),
    ),
    Kind.CACHE_WRITE_5M: (
        {"input_tokens": _MILLION, "cache_write_tokens": _MILLION},
        ("input_mtok", "cache_write_mtok"),
    ),
    Kind.CACHE_WRITE_1H: (
        {
            "input_tokens": _MILLION,
            "cache_write_tokens": _MILLION,
            "cache_write_1h_tokens": _MILLION,
        },
        ("input_mtok", "cache_write_1h_mtok"),
    ),
    Kind.OUTPUT: ({"output_tokens": _MILLION}, ("output_mtok",)),
    Kind.OUTPUT_AUDIO: (
        {"output_tokens": _MILLION, "output_audio_tokens": _MILLION},
        ("output_audio_mtok",),
    ),
    Kind.OUTPUT_IMAGE: (
        {"output_tokens": _MILLION, "output_image_tokens": _MILLION},
        ("output_mtok", "output_image_mtok"),
    ),
    Kind.SEARCHES: ({"web_searches": _MILLION}, ("web_searches_kcount",)),
    Kind.CHARACTERS: ({"input_characters": _MILLION}, ("input_mchars",)),
    Kind.SECONDS: (
        {"audio_seconds": _MILLION, "input_audio_seconds": _MILLION},
        ("audio_hours", "input_audio_hours"),
    ),
}
"""What the package is asked for each kind, and the prices of which it must have one to answer.

Image tokens are priced as text where they have no price of their own, as OpenAI does for pictures
sent to its language models; audio never is.
"""
_UNITS = frozenset({Kind.SEARCHES, Kind.CHARACTERS, Kind.SECONDS})


def bands_for(circumstances: Circumstances) -> tuple[Band, ...]:
    """The rates under these circumstances, the shortest prompts first; raises `NotPriced`."""
    from genai_prices.data_snapshot import get_snapshot

    provider = LISTS.get(circumstances.provider)
    if provider is None:
        raise NotPriced(f"There is no price list for {circumstances.provider}.")
    try:
        _, model = get_snapshot().find_provider_model(circumstances.model, None, provider, None)
    except LookupError:
        raise NotPriced(f"There is no list price for {circumstances.model}.") from None
    prices, remark = _prices(model, circumstances)
    if not prices and (provider, model.id) not in _FREE:
        raise NotPriced(f"There is no list price for {circumstances.model}.")
    words = ", ".join((f"list price of {model.id}", *_said(circumstances, remark)))
    return _bands(prices, _surcharge(circumstances), words)


# -- which prices hold -------------------------------------------------------------------------


def _prices(model: ModelInfo, circumstances: Circumstances) -> tuple[Prices, str]:
    """The prices of the day, tier and speed, and a remark where they are the day's by a rule."""
    when = day_start(circumstances.day)
    context = _context(circumstances)
    if context is None:
        return _present(model.get_prices(when)), ""
    name, value = context
    variants = [v for v in model.price_variants or () if v.when == {name: value}]
    if not variants:
        raise NotPriced(f"There is no list price for {model.id}, {value}.")
    if any(v.constraint is None or v.constraint.active(when) for v in variants):
        return _present(model.get_prices(when, {name: value})), ""
    recorded = _first_day(variants)
    if value not in _CONSTANT_SHARE or recorded is None or recorded < circumstances.day:
        raise NotPriced(f"There is no list price for {model.id}, {value}, on that day.")
    later = day_start(recorded)
    usual = _present(model.get_prices(later))
    shared = _present(model.get_prices(later, {name: value}))
    return _same_share(_present(model.get_prices(when)), usual, shared), "at its usual share"


def _context(circumstances: Circumstances) -> tuple[str, str] | None:
    """The one condition that prices differ by; None for standard prices."""
    tier, speed = circumstances.tier, circumstances.speed
    if tier in _STANDARD:
        if speed in _STANDARD:
            return None
        if circumstances.provider == "anthropic" and speed == "fast":
            return "speed", "fast"
    elif speed in _STANDARD:
        context = _CONTEXTS.get((circumstances.provider, tier))
        if context is not None:
            return context
    unknown = ", ".join(word for word in (tier, speed) if word not in _STANDARD)
    raise NotPriced(f"There is no list price for {circumstances.model}, {unknown}.")


def _first_day(variants: list[PriceVariant]) -> date | None:
    from genai_prices.types import StartDateConstraint

    days = [
        v.constraint.start_date for v in variants if isinstance(v.constraint, StartDateConstraint)
    ]
    return min(days, default=None)


def _present(prices: ModelPrice) -> Prices:
    return tuple(
        (name, _steps(price)) for name, price in prices.__dict__.items() if price is not None
    )


def _steps(price: Decimal | TieredPrices) -> Steps:
    """A price of the package: reaching a tier changes the price of all tokens of the request."""
    if isinstance(price, Decimal):
        return ((-1, price),)
    return ((-1, price.base), *((tier.start, tier.price) for tier in price.tiers))


def _same_share(today: Prices, usual: Prices, shared: Prices) -> Prices:
    """Each of today's prices, times the share that its tier had of the usual price later on."""
    if today == usual:
        return shared
    wholes, parts = dict(usual), dict(shared)
    if any(name not in wholes for name, _ in today):
        raise NotPriced("The price of this tier is not known for that day.")
    return tuple(
        (
            name,
            tuple(
                (above, price * parts[name][0][1] / wholes[name][0][1]) for above, price in steps
            ),
        )
        for name, steps in today
    )


def _surcharge(circumstances: Circumstances) -> Decimal:
    if circumstances.geo in _ANYWHERE:
        return Decimal(1)
    if circumstances.provider == "anthropic" and circumstances.geo == "us":
        return _US_ONLY
    raise NotPriced(f"There is no list price for inference in {circumstances.geo}.")


# -- bands -------------------------------------------------------------------------------------


@cache
def _bands(prices: Prices, surcharge: Decimal, words: str) -> tuple[Band, ...]:
    starts = sorted({-1, *(above for _, steps in prices for above, _ in steps)})
    return tuple(_band(above, prices, surcharge, words) for above in starts)


def _band(above: int, prices: Prices, surcharge: Decimal, words: str) -> Band:
    from genai_prices import Usage
    from genai_prices.types import ModelPrice

    flat = {name: _price_above(above, steps) for name, steps in prices}
    asked = ModelPrice(**flat)
    rates = {}
    for kind, (usage, needed) in _PROBES.items():
        if not prices:
            rates[kind] = 0
        elif _answers(kind, needed, flat):
            million = asked.calc_price(Usage(**usage))["total_price"]
            rates[kind] = _rate(million if kind in _UNITS else million * surcharge)
    return Band(above, rates, _spelt(words, above, rates), _spelt_units(rates))


def _answers(kind: Kind, needed: tuple[str, ...], flat: Mapping[str, Decimal]) -> bool:
    """Whether the package knows a price for this kind.

    Cache writes that live longer than the ones it has a price for are dearer by an unknown amount.
    """
    if kind is Kind.CACHE_WRITE_1H and "cache_write_mtok" in flat:
        return "cache_write_1h_mtok" in flat
    return any(name in flat for name in needed)


def _price_above(above: int, steps: Steps) -> Decimal:
    """The price of prompts just longer than `above`."""
    return [price for start, price in steps if start <= above][-1]


def _rate(dollars_per_million: Decimal) -> int:
    return round(dollars_per_million * 1000 * SCALE)


# -- words -------------------------------------------------------------------------------------


def _said(circumstances: Circumstances, remark: str) -> Iterator[str]:
    for word in (circumstances.tier, circumstances.speed):
        if word not in _STANDARD:
            yield f"{word} {remark}".strip()
    if circumstances.geo == "us":
        yield "US only"


_SPELT = (Kind.INPUT, Kind.CACHE_READ, Kind.CACHE_WRITE_5M, Kind.CACHE_WRITE_1H, Kind.OUTPUT)


def _spelt(words: str, above: int, rates: Mapping[Kind, int]) -> str:
    if above > 0:
        words = f"{words}, prompts above {above:,} tokens"
    prices = [
        f"${Decimal(rates[kind]) / (1000 * SCALE):f} {kind}" for kind in _SPELT if rates.get(kind)
    ]
    return f"{words}: {', '.join(prices)} per million tokens" if prices else words


_UNIT_WORDS = (
    (Kind.SEARCHES, 1000, "1,000 web searches"),
    (Kind.CHARACTERS, 1_000_000, "million characters"),
    (Kind.SECONDS, 3600, "hour of audio"),
)


def _spelt_units(rates: Mapping[Kind, int]) -> str:
    return ", ".join(
        f"${(Decimal(rates[kind]) * count / (NANO * SCALE)).normalize():f} per {unit}"
        for kind, count, unit in _UNIT_WORDS
        if rates.get(kind)
    )


__all__ = ["LISTS", "bands_for"]
