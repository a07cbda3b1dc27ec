"""Instants and counts as people say them: how long ago, when, how likely, how many, how large."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from plimsoll.ui.words import clock_time, full_day, short_day, tr

if TYPE_CHECKING:
    from plimsoll.domain.calendar import Period


def ago(instant: datetime, now: datetime) -> str:
    """How long ago: `just now`, `2 min ago`, `5 h ago`, `on 19 Aug`."""
    seconds = (now - instant).total_seconds()
    if seconds < 60:
        return tr("just now")
    if seconds < 3600:
        return tr("{count} min ago", count=int(seconds // 60))
    if seconds < 86400:
        return tr("{count} h ago", count=int(seconds // 3600))
    return tr("on {day}", day=short_day(instant.astimezone().date()))


def at(instant: datetime, now: datetime) -> str:
    """When: `14:05` today, `19 Aug, 14:05` on another day, with its year where it differs."""
    local, today = instant.astimezone(), now.astimezone().date()
    if local.date() == today:
        return clock_time(local)
    day = short_day(local.date()) if local.year == today.year else full_day(local.date())
    return tr("{day}, {time}", day=day, time=clock_time(local))


def at_any_time(instant: datetime) -> str:
    """When, whatever day it is now: `19 Aug, 14:05`."""
    local = instant.astimezone()
    return tr("{day}, {time}", day=short_day(local.date()), time=clock_time(local))


def share_words(share: float) -> str:
    """A share in whole percent; 0% and 100% only where it is none or all."""
    whole = round(share * 100)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return tr("{number}%", number=whole)


def period_words(period: Period) -> str:
    """A span of days: `23 May to 20 Aug`, with the years where it reaches into another."""
    say = short_day if period.first.year == period.last.year else full_day
    return tr("{first} to {last}", first=say(period.first), last=say(period.last))


def percent(share: float) -> str:
    """A probability in whole percent; never 0 or 100, which nobody knows."""
    return str(min(max(round(share * 100), 1), 99))


def grouped(count: int) -> str:
    """A count with thin spaces between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def brief(count: int) -> str:
    """A large count as it is spoken of: `9 412`, `348 k`, `2.83 M`, `3 741 M`."""
    if count < 10_000:
        return grouped(count)
    if count < 1_000_000:
        return tr("{number} k", number=grouped(round(count / 1000)))
    millions = count / 1_000_000
    places = 2 if millions < 10 else 1 if millions < 100 else 0
    return tr("{number} M", number=f"{millions:,.{places}f}".replace(",", "\u202f"))


def size_words(count: int) -> str:
    """A size in bytes as people say it: `46.0 MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return ""
