"""Run-out words: when a balance runs out, as one sentence of plain English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plimsoll.domain.calendar import spoken
from plimsoll.domain.money import shown

if TYPE_CHECKING:
    from plimsoll.services.prepaid import Prepaid


def run_out_sentence(one: Prepaid) -> str:
    """What is left of a balance and how long it lasts: `¥212.40 left, runs out about 12 December
    (80%: 8 December to 25 December).`
    """
    derived = " by the account book" if one.derived else ""
    lapses = "".join(
        f" {shown(credit.nanos, one.currency)} of it expires unused after {spoken(credit.last)}."
        for credit in one.run_out.lapsing
    )
    return f"{shown(one.left, one.currency)} left{derived}, {when_in_words(one)}.{lapses}"


def when_in_words(one: Prepaid) -> str:
    """When it runs out, as the end of a sentence."""
    from plimsoll.analysis.runout import Lasts

    found = one.run_out
    if found.lasts is Lasts.GONE:
        return "used up"
    if found.lasts is Lasts.IDLE:
        return "and nothing has been spent of it lately"
    if found.lasts is Lasts.UNKNOWN:
        return "not enough history to say how long it lasts"
    rough = " (rough)" if found.quality == "rough" else ""
    if found.day is None:
        earliest = f", at the earliest about {spoken(found.earliest)}" if found.earliest else ""
        return f"lasts more than 3 months{earliest}{rough}"
    first = spoken(found.earliest) if found.earliest else spoken(found.day)
    last = spoken(found.latest) if found.latest else "more than 3 months from now"
    return f"runs out about {spoken(found.day)} (80%: {first} to {last}){rough}"
