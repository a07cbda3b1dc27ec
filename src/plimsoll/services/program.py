"""Program: everything that the window and the command line want done, in one place; no Qt, no SQL.

What is only asked stands in `questions`, what a user enters in `entered`. What a deed needs is
imported when it is done.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.said import say
from plimsoll.services.entered import Entered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from plimsoll.domain.budget import Alert, Budget
    from plimsoll.domain.prepaid import Credit, Warned
    from plimsoll.domain.secret import Secret
    from plimsoll.services.deliveries import Sent
    from plimsoll.services.imports import ImportOutcome, ImportPreview
    from plimsoll.services.outcomes import SyncOutcome, SyncProgress, TestLine
    from plimsoll.services.price_desk import PriceDesk
    from plimsoll.services.pricing import Pricing
    from plimsoll.services.trial import Tried
    from plimsoll.services.watch import Growth

_NOTHING: Mapping[str, str] = MappingProxyType({})


def _unheard(_progress: SyncProgress) -> None:
    """Nobody listens to the progress."""


def _unmeasured(_share: float) -> None:
    """Nobody watches how far it is."""


def _never() -> bool:
    return False


class Program(Entered):
    """One data directory, opened: thread-safe, blocking, for one window or one command.

    Every method raises `PlimsollError` with a sentence for the user. `close` cancels what runs.
    """

    def set_budget(self, budget: Budget) -> None:
        """Add or replace a budget; what it crosses already is shown in place, not announced."""
        from plimsoll.ledger import budgets as stored
        from plimsoll.services import alerts, forecasts

        stored.save_budget(self.ledger, budget)
        alerts.evaluate(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            quietly=budget.name,
        )

    def fire_alerts(self) -> tuple[Alert, ...]:
        """Evaluate every budget now; the alerts that are new and to be shown."""
        from plimsoll.ledger.presence import has_budgets

        if not has_budgets(self.ledger):
            return ()
        from plimsoll.domain.alerting import PACES
        from plimsoll.services import alerts, forecasts
        from plimsoll.services.deliveries import ways_of

        settings = self.settings()
        return alerts.evaluate(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            quiet_hours=settings.quiet_hours,
            most_told=PACES[settings.alert_pace],
            channels=ways_of(settings).channels,
        )

    def fire_warnings(self, *, quietly: str | None = None) -> tuple[Warned, ...]:
        """Look at every balance now; the warnings that are new and to be shown. `quietly` names a
        source that is looked at alone, and told nothing of.
        """
        from plimsoll.ledger.presence import has_prepaid

        if not has_prepaid(self.ledger):
            return ()
        from plimsoll.domain.alerting import PACES
        from plimsoll.services import forecasts, prepaid
        from plimsoll.services.deliveries import ways_of

        settings = self.settings()
        return prepaid.warn(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            quietly=quietly,
            quiet_hours=settings.quiet_hours,
            most_told=PACES[settings.alert_pace],
            channels=ways_of(settings).channels,
        )

    def add_credit(self, name: str, credit: Credit) -> Credit:
        """Enter credit in the account book of a source whose provider tells no balance."""
        from plimsoll.services.account_book import add_credit

        return add_credit(self.ledger, name, credit)

    def deliver_alerts(self, *, cancelled: Callable[[], bool] = _never) -> tuple[Sent, ...]:
        """Bring what was told to the user's command and webhook, where there are any; how each
        went. Apart from every sync, because it may take a minute.
        """
        from plimsoll.ledger.deliveries import has_due

        if not has_due(self.ledger, now=self.clock.now()):
            return ()
        from plimsoll.services.deliveries import deliver, ways_of

        def stop() -> bool:
            return cancelled() or self._closing.is_set()

        ways = ways_of(self.settings())
        return deliver(self.ledger, lambda: self.vault, ways, clock=self.clock, cancelled=stop)

    def send_test_alert(self, *, cancelled: Callable[[], bool] = _never) -> tuple[Sent, ...]:
        """Send a made-up alert to the command and the webhook; how each went."""
        from plimsoll.services.deliveries import send_test, ways_of

        def stop() -> bool:
            return cancelled() or self._closing.is_set()

        ways = ways_of(self.settings())
        return send_test(lambda: self.vault, ways, clock=self.clock, cancelled=stop)

    def set_alert_command(self, command: str) -> None:
        """Run a command for each alert from now on; empty for none. Raises `WrongUse`."""
        from dataclasses import replace

        from plimsoll.services.alert_command import arguments_of

        if command:
            arguments_of(command)
        self.save_settings(replace(self.settings(), alert_command=command))

    def set_alert_webhook(self, address: Secret | None) -> None:
        """Send each alert to an address from now on, which is kept in the keyring; None for
        nowhere. Raises `WrongUse` for one that is none.
        """
        from plimsoll.services.deliveries import set_webhook

        set_webhook(self.data_dir, lambda: self.vault, address)

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
        from plimsoll.services.balance_marks import take_watch

        _, watched = take_watch(settings)
        if watched:
            self.fire_warnings(quietly=new_name or name)

    def remove_source(self, name: str, *, forget: bool) -> str:
        """Remove a source and its key, with `forget` its figures too; says what could not be."""
        from plimsoll.services import accounts

        return accounts.remove_source(self.ledger, self.vault, name, forget=forget)

    def settle_overlap(self, overlap_id: int, *, once: bool, payer: str | None = None) -> None:
        """Keep the user's answer: counted `once`, paid by `payer` (unless named, the proposed one),
        or both are owed.
        """
        from plimsoll.services import overlaps

        overlaps.settle(self.ledger, overlap_id, once=once, payer=payer)

    def say_payer(self, name: str, payer: str | None) -> None:
        """Keep whose bill holds an agent's calls: that of `payer`, or of no account here."""
        from plimsoll.services.money_hints import say_payer

        say_payer(self.ledger, name, payer)

    def try_settings(
        self,
        provider: str,
        settings: Mapping[str, str],
        *,
        key: Secret | None = None,
        name: str | None = None,
    ) -> Tried:
        """Ask once, and say what these settings make of the answer; nothing is kept."""
        from plimsoll.services.trial import try_settings

        return try_settings(
            self.ledger,
            self.vault,
            provider,
            settings,
            key=key,
            name=name,
            clock=self.clock,
            cancelled=self._closing.is_set,
        )

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
        """Pull the named sources (all of them without a name, but for those that charge for each
        question and were asked today), look for sources that see the same traffic, then evaluate
        the budgets.

        Rows that older prices computed are computed again first; and afterwards, where prices were
        changed while it ran.
        """
        from plimsoll.domain.errors import WrongUse
        from plimsoll.ledger import accounts
        from plimsoll.services import sync
        from plimsoll.services.outcomes import SyncOutcome

        def stop() -> bool:
            return cancelled() or self._closing.is_set()

        sources = (
            [accounts.source_named(self.ledger, name) for name in names]
            if names
            else accounts.sources(self.ledger)
        )
        if files := [s.name for s in sources if names and s.kind == accounts.FILE]:
            raise WrongUse(
                say("{files} is made of imported files: there is nobody to ask.", files=files[0]),
                remedy=say("Import a newer export with `plimsoll import`."),
            )
        left_out: tuple[str, ...] = ()
        if not names and since is None:
            from plimsoll.services.paid_questions import asked_today

            enough = asked_today(self.ledger, sources, now=self.clock.now())
            sources = [source for source in sources if source not in enough]
            left_out = tuple(source.name for source in enough)
        errands = sync.errands_for(sources, lambda: self.vault, clock=self.clock, cancelled=stop)
        known: frozenset[int] = frozenset()

        @cache
        def book() -> Pricing:
            """Asked for before the first change, and not at all where nothing is new."""
            from plimsoll.ledger.overlaps import counted_once

            nonlocal known
            known = counted_once(self.ledger)
            return self.price_desk(stop).book()

        self._bring_up_to_date(progress, stop)
        outcomes = sync.sync_sources(
            self.ledger,
            errands,
            book=book,
            clock=self.clock,
            since=since,
            progress=progress,
            cancelled=stop,
        )
        with_agents = any(source.kind == accounts.AGENT for source in sources)
        if not book.cache_info().currsize:  # nothing was asked or read that has a price
            self._count_commits(stop, with_agents=with_agents)
            alerts, warnings = ((), ()) if stop() else (self.fire_alerts(), self.fire_warnings())
            return SyncOutcome(
                sources=outcomes, alerts=alerts, warnings=warnings, left_out=left_out
            )
        self._bring_up_to_date(progress, stop)
        if stop():
            return SyncOutcome(sources=outcomes, left_out=left_out)
        if with_agents:
            from plimsoll.services.projects import name_projects

            name_projects(self.ledger, home=Path.home())
        self._count_commits(stop, with_agents=with_agents)
        from plimsoll.services.overlaps import look

        found = look(self.ledger, known=known)
        return SyncOutcome(
            sources=outcomes,
            alerts=self.fire_alerts(),
            overlaps=found,
            warnings=self.fire_warnings(),
            left_out=left_out,
        )

    def _count_commits(self, stop: Callable[[], bool], *, with_agents: bool) -> None:
        if with_agents and not stop():
            from plimsoll.services.commits import count_commits

            count_commits(self.ledger, now=self.clock.now(), cancelled=stop)

    def _bring_up_to_date(
        self, progress: Callable[[SyncProgress], None], stop: Callable[[], bool]
    ) -> None:
        """Before and after a sync, which may go on where this cannot: the next one tries again."""
        from plimsoll.domain.errors import Cancelled, LedgerProblem
        from plimsoll.services.editions import is_behind
        from plimsoll.services.outcomes import SyncProgress

        with suppress(LedgerProblem, Cancelled):
            if is_behind(self.ledger, self.data_dir):
                progress(SyncProgress("Prices", "stored days are computed again"))
                self.price_desk(stop).bring_up_to_date()

    def preview_import(
        self,
        path: Path,
        *,
        name: str | None = None,
        currency: str | None = None,
        mapping: Path | None = None,
        progress: Callable[[float], None] = _unmeasured,
        cancelled: Callable[[], bool] = _never,
    ) -> ImportPreview:
        """Read a file of a provider's console and compare it with what is kept; change nothing."""
        from plimsoll.services import imports

        return imports.preview_import(
            self.ledger,
            path,
            name=name,
            currency=currency,
            mapping=mapping,
            progress=progress,
            cancelled=lambda: cancelled() or self._closing.is_set(),
        )

    def take_import(
        self,
        preview: ImportPreview,
        *,
        progress: Callable[[float], None] = _unmeasured,
        cancelled: Callable[[], bool] = _never,
    ) -> ImportOutcome:
        """Store a file that was looked at, then look for sources that see the same traffic, and
        evaluate the budgets.
        """
        from dataclasses import replace

        from plimsoll.ledger.overlaps import counted_once
        from plimsoll.services import imports
        from plimsoll.services.overlaps import look

        def stop() -> bool:
            return cancelled() or self._closing.is_set()

        self._bring_up_to_date(_unheard, stop)
        known = counted_once(self.ledger)
        outcome = imports.take_import(
            self.ledger,
            preview,
            book=self.price_desk(stop).book,
            progress=progress,
            cancelled=stop,
        )
        found = look(self.ledger, known=known)
        return replace(outcome, overlaps=found, alerts=self.fire_alerts())

    def watch_logs(self, grown: Callable[[str], None]) -> Growth:
        """A watch of all agents' logs, to be started and stopped; `grown` is told the name of a
        source whose logs have grown, on another thread.
        """
        from plimsoll.services.watch import Growth, watched

        return Growth(lambda: watched(self.ledger), grown)

    @property
    def prices(self) -> PriceDesk:
        """Everything about prices: what is known and what is not, the user's own, and updates."""
        return self.price_desk(_never)

    def price_desk(self, cancelled: Callable[[], bool]) -> PriceDesk:
        """The same, for work that can be stopped: `cancelled` is asked every little while."""
        from plimsoll.services.price_desk import PriceDesk

        def stop() -> bool:
            return cancelled() or self._closing.is_set()

        return PriceDesk(self.ledger, self.data_dir, clock=self.clock, cancelled=stop)
