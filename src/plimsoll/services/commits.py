"""Commits: git is asked, now and then, what the user committed where agents have worked.

A repository is asked at most once an hour, one that did not answer at most once a day, and each
for so long only. What cannot be asked fails no sync: its commits stay unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import LedgerProblem
from plimsoll.domain.work import SILENT
from plimsoll.ledger import commits
from plimsoll.ledger.database import Ledger

WORKED_IN_DAYS = 70
"""A repository is asked as long as agents have made calls in it within so many days."""

_RHYTHM = timedelta(hours=1)
_RHYTHM_OF_SILENCE = timedelta(days=1)
_MOST_SILENT = 2
"""How many repositories are waited for in vain; the rest is asked about the next time."""


def count_commits(ledger: Ledger, *, now: datetime, cancelled: Callable[[], bool]) -> None:
    """Ask about every repository that is due."""
    with suppress(LedgerProblem):  # the next sync tries again
        due = _due(ledger, now)
        if due:
            _ask(ledger, due, now, cancelled)


def _due(ledger: Ledger, now: datetime) -> list[str]:
    """The repositories to ask about, those that were asked longest ago first."""
    known = commits.known_repositories(ledger)
    since = utc_day(now) - timedelta(days=WORKED_IN_DAYS)
    found: list[tuple[datetime | None, str]] = []
    for path in commits.worked_in(ledger, since=since):
        last = known.get(path)
        if last is None:
            found.append((None, path))
            continue
        rhythm = _RHYTHM_OF_SILENCE if last.trouble == SILENT else _RHYTHM
        if not last.asked_at <= now < last.asked_at + rhythm:
            found.append((last.asked_at, path))
    found.sort(key=lambda one: (one[0] is not None, one))
    return [path for _, path in found]


def _ask(ledger: Ledger, due: list[str], now: datetime, cancelled: Callable[[], bool]) -> None:
    from plimsoll.analysis.efficiency import whole_weeks
    from plimsoll.sources import git

    program = git.git_program()
    if program is None:
        return
    period = Period(whole_weeks(utc_day(now))[0].first, utc_day(now))
    silent = 0
    for path in due:
        if cancelled():
            return
        look = git.own_commits(program, path, period, cancelled=cancelled)
        if look is None:
            return
        if look.trouble:
            commits.note_repository(ledger, path, trouble=look.trouble, asked_at=now)
        else:
            commits.save_commits(ledger, path, period=period, commits=look.commits, asked_at=now)
        silent += look.trouble == SILENT
        if silent == _MOST_SILENT:
            return
