"""The frozen answers of the Market page: quotes, the index, growth, and the price board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from plimsoll.analysis.market import Concentration, Index, Quote
from plimsoll.analysis.outlook import Doubling
from plimsoll.domain.calendar import Period
from plimsoll.domain.usage import Evidence


@dataclass(frozen=True, slots=True)
class Line:
    """What one model of one provider cost, by one kind of evidence: over the last thirty complete
    days (`quote`) and, in nano-units for a million tokens, over the thirty `before` them. `model`
    is None where money and tokens of several cannot be told apart; `sources` are the names of the
    sources that it was bought through.
    """

    provider: str
    model: str | None
    evidence: Evidence
    quote: Quote
    before: int | None
    sources: tuple[str, ...] = ()


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
class Loops:
    """One week of coding agents' tokens: those that answered nobody, of all."""

    first: date
    own: int
    total: int


@dataclass(frozen=True, slots=True)
class Growth:
    """How consumption grows, over the thirty complete days and the thirty before.

    `regions` are tokens by region of maker (`mainland`, `overseas`, empty for unknown makers),
    `regions_before` those before; `sellers` the money of the page's currency by provider.
    """

    doubling: Doubling | None
    regions: Mapping[str, int]
    regions_before: Mapping[str, int]
    sellers: Concentration | None
    loops: tuple[Loops, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """The Market page in one currency; other `currencies` stand apart, the most spent first.

    `period` are the thirty complete days. `tickers` are empty where no money has met its tokens in
    the last weeks, `points` where no month has a basket with prices; both are unknown then, not
    zero. `not_priced_tokens` of the period are in no quote.
    """

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    period: Period
    tickers: tuple[Ticker, ...]
    lines: tuple[Line, ...]
    points: tuple[IndexPoint, ...]
    growth: Growth
    not_priced_tokens: int
    has_data: bool
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
    makes no difference; `other_hours` are input and output at the other hours. `history` is the
    price at that mix at the end of each of the last twelve months, empty where it did not change.
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
    other_hours: tuple[int | None, int | None] | None = None
    steps: tuple[int, ...] = ()
    tiers: tuple[tuple[str, Fraction], ...] = ()
    coming: tuple[Coming, ...] = ()
    history: tuple[int | None, ...] = ()
    used: bool = False
    note: str = ""


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

    None where a price, or the rate between the currencies, is not known; `why` says which.
    """

    group: str
    provider: str
    model: str
    currency: str
    peer_provider: str
    peer: str
    input: Fraction | None
    output: Fraction | None
    why: str = ""
