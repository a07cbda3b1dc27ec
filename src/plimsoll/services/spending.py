"""Spending: what was spent in one currency, as it was spent; or all of it, at the user's rates.

Both are asked the same, so that a page is made once. Archive and budgets stay native: only what is
shown is ever converted, and only where the user chose a currency and set rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from plimsoll.domain.question import EVERYTHING, Amounts, Dimension, Question
from plimsoll.ledger import answers

if TYPE_CHECKING:
    from plimsoll.domain.calendar import Period
    from plimsoll.domain.exchange import Exchange
    from plimsoll.domain.question import Scope, Series, Table
    from plimsoll.ledger.database import Ledger
    from plimsoll.services.figures import Combined, MonthCurve

Key = tuple[str | None, ...]

USUAL = "USD"
"""Where nothing was spent yet."""


class Spending(Protocol):
    """Nano-units of one currency, billed and estimated together, never plan."""

    @property
    def currency(self) -> str:
        """Whose nano-units."""
        ...

    def daily(self, period: Period, scope: Scope = EVERYTHING) -> Series:
        """Every provider day of a period, within a scope."""
        ...

    def by(self, question: Question) -> dict[Key, int]:
        """What was spent, by a question's rows' keys; rows without any are left out."""
        ...

    def not_priced(self, period: Period, scope: Scope = EVERYTHING) -> dict[date, int]:
        """Tokens whose cost nobody knows, by day; days without any are left out."""
        ...

    def amounts(self, table: Table) -> Amounts:
        """What an answer holds in all, billed and estimated."""
        ...

    def behind(self, period: Period) -> Combined | None:
        """What the money of a period was converted from; None where it was not."""
        ...

    def curve(self, month: Period) -> MonthCurve | None:
        """The month without a forecast; None where only a forecast gives it."""
        ...


@dataclass(frozen=True, slots=True)
class Native:
    """What was spent in one currency; other money is not looked at."""

    ledger: Ledger
    currency: str
    today: date

    def daily(self, period: Period, scope: Scope = EVERYTHING) -> Series:
        """As the archive has it."""
        return answers.daily(
            self.ledger, period, currency=self.currency, scope=scope, today=self.today
        )

    def by(self, question: Question) -> dict[Key, int]:
        """As the archive has it."""
        return answers.spend_by(self.ledger, question, currency=self.currency)

    def not_priced(self, period: Period, scope: Scope = EVERYTHING) -> dict[date, int]:
        """As the archive has it."""
        return not_priced_tokens(self.ledger, period, scope, self.today)

    def amounts(self, table: Table) -> Amounts:
        """As the answer has it."""
        mine = (a for a in table.total.amounts if a.currency == self.currency)
        return next(mine, Amounts(self.currency))

    def behind(self, _period: Period) -> Combined | None:
        """Nothing was converted."""
        return None

    def curve(self, _month: Period) -> MonthCurve | None:
        """It comes with its forecast."""
        return None


def not_priced_tokens(ledger: Ledger, period: Period, scope: Scope, today: date) -> dict[date, int]:
    """Tokens without a price by provider day (UTC)."""
    question = Question(period, (Dimension.DAY,), scope)
    rows = answers.answer(ledger, question, today=today).rows
    return {
        date.fromisoformat(row.key[0]): row.not_priced_tokens
        for row in rows
        if row.key[0] and row.not_priced_tokens
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be looked at. `currencies` are all that something was spent in, the most spent one
    first; `display` is the one that all can be shown in together, empty where there is no need or
    no rate; `together` says that all are.
    """

    currencies: tuple[str, ...]
    currency: str
    display: str
    together: bool


def choose(
    ledger: Ledger,
    *,
    today: date,
    currency: str | None = None,
    together: bool | None = None,
    display: str = "",
) -> Choice:
    """The currency of a page: all together where that was asked for, or where nothing was and the
    user chose a currency to `display`; else the named one, else the most spent one.
    """
    currencies = answers.currencies(ledger)
    target = display or next(iter(currencies), USUAL)
    possible = _has_rates(ledger, currencies, target, today)
    wanted = bool(display) and currency is None if together is None else together
    chosen = currency if currency in currencies else next(iter(currencies), USUAL)
    return Choice(
        currencies=currencies,
        currency=target if wanted and possible else chosen,
        display=target if possible else "",
        together=wanted and possible,
    )


def _has_rates(ledger: Ledger, currencies: tuple[str, ...], target: str, today: date) -> bool:
    """Whether something was spent in another currency, and a rate can turn it into this one."""
    others = [code for code in currencies if code != target]
    return bool(others) and any(
        rates_of(ledger).rate_on(today, code, target) is not None for code in others
    )


def rates_of(ledger: Ledger) -> Exchange:
    """The rates that the user set."""
    from plimsoll.ledger.exchange import exchange

    return exchange(ledger)


def spending_in(ledger: Ledger, choice: Choice, *, today: date) -> Spending:
    """What was spent, as it was chosen."""
    if not choice.together:
        return Native(ledger, choice.currency, today)
    from plimsoll.services.converted import Converted

    return Converted(ledger, choice.currency, today, choice.currencies, rates_of(ledger))
