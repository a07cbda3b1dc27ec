"""MiniMax: quotas of a token plan, by the mainland's or the international site.

The route is MiniMax's own (`/v1/token_plan/remains`, before it
`/v1/api/openplatform/coding_plan/remains`), its answer no document's: fields are what programs that
read real plans agree on. Two sites, api.minimaxi.com and api.minimax.io, are separate accounts with
separate keys, and only a plan's own key reads its plan. Refusals come inside HTTP 200
(`base_resp`).

What is left comes in percent. Counts are looked at only where there is no percentage: there
`…_usage_count` is what is *left* of `…_total_count`, whatever its name says; newer plans send zero
for both, and some send what was used. A `…_status` of 3 is no such window, or a lane that the plan
does not have. The pay-as-you-go balance is told to a login only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.errors import KeyRejected, NotOffered
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
    list_of,
    required_word,
    row_of,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import Purse
from plimsoll.sources.rows.plan_windows import amount, starts_anew, window_words
from plimsoll.sources.sites import Site, Sites
from plimsoll.sources.verdicts import Verdicts

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

SITES = Sites(
    "MiniMax",
    (
        Site("cn", "https://api.minimaxi.com/v1", "CNY"),
        Site("intl", "https://api.minimax.io/v1", "USD"),
    ),
)

VERDICTS = Verdicts(
    code=("base_resp", "status_code"),
    message=("base_resp", "status_msg"),
    fine=frozenset({"", "0"}),
    stands_for={"1004": 401, "2049": 401, "1002": 429, "1000": 500, "1013": 500, "1033": 500},
)
"""No code at all is looked at again: an answer may come whole inside `data`."""

_ROUTES = ("/token_plan/remains", "/api/openplatform/coding_plan/remains")
_NONE = 3
_ALL = Decimal(100)


class Used(NamedTuple):
    """What is used of one window: a percentage, or a count of a limit."""

    percent: Decimal | None = None
    used: Decimal | None = None
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan(Purse):
    """One MiniMax plan behind a door."""

    def quotas(self) -> Iterator[QuotaReading]:
        """What is used of the plan, by model group and window."""
        body = self._read()
        now = self.door.clock.now()
        with answer_of("MiniMax", remedy=QUOTAS_STAY):
            if "model_remains" not in body:
                body = row_of(body.get("data"), "data")
            if "base_resp" in body:
                code = row_of(body["base_resp"], "base_resp").get("status_code")
                if str(code) != "0":
                    raise FieldError("base_resp.status_code", say("is not 0"), code)
            groups = list_of(body, "model_remains")
        each = EachRow("MiniMax", remedy=QUOTAS_STAY)
        for index, raw in enumerate(groups):
            with each.row(f"model_remains[{index}]"):
                yield from _windows(row_of(raw, "row"), now)
        each.tell()

    def _read(self) -> Row:
        """The plan's route, or the one that it had before where that is not there."""
        new, old = _ROUTES
        try:
            return self.door.get(new, verdicts=VERDICTS)
        except (NotOffered, KeyRejected):
            pass
        with SITES.one_key_each():
            return self.door.get(old, verdicts=VERDICTS)

    def balances(self) -> tuple[BalanceReading, ...]:
        """A plan has none."""
        return ()

    def test(self) -> tuple[Finding, ...]:
        """One request, which reads the quotas and proves the key."""
        tuple(self.quotas())
        return (Finding(True, say("The plan's quotas can be read.")),)


def _windows(row: Row, now: datetime) -> Iterator[QuotaReading]:
    """The windows of one group of models, as far as the plan has them."""
    name = required_word(row, "model_name")
    name = say("Token plan") if name == "general" else name
    if row.get("current_interval_status") != _NONE:
        begins, ends = (starts_anew(row, one) for one in ("start_time", "end_time"))
        window = window_words(ends - begins) if begins and ends else None
        if window is None:
            raise FieldError(
                "end_time", say("makes no window with start_time"), row.get("end_time")
            )
        used = _used(row, "current_interval")
        yield QuotaReading(now, name, window, used.percent, used.used, used.limit, ends)
    has_week = row.get("current_weekly_remaining_percent") is not None
    has_week = has_week or bool(row.get("current_weekly_total_count"))
    if has_week and row.get("current_weekly_status") != _NONE:
        used, ends = _used(row, "current_weekly"), starts_anew(row, "weekly_end_time")
        yield QuotaReading(now, name, "week", used.percent, used.used, used.limit, ends)


def _used(row: Row, start: str) -> Used:
    """What is used of the window whose fields start with `start`."""
    percent = f"{start}_remaining_percent"
    left = amount(row, percent)
    if left is not None:
        if left > _ALL:
            raise FieldError(percent, say("is more than 100"), row.get(percent))
        return Used(percent=_ALL - left)
    total, left = amount(row, f"{start}_total_count"), amount(row, f"{start}_usage_count")
    if not total or left is None or left > total:
        raise FieldError(percent, say("is missing, and the counts do not say what is left"))
    return Used(used=total - left, limit=total)


class MiniMax:
    """What can be known of MiniMax without asking it."""

    name = "minimax"
    title = "MiniMax"
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("MiniMax plan key"),
        prefixes=("sk-cp-",),
        wrong=(
            ("sk-api-", say("This key pays by the token; it is not a plan's key.")),
            *not_of(say("a MiniMax plan"), own=("sk-cp-",)),
        ),
        needs=say(
            "The key of the plan itself, which starts with sk-cp-. A key that pays "
            "by the token reads neither quotas nor money."
        ),
        help_url="https://platform.minimaxi.com/user-center/payment/token-plan",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(quota=True)
    revision_days = 0
    """A quota has no days."""
    about = About(
        settings=(SITES.setting,),
        figures=say(
            "What is used of a token plan, of its five hours and its week. What "
            "is left of the money that pays by the token is told to a login only."
        ),
        undocumented=say("What the route answers is in no document and can change any day."),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """The currency of the account's region or site, None where neither tells."""
        return SITES.currency(settings, address)

    def open(self, door: Door, _settings: Mapping[str, str]) -> Plan:
        """The plan behind a door."""
        return Plan(door)


CONNECTOR = MiniMax()
