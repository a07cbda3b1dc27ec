"""Usage records, charges and balance readings: what a source reports, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens

if TYPE_CHECKING:
    from plimsoll.domain.actors import Actors

__all__ = [
    "REPORTED_USD",
    "Attribution",
    "BalanceReading",
    "Charge",
    "Computed",
    "Evidence",
    "Expiring",
    "Name",
    "NameKind",
    "PricedSlice",
    "Slice",
    "Tokens",
    "UsageRecord",
]


class Evidence(StrEnum):
    """What kind of number an amount is; amounts of different kinds are never added silently."""

    BILLED = "billed"
    ESTIMATED = "estimated"
    PLAN = "plan"
    NOT_PRICED = say("not priced")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who or what a record belongs to, as the provider says it; None where it does not say.

    `project`, `key` and `user` are the provider's ids, resolved to names when asked;
    `model`, `tier` and `line_item` are the provider's own raw words.
    """

    model: str | None = None
    project: str | None = None
    key: str | None = None
    user: str | None = None
    tier: str | None = None
    line_item: str | None = None
    agent: str | None = None
    session: str | None = None
    branch: str | None = None
    call_class: str | None = None
    """What an agent's call answered (`class` on the command line)."""


REPORTED_USD = "reported_usd"
"""The detail that holds what a gateway takes a record to cost: dollars, by a list of its own. It is
an estimate, and counts where no list of ours has a price."""


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """Tokens or other billable units over `[start, end)`, UTC.

    `units` are billable units that are not tokens, as (unit, quantity): images, seconds,
    characters, sessions, searches, byte_hours. `details` are sub-counts and circumstances that
    price a record and are no dimension (audio and image tokens, cache lifetime, context window,
    speed, batch): (name, text) in a fixed order. `billed_elsewhere` marks tokens that the
    provider's cost report leaves out by rule (Anthropic's Priority Tier): they stay not priced
    on a day with charges.
    """

    start: datetime
    end: datetime
    attribution: Attribution
    tokens: Tokens = field(default_factory=Tokens)
    requests: int | None = None
    units: tuple[tuple[str, Decimal], ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    billed_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that a provider says it billed for one provider day.

    `text` is the provider's own writing of the amount, before rounding and in its own unit.
    """

    attribution: Attribution
    amount: Money
    text: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Expiring:
    """Credit inside a balance that lapses, unspent, when its `last` day (UTC) is over; nano-units
    of the balance's currency.
    """

    last: date
    nanos: int


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """Prepaid credit left at an instant: what can still be spent; it may be negative.

    Spend is derived from how readings fall, so a connector that says no more than `at` and `amount`
    has said enough. What its provider tells besides goes here, in nano-units of the same currency,
    None where it tells nothing: the parts `granted` (vouchers, gifts) and `topped_up` (paid for;
    less than zero is a debt), which let a top-up and spend be seen within one interval; the
    counters `ever_added` and `ever_spent` over the account's whole life, which do so too; and
    credit that is `expiring`, so that its lapse is not taken for spend. `read_by` is the ledger's
    own, the last characters of the key: two keys may be of two accounts.
    """

    at: datetime
    amount: Money
    granted: int | None = None
    topped_up: int | None = None
    ever_added: int | None = None
    ever_spent: int | None = None
    expiring: tuple[Expiring, ...] = ()
    read_by: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Everything one endpoint says of one provider day (UTC): replaced as a whole, never in part.

    `bills_by` names the dimensions by which this answer's charges are cut; by every other
    dimension the money of the source stands on the row that has none. `actors` is who asked for the
    day's tokens, where that comes along; it stands beside them and is in no sum.
    """

    endpoint: str
    day: date
    records: tuple[UsageRecord, ...] = ()
    charges: tuple[Charge, ...] = ()
    bills_by: frozenset[str] = frozenset()
    actors: Actors | None = None


class NameKind(StrEnum):
    """What a provider's id can be the id of."""

    PROJECT = "project"
    KEY = "key"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Name:
    """The name that a provider's own list gives to an id."""

    kind: NameKind
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Computed:
    """What the price book makes of a usage record.

    `worth` is the list price of its tokens and units, None where a price is unknown
    (*not priced*); `basis` says which price was used, in words that can be shown. `off` are the
    nano-units that the account's own contract takes off the worth: what is owed is worth − off.
    """

    worth: Money | None
    basis: str = ""
    off: int = 0


@dataclass(frozen=True, slots=True)
class PricedSlice:
    """A slice whose records each got what the price book makes of them, in the same order."""

    slice: Slice
    computed: tuple[Computed, ...] = field(default=())
