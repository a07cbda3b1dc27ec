"""Agents: their logs read on into the ledger, and what can be said of where they lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.calls import Harvest
from plimsoll.domain.errors import KnownError, WrongUse
from plimsoll.ledger import calls, catalog
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.account_words import check_settings, checked_name
from plimsoll.services.answers import SyncProgress, TestLine
from plimsoll.sources.logs.agent import Agent, Place, agent_named
from plimsoll.sources.logs.crew import gather, new_bytes
from plimsoll.sources.logs.find import Search, search
from plimsoll.sources.logs.reading import Task, tasks_of

if TYPE_CHECKING:
    from plimsoll.services.pricing import Pricing

KIND = AGENT
"""The kind of a source that is an agent's logs."""

SETTINGS = ("money", "root")

UNKNOWN_MONEY = (
    "Counted as estimated, because nobody said whether a plan pays for it: set money=plan or "
    "money=api."
)

_BATCH_CALLS = 40_000
"""Calls that are stored in one transaction: few enough to be held in memory."""


class NoLogs(KnownError):
    """None of the folders where an agent keeps its logs is there."""

    title = "No logs"


@dataclass(frozen=True, slots=True)
class LogErrand:
    """One agent's logs to read."""

    source: Source


def this_place() -> Place:
    """This machine, as agents look at it."""
    return Place(os.environ, Path.home(), sys.platform)


def add_agent(
    ledger: Ledger, word: str, *, name: str, base_url: str | None, settings: Mapping[str, str]
) -> Source:
    """Set up an agent's logs as a source, without a key; raises `WrongUse`."""
    agent = agent_named(word)
    if base_url is not None:
        raise WrongUse(
            f"{agent.title} has no address.",
            remedy="Say where its logs are with --set root=FOLDER.",
        )
    check_settings(agent.title, settings, known=SETTINGS)
    _check_root(settings)
    return catalog.add_source(
        ledger,
        name=checked_name(ledger, name),
        connector=word,
        kind=KIND,
        settings=tuple(sorted(settings.items())),
    )


def edit_agent(
    ledger: Ledger,
    source: Source,
    *,
    new_name: str | None,
    settings: Mapping[str, str],
    keyed: bool,
) -> Source:
    """Change an agent's name or settings; raises `WrongUse`, and where it is `keyed`."""
    agent = agent_named(source.connector)
    if keyed:
        raise WrongUse(f"{agent.title} is read from its logs: it has neither key nor address.")
    check_settings(agent.title, settings, known=SETTINGS)
    _check_root(settings)
    renamed = source.name
    if new_name is not None and new_name != source.name:
        renamed = checked_name(ledger, new_name, instead_of=source.name)
    return catalog.change_source(
        ledger,
        source.id,
        name=renamed,
        base_url=None,
        settings=tuple(sorted({**dict(source.settings), **settings}.items())),
        key_tail="",
    )


def _check_root(settings: Mapping[str, str]) -> None:
    if "root" in settings and not _folders(settings["root"]):
        raise WrongUse("root= names the folder that the logs are in.")


def look(source: Source, place: Place) -> Search:
    """What there is of a source's logs on this machine."""
    given = _folders(dict(source.settings).get("root", ""))
    return search(agent_named(source.connector), place, given)


def examine(source: Source, place: Place) -> tuple[TestLine, ...]:
    """*Test* of an agent: which folders there are, and how much is in them."""
    found = look(source, place)
    agent = agent_named(source.connector)
    if not found.roots:
        return (_missing(agent, source, place),)
    megabytes = sum(file.size for file in found.files) / 1e6
    lines = [
        TestLine(
            True, f"{len(found.files)} files, {megabytes:.1f} MB, in {', '.join(found.roots)}."
        ),
        *(TestLine(False, f"Not readable: {text}.", essential=False) for text in found.problems),
    ]
    return tuple(lines)


def read_logs(
    ledger: Ledger,
    errand: LogErrand,
    *,
    book: Pricing,
    place: Place,
    progress: Callable[[SyncProgress], None],
    cancelled: Callable[[], bool],
) -> int:
    """Read what is new in an agent's logs into the ledger; how many days changed.

    Raises `NoLogs` where there is no folder to look into, `Cancelled`, or a `LedgerProblem`; what
    was stored by then is kept.
    """
    source = errand.source
    found = look(source, place)
    if not found.roots:
        missing = _missing(agent_named(source.connector), source, place)
        raise NoLogs(missing.what, remedy=missing.remedy)
    tasks = tasks_of(source.connector, found.files, calls.states_of(ledger, source.id))
    days, price = 0, book.call_prices(source)
    for batch in _batches(gather(tasks, cancelled=cancelled), tasks, source.name, progress):
        days += calls.store_harvests(ledger, source, batch, price=price, edition=book.edition)
    calls.settle(ledger, source.id)
    return days


def _missing(agent: Agent, source: Source, place: Place) -> TestLine:
    given = _folders(dict(source.settings).get("root", ""))
    places = ", ".join(str(root) for root in agent.roots(place, given)) or "its usual folders"
    return TestLine(
        False,
        f"There are no logs of {agent.title} here (looked for: {places}).",
        "Use the agent once, or say where its logs are with --set root=FOLDER.",
    )


def _folders(setting: str) -> list[Path]:
    return [Path(text.strip()).expanduser() for text in setting.split(",") if text.strip()]


def _batches(
    harvests: Iterator[Harvest],
    tasks: Sequence[Task],
    name: str,
    progress: Callable[[SyncProgress], None],
) -> Iterator[list[Harvest]]:
    """Harvests in few, large batches."""
    to_read = sum(map(new_bytes, tasks)) or 1
    batch: list[Harvest] = []
    held = done = 0
    for harvest in harvests:
        batch.append(harvest)
        held += len(harvest.calls)
        done += harvest.state.offset
        if held >= _BATCH_CALLS:
            yield batch
            batch, held = [], 0
            progress(SyncProgress(name, "reading logs", min(done / to_read, 1.0)))
    if batch:
        yield batch
