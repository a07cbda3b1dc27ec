"""The bill of xAI: cost by day and model, and the prepaid credit, read with a management key.

API facts: https://docs.x.ai/developers/rest-api-reference/management/billing. The usage answer has
dollars as numbers, one series a group; the prepaid balance is in cents as text with its sign turned
round: "-1000" is ten dollars of credit. It is posted when a billing cycle closes, so that it can
stand higher than the console's own figure by what the current cycle has cost. Tokens are not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import REFUSED, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, BalanceReading, Charge, Name, Slice
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    flag,
    list_of,
    money,
    readable,
    rfc3339_instant,
    row_of,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import stretches, until_today

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

CURRENCY = "USD"
DOLLARS = Decimal(1)
"""What the usage answer counts."""

CENTS_OWED = Decimal("-0.01")
"""What the prepaid balance counts: cents that are owed, so that credit stands below zero."""

DAYS_A_QUESTION = 30

TEAM = Setting(
    name="team",
    title=say("Team id"),
    sentence=say("the id of the team whose bill it is; it stands in the address of the console."),
    required=True,
    example="0a1b2c3d-…",
)

_GROUPED = ("description",)

Lines = dict[date, list[Charge]]


@dataclass(slots=True)
class Team:
    """One xAI team behind a door."""

    _door: Door
    _team: str
    _groups: tuple[str, ...] = _GROUPED

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The billed usage."""
        return (Endpoint("usage", say("Billed usage")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, thirty a question, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        for stretch in stretches(asked, DAYS_A_QUESTION):
            lines = self._ask(stretch)
            for day in stretch.days():
                yield Slice(
                    endpoint,
                    day,
                    charges=tuple(lines.get(day, ())),
                    bills_by=frozenset({"model", "line_item"}),
                )

    def _ask(self, days: Period) -> Lines:
        """A stretch's charges; where the groups are too many to be told, without groups."""
        body = self._query(days, self._groups)
        with answer_of("xAI", remedy=DAYS_STAY):
            cut = flag(body, "limitReached")
        if cut and self._groups:
            self._groups = ()
            body = self._query(days, ())
            with answer_of("xAI", remedy=DAYS_STAY):
                cut = flag(body, "limitReached")
        if cut:
            raise SurprisingAnswer(
                say("xAI says that its answer is not complete."), remedy=DAYS_STAY
            )
        return _read(body, days)

    def _query(self, days: Period, groups: tuple[str, ...]) -> Row:
        span = {
            "startTime": f"{days.first} 00:00:00",
            "endTime": f"{days.last + ONE_DAY} 00:00:00",
            "timezone": "Etc/GMT",
        }
        asked = {
            "timeRange": span,
            "timeUnit": "TIME_UNIT_DAY",
            "values": [{"name": "usd", "aggregation": "AGGREGATION_SUM"}],
            "groupBy": list(groups),
            "filters": [],
        }
        return self._door.query(f"{self._home}/usage", {"analyticsRequest": asked})

    @property
    def _home(self) -> str:
        if not self._team:
            raise WrongUse(
                say("It is not known which xAI team this is."),
                remedy=say("Say --set team=ID with `plimsoll source edit`."),
            )
        return f"/v1/billing/teams/{quote(self._team, safe='')}"

    def names(self) -> tuple[Name, ...]:
        """The bill has names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """The prepaid credit as of the last closed cycle; nothing where it may not be read."""
        try:
            body = self._door.get(f"{self._home}/prepaid/balance")
        except REFUSED:
            return ()
        with answer_of("xAI", remedy=DAYS_STAY) as at:
            total = row_of(body.get("total"), "total")
            at.where = "total"
            left, _ = money(total, "val", CURRENCY, unit=CENTS_OWED)
        return (BalanceReading(self._door.clock.now(), left),)

    def organisation(self) -> str | None:
        """The team."""
        return self._team or None

    def test(self) -> tuple[Finding, ...]:
        """Today's bill, and whether the prepaid credit can be read."""
        today = utc_day(self._door.clock.now())
        self._ask(Period(today, today))
        return (
            readable(say("Billed usage (dollars by day and model)"), ok=True),
            readable(
                say("The prepaid credit"),
                ok=bool(self.balances()),
                remedy=say("The management key must be allowed to read billing."),
                essential=False,
            ),
        )


def _read(body: Row, days: Period) -> Lines:
    found: Lines = {}
    seen: set[tuple[str | None, date]] = set()
    with answer_of("xAI", remedy=DAYS_STAY) as at:
        for index, raw in enumerate(list_of(body, "timeSeries")):
            at.where = f"timeSeries[{index}]"
            series = row_of(raw, "series")
            label = _label(series)
            for number, point in enumerate(list_of(series, "dataPoints")):
                at.where = f"timeSeries[{index}].dataPoints[{number}]"
                day, amount, text = _point(row_of(point, "point"))
                if day == days.last + ONE_DAY:
                    continue  # the end of the range, which is not in it
                if day not in days or (label, day) in seen:
                    raise FieldError(
                        "timestamp", say("comes twice, or was not asked for"), str(day)
                    )
                seen.add((label, day))
                if amount.nanos:
                    of = Attribution(model=label, line_item=label)
                    found.setdefault(day, []).append(Charge(of, amount, text))
    return found


def _label(series: Row) -> str | None:
    labels = series.get("groupLabels") or series.get("group")
    if not labels:
        return None
    if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
        raise FieldError("groupLabels", say("is not a list of texts"), labels)
    return ", ".join(labels) or None


def _point(point: Row) -> tuple[date, Money, str]:
    instant = rfc3339_instant(point, "timestamp")
    if instant != day_start(utc_day(instant)):
        raise FieldError("timestamp", say("is not the beginning of a UTC day"), point["timestamp"])
    values = list_of(point, "values")
    if len(values) != 1:
        raise FieldError("values", say("is not one amount"), values)
    amount, text = money({"values[0]": values[0]}, "values[0]", CURRENCY, unit=DOLLARS)
    return utc_day(instant), amount, text


class XAI:
    """What can be known of xAI's billing without asking it."""

    name = "xai"
    title = "xAI"
    base_url = "https://management-api.x.ai"
    key_shape = KeyShape(
        label=say("xAI management key"),
        prefixes=("xai-token-", ""),
        wrong=(
            ("xai-", say("This is a key for calling models, which reads no bill of xAI.")),
            *not_of("xAI", own=("xai-",)),
        ),
        needs=say(
            "A management key, made in the console under Settings, Management "
            "Keys, with the right to read billing."
        ),
        help_url="https://console.x.ai/team/default/management-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(money=True, balance=True, per_model=True)
    revision_days = 3
    about = About(
        settings=(TEAM,),
        figures=say(
            "Billed dollars by UTC day and model, no tokens. The prepaid credit "
            "as of the last closed billing cycle."
        ),
    )
    setting_names = about.setting_names

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one."""
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> Team:
        """The team that was set, behind a door."""
        return Team(door, settings.get(TEAM.name, ""))


CONNECTOR = XAI()
