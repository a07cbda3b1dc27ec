"""Bill words: what a line of a provider's bill is for, read out of the provider's own words.

Costs and usage are two reports of one provider, and each has its own words for the same thing. Here
a line of costs gets the words that usage has: token class, unit, tier. What is not understood stays
what it says it is, and is for no tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.analysis.bill import STANDARD, TOKENS

_STANDARD_TIERS = frozenset({"", "standard", "default", "auto"})
"""What providers call the tier of calls that ask for none."""


def tier_of(word: str | None) -> str:
    """The tier of usage in one word for what providers call differently."""
    return STANDARD if word is None or word in _STANDARD_TIERS else word


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a line is for. `kind` is a token class, `TOKENS`, a unit as usage tells it (`searches`),
    or empty for neither. `tier` is None where the bill does not tell tiers. `quantity` is in tokens
    or units; `listed` is the amount before discount, in units of the currency.
    """

    kind: str = ""
    tier: str | None = None
    quantity: Decimal | None = None
    listed: Decimal | None = None


def meaning_of(
    provider: str,
    *,
    line_item: str | None,
    model: str | None,
    tier: str | None,
    details: Mapping[str, str],
    sums: Mapping[str, Decimal],
) -> Meaning:
    """What one line of a bill is for; `sums` are its quantity and its amount before discount."""
    read = _READERS.get(provider, _by_model)
    return read(line_item or "", model, tier, details, sums)


Reader = Callable[[str, str | None, str | None, Mapping[str, str], Mapping[str, Decimal]], Meaning]

# -- OpenAI: `gpt-5.4-mini, cached input, batch`; tools have no comma --------------------------

_OPENAI_KINDS = {
    "input": "input",
    "cached input": "cache_read",
    "cache write": "cache_write_5m",
    "cache writes": "cache_write_5m",
    "output": "output",
    "audio input": TOKENS,
    "cached audio input": TOKENS,
    "audio output": TOKENS,
    "image input": TOKENS,
    "cached image input": TOKENS,
}
_OPENAI_TOOLS = {"web search tool calls": "searches"}
_OPENAI_UNITS = {
    "tokens": (TOKENS, 1),
    "1000_tokens": (TOKENS, 1000),
    "duration_seconds": ("seconds", 1),
    "duration_minutes": ("seconds", 60),
    "duration_hours": ("seconds", 3600),
    "images": ("images", 1),
    "characters": ("characters", 1),
}
"""Its quantity units, ours, and how many of ours are in one."""

_OPENAI_TIERS = frozenset({"batch", "flex", "priority", "fast", "scale"})


def _openai(
    line_item: str,
    model: str | None,
    _tier: str | None,
    details: Mapping[str, str],
    sums: Mapping[str, Decimal],
) -> Meaning:
    unit, times = _OPENAI_UNITS.get(details.get("quantity_unit", ""), ("", 1))
    sold = sums.get("quantity")
    quantity = None if sold is None else sold * times
    if model is None:
        return Meaning(_OPENAI_TOOLS.get(line_item.lower(), ""), quantity=quantity)
    words = [word.strip().lower() for word in line_item.split(",")[1:]]
    tier = next((word for word in words if word in _OPENAI_TIERS), STANDARD)
    kinds = [word for word in words if word not in _OPENAI_TIERS]
    kind = _OPENAI_KINDS.get(", ".join(kinds))
    if unit and unit != TOKENS:
        return Meaning(unit, tier, quantity)
    if kind is None:
        kind = TOKENS if unit == TOKENS else ""
    return Meaning(kind, tier, quantity if unit in {TOKENS, kind} else None)


# -- Anthropic: cost_type and token_type, in words of the row or joined in the line item -------

_CENTS = Decimal("0.01")
_ANTHROPIC_KINDS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}


def _anthropic(
    line_item: str,
    _model: str | None,
    tier: str | None,
    details: Mapping[str, str],
    sums: Mapping[str, Decimal],
) -> Meaning:
    cost_type, _, token_type = line_item.partition(": ")
    cost_type = details.get("cost_type", cost_type)
    token_type = details.get("token_type", token_type)
    listed = sums.get("list_amount")
    before = None if listed is None else listed * _CENTS
    if cost_type == "web_search":
        return Meaning("searches", listed=before)
    if cost_type != "tokens":
        return Meaning(listed=before)
    return Meaning(_ANTHROPIC_KINDS.get(token_type, TOKENS), _told(tier), listed=before)


def _told(tier: str | None) -> str | None:
    return None if tier is None else tier_of(tier)


# -- everybody else bills a model, or nothing that could be told -------------------------------


def _by_model(
    line_item: str,
    model: str | None,
    tier: str | None,
    _details: Mapping[str, str],
    _sums: Mapping[str, Decimal],
) -> Meaning:
    """A model's money is for its tokens; so is that of an account that tells nothing apart."""
    return Meaning(TOKENS if model or not line_item else "", _told(tier))


# -- clouds: a quantity's unit says what a line is for, before discounts and after ---------------


def _by_unit(
    line_item: str,
    model: str | None,
    tier: str | None,
    details: Mapping[str, str],
    sums: Mapping[str, Decimal],
) -> Meaning:
    """What is counted in tokens, be it by the thousand, is for tokens, and nothing else is."""
    unit = details.get("quantity_unit", "").casefold()
    if not unit:
        return _by_model(line_item, model, tier, details, sums)
    return Meaning(TOKENS if "token" in unit else "", _told(tier), listed=sums.get("list_amount"))


_READERS: Mapping[str, Reader] = {
    "openai": _openai,
    "anthropic": _anthropic,
    **dict.fromkeys(("alibaba", "baidu", "tencent", "volcengine"), _by_unit),
}
