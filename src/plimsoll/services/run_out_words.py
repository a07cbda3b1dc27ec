"""Run-out words: when a balance runs out, as one plain sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plimsoll.domain.calendar import spoken
from plimsoll.domain.money import shown
from plimsoll.domain.said import say, together

if TYPE_CHECKING:
    from plimsoll.services.prepaid import Prepaid


def run_out_sentence(one: Prepaid) -> str:
    """What is left of a balance and how long it lasts: `¥212.40 left, runs out about 12 December
    (80%: 8 December to 25 December).`
    """
    amount, when = shown(one.left, one.currency), when_in_words(one)
    if one.derived:
        told = say("{amount} left by the account book, {when}.", amount=amount, when=when)
    else:
        told = say("{amount} left, {when}.", amount=amount, when=when)
    lapses = (
        say(
            "{amount} of it expires unused after {day}.",
            amount=shown(credit.nanos, one.currency),
            day=spoken(credit.last),
        )
        for credit in one.run_out.lapsing
    )
    return together([told, *lapses])


def when_in_words(one: Prepaid) -> str:
    """When it runs out, as the end of a sentence."""
    from plimsoll.analysis.runout import Lasts

    found = one.run_out
    if found.lasts is Lasts.GONE:
        return say("used up")
    if found.lasts is Lasts.IDLE:
        return say("and nothing has been spent of it lately")
    if found.lasts is Lasts.UNKNOWN:
        return say("not enough history to say how long it lasts")
    rough = say(" (rough)") if found.quality == "rough" else ""
    if found.day is None:
        if found.earliest is None:
            return say("lasts more than 3 months{rough}", rough=rough)
        return say(
            "lasts more than 3 months, at the earliest about {day}{rough}",
            day=spoken(found.earliest),
            rough=rough,
        )
    return say(
        "runs out about {day} (80%: {first} to {last}){rough}",
        day=spoken(found.day),
        first=spoken(found.earliest or found.day),
        last=spoken(found.latest) if found.latest else say("more than 3 months from now"),
        rough=rough,
    )
