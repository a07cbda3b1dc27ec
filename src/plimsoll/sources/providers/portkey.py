"""Portkey: tokens and requests of one workspace by day, with its own estimate of the cost.

API facts: https://github.com/Portkey-AI/openapi (analytics). The graphs are asked for one UTC day
at a time, because a longer range is cut as Portkey likes; only their `summary` is read. Cost is in
cents. Neither models nor token classes are told there, so that only Portkey can price a day. The
analytics belong to its Enterprise plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import MissingScope, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import Attribution, BalanceReading, Name, Slice, UsageRecord
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import DAYS_STAY, Row, answer_of, readable, row_of
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import until_today
from plimsoll.sources.rows.gateways import record_of, told_count, told_dollars

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

CENTS = Decimal("0.01")
"""What the graph of the cost counts."""

WORKSPACE = Setting(
    name="workspace",
    title="Workspace",
    sentence=say("the slug of the workspace; it stands in its settings and in the address."),
    required=True,
    example="ws-harbour-1a2b3c",
)

_NEEDS = say("The analytics need Portkey's Enterprise plan, and a key with the right to read them.")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One Portkey workspace behind a door."""

    _door: Door
    _slug: str

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The graphs."""
        return (Endpoint("analytics", say("Analytics")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        if asked is None:
            return
        found = dict(self._busy(asked))
        for day in asked.days():
            record = self._record(day, found[day]) if day in found else None
            yield Slice(endpoint, day, records=(record,) if record else ())

    def _busy(self, days: Period) -> Iterator[tuple[date, int]]:
        """The days on which something was asked, with how many requests."""
        requests = self._count("requests", days)
        if not requests:
            return
        if len(days) == 1:
            yield days.first, requests
            return
        middle = days.first + (days.last - days.first) // 2
        yield from self._busy(Period(days.first, middle))
        yield from self._busy(Period(middle + ONE_DAY, days.last))

    def _record(self, day: date, requests: int) -> UsageRecord | None:
        days = Period(day, day)
        with answer_of("Portkey", remedy=DAYS_STAY, where="summary"):
            cents = told_dollars(self._summary("cost", days), "total")
        return record_of(
            day_start(day),
            day_start(day + ONE_DAY),
            Attribution(),
            Tokens(input=self._count("tokens", days)),
            requests=requests,
            dollars=None if cents is None else cents * CENTS,
            knows_classes=False,
        )

    def _count(self, graph: str, days: Period) -> int:
        with answer_of("Portkey", remedy=DAYS_STAY, where="summary"):
            return told_count(self._summary(graph, days), "total")

    def _summary(self, graph: str, days: Period) -> Row:
        if not self._slug:
            raise WrongUse(
                say("It is not known which Portkey workspace this is."),
                remedy=say("Say --set workspace=SLUG with `plimsoll source edit`."),
            )
        span = (
            ("time_of_generation_min", f"{days.first}T00:00:00.000Z"),
            ("time_of_generation_max", f"{days.last}T23:59:59.999Z"),
            ("workspace_slug", self._slug),
        )
        try:
            body = self._door.get(f"/analytics/graphs/{graph}", span)
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=_NEEDS) from None
        return row_of(body.get("summary"), "summary")

    def names(self) -> tuple[Name, ...]:
        """The graphs name nothing."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: nothing is bought here."""
        return ()

    def organisation(self) -> str | None:
        """The workspace."""
        return self._slug or None

    def test(self) -> tuple[Finding, ...]:
        """Today's graphs."""
        today = utc_day(self._door.clock.now())
        self._record(today, self._count("requests", Period(today, today)))
        return (readable(say("Tokens and requests by day, with Portkey's estimate"), ok=True),)


class Portkey:
    """What can be known of Portkey without asking it."""

    name = "portkey"
    title = "Portkey"
    base_url = "https://api.portkey.ai/v1"
    key_shape = KeyShape(
        label=say("Portkey API key"),
        prefixes=("",),
        wrong=not_of("Portkey"),
        needs=_NEEDS,
        help_url="https://app.portkey.ai/api-keys",
    )
    key_header = KeyHeader("x-portkey-api-key")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, gateway=True)
    revision_days = 1
    about = About(
        settings=(WORKSPACE,),
        figures=say(
            "Tokens and requests of one workspace by UTC day, without models, "
            "priced as Portkey itself estimates them. It bills nobody."
        ),
    )
    setting_names = about.setting_names

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one."""
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> Workspace:
        """The workspace that was set, behind a door."""
        return Workspace(door, settings.get(WORKSPACE.name, ""))


CONNECTOR = Portkey()
