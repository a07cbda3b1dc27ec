"""Units of work week by week, as the user, a provider or git counted them, each beside the money
that fits: what was spent for what the user counts, the provider's own estimate of that work or else
what its account spent, and for commits the list price of the agents' tokens in their repositories.

A week of which not every day is known has no count, and one without its money nothing to divide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.domain.calendar import Period, spoken
from plimsoll.domain.question import EVERYTHING, Amounts, Dimension, Question, Row, Scope
from plimsoll.domain.work import COMMITS, NO_REPOSITORY, Cost, Done, Work, WorkDay
from plimsoll.ledger import answers, commits, projects
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.reported_work import work_reported, work_troubles
from plimsoll.services.commits import WORKED_IN_DAYS
from plimsoll.services.own_loop import of_agents
from plimsoll.sources.git import git_program

GIT = "git"
"""The origin of commits that git counted; a source's name otherwise, and nothing by hand."""

_NAMED = 3
"""Folders that are named where many cannot be counted for the same reason."""

Figures = tuple[int | None, ...]
"""Week by week, None where it is not known."""


@dataclass(frozen=True, slots=True)
class WorkByWeek:
    """How many units of a name there were in each week, and the money of one currency that is
    divided by them, in nano-units; `currency` is empty where no money is known at all.
    """

    origin: str
    name: str
    cost: Cost
    counts: Figures
    currency: str = ""
    nanos: Figures = ()

    @property
    def divided(self) -> tuple[tuple[int, int], ...]:
        """The money and the units of each week; nothing by nothing where one is not known."""
        if not self.currency:
            return ((0, 0),) * len(self.counts)
        pairs = zip(self.nanos, self.counts, strict=True)
        return tuple((n, c) if n is not None and c is not None else (0, 0) for n, c in pairs)


@dataclass(frozen=True, slots=True)
class WorkReported:
    """What providers and git counted in some whole weeks, and why they did not count everything."""

    weeks: tuple[Period, ...]
    lines: tuple[WorkByWeek, ...]
    notes: tuple[str, ...] = ()


def work_listed(ledger: Ledger, *, today: date) -> WorkReported:
    """What is reported of the weeks that a week's efficiency looks at."""
    weeks = whole_weeks(today)
    lines = tuple(reported(ledger, weeks, today=today))
    return WorkReported(weeks, lines, tuple(not_counted(ledger, today=today)))


def reported(ledger: Ledger, weeks: Sequence[Period], *, today: date) -> Iterable[WorkByWeek]:
    """What providers and git counted in some weeks, which follow each other."""
    whole = Period(weeks[0].first, weeks[-1].last)
    for origin, days in work_reported(ledger, whole).items():
        for is_plan in (False, True):
            yield from _of_account(ledger, origin, days, weeks, is_plan=is_plan, today=today)
    yield from _of_git(ledger, weeks, today=today)


def entered(work: Iterable[Work], weeks: Sequence[Period]) -> Mapping[str, tuple[int, ...]]:
    """How many units the user entered for each week, by their name; names without any are left
    out.
    """
    found: dict[str, list[int]] = {}
    for entry in work:
        for place, week in enumerate(weeks):
            if entry.day in week:
                found.setdefault(entry.name, [0] * len(weeks))[place] += entry.count
    return {name: tuple(counts) for name, counts in sorted(found.items())}


# --- providers ----------------------------------------------------------------------------------


def _of_account(
    ledger: Ledger,
    origin: str,
    days: Mapping[date, WorkDay],
    weeks: Sequence[Period],
    *,
    is_plan: bool,
    today: date,
) -> Iterable[WorkByWeek]:
    """What one account reported of work that a flat plan covers, or of all other."""
    mine = {day: _part(told, is_plan=is_plan) for day, told in days.items()}
    parts = [part for part in mine.values() if part is not None]
    names = sorted({name for part in parts for name, _ in part.counts})
    currencies = sorted({part.cost.currency for part in parts if part.cost is not None})
    if currencies:
        money = {c: tuple(_estimated(mine, week, c) for week in weeks) for c in currencies}
    else:
        money = {} if is_plan else _spent(ledger, origin, weeks, today)
    cost = Cost.PLAN if is_plan else Cost.ESTIMATED if currencies else Cost.SOURCE
    for name in names:
        counts = tuple(_counted(mine, week, name) for week in weeks)
        for currency, nanos in money.items() or [("", ())]:
            yield WorkByWeek(origin, name, cost, counts, currency, nanos)


def _part(told: WorkDay, *, is_plan: bool) -> Done | None:
    return next((part for part in told.parts if part.is_plan is is_plan), None)


def _counted(days: Mapping[date, Done | None], week: Period, name: str) -> int | None:
    if any(day not in days for day in week.days()):
        return None
    return sum(dict(part.counts).get(name, 0) for day in week.days() if (part := days[day]))


def _estimated(days: Mapping[date, Done | None], week: Period, currency: str) -> int | None:
    """What a week's work is estimated to have cost; not known where one day's cost is not told."""
    if any(day not in days for day in week.days()):
        return None
    costs = [part.cost for day in week.days() if (part := days[day])]
    if any(cost is None for cost in costs):
        return None
    return sum(cost.nanos for cost in costs if cost is not None and cost.currency == currency)


def _spent(ledger: Ledger, origin: str, weeks: Sequence[Period], today: date) -> dict[str, Figures]:
    """What a source spent, by currency; a week with a gap, or without any money, is not known."""
    scope = Scope(((Dimension.SOURCE, (origin,)),))
    found: dict[str, list[int | None]] = {}
    for place, week in enumerate(weeks):
        table = answers.answer(ledger, Question(week, (), scope), today=today)
        for amounts in table.total.amounts if not table.gaps else ():
            if amounts.spent:
                found.setdefault(amounts.currency, [None] * len(weeks))[place] = amounts.spent
    return {currency: tuple(nanos) for currency, nanos in sorted(found.items())}


# --- git ----------------------------------------------------------------------------------------


def _of_git(ledger: Ledger, weeks: Sequence[Period], *, today: date) -> Iterable[WorkByWeek]:
    """Commits of the repositories that agents worked in, beside the list price of the agents'
    tokens in exactly those; one with tokens without a price is left out of its week.
    """
    counts: list[int | None] = []
    found: dict[str, list[int | None]] = {}
    for place, week in enumerate(_git_weeks(ledger, weeks, today=today)):
        inside = {path for paths in week.homes.values() for path in paths}
        counts.append(commits.commits_in(ledger, week.period, inside) if inside else None)
        rows = [row for row in week.rows if row.key[1] in week.homes]
        for currency, amounts in _by_currency(rows).items():
            if amounts.worth:
                found.setdefault(currency, [None] * len(weeks))[place] = amounts.worth
    if any(count is not None for count in counts):
        for currency, worth in sorted(found.items()) or [("", [])]:
            yield WorkByWeek(GIT, COMMITS, Cost.WORTH, tuple(counts), currency, tuple(worth))


def projects_of_git(
    ledger: Ledger, weeks: Sequence[Period], *, today: date
) -> dict[tuple[str, str], CommitsPart]:
    """The same project by project, for each source whose agent worked there."""
    found: dict[tuple[str, str], CommitsPart] = {}
    for place, week in enumerate(_git_weeks(ledger, weeks, today=today)):
        counts = {
            name: commits.commits_in(ledger, week.period, paths)
            for name, paths in week.homes.items()
        }
        for row in week.rows:
            source, project = row.key
            if source is None or project is None or project not in counts:
                continue
            part = found.setdefault((source, project), CommitsPart())
            part.latest = _by_currency([row])
            for currency, amounts in part.latest.items():
                known = part.weeks.setdefault(currency, [(0, 0)] * len(weeks))
                known[place] = amounts.worth, counts[project]
    return found


@dataclass(slots=True)
class CommitsPart:
    """One project of a source: by currency, week by week, the list price of its tokens and its
    commits; and its amounts in the last of the weeks in which it had any.
    """

    weeks: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    latest: dict[str, Amounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _GitWeek:
    """One week: the repositories of each project whose commits and prices are known, and what
    agents used, by source and project.
    """

    period: Period
    homes: Mapping[str, frozenset[str]]
    rows: tuple[Row, ...]


def _git_weeks(ledger: Ledger, weeks: Sequence[Period], *, today: date) -> Iterable[_GitWeek]:
    known = commits.known_repositories(ledger)
    homes = _repositories(ledger)
    scope = of_agents(ledger, EVERYTHING)
    if scope is None or not known:
        return
    for week in weeks:
        asked = Question(week, (Dimension.SOURCE, Dimension.PROJECT), scope)
        rows = answers.answer(ledger, asked, today=today).rows
        without_price = {row.key[1] for row in rows if row.not_priced_tokens}
        taken = {
            name: paths
            for name, paths in homes.items()
            if name not in without_price
            and all(path in known and known[path].knows(week) for path in paths)
        }
        yield _GitWeek(week, taken, tuple(rows))


def _repositories(ledger: Ledger) -> dict[str, frozenset[str]]:
    """The repositories behind each name of an agents' project, as far as the disk told them."""
    told = projects.told(ledger)
    found: dict[str, set[str]] = {}
    for (_, path), name in projects.names(ledger).items():
        if (repository := told.get(path)) is not None:
            found.setdefault(name, set()).add(repository)
    return {name: frozenset(paths) for name, paths in found.items()}


def _by_currency(rows: Iterable[Row]) -> dict[str, Amounts]:
    """What some rows come to in each currency."""
    found: dict[str, Amounts] = {}
    for row in rows:
        for money in row.amounts:
            before = found.get(money.currency, Amounts(money.currency))
            found[money.currency] = before + money
    return found


# --- what is not counted ------------------------------------------------------------------------


def not_counted(ledger: Ledger, *, today: date) -> Iterable[str]:
    """What could not be counted when it was asked for last, and why."""
    for trouble in work_troubles(ledger):
        day = spoken(trouble.asked_on)
        yield f"{trouble.source} did not tell on {day} what was done. {trouble.sentence}"
    folders = commits.worked_in(ledger, since=today - timedelta(days=WORKED_IN_DAYS))
    known = commits.known_repositories(ledger)
    if folders and git_program() is None:
        yield "There is no git on this machine: commits are not counted."
        return
    places: dict[str, list[str]] = {}
    for path in folders:
        why = known[path].trouble if path in known else ""
        if why not in {"", NO_REPOSITORY}:
            places.setdefault(why, []).append(path)
    for why, paths in places.items():
        yield f"Commits in {_listed(paths)} are not counted: {why}."


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - _NAMED
    shown = ", ".join(paths[:_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
