"""Azure: what OpenAI, Foundry and the other AI services cost by day and meter.

API facts: https://learn.microsoft.com/en-us/rest/api/cost-management/query/usage. Amounts are units
of the billing currency, which is a column of the answer; rows are told by position and read by
their columns' names. Azure corrects odd questions silently (a range longer than 31 days is cut, one
in the future moved), so a month is asked for at most and every day is checked. Cost comes up to a
day late and is open until the invoice. The key of a resource reads neither usage nor cost; tokens
are counted in Azure Monitor by deployment, and are not asked for here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from plimsoll.domain.calendar import Period, by_month, month_before, utc_day
from plimsoll.domain.errors import PageLoop, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, BalanceReading, Charge, Name, Slice
from plimsoll.sources.about import About, Option, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    list_of,
    money,
    readable,
    required_word,
    row_of,
    surprise,
    word,
)
from plimsoll.sources.signing.entra import ClientCredentials

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole units of the billing currency."""

MONTHS_KEPT = 37
MOST_PAGES = 500

CLOUDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "global": ("https://management.azure.com", "https://login.microsoftonline.com"),
        "china": (
            "https://management.chinacloudapi.cn",
            "https://login.partner.microsoftonline.cn",
        ),
    }
)
"""The addresses of each cloud: of its management, and of its directory."""

_AI = ("openai", "foundry", "cognitive services", "azure ai", "ai services")
"""What the services of interest have in their names, which moved from one to the next."""

_API = (("api-version", "2025-03-01"),)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_SCOPE = re.compile(r"[A-Za-z0-9._():-]+(/[A-Za-z0-9._():-]+)*", re.ASCII)
_MONEY_COLUMNS = frozenset({"cost", "totalcost", "pretaxcost", "costinbillingcurrency"})


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of one scope (a subscription, a resource group, a billing account) behind a door."""

    _door: Door
    _scope: str

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Cost Management, which reaches back 37 months."""
        first = month_before(utc_day(self._door.clock.now()), MONTHS_KEPT - 1)
        return (Endpoint("costs", say("Cost Management"), first),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, a month in one question, as `base.Account.pull` promises."""
        reach = self.endpoints[0].reach or period.first
        asked = period.overlap(Period(reach, utc_day(self._door.clock.now())))
        for part in by_month(asked):
            days: dict[date, list[Charge]] = {day: [] for day in part.days()}
            for day, charge in self._charges(part):
                days[day].append(charge)
            for day, charges in days.items():
                bills_by = frozenset({"line_item"})
                yield Slice(endpoint, day, charges=tuple(charges), bills_by=bills_by)

    def _charges(self, days: Period) -> Iterator[tuple[date, Charge]]:
        for body in self._pages(days):
            where = "properties"
            try:
                told = row_of(body.get("properties"), "properties")
                names = [
                    required_word(row_of(column, "column"), "name").casefold()
                    for column in list_of(told, "columns")
                ]
                for index, raw in enumerate(list_of(told, "rows")):
                    where = f"properties.rows[{index}]"
                    found = _charge(_by_name(names, raw), days)
                    if found is not None:
                        yield found
            except FieldError as problem:
                raise surprise("Azure", problem, where=where, remedy=DAYS_STAY) from None

    def _pages(self, days: Period) -> Iterator[Row]:
        path = f"/{self._scope}/providers/Microsoft.CostManagement/query"
        asked = _question(days)
        params: tuple[tuple[str, str], ...] = _API
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            body = self._door.query(path, asked, params)
            yield body
            following = self._next(body)
            if following is None:
                return
            if following in seen:
                break
            seen.add(following)
            params = (*_API, ("$skiptoken", following))
        raise PageLoop(say("Azure sent pages without an end."), remedy=DAYS_STAY)

    def _next(self, body: Row) -> str | None:
        """The token of the next page. Its link is not followed: only the token in it is used."""
        try:
            link = word(row_of(body.get("properties"), "properties"), "nextLink")
            if link is None:
                return None
            token = dict(parse_qsl(urlsplit(link).query)).get("$skiptoken")
            return required_word({"$skiptoken": token}, "$skiptoken")
        except (FieldError, ValueError) as problem:
            field = FieldError("nextLink", say("has no token ({problem})", problem=str(problem)))
            raise surprise("Azure", field, where="properties", remedy=DAYS_STAY) from None

    def names(self) -> tuple[Name, ...]:
        """The bill has names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """Azure bills afterwards."""
        return ()

    def organisation(self) -> str:
        """The scope that is billed."""
        return self._scope.casefold()

    def test(self) -> tuple[Finding, ...]:
        """This month's cost of the scope."""
        today = utc_day(self._door.clock.now())
        next(self._charges(Period(today.replace(day=1), today)), None)
        return (readable(say("Cost by day and meter of {scope}", scope=self._scope), ok=True),)


def _question(days: Period) -> dict[str, object]:
    return {
        "type": "ActualCost",
        "timeframe": "Custom",
        "timePeriod": {
            "from": f"{days.first.isoformat()}T00:00:00Z",
            "to": f"{days.last.isoformat()}T23:59:59Z",
        },
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "grouping": [
                {"type": "Dimension", "name": "ServiceName"},
                {"type": "Dimension", "name": "Meter"},
            ],
        },
    }


def _by_name(names: list[str], raw: object) -> Row:
    if not isinstance(raw, list) or len(raw) != len(names):
        raise FieldError("rows", say("has a row that does not fit its columns"))
    return dict(zip(names, raw, strict=True))


def _charge(row: Row, days: Period) -> tuple[date, Charge] | None:
    """A row's day and money; None for a service that is none of Plimsoll's business."""
    day = _day(row.get("usagedate"))
    if day not in days:
        raise FieldError("UsageDate", say("is not a day that was asked for"), row.get("usagedate"))
    service = word(row, "servicename") or ""
    if not any(name in service.casefold() for name in _AI):
        return None
    columns = [name for name in row if name in _MONEY_COLUMNS]
    if len(columns) != 1:
        raise FieldError("columns", say("do not hold one cost"))
    amount, text = money(row, columns[0], row.get("currency"), unit=UNITS)
    line = " · ".join(part for part in (service, word(row, "meter")) if part)
    return day, Charge(Attribution(line_item=line), amount, text)


def _day(value: object) -> date:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    try:
        if isinstance(text, str) and re.fullmatch(r"\d{8}", text, re.ASCII):
            return date.fromisoformat(text)
        if isinstance(text, str) and text[10:] in {"", "T00:00:00", "T00:00:00Z"}:
            return date.fromisoformat(text[:10])
    except ValueError:
        pass
    raise FieldError("UsageDate", say("is not a day"), value)


class Azure:
    """What can be known of Azure's bill without asking it."""

    name = "azure"
    title = "Azure"
    base_url = CLOUDS["global"][0]
    key_shape = KeyShape(
        label=say("Entra application's secret"),
        prefixes=("",),
        wrong=(("sk-", say("This is a key of another provider, not of Azure.")),),
        needs=say(
            "An application registered in Entra, with the role Cost Management "
            "Reader on the scope, and a client secret of it. The key of an Azure "
            "OpenAI resource reads no cost."
        ),
        help_url="https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps",
        pair=("APPLICATION ID", "CLIENT SECRET"),
    )
    key_header = ClientCredentials("common", CLOUDS["global"][0])
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(money=True)
    revision_days = 35
    """Cost is open until the month's invoice."""
    about = About(
        settings=(
            Setting(
                "tenant",
                say("Directory (tenant) id"),
                say("in which directory the application is registered, by the directory's id."),
                required=True,
                example="00000000-0000-0000-0000-000000000000",
            ),
            Setting(
                "scope",
                say("Scope"),
                say("whose cost it is: a subscription's id, or a whole scope."),
                required=True,
                example="subscriptions/00000000-0000-0000-0000-000000000000",
            ),
            Setting(
                "cloud",
                say("Cloud"),
                say("which Azure it is. The clouds have separate directories and bills."),
                choices=(
                    Option("global", say("management.azure.com")),
                    Option("china", say("management.chinacloudapi.cn, by 21Vianet")),
                ),
            ),
        ),
        figures=say(
            "Cost of 37 months, up to a day late and open until the invoice, by "
            "service and meter, in the billing currency. Tokens are counted in "
            "Azure Monitor only."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the cloud's. Raises `WrongUse` for odd settings."""
        _tenant(settings)
        _scope(settings)
        return given or _cloud(settings)[0]

    def more_addresses(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """The directory that hands out tokens."""
        return {"login": _cloud(settings)[1]}

    def signer(self, settings: Mapping[str, str]) -> ClientCredentials:
        """Asks the directory of the settings for a token."""
        return ClientCredentials(_tenant(settings), _cloud(settings)[0])

    def open(self, door: Door, settings: Mapping[str, str]) -> Bill:
        """The cost of the settings' scope."""
        return Bill(door, _scope(settings))


def _cloud(settings: Mapping[str, str]) -> tuple[str, str]:
    return CLOUDS.get(settings.get("cloud", ""), CLOUDS["global"])


def _tenant(settings: Mapping[str, str]) -> str:
    tenant = settings.get("tenant", "common")
    if tenant != "common" and not _GUID.fullmatch(tenant):
        raise WrongUse(
            say("That is not the id of an Entra directory."),
            remedy=say("It stands in the portal under Entra ID as tenant id, with four dashes."),
        )
    return tenant


def _scope(settings: Mapping[str, str]) -> str:
    scope = settings.get("scope", "").strip("/")
    if _GUID.fullmatch(scope):
        return f"subscriptions/{scope}"
    if scope and (not _SCOPE.fullmatch(scope) or ".." in scope):
        raise WrongUse(
            say("That is not a scope of Azure's cost."),
            remedy=say(
                "Say --set scope=SUBSCRIPTION ID, or a whole scope such as "
                "subscriptions/ID/resourceGroups/NAME."
            ),
        )
    return scope


CONNECTOR = Azure()
