"""Cursor: what a team's requests used and cost, event by event, with an admin key.

API facts: https://cursor.com/docs/account/teams/admin-api. Amounts are cents, with fractions; what
is owed is `chargedCents` of events that are chargeable, and nothing for the others, which the plan
includes (`totalCents` is what the model cost Cursor). Instants are milliseconds, as text or as
numbers. Events that are not counted by tokens are counted by requests. Data are gathered by the
hour, and a team may ask twenty times a minute. The billing cycle is not the calendar month. Only
teams have this API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.actors import Actors, Who
from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import PageLoop
from plimsoll.domain.money import Money, NotAnAmount, nanos_of, read_amount
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    NameKind,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    flag,
    list_of,
    optional_counter,
    readable,
    required_word,
    row_of,
    surprise,
    word,
)
from plimsoll.sources.paging import stretches
from plimsoll.sources.rows.cursor_work import accepted_lines, lines_finding
from plimsoll.sources.signing.basic import Basic

if TYPE_CHECKING:
    from plimsoll.domain.work import WorkDay
    from plimsoll.sources.http import Door

CENTS = Decimal("0.01")
"""The unit of every amount of events."""

CURRENCY = "USD"

EVENTS_ON_A_PAGE = 1000
MOST_PAGES = 5000
DAYS_AT_ONCE = 30

_LONG_AGO = date(2020, 1, 1)
_NONE = Decimal(0)
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLS_BY = frozenset({"model", "user", "line_item"})


class Event(NamedTuple):
    """One request: `cents` is what the team owes for it, none for what its plan includes."""

    at: datetime
    model: str | None
    user: str | None
    kind: str | None
    tokens: Tokens
    requests: Decimal | None
    """How many requests of the plan it counts for, where it is not counted by tokens."""
    cents: Decimal
    headless: bool | None = None
    """Whether it was run without a window, by a program; None where it is not told."""

    @property
    def asked_by(self) -> Who:
        """Who asked; an editor's own loop looks like its person."""
        if self.headless is None:
            return Who.NOT_TOLD
        return Who.PROGRAM if self.headless else Who.PERSON

    @property
    def origin(self) -> Attribution:
        """Whose it is; the line item is the kind of event, by which Cursor bills."""
        return Attribution(model=self.model, user=self.user, line_item=self.kind)


@dataclass(slots=True)
class _Sum:
    """What the events of one hour and origin come to."""

    tokens: Tokens = field(default_factory=Tokens)
    calls: int = 0
    requests: Decimal = _NONE

    def add(self, event: Event) -> None:
        mine, its = self.tokens, event.tokens
        self.tokens = Tokens(
            input=mine.input + its.input,
            cache_read=mine.cache_read + its.cache_read,
            cache_write_5m=mine.cache_write_5m + its.cache_write_5m,
            output=mine.output + its.output,
        )
        self.calls += 1
        self.requests += event.requests or 0


@dataclass(slots=True)
class Team:
    """One Cursor team behind a door."""

    _door: Door
    _members: tuple[Name, ...] | None = None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The events of usage; how far they reach back is not documented."""
        return (Endpoint("events", say("Usage events")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, thirty in one question, as `base.Account.pull` promises."""
        today = utc_day(self._door.clock.now())
        begun = Period(period.first, min(period.last, today)) if period.first <= today else None
        for stretch in stretches(begun, DAYS_AT_ONCE):
            days: dict[date, list[Event]] = {day: [] for day in stretch.days()}
            for event in self._events(stretch):
                days[utc_day(event.at)].append(event)
            for day, events in days.items():
                yield _slice(endpoint, day, events)

    def _events(self, stretch: Period) -> Iterator[Event]:
        seen = 0
        for number in range(1, MOST_PAGES + 1):
            events, more = _read_page(self._page(stretch, number), stretch, number)
            yield from events
            seen += len(events)
            if not more:
                return
            if not events:
                break
        raise PageLoop(
            say("Cursor sent pages without an end after {seen} events.", seen=seen),
            remedy=DAYS_STAY,
        )

    def _page(self, days: Period, number: int) -> Row:
        asked = {
            "startDate": _millis(day_start(days.first)),
            "endDate": _millis(day_start(days.last + ONE_DAY)) - 1,
            "page": number,
            "pageSize": EVENTS_ON_A_PAGE,
        }
        return self._door.query("/teams/filtered-usage-events", asked)

    def names(self) -> tuple[Name, ...]:
        """The members of the team, by the address that events name them by."""
        if self._members is None:
            self._members = _read_members(self._door.get("/teams/members"))
        return self._members

    def balances(self) -> tuple[BalanceReading, ...]:
        """Cursor bills afterwards."""
        return ()

    def organisation(self) -> None:
        """No answer names the team."""

    def work(self, period: Period) -> Iterator[WorkDay]:
        """The lines that were accepted, as `base.Works` promises."""
        return accepted_lines(self._door, period)

    def test(self) -> tuple[Finding, ...]:
        """The list of members, which only an admin's key may read, the events of today, and the
        lines of yesterday.
        """
        members = self.names()
        today = utc_day(self._door.clock.now())
        _read_page(self._page(Period(today, today), 1), Period(_LONG_AGO, today), 1)
        return (
            readable(say("Usage events (tokens and cost by hour, model and member)"), ok=True),
            readable(
                say("The names of {count} members", count=len(members)), ok=True, essential=False
            ),
            lines_finding(self._door, today - ONE_DAY),
        )


# -- one answer ----------------------------------------------------------------------------------


def _read_page(body: Row, stretch: Period, number: int) -> tuple[list[Event], bool]:
    """The events of one page, and whether there are more pages."""
    where = ""
    events = []
    try:
        for index, raw in enumerate(list_of(body, "usageEvents")):
            where = f"usageEvents[{index}]"
            events.append(_event(row_of(raw, "event"), stretch))
        where = "pagination"
        pages = row_of(body.get("pagination"), "pagination")
        told = optional_counter(pages, "currentPage")
        more = flag(pages, "hasNextPage")
        if told not in (None, number):
            _refuse("currentPage", say("is not the page that was asked for"), told)
        if more is None:
            _refuse("hasNextPage", say("is missing"), None)
    except FieldError as problem:
        raise surprise("Cursor", problem, where=where, remedy=DAYS_STAY) from None
    return events, bool(more)


def _refuse(name: str, problem: str, value: object) -> None:
    raise FieldError(name, problem, value)


def _event(row: Row, stretch: Period) -> Event:
    at = _instant(row)
    if utc_day(at) not in stretch:
        raise FieldError(
            "timestamp", say("is not of the days that were asked for"), row["timestamp"]
        )
    usage = row.get("tokenUsage")
    tokens = Tokens() if usage is None else _tokens(row_of(usage, "tokenUsage"))
    return Event(
        at=at,
        model=word(row, "model"),
        user=word(row, "userEmail"),
        kind=word(row, "kind") or word(row, "kindLabel"),
        tokens=tokens,
        requests=None if tokens.total else _amount(row, "requestsCosts", missing=Decimal(1)),
        cents=_amount(row, "chargedCents") if flag(row, "isChargeable") else _NONE,
        headless=row["isHeadless"] if isinstance(row.get("isHeadless"), bool) else None,
    )


def _instant(row: Row) -> datetime:
    value = row.get("timestamp")
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) == 13):
        raise FieldError("timestamp", say("is not a time in milliseconds"), value)
    return _EPOCH + timedelta(milliseconds=int(text))


def _tokens(usage: Row) -> Tokens:
    """The four classes are told apart; how long a write is kept is not told."""
    read, written = optional_counter(usage, "cacheReadTokens"), "cacheWriteTokens"
    return Tokens(
        input=optional_counter(usage, "inputTokens") or 0,
        cache_read=read or 0,
        cache_write_5m=optional_counter(usage, written) or 0,
        output=optional_counter(usage, "outputTokens") or 0,
    )


def _amount(row: Row, name: str, *, missing: Decimal | None = None) -> Decimal:
    """A figure that must be there, unless it is known what its absence means."""
    value = row.get(name)
    if value is None and missing is not None:
        return missing
    if value is None:
        raise FieldError(name, say("is missing"))
    try:
        amount = read_amount(value)
        nanos_of(amount)
    except NotAnAmount as problem:
        raise FieldError(name, str(problem).partition(":")[0], value) from None
    if amount < 0:
        raise FieldError(name, say("is below zero"), value)
    return amount


def _read_members(body: Row) -> tuple[Name, ...]:
    where = ""
    found = {}
    try:
        for index, raw in enumerate(list_of(body, "teamMembers")):
            where = f"teamMembers[{index}]"
            member = row_of(raw, "member")
            address = required_word(member, "email")
            found[address] = Name(NameKind.USER, address, word(member, "name") or address)
    except FieldError as problem:
        raise surprise("Cursor", problem, where=where, remedy=DAYS_STAY) from None
    return tuple(found.values())


def _slice(endpoint: str, day: date, events: list[Event]) -> Slice:
    """One day: usage by the hour, money by the day, each amount rounded once."""
    hours: dict[tuple[datetime, Attribution], _Sum] = {}
    owed: dict[Attribution, Decimal] = {}
    for event in events:
        hour = event.at.replace(minute=0, second=0, microsecond=0)
        hours.setdefault((hour, event.origin), _Sum()).add(event)
        owed[event.origin] = owed.get(event.origin, _NONE) + event.cents
    return Slice(
        endpoint,
        day,
        records=tuple(
            UsageRecord(
                hour,
                hour + _HOUR,
                origin,
                found.tokens,
                requests=found.calls,
                units=(("plan_requests", found.requests),) if found.requests else (),
            )
            for (hour, origin), found in hours.items()
            if found.tokens.total or found.requests
        ),
        charges=tuple(
            Charge(origin, Money(CURRENCY, nanos_of(cents * CENTS)), f"{cents:f} cents")
            for origin, cents in owed.items()
        ),
        bills_by=_BILLS_BY,
        actors=sum((Actors.of(event.asked_by, event.tokens.total) for event in events), Actors()),
    )


def _millis(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


class Cursor:
    """What can be known of Cursor without asking it."""

    name = "cursor"
    title = "Cursor"
    base_url = "https://api.cursor.com"
    key_shape = KeyShape(
        label=say("Cursor admin key"),
        prefixes=("key_", "crsr_"),
        wrong=(
            ("sk-", say("This is a key of another provider, not of Cursor.")),
            ("github_pat_", say("This is a token of GitHub, not of Cursor.")),
        ),
        needs=say(
            "An admin of a Cursor team makes the key in the dashboard; individual plans have none."
        ),
        help_url="https://cursor.com/dashboard?tab=settings",
    )
    key_header = Basic()
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, money=True, per_model=True, per_user=True, hourly=True)
    revision_days = 2
    """Data are gathered by the hour; no document says when a day is whole."""
    setting_names = ()
    about = About(
        figures=say(
            "Usage event by event, billed in dollars: what is owed beyond the "
            "plan, and what the plan includes at nothing; what ran without a "
            "window, and lines accepted. A team is asked twenty times a minute at most."
        ),
    )

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Team:
        """The team behind a door; there is nothing to set."""
        return Team(door)


CONNECTOR = Cursor()
