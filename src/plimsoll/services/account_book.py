"""Account book: credit that a user enters for a source whose provider tells no balance."""

from __future__ import annotations

from datetime import date

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import Money, NotAnAmount, nanos_of, read_currency, read_typed
from plimsoll.domain.prepaid import Credit, CreditKind
from plimsoll.domain.said import say
from plimsoll.ledger import accounts, runs
from plimsoll.ledger import prepaid as stored
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.database import Ledger


def read_credit(
    kind: CreditKind, amount: str, currency: str, *, day: date, last: date | None
) -> Credit:
    """An entry from words; raises `WrongUse`."""
    try:
        money = Money(read_currency(currency), nanos_of(read_typed(amount)))
    except NotAnAmount as problem:
        raise WrongUse(say("That is {problem}.", problem=problem.args[0])) from None
    try:
        return Credit(kind, money, day, last)
    except ValueError as problem:
        raise WrongUse(problem.args[0]) from None


def add_credit(ledger: Ledger, name: str, credit: Credit) -> Credit:
    """Enter credit in a source's account book; raises `WrongUse` where its provider tells its
    balance, with which an account book must not be mixed.
    """
    source = accounts.source_named(ledger, name)
    if source.kind == AGENT:
        raise WrongUse(
            say(
                "{name} is an agent's logs: its provider's account is paid, not the agent.",
                name=name,
            )
        )
    if runs.readings_of(ledger, source.id):
        raise WrongUse(
            say("{name} tells its own balance, so that there is nothing to enter.", name=name),
            remedy=say("Top-ups and grants are seen in its readings."),
        )
    return stored.add_credit(ledger, source.id, credit)
