"""Run-outs: when a balance reaches zero, how fast it falls and what it rests on, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from plimsoll.domain.money import shown
from plimsoll.services.prepaid import Lasts
from plimsoll.ui.moments import at
from plimsoll.ui.words import full_day, short_day, tr

if TYPE_CHECKING:
    from plimsoll.services.prepaid import Prepaid

Lines = tuple[tuple[str, str], ...]


def when_words(one: Prepaid) -> str:
    """When it runs out: `about 12 Dec`, or why no day is named."""
    found = one.run_out
    if found.lasts is Lasts.DATES and found.day is not None:
        return tr("about {day}", day=short_day(found.day))
    return {
        Lasts.GONE: tr("used up"),
        Lasts.IDLE: tr("not used lately"),
        Lasts.LONGER: tr("in more than 3 months"),
    }.get(found.lasts, tr("not enough history"))


def range_words(one: Prepaid) -> str:
    """The 80 % range: `8 Dec to 25 Dec`; empty where none can be told."""
    found = one.run_out
    if found.lasts is not Lasts.DATES or found.earliest is None:
        return ""
    last = short_day(found.latest) if found.latest else tr("more than 3 months")
    return tr("80% between {first} and {last}", first=short_day(found.earliest), last=last)


def lapse_words(one: Prepaid) -> str:
    """What of it expires unused, and when; empty where nothing is known to."""
    return tr(" ").join(
        tr(
            "{amount} expires unused after {day}.",
            amount=shown(credit.nanos, one.currency),
            day=short_day(credit.last),
        )
        for credit in one.run_out.lapsing
    )


def evidence_of(one: Prepaid, now: datetime) -> Lines:
    """Where a balance and its run-out come from."""
    kind = (
        tr("Derived: what you entered, less what was spent; no provider says so")
        if one.derived
        else tr("Prepaid credit that can still be spent, as the provider says")
    )
    burn = tr("not known yet") if one.burn is None else shown(one.burn, one.currency)
    lines = [
        (tr("Balance"), shown(one.left, one.currency)),
        (tr("Kind"), kind),
        (tr("Source"), one.source),
    ]
    if one.book is None:
        lines.append((tr("Read"), at(one.read_at, now)))
    else:
        book = one.book
        lines.append(
            (
                tr("Adds up"),
                tr(
                    "{entered} entered since {day}, {spent} spent, {lapsed} expired",
                    entered=shown(book.entered, one.currency),
                    day=full_day(book.since),
                    spent=shown(book.spent, one.currency),
                    lapsed=shown(book.lapsed, one.currency),
                ),
            )
        )
    lines += [
        (tr("A day costs"), tr("{amount}, the mean of the last 30 days", amount=burn)),
        (tr("Runs out"), tr(", ").join(filter(None, (when_words(one), range_words(one))))),
    ]
    reason, lapses = one.run_out.reason, lapse_words(one)
    if reason:
        lines.append((tr("Caution"), reason))
    if lapses:
        lines.append((tr("Expires"), lapses))
    if not one.derived:
        lines.append((tr("Not told"), tr("what it was spent on")))
    return tuple(lines)
