"""The first screen's frozen answer, apart from the other pages', so that it is there sooner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from plimsoll.domain.budget import BudgetStatus
    from plimsoll.domain.calendar import Period
    from plimsoll.domain.exchange import Rate
    from plimsoll.domain.money import Money
    from plimsoll.domain.question import Gap, Series
    from plimsoll.domain.subscription import Subscription
    from plimsoll.services.prepaid import Prepaid


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Where a period ends in one currency, nano-units, what is already spent included.

    The ranges are None when history is too thin, with the `reason`; `median` is then the
    run-rate's figure. `quality` is `rough` or `normal`; `run_rate` the naive yardstick.
    """

    currency: str
    period: Period
    spent: int
    median: int
    run_rate: int
    low50: int | None = None
    high50: int | None = None
    low80: int | None = None
    high80: int | None = None
    low95: int | None = None
    high95: int | None = None
    quality: str = "normal"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One day of a cumulative month: `actual` so far, or the forecast's median and 80 % range."""

    day: date
    actual: int | None = None
    median: int | None = None
    low80: int | None = None
    high80: int | None = None


@dataclass(frozen=True, slots=True)
class MonthCurve:
    """The cumulative month: actual days, then the forecast fan; last month day by day beside it.

    `points` has every day of `period`; today has both an actual and a median. `previous` are last
    month's cumulative nano-units by day of the month. `limit` is the budget's line, if any.
    """

    period: Period
    currency: str
    today: date
    points: tuple[CurvePoint, ...]
    previous: tuple[int, ...] = ()
    limit: int | None = None
    limit_name: str = ""


@dataclass(frozen=True, slots=True)
class DailyStack:
    """Spend per provider day, stacked by one dimension: the largest series first, at most six and
    the rest as `Other`; every day of `period` present. `known` False is a gap, `final` False a day
    that can still change. `series[i].values[j]` are nano-units of day j.
    """

    period: Period
    currency: str
    days: tuple[date, ...]
    series: tuple[StackSeries, ...]
    known: tuple[bool, ...]
    final: tuple[bool, ...]
    estimated: tuple[int, ...] = ()
    """What of each day no bill has confirmed yet; empty where the bands say so themselves."""
    not_priced: tuple[int, ...] = ()
    """Tokens of each day whose cost nobody knows; empty where none has any."""


@dataclass(frozen=True, slots=True)
class StackSeries:
    """One band of a stack. `name` None are amounts without that dimension; `other` marks Other."""

    name: str | None
    values: tuple[int, ...]
    other: bool = False

    @property
    def total(self) -> int:
        """The whole band."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Mover:
    """What one model adds to the change between two periods, nano-units; `name` None for what is
    not told by model.
    """

    name: str | None
    now: int
    before: int

    @property
    def change(self) -> int:
        """More is positive."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs the user: a calm sentence, and the page where it is settled.

    `kind` is `warning` (amber), `failed` (red: an exceeded budget or a failed source) or `hint`.
    """

    kind: str
    sentence: str
    page: str


@dataclass(frozen=True, slots=True)
class Combined:
    """What stands behind figures that were converted into one currency.

    `native` is the money of a period in its own currencies, as far as it is converted, and `rates`
    are those that were used; `left_out` is what no rate converts, and is in no figure. Of a page,
    that is the month so far: `bars` says the same of the days that the bars show, and `ends` are
    the forecasts, which are never converted.
    """

    native: tuple[Money, ...]
    rates: tuple[Rate, ...]
    left_out: tuple[Money, ...] = ()
    bars: Combined | None = None
    ends: tuple[MonthEnd, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """The first screen's four answers, in one currency, and what its charts show.

    `spent`, `billed`, `estimated`: the month so far. `before_same_days`: last month up to the same
    day, None where we have no data of it. `today` is spend of the current UTC day, `week_mean` the
    mean of the last seven complete days; `today_estimated` is what of it no bill has confirmed, and
    what `today_not_priced` tokens cost nobody knows. `as_of` is the last successful sync. `change`
    is one sentence. `needs` are at most three. `has_sources` False is the very first start.

    `display` is the currency that all money can be shown in together, empty where it cannot; where
    it is, `combined` says how. `plans` is what the month's tokens under subscriptions are worth, in
    each currency: not owed, and part of no other figure. `subscriptions` are those that run today.
    """

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    has_sources: bool
    month: Period
    spent: int
    billed: int
    estimated: int
    not_priced_tokens: int
    tokens: int
    before_same_days: int | None
    month_end: MonthEnd | None
    today: int | None
    week_mean: int | None
    budget: BudgetStatus | None
    change: str
    movers: tuple[Mover, ...]
    needs: tuple[Need, ...]
    stack: DailyStack
    recent: Series
    """The last 30 days, for the small line of the first card."""
    curve: MonthCurve | None
    as_of: datetime | None
    not_final_from: date | None
    gaps: tuple[Gap, ...] = ()
    sources_count: int = 0
    today_estimated: int = 0
    today_not_priced: int = 0
    display: str = ""
    combined: Combined | None = None
    plans: tuple[Money, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    has_figures: bool = True
    """Whether there is anything to show yet, be it tokens that nobody pays for one by one."""
    prepaid: tuple[Prepaid, ...] = ()
    """The balances that run out within a month and need nobody yet, the first of them first."""
