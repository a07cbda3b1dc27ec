"""Logs: what agents leave on this disk, found, read on and stored as calls."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calls import Harvest
from plimsoll.domain.errors import FilesLeftUnread, KnownError
from plimsoll.domain.said import counted, say
from plimsoll.ledger.accounts import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.log_files import settle, states_of
from plimsoll.services.outcomes import REPORT_IT, SyncProgress, TestLine
from plimsoll.sources.logs.agent import Agent, Place, agent_named
from plimsoll.sources.logs.crew import Crew, Gathering, new_bytes
from plimsoll.sources.logs.find import Search, search
from plimsoll.sources.logs.reading import Task, tasks_of

if TYPE_CHECKING:
    from plimsoll.services.pricing import Pricing

_BATCH_CALLS = 8_000
"""Calls that are stored in one transaction: enough that a day is seldom summed up twice, and few
enough that storing begins while the rest is read.
"""


class NoLogs(KnownError):
    """None of the folders where an agent keeps its logs is there."""

    title = "No logs"


class LogPlan(NamedTuple):
    """What is to be read of one source: the files that changed, and what comes of them."""

    tasks: list[Task]
    harvests: Gathering


def this_place() -> Place:
    """This machine, as agents look at it."""
    return Place(os.environ, Path.home(), sys.platform)


def look(source: Source, place: Place) -> Search:
    """What there is of a source's logs on this machine."""
    given = folders(dict(source.settings).get("root", ""))
    return search(agent_named(source.connector), place, given)


def plan(ledger: Ledger, source: Source, place: Place, crew: Crew) -> LogPlan:
    """Find what is new in a source's logs, and let the crew begin with it.

    Raises `NoLogs` where there is no folder to look into, or a `LedgerProblem`.
    """
    found = look(source, place)
    if not found.roots:
        line = missing(agent_named(source.connector), found)
        raise NoLogs(line.what, remedy=line.remedy)
    tasks = tasks_of(source.connector, found.files, states_of(ledger, source.id))
    return LogPlan(tasks, crew.gather(tasks))


def store(
    ledger: Ledger,
    source: Source,
    planned: LogPlan,
    *,
    book: Callable[[], Pricing],
    progress: Callable[[SyncProgress], None],
) -> Iterator[int]:
    """Store what is read, batch by batch; how many days each changed.

    Raises `Cancelled`, or a `LedgerProblem`; what was stored by then is kept. Raises
    `FilesLeftUnread` when everything else is stored.
    """
    broken: list[Harvest] = []
    if planned.tasks:
        from plimsoll.ledger.calls import store_harvests

        pricing = book()
        price = pricing.call_prices(source)
        for batch in _batches(planned, source.name, progress):
            yield store_harvests(ledger, source, batch, price=price, edition=pricing.edition)
            broken += [harvest for harvest in batch if harvest.broke]
    settle(ledger, source.id)
    if broken:
        raise _left_unread(broken)


def _left_unread(broken: Sequence[Harvest]) -> FilesLeftUnread:
    from plimsoll.ledger.canonical import clean

    sentence = counted(
        len(broken),
        "Plimsoll's own reader broke on {file}: the rest was read, and what is new there is "
        "missing.",
        "Plimsoll's own reader broke on {count} files, the first of them {file}: the rest was "
        "read, and what is new there is missing.",
        file=clean(broken[0].state.path),
    )
    mistake = FilesLeftUnread(sentence, remedy=REPORT_IT)
    for where in dict.fromkeys(harvest.broke for harvest in broken):
        mistake.add_note(where)
    return mistake


def missing(agent: Agent, found: Search) -> TestLine:
    """That none of an agent's folders is here, and what to do about it."""
    if found.problems:
        return TestLine(
            False,
            say(
                "The logs of {title} cannot be looked at ({names}).",
                title=agent.title,
                names="; ".join(found.problems),
            ),
            say("What was read of them stays. Make them readable, then sync again."),
        )
    places = ", ".join(map(str, found.places))
    looked_for = say(" (looked for: {places})", places=places) if places else ""
    return TestLine(
        False,
        say(
            "There are no logs of {title} here{looked_for}.",
            title=agent.title,
            looked_for=looked_for,
        ),
        agent.advice
        or say("Use the agent once, or say where its logs are with --set root=FOLDER."),
    )


def folders(setting: str) -> list[Path]:
    """The folders of `--set root=`."""
    return [Path(text.strip()).expanduser() for text in setting.split(",") if text.strip()]


def _batches(
    planned: LogPlan, name: str, progress: Callable[[SyncProgress], None]
) -> Iterator[Sequence[Harvest]]:
    """Harvests in few, large batches."""
    to_read = sum(map(new_bytes, planned.tasks)) or 1
    batch: list[Harvest] = []
    held = done = 0
    for harvest in planned.harvests:
        batch.append(harvest)
        held += len(harvest.calls)
        done += harvest.state.offset
        if held >= _BATCH_CALLS:
            yield batch
            batch, held = [], 0
            progress(SyncProgress(name, say("reading logs"), min(done / to_read, 1.0)))
    if batch:
        yield batch
