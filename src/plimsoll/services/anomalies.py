"""Unusual spend: days that stand out, who is behind them, and who spends for the first time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from plimsoll.analysis.anomaly import QUIET_DAYS, Part, UnusualDay, unusual_days
from plimsoll.domain.calendar import ONE_DAY, Period, spoken
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.said import say, together
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.verdicts import verdicts
from plimsoll.services.part_words import part_words

_HISTORY_DAYS = 210
_PARTS_DAYS = 130
"""Days of a part that are looked at: the sixty that set the bar, and the eight weeks before."""

_LISTED_DAYS = 35
_MEAN_DAYS = 28
_SILENT_DAYS = 30
"""Who spent nothing for so long spends for the first time."""

_OUTER_FIRST = (Dimension.PROJECT, Dimension.MODEL, Dimension.KEY)
_LEAST_PERCENT = 80
"""Of what came on top, in percent: who is named, explains so much of it at least."""

_MOST_PARTS = 24
"""Parts of one dimension that are judged: those that spent most lately."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """An unusual day of one currency; `behind` names what explains most of it, by dimension.

    `expected` is what the user said of it: expected, not expected, or None where nothing yet.
    """

    day: UnusualDay
    currency: str
    behind: tuple[Part, ...] = ()
    expected: bool | None = None

    @property
    def sentence(self) -> str:
        """What is said of it."""
        spent, usual = (shown(nanos, self.currency) for nanos in (self.day.spent, self.day.usual))
        names = together((part_words(*part) for part in self.behind), ", ")
        why = say(": mostly {names}", names=names) if names else ""
        if self.day.part is None:
            return say(
                "{day} cost {spent}, a day usually {usual}{why}.",
                day=spoken(self.day.day),
                spent=spent,
                usual=usual,
                why=why,
            )
        return say(
            "{part} on {day} cost {spent}, usually {usual} a day{why}.",
            part=part_words(*self.day.part, begins=True),
            day=spoken(self.day.day),
            spent=spent,
            usual=usual,
            why=why,
        )


@dataclass(frozen=True, slots=True)
class FirstSpend:
    """A model, project or key that spends after thirty days of silence: since when, and how much
    until now, nano-units.
    """

    part: Part
    day: date
    spent: int


@dataclass(frozen=True, slots=True)
class UnusualSpend:
    """What stood out in one currency in the last five weeks, the newest first, and who is new."""

    currency: str
    days: tuple[Unusual, ...] = ()
    first: tuple[FirstSpend, ...] = ()

    @property
    def first_sentence(self) -> str:
        """Who spends for the first time, in one line; empty where nobody does."""
        if not self.first:
            return ""
        named = [part_words(*one.part) for one in self.first[:3]]
        rest = len(self.first) - len(named)
        listed = together(named, ", ")
        if rest:
            listed = say("{names} and {count} more", names=listed, count=rest)
        total = shown(max(f.spent for f in self.first), self.currency)
        since = spoken(min(f.day for f in self.first))
        return say(
            "New since {since}: {listed}; the largest cost {total} so far.",
            since=since,
            listed=listed,
            total=total,
        )


def unusual_spend(ledger: Ledger, *, currency: str, today: date) -> UnusualSpend:
    """Unusual days of all spend in one currency and of its parts, with what the user said of them;
    and who spends for the first time. A day that is told is followed by a quiet week.
    """
    said = verdicts(ledger, currency=currency)
    period = Period(today - _HISTORY_DAYS * ONE_DAY, today)
    history = answers.daily(ledger, period, currency=currency, today=today).days
    parts = _parts(ledger, currency, today)
    days = {day.day: day for day in history}
    known_from = min((day for day, told in days.items() if told.known), default=today)
    judged = _largest(parts, since=today - _SILENT_DAYS * ONE_DAY)
    expected = {day for day, was_expected in said.items() if was_expected}
    found = unusual_days(history, today=today, parts=judged, expected=expected)
    listed = [
        Unusual(each, currency, _behind(ledger, each, currency), said.get(each.day))
        for each in reversed(found)
        if (today - each.day).days <= _LISTED_DAYS
    ]
    fresh = _first_spend(parts, today=today, known_from=known_from)
    return UnusualSpend(currency, tuple(listed), fresh)


def latest_unusual(spend: UnusualSpend, *, today: date) -> Unusual | None:
    """The unusual day of the last week, as long as nothing was said of it; there is at most one."""
    return next(
        (
            each
            for each in spend.days
            if each.expected is None and (today - each.day.day).days <= QUIET_DAYS
        ),
        None,
    )


def _parts(ledger: Ledger, currency: str, today: date) -> dict[Part, dict[date, int]]:
    """Spend by day of every model, project and key that has a name."""
    period = Period(today - _PARTS_DAYS * ONE_DAY, today)
    parts: dict[Part, dict[date, int]] = defaultdict(dict)
    for dimension in _OUTER_FIRST:
        question = Question(period, by=(Dimension.DAY, dimension))
        for (day, name), nanos in answers.spend_by(ledger, question, currency=currency).items():
            if day is not None and name is not None:
                parts[dimension, name][date.fromisoformat(day)] = nanos
    return parts


def _largest(parts: dict[Part, dict[date, int]], *, since: date) -> dict[Part, dict[date, int]]:
    """The parts that spent most since a day, the outer ones first."""
    recent = {
        part: sum(nanos for day, nanos in spent.items() if day >= since)
        for part, spent in parts.items()
    }
    kept: dict[Part, dict[date, int]] = {}
    for dimension in _OUTER_FIRST:
        own = sorted((p for p in parts if p[0] is dimension), key=lambda p: (-recent[p], p[1]))
        kept |= {part: parts[part] for part in own[:_MOST_PARTS] if recent[part] > 0}
    return kept


def _first_spend(
    parts: dict[Part, dict[date, int]], *, today: date, known_from: date
) -> tuple[FirstSpend, ...]:
    """Who began to spend in the last week, the largest first; of money, not of cents, and only
    where the days of silence before it are known.
    """
    week = today - QUIET_DAYS * ONE_DAY
    if known_from > week - _SILENT_DAYS * ONE_DAY:
        return ()
    found = []
    for part, spent in parts.items():
        recent = {day: nanos for day, nanos in spent.items() if day >= week and nanos > 0}
        first = min(recent, default=None)
        if first is None or sum(recent.values()) < NANO:
            continue
        silent_from = first - _SILENT_DAYS * ONE_DAY
        if not any(silent_from <= day < first and nanos for day, nanos in spent.items()):
            found.append(FirstSpend(part, first, sum(recent.values())))
    found.sort(key=lambda each: (-each.spent, each.part))
    return tuple(found)


def _behind(ledger: Ledger, day: UnusualDay, currency: str) -> tuple[Part, ...]:
    """The model, the project and the key, each where it alone explains four fifths of what the day
    cost above the mean of the four weeks before it; of a part that stands out, within it.
    """
    scope = Scope() if day.part is None else Scope(((day.part[0], (day.part[1],)),))
    before = Period(day.day - _MEAN_DAYS * ONE_DAY, day.day - ONE_DAY)
    named = []
    for dimension in (Dimension.MODEL, Dimension.PROJECT, Dimension.KEY):
        if day.part is not None and dimension is day.part[0]:
            continue
        spent, earlier = (
            answers.spend_by(ledger, Question(period, (dimension,), scope), currency=currency)
            for period in (Period(day.day, day.day), before)
        )
        above = {key: nanos - earlier.get(key, 0) // _MEAN_DAYS for key, nanos in spent.items()}
        excess = day.spent - sum(earlier.values()) // _MEAN_DAYS
        (name,), most = max(above.items(), key=lambda pair: pair[1], default=((None,), 0))
        if name is not None and excess > 0 and most * 100 >= _LEAST_PERCENT * excess:
            named.append((dimension, name))
    return tuple(named)
