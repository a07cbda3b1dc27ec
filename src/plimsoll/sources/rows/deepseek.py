"""Days of DeepSeek's exports, which come in two forms.

Until the summer of 2026 a row told its UTC day (`utc_date`, as `20260801` or `2026-08-01`), since
then the span of a day in the account's own zone (`start_time_iso`, `end_time_iso`). Such a day is
kept as DeepSeek cut it, under the date on which it began there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from plimsoll.domain.calendar import ONE_DAY, day_start
from plimsoll.domain.said import say
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import FieldError
from plimsoll.sources.imports import Given


def day_of(cells: Cells, given: Given) -> tuple[date, datetime, datetime]:
    """The day of a row, as DeepSeek cut it, and the span that it is about."""
    if "utc_date" in cells:
        day = cell.day(cells, "utc_date")
        return day, day_start(day), day_start(day + ONE_DAY)
    start, end = cell.instant(cells, "start_time_iso"), cell.instant(cells, "end_time_iso")
    text = cells["start_time_iso"]
    if end - start != timedelta(days=1) or text[11:19] != "00:00:00":
        raise FieldError("start_time_iso", say("does not begin a whole day"), text)
    zone = text[19:]
    if start != day_start(start.date()):
        given.note(say("Days are cut as DeepSeek cut them, at midnight of UTC{zone}.", zone=zone))
    return date.fromisoformat(text[:10]), start, end


def tells_days(header: Iterable[str]) -> bool:
    """Whether a header tells the day in either of the two ways."""
    return "utc_date" in header or {"start_time_iso", "end_time_iso"} <= set(header)
