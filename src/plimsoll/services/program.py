"""Program: everything that the window and the command line ask, in one place; no Qt, no SQL.

What a question needs is imported when it is asked, and the archive is opened by the first question:
the window shows its frame before either.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Event, Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from plimsoll.domain.budget import Alert, Budget, BudgetStatus
    from plimsoll.domain.calendar import Period
    from plimsoll.domain.clock import Clock
    from plimsoll.domain.exchange import Rate
    from plimsoll.domain.question import Question, Scope, Table
    from plimsoll.domain.secret import Secret
    from plimsoll.domain.subscription import Subscription
    from plimsoll.ledger.database import Ledger
    from plimsoll.services.answers import (
        BudgetsPage,
        MonthEnd,
        Overview,
        SourceCard,
        SourcesPage,
        SyncOutcome,
        SyncProgress,
        TestLine,
    )
    from plimsoll.services.breakdown import Breakdown
    from plimsoll.services.change import Change
    from plimsoll.services.check_answers import CheckAnswer
    from plimsoll.services.currencies import Currencies
    from plimsoll.services.overlaps import Overlap
    from plimsoll.services.price_desk import PriceDesk
    from plimsoll.services.restated import Restated
    from plimsoll.services.settings import Settings
    from plimsoll.services.stored import StoredFigures
    from plimsoll.services.vault import Vault

_NOTHING: Mapping[str, str] = MappingProxyType({})


def _unheard(_progress: SyncProgress) -> None:
    """Nobody listens to the progress."""


def _never() -> bool:
    return False


def _bring_up_to_date(desk: PriceDesk) -> None:
    """Before and after a sync, which may go on where this cannot: the next one tries again."""
    from plimsoll.domain.errors import Cancelled, LedgerProblem

    with suppress(LedgerProblem, Cancelled):
        desk.bring_up_to_date()


class Program:
    """One data directory, opened: thread-safe, blocking, for one window or one command.

    Every method raises `PlimsollError` with a sentence for the user. `close` cancels what runs.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        clock: Clock,
        vault: Vault | None = None,
        who: str = "plimsoll",
        demo: bool = False,
    ) -> None:
        self.data_dir = data_dir
        self.clock = clock
        self.demo = demo
        self._who = who
        self._vault = vault
        self._ledger: Ledger | None = None
        self._opening = Lock()
        self._closing = Event()

    @property
    def ledger(self) -> Ledger:
        """The archive, opened (and made, if there is none) when it is first asked for."""
        from plimsoll.ledger.database import Ledger

        with self._opening:
            if self._ledger is None:
                self._ledger = Ledger.open(self.data_dir, clock=self.clock, who=self._who)
            return self._ledger

    @property
    def vault(self) -> Vault:
        """Where keys are: the system keyring, unless another was handed in."""
        from plimsoll.services.vault import KeyringVault

        if self._vault is None:
            self._vault = KeyringVault(self.ledger.id)
        return self._vault

    def stored_figures(self) -> StoredFigures:
        """The first figures of the first screen, a part of `overview` and sooner there."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.services.spending import choose
        from plimsoll.services.stored import stored_figures

        now, display = self.clock.now(), self.settings().display_currency
        choice = choose(self.ledger, today=utc_day(now), display=display)
        return stored_figures(self.ledger, now=now, choice=choice)

    def overview(
        self, *, currency: str | None = None, span: str = "30d", together: bool | None = None
    ) -> Overview:
        """The first screen; `span` is 7d, 30d, 90d, month or year. `together` shows all money in
        the currency that the user chose to display, which is usual where one was chosen.
        """
        from plimsoll.services import forecasts
        from plimsoll.services.overview import overview

        return overview(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            currency=currency,
            span=span,
            together=together,
            display=self.settings().display_currency,
        )

    def budgets_page(self, *, currency: str | None = None) -> BudgetsPage:
        """The Forecast & budgets page."""
        from plimsoll.services import budgets, forecasts

        return budgets.page(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            currency=currency,
        )

    def sources_page(self) -> SourcesPage:
        """The Sources page; looks at the keyring without opening a prompt."""
        from plimsoll.services import accounts, subscriptions
        from plimsoll.services.answers import SourcesPage

        now = self.clock.now()
        state = self.vault.describe()
        path = self.ledger.path
        return SourcesPage(
            now=now,
            cards=self.source_cards(),
            providers=accounts.provider_cards(),
            keyring=f"{state.sentence} {state.remedy}".strip(),
            keyring_works=state.works,
            ledger_path=str(path),
            ledger_bytes=path.stat().st_size,
            subscriptions=subscriptions.standings(self.ledger, now=now),
            currency=self.most_spent_currency(),
        )

    def source_cards(self) -> tuple[SourceCard, ...]:
        """Every source as its card shows it; asks neither the network nor the keyring."""
        from plimsoll.services import accounts

        return accounts.source_cards(self.ledger, self.vault, now=self.clock.now())

    def spend(self, question: Question) -> Table:
        """The answer to any question about spend."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.ledger import answers

        return answers.answer(self.ledger, question, today=utc_day(self.clock.now()))

    def breakdown(self, question: Question, *, currency: str | None = None) -> Breakdown:
        """The Spend page: a question cut by one dimension, its chart in one currency."""
        from plimsoll.services.breakdown import breakdown

        return breakdown(self.ledger, question, now=self.clock.now(), currency=currency)

    def change(self, period: Period, against: Period) -> Change:
        """Why `period` cost more or less than `against`."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.services.change import change

        today = utc_day(self.clock.now())
        return change(self.ledger, period=period, against=against, today=today)

    def restatements(
        self, *, source: str | None = None, period: Period | None = None
    ) -> tuple[Restated, ...]:
        """Settled days that their provider changed later, the latest change first."""
        from plimsoll.services.restated import restatements

        return restatements(self.ledger, source=source, period=period)

    def check(self, period: Period) -> CheckAnswer:
        """What each account was billed against what its tokens should have cost, and why."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.services.check import check

        return check(self.ledger, period, today=utc_day(self.clock.now()))

    def month_ends(self, scope: Scope) -> tuple[MonthEnd, ...]:
        """Where the calendar month ends, by currency."""
        from plimsoll.services import forecasts

        return forecasts.month_ends(
            self.ledger, now=self.clock.now(), scope=scope, table=forecasts.forecast_table()
        )

    def budgets(self) -> tuple[BudgetStatus, ...]:
        """Where every budget stands."""
        from plimsoll.ledger import budgets as stored
        from plimsoll.services import budgets, forecasts

        now, table = self.clock.now(), forecasts.forecast_table()
        return tuple(
            budgets.standing(self.ledger, budget, now=now, table=table)
            for budget in stored.budgets(self.ledger)
        )

    def set_budget(self, budget: Budget) -> None:
        """Add or replace a budget; what it crosses already is shown in place, not announced."""
        from plimsoll.ledger import budgets as stored
        from plimsoll.services import budgets, forecasts

        stored.save_budget(self.ledger, budget)
        budgets.evaluate(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            quiet=True,
        )

    def remove_budget(self, name: str) -> None:
        """Remove a budget; raises `WrongUse` for an unknown name."""
        from plimsoll.ledger import budgets as stored

        stored.remove_budget(self.ledger, name)

    def fire_alerts(self) -> tuple[Alert, ...]:
        """Evaluate every budget now; the alerts that are new and to be shown."""
        from plimsoll.services import budgets, forecasts

        return budgets.evaluate(self.ledger, now=self.clock.now(), table=forecasts.forecast_table())

    def add_source(
        self,
        provider: str,
        *,
        name: str,
        key: Secret | None,
        base_url: str | None = None,
        settings: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Set up a provider account."""
        from plimsoll.services import accounts

        accounts.add_source(
            self.ledger,
            self.vault,
            provider,
            name=name,
            key=key,
            base_url=base_url,
            settings=settings,
        )

    def edit_source(
        self,
        name: str,
        *,
        new_name: str | None = None,
        key: Secret | None = None,
        base_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Change a source; a new base URL needs the key again."""
        from plimsoll.services import accounts

        accounts.edit_source(
            self.ledger,
            self.vault,
            name,
            new_name=new_name,
            key=key,
            base_url=base_url,
            settings=settings,
        )

    def remove_source(self, name: str, *, forget: bool) -> str:
        """Remove a source and its key, with `forget` its figures too; says what could not be."""
        from plimsoll.services import accounts

        return accounts.remove_source(self.ledger, self.vault, name, forget=forget)

    def overlaps(self) -> tuple[Overlap, ...]:
        """Sources that see the same traffic, those first that the user is asked about."""
        from plimsoll.services import overlaps

        return overlaps.all_overlaps(self.ledger)

    def settle_overlap(self, overlap_id: int, *, once: bool, payer: str | None = None) -> None:
        """Keep the user's answer: counted `once`, paid by `payer` (unless named, the proposed one),
        or both are owed.
        """
        from plimsoll.services import overlaps

        overlaps.settle(self.ledger, overlap_id, once=once, payer=payer)

    def test_source(self, name: str) -> tuple[TestLine, ...]:
        """Ask a source's account what its key can read."""
        from plimsoll.services import accounts

        return accounts.check_account(
            self.ledger, self.vault, name, clock=self.clock, cancelled=self._closing.is_set
        )

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        since: date | None = None,
        progress: Callable[[SyncProgress], None] = _unheard,
        cancelled: Callable[[], bool] = _never,
    ) -> SyncOutcome:
        """Pull the named sources (all of them without a name), look for sources that see the same
        traffic, then evaluate the budgets.

        Rows that older prices computed are computed again first; and afterwards, where prices were
        changed while it ran.
        """
        from plimsoll.ledger import catalog
        from plimsoll.services import accounts, overlaps, sync
        from plimsoll.services.answers import SyncOutcome
        from plimsoll.sources.base import provider

        def stop() -> bool:
            return cancelled() or self._closing.is_set()

        sources = (
            [catalog.source_named(self.ledger, name) for name in names]
            if names
            else catalog.sources(self.ledger)
        )
        errands = [
            sync.Errand(
                source=source,
                connector=provider(source.connector),
                open_account=accounts.opener(source, self.vault, clock=self.clock, cancelled=stop),
            )
            for source in sources
        ]
        desk = self._price_desk(stop)
        _bring_up_to_date(desk)
        known = overlaps.counted_once(self.ledger)
        outcomes = sync.sync_sources(
            self.ledger,
            errands,
            book=desk.book(),
            clock=self.clock,
            since=since,
            progress=progress,
            cancelled=stop,
        )
        _bring_up_to_date(desk)
        if stop():
            return SyncOutcome(sources=outcomes)
        found = overlaps.look(self.ledger, known=known)
        return SyncOutcome(sources=outcomes, alerts=self.fire_alerts(), overlaps=found)

    def set_subscription(self, made: Subscription, *, instead_of: date | None = None) -> None:
        """Keep a flat fee of a source, in place of its one that began on a day; the tokens of its
        days are *plan* from now on.
        """
        from plimsoll.ledger.subscriptions import save_subscription

        save_subscription(self.ledger, made, instead_of=instead_of)

    def remove_subscription(self, subscription: Subscription) -> None:
        """Remove a flat fee, as if it had never been entered."""
        from plimsoll.ledger.subscriptions import remove_subscription

        remove_subscription(self.ledger, subscription.source, subscription.first)

    def most_spent_currency(self) -> str:
        """The currency that most was spent in lately; dollars before anything was."""
        from plimsoll.ledger import answers
        from plimsoll.services.spending import USUAL

        return next(iter(answers.currencies(self.ledger)), USUAL)

    def currencies(self) -> Currencies:
        """The currency in which all is shown together, and the rates that the user set."""
        from plimsoll.services import currencies

        display = self.settings().display_currency
        return currencies.currencies(self.ledger, now=self.clock.now(), display=display)

    def set_rate(self, rate: Rate, *, instead_of: Rate | None = None) -> None:
        """Set a rate, in place of the one of its day and currencies, and of the one it was."""
        from plimsoll.ledger.exchange import save_rate

        save_rate(self.ledger, rate, instead_of=instead_of)

    def remove_rate(self, rate: Rate) -> None:
        """Remove a rate: what it converted is converted by the one before it, or not at all."""
        from plimsoll.ledger.exchange import remove_rate

        remove_rate(self.ledger, rate.day, rate.base, rate.quote)

    @property
    def prices(self) -> PriceDesk:
        """Everything about prices: what is known and what is not, the user's own, and updates."""
        return self._price_desk(self._closing.is_set)

    def _price_desk(self, cancelled: Callable[[], bool]) -> PriceDesk:
        from plimsoll.services.price_desk import PriceDesk

        return PriceDesk(self.ledger, self.data_dir, clock=self.clock, cancelled=cancelled)

    def settings(self) -> Settings:
        """What the user chose for the window."""
        from plimsoll.services import settings

        return settings.load(self.data_dir)

    def save_settings(self, chosen: Settings) -> None:
        """Keep what the user chose."""
        from plimsoll.services import settings

        settings.save(self.data_dir, chosen)

    def close(self) -> None:
        """Stop what runs and close the archive, if it was opened."""
        self._closing.set()
        with self._opening:
            if self._ledger is not None:
                self._ledger.close()
