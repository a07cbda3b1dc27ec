"""Fireworks: what serverless inference cost, by UTC day and model, in dollars.

API facts: https://docs.fireworks.ai/api-reference/query-usage-costs. A key sees one account or
several; where there are several, which one is meant must be said. Amounts are `units` of the
currency, as text, and billionths beside them. Costs of the whole account are told to an
administrator's key; what another key would be told is its user's part alone, which is no bill and
is not asked for. Figures lag by a day or more. Fireworks' own export of the same figures says that
they are of serverless inference: deployments of one's own and training may be missing. Metered
tokens are told by another route, whose answer no document shows whole, and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.errors import PageLoop, WrongUse
from plimsoll.domain.money import NANO, Money, NotAnAmount, decimal_text, read_currency
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, BalanceReading, Charge, Name, Slice
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    list_of,
    required_word,
    rfc3339_instant,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import stretches, until_today

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

DAYS_AT_ONCE = 31
ROWS_ON_A_PAGE = 1000
MOST_PAGES = 1000

_UNITS = re.compile(r"-?\d{1,12}", re.ASCII)
_SLUG = re.compile(r"accounts/([a-z0-9][a-z0-9-]{0,62})", re.ASCII)

_ACCOUNT = Setting(
    name="account",
    title="Account",
    sentence=say("the account's id, where the key sees several; `firectl whoami` shows it."),
    example="my-team",
)


@dataclass(slots=True)
class Account:
    """One Fireworks account behind a door; `_slug` is empty until it was asked for."""

    _door: Door
    _slug: str

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Costs; how far they reach back is not said."""
        return (Endpoint("costs", say("Costs")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """UTC days up to today, as `base.Account.pull` promises."""
        for part in stretches(until_today(period, self._door.clock.now()), DAYS_AT_ONCE):
            found: dict[date, list[Charge]] = {day: [] for day in part.days()}
            for day, charge in self._costs(part):
                found[day].append(charge)
            for day, charges in found.items():
                bills_by = frozenset({"model"})
                yield Slice(endpoint, day, charges=tuple(charges), bills_by=bills_by)

    def _costs(self, days: Period) -> Iterator[tuple[date, Charge]]:
        asked: dict[str, object] = {
            "startTime": _written(day_start(days.first)),
            "endTime": _written(day_start(days.last + ONE_DAY)),
            "scope": "ACCOUNT",
            "groupBy": ["DAY", "MODEL"],
            "pageSize": ROWS_ON_A_PAGE,
        }
        path = f"/accounts/{self._name()}/usageCosts:query"
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            body = self._door.query(path, asked)
            with answer_of("Fireworks", remedy=DAYS_STAY) as place:
                empty = body.get("rows") is None and body.get("subtotal") is not None
                for index, raw in enumerate([] if empty else list_of(body, "rows")):
                    place.where = f"rows[{index}]"
                    yield _cost(row_of(raw, "row"), days)
                place.where = ""
                token = word(body, "nextPageToken")
            if token is None:
                return
            if token in seen:
                break
            seen.add(token)
            asked["pageToken"] = token
        raise PageLoop(say("Fireworks sent costs without an end."), remedy=DAYS_STAY)

    def _name(self) -> str:
        """The account's id; asked for once, where it was not said."""
        if not self._slug:
            with answer_of("Fireworks", remedy=DAYS_STAY) as place:
                body = self._door.get("/accounts")
                found = []
                for index, raw in enumerate(list_of(body, "accounts")):
                    place.where = f"accounts[{index}]"
                    name = required_word(row_of(raw, "account"), "name")
                    slug = _SLUG.fullmatch(name)
                    if slug is None:
                        raise FieldError("name", say("is no account's name"), name)
                    found.append(slug[1])
                has_more = word(body, "nextPageToken") is not None
            if len(found) != 1 or has_more:
                number = say("several accounts") if found else say("no account at all")
                raise WrongUse(
                    say("This Fireworks key sees {number}.", number=number),
                    remedy=say(
                        "Say which one is meant with --set account=… (`firectl whoami` shows it)."
                    ),
                )
            self._slug = found[0]
        return self._slug

    def balances(self) -> tuple[BalanceReading, ...]:
        """What is left of the credit is not told."""
        return ()

    def names(self) -> tuple[Name, ...]:
        """Models are told by their names."""
        return ()

    def organisation(self) -> str | None:
        """The account's id."""
        return self._name()

    def test(self) -> tuple[Finding, ...]:
        """Yesterday's costs, which prove the key and its right."""
        yesterday = self._door.clock.now().date() - ONE_DAY
        list(self._costs(Period(yesterday, yesterday)))
        return (Finding(True, say("The account's costs can be read.")),)


def _cost(row: Row, days: Period) -> tuple[date, Charge]:
    """A day's cost of one model."""
    of = row_of(row.get("dimensions"), "dimensions")
    start = rfc3339_instant(of, "startTime")
    day = start.date()
    if day not in days or start != day_start(day):
        raise FieldError("startTime", say("is not a day that was asked for"), of.get("startTime"))
    told = row_of(row.get("subtotal"), "subtotal")
    units, nanos = told.get("units", "0"), told.get("nanos", 0)
    units = str(units) if type(units) is int else units
    if not isinstance(units, str) or not _UNITS.fullmatch(units):
        raise FieldError("units", say("is no whole number as text"), units)
    whole = int(units)
    if type(nanos) is not int or abs(nanos) >= NANO or whole * nanos < 0:
        raise FieldError("nanos", say("is no part of one unit"), nanos)
    try:
        amount = Money(read_currency(told.get("currencyCode")), whole * NANO + nanos)
    except NotAnAmount:
        raise FieldError("currencyCode", say("is no currency"), told.get("currencyCode")) from None
    text = decimal_text(amount.nanos)
    return day, Charge(Attribution(model=word(of, "model")), amount, text)


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


class Fireworks:
    """What can be known of Fireworks without asking it."""

    name = "fireworks"
    title = "Fireworks"
    base_url = "https://api.fireworks.ai/v1"
    key_shape = KeyShape(
        label=say("Fireworks API key"),
        prefixes=("fw_",),
        wrong=not_of("Fireworks", own=("fw_",)),
        needs=say("An API key (fw_…) of an administrator of the account."),
        help_url="https://app.fireworks.ai/settings/users/api-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(money=True, per_model=True)
    revision_days = 4
    """Figures lag by a day or more."""
    about = About(
        settings=(_ACCOUNT,),
        figures=say(
            "What serverless inference cost, by day (UTC) and model, in dollars, "
            "a day or more late. Deployments of your own and training may be "
            "missing; tokens and what is left of the credit are not told."
        ),
    )
    setting_names = about.setting_names

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one."""
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> Account:
        """The account that was said, or the only one that the key sees.

        Raises `WrongUse` for what is no account's id.
        """
        slug = settings.get(_ACCOUNT.name, "").removeprefix("accounts/")
        if slug and not _SLUG.fullmatch(f"accounts/{slug}"):
            raise WrongUse(
                say("That is no id of a Fireworks account."),
                remedy=say("It has small letters, digits and hyphens; `firectl whoami` shows it."),
            )
        return Account(door, slug)


CONNECTOR = Fireworks()
