"""What readers of logs share: parsing that never raises, counters, instants, notes of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson

from plimsoll.domain.calls import MOST_TOKENS, CallClass, Origin, Service
from plimsoll.domain.money import MAX_NANOS, NANO

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NOTHING: Mapping[str, Any] = {}
_FIRST_MILLISECOND = (datetime(2, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST_MILLISECOND = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
"""A year before calendars end: everything up to here has a next day, and a time in every zone."""

_LONGEST_TITLE = 200
_LONGEST_WORD = 1000


class Impossible(Exception):
    """A counter that is no count of tokens."""


class Notes:
    """What is noticed while one file is read, beside its calls."""

    def __init__(self) -> None:
        self.bad_lines = 0
        """Lines that are not JSON."""
        self.bad_calls = 0
        """Calls that were dropped because a counter or a time of theirs cannot be."""
        self.titles: dict[str, str] = {}
        """Titles of sessions, by the session."""
        self.floors: dict[str, int] = {}
        """The lowest ranks that still count, by the session."""
        self._origins: dict[tuple[object, ...], Origin] = {}
        self._services: dict[tuple[object, ...], Service] = {}

    def bad_line(self) -> None:
        """Count a line that is not JSON."""
        self.bad_lines += 1

    def bad_call(self) -> None:
        """Count a call that was dropped."""
        self.bad_calls += 1

    def title(self, session: str, text: object) -> None:
        """Keep the title that the log gives to a session."""
        if isinstance(text, str) and text.strip():
            self.titles[session] = " ".join(text.split())[:_LONGEST_TITLE]

    def outrank(self, session: str, rank: int) -> None:
        """Let this session's calls of a lower rank give way: a better record of them is here."""
        self.floors[session] = max(rank, self.floors.get(session, 0))

    def origin(
        self,
        session: str,
        parent: str | None,
        project: str | None,
        branch: str | None,
        answered: CallClass | None,
    ) -> Origin:
        """The one `Origin` of these."""
        wanted = (session, parent, project, branch, answered)
        known = self._origins.get(wanted)
        if known is None:
            known = self._origins[wanted] = Origin(session, parent, project, branch, answered)
        return known

    def service(
        self,
        provider: str,
        model: str | None,
        tier: str | None = None,
        details: tuple[tuple[str, str], ...] = (),
    ) -> Service:
        """The one `Service` of these."""
        wanted = (provider, model, tier, details)
        known = self._services.get(wanted)
        if known is None:
            known = self._services[wanted] = Service(provider, model, tier, details)
        return known


def parsed(line: bytes) -> Mapping[str, Any] | None:
    """The object of a line; None for what is no JSON object.

    Bytes that are no UTF-8, and halves of characters, are replaced: they are somebody's content.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def count(value: object, most: int = MOST_TOKENS) -> int:
    """A counter of tokens; absent and null are 0. Raises `Impossible` for what is no count."""
    if type(value) is int and 0 <= value <= most:
        return value
    if value is None:
        return 0
    if type(value) is float and value.is_integer() and 0 <= value <= most:
        return int(value)
    raise Impossible(type(value).__name__)


def millis(text: object) -> int | None:
    """An ISO instant as milliseconds since 1970-01-01 UTC (without a zone it is UTC); None for
    anything else, and for what no calendar has a next day of.
    """
    if not isinstance(text, str):
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    number = (instant - _EPOCH) // _MILLISECOND
    return number if _FIRST_MILLISECOND <= number < _LAST_MILLISECOND else None


def from_millis(value: object) -> int | None:
    """A number of milliseconds since 1970-01-01 UTC; None for what no calendar has."""
    if type(value) is int or type(value) is float:
        return round(value) if 0 <= value < _LAST_MILLISECOND else None
    return None


def from_seconds(value: object) -> int | None:
    """A number of seconds since 1970-01-01 UTC, as milliseconds; None for what no calendar has."""
    if type(value) is int or type(value) is float:
        return from_millis(value * 1000)
    return None


def nanos_of_dollars(value: object) -> int | None:
    """What an agent says that a call cost, as nano-dollars; None for nothing and for what is no
    amount. Read by way of its decimal text, rounded half-even.
    """
    if type(value) is not float and type(value) is not int:
        return None
    try:
        nanos = int((Decimal(str(value)) * NANO).to_integral_value(ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError):
        return None
    return nanos if 0 < nanos <= MAX_NANOS else None


def table(value: object) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else _NOTHING


def word(value: object) -> str | None:
    """A name that says something, cut to a length that a name can have; None for anything else."""
    return value[:_LONGEST_WORD] if isinstance(value, str) and value else None
