"""Growth in words: regions of makers, what shares are of, and weeks that can still change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from plimsoll.analysis.market import concentration
from plimsoll.services.market_answers import Use
from plimsoll.ui.moments import share_words
from plimsoll.ui.words import tr

DOUBLING, REGIONS, SELLER, LOOPS = "doubling", "regions", "seller", "loops"
"""The figures of the growth card."""


def region_words() -> Mapping[str, str]:
    """The regions of makers by their words, in the order in which they are shown."""
    return {"mainland": tr("Mainland"), "overseas": tr("Overseas"), "": tr("Not known")}


def has_money(use: Use) -> bool:
    """Whether any of it has a price in the answer's currency."""
    return concentration(use.by_seller(money=True)) is not None


def of_words(currency: str, *, money: bool) -> str:
    """What shares are of."""
    if money:
        return tr("money in {currency}, billed and estimated", currency=currency)
    return tr("tokens, those of plans too")


def index_words(herfindahl: Fraction) -> str:
    """The index with two decimals, and what it would be with equal sellers."""
    return tr(
        "{index}, as with {count} equal ones",
        index=f"{float(herfindahl):.2f}",
        count=f"{float(1 / herfindahl):.1f}",
    )


def shares_words(parts: Mapping[str, Fraction]) -> str:
    """Shares by region in one line: `Mainland 4% · Overseas 96%`; a dash where there are none."""
    told = [
        f"{name} {share_words(float(parts[word]))}"
        for word, name in region_words().items()
        if word in parts
    ]
    return " · ".join(told) or "–"


def open_weeks(weeks: Sequence[Use]) -> int:
    """How many of the last weeks can still change."""
    count = 0
    for week in reversed(weeks):
        if week.is_week_over and not week.not_final:
            break
        count += 1
    return count
