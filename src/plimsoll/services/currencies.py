"""Currencies: the rates that a user sets, and the currency in which all can be shown together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.exchange import Rate
from plimsoll.domain.money import Money, NotAnAmount, read_currency, read_typed
from plimsoll.domain.said import say
from plimsoll.ledger import accounts, answers, usage
from plimsoll.ledger import exchange as stored
from plimsoll.ledger.database import Ledger
from plimsoll.services.spending import USUAL


@dataclass(frozen=True, slots=True)
class Currencies:
    """What the user chose and set. `display` is empty where each currency stays by itself; `target`
    is the one that all would be shown in. `spent_in` are those that something was spent in, `rates`
    the newest first, and `left_out` what was ever spent and no rate converts into `target`.
    `first_day` is the first with figures.
    """

    today: date
    display: str
    target: str
    spent_in: tuple[str, ...]
    rates: tuple[Rate, ...]
    left_out: tuple[Money, ...]
    first_day: date | None


def currencies(ledger: Ledger, *, now: datetime, display: str) -> Currencies:
    """The choice, the rates, and what they leave out."""
    today = utc_day(now)
    spent_in = answers.currencies(ledger)
    exchange = stored.exchange(ledger)
    target = display or next(iter(spent_in), USUAL)
    sources = accounts.sources(ledger, removed=True)
    days = [usage.first_day_with_content(ledger, source.id) for source in sources]
    first = min((day for day in days if day is not None), default=None)
    left_out: tuple[Money, ...] = ()
    if first is not None and set(spent_in) - {target}:
        from plimsoll.services.converted import Converted

        everything = Period(min(first, today), today)
        left_out = Converted(ledger, target, today, spent_in, exchange).behind(everything).left_out
    return Currencies(
        today=today,
        display=display,
        target=target,
        spent_in=spent_in,
        rates=tuple(reversed(exchange.rates)),
        left_out=left_out,
        first_day=first,
    )


def read_rate(*, day: date, base: str, quote: str, value: str, note: str = "") -> Rate:
    """A rate from what was typed; raises `WrongUse` with a sentence for what cannot be one."""
    try:
        return Rate(
            day=day,
            base=_currency(base),
            quote=_currency(quote),
            value=_value(value),
            note=" ".join(note.split()),
        )
    except ValueError as error:
        raise WrongUse(error.args[0]) from None


def _value(text: str) -> Decimal:
    try:
        return read_typed(text)
    except NotAnAmount:
        raise WrongUse(say("A rate is a number above zero, such as 7.12.")) from None


def _currency(text: str) -> str:
    try:
        return read_currency(text.strip())
    except NotAnAmount:
        raise WrongUse(
            say("There is no currency called {strip}.", strip=text.strip() or "nothing")
        ) from None
