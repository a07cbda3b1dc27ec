"""The figures that are stored, and only need to be added up: the month so far, and today.

They are a part of the Overview's answer, and by themselves the first thing on the screen: a
forecast takes as long again, its imports above all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.domain.calendar import Period, month_of, utc_day
from plimsoll.domain.question import Amounts, Question, Series, Table
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger


@dataclass(frozen=True, slots=True)
class StoredFigures:
    """The month so far and the last 30 days in one currency, nano-units.

    `currencies` are all that something was spent in, and empty without any figures. `today` is
    spend of the current UTC day, None if it is not known yet; `week_mean` the mean of the last
    seven complete days.
    """

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    month: Period
    so_far: Table
    recent: Series

    @property
    def spent(self) -> int:
        """The month so far, billed and estimated."""
        return self.amounts.spent

    @property
    def billed(self) -> int:
        """What providers say they charge for it."""
        return self.amounts.billed

    @property
    def estimated(self) -> int:
        """Tokens at list price where no bill has come yet."""
        return self.amounts.estimated

    @property
    def amounts(self) -> Amounts:
        """The month so far by the kind of number."""
        mine = (a for a in self.so_far.total.amounts if a.currency == self.currency)
        return next(mine, Amounts(self.currency))

    @property
    def today(self) -> int | None:
        """Spend of the current UTC day."""
        last = self.recent.days[-1]
        return last.spent if last.known else None

    @property
    def week_mean(self) -> int | None:
        """The mean of the last seven complete days, of those that are known."""
        week = [day.spent for day in self.recent.days[-8:-1] if day.known]
        return sum(week) // len(week) if week else None


def stored_figures(ledger: Ledger, *, now: datetime, currency: str | None = None) -> StoredFigures:
    """The stored figures in one currency, the most spent unless named."""
    today = utc_day(now)
    currencies = answers.currencies(ledger)
    chosen = currency if currency in currencies else next(iter(currencies), "USD")
    month = month_of(today)
    last_30_days = Period(today - timedelta(days=29), today)
    return StoredFigures(
        now=now,
        currency=chosen,
        currencies=currencies,
        month=month,
        so_far=answers.answer(ledger, Question(Period(month.first, today)), today=today),
        recent=answers.daily(ledger, last_30_days, currency=chosen, today=today),
    )
