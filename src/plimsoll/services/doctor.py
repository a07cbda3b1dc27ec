"""Doctor: what works, what does not, and what to do about it; never prompts, never asks a
provider, and goes on when a part of the program cannot.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from plimsoll import __version__
from plimsoll.domain.calendar import utc_day
from plimsoll.domain.clock import Clock
from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import NoKey, PlimsollError
from plimsoll.ledger import catalog, deliveries, log_files, usage
from plimsoll.ledger.database import FILE, Ledger
from plimsoll.reports.base import format_names
from plimsoll.services import agents, desktop, imported, login, schedule, settings
from plimsoll.services.accounts import source_cards
from plimsoll.services.answers import SourceCard
from plimsoll.services.deliveries import NAME, UID, ways_of
from plimsoll.services.fetched_prices import fetched_prices
from plimsoll.services.logs import look, this_place
from plimsoll.services.outcomes import REPORT_IT
from plimsoll.services.power import power
from plimsoll.services.pricing import pricing
from plimsoll.services.vault import KeyringVault
from plimsoll.services.watch import LOOK_EVERY_S, MOST_FOLDERS, Watched, refusal, seen
from plimsoll.services.work_counts import not_counted
from plimsoll.sources.base import provider_names
from plimsoll.sources.imports import format_names as export_names
from plimsoll.sources.logs.agent import agent_names
from plimsoll.sources.logs.reading import BROKE

_SHOWN = 5

LITTLE_SPACE = 200_000_000
"""Bytes below which a disk is nearly full for an archive and its backup."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `ok` None where it is neither good nor bad, only told."""

    name: str
    ok: bool | None
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was looked at, and the sources as their cards show them."""

    version: str
    checks: tuple[Check, ...]
    sources: tuple[SourceCard, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok is not False for check in self.checks)


def examine(data_dir: Path, *, clock: Clock, environ: Mapping[str, str]) -> Diagnosis:
    """Look at the program, the archive, the keyring and every source."""
    checks = [*_program_checks(), _space(data_dir), *_desktop_checks(data_dir)]
    cards: tuple[SourceCard, ...] = ()
    if _is_empty(data_dir):
        sentence = (
            f"There is no archive in {data_dir} yet; the first command that needs one makes it."
        )
        checks.append(Check("archive", ok=None, sentence=sentence))
        checks.append(_keyring(KeyringVault("doctor", environ=environ)))
        return Diagnosis(__version__, tuple(checks))
    try:
        ledger = Ledger.open(data_dir, clock=clock, who="plimsoll doctor")
    except PlimsollError as error:
        checks.append(Check("archive", ok=False, sentence=error.sentence, remedy=error.remedy))
        checks.append(_keyring(KeyringVault("doctor", environ=environ)))
        return Diagnosis(__version__, tuple(checks))
    try:
        vault = KeyringVault(ledger.id, environ=environ)
        checks.extend(_ledger_checks(ledger))
        checks.append(_prices(ledger, data_dir))
        checks.append(_keyring(vault))
        cards = _with_true_places(ledger, vault, clock)
        checks.extend(_source_check(card) for card in cards)
        checks.extend(_variable_checks(vault, cards))
        checks.extend(_schedule_checks(ledger, clock.now()))
        checks.extend(_log_checks(ledger))
        checks.extend(_file_checks(ledger))
        checks.extend(_work_checks(ledger, utc_day(clock.now())))
        checks.extend(_alert_checks(ledger, data_dir, vault))
    except PlimsollError as error:
        checks.append(Check("archive", ok=False, sentence=error.sentence, remedy=error.remedy))
    finally:
        ledger.close()
    return Diagnosis(__version__, tuple(checks), cards)


def _with_true_places(ledger: Ledger, vault: KeyringVault, clock: Clock) -> tuple[SourceCard, ...]:
    """The sources' cards, each with the place where its key is found now, not where it was put."""
    uids = {source.name: source.uid for source in catalog.sources(ledger)}
    return tuple(
        card
        if card.key_place in {"logs", "file"}
        else replace(card, key_place=vault.place(card.name, uids[card.name]))
        for card in source_cards(ledger, vault, now=clock.now())
    )


def _program_checks() -> Iterator[Check]:
    frozen = " (packaged)" if getattr(sys, "frozen", False) else ""
    yield Check(
        "program",
        ok=None,
        sentence=f"Plimsoll {__version__}{frozen} on Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}.",
    )
    providers, formats, logs = provider_names(), format_names(), agent_names()
    yield Check(
        "connectors",
        ok=bool(providers),
        sentence=f"{len(providers)} providers ({', '.join(providers)}).",
        remedy="" if providers else "The installation is not whole: install it again.",
    )
    yield Check(
        "agents",
        ok=bool(logs),
        sentence=f"{len(logs)} agents ({', '.join(logs)}).",
        remedy="" if logs else "The installation is not whole: install it again.",
    )
    exports = export_names()
    yield Check(
        "files",
        ok=bool(exports),
        sentence=f"{len(exports)} formats of exports ({', '.join(exports)}).",
        remedy="" if exports else "The installation is not whole: install it again.",
    )
    yield Check(
        "reports",
        ok=bool(formats),
        sentence=f"{len(formats)} report formats ({', '.join(formats)}).",
        remedy="" if formats else "The installation is not whole: install it again.",
    )


def _is_empty(data_dir: Path) -> bool:
    """Whether no archive was made here yet; a folder that cannot be looked into may hold one."""
    try:
        return not (data_dir / FILE).exists() and not data_dir.is_file()
    except OSError:
        return False


def _space(data_dir: Path) -> Check:
    place = data_dir
    while not os.path.exists(place) and place != place.parent:  # noqa: PTH110 - Path's may raise
        place = place.parent
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        sentence = f"How much is free where the archive is cannot be told ({error.strerror})."
        return Check("disk", ok=None, sentence=sentence)
    enough = free >= LITTLE_SPACE
    return Check(
        "disk",
        ok=enough,
        sentence=f"{free // 1_000_000:,} MB are free where the archive is.",
        remedy="" if enough else "Free some space: a full disk stops every sync.",
    )


def _ledger_checks(ledger: Ledger) -> Iterator[Check]:
    size = ledger.path.stat().st_size
    yield Check(
        "archive", ok=None, sentence=f"{ledger.path}, {size / 1_000_000:.1f} MB, id {ledger.id}."
    )
    faults = ledger.check()
    for fault in faults:
        yield Check(
            "integrity",
            ok=False,
            sentence=fault,
            remedy="Keep the file, and restore a backup or fetch the days again with --since.",
        )
    if not faults:
        yield Check("integrity", ok=True, sentence="The archive is whole.")
    changed = len(usage.restatements(ledger))
    yield Check(
        "restatements",
        ok=None,
        sentence=f"Settled days that their provider changed later: {changed}.",
    )


def _prices(ledger: Ledger, data_dir: Path) -> Check:
    """Which prices are in use, and whether something keeps better ones from it."""
    problem = fetched_prices(data_dir).problem
    if problem:
        return Check("prices", ok=False, sentence=problem)
    return Check("prices", ok=None, sentence=f"{pricing(ledger, data_dir).edition}.")


def _keyring(vault: KeyringVault) -> Check:
    state = vault.describe()
    return Check("keyring", ok=state.works or None, sentence=state.sentence, remedy=state.remedy)


def _source_check(card: SourceCard) -> Check:
    place = {
        "environment": "its key comes from the environment",
        "keyring": f"its key (…{card.key_tail}) is in the keyring",
        "memory": "its key is in memory",
        "logs": "its logs are read on this machine",
        "file": "it is made of imported files",
        "none": "no key is found for it",
    }[card.key_place]
    if card.failure:
        sentence = f"{card.name}: {place}; the last sync failed: {card.failure}"
        return Check("source", ok=False, sentence=sentence)
    synced = f"last synced {_when(card.last_sync)}" if card.last_sync else "never synced"
    if card.key_place == "file":
        synced = synced.replace("synced", "imported")
    return Check(
        "source",
        ok=card.key_place != "none",
        sentence=f"{card.name} ({card.title}): {place}; {synced}.",
        remedy="" if card.key_place != "none" else "Give its key with `plimsoll source edit`.",
    )


def _desktop_checks(data_dir: Path) -> Iterator[Check]:
    """What the platform tells of the battery, the network and the tray, and the start at login."""
    yield Check("power", ok=None, sentence=desktop.power_sentence(power()))
    if sys.platform == "linux":
        yield Check("network", ok=None, sentence=desktop.network_sentence())
        yield Check("tray", ok=None, sentence=desktop.tray_sentence())
    start = login.look(*login.entry_and_command(data_dir))
    wrong = start.why_not or start.trouble
    yield Check(
        "login",
        ok=False if start.trouble else None,
        sentence=wrong
        or (f"Started at login ({start.where})." if start.is_on else "Not started at login."),
        remedy="Switch it off and on again in the window's settings." if start.trouble else "",
    )


def _schedule_checks(ledger: Ledger, now: datetime) -> Iterator[Check]:
    """When each source is asked next while the window runs, and what it waits for."""
    awake = schedule.Awake(now - timedelta(days=3650))  # as if the window had always been open
    for standing in schedule.standings(ledger):
        turn = schedule.turn_of(standing, now=now, awake=awake)
        yield Check("schedule", ok=None, sentence=desktop.turn_sentence(turn, now))


def _variable_checks(vault: KeyringVault, cards: Iterable[SourceCard]) -> Iterator[Check]:
    """Variables that are set for a source and hold no key."""
    for card in cards:
        try:
            vault.environment_key(card.name)
        except NoKey as problem:
            yield Check("source", ok=False, sentence=problem.sentence, remedy=problem.remedy)


def _log_checks(ledger: Ledger) -> Iterator[Check]:
    """What was passed over in agents' logs, what could not be read, and how growth is noticed."""
    here: list[Watched] = []
    for source in catalog.sources(ledger):
        if source.kind != agents.KIND:
            continue
        read = log_files.files_read(ledger, source.id)
        found = look(source, this_place())
        here.append(seen(source, found))
        yield Check(
            "logs",
            ok=None,
            sentence=f"{source.name}: {read.files} files known, {len(read.problems)} of them not "
            f"readable, {len(found.files)} there now; passed over {read.bad_lines} lines that are "
            f"not JSON and {read.bad_calls} calls with impossible figures.",
        )
        if read.early or read.ahead:
            yield Check(
                "logs",
                ok=None,
                sentence=f"{source.name}: {read.early} calls are dated before 2023 and "
                f"{read.ahead} more than a day from now; each counts on the day that its log says, "
                "and none of them in today or in the first day we have.",
            )
        unreadable = (*found.problems, *read.problems)
        for problem in unreadable[:_SHOWN]:
            yield Check(
                "logs",
                ok=False,
                sentence=f"{source.name}: {problem}.",
                remedy="The rest was read. "
                + (REPORT_IT if BROKE in problem else "Make it readable, then sync again."),
            )
        if len(unreadable) > _SHOWN:
            more = f"{source.name}: {len(unreadable) - _SHOWN} more files could not be read."
            yield Check("logs", ok=False, sentence=more)
    if here:
        yield _watch_check(here)


def _watch_check(here: Sequence[Watched]) -> Check:
    """How growth of logs is noticed while the window is open; nothing is lost either way."""
    why = refusal(here)
    looked = [one.source.name for one in here if why or not one.is_told(MOST_FOLDERS)]
    sentence = "Growing logs are noticed within seconds while the window is open."
    if why:
        sentence = (
            f"The system does not watch the agents' folders ({why}): while the window is open, "
            f"growing logs are noticed every {LOOK_EVERY_S:.0f} seconds. A higher limit "
            "(fs.inotify.max_user_watches, max_user_instances) changes that."
        )
    elif looked:
        sentence += f" Of {', '.join(looked)} some only every {LOOK_EVERY_S:.0f} seconds."
    return Check("watch", ok=None, sentence=sentence)


def _alert_checks(ledger: Ledger, data_dir: Path, vault: KeyringVault) -> Iterator[Check]:
    """Where alerts go besides the desktop, and whether the last one arrived."""
    ways = ways_of(settings.load(data_dir))
    if ways.program:
        yield _way(ledger, Channel.COMMAND, f"Each alert runs {ways.program}")
    if ways.webhook:
        place = {
            "environment": "in the environment",
            "keyring": "in the keyring",
            "memory": "in memory",
            "none": "nowhere to be found",
        }[vault.place(NAME, UID)]
        sentence = f"Each alert is sent to {ways.webhook}; its whole address is {place}"
        yield _way(ledger, Channel.WEBHOOK, sentence, known="nowhere" not in place)


def _way(ledger: Ledger, channel: Channel, sentence: str, *, known: bool = True) -> Check:
    last = deliveries.latest(ledger, channel)
    if last is None or not last.trouble:
        taken = last.delivered_at if last is not None and known else None
        told = f"; the last was taken {_when(taken)}" if taken else ""
        return Check("alerts", ok=known, sentence=f"{sentence}{told}.", remedy=_TEST)
    return Check(
        "alerts",
        ok=False,
        sentence=f"{sentence}; the last did not arrive: {last.trouble}",
        remedy=_TEST,
    )


_TEST = "Try it with `plimsoll alert deliver --test`."


def _file_checks(ledger: Ledger) -> Iterator[Check]:
    """Which files were imported, and the lines of them that still count."""
    for source in catalog.sources(ledger):
        if source.kind == imported.KIND:
            for line in imported.examine(ledger, source):
                yield Check("files", ok=None, sentence=f"{source.name}: {line.what}")


def _work_checks(ledger: Ledger, today: date) -> Iterator[Check]:
    """What could not be counted of the work that tokens were used for."""
    notes = list(not_counted(ledger, today=today))
    for note in notes[:_SHOWN]:
        yield Check("work", ok=None, sentence=note)
    if len(notes) > _SHOWN:
        more = f"{len(notes) - _SHOWN} more are not counted: `plimsoll efficiency work` lists them."
        yield Check("work", ok=None, sentence=more)


def _when(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
