"""Unusual spend: the day that stands out, if one did in the last week, and who is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plimsoll.analysis.anomaly import QUIET_DAYS, UnusualDay, unusual_days
from plimsoll.domain.calendar import ONE_DAY, Period, spoken
from plimsoll.domain.money import shown
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger

_HISTORY_DAYS = 210
_MEAN_DAYS = 28
_BEHIND = (Dimension.MODEL, Dimension.PROJECT, Dimension.KEY)
_LEAST_PERCENT = 80
"""Of what came on top, in percent: who is named, explains so much of it at least."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """An unusual day of one currency; `behind` names what explains most of it, by dimension."""

    day: UnusualDay
    currency: str
    behind: tuple[tuple[Dimension, str], ...] = ()

    @property
    def sentence(self) -> str:
        """What the first screen says of it."""
        spent, usual = (shown(nanos, self.currency) for nanos in (self.day.spent, self.day.usual))
        names = ", ".join(f"{dimension} {name}" for dimension, name in self.behind)
        why = f": mostly {names}" if names else ""
        return f"{spoken(self.day.day)} cost {spent}, a day usually {usual}{why}."


def latest_unusual(ledger: Ledger, *, currency: str, today: date) -> Unusual | None:
    """The unusual day of the last week, all spend in one currency together; there is at most one,
    because it is followed by a quiet week.
    """
    history = answers.daily(
        ledger, Period(today - _HISTORY_DAYS * ONE_DAY, today), currency=currency, today=today
    )
    found = unusual_days(history.days, today=today)
    if not found or (today - found[-1].day).days > QUIET_DAYS:
        return None
    return Unusual(found[-1], currency, _behind(ledger, found[-1], currency))


def _behind(ledger: Ledger, day: UnusualDay, currency: str) -> tuple[tuple[Dimension, str], ...]:
    """The model, the project and the key, each where it alone explains four fifths of what the day
    cost above the mean of the four weeks before it.
    """
    before = Period(day.day - _MEAN_DAYS * ONE_DAY, day.day - ONE_DAY)
    named = []
    for dimension in _BEHIND:
        spent, earlier = (
            answers.spend_by(ledger, Question(period, by=(dimension,)), currency=currency)
            for period in (Period(day.day, day.day), before)
        )
        above = {key: nanos - earlier.get(key, 0) // _MEAN_DAYS for key, nanos in spent.items()}
        excess = day.spent - sum(earlier.values()) // _MEAN_DAYS
        (name,), most = max(above.items(), key=lambda pair: pair[1], default=((None,), 0))
        if name is not None and excess > 0 and most * 100 >= _LEAST_PERCENT * excess:
            named.append((dimension, name))
    return tuple(named)
