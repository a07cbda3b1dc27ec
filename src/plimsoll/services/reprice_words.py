"""The words of repricing: why it is a range, what cannot move, and what prices say nothing of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from plimsoll.analysis.reprice import Reason, Stay
from plimsoll.domain.calendar import Period
from plimsoll.domain.said import say
from plimsoll.domain.tariff import Kind


class Why(StrEnum):
    """Why an answer is a range, or stands alone."""

    TOKENIZERS = "tokenizers"
    CACHE = "cache"
    READS = "reads"
    HOURS = "hours"
    LENGTHS = "lengths"
    NO_RATE = "no rate"
    SEVERAL_CURRENCIES = "several currencies"


@dataclass(frozen=True, slots=True)
class Note:
    """One such reason; for tokenizers the ends of the yield, for currencies which they are."""

    why: Why
    low: Fraction = Fraction(1)
    high: Fraction = Fraction(1)
    currency: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class MissingOffer:
    """A maker's other site, `abroad` or on the mainland, of which the book has no price."""

    maker: str
    model: str
    abroad: bool


def about_quality() -> str:
    """What no price says."""
    return say(
        "Prices of the same tokens, not of the same answers: how good another model is, and how"
        " long it thinks, is not in these figures."
    )


def no_usage_words(period: Period, *, in_part: bool) -> str:
    """That nothing is there to be priced anew, in the whole or in the part that was asked for."""
    return say(
        "There is no usage from {first} to {last}{where}: there is nothing to price anew.",
        first=str(period.first),
        last=str(period.last),
        where=say(" in this part of it") if in_part else "",
    )


def note_words(note: Note) -> str:
    """A reason in one sentence."""
    match note.why:
        case Why.TOKENIZERS:
            return say(
                "The same text is between {low} and {high}% as many tokens there: the makers'"
                " tokenizers differ.",
                low=round(note.low * 100),
                high=round(note.high * 100),
            )
        case Why.NO_RATE:
            return say(
                "There is no rate between {currency} and {other}, so that the two are not"
                " compared; you can set one in Settings.",
                currency=note.currency,
                other=note.other,
            )
        case Why.SEVERAL_CURRENCIES:
            return say(
                "What moves was paid in several currencies, and is not compared with {currency}.",
                currency=note.currency,
            )
        case plain:
            return {
                Why.CACHE: say(
                    "What was read from a cache is taken to be served from one there at least half"
                    " of the time and at most as often; fresh input is taken to stay fresh."
                ),
                Why.READS: say(
                    "What a cache read costs there is not known: anything from nothing to the price"
                    " of fresh input."
                ),
                Why.HOURS: say(
                    "Some records tell only their day, or lie across a change of price: they cost"
                    " between the lowest and the highest price of their time."
                ),
                Why.LENGTHS: say(
                    "The lengths of single prompts are not reported, and longer ones cost more"
                    " there."
                ),
            }[plain]


def missing_words(missing: MissingOffer) -> str:
    """That a maker's other site has no price in the book."""
    if missing.abroad:
        return say(
            "{maker}: no price of {model} is known by the dollar list abroad.",
            maker=missing.maker,
            model=missing.model,
        )
    return say(
        "{maker}: no price of {model} is known by the mainland list in yuan.",
        maker=missing.maker,
        model=missing.model,
    )


def stay_words(stay: Stay) -> str:
    """Why something cannot move, in a few words."""
    what = kind_words(stay.what) or say("a model that is not named")
    if stay.reason is Reason.NO_PRICE and what.endswith("."):
        return what  # the price book's own sentence
    return {
        Reason.TIER: say("{what}: no such tier there", what=what),
        Reason.NO_CLASSES: say("tokens whose classes are not told"),
        Reason.NO_OUTPUT: say("{what}: answers no text (embeddings or the like)", what=what),
        Reason.NO_TOKENS: say("{what}: only its money is known, not its tokens", what=what),
        Reason.LINE_ITEM: say("{what}: billed for something else than tokens", what=what),
    }.get(stay.reason, say("{what}: no price there", what=what))


def kind_words(word: str) -> str:
    """What is priced apart, by its word in price files; another word stays as it is."""
    return {
        Kind.INPUT.value: say("input"),
        Kind.INPUT_AUDIO.value: say("audio input"),
        Kind.INPUT_IMAGE.value: say("image input"),
        Kind.CACHE_READ.value: say("cache reads"),
        Kind.CACHE_READ_AUDIO.value: say("audio cache reads"),
        Kind.CACHE_READ_IMAGE.value: say("image cache reads"),
        Kind.CACHE_WRITE_5M.value: say("cache writes"),
        Kind.CACHE_WRITE_1H.value: say("longer cache writes"),
        Kind.CACHE_WRITE_12H.value: say("12-hour cache writes"),
        Kind.OUTPUT.value: say("output"),
        Kind.OUTPUT_AUDIO.value: say("audio output"),
        Kind.OUTPUT_IMAGE.value: say("image output"),
        Kind.SEARCHES.value: say("web searches"),
        Kind.FETCHES.value: say("web fetches"),
        Kind.CHARACTERS.value: say("characters"),
        Kind.SECONDS.value: say("seconds of audio"),
        "images": say("images"),
    }.get(word, word)


__all__ = [
    "MissingOffer",
    "Note",
    "Why",
    "about_quality",
    "kind_words",
    "missing_words",
    "no_usage_words",
    "note_words",
    "stay_words",
]
