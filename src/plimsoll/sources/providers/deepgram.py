"""Deepgram: billed cost by day, project, key and line item, and usage by day and model.

API facts: the official client (deepgram-sdk 7.17.0), `manage.v1.projects`. Amounts are dollars as
numbers. Ranges are days, both included; rows of a range may span more than a day, and then each day
is asked for by itself. A line item like `streaming::nova-3` has the model behind its colons. Audio
is told in hours. Balances are in dollars or in hours of audio, of which only the dollars are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import REFUSED, KnownError, MissingScope
from plimsoll.domain.money import Money
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
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    counter,
    list_of,
    money,
    quantity,
    readable,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import slice_of, until_today

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count dollars."""

CURRENCY = "USD"
SECONDS = 3600
"""In one of the hours that audio is told in."""

_BILLING = say("Give the key the right billing:read, in the console under API Keys.")
_USAGE = say("Give the key the right usage:read, in the console under API Keys.")

Item = UsageRecord | Charge


@dataclass(frozen=True, slots=True)
class _Report:
    """One of the two breakdowns: how it is asked, and what a row of it becomes."""

    path: str
    grouping: tuple[str, ...]
    needs: str
    read: Callable[[Row, Row, date, str], Item | None]


@dataclass(slots=True)
class Projects:
    """All projects that a Deepgram key may see, behind a door."""

    _door: Door
    _names: dict[str, str] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The bill, and the usage."""
        return (
            Endpoint("billing", say("Billing breakdown")),
            Endpoint("usage", say("Usage breakdown")),
        )

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, of all projects, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        if asked is None:
            return
        found: dict[date, list[Item]] = {day: [] for day in asked.days()}
        for project in self._projects():
            for day, item in self._breakdown(_REPORTS[endpoint], project, asked):
                found[day].append(item)
        cut = frozenset({"model", "line_item", "project", "key"})
        for day, items in found.items():
            yield slice_of(endpoint, day, items, cut)

    def _projects(self) -> tuple[str, ...]:
        if not self._names:
            body = self._door.get("/projects")
            with answer_of("Deepgram", remedy=DAYS_STAY) as at:
                for index, raw in enumerate(list_of(body, "projects")):
                    at.where = f"projects[{index}]"
                    project = row_of(raw, "project")
                    identity = required_word(project, "project_id")
                    self._names[identity] = word(project, "name") or identity
        return tuple(self._names)

    def _breakdown(self, report: _Report, project: str, days: Period) -> list[tuple[date, Item]]:
        """What a project's report says of days; day by day where its rows are longer than one."""
        body = self._ask(report, project, days)
        if len(days) > 1 and not _tells_days(body):
            each = (Period(day, day) for day in days.days())
            return [pair for day in each for pair in self._breakdown(report, project, day)]
        return list(_read(body, report, project, days))

    def _ask(self, report: _Report, project: str, days: Period) -> Row:
        span = (("start", days.first.isoformat()), ("end", days.last.isoformat()))
        groups = tuple(("grouping", name) for name in report.grouping)
        try:
            return self._door.get(f"{_home(project)}/{report.path}", (*span, *groups))
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=report.needs) from None

    def names(self) -> tuple[Name, ...]:
        """Projects and keys; a refused list of keys is left out."""
        projects = self._projects()
        keys = [key for project in projects for key in self._keys(project)]
        return (*(Name(NameKind.PROJECT, id_, name) for id_, name in self._names.items()), *keys)

    def _keys(self, project: str) -> Iterator[Name]:
        try:
            body = self._door.get(f"{_home(project)}/keys")
        except REFUSED:
            return
        with answer_of("Deepgram", remedy=DAYS_STAY) as at:
            for index, raw in enumerate(list_of(body, "api_keys")):
                at.where = f"api_keys[{index}]"
                key = row_of(row_of(raw, "entry").get("api_key"), "api_key")
                identity = required_word(key, "api_key_id")
                yield Name(NameKind.KEY, identity, word(key, "comment") or identity)

    def balances(self) -> tuple[BalanceReading, ...]:
        """What is left in dollars, of all projects; nothing where this key may not read it."""
        found: list[Money] = []
        for project in self._projects():
            try:
                body = self._door.get(f"{_home(project)}/balances")
            except REFUSED:
                return ()
            found += _dollars_in(body)
        if not found:
            return ()
        left = Money(CURRENCY, sum(amount.nanos for amount in found))
        return (BalanceReading(self._door.clock.now(), left),)

    def organisation(self) -> None:
        """A key may see several projects; whose they are, is not told."""

    def test(self) -> tuple[Finding, ...]:
        """Whether bill and usage of the first project can be read today, and the balances."""
        projects = self._projects()
        today = utc_day(self._door.clock.now())
        refusals: dict[str, KnownError] = {}
        for name, report in _REPORTS.items():
            try:
                for project in projects[:1]:
                    self._ask(report, project, Period(today, today))
            except REFUSED as refusal:
                refusals[name] = refusal
        if len(refusals) == len(_REPORTS):
            raise refusals["billing"]
        return (
            readable(say("Billed cost"), ok="billing" not in refusals, remedy=_BILLING),
            readable("Usage", ok="usage" not in refusals, remedy=_USAGE),
            readable(
                say("The balance in USD"),
                ok=bool(self.balances()),
                remedy=_BILLING,
                essential=False,
            ),
        )


def _home(project: str) -> str:
    return f"/projects/{quote(project, safe='')}"


def _tells_days(body: Row) -> bool:
    """Whether a range's rows are cut by day, as the answer itself says."""
    resolution = body.get("resolution")
    return (
        isinstance(resolution, dict)
        and str(resolution.get("units")).rstrip("s") == "day"
        and resolution.get("amount") == 1
    )


def _read(body: Row, report: _Report, project: str, days: Period) -> Iterator[tuple[date, Item]]:
    with answer_of("Deepgram", remedy=DAYS_STAY) as at:
        for index, raw in enumerate(list_of(body, "results")):
            at.where = f"results[{index}]"
            row = row_of(raw, "row")
            group = row_of(row.get("grouping"), "grouping")
            day = _day(group, days)
            item = report.read(row, group, day, project)
            if item is not None:
                yield day, item


def _day(group: Row, days: Period) -> date:
    """The day of a row: its start, which may have a time behind it; the one asked for without."""
    text = group.get("start")
    if text is None and len(days) == 1:
        return days.first
    try:
        day = date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is None:
        raise FieldError("start", say("is not a day"), text)
    if day not in days:
        raise FieldError("start", say("lies outside the days asked for"), text)
    return day


def _charge(row: Row, group: Row, _day: date, project: str) -> Charge:
    amount, text = money(row, "dollars", CURRENCY, unit=UNITS)
    item = word(group, "line_item")
    model = item.rpartition("::")[2] if item and "::" in item else None
    key = word(group, "accessor")
    return Charge(Attribution(model=model, project=project, key=key, line_item=item), amount, text)


def _record(row: Row, group: Row, day: date, project: str) -> UsageRecord | None:
    """What was used; None where nothing was."""
    hours = {"seconds": "hours", "agent_seconds": "agent_hours"}
    told = {unit: _plain(row, name) * SECONDS for unit, name in hours.items()}
    told["characters"] = _plain(row, "tts_characters")
    tokens = Tokens(input=_whole(row, "tokens_in"), output=_whole(row, "tokens_out"))
    requests = _whole(row, "requests")
    units = tuple((unit, amount) for unit, amount in told.items() if amount)
    if not (units or tokens.total or requests):
        return None
    return UsageRecord(
        day_start(day),
        day_start(day + ONE_DAY),
        Attribution(model=_models(group), project=project),
        tokens,
        requests=requests,
        units=units,
    )


def _models(group: Row) -> str | None:
    models = group.get("models")
    if models is None:
        return None
    if not isinstance(models, list) or not all(
        one is None or isinstance(one, str) for one in models
    ):
        raise FieldError("models", say("is not a list of texts"), models)
    return "+".join(one for one in models if one) or None


def _plain(row: Row, name: str) -> Decimal:
    """A quantity, nothing where it is not told."""
    amount = Decimal(quantity(row, name) or 0)
    if amount < 0:
        raise FieldError(name, say("is below zero"), row.get(name))
    return amount


def _whole(row: Row, name: str) -> int:
    return 0 if row.get(name) is None else counter(row, name)


def _dollars_in(body: Row) -> list[Money]:
    found = []
    with answer_of("Deepgram", remedy=BALANCE_STAYS) as at:
        for index, raw in enumerate(list_of(body, "balances")):
            at.where = f"balances[{index}]"
            balance = row_of(raw, "balance")
            if required_word(balance, "units").upper() == CURRENCY:
                found.append(money(balance, "amount", CURRENCY, unit=UNITS)[0])
    return found


_REPORTS = {
    "billing": _Report("billing/breakdown", ("line_item", "accessor"), _BILLING, _charge),
    "usage": _Report("usage/breakdown", ("models",), _USAGE, _record),
}


class Deepgram:
    """What can be known of Deepgram without asking it."""

    name = "deepgram"
    title = "Deepgram"
    base_url = "https://api.deepgram.com/v1"
    key_shape = KeyShape(
        label=say("Deepgram API key"),
        prefixes=("",),
        wrong=not_of("Deepgram"),
        needs=say(
            "A key with the rights billing:read and usage:read (an admin's key has "
            "both), and keys:read for the names of keys."
        ),
        help_url="https://console.deepgram.com/",
    )
    key_header = KeyHeader("Authorization", "Token")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(
        tokens=True,
        units=True,
        money=True,
        balance=True,
        per_model=True,
        per_project=True,
        per_key=True,
    )
    revision_days = 3
    about = About(
        figures=say(
            "Billed dollars by day, project, key and line item; seconds of "
            "audio, characters, tokens and requests by day and model. The "
            "balances in dollars, of all projects."
        )
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Projects:
        """The projects behind a door; there is nothing to set."""
        return Projects(door)


CONNECTOR = Deepgram()
