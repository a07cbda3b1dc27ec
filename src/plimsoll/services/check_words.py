"""Words for a check: each cause in one plain sentence, each account in one, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from plimsoll.analysis.bill import STANDARD, TOKENS
from plimsoll.analysis.causes import Cause, KnownFrom, Reconciled, Status, What
from plimsoll.analysis.cells import TOKEN_KINDS
from plimsoll.domain.calendar import Period, spoken
from plimsoll.domain.money import shown
from plimsoll.domain.said import Said, counted, say, together
from plimsoll.services.change_words import period_words
from plimsoll.services.check_answers import AccountCheck, CheckThing

if TYPE_CHECKING:
    from plimsoll.ledger.bills import Books

CAUSE_TITLES = {
    Cause.NOT_TOKENS: say("Not tokens"),
    Cause.PRICE_UNKNOWN: say("No list price"),
    Cause.BILLED_ELSEWHERE: say("Billed elsewhere"),
    Cause.TIER: say("Tier or batch"),
    Cause.CACHE_CLASS: say("Cache class"),
    Cause.PRICE_DIFFERS: say("Price differs"),
    Cause.DISCOUNT: say("Discount"),
    Cause.FREE_TIER: say("Free tier"),
    Cause.NOT_FINAL: say("Not final"),
    Cause.GAP: say("No data"),
    Cause.ROUNDING: say("Rounding"),
    Cause.UNEXPLAINED: say("Not explained"),
}
"""Each cause in two or three words."""

_NAMED = 3
_KINDS = {
    "input": say("input"),
    "cache_read": say("cached input"),
    "cache_write_5m": say("cache write"),
    "cache_write_1h": say("longer cache write"),
    "output": say("output"),
    "searches": say("web searches"),
}
_UNITS = {
    "searches": say("search"),
    "images": say("image"),
    "seconds": say("second"),
    "characters": say("character"),
    "sessions": say("session"),
}


def kind_words(kind: str) -> str:
    """A token class or a unit as it is spoken of; nothing for tokens of no told class."""
    return "" if kind == TOKENS else _KINDS.get(kind, kind)


def unit_word(kind: str) -> str:
    """One of a unit: `search`."""
    return _UNITS.get(kind, kind)


def thing_words(what: What) -> str:
    """What a thing is: its model, kind and tier, else the bill's own words."""
    tier = "" if what.tier in {None, STANDARD} else what.tier
    if what.model is None:
        return what.words.replace("_", " ") or kind_words(what.kind) or say("not attributed")
    return together((what.model, kind_words(what.kind), tier or ""), ", ")


# -- causes ------------------------------------------------------------------------------------

_SENTENCES = {
    Cause.NOT_TOKENS: say("{What}: {size} that is not for tokens."),
    Cause.PRICE_UNKNOWN: say("{What}: {size} billed for {count} that have no list price."),
    Cause.BILLED_ELSEWHERE: say("{What}: {count} that this bill leaves out by rule{worth}."),
    Cause.TIER: say("{What}: billed as {tier}, used as {against}: {size} {more}."),
    Cause.CACHE_CLASS: say("{What}: billed as {kind}, used as {against}: {size} {more}."),
    Cause.PRICE_DIFFERS: say("{What}: {prices}: {size} {more}."),
    Cause.DISCOUNT: say("{discount}: {size} {more}."),
    Cause.FREE_TIER: say("{What}: {count} at no charge, worth {size} at list price."),
    Cause.NOT_FINAL: say("{days} can still change: {late}."),
    Cause.GAP: say("No answer for {days}: {missing}."),
    Cause.ROUNDING: say("Rounding: {size} {more}."),
    Cause.UNEXPLAINED: say("Not explained: {size} {more} on the bill, in {what}."),
}


def cause_sentence(cause: Cause, amount: int, things: Sequence[CheckThing], currency: str) -> str:
    """One cause in a plain sentence, with its amount."""
    what, size = names_of(things), shown(abs(amount), currency)
    first = things[0]
    by_class = cause is Cause.CACHE_CLASS
    pairs = {(thing.kind if by_class else thing.tier, thing.against) for thing in things}
    against = (kind_words if by_class else str)(first.against or STANDARD)
    if len(pairs) > 1:
        against = say("{what} (and others)", what=against)
    return say(
        _SENTENCES[cause],
        what=what,
        What=what if first.model or isinstance(what, Said) else what[:1].upper() + what[1:],
        size=size,
        more=say("more") if amount > 0 else say("less"),
        count=_count(things),
        worth=say(", worth {size} at list price", size=size) if amount else "",
        tier=first.tier or STANDARD,
        kind=kind_words(first.kind),
        against=against,
        prices=_prices(things, currency),
        discount=_discount(things),
        days=_days(things),
        late=say("{size} of usage is not on the bill yet", size=size)
        if amount < 0
        else say("{size} on the bill has no usage yet", size=size),
        missing=_missing(amount, size),
    )


def _missing(amount: int, size: str) -> str:
    if amount > 0:
        return say("{size} more, on the side that is known", size=size)
    if amount < 0:
        return say("{size} less, on the side that is known", size=size)
    return say("nothing is known of that time")


def names_of(things: Sequence[CheckThing]) -> str:
    """What the largest things are: one in all its words, several by their models."""
    if len(things) == 1:
        return things[0].words
    names = list(dict.fromkeys(thing.model or thing.words for thing in things))
    rest = len(names) - _NAMED
    if rest > 0:
        return say("{names} and {count} more", names=together(names[:_NAMED], ", "), count=rest)
    return together((together(names[:-1], ", "), names[-1]), " and ")


def _count(things: Sequence[CheckThing]) -> str:
    counts = [thing.quantity for thing in things if thing.kind in TOKEN_KINDS]
    told = [count for count in counts if count is not None]
    if not told:
        kinds = {thing.kind for thing in things}
        return kind_words(kinds.pop()) if len(kinds) == 1 and kinds != {TOKENS} else say("tokens")
    count = token_count(int(sum(told)))
    if len(told) < len(counts):
        return say("at least {count} tokens", count=count)
    return say("{count} tokens", count=count)


def token_count(count: int) -> str:
    """A large count in words: `21.3 million`."""
    for size, words in ((10**9, say("{number} billion")), (10**6, say("{number} million"))):
        if count >= size:
            return say(words, number=f"{Decimal(count) / size:.1f}")
    return f"{count:,}"


def _prices(things: Sequence[CheckThing], currency: str) -> str:
    first = things[0]
    if first.billed_price is None or first.list_price is None:
        return say("another price than the list's")
    billed, listed = (_price(p, currency) for p in (first.billed_price, first.list_price))
    told = say(
        "billed at {billed}, list price {listed} for a {unit}",
        billed=billed,
        listed=listed,
        unit=first.priced_by,
    )
    if len(things) == 1:
        return told
    return say("{prices}, and others", prices=together((kind_words(first.kind), told)))


def _price(price: Decimal, currency: str) -> str:
    """A price with all its decimals, as a person writes it."""
    whole, _, cents = f"{price:f}".partition(".")
    return f"{shown(0, currency).rstrip('0').rstrip('.').rstrip('0')}{whole}.{cents:0<2}"


_DISCOUNTS = {
    KnownFrom.BILL: say("The bill takes {percent} off list price"),
    KnownFrom.CONTRACT: say("The discount that you entered takes {percent} off list price"),
    KnownFrom.RATIO: say("Every line is {percent} below list price, likely a discount"),
}


def _discount(things: Sequence[CheckThing]) -> str:
    told = []
    for known_from, words in _DISCOUNTS.items():
        percents = [t.percent for t in things if t.known_from is known_from and t.percent]
        if percents:
            low, high = (_percent(percent) for percent in (min(percents), max(percents)))
            percent = f"{low}%" if low == high else say("{low} to {high}%", low=low, high=high)
            told.append(say(words, percent=percent))
    return together(told, "; ")


def _percent(percent: Decimal) -> str:
    text = f"{percent:.1f}"
    return text.removesuffix(".0")


def _days(things: Sequence[CheckThing]) -> str:
    first, last = min(t.first for t in things), max(t.last for t in things)
    if first == last:
        return spoken(first)
    return say("{first} to {last}", first=spoken(first), last=spoken(last))


# -- accounts ----------------------------------------------------------------------------------


def account_sentence(found: Reconciled, currency: str, *, unpriced: int) -> str:
    """How one account's comparison ended; `unpriced` tokens have no list price."""
    difference = found.difference
    if unpriced and not found.computed:
        return say("None of its tokens has a list price, so the bill has nothing to stand against.")
    if found.status is Status.AGREES:
        return say("The bill agrees with its tokens at list price within 1%.")
    size = shown(abs(difference), currency)
    if difference > 0:
        told = say("Billed {size} more than its tokens at list price", size=size)
    elif difference < 0:
        told = say("Billed {size} less than its tokens at list price", size=size)
    else:
        told = say(
            "Billed as much as its tokens at list price, for reasons that cancel each other out"
        )
    left = found.unexplained
    if not left.gross:
        return say("{told}, all of it explained.", told=told)
    odd = shown(abs(left.amount), currency)
    if left.gross != abs(left.amount):
        odd = say("{amount}, in parts of {parts}", amount=odd, parts=shown(left.gross, currency))
    if found.status is Status.EXPLAINED:
        return say("{told}, explained but for {odd}.", told=told, odd=odd)
    return say("{told}; not explained: {odd}.", told=told, odd=odd)


def nothing_sentence(books: Books, period: Period, *, today: date) -> str:
    """Why there is nothing to compare; what is not known is not nothing."""
    if books.has_plan and not books.charges:
        return say(
            "A subscription pays for these tokens: there is no bill by tokens to compare with."
        )
    if not books.has_bill:
        return say("It sends no bill, so there is nothing to compare its tokens with.")
    if not books.has_usage:
        return say("It tells no tokens, so there is nothing to compare its bill with.")
    if books.used:
        return say("None of its tokens has a list price, and nothing is billed in this period.")
    missing = sum(len(gap.period) for gap in books.gaps)
    if missing >= (min(period.last, today) - period.first).days + 1:
        return say("Nothing is known of this period.")
    return (
        say("Nothing was used and nothing billed on the days that are known.")
        if missing
        else say("Nothing was used and nothing billed in this period.")
    )


def sentence_of(accounts: Sequence[AccountCheck], period: Period, *, today: date) -> str:
    """All accounts in one sentence."""
    when = period_words(period, today=today)
    compared = [account for account in accounts if account.status is not Status.NOTHING]
    if not compared:
        return say("There is no bill to compare with in {when}.", when=when)
    odd = [account for account in compared if account.status is Status.UNEXPLAINED]
    agree = sum(account.status is Status.AGREES for account in compared)
    told = [
        counted(
            len(compared),
            "1 bill of {period} compared",
            "{count} bills of {period} compared",
            period=when,
        )
    ]
    if agree:
        told.append(say("{count} within 1% of list price", count=agree))
    if len(compared) - agree - len(odd):
        told.append(say("{count} explained", count=len(compared) - agree - len(odd)))
    if odd:
        sums = (
            say(
                "{amount} of {source}",
                amount=shown(account.unexplained_parts, account.currency),
                source=account.source,
            )
            for account in odd
        )
        told.append(say("not explained: {sums}", sums=together(sums, " and ")))
    return say("{what}.", what=together(told, "; "))
