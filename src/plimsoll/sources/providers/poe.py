"""Poe: what each call cost, in points and in dollars, by day and bot, for the last 30 days.

API facts: https://creator.poe.com/docs/resources/usage-api. The history lists calls one by one, the
newest first, with `creation_time` in microseconds; `cost_usd` is in dollars, number or text, and
may be missing, which is unknown and not zero. The balance is in points, which are no currency.
Points that a subscription includes are told with the same dollars, and cost nothing on top: which
kind an account uses is in no answer, so that it must be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import PageLoop
from plimsoll.domain.money import Money, decimal_text
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    Slice,
    UsageRecord,
)
from plimsoll.sources.about import About, Option, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    counter,
    flag,
    list_of,
    maybe_nanos,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count dollars."""

CURRENCY = "USD"
WHOLE_DAYS = 29
"""Days before today that are told from their first instant on: the history reaches back 30 times 24
hours, so that the thirtieth day has lost its beginning."""

ON_A_PAGE = 100
MOST_PAGES = 3000
"""Calls of 30 days that are read, in pages."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OLDEST, NEWEST = 1262304000 * 10**6, 4102444800 * 10**6
"""Microseconds accepted: the years 2010 to 2099."""

POINTS = Setting(
    name="points",
    title="Points",
    sentence=say(
        "whether its points are bought, or included in a subscription, whose "
        "calls then cost nothing on top."
    ),
    choices=(
        Option("bought", say("bought: each call is owed")),
        Option("plan", say("a subscription's")),
    ),
    required=True,
)

_NEXT_DAY = timedelta(hours=24)


class Call(NamedTuple):
    """One call; `nanos` are nano-dollars, None where Poe does not tell them."""

    id: str
    at: datetime
    bot: str | None
    kind: str | None
    points: int
    nanos: int | None


@dataclass(slots=True)
class History:
    """One Poe account behind a door; calls that were read are not asked for again."""

    _door: Door
    _is_plan: bool
    _calls: list[Call] = field(default_factory=list)
    _is_all: bool = False

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The history of points."""
        return (Endpoint("points", say("History of points"), self._told().first),)

    def _told(self) -> Period:
        today = utc_day(self._door.clock.now())
        return Period(today - timedelta(days=WHOLE_DAYS), today)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Whole days of the last 30, as `base.Account.pull` promises."""
        asked = period.overlap(self._told())
        if asked is None:
            return
        self._read_back_to(day_start(asked.first))
        days: dict[date, list[Call]] = {day: [] for day in asked.days()}
        for call in self._calls:
            days.get(utc_day(call.at), []).append(call)
        for day, calls in days.items():
            yield _slice(endpoint, day, calls, is_plan=self._is_plan)

    def _read_back_to(self, start: datetime) -> None:
        """Read pages until one holds a call before `start`, or there is no more."""
        pages = 0
        while not (self._is_all or (self._calls and self._calls[-1].at < start)):
            pages += 1
            if pages > MOST_PAGES:
                raise PageLoop(say("Poe's history does not end."), remedy=DAYS_STAY)
            self._read_page()

    def _read_page(self) -> None:
        params = [("limit", str(ON_A_PAGE))]
        if self._calls:
            params.append(("starting_after", self._calls[-1].id))
        page, more = self._checked(self._door.get("/usage/points_history", params))
        known = {call.id for call in self._calls[-ON_A_PAGE:]}
        if more and (not page or any(call.id in known for call in page)):
            raise PageLoop(say("Poe sent a page of its history again."), remedy=DAYS_STAY)
        self._calls += page
        self._is_all = not more

    def _checked(self, body: Row) -> tuple[list[Call], bool]:
        page: list[Call] = []
        newest = self._calls[-1].at if self._calls else self._door.clock.now() + _NEXT_DAY
        with answer_of("Poe", remedy=DAYS_STAY) as at:
            more = flag(body, "has_more")
            if more is None:
                raise FieldError("has_more", say("is missing"))
            for index, raw in enumerate(list_of(body, "data")):
                at.where = f"data[{index}]"
                call = _read_call(row_of(raw, "call"))
                if call.at > newest:
                    raise FieldError("creation_time", say("is out of order, or lies in the future"))
                newest = call.at
                page.append(call)
        return page, more

    def names(self) -> tuple[Name, ...]:
        """Bots have names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: what is left is in points, which are no currency."""
        return ()

    def organisation(self) -> None:
        """Poe does not tell whose account it is."""

    def test(self) -> tuple[Finding, ...]:
        """The points that are left, and the newest calls."""
        body = self._door.get("/usage/current_balance")
        with answer_of("Poe", remedy=DAYS_STAY):
            points = counter(body, "current_point_balance")
        self._checked(self._door.get("/usage/points_history", (("limit", "1"),)))
        return (
            Finding(True, say("The history of points (calls and dollars by bot) can be read.")),
            Finding(True, say("{points:,} points are left.", points=points), essential=False),
        )


def _read_call(row: Row) -> Call:
    points = row.get("cost_points")
    if type(points) is not int:
        raise FieldError("cost_points", say("is not a whole number"), points)
    return Call(
        id=required_word(row, "query_id"),
        at=_microseconds(row, "creation_time"),
        bot=word(row, "bot_name"),
        kind=word(row, "usage_type"),
        points=points,
        nanos=maybe_nanos(row, "cost_usd", unit=UNITS),
    )


def _microseconds(row: Row, name: str) -> datetime:
    value = row.get(name)
    if type(value) is not int or not OLDEST <= value < NEWEST:
        raise FieldError(name, say("is not a time in microseconds"), value)
    return EPOCH + timedelta(microseconds=value)


def _slice(endpoint: str, day: date, calls: list[Call], *, is_plan: bool) -> Slice:
    groups: dict[tuple[str | None, str | None, bool], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.bot, call.kind, call.nanos is not None), []).append(call)
    return Slice(
        endpoint,
        day,
        records=tuple(_record(day, group) for group in groups.values()),
        charges=tuple(
            _charge(group, is_plan=is_plan)
            for group in groups.values()
            if group[0].nanos is not None
        ),
        bills_by=frozenset({"model", "line_item"}),
    )


def _record(day: date, group: list[Call]) -> UsageRecord:
    """Calls of one bot and kind; points that were given back leave none."""
    points = sum(call.points for call in group)
    return UsageRecord(
        day_start(day),
        day_start(day + ONE_DAY),
        _of(group),
        requests=len(group),
        units=(("points", Decimal(points)),) if points > 0 else (),
        billed_elsewhere=group[0].nanos is None,
    )


def _charge(group: list[Call], *, is_plan: bool) -> Charge:
    """What calls of one bot and kind cost: nothing where a subscription includes them."""
    nanos = sum(call.nanos or 0 for call in group)
    told = decimal_text(nanos)
    if is_plan:
        return Charge(_of(group), Money(CURRENCY, 0), "0", (("included_usd", told),))
    return Charge(_of(group), Money(CURRENCY, nanos), told)


def _of(group: list[Call]) -> Attribution:
    return Attribution(model=group[0].bot, line_item=group[0].kind)


class Poe:
    """What can be known of Poe without asking it."""

    name = "poe"
    title = "Poe"
    base_url = "https://api.poe.com"
    key_shape = KeyShape(
        label=say("Poe API key"),
        prefixes=("sk-poe-", ""),
        wrong=not_of("Poe", own=("sk-poe-",)),
        needs=say(
            "The API key of the account, which starts with sk-poe-; older ones "
            "have no such beginning."
        ),
        help_url="https://poe.com/api/keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(units=True, money=True, per_model=True)
    revision_days = 1
    """A call near midnight may be written down later."""
    about = About(
        settings=(POINTS,),
        figures=say(
            "Points, calls and dollars by day and bot, of the last 30 days; "
            "older ones only where they were kept."
        ),
    )
    setting_names = about.setting_names

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one."""
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> History:
        """The account behind a door, whose calls are owed unless its points are a plan's."""
        return History(door, settings.get(POINTS.name) == "plan")


CONNECTOR = Poe()
