"""Words for a check: each cause in one plain sentence, each account in one, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from plimsoll.analysis.bill import CLASSES, STANDARD, TOKENS
from plimsoll.analysis.causes import Cause, Reconciled, Status, What
from plimsoll.domain.calendar import Period, spoken
from plimsoll.domain.money import shown
from plimsoll.services.change_words import period_words
from plimsoll.services.check_answers import AccountCheck, CheckThing

if TYPE_CHECKING:
    from plimsoll.ledger.bills import Books

_NAMED = 3
_KINDS = {
    "input": "input",
    "cache_read": "cached input",
    "cache_write_5m": "cache write",
    "cache_write_1h": "longer cache write",
    "output": "output",
    "searches": "web searches",
}
_UNITS = {
    "searches": "search",
    "images": "image",
    "seconds": "second",
    "characters": "character",
    "sessions": "session",
}


def kind_words(kind: str) -> str:
    """A token class or a unit as it is spoken of."""
    return "" if kind == TOKENS else _KINDS.get(kind, kind)


def unit_word(kind: str) -> str:
    """One of a unit: `search`."""
    return _UNITS.get(kind, kind)


def thing_words(what: What) -> str:
    """What a thing is: its model, kind and tier, else the bill's own words."""
    tier = "" if what.tier in {None, STANDARD} else what.tier
    if what.model is None:
        return what.words or kind_words(what.kind) or "not attributed"
    return ", ".join(filter(None, (what.model, kind_words(what.kind), tier)))


# -- causes ------------------------------------------------------------------------------------


_SENTENCES = {
    Cause.NOT_TOKENS: "{What}: {size} that are not tokens.",
    Cause.PRICE_UNKNOWN: "{What}: {size} billed for {count} without a list price.",
    Cause.BILLED_ELSEWHERE: "{What}: {count} that this bill leaves out by rule, {size} at most.",
    Cause.TIER: "{What}: the bill and the usage name another tier, {size} {more}.",
    Cause.CACHE_CLASS: "{What}: one side does not tell cached tokens, {size} {more}.",
    Cause.PRICE_DIFFERS: "{What}: {prices}, {size} {more}.",
    Cause.DISCOUNT: "A discount: {size} {more} than list price.",
    Cause.FREE_TIER: "{What}: {count} at no charge, {size} at list price.",
    Cause.NOT_FINAL: "{days} can still change: {size} {more} on the bill so far.",
    Cause.GAP: "One side has no answer for {days}: {size} {more}.",
    Cause.ROUNDING: "Rounding: {size} {more}.",
    Cause.UNEXPLAINED: "Not explained: {size} {more}, in {what}.",
}


def cause_sentence(cause: Cause, amount: int, things: Sequence[CheckThing], currency: str) -> str:
    """One cause in a plain sentence, with its amount."""
    what = names_of(things)
    return _SENTENCES[cause].format(
        what=what,
        What=_capital(what),
        more="more" if amount > 0 else "less",
        size=shown(abs(amount), currency),
        count=_count(things),
        prices=_prices(things, currency),
        days=_days(things),
    )


def names_of(things: Sequence[CheckThing]) -> str:
    """The largest things by their words: `a, b and 3 more`."""
    names = list(dict.fromkeys(thing.words for thing in things))
    rest = len(names) - _NAMED
    if rest > 0:
        return f"{', '.join(names[:_NAMED])} and {rest} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "nothing"


def _capital(text: str) -> str:
    """A sentence's beginning; names of models stay as they are."""
    first = text.split(" ", 1)[0]
    return text if any(c.isdigit() or c in "-:/," for c in first) else text[:1].upper() + text[1:]


def _count(things: Sequence[CheckThing]) -> str:
    tokens = [t.quantity for t in things if t.kind in (*CLASSES, TOKENS) and t.quantity is not None]
    return f"{_short(sum(tokens))} tokens" if tokens else "tokens"


def _short(count: Decimal | int) -> str:
    number = float(count)
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    return f"{int(count):,}"


def _prices(things: Sequence[CheckThing], currency: str) -> str:
    first = things[0] if things else None
    if first is None or first.billed_price is None or first.list_price is None:
        return "another price than the list's"
    billed, listed = (_price(p, currency) for p in (first.billed_price, first.list_price))
    more = " and others" if len(things) > 1 else ""
    return f"billed at {billed} for a {first.priced_by}, list price {listed}{more}"


def _price(price: Decimal, currency: str) -> str:
    sign = shown(0, currency).rstrip("0.").strip()
    return f"{sign}{price:f}" if len(sign) == 1 else f"{sign} {price:f}"


def _days(things: Sequence[CheckThing]) -> str:
    first, last = min(t.first for t in things), max(t.last for t in things)
    return spoken(first) if first == last else f"{spoken(first)} to {spoken(last)}"


# -- accounts ----------------------------------------------------------------------------------


def account_sentence(found: Reconciled, currency: str) -> str:
    """How one account's comparison ended."""
    difference = found.difference
    if found.status is Status.AGREES:
        return "The bill agrees with its tokens at list price within 1%."
    size = shown(abs(difference), currency)
    told = f"Billed {size} {'more' if difference > 0 else 'less'} than its tokens at list price"
    if not difference:
        told = "Billed as much as its tokens at list price, for reasons that cancel each other"
    if found.status is Status.EXPLAINED:
        return f"{told}, all but at most 1% of it explained."
    left = found.unexplained
    odd = shown(abs(left.amount), currency)
    if left.gross != abs(left.amount):
        odd = f"{odd} in parts of {shown(left.gross, currency)}"
    return f"{told}; {odd} of it is not explained."


def nothing_sentence(books: Books) -> str:
    """Why there is nothing to compare."""
    if books.has_plan and not books.charges:
        return "A subscription pays for these tokens: there is no bill by tokens to compare with."
    if not books.has_bill:
        return "It sends no bill, so there is nothing to compare its tokens with."
    if not books.has_usage:
        return "It tells no tokens, so there is nothing to compare its bill with."
    return "Nothing was used and nothing billed in this period."


def sentence_of(accounts: Sequence[AccountCheck], period: Period, *, today: date) -> str:
    """All accounts in one sentence."""
    when = period_words(period, today=today)
    compared = [account for account in accounts if account.status is not Status.NOTHING]
    if not compared:
        return f"There is no bill to compare with in {when}."
    odd = [account for account in compared if account.status is Status.UNEXPLAINED]
    agree = sum(account.status is Status.AGREES for account in compared)
    told = [f"{len(compared)} {'bill' if len(compared) == 1 else 'bills'} of {when} compared"]
    if agree:
        told.append(f"{agree} within 1% of list price")
    if len(compared) - agree - len(odd):
        told.append(f"{len(compared) - agree - len(odd)} explained")
    if odd:
        sums = ", ".join(
            f"{shown(abs(account.unexplained), account.currency)} of {account.source}"
            for account in odd
        )
        told.append(f"not explained: {sums}")
    return f"{'; '.join(told)}."
