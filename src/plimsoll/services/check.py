"""Check: what each account was billed against what its tokens should have cost, with the causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from plimsoll.analysis.bill import BillLine, DayState, Quantity, Statement, Used
from plimsoll.analysis.causes import Cause, Status, Thing
from plimsoll.analysis.cells import MILLION, TOKEN_KINDS
from plimsoll.analysis.reconcile import reconcile
from plimsoll.domain.calendar import Period, month_of, previous_month
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, nanos_of
from plimsoll.domain.said import say
from plimsoll.ledger.bills import Books, ChargedLine, books_of
from plimsoll.ledger.database import Ledger
from plimsoll.prices.words import class_rates, unit_rates
from plimsoll.services import check_words
from plimsoll.services.check_answers import AccountCheck, CheckAnswer, CheckCause, CheckThing
from plimsoll.sources.rows.bill_words import meaning_of, tier_of

_YOUNG = 5
"""So many days into a month, nobody asks for its bill yet, but for the month before's."""


def read_period(first: date | None, last: date | None, *, today: date) -> Period:
    """The period to check, both days included; without dates this month so far.

    In the first five days of a month, whose bill has hardly begun, the month before. Raises
    `WrongUse`.
    """
    if first is None and last is None and today.day <= _YOUNG:
        return previous_month(today)
    first = first or month_of(last or today).first
    last = last or max(first, min(month_of(first).last, today))
    if last < first:
        raise WrongUse(
            say(
                "The period ends on {last}, before it begins on {first}.",
                last=str(last),
                first=str(first),
            )
        )
    return Period(first, last)


def check(ledger: Ledger, period: Period, *, today: date) -> CheckAnswer:
    """Every account's bill of `period` against its tokens at the list prices of their days."""
    accounts = [
        account
        for books in books_of(ledger, period, today=today)
        for account in _accounts(books, period, today=today)
    ]
    accounts.sort(key=lambda a: (_ORDER[a.status], a.source, a.currency))
    return CheckAnswer(
        period=period,
        sentence=check_words.sentence_of(accounts, period, today=today),
        accounts=tuple(accounts),
    )


_ORDER = {Status.UNEXPLAINED: 0, Status.EXPLAINED: 1, Status.AGREES: 1, Status.NOTHING: 2}


def _accounts(books: Books, period: Period, *, today: date) -> Iterator[AccountCheck]:
    """One account's answers: one for each currency that it is billed in."""
    billed = {line.currency for line in books.charges}
    currencies = billed or {row.currency for row in books.used if row.worth is not None} or {""}
    comparable = books.has_bill and books.has_usage
    for currency in sorted(currencies):
        if not comparable or not (billed or any(row.worth is not None for row in books.used)):
            why = check_words.nothing_sentence(books, period, today=today)
            yield _nothing(books, currency, why)
            continue
        statement = Statement(
            lines=[_line(books, line) for line in books.charges if line.currency == currency],
            used=list(_used(books, currency, billed or currencies)),
            days=_days(books, period),
        )
        yield _compared(books, currency, statement)


def _nothing(books: Books, currency: str, why: str) -> AccountCheck:
    lines = [line.nanos for line in books.charges if line.currency == currency]
    worths = [r.worth for r in books.used if r.currency == currency and r.worth is not None]
    return AccountCheck(
        source=books.source,
        provider=books.connector,
        currency=currency,
        billed=sum(lines) if lines else None,
        computed=sum(worths) if worths else None,
        not_priced_tokens=sum(r.tokens.total for r in books.used if r.worth is None),
        status=Status.NOTHING,
        sentence=why,
        not_final_from=min(books.open_days, default=None),
        gaps=books.gaps,
        restated_days=len(books.restated),
    )


def _compared(books: Books, currency: str, statement: Statement) -> AccountCheck:
    found = reconcile(statement)
    unpriced = sum(row.tokens.total for row in statement.used if row.worth is None)
    causes = []
    for part in found.parts:
        things = tuple(_thing(part.cause, thing) for thing in part.things)
        sentence = check_words.cause_sentence(part.cause, part.amount, things, currency)
        causes.append(CheckCause(part.cause, part.amount, sentence, things))
    unexplained = found.unexplained
    return AccountCheck(
        source=books.source,
        provider=books.connector,
        currency=currency,
        billed=found.billed,
        computed=found.computed,
        status=found.status,
        sentence=check_words.account_sentence(found, currency, unpriced=unpriced),
        causes=tuple(causes),
        not_priced_tokens=unpriced,
        unexplained=unexplained.amount,
        unexplained_parts=unexplained.gross,
        not_final_from=min(books.open_days, default=None),
        gaps=books.gaps,
        restated_days=len(books.restated),
    )


# -- the two sides -----------------------------------------------------------------------------


def _line(books: Books, line: ChargedLine) -> BillLine:
    meaning = meaning_of(
        books.connector,
        line_item=line.line_item,
        model=line.model,
        tier=line.tier,
        details=line.details,
        sums=line.sums,
    )
    return BillLine(
        day=line.day,
        nanos=line.nanos,
        words=line.line_item or "",
        model=line.model,
        kind=meaning.kind,
        tier=meaning.tier,
        quantity=None if meaning.quantity is None else _exact(Fraction(meaning.quantity)),
        listed=None if meaning.listed is None else nanos_of(meaning.listed),
    )


def _used(books: Books, currency: str, billed: set[str]) -> Iterator[Used]:
    """The tokens of an account, with their worth where it is in this currency.

    What is worth something in a currency that the account is not billed in has no known price here.
    """
    units: dict[tuple[date, str | None, str], list[tuple[str, Quantity]]] = {}
    for unit in books.units:
        place = (unit.day, unit.model, tier_of(unit.tier))
        units.setdefault(place, []).append((unit.unit, _exact(Fraction(unit.quantity))))
    for row in sorted(books.used, key=lambda r: (r.day, r.basis)):
        here = row.worth is not None and row.currency == currency
        if row.worth is not None and not here and row.currency in billed:
            continue
        rates = _rates(row.basis) if here else {}
        place = (row.day, row.model, tier_of(row.tier))
        waiting = units.get(place, [])
        mine = tuple((unit, count) for unit, count in waiting if unit in rates)
        units[place] = [one for one in waiting if one not in mine]
        yield Used(
            day=row.day,
            tokens=row.tokens,
            model=row.model,
            tier=place[2],
            worth=row.worth if here else None,
            off=row.off if here else 0,
            rates=rates,
            units=mine,
            elsewhere=row.elsewhere,
        )


@lru_cache(maxsize=4096)
def _rates(basis: str) -> Mapping[str, Quantity]:
    """Nano-units for a million, of tokens by class and of units by their word."""
    classes = {name: _exact(rate * NANO) for name, rate in class_rates(basis).items()}
    units = {name: _exact(rate * NANO * MILLION) for name, rate in unit_rates(basis).items()}
    return classes | units


def _exact(number: Fraction) -> Quantity:
    """A whole number as one: they are many, and quicker."""
    return number.numerator if number.denominator == 1 else number


def _days(books: Books, period: Period) -> dict[date, DayState]:
    """What each day can be relied on for; days to come are open."""
    states = {}
    for day in period.days():
        if day in books.no_bill and day in books.no_usage:
            states[day] = DayState.NOTHING
        elif day in books.no_bill:
            states[day] = DayState.NO_BILL
        elif day in books.open_days:
            states[day] = DayState.OPEN
        elif day in books.no_usage:
            states[day] = DayState.NO_USAGE
    return states


# -- things as they are shown ------------------------------------------------------------------


def _thing(cause: Cause, thing: Thing) -> CheckThing:
    what = thing.what
    of_tokens = what.kind in TOKEN_KINDS
    times = MILLION if of_tokens else 1
    discount = cause is Cause.DISCOUNT and thing.listed
    return CheckThing(
        words=check_words.thing_words(what),
        amount=thing.amount,
        first=thing.first,
        last=thing.last,
        days=thing.days,
        model=what.model,
        line_item=what.words or None,
        kind=what.kind,
        tier=what.tier,
        against=what.against,
        quantity=None if thing.quantity is None else _decimal(Fraction(thing.quantity)),
        billed_price=_price(thing.billed_price, times),
        list_price=_price(thing.list_price, times),
        priced_by=say("million tokens") if of_tokens else check_words.unit_word(what.kind),
        known_from=what.known_from,
        percent=_decimal(Fraction(-100 * thing.amount, thing.listed)) if discount else None,
    )


def _price(nanos: Fraction | None, times: int) -> Decimal | None:
    """Nano-units for one as units of the currency for `times`, to six decimals."""
    return None if nanos is None else _decimal(nanos * times / NANO)


def _decimal(number: Fraction) -> Decimal:
    """A number to six decimals, as a person writes it."""
    whole = Decimal(round(number * MILLION)) / MILLION
    return whole.quantize(Decimal(1)) if whole == whole.to_integral_value() else whole.normalize()
