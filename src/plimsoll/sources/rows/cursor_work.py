"""The lines that a Cursor team accepted, day by day: the Admin API's daily usage data.

API facts: https://cursor.com/docs/account/teams/admin-api. A row is one member's day, at most
thirty days a question, twenty questions a minute. `acceptedLinesAdded` are lines that were
suggested and accepted; lines that were typed are not among them, and those deleted are not counted.
A day is named in milliseconds, newer answers also name it as text. Pages are not documented: where
an answer says that there are more, they are followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import REFUSED, PageLoop
from plimsoll.domain.said import say
from plimsoll.domain.work import LINES_ACCEPTED, Done, WorkDay
from plimsoll.sources.base import Finding
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    calendar_day,
    counter,
    flag,
    list_of,
    optional_counter,
    readable,
    row_of,
    word,
)
from plimsoll.sources.paging import stretches

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

PATH = "/teams/daily-usage-data"
DAYS_AT_ONCE = 30
MOST_PAGES = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_OFFERED = say("Nothing is missing from the totals: lines are only what money is divided by.")


def accepted_lines(door: Door, period: Period) -> Iterator[WorkDay]:
    """Every day of a period, thirty in one question, as `base.Works` promises."""
    for stretch in stretches(period, DAYS_AT_ONCE):
        lines: dict[date, int] = {}
        for day, count in _rows(door, stretch):
            lines[day] = lines.get(day, 0) + count
        for day in stretch.days():
            told = day in lines
            yield WorkDay(day, (Done(((LINES_ACCEPTED, lines[day]),)),) if told else ())


def lines_finding(door: Door, day: date) -> Finding:
    """A line of *Test*: whether this key may read what was accepted."""
    what = say("Lines that were accepted, day by day")
    try:
        list(_rows(door, Period(day, day)))
    except REFUSED:
        return readable(what, ok=False, remedy=_NOT_OFFERED, essential=False)
    return readable(what, ok=True, essential=False)


def _rows(door: Door, stretch: Period) -> Iterator[tuple[date, int]]:
    """What each member accepted on each day; a member's day that comes twice is refused."""
    seen: set[tuple[date, str]] = set()
    asked: Mapping[str, object] = {
        "startDate": _millis(day_start(stretch.first)),
        "endDate": _millis(day_start(stretch.last + ONE_DAY)) - 1,
    }
    for number in range(1, MOST_PAGES + 1):
        body = door.query(PATH, asked if number == 1 else {**asked, "page": number})
        found: list[tuple[date, int]] = []
        with answer_of("Cursor", remedy=DAYS_STAY) as place:
            for index, raw in enumerate(list_of(body, "data")):
                place.where = f"data[{index}]"
                day, who, count = _row(row_of(raw, "row"), stretch)
                if who and (day, who) in seen:
                    raise FieldError("email", say("comes twice for a day"), who)
                seen.add((day, who))
                found.append((day, count))
            place.where = "pagination"
            pages = row_of(body.get("pagination") or {}, "pagination")
            more = flag(pages, "hasNextPage")
        yield from found
        if not more:
            return
        if not found:
            break
    raise PageLoop(say("Cursor sent pages without an end."), remedy=DAYS_STAY)


def _row(row: Row, stretch: Period) -> tuple[date, str, int]:
    day = _day(row)
    if day not in stretch:
        raise FieldError("date", say("is not one of the days that were asked for"), row.get("date"))
    name = "acceptedLinesAdded"
    idle = flag(row, "isActive") is False and row.get(name) is None
    who = word(row, "email") or str(row.get("userId") or "")
    return day, who, 0 if idle else counter(row, name)


def _day(row: Row) -> date:
    if row.get("day") is not None:
        return calendar_day(row, "day")
    millis = optional_counter(row, "date")
    instant = _EPOCH + timedelta(milliseconds=min(millis or 0, 10**14))
    if millis is None or instant != day_start(utc_day(instant)):
        raise FieldError(
            "date", say("is not the beginning of a day in milliseconds"), row.get("date")
        )
    return utc_day(instant)


def _millis(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
