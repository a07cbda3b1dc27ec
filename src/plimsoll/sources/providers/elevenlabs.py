"""ElevenLabs: credits or cost by day and model, and what is used of the plan's credits.

API facts: the official client (elevenlabs 2.78.0). A workspace is billed in credits or by cost, and
each has a table of its own (`columns`, `column_types`, `column_units`, `rows`): which column is the
amount, and in what currency, is told by `column_units`. Times asked for are milliseconds; days are
UTC. The one that a workspace does not have is refused, and then the other is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import REFUSED, MissingScope, NotOffered
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    Slice,
    UsageRecord,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    calendar_day,
    counter,
    list_of,
    money,
    quantity,
    readable,
    unix_instant,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import slice_of, stretches

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Costs count whole units of the workspace's currency."""

OLDEST = date(2020, 1, 1)
"""The first day that may be asked for."""

DAYS_A_QUESTION = 31

_CURRENCIES = ("usd", "eur", "inr", "pln", "gbp")
_NEEDS = say("Give the key the right to read workspace analytics, in its settings under API Keys.")

Item = UsageRecord | Charge


@dataclass(frozen=True, slots=True)
class _Table:
    """One of the two tables: where it is, what cuts it, and the units that its amount can have."""

    path: str
    groups: tuple[str, ...]
    units: tuple[str, ...]


CREDITS = _Table(
    "/v1/workspace/analytics/query/usage-by-product-over-time",
    ("product_type", "model"),
    ("credits",),
)
COST = _Table("/v1/workspace/analytics/usage", ("product_type", "model"), _CURRENCIES)


@dataclass(slots=True)
class Workspace:
    """One ElevenLabs workspace behind a door; the table that answered last is asked first."""

    _door: Door
    _tables: list[_Table] = field(default_factory=lambda: [CREDITS, COST])

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The usage table."""
        return (Endpoint("usage", say("Usage by product"), OLDEST),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, a month a question, as `base.Account.pull` promises."""
        asked = period.overlap(Period(OLDEST, utc_day(self._door.clock.now())))
        for stretch in stretches(asked, DAYS_A_QUESTION):
            found = self._ask(stretch)
            for day in stretch.days():
                yield slice_of(endpoint, day, found.get(day, ()), frozenset({"model", "line_item"}))

    def _ask(self, days: Period) -> Mapping[date, list[Item]]:
        first, second = self._tables
        try:
            return _read(self._query(first, days), first, days)
        except NotOffered as refusal:
            try:
                found = _read(self._query(second, days), second, days)
            except NotOffered:
                raise refusal from None
            self._tables = [second, first]
            return found

    def _query(self, table: _Table, days: Period) -> Row:
        asked: dict[str, object] = {
            "start_time": _milliseconds(days.first),
            "end_time": _milliseconds(days.last + ONE_DAY),
            "interval_seconds": 86400,
            "group_by": list(table.groups),
        }
        try:
            return self._door.query(table.path, asked)
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=_NEEDS) from None

    def names(self) -> tuple[Name, ...]:
        """Products and models have names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: credits are a part of the plan."""
        return ()

    def quotas(self) -> tuple[QuotaReading, ...]:
        """What is used of the plan's credits; nothing where this key may not read it."""
        try:
            body = self._door.get("/v1/user/subscription")
        except REFUSED:
            return ()
        with answer_of("ElevenLabs", remedy=say("Nothing of the plan was stored.")):
            used, limit = counter(body, "character_count"), counter(body, "character_limit")
            resets = body.get("next_character_count_reset_unix")
            until = (
                None if resets is None else unix_instant(body, "next_character_count_reset_unix")
            )
        if not limit:
            return ()
        return (
            QuotaReading(
                self._door.clock.now(),
                "credits",
                say("billing period"),
                used=Decimal(used),
                limit=Decimal(limit),
                resets_at=until,
            ),
        )

    def organisation(self) -> None:
        """ElevenLabs does not tell whose workspace it is."""

    def test(self) -> tuple[Finding, ...]:
        """Today's usage, and the plan."""
        today = utc_day(self._door.clock.now())
        self._ask(Period(today, today))
        what = "Credits" if self._tables[0] is CREDITS else "Cost"
        return (
            readable(say("{what} by day, product and model", what=what), ok=True),
            readable(
                say("What is used of the plan"),
                ok=bool(self.quotas()),
                remedy=say("Give the key the right to read the user (user_read)."),
                essential=False,
            ),
        )


def _milliseconds(day: date) -> int:
    return int(day_start(day).timestamp()) * 1000


def _read(body: Row, table: _Table, days: Period) -> Mapping[date, list[Item]]:
    """The rows by day."""
    found: dict[date, list[Item]] = {}
    with answer_of("ElevenLabs", remedy=DAYS_STAY) as at:
        columns = _texts(body, "columns")
        units = list_of(body, "column_units")
        kinds = list_of(body, "column_types")
        if not len(columns) == len(units) == len(kinds):
            raise FieldError(
                "columns", say("are not as many as their types and units"), len(columns)
            )
        when = _the_one(columns, [kind == "DateTime" for kind in kinds], "column_types")
        what = _the_one(columns, [unit in table.units for unit in units], "column_units")
        unit = str(units[columns.index(what)])
        for index, raw in enumerate(list_of(body, "rows")):
            at.where = f"rows[{index}]"
            if not isinstance(raw, list) or len(raw) != len(columns):
                raise FieldError("row", say("has not as many cells as there are columns"))
            row = dict(zip(columns, raw, strict=True))
            day = _day(row, when)
            if day not in days:
                raise FieldError(when, say("lies outside the days asked for"), str(day))
            if Decimal(quantity(row, what) or 0):
                found.setdefault(day, []).append(_item(row, what, unit, day))
    return found


def _texts(body: Row, name: str) -> list[str]:
    texts = list_of(body, name)
    if not all(isinstance(text, str) for text in texts) or len(set(texts)) != len(texts):
        raise FieldError(name, say("is not a list of different texts"), texts)
    return texts


def _the_one(columns: Sequence[str], fits: Sequence[bool], name: str) -> str:
    """The only column that fits; a choice among several would be a guess."""
    found = [column for column, fit in zip(columns, fits, strict=True) if fit]
    if len(found) != 1:
        raise FieldError(
            name, say("name {count} columns where one is needed", count=len(found)), columns
        )
    return found[0]


def _day(row: Mapping[str, Any], name: str) -> date:
    value = row.get(name)
    if type(value) is int:
        return utc_day(datetime.fromtimestamp(value // 1000, UTC))
    return calendar_day(row, name)


def _item(row: Mapping[str, Any], what: str, unit: str, day: date) -> Item:
    of = Attribution(model=word(row, "model"), line_item=word(row, "product_type"))
    if unit in _CURRENCIES:
        amount, text = money(row, what, unit.upper(), unit=UNITS)
        return Charge(of, amount, text)
    used = Decimal(quantity(row, what) or 0)
    if used < 0:
        raise FieldError(what, say("is below zero"), row[what])
    return UsageRecord(day_start(day), day_start(day + ONE_DAY), of, units=(("credits", used),))


class ElevenLabs:
    """What can be known of ElevenLabs without asking it."""

    name = "elevenlabs"
    title = "ElevenLabs"
    base_url = "https://api.elevenlabs.io"
    key_shape = KeyShape(
        label=say("ElevenLabs API key"),
        prefixes=("",),
        wrong=not_of("ElevenLabs"),
        needs=say("A key that may read workspace analytics, and the user for the plan's credits."),
        help_url="https://elevenlabs.io/app/settings/api-keys",
    )
    key_header = KeyHeader("xi-api-key")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(units=True, money=True, quota=True, per_model=True)
    revision_days = 2
    about = About(
        figures=say(
            "Credits by UTC day, product and model, or cost where the workspace "
            "is billed by cost, in its own currency. What is used of the plan's "
            "credits."
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Workspace:
        """The workspace behind a door; there is nothing to set."""
        return Workspace(door)


CONNECTOR = ElevenLabs()
