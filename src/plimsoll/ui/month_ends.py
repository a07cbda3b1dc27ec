"""Month ends: where a month will end, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plimsoll.domain.money import shown
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.answers import MonthEnd


def headline(end: MonthEnd, month: str) -> str:
    """Where a month ends, in a heading."""
    if end.low80 is None:
        amount = shown(end.run_rate, end.currency, places=0)
        return tr("At this pace {month} ends near {amount}", month=month, amount=amount)
    amount = shown(end.median, end.currency, places=0)
    return tr("{month} will end near {amount}", month=month, amount=amount)


def range_in_words(end: MonthEnd) -> str:
    """The range in which it ends, or why there is none."""
    rate = shown(end.run_rate, end.currency, places=0)
    if end.low80 is None or end.high80 is None:
        reason = in_words(end.reason) or tr("Not enough days yet.")
        return tr("No range yet: {reason}", reason=reason)
    return tr(
        "Four of five such months end between {low} and {high}. At this month's mean day, the"
        " run-rate, it would be {rate}.",
        low=shown(end.low80, end.currency, places=0),
        high=shown(end.high80, end.currency, places=0),
        rate=rate,
    )
