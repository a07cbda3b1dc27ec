"""Demonstration: simulated providers and agents' made-up logs, pulled by the same connectors into a
real archive of its own.

The vault is in memory, and nothing is put into the archive but what the connectors bring. A balance
is only ever told as it is, so the demo asks for it as somebody would have who has had the program
all along: once a day, with the clock set back to that day.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from plimsoll.demo.agents import CLAUDE, CODEX, AgentLogs
from plimsoll.demo.server import DemoWorld
from plimsoll.domain.budget import Budget
from plimsoll.domain.calendar import ONE_DAY, previous_month, utc_day
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.prepaid import Credit, CreditKind
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.secret import Secret
from plimsoll.domain.subscription import Subscription
from plimsoll.ledger import accounts, runs
from plimsoll.services.accounts import opener
from plimsoll.services.answers import SyncOutcome, SyncProgress
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

SEED = 7
MARK = "this-is-a-demo"
"""A file that tells a demo's folder from one with somebody's real figures."""

PLAN_FEE = Money("USD", 100 * NANO)

BUDGETS = (
    Budget(name="Team", nanos=4_000 * NANO, currency="USD"),
    Budget(
        name="Coding agents",
        nanos=1_500 * NANO,
        currency="USD",
        scope=Scope(((Dimension.PROJECT, ("Coding agents",)),)),
    ),
    Budget(
        name="Research",
        nanos=150 * NANO,
        currency="USD",
        scope=Scope(((Dimension.PROJECT, ("Research",)),)),
    ),
)
"""One that is safe near the end of most months, one that is threatened, one that is passed."""


@contextmanager
def demonstration(
    folder: Path, *, clock: Clock, progress: Callable[[SyncProgress], None], seed: int = SEED
) -> Iterator[tuple[Program, SyncOutcome]]:
    """A data directory made anew, with every simulated account added and pulled over HTTP.

    Raises `WrongUse` where `folder` holds something that is not an earlier demo.
    """
    _make_anew(folder)
    present, days = clock.now(), _Days(clock)
    program = Program(folder, clock=days, vault=MemoryVault(), who="plimsoll demo", demo=True)
    try:
        with DemoWorld(seed=seed, now=lambda: present - days.back) as world:
            for account in world.accounts:
                program.add_source(
                    account.provider,
                    name=account.name,
                    key=Secret(account.key),
                    base_url=account.base_url,
                    settings=account.settings,
                )
            _add_agents(program, AgentLogs(seed=seed, now=clock.now()))
            _read_balances(program, days, (utc_day(present) - world.story.first_day).days)
            outcome = program.sync(progress=progress)
            program.say_payer("Codex", None)  # Mira's own key, of no account here
            for budget in BUDGETS:
                program.set_budget(budget)
            _keep_a_book(program, utc_day(present))
            yield program, outcome
    finally:
        program.close()


def _keep_a_book(program: Program, today: date) -> None:
    """Harbour Lab has paid OpenAI ahead, which tells nobody what is left of it."""
    lab = "Harbour Lab OpenAI"
    first = previous_month(today).first
    for kind, amount, day in (
        (CreditKind.START, 250, first),
        (CreditKind.TOP_UP, 150, first + 30 * ONE_DAY),
    ):
        program.add_credit(lab, Credit(kind, Money("USD", amount * NANO), day))


class _Days:
    """A clock that can be set back by whole days."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.back = timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() - self.back

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def _read_balances(program: Program, days: _Days, count: int) -> None:
    """One reading a day of the accounts that tell no more than a balance, up to yesterday."""
    for source in accounts.sources(program.ledger):
        if source.kind == accounts.AGENT:
            continue
        opened = opener(source, program.vault, clock=days, cancelled=lambda: False)
        with opened() as account, program.ledger.writing():
            for back in range(0 if account.endpoints else count, 0, -1):
                days.back = back * ONE_DAY
                runs.save_balances(program.ledger, source.id, account.balances())
        days.back = timedelta(0)


def _add_agents(program: Program, logs: AgentLogs) -> None:
    """A developer's agents: a subscription pays for one of them, the other has an API key."""
    roots = logs.write(program.data_dir / "agents")
    for word, name, settings in (
        (CLAUDE, "Claude Code", {}),
        (CODEX, "Codex", {"money": "api"}),
    ):
        given = {"root": str(roots[word]), **settings}
        program.add_source(word, name=name, key=None, settings=given)
    first = logs.first_day.replace(day=1)
    program.set_subscription(Subscription("Claude Code", "Max", PLAN_FEE, first))


def is_free(folder: Path) -> bool:
    """Whether a demo may live in a folder: there is nothing in it, or an earlier demo."""
    try:
        return (folder / MARK).exists() or not folder.exists() or not any(folder.iterdir())
    except OSError:
        return False


def _make_anew(folder: Path) -> None:
    if not is_free(folder):
        raise WrongUse(
            f"{folder} holds something that is not a demo.",
            remedy="Name an empty folder with --data-dir.",
        )
    if (folder / MARK).exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).write_text("Plimsoll's demo: made up, and made anew each time.\n")
