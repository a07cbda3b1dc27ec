"""The words of repricing: what is said of a range, and of what cannot move."""

from __future__ import annotations

from fractions import Fraction

from plimsoll.analysis.reprice import Reason, Stay
from plimsoll.domain.tariff import Kind
from plimsoll.prices.rates import SPOKEN

ABOUT_QUALITY = (
    "Prices of the same tokens, not of the same answers: how good another model is, and how long "
    "it thinks, is not in these figures."
)

CACHE = (
    "What was read from a cache is taken to be served from one there at least half of the time and "
    "at most as often; fresh input is taken to stay fresh."
)

HOURS = (
    "Some records tell only their day, or lie across a change of price: they cost between the "
    "lowest and the highest price of their time."
)

LENGTHS = "The lengths of single prompts are not reported, and longer ones cost more there."


def tokenizers(low: Fraction, high: Fraction) -> str:
    """How far the tokenizers may differ."""
    return (
        f"The same text is between {round(low * 100)} and {round(high * 100)} % as many tokens "
        "there: the makers' tokenizers differ."
    )


def no_rate(currency: str, other: str) -> str:
    """That two currencies are not compared."""
    return (
        f"There is no rate between {currency} and {other}, so that the two are not compared; "
        "you can set one in Settings."
    )


def several_currencies(currency: str) -> str:
    """That the slice is in several currencies."""
    return f"What moves was paid in several currencies, and is not compared with {currency}."


_KINDS = {kind.value: SPOKEN[kind] for kind in Kind}


_WHY = {
    Reason.TIER: "{what}: no such tier there",
    Reason.MEDIA: "{what}: no price there",
    Reason.UNIT: "{what}: no price there",
    Reason.NO_CLASSES: "tokens whose classes are not told",
    Reason.NO_OUTPUT: "{what}: answers no text (embeddings or the like)",
    Reason.NO_TOKENS: "{what}: only the fall of its balance is known, not its tokens",
    Reason.LINE_ITEM: "{what}: billed for something else than tokens",
    Reason.NO_PRICE: "no price of {what} there",
}


def stay_words(stay: Stay) -> str:
    """Why something cannot move, in a few words."""
    what = _KINDS.get(stay.what, stay.what)
    if stay.reason is Reason.NO_PRICE and what.endswith("."):
        return what
    return _WHY[stay.reason].format(what=what or "a model that is not named")


__all__ = [
    "ABOUT_QUALITY",
    "CACHE",
    "HOURS",
    "LENGTHS",
    "no_rate",
    "several_currencies",
    "stay_words",
    "tokenizers",
]
