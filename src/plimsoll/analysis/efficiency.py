"""Efficiency against one's own past: a week's ratios beside the eight weeks before it.

Every measure is a fraction of whole numbers, exact until it is shown. What is usual is the median
of the weeks before, give or take three robust deviations (1.4826 × the median absolute deviation,
which is the standard deviation of a normal sample; P. J. Rousseeuw and C. Croux, "Alternatives to
the median absolute deviation", JASA 88, 1993). A week is marked only where it lies outside of that,
so that ordinary weeks are told about once in a hundred. There are no grades, and no one is compared
with anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from statistics import median

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.work import Cost

BASELINE_WEEKS = 8
LEAST_WEEKS = 6
"""With fewer known weeks among the eight than these nobody can say what is usual."""

SHORT_HOURS = 1
LONG_HOURS = 12
"""Hours after its own in which a cache write can still be read for the first time, at the most:
the short ones live under an hour, the longest that any maker sells lives twelve."""

_NORMAL = Fraction(14826, 10000)
_DEVIATIONS = 3
_LEAST_SPREAD = Fraction(1, 50)
"""Of the median: weeks that were all alike do not make every small step a mark."""

_LEAST_SHARE = Fraction(1, 200)
"""The least spread of a share: half a percentage point."""


class Kind(StrEnum):
    """What is measured, a week at a time."""

    OUTPUT_PER_MONEY = "output_per_money"
    CACHE_HITS = "cache_hits"
    CACHE_SAVED = "cache_saved"
    WRITES_UNREAD = "writes_unread"
    COST_PER_REQUEST = "cost_per_request"
    REASONING = "reasoning"
    OWN_LOOP = "own_loop"
    AGENTS_AND_PROGRAMS = "agents_and_programs"
    """An indicator, as the provider of the source `name` tells it; never added to the own loop."""
    COST_PER_UNIT = "cost_per_unit"


_NOT_SHARES = frozenset({Kind.OUTPUT_PER_MONEY, Kind.COST_PER_REQUEST, Kind.COST_PER_UNIT})

OF_MONEY = _NOT_SHARES | {Kind.CACHE_SAVED}
"""What is measured in each currency apart."""


MONEY_ON_TOP = frozenset({Kind.COST_PER_REQUEST, Kind.COST_PER_UNIT, Kind.CACHE_SAVED})
MONEY_BELOW = frozenset({Kind.OUTPUT_PER_MONEY, Kind.CACHE_SAVED})
"""Where what is divided, or what it is divided by, is money and no count."""

_COSTS_MORE = {
    Kind.OUTPUT_PER_MONEY: "below",
    Kind.COST_PER_REQUEST: "above",
    Kind.CACHE_HITS: "below",
    Kind.CACHE_SAVED: "below",
    Kind.WRITES_UNREAD: "above",
    Kind.REASONING: "above",
    Kind.OWN_LOOP: "above",
    Kind.COST_PER_UNIT: "above",
}
"""On which side of the usual something can be saved."""


class Standing(StrEnum):
    """How a week stands to the weeks before it."""

    USUAL = "usual"
    ABOVE = "above"
    BELOW = "below"
    TOO_SHORT = "too short"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual: the median of `weeks` known weeks, and how far from it is still usual."""

    median: Fraction
    spread: Fraction
    weeks: int

    @property
    def low(self) -> Fraction:
        """The least that is usual; never below zero."""
        return max(self.median - _DEVIATIONS * self.spread, Fraction(0))

    @property
    def high(self) -> Fraction:
        """The most that is usual."""
        return self.median + _DEVIATIONS * self.spread


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its values week by week, the latest last, None where a week has none.

    Money is in nano-units of `currency`: output tokens for each unit of it (OUTPUT_PER_MONEY), or
    nano-units for each request or unit of work (`name`). The others are shares from 0 to 1.
    `amount` is the latest week's money behind a share: what the cache saved, or what writes that
    were never read cost above plain input, by list price. `not_told` is the latest week's share of
    tokens of which the provider does not tell who asked (AGENTS_AND_PROGRAMS of the source `name`).
    Of units of work `origin` is who counted them (a source, `git`, nobody where the user did), and
    `cost` which money it is.
    """

    kind: Kind
    values: tuple[Fraction | None, ...]
    currency: str = ""
    name: str = ""
    amount: Money | None = None
    divided: tuple[tuple[int, int], ...] = ()
    not_told: Fraction | None = None
    origin: str = ""
    cost: Cost = Cost.SPENT

    @property
    def latest(self) -> Fraction | None:
        """The latest week's value."""
        return self.values[-1] if self.values else None

    @property
    def baseline(self) -> Baseline | None:
        """What is usual by the weeks before; None where too few are known."""
        is_share = self.kind not in _NOT_SHARES
        return baseline_of(self.values[:-1], least=_LEAST_SHARE if is_share else Fraction(0))

    @property
    def standing(self) -> Standing:
        """How the latest week stands to what is usual."""
        return standing_of(self.latest, self.baseline)

    def value_of(self, top: int, bottom: int) -> Fraction | None:
        """What a top divided by a bottom is in this measure; None where it is not known."""
        return _divide(self.kind, top, bottom)

    def is_divided_of(self, source: str) -> bool:
        """Whether what a source spent is a part of the money that is divided: of units that an
        account's provider counted only its own is, and nothing of what is estimated or worth.
        """
        return self.cost is Cost.SPENT or (self.cost is Cost.SOURCE and source == self.origin)

    @property
    def costs_more(self) -> bool:
        """Whether it lies outside of what is usual, and on the side where something is to save."""
        return self.standing.value == _COSTS_MORE.get(self.kind)


@dataclass(frozen=True, slots=True)
class CacheHour:
    """Cache tokens of one model in one hour (or day, where only days are known)."""

    read: int = 0
    short: int = 0
    long: int = 0

    def __add__(self, other: CacheHour) -> CacheHour:
        return CacheHour(self.read + other.read, self.short + other.short, self.long + other.long)


@dataclass(frozen=True, slots=True)
class Beyond:
    """What of a week's top lies beyond a part's own usual: `amount` in the top's own unit, exact,
    negative where it lies on the other side; and the week's value beside the median of `weeks`
    weeks before it.
    """

    amount: Fraction
    now: Fraction
    usual: Fraction
    weeks: int


def whole_weeks(today: date, count: int = BASELINE_WEEKS + 1) -> tuple[Period, ...]:
    """The last `count` weeks from Monday to Sunday (UTC) that are over, the latest last."""
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(count, 0, -1)]
    return tuple(Period(start, start + timedelta(days=6)) for start in starts)


def ratio(top: int, bottom: int) -> Fraction | None:
    """A share or a price; None where there is nothing to divide by."""
    return Fraction(top, bottom) if bottom else None


def measured(
    kind: Kind,
    tops: Sequence[int],
    bottoms: Sequence[int],
    *,
    currency: str = "",
    name: str = "",
    amount: Money | None = None,
) -> Measure:
    """A measure from what is to be divided by what, week by week: tokens, nano-units, requests or
    units of work. A week whose bottom is not above zero has no value.
    """
    divided = tuple(zip(tops, bottoms, strict=True))
    values = tuple(_divide(kind, top, bottom) for top, bottom in divided)
    return Measure(kind, values, currency, name, amount, divided)


def _divide(kind: Kind, top: int, bottom: int) -> Fraction | None:
    """Output is for a unit of the currency, and money is in nano-units."""
    times = NANO if kind is Kind.OUTPUT_PER_MONEY else 1
    return Fraction(top * times, bottom) if bottom > 0 else None


def baseline_of(
    values: Iterable[Fraction | None], *, least: Fraction = Fraction(0)
) -> Baseline | None:
    """What is usual by the values of the weeks before, in any order; the spread is `least` at the
    least.
    """
    known = [value for value in values if value is not None]
    if len(known) < LEAST_WEEKS:
        return None
    middle = median(known)
    spread = _NORMAL * median([abs(value - middle) for value in known])
    return Baseline(middle, max(spread, abs(middle) * _LEAST_SPREAD, least), len(known))


def standing_of(value: Fraction | None, baseline: Baseline | None) -> Standing:
    """How a value stands to what is usual."""
    if value is None:
        return Standing.NOT_KNOWN
    if baseline is None:
        return Standing.TOO_SHORT
    if value > baseline.high:
        return Standing.ABOVE
    return Standing.BELOW if value < baseline.low else Standing.USUAL


def never_read(
    hours: Mapping[int, CacheHour], *, short: int = SHORT_HOURS, long: int = LONG_HOURS
) -> dict[int, tuple[int, int]]:
    """The cache writes of each hour that were certainly never read, (short-lived, long-lived).

    A token that is read at all is read for the first time within the lifetime of its write. So of
    an hour's writes at least as many were never read as exceed all that was read from then until
    the lifetime is over; what was read may have been other tokens, so that it is a bound from
    below. Hours are numbers in order; with days in their place, `short` and `long` are days.
    """
    found = {}
    for hour, cell in hours.items():

        def left(written: int, lifetime: int, start: int = hour) -> int:
            after = (hours.get(start + later) for later in range(lifetime + 1))
            return max(written - sum(then.read for then in after if then), 0) if written else 0

        lost = left(cell.short, short), left(cell.long, long)
        if any(lost):
            found[hour] = lost
    return found


def beyond_usual(weeks: Sequence[tuple[int, int]], *, above: bool = True) -> Beyond | None:
    """How far the latest week's top lies `above`, or else below, where its own median would have
    it; None where the week is not known, or too few weeks say what the median is. A week whose
    bottom is not above zero is not known. The weeks are in order, the latest last.

    What lies above is never more than there is: a median below zero, from weeks of refunds, counts
    as none.
    """
    *before, (top, bottom) = weeks
    known = [Fraction(t, b) for t, b in before if b > 0]
    if bottom <= 0 or len(known) < LEAST_WEEKS:
        return None
    usual = max(median(known), Fraction(0))
    amount = (top - usual * bottom) * (1 if above else -1)
    return Beyond(amount, Fraction(top, bottom), usual, len(known))
