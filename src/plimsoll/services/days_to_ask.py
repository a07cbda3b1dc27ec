"""Days to ask: which days of which endpoint a sync asks for; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from plimsoll.domain.calendar import ONE_DAY, Period, month_of, previous_month
from plimsoll.sources.base import Endpoint


def reachable(since: date | None, endpoint: Endpoint) -> date | None:
    """The day to ask from: no earlier one than the endpoint tells of."""
    return max(since, endpoint.reach) if since and endpoint.reach else since


def within_reach(month: Period, endpoint: Endpoint) -> list[Period]:
    """The part of a month that the endpoint tells of; empty for none."""
    if endpoint.reach is None or endpoint.reach <= month.first:
        return [month]
    return [Period(endpoint.reach, month.last)] if endpoint.reach <= month.last else []


def days_to_ask(
    covered: Sequence[Period],
    not_final: Sequence[date],
    *,
    since: date | None,
    today: date,
    revision_days: int,
) -> list[Period]:
    """The days of one endpoint to ask for: the revision window, the days that were still moving
    when they were fetched, and every hole since the start.

    A new endpoint is asked for the current month; `--since` asks for everything from that day.
    """
    recent = today - timedelta(days=revision_days)
    if since is not None:
        return [Period(min([since, recent, *not_final]), today)]
    if not covered:
        return [Period(min(today.replace(day=1), recent), today)]
    holes = missing(covered, Period(min(covered[0].first, today), today))
    moving = [Period(day, day) for day in not_final if day <= today]
    return joined([*holes, *moving, Period(recent, today)])


def missing(covered: Sequence[Period], period: Period) -> list[Period]:
    """The days of `period` that are in none of the `covered` runs (which are in order)."""
    found, day = [], period.first
    for run in covered:
        if run.last < day:
            continue
        if run.first > period.last:
            break
        if run.first > day:
            found.append(Period(day, run.first - ONE_DAY))
        day = run.last + ONE_DAY
    if day <= period.last:
        found.append(Period(day, period.last))
    return found


def joined(periods: Sequence[Period]) -> list[Period]:
    """Periods in order, those that touch or overlap made one."""
    merged: list[Period] = []
    for period in sorted(periods):
        if merged and period.first <= merged[-1].last + ONE_DAY:
            last = merged.pop()
            merged.append(Period(last.first, max(last.last, period.last)))
        else:
            merged.append(period)
    return merged


def months_back(today: date, oldest: date) -> Iterator[Period]:
    """Whole months from that of `today` back to that of `oldest`."""
    month = month_of(today)
    while month.last >= oldest:
        yield month
        month = previous_month(month.first)


def months_between(earlier: date, later: date) -> int:
    """Whole months from the month of `earlier` to the month of `later`."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month
