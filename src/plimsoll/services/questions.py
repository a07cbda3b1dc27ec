"""Questions: everything that the window and the command line ask of one data directory; no SQL.

What a question needs is imported when it is asked, and the archive is opened by the first question:
the window shows its frame before either.
"""

from __future__ import annotations

from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plimsoll.analysis.outlook import Doubling
    from plimsoll.analysis.prepaid import Between
    from plimsoll.domain.budget import BudgetStatus
    from plimsoll.domain.calendar import Period
    from plimsoll.domain.clock import Clock
    from plimsoll.domain.prepaid import Credit
    from plimsoll.domain.question import Question, Scope, Table
    from plimsoll.domain.work import Work
    from plimsoll.ledger.database import Ledger
    from plimsoll.services.answers import (
        AgentCard,
        AlertList,
        BudgetsPage,
        MonthEnd,
        Overview,
        SourceCard,
        SourcesPage,
    )
    from plimsoll.services.breakdown import Breakdown
    from plimsoll.services.change import Change
    from plimsoll.services.check_answers import CheckAnswer
    from plimsoll.services.currencies import Currencies
    from plimsoll.services.deliveries import Ways
    from plimsoll.services.efficiency_answers import Efficiency
    from plimsoll.services.login import Entry, LoginStart
    from plimsoll.services.outlook import Outlook
    from plimsoll.services.overlaps import Overlap
    from plimsoll.services.prepaid import Prepaid
    from plimsoll.services.proposals import Proposal
    from plimsoll.services.provenance import Provenance
    from plimsoll.services.reprice import Repricings
    from plimsoll.services.restated import Restated
    from plimsoll.services.schedule import Awake, Plan
    from plimsoll.services.settings import Settings
    from plimsoll.services.stored import StoredFigures
    from plimsoll.services.time_of_use import PeakHours
    from plimsoll.services.vault import Vault
    from plimsoll.services.work_counts import WorkReported


class Questions:
    """One data directory, opened, as far as it is only asked; `Program` changes it too."""

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
        from dataclasses import replace

        from plimsoll.services import budgets, forecasts

        page = budgets.page(
            self.ledger,
            now=self.clock.now(),
            table=forecasts.forecast_table(),
            currency=currency,
        )
        return replace(page, alerts=self.alerts(), prepaid=self.prepaid())

    def sources_page(self) -> SourcesPage:
        """The Sources page; looks at the keyring without opening a prompt."""
        from plimsoll.domain.said import together
        from plimsoll.services import provider_cards, subscriptions
        from plimsoll.services.answers import SourcesPage

        now = self.clock.now()
        state = self.vault.describe()
        path = self.ledger.path
        return SourcesPage(
            now=now,
            cards=self.source_cards(),
            providers=provider_cards.provider_cards(),
            without_api=provider_cards.without_api(),
            keyring=together([state.sentence, state.remedy]),
            keyring_works=state.works,
            ledger_path=str(path),
            ledger_bytes=path.stat().st_size,
            subscriptions=subscriptions.standings(self.ledger, now=now),
            currency=self.most_spent_currency(),
            overlaps=tuple(overlap for overlap in self.overlaps() if overlap.is_open),
            prepaid=self.prepaid(),
        )

    def agents_here(self) -> tuple[AgentCard, ...]:
        """Every coding agent that can be added, those first whose logs are on this machine."""
        from plimsoll.services.agents import agents_here
        from plimsoll.services.logs import this_place

        return agents_here(this_place())

    def source_cards(self) -> tuple[SourceCard, ...]:
        """Every source as its card shows it; asks neither the network nor the keyring."""
        from plimsoll.services import accounts

        return accounts.source_cards(self.ledger, self.vault, now=self.clock.now())

    def spend(self, question: Question) -> Table:
        """The answer to any question about spend."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.ledger import answers

        return answers.answer(self.ledger, question, today=utc_day(self.clock.now()))

    def session_titles(self, table: Table) -> dict[str, str]:
        """The titles that logs have for the sessions of an answer, by the session."""
        from plimsoll.domain.question import Dimension

        by = table.question.by
        if Dimension.SESSION not in by:
            return {}
        from plimsoll.ledger import calls

        place = by.index(Dimension.SESSION)
        return calls.titles(self.ledger, {row.key[place] or "" for row in table.rows})

    def breakdown(self, question: Question, *, currency: str | None = None) -> Breakdown:
        """The Spend page: a question cut by one dimension, its chart in one currency."""
        from plimsoll.services.breakdown import breakdown

        return breakdown(self.ledger, question, now=self.clock.now(), currency=currency)

    def provenance(self, question: Question, *, currency: str) -> Provenance:
        """How we know the whole of a question in one currency: sources, prices, rows."""
        from plimsoll.services.provenance import provenance

        return provenance(self.ledger, question, currency=currency, now=self.clock.now())

    def balance_steps(self, source: str, currency: str) -> tuple[Between, ...]:
        """What happened between the readings of a source's prepaid credit, the newest first."""
        from plimsoll.services import prepaid

        return prepaid.steps(self.ledger, source, currency)

    def prepaid(self) -> tuple[Prepaid, ...]:
        """Every balance: what is left, how fast it falls, when it runs out, and what is watched."""
        from plimsoll.services import forecasts, prepaid

        table = forecasts.forecast_table()
        return prepaid.balances(self.ledger, now=self.clock.now(), table=table)

    def credits(self, name: str) -> tuple[Credit, ...]:
        """The account book of one source, in the order of its days."""
        from plimsoll.ledger import accounts, prepaid

        return prepaid.credits_of(self.ledger, accounts.source_named(self.ledger, name).id)

    def change(self, period: Period, against: Period, scope: Scope | None = None) -> Change:
        """Why `period` cost more or less than `against`, of everything or within a scope."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.domain.question import EVERYTHING
        from plimsoll.services.change import change

        today = utc_day(self.clock.now())
        chosen = scope or EVERYTHING
        return change(self.ledger, period=period, against=against, scope=chosen, today=today)

    def reprice(
        self,
        period: Period,
        to: Sequence[str],
        scope: Scope | None = None,
        *,
        share: int = 100,
        tier: str = "",
        progress: Callable[[float], None] = lambda _share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Repricings:
        """What a share (percent) of a slice of usage would have cost at each of `to`, which are
        `MODEL` or `MODEL@PROVIDER`.
        """
        from plimsoll.domain.question import EVERYTHING
        from plimsoll.services.pricing import pricing
        from plimsoll.services.reprice import reprice

        return reprice(
            self.ledger,
            pricing(self.ledger, self.data_dir),
            period=period,
            to=to,
            scope=scope or EVERYTHING,
            share=share,
            tier=tier,
            now=self.clock.now(),
            progress=progress,
            cancelled=cancelled,
        )

    def peak_hours(self, period: Period, scope: Scope | None = None) -> PeakHours:
        """How much of a slice was used in peak hours, and what others would have saved."""
        from plimsoll.domain.question import EVERYTHING
        from plimsoll.services.pricing import pricing
        from plimsoll.services.time_of_use import peak_hours

        return peak_hours(
            self.ledger,
            pricing(self.ledger, self.data_dir),
            period=period,
            scope=scope or EVERYTHING,
            now=self.clock.now(),
        )

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

    def outlook(self, currency: str, scope: Scope, *, daily: bool = False) -> Outlook:
        """The forecast's track record in one currency, and how fast spend doubles; with `daily`,
        the next ninety days one by one.
        """
        from plimsoll.services import forecasts
        from plimsoll.services.outlook import outlook_of

        return outlook_of(
            self.ledger,
            currency=currency,
            now=self.clock.now(),
            scope=scope,
            table=forecasts.forecast_table(),
            daily=daily,
        )

    def tokens_doubling(self, scope: Scope) -> Doubling | None:
        """How fast tokens double; None where they do not measurably grow."""
        from plimsoll.services.outlook import tokens_doubling

        return tokens_doubling(self.ledger, now=self.clock.now(), scope=scope)

    def budgets(self) -> tuple[BudgetStatus, ...]:
        """Where every budget stands."""
        from plimsoll.ledger import budgets as stored
        from plimsoll.services import budgets, forecasts

        now, table = self.clock.now(), forecasts.forecast_table()
        return tuple(
            budgets.standing(self.ledger, budget, now=now, table=table)
            for budget in stored.budgets(self.ledger)
        )

    def proposals(self) -> tuple[Proposal, ...]:
        """Budgets that could be set: from last month, and as the limits that providers keep."""
        from plimsoll.ledger import answers
        from plimsoll.services.proposals import propose

        currencies = answers.currencies(self.ledger)
        return propose(self.ledger, now=self.clock.now(), currencies=currencies)

    def efficiency(self) -> Efficiency:
        """What the latest week's tokens gave for their money, beside the eight weeks before it."""
        from plimsoll.services.efficiency import efficiency
        from plimsoll.services.pricing import pricing

        book = pricing(self.ledger, self.data_dir)
        return efficiency(self.ledger, book, now=self.clock.now())

    def work(self) -> tuple[Work, ...]:
        """The units of work that were entered, the earliest day first."""
        from plimsoll.ledger.units_of_work import all_work

        return all_work(self.ledger)

    def work_reported(self) -> WorkReported:
        """What providers and git counted, week by week, and why they did not count everything."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.services.work_counts import work_listed

        return work_listed(self.ledger, today=utc_day(self.clock.now()))

    def alerts(self) -> AlertList:
        """What budgets have fired, and which are snoozed."""
        from plimsoll.services import alerts

        return alerts.alert_list(self.ledger, now=self.clock.now())

    def alert_ways(self) -> Ways:
        """Where alerts go besides the window and the desktop."""
        from plimsoll.services.deliveries import ways_of

        return ways_of(self.settings())

    def overlaps(self) -> tuple[Overlap, ...]:
        """Sources that see the same traffic, those first that the user is asked about."""
        from plimsoll.services import overlaps

        return overlaps.all_overlaps(self.ledger)

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

    def plan(self, awake: Awake, *, is_online: bool = True, is_metered: bool = False) -> Plan:
        """What is to be asked now and when to look again, on a network like this."""
        from plimsoll.services import schedule

        spares = self.settings().sparing
        around = schedule.Surroundings(
            is_online=is_online,
            is_metered=spares and is_metered,
            is_low=spares and self._battery_is_low(),
        )
        return schedule.plan(
            schedule.standings(self.ledger), now=self.clock.now(), awake=awake, around=around
        )

    def login_start(self) -> LoginStart:
        """Whether the window of this data directory starts at login."""
        from plimsoll.services import login

        if self.demo:
            return login.NOT_THE_DEMO
        return login.look(*self.login_entry())

    def login_entry(self) -> tuple[Entry, tuple[str, ...]]:
        """Where it is kept what starts at login, and what that is."""
        from plimsoll.services import login

        return login.entry_and_command(self.data_dir)

    def _battery_is_low(self) -> bool:
        from plimsoll.services.power import power

        return power().is_low

    def settings(self) -> Settings:
        """What the user chose for the window."""
        from plimsoll.services import settings

        return settings.load(self.data_dir)

    def close(self) -> None:
        """Stop what runs and close the archive, if it was opened."""
        self._closing.set()
        with self._opening:
            if self._ledger is not None:
                self._ledger.close()
