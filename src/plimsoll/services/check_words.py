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
from plimsoll.services.change_words import period_words
from plimsoll.services.check_answers import AccountCheck, CheckThing

if TYPE_CHECKING:
    from plimsoll.ledger.bills import Books

CAUSE_TITLES = {
    Cause.NOT_TOKENS: "Not tokens",
    Cause.PRICE_UNKNOWN: "No list price",
    Cause.BILLED_ELSEWHERE: "Billed elsewhere",
    Cause.TIER: "Tier or batch",
    Cause.CACHE_CLASS: "Cache class",
    Cause.PRICE_DIFFERS: "Price differs",
    Cause.DISCOUNT: "Discount",
    Cause.FREE_TIER: "Free tier",
    Cause.NOT_FINAL: "Not final",
    Cause.GAP: "No data",
    Cause.ROUNDING: "Rounding",
    Cause.UNEXPLAINED: "Not explained",
}
"""Each cause in two or three words."""

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
    """A token class or a unit as it is spoken of; nothing for tokens of no told class."""
    return "" if kind == TOKENS else _KINDS.get(kind, kind)


def unit_word(kind: str) -> str:
    """One of a unit: `search`."""
    return _UNITS.get(kind, kind)


def thing_words(what: What) -> str:
    """What a thing is: its model, kind and tier, else the bill's own words."""
    tier = "" if what.tier in {None, STANDARD} else what.tier
    if what.model is None:
        return what.words.replace("_", " ") or kind_words(what.kind) or "not attributed"
    return ", ".join(filter(None, (what.model, kind_words(what.kind), tier)))


# -- causes ------------------------------------------------------------------------------------

_SENTENCES = {
    Cause.NOT_TOKENS: "{What}: {size} that is not for tokens.",
    Cause.PRICE_UNKNOWN: "{What}: {size} billed for {count} that have no list price.",
    Cause.BILLED_ELSEWHERE: "{What}: {count} that this bill leaves out by rule{worth}.",
    Cause.TIER: "{What}: billed as {tier}, used as {against}: {size} {more}.",
    Cause.CACHE_CLASS: "{What}: billed as {kind}, used as {against}: {size} {more}.",
    Cause.PRICE_DIFFERS: "{What}: {prices}: {size} {more}.",
    Cause.DISCOUNT: "{discount}: {size} {more}.",
    Cause.FREE_TIER: "{What}: {count} at no charge, worth {size} at list price.",
    Cause.NOT_FINAL: "{days} can still change: {late}.",
    Cause.GAP: "No answer for {days}: {missing}.",
    Cause.ROUNDING: "Rounding: {size} {more}.",
    Cause.UNEXPLAINED: "Not explained: {size} {more} on the bill, in {what}.",
}


def cause_sentence(cause: Cause, amount: int, things: Sequence[CheckThing], currency: str) -> str:
    """One cause in a plain sentence, with its amount."""
    what, size = names_of(things), shown(abs(amount), currency)
    first = things[0]
    by_class = cause is Cause.CACHE_CLASS
    pairs = {(thing.kind if by_class else thing.tier, thing.against) for thing in things}
    others = " (and others)" if len(pairs) > 1 else ""
    named = kind_words if by_class else str
    return _SENTENCES[cause].format(
        what=what,
        What=what if things[0].model else what[:1].upper() + what[1:],
        size=size,
        more="more" if amount > 0 else "less",
        count=_count(things),
        worth=f", worth {size} at list price" if amount else "",
        tier=first.tier or STANDARD,
        kind=kind_words(first.kind),
        against=named(first.against or STANDARD) + others,
        prices=_prices(things, currency),
        discount=_discount(things),
        days=_days(things),
        late=f"{size} of usage is not on the bill yet"
        if amount < 0
        else f"{size} on the bill has no usage yet",
        missing=f"{size} {'more' if amount > 0 else 'less'}, on the side that is known"
        if amount
        else "nothing is known of that time",
    )


def names_of(things: Sequence[CheckThing]) -> str:
    """What the largest things are: one in all its words, several by their models."""
    if len(things) == 1:
        return things[0].words
    names = list(dict.fromkeys(thing.model or thing.words for thing in things))
    rest = len(names) - _NAMED
    if rest > 0:
        return f"{', '.join(names[:_NAMED])} and {rest} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _count(things: Sequence[CheckThing]) -> str:
    counts = [thing.quantity for thing in things if thing.kind in TOKEN_KINDS]
    told = [count for count in counts if count is not None]
    if not told:
        kinds = {thing.kind for thing in things}
        return kind_words(kinds.pop()) if len(kinds) == 1 and kinds != {TOKENS} else "tokens"
    least = "at least " if len(told) < len(counts) else ""
    return f"{least}{token_count(int(sum(told)))} tokens"


def token_count(count: int) -> str:
    """A large count in words: `21.3 million`."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if count >= size:
            return f"{Decimal(count) / size:.1f} {word}"
    return f"{count:,}"


def _prices(things: Sequence[CheckThing], currency: str) -> str:
    first = things[0]
    if first.billed_price is None or first.list_price is None:
        return "another price than the list's"
    billed, listed = (_price(p, currency) for p in (first.billed_price, first.list_price))
    told = f"billed at {billed}, list price {listed} for a {first.priced_by}"
    return f"{kind_words(first.kind)} {told}, and others".strip() if len(things) > 1 else told


def _price(price: Decimal, currency: str) -> str:
    """A price with all its decimals, as a person writes it."""
    whole, _, cents = f"{price:f}".partition(".")
    return f"{shown(0, currency).rstrip('0').rstrip('.').rstrip('0')}{whole}.{cents:0<2}"


_DISCOUNTS = {
    KnownFrom.BILL: "The bill takes {percent} off list price",
    KnownFrom.CONTRACT: "The discount that you entered takes {percent} off list price",
    KnownFrom.RATIO: "Every line is {percent} below list price, likely a discount",
}


def _discount(things: Sequence[CheckThing]) -> str:
    told = []
    for known_from, words in _DISCOUNTS.items():
        percents = [t.percent for t in things if t.known_from is known_from and t.percent]
        if percents:
            low, high = (_percent(percent) for percent in (min(percents), max(percents)))
            percent = f"{low}%" if low == high else f"{low} to {high}%"
            told.append(words.format(percent=percent))
    return "; ".join(told)


def _percent(percent: Decimal) -> str:
    text = f"{percent:.1f}"
    return text.removesuffix(".0")


def _days(things: Sequence[CheckThing]) -> str:
    first, last = min(t.first for t in things), max(t.last for t in things)
    return spoken(first) if first == last else f"{spoken(first)} to {spoken(last)}"


# -- accounts ----------------------------------------------------------------------------------


def account_sentence(found: Reconciled, currency: str, *, unpriced: int) -> str:
    """How one account's comparison ended; `unpriced` tokens have no list price."""
    difference = found.difference
    if unpriced and not found.computed:
        return "None of its tokens has a list price, so the bill has nothing to stand against."
    if found.status is Status.AGREES:
        return "The bill agrees with its tokens at list price within 1%."
    size = shown(abs(difference), currency)
    told = f"Billed {size} {'more' if difference > 0 else 'less'} than its tokens at list price"
    if not difference:
        told = "Billed as much as its tokens at list price, for reasons that cancel each other out"
    left = found.unexplained
    if not left.gross:
        return f"{told}, all of it explained."
    odd = shown(abs(left.amount), currency)
    if left.gross != abs(left.amount):
        odd = f"{odd}, in parts of {shown(left.gross, currency)}"
    if found.status is Status.EXPLAINED:
        return f"{told}, explained but for {odd}."
    return f"{told}; not explained: {odd}."


def nothing_sentence(books: Books, period: Period, *, today: date) -> str:
    """Why there is nothing to compare; what is not known is not nothing."""
    if books.has_plan and not books.charges:
        return "A subscription pays for these tokens: there is no bill by tokens to compare with."
    if not books.has_bill:
        return "It sends no bill, so there is nothing to compare its tokens with."
    if not books.has_usage:
        return "It tells no tokens, so there is nothing to compare its bill with."
    if books.used:
        return "None of its tokens has a list price, and nothing is billed in this period."
    missing = sum(len(gap.period) for gap in books.gaps)
    if missing >= (min(period.last, today) - period.first).days + 1:
        return "Nothing is known of this period."
    of_what = "on the days that are known" if missing else "in this period"
    return f"Nothing was used and nothing billed {of_what}."


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
        sums = " and ".join(
            f"{shown(account.unexplained_parts, account.currency)} of {account.source}"
            for account in odd
        )
        told.append(f"not explained: {sums}")
    return f"{'; '.join(told)}."
