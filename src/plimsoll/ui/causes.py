"""Why a bill differs from its tokens, in the words of the window: causes, statuses, periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from plimsoll.analysis.cells import TOKEN_KINDS
from plimsoll.domain.calendar import Period, month_of, previous_month
from plimsoll.domain.money import shown
from plimsoll.services.check_answers import (
    AccountCheck,
    Cause,
    CheckCause,
    CheckThing,
    KnownFrom,
    Status,
)
from plimsoll.ui.moments import brief
from plimsoll.ui.price_words import percent_text, price_text
from plimsoll.ui.words import counted, in_words, short_day, tr

CUSTOM = "custom"

_NAMED = 2
"""So many things are named in one line; the rest is counted."""


def period_of(span: str, today: date) -> Period:
    """The days of a choice of the page: `month` and `quarter` end today, `last_month` is whole."""
    if span == "last_month":
        return previous_month(today)
    first = month_of(today).first
    if span == "quarter":
        first = previous_month(previous_month(today).first).first
    return Period(first, today)


def share_words(part: int, whole: int) -> str:
    """A difference in percent of something, with its sign: `+1.3%`; empty of nothing."""
    if not whole:
        return ""
    share = Decimal(part) * 100 / abs(whole)
    text = f"{abs(share):.1f}%"
    if not part or text == "0.0%":
        return "0%" if not part else tr("under 0.1%")
    return f"{'+' if part > 0 else '−'}{text}"


# --- statuses --------------------------------------------------------------------------------


def status_words(account: AccountCheck) -> tuple[str, str, str]:
    """A status as its chip says it: words, tone and icon. Never red: nothing of ours has failed."""
    match account.status:
        case Status.AGREES:
            return tr("Agrees within 1%"), "good", "done"
        case Status.EXPLAINED:
            return tr("Explained"), "muted", "done"
        case Status.UNEXPLAINED:
            amount = shown(abs(account.unexplained), account.currency)
            return tr("{amount} unexplained", amount=amount), "warn", "warning"
        case _:
            return tr("Nothing to compare"), "muted", "info"


def headline(accounts: Sequence[AccountCheck]) -> str:
    """All accounts in one sentence: the weightiest thing first."""
    compared = [a for a in accounts if a.status is not Status.NOTHING]
    odd = [a for a in compared if a.status is Status.UNEXPLAINED]
    if not compared:
        return tr("There is no bill to compare in this period.")
    if len(odd) == 1:
        amount = shown(abs(odd[0].unexplained), odd[0].currency)
        return tr(
            "{amount} of {source}'s bill is not explained", amount=amount, source=odd[0].source
        )
    if odd:
        return tr("{count} bills are not fully explained", count=len(odd))
    if all(a.status is Status.AGREES for a in compared):
        return counted(
            len(compared),
            "The bill agrees with its tokens within 1%",
            "All {count} bills agree with their tokens within 1%",
        )
    return tr("Every difference is explained")


def tally(accounts: Sequence[AccountCheck]) -> str:
    """How the comparisons ended: `3 bills compared: 1 agrees within 1%, 2 explained`."""
    compared = [a for a in accounts if a.status is not Status.NOTHING]
    if not compared:
        return ""
    counts = {status: sum(a.status is status for a in compared) for status in Status}
    parts = []
    if counts[Status.AGREES]:
        parts.append(tr("{count} within 1%", count=counts[Status.AGREES]))
    if counts[Status.EXPLAINED]:
        parts.append(tr("{count} explained", count=counts[Status.EXPLAINED]))
    if counts[Status.UNEXPLAINED]:
        parts.append(tr("{count} not explained", count=counts[Status.UNEXPLAINED]))
    bills = counted(len(compared), "1 bill compared", "{count} bills compared")
    return tr("{bills}: {parts}", bills=bills, parts=tr(", ").join(parts))


# --- causes ----------------------------------------------------------------------------------


def cause_title(cause: Cause) -> str:
    """A cause in two or three words: those of the command line, in the language in use."""
    return {
        Cause.NOT_TOKENS: tr("Not tokens"),
        Cause.PRICE_UNKNOWN: tr("No list price"),
        Cause.BILLED_ELSEWHERE: tr("Billed elsewhere"),
        Cause.TIER: tr("Tier or batch"),
        Cause.CACHE_CLASS: tr("Cache class"),
        Cause.PRICE_DIFFERS: tr("Price differs"),
        Cause.DISCOUNT: tr("Discount"),
        Cause.FREE_TIER: tr("Free tier"),
        Cause.NOT_FINAL: tr("Not final"),
        Cause.GAP: tr("No data"),
        Cause.ROUNDING: tr("Rounding"),
        Cause.UNEXPLAINED: tr("Not explained"),
    }[cause]


def cause_detail(cause: CheckCause, currency: str) -> str:
    """What a cause is made of, in one line without its amount."""
    if not cause.things:
        return ""
    first, told = cause.things[0], names_words(cause.things)
    match cause.cause:
        case Cause.NOT_FINAL:
            told = tr("{days} can still change", days=_all_days(cause))
        case Cause.GAP:
            told = tr("No answer for {days}", days=_all_days(cause))
        case Cause.DISCOUNT:
            told = _discount_words(cause.things) or told
        case Cause.TIER | Cause.CACHE_CLASS if first.against:
            billed = (first.tier if cause.cause is Cause.TIER else first.kind) or "standard"
            told = tr(
                "{what}: billed as {billed}, used as {used}",
                what=told,
                billed=kind_text(billed),
                used=kind_text(first.against),
            )
        case Cause.PRICE_DIFFERS if prices_words(first, currency):
            told = tr("{what}: {prices}", what=told, prices=prices_words(first, currency))
        case Cause.PRICE_UNKNOWN | Cause.BILLED_ELSEWHERE | Cause.FREE_TIER:
            counts = [thing.quantity for thing in cause.things if thing.kind in TOKEN_KINDS]
            known = [count for count in counts if count is not None]
            if known and len(known) == len(cause.things):
                told = tr("{what}: {count} tokens", what=told, count=brief(int(sum(known))))
    return told


def names_words(things: Sequence[CheckThing]) -> str:
    """What things are: one in all its words, several by their models."""
    if len(things) == 1:
        return in_words(things[0].words)
    names = tuple(dict.fromkeys(thing.model or in_words(thing.words) for thing in things))
    told = tr(", ").join(names[:_NAMED])
    if len(names) > _NAMED:
        return tr("{names} and {count} more", names=told, count=len(names) - _NAMED)
    return told


def kind_text(kind: str) -> str:
    """A tier, or a token class as it is spoken of."""
    return {
        "input": tr("input"),
        "cache_read": tr("cached input"),
        "cache_write_5m": tr("cache write"),
        "cache_write_1h": tr("longer cache write"),
        "output": tr("output"),
    }.get(kind, kind)


def prices_words(thing: CheckThing, currency: str) -> str:
    """Both prices of a thing, where it has one each: `$0.30 billed, $0.25 listed`."""
    if thing.billed_price is None or thing.list_price is None:
        return ""
    return tr(
        "{billed} billed, {listed} listed",
        billed=mean_text(thing.billed_price, currency),
        listed=mean_text(thing.list_price, currency),
    )


def mean_text(price: Decimal | None, currency: str) -> str:
    """A price on average, to four digits; a dash where it is not known."""
    if price is None or not price:
        return price_text(price, currency)
    places = max(2, 3 - price.adjusted())
    return price_text(round(price, places), currency)


def _discount_words(things: Sequence[CheckThing]) -> str:
    """Where a discount is known from, and of how many percent it is."""
    told = []
    for known_from in KnownFrom:
        percents = [t.percent for t in things if t.known_from is known_from and t.percent]
        if percents:
            low, high = percent_text(min(percents)), percent_text(max(percents))
            percent = low if low == high else tr("{first} to {last}", first=low, last=high)
            told.append(_known_from(known_from, percent))
    return tr("; ").join(told)


def _known_from(known_from: KnownFrom, percent: str) -> str:
    match known_from:
        case KnownFrom.BILL:
            return tr("The bill takes {percent} off list price", percent=percent)
        case KnownFrom.CONTRACT:
            return tr("Your discount takes {percent} off list price", percent=percent)
        case KnownFrom.RATIO:
            return tr("Every line is {percent} below list price", percent=percent)


def _all_days(cause: CheckCause) -> str:
    first = min(thing.first for thing in cause.things)
    return days_words(first, max(thing.last for thing in cause.things))


def days_words(first: date, last: date) -> str:
    """One day or a span of days: `4 Nov`, `4 Nov to 9 Nov`."""
    if first == last:
        return short_day(first)
    return tr("{first} to {last}", first=short_day(first), last=short_day(last))
