"""Terms: what tier, speed and place do to a price, whoever lists it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from plimsoll.domain.said import say
from plimsoll.prices.rates import Circumstances, NotPriced

STANDARD = frozenset({"", "standard", "default"})
"""Words for the tier and the speed that the plain price is for."""

_US_ONLY = Fraction(11, 10)
"""Anthropic's inference in the US only costs this much more for every kind of token, on Claude Opus
4.6 and later (docs.aws.amazon.com/claude-platform/latest/userguide/data-residency.html); earlier
models refuse the setting. The package does not know it."""

_ANYWHERE = frozenset({"", "global", "not_available"})


def unusual_words(circumstances: Circumstances) -> tuple[str, ...]:
    """The tier and the speed, as far as they are not the standard ones."""
    words = (circumstances.tier, circumstances.speed)
    return tuple(word for word in words if word not in STANDARD)


def not_listed(circumstances: Circumstances) -> NotPriced:
    """That a model has no price in its tier and speed."""
    words = ", ".join((circumstances.model, *unusual_words(circumstances)))
    return NotPriced(say("There is no list price for {words}.", words=words))


def surcharge(circumstances: Circumstances) -> Fraction:
    """What token prices are multiplied by where the inference must happen; raises `NotPriced`."""
    if circumstances.geo in _ANYWHERE:
        return Fraction(1)
    if circumstances.provider == "anthropic" and circumstances.geo == "us":
        return _US_ONLY
    raise NotPriced(say("There is no list price for inference in {geo}.", geo=circumstances.geo))


def terms_in_words(circumstances: Circumstances, remark: str = "") -> Iterator[str]:
    """The terms that a price was changed by, for its basis."""
    for word in unusual_words(circumstances):
        yield f"{word} {remark}".strip()
    if circumstances.geo == "us":
        yield "US only"


__all__ = ["STANDARD", "not_listed", "surcharge", "terms_in_words", "unusual_words"]
