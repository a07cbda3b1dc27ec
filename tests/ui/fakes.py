"""FakeProgram: a program that answers at once with a believable August, and has no ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from august import NOW, FixedClock, money
from bills import FakeDesk, check_answer, restated
from breakdowns import breakdown, change, provenance
from cards import sources_page
from limits import budgets_page
from markets import basket, board, growth, market, no_hours, peers
from overviews import no_figures, overview
from rates import currencies_page

from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.analysis.prepaid import Between
from plimsoll.domain.budget import Budget
from plimsoll.domain.calendar import Period
from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import KnownError, PlimsollError
from plimsoll.domain.exchange import Rate
from plimsoll.domain.prepaid import Credit
from plimsoll.domain.question import EVERYTHING, Question, Scope
from plimsoll.domain.secret import Secret
from plimsoll.domain.subscription import Subscription
from plimsoll.services import market_answers
from plimsoll.services.answers import (
    AgentCard,
    BudgetsPage,
    Overview,
    SourceCard,
    SourceOutcome,
    SourcesPage,
    SyncOutcome,
    SyncProgress,
    TestLine,
)
from plimsoll.services.breakdown import Breakdown
from plimsoll.services.change import Change
from plimsoll.services.check_answers import CheckAnswer
from plimsoll.services.currencies import Currencies
from plimsoll.services.deliveries import Sent
from plimsoll.services.efficiency_answers import Efficiency
from plimsoll.services.login import LoginStart
from plimsoll.services.market_answers import IndexBasket, Market, PriceBoard, Ratio
from plimsoll.services.provenance import Provenance
from plimsoll.services.reprice import NoUsage, Repricings
from plimsoll.services.restated import Restated
from plimsoll.services.schedule import Awake, Plan, Surroundings
from plimsoll.services.settings import Settings
from plimsoll.services.stored import StoredFigures
from plimsoll.services.time_of_use import PeakHours
from plimsoll.services.watch import Growth


@dataclass
class FakeProgram:
    """Answers at once; remembers what it was asked to do. `hold` makes syncs wait for `release`.

    Give `failure` to make every question fail, or replace an answer function.
    """

    data_dir: Path = Path("/nowhere")
    demo: bool = False
    clock: FixedClock = field(default_factory=FixedClock)
    asked: list[tuple[str, object]] = field(default_factory=list)
    failure: PlimsollError | None = None
    hold: bool = False
    release: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)
    outcome: SyncOutcome = field(
        default_factory=lambda: SyncOutcome(
            (SourceOutcome("OpenAI", 3), SourceOutcome("Anthropic", 2))
        )
    )
    kept: Settings = field(default_factory=lambda: Settings(theme="light", language="en"))
    stored_answer: Callable[[], StoredFigures] = no_figures
    overview_answer: Callable[[str, str | None], Overview] = overview
    agents: tuple[AgentCard, ...] = ()
    breakdown_answer: Callable[[Question, str | None], Breakdown] = breakdown
    budgets_answer: Callable[[], BudgetsPage] = budgets_page
    currencies_answer: Callable[[], Currencies] = currencies_page
    check_answer: Callable[[Period], CheckAnswer] = check_answer
    market_answer: Callable[[], Market] = market
    growth_answer: Callable[[], market_answers.Growth] = growth
    board_answer: Callable[[], PriceBoard] = board
    prices: FakeDesk = field(default_factory=FakeDesk)
    restated_answer: Callable[[], tuple[Restated, ...]] = restated
    sources_answer: Callable[[], SourcesPage] = sources_page
    test_lines: tuple[TestLine, ...] = (
        TestLine(True, "Usage of completions can be read."),
        TestLine(True, "Costs can be read."),
        TestLine(False, "Names of projects cannot be read.", "Ids are shown instead.", False),
    )
    plan_answer: Callable[[bool, bool], Plan] = lambda online, metered: Plan(
        surroundings=Surroundings(is_online=online, is_metered=metered)
    )
    login: LoginStart = field(
        default_factory=lambda: LoginStart(is_on=False, where="autostart/plimsoll.desktop")
    )
    add_failure: PlimsollError | None = None
    sent_answer: tuple[Sent, ...] = (Sent(Channel.COMMAND), Sent(Channel.WEBHOOK))
    closed: bool = False

    def _answer(self, what: str, detail: object = None) -> None:
        self.asked.append((what, detail))
        if self.failure is not None:
            raise self.failure

    def names_asked(self) -> list[str]:
        """What was asked, in order, without the details."""
        return [what for what, _ in self.asked]

    def stored_figures(self) -> StoredFigures:
        return self.stored_answer()

    def overview(
        self, *, currency: str | None = None, span: str = "30d", together: bool | None = None
    ) -> Overview:
        self._answer(
            "overview", (currency, span) if together is None else (currency, span, together)
        )
        return self.overview_answer(span, currency)

    def breakdown(self, question: Question, *, currency: str | None = None) -> Breakdown:
        self._answer("breakdown", (question, currency))
        return self.breakdown_answer(question, currency)

    def change(self, period: Period, against: Period, scope: Scope = EVERYTHING) -> Change:
        self._answer("change", (period, against, scope))
        return change(period, against)

    def provenance(self, question: Question, *, currency: str) -> Provenance:
        self._answer("provenance", (question, currency))
        return provenance(question, currency)

    def efficiency(self) -> Efficiency:
        self._answer("efficiency")
        return Efficiency(whole_weeks(self.clock.now().date()))

    def balance_steps(self, source: str, currency: str) -> tuple[Between, ...]:
        self._answer("balance_steps", (source, currency))
        amounts = ("182.40", "190.00", "150.00")
        held = [money(amount) for amount in amounts]
        return tuple(
            Between(
                currency,
                NOW - timedelta(hours=back + 1),
                NOW - timedelta(hours=back),
                held[back + 1],
                held[back],
                spent=max(held[back + 1] - held[back], 0),
                topped_up=max(held[back] - held[back + 1], 0),
            )
            for back in (0, 1)
        )

    def add_credit(self, name: str, credit: Credit) -> None:
        self._answer("add_credit", (name, credit))

    def remove_credit(self, name: str, number: int) -> None:
        self._answer("remove_credit", (name, number))

    def budgets_page(self, *, currency: str | None = None) -> BudgetsPage:
        self._answer("budgets_page", currency)
        return self.budgets_answer()

    def price_desk(self, cancelled: Callable[[], bool]) -> FakeDesk:
        self.prices.cancelled = cancelled
        return self.prices

    def look_at_restatements(self) -> bool:
        self._answer("look_at_restatements")
        return self.names_asked().count("look_at_restatements") == 1

    def restatements(self) -> tuple[Restated, ...]:
        self._answer("restatements")
        return self.restated_answer()

    def market(self, *, currency: str | None = None) -> Market:
        self._answer("market", currency)
        return self.market_answer()

    def peak_hours(self, period: Period, scope: Scope | None = None) -> PeakHours:
        self._answer("peak_hours", period)
        return no_hours(period)

    def growth(self, *, currency: str | None = None) -> market_answers.Growth:
        self._answer("growth", currency)
        return self.growth_answer()

    def index_basket(self, month: date, *, currency: str) -> IndexBasket | None:
        self._answer("index_basket", (month, currency))
        return basket()

    def price_board(self) -> PriceBoard:
        self._answer("price_board")
        return self.board_answer()

    def reprice(self, period: Period, to: Sequence[str], **wish: object) -> Repricings:
        self._answer("reprice", (period, to, wish))
        raise NoUsage("There is no usage.")

    def peer_ratios(self) -> tuple[Ratio, ...]:
        return peers()

    def check(self, period: Period) -> CheckAnswer:
        self._answer("check", period)
        return self.check_answer(period)

    def sources_page(self) -> SourcesPage:
        self._answer("sources_page")
        return self.sources_answer()

    def agents_here(self) -> tuple[AgentCard, ...]:
        return self.agents

    def say_payer(self, name: str, payer: str | None) -> None:
        self._answer("say_payer", (name, payer))

    def source_cards(self) -> tuple[SourceCard, ...]:
        self._answer("source_cards")
        return self.sources_answer().cards

    def set_budget(self, budget: Budget) -> None:
        self._answer("set_budget", budget)

    def judge_unusual(self, day: date, *, currency: str, expected: bool | None) -> None:
        self._answer("judge_unusual", (day, currency, expected))

    def deliver_alerts(self, *, cancelled: Callable[[], bool]) -> tuple[object, ...]:
        return ()

    def set_alert_webhook(self, address: object) -> None:
        self._answer("set_alert_webhook", address)
        host = "" if address is None else "hooks.slack.com"
        self.kept = replace(self.kept, alert_webhook=host)

    def send_test_alert(self, *, cancelled: Callable[[], bool]) -> tuple[Sent, ...]:
        self._answer("send_test_alert")
        return self.sent_answer

    def snooze(self, name: str, *, until: date) -> None:
        self._answer("snooze", (name, until))

    def wake(self, name: str) -> None:
        self._answer("wake", name)

    def remove_budget(self, name: str) -> None:
        self._answer("remove_budget", name)

    def add_source(
        self,
        provider: str,
        *,
        name: str,
        key: Secret | None,
        base_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.asked.append(("add_source", (provider, name, key.tail if key else None, base_url)))
        self.added_settings = dict(settings or {})
        if self.add_failure is not None:
            raise self.add_failure

    def edit_source(
        self,
        name: str,
        *,
        new_name: str | None = None,
        key: Secret | None = None,
        base_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        changed = (name, new_name, key.tail if key else None, base_url)
        self._answer("edit_source", changed if settings is None else (*changed, dict(settings)))

    def settle_overlap(self, overlap_id: int, *, once: bool, payer: str | None = None) -> None:
        self._answer("settle_overlap", (overlap_id, once, payer))

    def remove_source(self, name: str, *, forget: bool) -> None:
        self._answer("remove_source", (name, forget))

    def test_source(self, name: str) -> tuple[TestLine, ...]:
        self._answer("test_source", name)
        return self.test_lines

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        since: date | None = None,
        progress: Callable[[SyncProgress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> SyncOutcome:
        self.asked.append(("sync", tuple(names)))
        progress(SyncProgress("OpenAI", "Costs, August 2026", 0.4))
        self.started.set()
        while self.hold and not cancelled():
            if self.release.wait(0.01):
                break
        if cancelled():
            return SyncOutcome((SourceOutcome("OpenAI", 1, "Stopped.", cancelled=True),))
        return self.outcome

    def set_subscription(self, made: Subscription, *, instead_of: date | None = None) -> None:
        self._answer("set_subscription", (made, instead_of))

    def remove_subscription(self, subscription: Subscription) -> None:
        self._answer("remove_subscription", subscription)

    def currencies(self) -> Currencies:
        self._answer("currencies")
        return replace(self.currencies_answer(), display=self.kept.display_currency)

    def set_rate(self, rate: Rate, *, instead_of: Rate | None = None) -> None:
        self._answer("set_rate", (rate, instead_of))

    def remove_rate(self, rate: Rate) -> None:
        self._answer("remove_rate", rate)

    def login_start(self) -> LoginStart:
        self._answer("login_start")
        return self.login

    def start_at_login(self, on: bool) -> None:
        self.asked.append(("start_at_login", on))
        if self.login.why_not:
            raise KnownError(self.login.why_not)
        self.login = replace(self.login, is_on=on)

    def watch_logs(self, grown: Callable[[str], None]) -> Growth:
        return Growth(lambda: (), grown)

    def plan(self, awake: Awake, *, is_online: bool = True, is_metered: bool = False) -> Plan:
        self._answer("plan", (awake, is_online, is_metered))
        return self.plan_answer(is_online, is_metered)

    def settings(self) -> Settings:
        return self.kept

    def save_settings(self, settings: Settings) -> None:
        self.asked.append(("save_settings", settings))
        self.kept = settings

    def close(self) -> None:
        self.closed = True
