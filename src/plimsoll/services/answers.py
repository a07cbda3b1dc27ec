"""The frozen answers that pages and commands show: every figure on a page is a field here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from plimsoll.domain.alerting import AlertState
from plimsoll.domain.budget import Alert, BudgetStatus
from plimsoll.domain.quota import QuotaReading
from plimsoll.services.figures import (
    CurvePoint,
    DailyStack,
    MonthCurve,
    MonthEnd,
    Mover,
    Need,
    Overview,
    StackSeries,
)
from plimsoll.services.outcomes import SourceOutcome, SyncOutcome, SyncProgress, TestLine

if TYPE_CHECKING:
    from plimsoll.domain.delivery import Delivery
    from plimsoll.domain.prepaid import Warned, Watch
    from plimsoll.services.anomalies import UnusualSpend
    from plimsoll.services.burndown import BurnDown
    from plimsoll.services.money_hints import MoneyQuestion
    from plimsoll.services.outlook import Outlook
    from plimsoll.services.overlaps import Overlap
    from plimsoll.services.prepaid import Prepaid
    from plimsoll.services.proposals import Proposal
    from plimsoll.services.subscriptions import SubscriptionStanding

__all__ = [
    "AgentCard",
    "AlertLine",
    "AlertList",
    "BudgetCard",
    "BudgetsPage",
    "CurvePoint",
    "DailyStack",
    "MonthCurve",
    "MonthEnd",
    "Mover",
    "Need",
    "Overview",
    "ProviderCard",
    "SettingField",
    "SourceCard",
    "SourceOutcome",
    "SourceState",
    "SourcesPage",
    "StackSeries",
    "SyncOutcome",
    "SyncProgress",
    "TestLine",
    "WithoutApiCard",
]


@dataclass(frozen=True, slots=True)
class BudgetCard:
    """One budget on its page: where it stands, how it is used up, and what it has fired;
    `taken_back` are the alerts that would not fire by the figures as they are now.
    """

    status: BudgetStatus
    burn: BurnDown
    alerts: tuple[Alert, ...] = ()
    taken_back: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert in the list: how its threshold stands, whether the figures took it back, and how
    it went to a command or a webhook.
    """

    alert: Alert
    state: AlertState
    taken_back: bool
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertList:
    """Everything that fired, the newest first: alerts of budgets (`lines`) and warnings of balances
    (`warned`, each with how it went to a command or a webhook); and until when budgets and sources
    are snoozed, by name.
    """

    lines: tuple[AlertLine, ...] = ()
    snoozed: tuple[tuple[str, datetime], ...] = ()
    warned: tuple[tuple[Warned, tuple[Delivery, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class BudgetsPage:
    """The Forecast & budgets page: the whole month's forecast, every budget, and what fired."""

    now: datetime
    currency: str
    currencies: tuple[str, ...]
    has_data: bool
    month_end: MonthEnd | None
    curve: MonthCurve | None
    budgets: tuple[BudgetCard, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    worst: str = ""
    """The name of the budget that is nearest to being passed, whatever its currency."""
    alerts: AlertList = AlertList()
    unusual: UnusualSpend | None = None
    """Days that stood out, and who spends for the first time."""
    outlook: Outlook | None = None
    """What the forecast did in past months, and how fast spend doubles."""
    prepaid: tuple[Prepaid, ...] = ()
    """Every balance, in all currencies, and when it runs out."""


class SourceState(StrEnum):
    """How a source is doing, as a word on its card."""

    NEW = "new"
    FRESH = "fresh"
    STALE = "stale"
    FAILED = "failed"
    SYNCING = "syncing"


@dataclass(frozen=True, slots=True)
class SourceCard:
    """One source on its page. `key_tail` are the last four characters, or empty; `key_place` is
    `keyring`, `environment`, `memory` (the demo), `none`, or `logs` and `file`, where none is
    needed. `failure` is the last run's sentence, `failed_at` its time; `not_before` the instant a
    rate limit ends.
    `explains` are the sources whose traffic it only explains: on the days of which they know, they
    pay. `note` is a sentence about what its figures mean.
    """

    name: str
    provider: str
    title: str
    base_url: str
    default_base_url: bool
    state: SourceState
    key_tail: str
    key_place: str
    first_day: date | None
    last_day: date | None
    last_sync: datetime | None
    failure: str = ""
    failed_at: datetime | None = None
    not_before: datetime | None = None
    records: int = 0
    charges: int = 0
    gives: tuple[str, ...] = ()
    balances: tuple[tuple[str, int], ...] = ()
    watch: Watch | None = None
    """What is to be warned of its balance; None for an agent, which has none."""
    explains: tuple[str, ...] = ()
    money: str = ""
    """What its tokens cost, where it was said: `plan`, or `api`."""
    note: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    """What was set, by name."""
    quotas: tuple[QuotaReading, ...] = ()
    """What is used of its plan's allowances, as of the latest reading."""
    costs_money: str = ""
    """What asking it costs; empty where it is free."""
    money_question: MoneyQuestion | None = None
    """What is still to be asked about an agent's money."""
    fields: tuple[SettingField, ...] = ()
    """Settings of an agent that can be chosen."""


@dataclass(frozen=True, slots=True)
class AgentCard:
    """One coding agent that can be added: the folders of its logs on this machine, and how many
    files are in them.
    """

    name: str
    title: str
    folders: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """One provider that can be added: its title, what it gives, and how its key must look."""

    name: str
    title: str
    base_url: str
    key_label: str
    key_starts: tuple[str, ...]
    needs: str
    help_url: str
    gives: tuple[str, ...]
    key_halves: tuple[str, str] | None = None
    """The names of the two halves of a key that is given as `ID:SECRET`."""
    settings: tuple[SettingField, ...] = ()
    console_steps: tuple[str, ...] = ()
    """What to do in the provider's console, in its own words; empty where `needs` says enough."""
    own_server: str = ""
    """Whose address must be given, where there is no usual one; `base_url` is then an example."""
    figures: str = ""
    """What its figures are, how far they reach back and what they leave out."""
    costs_money: str = ""
    """What asking costs; empty where it is free."""
    undocumented: str = ""
    """What it rests on that is not documented and can change any day."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting of an account as a field: `choices` are (value, title), none where it is text."""

    name: str
    title: str
    sentence: str
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    is_site: bool = False
    """Whether it chooses among addresses, so that one that is given stands for it."""
    example: str = ""
    is_text: bool = False
    """Whether it is a text of several lines, which can be tried before it is kept."""


@dataclass(frozen=True, slots=True)
class WithoutApiCard:
    """A provider that no key can ask: why, and what to do instead, the best first."""

    title: str
    why: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """The Sources page: what is set up, what can be added, and where keys and data live."""

    now: datetime
    cards: tuple[SourceCard, ...]
    providers: tuple[ProviderCard, ...]
    keyring: str
    """The keyring in use, in words, or why there is none."""
    keyring_works: bool
    ledger_path: str
    ledger_bytes: int
    overlaps: tuple[Overlap, ...] = ()
    """Pairs that the user has still to be asked about."""
    subscriptions: tuple[SubscriptionStanding, ...] = ()
    currency: str = "USD"
    """The one that most was spent in, for a fee that is entered."""
    prepaid: tuple[Prepaid, ...] = ()
    """Every balance, of its provider or of the account book."""
    without_api: tuple[WithoutApiCard, ...] = ()
    """Providers that cannot be added, and what to do instead."""
