"""The frozen answers about prices: what is known, what is not priced, what a change does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from plimsoll.domain.calendar import Period
from plimsoll.domain.effect import Effect, MonthEffect, PriceChange
from plimsoll.domain.tariff import Discount, PriceRow
from plimsoll.prices.hours import Hours

__all__ = [
    "Discount",
    "Effect",
    "Hours",
    "KnownPrice",
    "ModelInUse",
    "MonthEffect",
    "NotPricedLine",
    "PriceChange",
    "PricePreview",
    "PriceRow",
    "PriceUpdate",
    "PricesPage",
    "UpdateState",
]


@dataclass(frozen=True, slots=True)
class NotPricedLine:
    """Stored usage of which nobody knows the worth: one source, model, tier and reason.

    `tokens` are all of it on the days from `period.first` to `period.last`, of which `days` have
    some. `missing` tokens are those whose money is unknown too; the rest are on days that were
    billed. `units` are what is not tokens. `can_be_priced` is False where a price would not help:
    tokens that the provider's bill leaves out by rule.
    """

    provider: str
    source: str
    model: str | None
    tier: str | None
    reason: str
    tokens: int
    missing: int
    units: tuple[tuple[str, Decimal], ...]
    days: int
    period: Period
    can_be_priced: bool = True


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """One row of the price board: a model that a source had usage of in the last 90 days.

    `words` say what its plain tokens cost now and whose price that is, or, where it is not
    `priced`, why nobody knows.
    """

    provider: str
    source: str
    model: str
    tokens: int
    priced: bool
    words: str


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """One price of a model as it holds (or held, or will) over a span of time.

    `layer` is `own` (the user's), `overlay` (Plimsoll's own list) or `listed` (the package
    genai-prices, or the file fetched in its place, from today on). `words` spell the prices, one
    line for each length of the prompt and kind of hour. `begins` and `ends` are UTC instants, None
    being open. `source` is the one account that the price is for. `holds` says whether it is the
    price now, and `hours` in which hours, None where the hour makes no difference; `peak_hours`
    says which those are.
    """

    layer: str
    provider: str
    model: str
    currency: str
    words: tuple[str, ...]
    begins: datetime | None = None
    ends: datetime | None = None
    source: str | None = None
    link: str = ""
    checked: date | None = None
    note: str = ""
    holds: bool = True
    hours: Hours | None = None
    peak_hours: str = ""


@dataclass(frozen=True, slots=True)
class PricePreview:
    """What a change of prices does (or did) to the stored figures, with one sentence for it.

    The `sentence` reads like `3 prices changed; your September: −$1.20.`
    """

    sentence: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class UpdateState:
    """Updating list prices over the network: whether the user allowed it, from which address
    (the usual one unless set), and what is in use now. `problem` says why a fetched file is not
    used, and is empty where all is well.
    """

    allowed: bool
    address: str
    usual_address: bool
    in_use: str
    fetched_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PriceUpdate:
    """Prices that were fetched and not taken yet: what they would change, model by model and in
    the stored figures. `edition` names them, `address` is where they came from; `changed` are the
    models that have other prices, as `provider model`; `content` is the file itself.
    """

    edition: str
    fetched_at: datetime
    address: str
    changed: tuple[str, ...]
    preview: PricePreview
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PricesPage:
    """Everything about prices but the lists of all models.

    `own` and `discounts` are the user's, in the order in which they were given; `version` stands
    for both, so that a change made elsewhere meanwhile is noticed. `sources` are the names that
    they may name; `in_use` has the models with the most tokens first.
    """

    now: datetime
    edition: str
    own: tuple[PriceRow, ...]
    discounts: tuple[Discount, ...]
    version: str
    sources: tuple[str, ...]
    in_use: tuple[ModelInUse, ...]
    not_priced: tuple[NotPricedLine, ...]
    log: tuple[PriceChange, ...]
    updates: UpdateState
