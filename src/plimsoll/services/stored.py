"""The figures that are stored, and only need to be added up: the month so far, and today.

They are a part of the Overview's answer, and by themselves the first thing on the screen: a
forecast takes as long again, its imports above all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import Period, month_of, utc_day
from plimsoll.domain.question import Amounts, Dimension, Question, Series, Table
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.services.spending import Choice, choose, spending_in

if TYPE_CHECKING:
    from plimsoll.services.figures import Combined


@dataclass(frozen=True, slots=True)
class StoredFigures:
    """The month so far and the last 30 days in one currency, nano-units.

    `currencies` are all that something was spent in, and empty without any figures; `display` is
    the one that they can be shown in together, and `combined` says how, where they are. `today` is
    spend of the current UTC day, None if it is not known yet; `week_mean` the mean of the last
    seven complete days.
    """

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    month: Period
    amounts: Amounts
    so_far: Table
    recent: Series
    display: str = ""
    combined: Combined | None = None

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
    def today(self) -> int | None:
        """Spend of the current UTC day."""
        last = self.recent.days[-1]
        return last.spent if last.known else None

    @property
    def today_not_priced(self) -> int:
        """Tokens of the current UTC day whose cost nobody knows."""
        day = self.now.astimezone(UTC).date().isoformat()
        return sum(row.not_priced_tokens for row in self.so_far.rows if row.key == (day,))

    @property
    def today_estimated(self) -> int:
        """What of today no bill has confirmed yet."""
        return self.recent.days[-1].estimated

    @property
    def not_priced_tokens(self) -> int:
        """Tokens of the month so far whose cost nobody knows."""
        return self.so_far.total.not_priced_tokens

    @property
    def week_mean(self) -> int | None:
        """The mean of the last seven complete days, of those that are known."""
        week = [day.spent for day in self.recent.days[-8:-1] if day.known]
        return sum(week) // len(week) if week else None


def stored_figures(ledger: Ledger, *, now: datetime, choice: Choice | None = None) -> StoredFigures:
    """The stored figures as they were chosen, else in the most spent currency."""
    today = utc_day(now)
    choice = choice or choose(ledger, today=today)
    month = month_of(today)
    past, last_30_days = Period(month.first, today), Period(today - timedelta(days=29), today)
    so_far = answers.answer(ledger, Question(past, by=(Dimension.DAY,)), today=today)
    spending = spending_in(ledger, choice, today=today)
    return StoredFigures(
        now=now,
        currency=choice.currency,
        currencies=choice.currencies,
        month=month,
        amounts=spending.amounts(so_far),
        so_far=so_far,
        recent=spending.daily(last_30_days),
        display=choice.display,
        combined=spending.behind(past),
    )
