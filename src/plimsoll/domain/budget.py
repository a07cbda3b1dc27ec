"""Budgets, their thresholds, and the alerts they fire: once per budget, threshold and period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from plimsoll.domain.cadence import Cadence
from plimsoll.domain.calendar import Period, Span
from plimsoll.domain.money import Money, decimal_text, shown
from plimsoll.domain.question import EVERYTHING, Dimension, Scope
from plimsoll.domain.said import say


class ThresholdKind(StrEnum):
    """What a threshold watches: what was spent, where the period will end, or how fast it goes."""

    ACTUAL = "actual"
    FORECAST = "forecast"
    BURN = "burn"


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """A share of a budget, in percent; a forecast threshold fires from `probability` on.

    The percent of a burn threshold are of the even pace: at 300 it is spent three times as fast.

    Both are kept in their shortest writing, so that `100`, `100.0` and `1E+2` are one threshold
    wherever it is written down, and fire once.
    """

    kind: ThresholdKind
    percent: Decimal
    probability: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "percent", _shortest(self.percent))
        object.__setattr__(self, "probability", _shortest(self.probability))

    @property
    def id(self) -> str:
        """A stable name: `actual:80`, `forecast:100@0.7` or `burn:3`."""
        if self.kind is ThresholdKind.BURN:
            return f"{self.kind}:{self.times:f}"
        tail = f"@{self.probability}" if self.kind is ThresholdKind.FORECAST else ""
        return f"{self.kind}:{self.percent}{tail}"

    @property
    def times(self) -> Decimal:
        """The percent as a multiple: how many times the even pace."""
        return _shortest(self.percent / 100)


def _shortest(number: Decimal) -> Decimal:
    return Decimal(f"{number.normalize():f}")


DEFAULT_THRESHOLDS = (
    Threshold(ThresholdKind.ACTUAL, Decimal(50)),
    Threshold(ThresholdKind.ACTUAL, Decimal(80)),
    Threshold(ThresholdKind.ACTUAL, Decimal(100)),
    Threshold(ThresholdKind.FORECAST, Decimal(100), Decimal("0.7")),
)
"""Half quietly, four fifths, all, and likely to be passed.

Odds of 0.7 were right 84 times of 100 in the back-test of the forecast (benchmarks/forecast.py).
"""


TOKENS = "tokens"
"""The word that stands for a currency where a budget limits tokens: its amounts are then whole
tokens, not nano-units."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of `nanos` of `currency` on a scope for every period of the cadence `span` in `zone`.

    With `carries_from`, what the period before left of the limit is added to it, as long as that
    period began on or after the day. Raises `ValueError` for a limit that is not more than zero.
    """

    name: str
    nanos: int
    currency: str
    span: Cadence = Span.MONTH
    scope: Scope = EVERYTHING
    thresholds: tuple[Threshold, ...] = DEFAULT_THRESHOLDS
    zone: str = "UTC"
    carries_from: date | None = None

    def __post_init__(self) -> None:
        if self.nanos <= 0:
            raise ValueError("a budget is more than zero")

    def words(self, amount: int, *, places: int | None = None) -> str:
        """An amount of this budget as a person reads it: `$12.50`, `1,200,000 tokens`."""
        if self.currency == TOKENS:
            return say("{count} tokens", count=f"{amount:,}")
        return shown(amount, self.currency, places=places)

    def text(self, amount: int) -> str:
        """An amount of this budget as decimal text, in units of its currency or in tokens."""
        return str(amount) if self.currency == TOKENS else decimal_text(amount)


@dataclass(frozen=True, slots=True)
class SpendLimit:
    """A limit that a provider itself keeps: `amount` for every `span` of the calendar, in UTC.

    `of` is whose spend it limits, by the provider's own id: that of a project, a key or a user;
    None is the whole account. It is offered as a budget, and never becomes one by itself.
    """

    amount: Money
    span: Span
    of: tuple[Dimension, str] | None = None


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A budget in its current period: nano-units spent, forecast and the odds of passing it.

    `spent` is billed and estimated together, never plan; `estimated` is what of it no bill has
    confirmed yet. What `not_priced_tokens` cost is unknown, and in neither.
    `median`, `low80`, `high80` are the period's forecast total and `likely` the probability that
    it passes the budget; all None when history is too thin, with the `reason`. `passes_on` is the
    day on which the median passes. `crossed` are the thresholds that hold now. `carried` is what
    the period before left, and part of the `limit`; `odds` are those of each forecast threshold.
    `pace` is how many times as fast as evenly it is spent, where a threshold asks for that.
    """

    budget: Budget
    period: Period
    spent: int
    median: int | None = None
    low80: int | None = None
    high80: int | None = None
    likely: float | None = None
    passes_on: date | None = None
    reason: str = ""
    crossed: tuple[Threshold, ...] = ()
    estimated: int = 0
    not_priced_tokens: int = 0
    carried: int = 0
    odds: tuple[tuple[Threshold, float], ...] = ()
    pace: Decimal | None = None

    @property
    def limit(self) -> int:
        """What may be spent in this period: the budget, and what was carried over."""
        return self.budget.nanos + self.carried

    @property
    def share(self) -> Decimal:
        """Spent as a share of the limit, in percent."""
        return Decimal(self.spent) * 100 / Decimal(self.limit)


@dataclass(frozen=True, slots=True)
class Alert:
    """One firing of one threshold in one period; the ledger holds at most one.

    It was told at an instant, or waits for the end of quiet hours, or stands in the list only.
    `recovered_at` is when its reason was taken as gone, `calm_since` since when that is likely.
    `number` is the ledger's own, 0 before it is kept.
    """

    budget: str
    threshold: Threshold
    period: Period
    fired_at: datetime
    sentence: str
    told_at: datetime | None = None
    waiting: bool = False
    calm_since: datetime | None = None
    recovered_at: datetime | None = None
    number: int = field(default=0, compare=False)


def crossed(
    thresholds: tuple[Threshold, ...],
    *,
    spent: int,
    limit: int,
    likely: dict[Threshold, float],
    pace: Decimal | None = None,
) -> tuple[Threshold, ...]:
    """The thresholds that hold: actual ones by share, forecast ones by probability (`likely`),
    burn ones by the `pace`.

    A forecast threshold is silent when an actual one of the same share already holds, and a burn
    threshold when nothing is left to burn.
    """
    actual = {
        t.percent
        for t in thresholds
        if t.kind is ThresholdKind.ACTUAL
        if spent * 100 >= t.percent * limit
    }
    holds = []
    for threshold in thresholds:
        if threshold.kind is ThresholdKind.ACTUAL:
            if threshold.percent in actual:
                holds.append(threshold)
        elif threshold.kind is ThresholdKind.BURN:
            if pace is not None and pace * 100 >= threshold.percent and spent < limit:
                holds.append(threshold)
        elif (
            threshold.percent not in actual
            and threshold in likely
            and Decimal(str(likely[threshold])) >= threshold.probability
        ):
            holds.append(threshold)
    return tuple(holds)
