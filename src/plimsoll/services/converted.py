"""Converted: all that was spent, in one currency, each day's money at that day's rate.

What is rounded, once, is the native sum of a day; days, models and months are made of those, so
that a converted figure adds up as a native one does. Money without a rate is left out and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from plimsoll.domain.calendar import Period, previous_month
from plimsoll.domain.exchange import Exchange, Rate, along
from plimsoll.domain.money import Money
from plimsoll.domain.question import (
    EVERYTHING,
    Amounts,
    DaySpend,
    Dimension,
    Question,
    Scope,
    Series,
    Table,
)
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.services.figures import Combined, CurvePoint, MonthCurve
from plimsoll.services.spending import Key, not_priced_tokens


@dataclass(frozen=True, slots=True)
class Converted:
    """What was spent in any of `currencies`, in `currency`."""

    ledger: Ledger
    currency: str
    today: date
    currencies: tuple[str, ...]
    exchange: Exchange

    def daily(self, period: Period, scope: Scope = EVERYTHING) -> Series:
        """Every day's converted sum. Billed is rounded, and so is the sum with what is estimated;
        estimated is what lies between them.
        """
        native = self._native(period, scope)
        days = [DaySpend(d.day, known=d.known, final=d.final) for d in native[0].days]
        for series in native:
            for place, day in enumerate(series.days):
                factor = self.exchange.factor(day.day, series.currency, self.currency)
                if factor is not None:
                    billed, estimated = along((day.billed, day.estimated), factor)
                    old = days[place]
                    days[place] = replace(
                        old, billed=old.billed + billed, estimated=old.estimated + estimated
                    )
        return Series(period, self.currency, tuple(days))

    def by(self, question: Question) -> dict[Key, int]:
        """A day's money goes to its rows in the order of their keys, so that they add up to it."""
        fine, cut = question, Dimension.DAY not in question.by
        if cut:
            fine = replace(question, by=(Dimension.DAY, *question.by))
        spent: dict[Key, int] = defaultdict(int)
        for currency in self.currencies:
            for key, nanos in self._rows(fine, currency):
                spent[key[1:] if cut else key] += nanos
        return {key: nanos for key, nanos in spent.items() if nanos}

    def not_priced(self, period: Period, scope: Scope = EVERYTHING) -> dict[date, int]:
        """As the archive has it: what has no price has no currency."""
        return not_priced_tokens(self.ledger, period, scope, self.today)

    def amounts(self, table: Table) -> Amounts:
        """The sums of an answer's days. What is plan is not owed, and not converted."""
        days = self.daily(table.question.period).days
        return Amounts(
            self.currency,
            billed=sum(day.billed for day in days),
            estimated=sum(day.estimated for day in days),
        )

    def behind(self, period: Period) -> Combined:
        """What the converted money of a period is made of, and what is not in it."""
        native: dict[str, int] = defaultdict(int)
        left_out: dict[str, int] = defaultdict(int)
        rates: set[Rate] = set()
        for series in self._native(period):
            currency = series.currency
            for day in series.days:
                rate = self.exchange.rate_on(day.day, currency, self.currency)
                if currency != self.currency and rate is None:
                    left_out[currency] += day.spent
                    continue
                native[currency] += day.spent
                if rate is not None and (day.billed or day.estimated):
                    rates.add(rate)
        return Combined(_sums(native), tuple(sorted(rates)), _sums(left_out))

    def curve(self, month: Period) -> MonthCurve:
        """The month so far, and the one before it: neither forecast nor budget is converted."""
        so_far = self._cumulative(Period(month.first, self.today))
        points = (
            CurvePoint(day, actual=so_far[place] if place < len(so_far) else None)
            for place, day in enumerate(month.days())
        )
        before = self._cumulative(previous_month(month.first))
        return MonthCurve(month, self.currency, self.today, tuple(points), before)

    def _cumulative(self, period: Period) -> tuple[int, ...]:
        days = self.daily(period).days
        if not any(day.known for day in days) and period.last < self.today:
            return ()
        return tuple(accumulate(day.spent for day in days))

    def _native(self, period: Period, scope: Scope = EVERYTHING) -> list[Series]:
        return [
            answers.daily(self.ledger, period, currency=currency, scope=scope, today=self.today)
            for currency in self.currencies
        ]

    def _rows(self, question: Question, currency: str) -> Iterator[tuple[Key, int]]:
        place = question.by.index(Dimension.DAY)
        days: dict[str, list[tuple[Key, int]]] = defaultdict(list)
        for key, nanos in answers.spend_by(self.ledger, question, currency=currency).items():
            days[key[place] or ""].append((key, nanos))
        for day, rows in days.items():
            factor = self.exchange.factor(date.fromisoformat(day), currency, self.currency)
            if factor is None:
                continue
            rows.sort(key=lambda row: [(value is None, value or "") for value in row[0]])
            shares = along((nanos for _, nanos in rows), factor)
            yield from zip((key for key, _ in rows), shares, strict=True)


def _sums(nanos: dict[str, int]) -> tuple[Money, ...]:
    return tuple(Money(currency, total) for currency, total in nanos.items() if total)
