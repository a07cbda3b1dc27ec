"""Outlook: how far the forecast can be trusted here, how fast consumption doubles, and the days
ahead one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from plimsoll.analysis.network import Table as ForecastTable
from plimsoll.analysis.outlook import DayAhead, Doubling, days_ahead, doubling
from plimsoll.analysis.track_record import TrackRecord, track_record
from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.money import NANO
from plimsoll.domain.question import EVERYTHING, DaySpend, Dimension, Question, Scope
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger

_RECORD_DAYS = 480
"""Nine months that can be judged, the first of them with a whole history before it."""

_GROWTH_DAYS = 16 * 7


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands beside the forecast of one currency. `record` is None before three months can be
    judged, `doubling` where spend does not measurably grow; `days` are the next ninety, if asked.
    """

    currency: str
    record: TrackRecord | None
    doubling: Doubling | None
    days: tuple[DayAhead, ...] = ()


def outlook_of(
    ledger: Ledger,
    *,
    currency: str,
    now: datetime,
    table: ForecastTable,
    scope: Scope = EVERYTHING,
    daily: bool = False,
) -> Outlook:
    """The outlook of one currency within a scope, on provider days (UTC)."""
    today = utc_day(now)
    period = Period(today - timedelta(days=_RECORD_DAYS), today)
    days = answers.daily(ledger, period, currency=currency, scope=scope, today=today).days
    return Outlook(
        currency=currency,
        record=_record(days[:-1], today, table),
        doubling=doubling([day.spent / NANO for day in _whole(days[-_GROWTH_DAYS - 1 : -1])]),
        days=days_ahead(days, today=today, table=table) if daily else (),
    )


@lru_cache(maxsize=16)
def _record(days: tuple[DaySpend, ...], today: date, table: ForecastTable) -> TrackRecord | None:
    """The back-test, once a day and after a sync that changed a day before today."""
    known = next((place for place, day in enumerate(days) if day.known), len(days))
    return track_record(days[known:], today=today, table=table)


def _whole(days: Sequence[DaySpend]) -> list[DaySpend]:
    """Days that are known and over."""
    return [day for day in days if day.known and day.elapsed >= 1.0]


def tokens_doubling(ledger: Ledger, *, now: datetime, scope: Scope = EVERYTHING) -> Doubling | None:
    """How fast tokens double, over the last sixteen weeks; None where they do not measurably."""
    today = utc_day(now)
    period = Period(today - timedelta(days=_GROWTH_DAYS), today - ONE_DAY)
    table = answers.answer(ledger, Question(period, (Dimension.DAY,), scope), today=today)
    counts = {row.key[0]: row.tokens.total for row in table.rows}
    missing = {day for gap in table.gaps for day in gap.period.days()}
    days = [day for day in period.days() if day not in missing or day.isoformat() in counts]
    return doubling([float(counts.get(day.isoformat(), 0)) for day in days])
