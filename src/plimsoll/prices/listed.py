"""Listed: the bands of the package genai-prices, read with its known faults kept out.

Prices there are dated by whole UTC days and priced by `Decimal`; this module asks the package for
the price of a million of each kind, so that its own rules hold (cached tokens without a price of
their own cost as much as input, for example), once for each day, model, tier and length of prompt.
Only providers are asked whose list is in dollars and without hours of the day: the package turns
mainland prices into dollars at a fixed rate, and knows no weekends in its hours. Such makers are
in the overlay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calendar import day_start
from plimsoll.domain.said import say
from plimsoll.domain.tariff import PRICED_PER, UNITS, Kind
from plimsoll.prices import edition as shipped
from plimsoll.prices.rates import Bands, Circumstances, NotPriced, rate_of
from plimsoll.prices.snapshot import Snapshot
from plimsoll.prices.terms import not_listed, surcharge, terms_in_words, unusual_words
from plimsoll.prices.words import band_of

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, PriceVariant, TieredPrices

CURRENCY = "USD"
"""The package prices in dollars only."""

Steps = tuple[tuple[int, Decimal], ...]
"""One price of the package: (above, dollars) pairs by length of the prompt, from above −1 on."""

Prices = tuple[tuple[str, Steps], ...]
"""The prices of a model under some circumstances, by the package's names."""

LISTS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "xai": "x-ai",
    "mistral": "mistral",
    "groq": "groq",
    "openrouter": "openrouter",
}
"""Our words for the providers that can be priced, and the package's; the package is never left to
guess a provider from a model's name."""

_CONTEXTS = {
    ("openai", "batch"): ("processing", "batch"),
    ("openai", "flex"): ("service_tier", "flex"),
    ("openai", "priority"): ("service_tier", "priority"),
    ("openai", "fast"): ("service_tier", "fast"),
    ("anthropic", "batch"): ("processing", "batch"),
    ("anthropic", "fast"): ("speed", "fast"),
    ("google", "batch"): ("processing", "batch"),
    ("google", "flex"): ("service_tier", "flex"),
    ("google", "priority"): ("service_tier", "priority"),
    ("xai", "batch"): ("processing", "batch"),
    ("groq", "batch"): ("processing", "batch"),
    ("mistral", "batch"): ("processing", "batch"),
}
"""The package's words for each provider's service tiers and speeds; any other is not priced."""

_CONSTANT_SHARE = frozenset({("openai", "batch"), ("openai", "flex"), ("anthropic", "batch")})
"""Tiers that have always been a share of the list price, by both providers' own price pages. The
package dates them from the day it first read them; before that, the same share holds."""

_FREE = frozenset({("openai", "moderation")})
"""Models that are free by the provider's word; the package has them without any price."""

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

_NAMES = frozenset(
    (
        *("input_mtok", "input_audio_mtok", "input_image_mtok", "input_mchars"),
        *("cache_read_mtok", "cache_audio_read_mtok", "cache_image_read_mtok"),
        *("cache_write_mtok", "cache_write_1h_mtok", "audio_hours", "input_audio_hours"),
        *("output_mtok", "output_audio_mtok", "output_image_mtok", "web_searches_kcount"),
    )
)
"""The package's names of the prices that our kinds are priced by."""

_NOT_ALL = {"groq": frozenset({"audio_hours", "input_audio_hours"})}
"""Prices that are not all there is to it: Groq bills at least ten seconds of each request."""


class _Stale(NamedTuple):
    was: str
    since: date


_STALE = {("mistral", "mistral-large-latest"): _Stale("mistral-large", date(2025, 12, 2))}
"""Names that moved on to another model on a day, and that the package still has at `was`. Mistral's
largest is no more the Large 2 of 2024, at four times the price of Large 3."""

_TWELVE_HOURS = frozenset(
    (
        *("gpt-5.6-cyber", "gpt-5.6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-6-astra"),
        *("gpt-6-luna", "gpt-6-rosalind", "gpt-6-sol", "gpt-6.1-sol", "gpt-6.1-terra"),
    )
)
"""OpenAI's models whose cache writes of 12 hours cost twice as much as the shorter ones. The
package has that only as a remark about gpt-6.1-terra; LiteLLM 1.109.1 lists it for all of these."""


def bands_for(
    circumstances: Circumstances, day: date, *, snapshot: Snapshot | None = None
) -> Bands:
    """The rates of a day under these circumstances, in dollars; raises `NotPriced`."""
    provider = LISTS.get(circumstances.provider)
    if provider is None:
        raise NotPriced(
            say("There is no price list for {provider}.", provider=circumstances.provider)
        )
    model = model_of(circumstances.provider, circumstances.model, snapshot=snapshot)
    stale = _STALE.get((provider, circumstances.model.casefold()))
    if model is None or (stale is not None and model.id == stale.was and day >= stale.since):
        raise NotPriced(say("There is no list price for {model}.", model=circumstances.model))
    prices, remark = _prices(model, circumstances, day)
    prices = tuple(price for price in prices if price[0] not in _NOT_ALL.get(provider, ()))
    if not prices and (provider, model.id) not in _FREE:
        raise NotPriced(say("There is no list price for {model}.", model=circumstances.model))
    # Without the edition, which each slice keeps: a new one would reword every row.
    lead = f"list price of {model.id} (genai-prices)"
    lead = ", ".join((lead, *terms_in_words(circumstances, remark)))
    half_day = provider == "openai" and model.id in _TWELVE_HOURS
    return _bands(prices, surcharge(circumstances), lead, half_day)


def model_of(provider: str, model: str, *, snapshot: Snapshot | None) -> ModelInfo | None:
    """What the package has of a model of a provider, by our word for it; None for nothing."""
    try:
        return _list(snapshot).find_provider_model(model, None, LISTS[provider], None)[1]
    except LookupError:
        return None


def changes_of(model: ModelInfo) -> list[date]:
    """The days on which the package has a model's price change, in order."""
    from genai_prices.types import StartDateConstraint

    if not isinstance(model.prices, list):
        return []
    constraints = [price.constraint for price in model.prices]
    return sorted({one.start_date for one in constraints if isinstance(one, StartDateConstraint)})


def edition(snapshot: Snapshot | None) -> str:
    """Which edition of the package's prices is asked; does not load the package."""
    return snapshot.label if snapshot else shipped.listed()


def _list(snapshot: Snapshot | None) -> DataSnapshot:
    if snapshot is not None:
        return snapshot.prices
    from genai_prices.data_snapshot import get_snapshot

    return get_snapshot()


# -- which prices hold -------------------------------------------------------------------------


def _prices(model: ModelInfo, circumstances: Circumstances, day: date) -> tuple[Prices, str]:
    """The prices of the day, tier and speed, and a remark where they are the day's by a rule."""
    when = day_start(day)
    context = _context(circumstances)
    if context is None:
        return _present(model.get_prices(when)), ""
    name, value = context
    variants = [v for v in model.price_variants or () if v.when == {name: value}]
    if not variants:
        raise not_listed(circumstances)
    if any(v.constraint is None or v.constraint.active(when) for v in variants):
        return _present(model.get_prices(when, {name: value})), ""
    recorded = _first_day(variants)
    if (circumstances.provider, value) not in _CONSTANT_SHARE or recorded is None or recorded < day:
        raise NotPriced(
            say("There is no list price for {id}, {value}, on that day.", id=model.id, value=value)
        )
    later = day_start(recorded)
    usual = _present(model.get_prices(later))
    shared = _present(model.get_prices(later, {name: value}))
    return _same_share(_present(model.get_prices(when)), usual, shared), "at its usual share"


def _context(circumstances: Circumstances) -> tuple[str, str] | None:
    """The one condition that prices differ by; None for standard prices."""
    unusual = unusual_words(circumstances)
    if not unusual:
        return None
    context = _CONTEXTS.get((circumstances.provider, unusual[0]))
    if context is None or len(unusual) > 1:
        raise not_listed(circumstances)
    return context


def _first_day(variants: list[PriceVariant]) -> date | None:
    from genai_prices.types import StartDateConstraint

    days = [
        v.constraint.start_date for v in variants if isinstance(v.constraint, StartDateConstraint)
    ]
    return min(days, default=None)


def _present(prices: ModelPrice) -> Prices:
    return tuple(
        (name, _steps(price))
        for name, price in prices.__dict__.items()
        if price is not None and name in _NAMES
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
        raise NotPriced(say("The price of this tier is not known for that day."))
    return tuple(
        (
            name,
            tuple(
                (above, price * parts[name][0][1] / wholes[name][0][1]) for above, price in steps
            ),
        )
        for name, steps in today
    )


# -- bands -------------------------------------------------------------------------------------


@cache
def _bands(prices: Prices, surcharge: Fraction, lead: str, half_day: bool) -> Bands:
    starts = sorted({-1, *(above for _, steps in prices for above, _ in steps)})
    tables = [(above, _rates(above, prices, surcharge)) for above in starts]
    if half_day:
        for _, rates in tables:
            rates[Kind.CACHE_WRITE_12H] = 2 * rates[Kind.CACHE_WRITE_5M]
    return tuple(band_of(above, CURRENCY, rates, lead) for above, rates in tables)


def _rates(above: int, prices: Prices, surcharge: Fraction) -> dict[Kind, int]:
    from genai_prices import Usage
    from genai_prices.types import ModelPrice

    flat = {name: _price_above(above, steps) for name, steps in prices}
    asked = ModelPrice(**flat)
    rates: dict[Kind, int] = {}
    for kind, (usage, needed) in _PROBES.items():
        if not prices:
            rates[kind] = 0
        elif _answers(kind, needed, flat):
            try:
                million = Fraction(asked.calc_price(Usage(**usage))["total_price"])
            except ValueError:  # prices that do not go together, in the package's own eyes
                raise NotPriced(say("The list price contradicts itself.")) from None
            price = million * PRICED_PER[kind] / _MILLION
            rates[kind] = rate_of(kind, price if kind in UNITS else price * surcharge)
    return rates


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


__all__ = ["CURRENCY", "LISTS", "bands_for", "changes_of", "edition", "model_of"]
