"""Kimi Code's subscription: what is used of its week and of its hours.

The route is the one that Kimi's own command line asks (`/coding/v1/usages` at api.kimi.com); no
document describes it, and its fields are what programs that read real plans agree on. Counts come
as text or as numbers, in the plan's own unit; either of what was used and what remains may be
absent. `usage` is the week's allowance, `limits` are the shorter windows. A key of Moonshot's open
platform belongs to another account and reads nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    QUOTAS_STAY,
    EachRow,
    FieldError,
    Row,
    answer_of,
    counter,
    list_of,
    required_word,
    rfc3339_instant,
    row_of,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import Purse
from plimsoll.sources.rows.plan_windows import amount, window_words

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

_NAME = say("Coding plan")
_UNITS = {
    "TIME_UNIT_MINUTE": timedelta(minutes=1),
    "TIME_UNIT_HOUR": timedelta(hours=1),
    "TIME_UNIT_DAY": timedelta(days=1),
}
_RESETS = ("resetTime", "resetAt", "reset_time", "reset_at")


@dataclass(frozen=True, slots=True)
class Plan(Purse):
    """One subscription behind a door."""

    def quotas(self) -> Iterator[QuotaReading]:
        """What is used of the week, and of each shorter window."""
        body = self.door.get("/usages")
        now = self.door.clock.now()
        with answer_of("Kimi", remedy=QUOTAS_STAY):
            limits = [] if body.get("limits") is None else list_of(body, "limits")
        each = EachRow("Kimi", remedy=QUOTAS_STAY)
        with each.row("usage"):
            yield _reading(row_of(body.get("usage"), "usage"), "week", now)
        for index, raw in enumerate(limits):
            with each.row(f"limits[{index}]"):
                row = row_of(raw, "limit")
                window = _window(row_of(row.get("window"), "window"))
                yield _reading(row_of(row.get("detail"), "detail"), window, now)
        each.tell()

    def balances(self) -> tuple[BalanceReading, ...]:
        """A subscription has none."""
        return ()

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the quotas and proves the key."""
        tuple(self.quotas())
        return (Finding(True, say("The subscription's quotas can be read.")),)


def _window(row: Row) -> str:
    unit = _UNITS.get(required_word(row, "timeUnit"), timedelta(0))
    window = window_words(unit * min(counter(row, "duration"), 1_000_000))
    if window is None:
        raise FieldError("timeUnit", say("is no length of time that is known"), row.get("timeUnit"))
    return window


def _reading(row: Row, window: str, now: datetime) -> QuotaReading:
    limit, used, left = (amount(row, name) for name in ("limit", "used", "remaining"))
    if not limit:
        raise FieldError("limit", say("is missing or zero"), row.get("limit"))
    if used is None:
        if left is None or left > limit:
            raise FieldError("used", say("is missing, and nothing says what remains"))
        used = limit - left
    told = next((name for name in _RESETS if row.get(name)), None)
    resets = rfc3339_instant(row, told) if told else None
    return QuotaReading(now, _NAME, window, used=used, limit=limit, resets_at=resets)


class KimiPlan:
    """What can be known of a Kimi Code subscription without asking for it."""

    name = "kimi-plan"
    title = "Kimi Code subscription"
    base_url = "https://api.kimi.com/coding/v1"
    key_shape = KeyShape(
        label=say("Kimi Code key"),
        prefixes=("sk-kimi-",),
        wrong=not_of("Kimi Code", own=("sk-kimi-",)),
        needs=say(
            "A key of the Kimi Code console, which starts with sk-kimi-. A key of "
            "Moonshot's open platform is of another account: add that one as "
            "Moonshot."
        ),
        help_url="https://www.kimi.com/code/console",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(quota=True)
    revision_days = 0
    """A quota has no days."""
    about = About(
        figures=say("What is used of the subscription's week and hours, in its own counts."),
        undocumented=say(
            "It comes from the route that Kimi's own command line asks, which can change any day."
        ),
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Plan:
        """The subscription behind a door; there is nothing to set."""
        return Plan(door)


CONNECTOR = KimiPlan()
