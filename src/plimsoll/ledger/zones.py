"""Local days inside SQL: the offsets of a zone, written as one expression."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.ledger.instants import MS_PER_DAY, MS_PER_HOUR

_DAY_SECONDS = 86_400


def zone_named(name: str) -> tzinfo:
    """A zone by its IANA name; raises `WrongUse` for an unknown one."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUse(
            say("There is no time zone called {name}.", name=name),
            remedy=say("Use a name such as Asia/Shanghai."),
        ) from None


def offsets(zone: tzinfo, first: int, last: int) -> list[tuple[int | None, int]]:
    """A zone's offsets from UTC over the UTC days `first` to `last` (numbers of days): pairs of
    the millisecond at which the offset ends (None for the last one) and the offset in
    milliseconds.
    """
    found: list[tuple[int | None, int]] = []
    at, end = first * _DAY_SECONDS, (last + 1) * _DAY_SECONDS
    offset = _offset(zone, at)
    while at < end:
        after = at + _DAY_SECONDS
        if _offset(zone, after) != offset:
            change = _change(zone, at, after)
            found.append((change * 1000, offset * 1000))
            offset = _offset(zone, after)
        at = after
    found.append((None, offset * 1000))
    return found


def local_day(spans: list[tuple[int | None, int]], start: str) -> str:
    """SQL for the local day's number of the millisecond that the SQL text `start` gives."""
    *changes, (_, last) = spans
    if not changes:
        return f"({start} + {last}) / {MS_PER_DAY}"
    cases = " ".join(f"WHEN {start} < {until} THEN {offset}" for until, offset in changes)
    return f"({start} + CASE {cases} ELSE {last} END) / {MS_PER_DAY}"


def hour_text(hour: int, zone: tzinfo) -> str:
    """The instant at which an hour begins (hours since 1970-01-01 UTC), in a zone's offset."""
    instant = datetime.fromtimestamp(hour * MS_PER_HOUR // 1000, UTC).astimezone(zone)
    text = instant.isoformat()
    return text.replace("+00:00", "Z") if zone is UTC else text


def hour_number(text: str) -> int | None:
    """The hour that an ISO instant begins; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    seconds = (instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    return int(seconds // 3600) if seconds % 3600 == 0 else None


def _offset(zone: tzinfo, second: int) -> int:
    moved = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int((moved or timedelta()).total_seconds())


def _change(zone: tzinfo, low: int, high: int) -> int:
    """The second at which the offset changes, between `low` and `high`."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high
