"""Why a bill differs from its tokens, in the words of the window: causes, statuses, periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from plimsoll.domain.calendar import Period, month_of, previous_month
from plimsoll.domain.money import shown
from plimsoll.services.check_answers import AccountCheck, Cause, CheckCause, CheckThing, Status
from plimsoll.ui.moments import grouped
from plimsoll.ui.price_words import price_text
from plimsoll.ui.words import counted, short_day, tr

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
    """A cause in two or three words."""
    return {
        Cause.NOT_TOKENS: tr("Not tokens"),
        Cause.PRICE_UNKNOWN: tr("Price not known"),
        Cause.BILLED_ELSEWHERE: tr("Left off this bill by rule"),
        Cause.TIER: tr("Another tier"),
        Cause.CACHE_CLASS: tr("Cached tokens not told"),
        Cause.PRICE_DIFFERS: tr("Another price"),
        Cause.DISCOUNT: tr("Discount"),
        Cause.FREE_TIER: tr("Free of charge"),
        Cause.NOT_FINAL: tr("Not final"),
        Cause.GAP: tr("No data"),
        Cause.ROUNDING: tr("Rounding"),
        Cause.UNEXPLAINED: tr("Unexplained"),
    }[cause]


def cause_detail(cause: CheckCause, currency: str) -> str:
    """What a cause is made of, in one line without its amount."""
    if not cause.things:
        return ""
    if cause.cause in {Cause.NOT_FINAL, Cause.GAP}:
        first = min(thing.first for thing in cause.things)
        last = max(thing.last for thing in cause.things)
        days = days_words(first, last)
        if cause.cause is Cause.NOT_FINAL:
            return tr("{days} can still change", days=days)
        return tr("One side has no answer for {days}", days=days)
    names = tuple(dict.fromkeys(thing.words for thing in cause.things))
    told = tr(", ").join(names[:_NAMED])
    if len(names) > _NAMED:
        told = tr("{names} and {count} more", names=told, count=len(names) - _NAMED)
    if cause.cause is Cause.PRICE_DIFFERS and len(names) == 1:
        prices = prices_words(cause.things[0], currency)
        return f"{told}: {prices}" if prices else told
    return told


def prices_words(thing: CheckThing, currency: str) -> str:
    """Both prices of a thing, where it has one each: `$0.30 billed, $0.25 listed`."""
    if thing.billed_price is None or thing.list_price is None:
        return ""
    return tr(
        "{billed} billed, {listed} listed",
        billed=price_text(thing.billed_price, currency),
        listed=price_text(thing.list_price, currency),
    )


def days_words(first: date, last: date) -> str:
    """One day or a span of days: `4 Nov`, `4 Nov to 9 Nov`."""
    if first == last:
        return short_day(first)
    return tr("{first} to {last}", first=short_day(first), last=short_day(last))


def quantity_words(quantity: Decimal | None) -> str:
    """How many tokens or units: `1 204 000`, `2.5`."""
    if quantity is None:
        return "–"
    return grouped(int(quantity)) if quantity == quantity.to_integral_value() else f"{quantity:f}"
