"""Sync: pull what changed from every account, read on in every agent's logs, price what came, and
keep it in the ledger.

One account is asked one request at a time; several accounts run in parallel, and beside them the
logs, one agent after the other. What came before a failure is kept, and the failure becomes that
source's state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import Cancelled, OwnMistake, PlimsollError, RateLimited
from plimsoll.ledger.accounts import AGENT, FILE, Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.runs import finish_run, start_run
from plimsoll.services.outcomes import SourceOutcome, SyncProgress, mistake_of

if TYPE_CHECKING:
    from plimsoll.services.logs import LogPlan
    from plimsoll.services.pricing import Pricing
    from plimsoll.services.vault import Vault
    from plimsoll.sources.base import Account, Connector

ACCOUNTS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Errand:
    """One account to pull, ready to go: `open_account` opens the door with the key, lazily."""

    source: Source
    connector: Connector
    open_account: Callable[[], AbstractContextManager[Account]]


@dataclass(frozen=True, slots=True)
class LogErrand:
    """One agent's logs to read."""

    source: Source


def errands_for(
    sources: Sequence[Source],
    vault: Callable[[], Vault],
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> list[Errand | LogErrand]:
    """What there is to do for these sources: nothing is opened yet. Of a file nobody is asked."""
    return [
        LogErrand(source)
        if source.kind == AGENT
        else _account_errand(source, vault(), clock, cancelled)
        for source in sources
        if source.kind != FILE
    ]


def _account_errand(
    source: Source, vault: Vault, clock: Clock, cancelled: Callable[[], bool]
) -> Errand:
    from plimsoll.services import accounts
    from plimsoll.sources.base import provider

    return Errand(
        source=source,
        connector=provider(source.connector),
        open_account=accounts.opener(source, vault, clock=clock, cancelled=cancelled),
    )


def sync_sources(
    ledger: Ledger,
    errands: Sequence[Errand | LogErrand],
    *,
    book: Callable[[], Pricing],
    clock: Clock,
    since: date | None = None,
    progress: Callable[[SyncProgress], None],
    cancelled: Callable[[], bool],
) -> tuple[SourceOutcome, ...]:
    """Do every errand, several accounts at once; one outcome each, in the same order.

    `book` gives the price book: putting it together is left to the first that has something to
    price. Every error of the world becomes its source's outcome, and so does a bug of ours that one
    source brings out: it costs that source only, and is for the caller to bring to the edge.
    """
    logs = [errand for errand in errands if isinstance(errand, LogErrand)]
    accounts = [errand for errand in errands if isinstance(errand, Errand)]

    def read() -> list[SourceOutcome]:
        return read_logs(ledger, logs, book=book, progress=progress, cancelled=cancelled)

    def pull(errand: Errand) -> SourceOutcome:
        return sync_source(
            ledger,
            errand,
            book=book,
            clock=clock,
            since=since,
            progress=progress,
            cancelled=cancelled,
        )

    if len(accounts) + bool(logs) < 2:
        return (*map(pull, accounts), *(read() if logs else ()))
    from concurrent.futures import ThreadPoolExecutor

    book()  # once for all, before they go apart
    with ThreadPoolExecutor(ACCOUNTS_AT_ONCE, thread_name_prefix="sync") as threads:
        pulled = [threads.submit(pull, errand) for errand in accounts]
        # Beside them in this thread: two that store at once would only wait for each other.
        outcomes_of_logs = iter(read() if logs else ())
        outcomes_of_accounts = (future.result() for future in pulled)
        return tuple(
            next(outcomes_of_logs if isinstance(errand, LogErrand) else outcomes_of_accounts)
            for errand in errands
        )


def sync_source(
    ledger: Ledger,
    errand: Errand,
    *,
    book: Callable[[], Pricing],
    clock: Clock,
    since: date | None,
    progress: Callable[[SyncProgress], None],
    cancelled: Callable[[], bool],
) -> SourceOutcome:
    """Pull one account."""
    from plimsoll.services.pulling import STOPS_THE_SOURCE, Pull, Run

    source, run = errand.source, Run()
    try:
        number = start_run(ledger, source.id)
    except PlimsollError as error:
        return SourceOutcome(source.name, 0, error.words, error.title)
    try:
        with errand.open_account() as account:
            pull = Pull(
                ledger, source, errand.connector, account, book(), run, clock, progress, cancelled
            )
            pull.everything(since)
    except STOPS_THE_SOURCE as error:
        run.failure = error
    except PlimsollError as error:
        run.failure = run.failure or error  # what failed first says more
    except Exception as bug:  # noqa: BLE001 - it rises when the other sources are through
        run.failure = mistake_of(source.name, bug)
    return _finish(ledger, source, number, run.stored, run.failure)


def read_logs(
    ledger: Ledger,
    errands: Sequence[LogErrand],
    *,
    book: Callable[[], Pricing],
    progress: Callable[[SyncProgress], None],
    cancelled: Callable[[], bool],
) -> list[SourceOutcome]:
    """Read the logs of agents: all of their files are looked for first, so that the processes that
    read have always something to do.
    """
    from plimsoll.services.logs import plan, this_place
    from plimsoll.sources.logs.crew import Crew

    place = this_place()
    with Crew(cancelled) as crew:
        plans: list[LogPlan | PlimsollError] = []
        for errand in errands:
            try:
                plans.append(plan(ledger, errand.source, place, crew))
            except PlimsollError as error:
                plans.append(error)
            except Exception as bug:  # noqa: BLE001 - it rises when the other agents are through
                plans.append(mistake_of(errand.source.name, bug))
        return [
            _read(ledger, errand.source, planned, book, progress)
            for errand, planned in zip(errands, plans, strict=True)
        ]


def _read(
    ledger: Ledger,
    source: Source,
    planned: LogPlan | PlimsollError,
    book: Callable[[], Pricing],
    progress: Callable[[SyncProgress], None],
) -> SourceOutcome:
    idle = not isinstance(planned, PlimsollError) and not planned.tasks
    stored = 0
    failure: PlimsollError | None = None
    try:
        # Where nothing is new, all that is written is written at once.
        with ledger.writing() if idle else nullcontext():
            number = start_run(ledger, source.id)
            try:
                for days in _store(ledger, source, planned, book, progress):
                    stored += days
            except PlimsollError as error:
                failure = error
            except Exception as bug:  # noqa: BLE001 - it rises when the other agents are through
                failure = mistake_of(source.name, bug)
            return _finish(ledger, source, number, stored, failure)
    except PlimsollError as error:
        return SourceOutcome(source.name, stored, error.words, error.title)
    finally:
        if not isinstance(planned, PlimsollError):
            planned.harvests.close()


def _store(
    ledger: Ledger,
    source: Source,
    planned: LogPlan | PlimsollError,
    book: Callable[[], Pricing],
    progress: Callable[[SyncProgress], None],
) -> Iterator[int]:
    """How many days each batch changed; raises why nothing could be planned."""
    from plimsoll.services.logs import store

    if isinstance(planned, PlimsollError):
        raise planned
    yield from store(ledger, source, planned, book=book, progress=progress)


def _finish(
    ledger: Ledger, source: Source, number: int, stored: int, failure: PlimsollError | None
) -> SourceOutcome:
    until = failure.until if isinstance(failure, RateLimited) else None
    outcome = SourceOutcome(
        source=source.name,
        slices=stored,
        failure=failure.words if failure else "",
        title=failure.title if failure else "",
        not_before=until,
        cancelled=isinstance(failure, Cancelled),
        mistake=failure if isinstance(failure, OwnMistake) else None,
    )
    finish_run(
        ledger,
        number,
        ok=failure is None,
        title=outcome.title,
        sentence=outcome.failure,
        slices=stored,
        not_before=until,
    )
    return outcome
