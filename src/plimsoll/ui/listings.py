"""Listings: everything that a card shows the beginning of, as a table of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plimsoll.services.check_answers import CheckCause
from plimsoll.services.price_answers import NotPricedLine, PriceChange
from plimsoll.services.restated import Restated
from plimsoll.ui.moments import at, grouped, period_words
from plimsoll.ui.price_words import month_words, signed, units_words
from plimsoll.ui.widgets.account_check import thing_table
from plimsoll.ui.widgets.restated_card import change_words, values_words
from plimsoll.ui.words import full_day, in_words, tr


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows with their headers, and one sentence about all of them.

    The first `words` columns are words, the others figures; the `wide` one takes what is left.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentence: str = ""
    words: int = 1
    wide: int = 0

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Headers and rows."""
        return self.headers, self.rows

    def accessible_text(self) -> str:
        """The sentence."""
        return self.sentence


def of_cause(cause: CheckCause, currency: str) -> Listing:
    """Everything that a cause is made of."""
    headers, rows = thing_table(cause.things, currency)
    return Listing(headers, tuple(rows), in_words(cause.sentence))


def of_not_priced(lines: Sequence[NotPricedLine]) -> Listing:
    """Everything without a price."""
    headers = (tr("Model"), tr("Source"), tr("Tier"), tr("Reason"), tr("Used"), tr("Days"))
    rows = tuple(
        (
            line.model or tr("without a model"),
            line.source,
            line.tier or "–",
            in_words(line.reason),
            _used(line),
            str(line.days),
        )
        for line in lines
    )
    return Listing(headers, rows, words=4, wide=3)


def of_restated(restated: Sequence[Restated], *, now: datetime) -> Listing:
    """Every settled day that was changed later."""
    headers = (tr("Day"), tr("Source"), tr("Of"), tr("Before → now"), tr("Change"), tr("Seen"))
    rows = tuple(
        (
            full_day(one.day),
            one.source,
            one.endpoint,
            values_words(one),
            change_words(one),
            at(one.seen, now),
        )
        for one in restated
    )
    sentence = tr("Days that were settled, and that a provider changed later all the same.")
    return Listing(headers, rows, sentence, words=4, wide=3)


def of_log(log: Sequence[PriceChange], *, now: datetime, today: date) -> Listing:
    """What every change of prices did to the stored figures."""
    headers = (tr("When"), tr("What changed"), tr("Estimated"), tr("Not priced"), tr("Days"))
    rows = tuple(
        (
            at(one.at, now),
            in_words(one.sentence),
            _months(one, today),
            _tokens(one.effect.not_priced),
            period_words(one.effect.period) if one.effect.period else "–",
        )
        for one in log
    )
    return Listing(headers, rows, words=2, wide=1)


def _used(line: NotPricedLine) -> str:
    """How much of it there is: tokens, or other units."""
    return grouped(line.tokens) if line.tokens else units_words(line.units) or "0"


def _tokens(change: int) -> str:
    """By how many tokens something grows or shrinks."""
    sign = {True: "+", False: "−"}[change > 0] if change else ""
    return f"{sign}{grouped(abs(change))}"


def _months(change: PriceChange, today: date) -> str:
    months = [m for m in change.effect.months if m.estimated]
    told = [
        f"{month_words(m.month, today=today)} {signed(m.estimated, m.currency)}" for m in months
    ]
    return tr(", ").join(told) or tr("nothing")
