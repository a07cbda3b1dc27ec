"""The frozen answers of the Market page: quotes, the index, growth, and the price board."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from plimsoll.analysis.market import Index, Quote
from plimsoll.analysis.outlook import Doubling
from plimsoll.domain.calendar import Period
from plimsoll.domain.usage import Evidence

if TYPE_CHECKING:
    from plimsoll.services.dialogue import Dialogue

_SUNDAY = 6
_EIGHT_WEEKS = 8 * 7


@dataclass(frozen=True, slots=True)
class Line:
    """What one model of one provider cost, by one kind of evidence: over the last thirty complete
    days (`quote`) and, in nano-units for a million tokens, over the thirty `before` them, in each
    of the last `weeks` of seven days (None where none was bought) and on the `latest` complete day
    with money and tokens both known, of the last seven.

    `model` is None where money and tokens of several cannot be told apart, and where it `is_whole`:
    all that this provider sold. `sources` are the names of the sources that it was bought through.
    """

    provider: str
    model: str | None
    evidence: Evidence
    quote: Quote
    before: int | None
    sources: tuple[str, ...] = ()
    weeks: tuple[int | None, ...] = ()
    latest: tuple[date, int] | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Ticker:
    """The price of a million tokens by one kind of evidence, nano-units.

    `latest` is of `day`, the last complete day with money and tokens both known; `month` of the
    thirty complete days, `before` of the thirty before them, `weeks` of periods of seven days, the
    oldest first.
    """

    evidence: Evidence
    day: date
    latest: Quote
    month: Quote
    before: Quote
    weeks: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """One month: the index numbers against the first one, and `paid`, the effective price of a
    token as a share of the first month's, 100 at the start (billed and estimated together).
    """

    month: date
    index: Index
    paid: Fraction | None


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One good of the index: a token class of a model at a tier through a source, its tokens in the
    first month and in the asked one, and nano-units for a million of them, None where the book has
    no price. It is matched, and counts, where both prices are known.
    """

    source: str
    model: str
    tier: str
    name: str
    base_tokens: int
    tokens: int
    base_price: int | None
    price: int | None

    @property
    def is_matched(self) -> bool:
        """Whether it is in the index."""
        return self.base_price is not None and self.price is not None

    @property
    def value(self) -> int:
        """What it weighs in either basket, nano-units: that of the first month at its prices, or
        that of the asked one at its own, whichever is more.
        """
        base = self.base_tokens * (self.base_price or 0)
        return max(base, self.tokens * (self.price or 0)) // 1_000_000


@dataclass(frozen=True, slots=True)
class IndexBasket:
    """The goods behind the index of a `month`, begun with `base`, the heaviest first; prices are
    means of the last seven days of either month.
    """

    base: date
    month: date
    rows: tuple[BasketRow, ...]


@dataclass(frozen=True, slots=True)
class Loops:
    """One week of coding agents' tokens: those that answered nobody, of all."""

    first: date
    own: int
    total: int


@dataclass(frozen=True, slots=True)
class Part:
    """What was used of one model through one seller: tokens, and nano-units of the answer's
    currency, billed and estimated together, None where no money of it is known.

    `seller` is a provider's word; `region` is that of the model's maker (`mainland`, `overseas`,
    empty where the table of makers does not name it, or no model is named).
    """

    seller: str
    model: str | None
    region: str
    tokens: int
    nanos: int | None


@dataclass(frozen=True, slots=True)
class Use:
    """What was used in some complete provider days (UTC), the most tokens first.

    `missing` is how many of the days some source gave no answer for, since anything is known at
    all; `not_final` how many can still change.
    """

    period: Period
    parts: tuple[Part, ...]
    missing: int = 0
    not_final: int = 0

    @property
    def is_known(self) -> bool:
        """Whether its shares say something: there is use, and no day is missing."""
        return bool(self.parts) and not self.missing

    @property
    def is_week_over(self) -> bool:
        """Whether it goes up to a Sunday."""
        return self.period.last.weekday() == _SUNDAY

    def by_region(self, *, money: bool = False) -> dict[str, int]:
        """Tokens, or nano-units, by region of maker."""
        return self._by(lambda part: part.region, money=money)

    def by_seller(self, *, money: bool = False) -> dict[str, int]:
        """Tokens, or nano-units, by seller."""
        return self._by(lambda part: part.seller, money=money)

    def _by(self, name_of: Callable[[Part], str], *, money: bool) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for part in self.parts:
            amount = part.nanos if money else part.tokens
            if amount:
                found[name_of(part)] += amount
        return dict(found)


@dataclass(frozen=True, slots=True)
class Growth:
    """How consumption grows, and from whom it is bought; money is of one `currency`.

    `use` is of the thirty complete days, `before` of the thirty before them. `weeks` go from Monday
    to Sunday, a year of them at most, from the first that has use; the last one is under way and
    shorter, unless it has no complete day yet. `currencies` are all that are known, the most spent
    first, and `titles` the names of the sellers by their words. `dialogue` is how much answered no
    person, week by week.
    """

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    doubling: Doubling | None
    use: Use
    before: Use
    weeks: tuple[Use, ...]
    loops: tuple[Loops, ...]
    titles: Mapping[str, str]
    dialogue: Dialogue | None = None

    @property
    def is_long_enough(self) -> bool:
        """Whether eight weeks have passed since the first use: the least for a doubling time."""
        first = next((week.period.first for week in self.weeks if week.parts), None)
        return first is not None and (self.use.period.last - first).days + 1 >= _EIGHT_WEEKS


@dataclass(frozen=True, slots=True)
class Market:
    """The Market page in one currency; other `currencies` stand apart, the most spent first.

    `period` are the thirty complete days. `tickers` are empty where no money has met its tokens in
    the last weeks, `points` where no month has a basket with prices; both are unknown then, not
    zero. `not_priced_tokens` of the period are in no quote; with `only_plan` a subscription paid
    for all of it, and nothing was bought by the token.
    """

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    period: Period
    tickers: tuple[Ticker, ...]
    lines: tuple[Line, ...]
    sellers: tuple[Line, ...]
    points: tuple[IndexPoint, ...]
    not_priced_tokens: int
    has_data: bool
    only_plan: bool
    titles: Mapping[str, str]
    """The names of providers by their words."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Prices of a later day, nano-units for a million tokens."""

    at: datetime
    input: int | None
    output: int | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One model on the price board: nano-units of `currency` for a million tokens, now; None where
    the list has no price.

    `mix` is what a million tokens would cost at the user's own mix of classes, whatever model they
    used; a class that the list does not name counts as fresh input. `peak` is None where the hour
    makes no difference, and where it cannot be known, which `doubt` says: then the price is that of
    peak hours. `until` is when the hours change, None where that is not known; `other_hours` are
    input and output at the other hours. `history` is the price at that mix at the end of each of
    the last twelve months, empty where it did not change. `names` are the spellings of the model's
    name that it is found by.
    """

    layer: str
    provider: str
    model: str
    currency: str
    source: str | None
    input: int | None
    cache_read: int | None
    cache_write: int | None
    output: int | None
    mix: int | None
    peak: bool | None = None
    doubt: str = ""
    until: datetime | None = None
    other_hours: tuple[int | None, int | None] | None = None
    steps: tuple[int, ...] = ()
    tiers: tuple[tuple[str, Fraction], ...] = ()
    coming: tuple[Coming, ...] = ()
    history: tuple[int | None, ...] = ()
    used: bool = False
    note: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceBoard:
    """Every model of the price book. `shares` are the parts of a million tokens by class that `mix`
    is made of; empty where nothing was used in the last thirty days.
    """

    rows: tuple[BoardRow, ...]
    shares: Mapping[str, Fraction]
    edition: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """A mainland model's list price beside one overseas peer's, now: mainland ÷ overseas, by class.

    None where a price, or the rate between the currencies, is not known; `why` says which. `peak`
    says whether the mainland model's is a peak price, None where the hour makes no difference.
    """

    group: str
    provider: str
    model: str
    currency: str
    peer_provider: str
    peer: str
    input: Fraction | None
    output: Fraction | None
    peak: bool | None = None
    why: str = ""
