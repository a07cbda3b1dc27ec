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
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import day_start
from plimsoll.prices.rates import SCALE, Band, Kind, NotPriced

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, PriceVariant, TieredPrices

    from plimsoll.prices.book import Circumstances

    Prices = Mapping[str, Decimal | TieredPrices]

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
    surcharge = _surcharge(circumstances)
    words = ", ".join((f"list price of {model.id}", *_said(circumstances, remark)))
    free = not prices
    return tuple(_band(above, prices, surcharge, words, free) for above in _starts(prices))


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
    return {name: price for name, price in prices.__dict__.items() if price is not None}


def _same_share(today: Prices, usual: Prices, shared: Prices) -> Prices:
    """Each of today's prices, times the share that its tier had of the usual price later on."""
    if today == usual:
        return shared
    return {
        name: _shared(price, usual.get(name), shared.get(name)) for name, price in today.items()
    }


def _shared(
    price: Decimal | TieredPrices,
    usual: Decimal | TieredPrices | None,
    shared: Decimal | TieredPrices | None,
) -> Decimal | TieredPrices:
    from genai_prices.types import Tier, TieredPrices

    if usual is None or shared is None:
        raise NotPriced("The price of this tier is not known for that day.")
    part, whole = _base(shared), _base(usual)
    if isinstance(price, TieredPrices):
        tiers = [Tier(tier.start, tier.price * part / whole) for tier in price.tiers]
        return TieredPrices(price.base * part / whole, tiers)
    return price * part / whole


def _base(price: Decimal | TieredPrices) -> Decimal:
    return price if isinstance(price, Decimal) else price.base


def _surcharge(circumstances: Circumstances) -> Decimal:
    if circumstances.geo in _ANYWHERE:
        return Decimal(1)
    if circumstances.provider == "anthropic" and circumstances.geo == "us":
        return _US_ONLY
    raise NotPriced(f"There is no list price for inference in {circumstances.geo}.")


# -- bands -------------------------------------------------------------------------------------


def _starts(prices: Prices) -> Iterator[int]:
    """The lengths of prompts at which any price changes; −1 stands before the shortest."""
    starts = {-1}
    for price in prices.values():
        if not isinstance(price, Decimal):
            starts.update(tier.start for tier in price.tiers)
    return iter(sorted(starts))


def _band(above: int, prices: Prices, surcharge: Decimal, words: str, free: bool) -> Band:
    from genai_prices import Usage
    from genai_prices.types import ModelPrice

    flat = {name: _price_above(above, price) for name, price in prices.items()}
    asked = ModelPrice(**flat)
    rates = {}
    for kind, (usage, needed) in _PROBES.items():
        if free:
            rates[kind] = 0
        elif _answers(kind, needed, flat):
            million = asked.calc_price(Usage(**usage))["total_price"]
            rates[kind] = _rate(million if kind in _UNITS else million * surcharge)
    return Band(above, rates, _spelt(words, above, rates))


def _answers(kind: Kind, needed: tuple[str, ...], flat: Mapping[str, Decimal]) -> bool:
    """Whether the package knows a price for this kind.

    Cache writes that live longer than the ones it has a price for are dearer by an unknown amount.
    """
    if kind is Kind.CACHE_WRITE_1H and "cache_write_mtok" in flat:
        return "cache_write_1h_mtok" in flat
    return any(name in flat for name in needed)


def _price_above(above: int, price: Decimal | TieredPrices) -> Decimal:
    """A price for prompts just longer than `above`: the highest tier begun, for all tokens."""
    if isinstance(price, Decimal):
        return price
    found = price.base
    for tier in price.tiers:
        if tier.start <= above:
            found = tier.price
    return found


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


__all__ = ["LISTS", "bands_for"]
