"""Prepaid: what was spent, added and lost between readings of a balance, and on which days.

A balance falls with use and rises with top-ups and grants; a reading says only what is left. Where
the provider tells the parts of a balance, or counters over the account's life, a rise and spend
within one interval are told apart; where it does not, only their difference is known, so that what
is derived is the least that was spent. A grant that expires looks like spend unless its day is
known. Every interval adds up exactly to the nano-unit, and so do its days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.money import shares_of
from plimsoll.domain.usage import BalanceReading

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Between:
    """What happened to a balance between two readings that follow each other, in nano-units.

    `last` is `first` less what was `spent` and what `lapsed` (left without being spent: credit that
    expired), plus what was `topped_up`, `granted`, or `added` where nobody tells which of the two.
    Both ends are what the account held: a debt counts where its provider tells it.
    """

    currency: str
    start: datetime
    end: datetime
    first: int
    last: int
    spent: int = 0
    topped_up: int = 0
    granted: int = 0
    added: int = 0
    lapsed: int = 0

    @property
    def rise(self) -> int:
        """All that came in."""
        return self.topped_up + self.granted + self.added

    @property
    def is_long(self) -> bool:
        """Whether more than a day lies between, so that nobody knows which day spent how much."""
        return self.end - self.start > ONE_DAY


@dataclass(frozen=True, slots=True)
class Fall:
    """What a balance lost to use on one provider day (UTC), nano-units; `spread` where a share of
    an interval of more than a day is in it.
    """

    day: date
    currency: str
    nanos: int
    spread: bool = False


def between(readings: Iterable[BalanceReading]) -> tuple[Between, ...]:
    """What happened between readings of one account, each currency apart, in the order of time.

    Readings may come in any order, and more than once. The first of a currency tells nothing yet,
    nor does the first by another key, which may be another account's.
    """
    found: list[Between] = []
    of_currency: dict[str, dict[datetime, BalanceReading]] = defaultdict(dict)
    for reading in sorted(readings, key=_order):
        of_currency[reading.amount.currency][reading.at] = reading
    for _, at in sorted(of_currency.items()):
        found += [
            _told(before, after)
            for before, after in pairwise(at.values())
            if before.read_by == after.read_by or not (before.read_by and after.read_by)
        ]
    return tuple(sorted(found, key=lambda one: (one.start, one.currency)))


def falls(intervals: Iterable[Between]) -> tuple[Fall, ...]:
    """What was spent on each day, in their order: an interval's spend lies evenly over its time.

    Nothing is known of when within it money was spent. Spread by the largest remainder, the days of
    an interval sum to it exactly.
    """
    nanos: dict[tuple[date, str], int] = defaultdict(int)
    spread: set[tuple[date, str]] = set()
    for interval in intervals:
        days = list(_days_of(interval))
        shares = shares_of(interval.spent, [length // _MICROSECOND for _, length in days])
        for (day, _), share in zip(days, shares, strict=True):
            nanos[day, interval.currency] += share
            if share and interval.is_long:
                spread.add((day, interval.currency))
    return tuple(
        Fall(day, currency, amount, (day, currency) in spread)
        for (day, currency), amount in sorted(nanos.items())
        if amount
    )


def _order(reading: BalanceReading) -> tuple[object, ...]:
    """By time; of two readings of one instant always the same one counts, whichever came first."""
    parts = (reading.granted, reading.topped_up, reading.ever_added, reading.ever_spent)
    known = tuple((part is not None, part or 0) for part in parts)
    lapsing = tuple(sorted((credit.last, credit.nanos) for credit in reading.expiring))
    return reading.at, reading.amount, known, lapsing, reading.read_by


def _days_of(interval: Between) -> Iterator[tuple[date, timedelta]]:
    """The days that an interval touches, with how much of its time lies on each."""
    for day in Period(utc_day(interval.start), utc_day(interval.end)).days():
        begin, end = day_start(day), day_start(day + ONE_DAY)
        length = min(interval.end, end) - max(interval.start, begin)
        if length:
            yield day, length


# -- one interval ------------------------------------------------------------------------------


def _told(before: BalanceReading, after: BalanceReading) -> Between:
    return _by_counters(before, after) or _by_parts(before, after) or _by_amount(before, after)


def _by_counters(before: BalanceReading, after: BalanceReading) -> Between | None:
    """Spend as the lifetime counters tell it; a counter that went back tells nothing."""
    change = after.amount.nanos - before.amount.nanos
    spent, added = _rise(before.ever_spent, after.ever_spent), None
    if spent is None:
        added = _rise(before.ever_added, after.ever_added)
        spent = None if added is None else added - change
    if spent is None or spent < 0:
        return None
    rest = change + spent
    return _made(before, after, spent=spent, added=max(rest, 0), lapsed=max(-rest, 0))


def _rise(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None or after < before else after - before


def _by_parts(before: BalanceReading, after: BalanceReading) -> Between | None:
    """Each part by itself: the one can rise while the other falls."""
    if before.granted is None or before.topped_up is None:
        return None
    if after.granted is None or after.topped_up is None:
        return None
    gift, paid = after.granted - before.granted, after.topped_up - before.topped_up
    lapsed = min(max(-gift, 0), _expired(before, after))
    return Between(
        before.amount.currency,
        before.at,
        after.at,
        before.granted + before.topped_up,
        after.granted + after.topped_up,
        spent=max(-gift, 0) - lapsed + max(-paid, 0),
        topped_up=max(paid, 0),
        granted=max(gift, 0),
        lapsed=lapsed,
    )


def _by_amount(before: BalanceReading, after: BalanceReading) -> Between:
    """A fall is spend, as far as it is not credit that is known to have expired; a rise is one."""
    change = after.amount.nanos - before.amount.nanos
    lapsed = min(max(-change, 0), _expired(before, after))
    return _made(before, after, spent=max(-change, 0) - lapsed, added=max(change, 0), lapsed=lapsed)


def _expired(before: BalanceReading, after: BalanceReading) -> int:
    """Credit whose last day was over by the second reading, and not by the first."""
    return sum(
        max(credit.nanos, 0)
        for credit in before.expiring
        if before.at < day_start(credit.last + ONE_DAY) <= after.at
    )


def _made(
    before: BalanceReading, after: BalanceReading, *, spent: int, added: int, lapsed: int
) -> Between:
    return Between(
        before.amount.currency,
        before.at,
        after.at,
        before.amount.nanos,
        after.amount.nanos,
        spent=spent,
        added=added,
        lapsed=lapsed,
    )
