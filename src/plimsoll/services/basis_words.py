"""Basis words: what stored rows keep of their price as text, read back into sentences.

A row keeps which price computed it, or why none did, as one text that thousands of rows share. It
has few forms; here they are read back, so that the window can say them in another language. What
has another form stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.domain.calls import REPORTED
from plimsoll.domain.said import recognised, say, together
from plimsoll.prices.book import BY_THE_GATEWAY, LOWER_RATE, NOTHING_USED
from plimsoll.prices.rates import SPOKEN
from plimsoll.services.falls import BASIS, SPREAD

_PRICED = re.compile(
    r"(?P<own>list|own) price of (?P<model>.+?) \((?P<whose>.+?)\)(?P<terms>(?:, [^:;]+)?)"
    r"(?:: (?P<prices>[^:;]+) per million tokens)?(?P<more>(?:; .+)?)"
)
_KINDS = {str(words): words for words in SPOKEN.values()}

_WHOLE = (
    BASIS,
    SPREAD,
    REPORTED,
    BY_THE_GATEWAY,
    NOTHING_USED,
    say("Only the sum of these tokens is known, not their classes."),
    say("The provider does not say which model this was."),
    say("The amount is out of range."),
    say("The price of this tier is not known for that day."),
    say("The list price contradicts itself."),
    say("The price changes at {time} UTC, within the time of this record."),
    say("There is no price list for {provider}."),
    say("There is no list price for the context window {window}."),
    say("There is no list price for inference in {geo}."),
    say("There is no list price for {id}, {value}, on that day."),
    say("There is no list price for {words} at that time."),
    say("There is no list price for {words}."),
)
_TERMS = (
    say("US only"),
    say("peak hours"),
    say("off-peak"),
    say("prompts above {count} tokens"),
    say("{tier} at its usual share"),
)
_MORE = (LOWER_RATE, say("less {percent} % by contract"))
_UNITS = (
    say("{price} per 1,000 web searches"),
    say("{price} per 1,000 web fetches"),
    say("{price} per million characters"),
    say("{price} per hour of audio"),
)
_EDITIONS = (say("Plimsoll's list of {day}"), say("own prices {digest}"))


def basis_again(text: str) -> str:
    """The same text, made of what it was made of where that is known."""
    match = _PRICED.fullmatch(text)
    again = _price(match) if match else recognised(text, _WHOLE)
    return again if again == text else text


def editions_again(text: str) -> str:
    """An edition of the price book, the same text."""
    return together((recognised(part, _EDITIONS) for part in text.split("; ")), "; ")


def _price(match: re.Match[str]) -> str:
    whose = _whose(match["whose"])
    if match["own"] == "own":
        lead = say("own price of {model} ({whose})", model=match["model"], whose=whose)
    else:
        lead = say("list price of {model} ({whose})", model=match["model"], whose=whose)
    terms = (recognised(term, _TERMS) for term in match["terms"].split(", "))
    head = together((lead, *terms), ", ")
    if match["prices"]:
        prices = together(map(_of_kind, match["prices"].split(", ")), ", ")
        head = say("{lead}: {prices} per million tokens", lead=head, prices=prices)
    return together((head, *_more(match["more"])), "; ")


def _whose(words: str) -> str:
    ours, _, note = words.partition("; ")
    known = (say("for this account"), say("for all accounts"), say("Plimsoll's list"))
    return together((recognised(ours, known), say(note) if note else ""), "; ")


def _of_kind(price: str) -> str:
    """`$5 input`."""
    amount, _, kind = price.partition(" ")
    return say("{price} {kind}", price=amount, kind=_KINDS.get(kind, kind))


def _more(text: str) -> Iterator[str]:
    """Prices of units, and what else is said of a price."""
    for part in text.split("; "):
        words = recognised(part, _MORE)
        if words is part:
            words = together((recognised(unit, _UNITS) for unit in part.split(", ")), ", ")
        yield words
