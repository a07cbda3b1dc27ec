"""Quotes: what a million tokens cost, all together, model by model and seller by seller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from plimsoll.analysis.market import Quote, quote
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.usage import Evidence
from plimsoll.ledger.database import Ledger
from plimsoll.services.market_answers import Line, Ticker
from plimsoll.services.purchases import Purchase, Purchases, purchases
from plimsoll.services.sellers import Sellers

WEEKS = 13

_WEEK = 7
_LATEST = 7
"""So many days before today are looked at for the newest price; then it is no news any more."""

_Place = tuple[str, str | None, Evidence]


class Quotes:
    """The quotes of one currency over the thirty complete days, beside the thirty before, the last
    weeks and the latest day.
    """

    def __init__(
        self,
        ledger: Ledger,
        sellers: Sellers,
        currency: str,
        month: Period,
        before: Period,
        *,
        today: date,
    ) -> None:
        def bought(first: date, last: date) -> Purchases:
            return purchases(ledger, Period(first, last), today=today)

        self._sellers = sellers
        self._currency = currency
        self._last = today - ONE_DAY
        self.month = bought(month.first, month.last)
        self._before = bought(before.first, before.last)
        some = bool(self.month.of(currency))
        ends = [self._last - timedelta(days=_WEEK * back) for back in reversed(range(WEEKS))]
        self._weeks = [bought(end - timedelta(days=_WEEK - 1), end) for end in ends if some]
        """Periods of seven days, the oldest first."""
        days = [self._last - timedelta(days=back) for back in range(_LATEST)]
        self._days = [(day, bought(day, day)) for day in days if some]
        """The latest days, the newest first."""

    def tickers(self) -> tuple[Ticker, ...]:
        """The billed price first, then the estimated one, each where there is one."""
        found = []
        for evidence in (Evidence.BILLED, Evidence.ESTIMATED):
            month = self._quote(self.month, evidence)
            if not month.tokens:
                continue
            days = ((day, self._quote(bought, evidence)) for day, bought in self._days)
            newest = next(((day, latest) for day, latest in days if latest.tokens), None)
            day, latest = newest or (self._last, month)
            found.append(
                Ticker(
                    evidence=evidence,
                    day=day,
                    latest=latest,
                    month=month,
                    before=self._quote(self._before, evidence),
                    weeks=tuple(self._quote(week, evidence) for week in self._weeks),
                )
            )
        return tuple(found)

    def lines(self) -> tuple[Line, ...]:
        """Model by model, the one that most was spent on first."""
        return self._lines(
            lambda row: (self._sellers.of(row.source, row.model), row.model, row.evidence)
        )

    def sellers(self) -> tuple[Line, ...]:
        """Seller by seller, all models together, in the same order."""
        found = self._lines(
            lambda row: (self._sellers.of(row.source, row.model), None, row.evidence)
        )
        return tuple(replace(line, is_whole=True) for line in found)

    def _lines(self, place_of: Callable[[Purchase], _Place]) -> tuple[Line, ...]:
        def by_place(bought: Purchases) -> dict[_Place, list[Purchase]]:
            found: dict[_Place, list[Purchase]] = defaultdict(list)
            for row in bought.of(self._currency):
                found[place_of(row)].append(row)
            return found

        before = by_place(self._before)
        weeks = [by_place(week) for week in self._weeks]
        days = [(day, by_place(bought)) for day, bought in self._days]

        def line(place: _Place, rows: Sequence[Purchase]) -> Line:
            each = ((day, whole_quote(found.get(place, ())).paid) for day, found in days)
            return Line(
                *place,
                quote=whole_quote(rows),
                before=whole_quote(before.get(place, ())).paid,
                sources=tuple(sorted({row.source for row in rows})),
                weeks=tuple(whole_quote(week.get(place, ())).paid for week in weeks),
                latest=next(((day, paid) for day, paid in each if paid is not None), None),
            )

        lines = [line(place, rows) for place, rows in by_place(self.month).items()]
        told = [line for line in lines if line.quote.tokens or line.quote.left_out_nanos]
        return tuple(sorted(told, key=lambda line: (-line.quote.nanos, line.provider)))

    def _quote(self, bought: Purchases, evidence: Evidence) -> Quote:
        return whole_quote(bought.of(self._currency, evidence))


def whole_quote(rows: Sequence[Purchase]) -> Quote:
    """The quote of all of these together."""
    return quote(row.bought for row in rows)
