"""Zhipu (GLM) and Z.ai: quotas of the coding plan and, on the mainland, what is left in cash.

Two sites, open.bigmodel.cn and api.z.ai, are separate accounts with separate keys. No document
lists these routes; they are those of the consoles, and their fields are what programs that read
real accounts agree on. Refusals come inside HTTP 200 (`success`, `code`), and a key without a plan
is one of them, with a sentence that names the coding plan. In a limit, `usage` is what may be used
and `currentValue` what is; its window is `number` times `unit`. Cash is told at www.bigmodel.cn
only, in whole yuan; `totalSpendAmount` is all that was ever spent.

The console also counts tokens by model, but not what was read apart from what was written: such a
count has no price, so it is left out. A team's plan is told to its members' logins, not to a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.errors import REFUSED
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading
from plimsoll.sources.about import About
from plimsoll.sources.base import Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    QUOTAS_STAY,
    EachRow,
    FieldError,
    Row,
    answer_of,
    counter,
    flag,
    list_of,
    maybe_nanos,
    money,
    readable,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.purse import ESTIMATED, Purse
from plimsoll.sources.rows.plan_windows import amount, starts_anew, window_words
from plimsoll.sources.sites import REGION, Site, Sites
from plimsoll.sources.verdicts import Verdicts

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole yuan, never fen."""

SITES = Sites(
    "Zhipu",
    (
        Site("cn", "https://open.bigmodel.cn", "CNY"),
        Site("intl", "https://api.z.ai", "USD"),
    ),
)

_REFUSALS = MappingProxyType({"401": 401, "1000": 401, "1001": 401, "1002": 401, "1003": 401})
VERDICTS = Verdicts(
    code=("code",), message=("msg",), fine=frozenset({"200", ""}), stands_for=_REFUSALS
)
"""The report of the cash comes without a code, too: its `success` decides."""

PLAN_VERDICTS = Verdicts(
    code=("code",), message=("msg",), fine=frozenset({"200", "400", "500"}), stands_for=_REFUSALS
)
"""That there is no plan is told as a failure, too."""

_NO_PLAN = "coding plan"

_NAMES = {
    "TOKENS_LIMIT": say("Coding plan"),
    "CREDIT_LIMIT": say("Coding plan credits"),
    "TIME_LIMIT": say("Tool calls"),
}
_LASTS = {
    1: timedelta(days=1),
    3: timedelta(hours=1),
    5: timedelta(minutes=1),
    6: timedelta(weeks=1),
}
_TOOLS_MONTH = ("TIME_LIMIT", 5, 1)
"""How the month of tool calls is written, as if it were one minute."""

_ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Plan(Purse):
    """One account behind a door; `tells_cash` on the mainland's site only."""

    tells_cash: bool

    def quotas(self) -> Iterator[QuotaReading]:
        """What is used of the coding plan; nothing where there is none."""
        with SITES.one_key_each():
            body = self.door.get("/api/monitor/usage/quota/limit", verdicts=PLAN_VERDICTS)
        now = self.door.clock.now()
        with answer_of("Zhipu", remedy=QUOTAS_STAY):
            if flag(body, "success") is not True:
                if _NO_PLAN in (word(body, "msg") or "").casefold():
                    return
                raise FieldError("success", say("is not true"), body.get("success"))
            if str(body.get("code")) != "200":
                raise FieldError("code", say("is not 200"), body.get("code"))
            data = row_of(body.get("data"), "data")
            limits = list_of(data, "limits") if data else []
        each = EachRow("Zhipu", remedy=QUOTAS_STAY)
        for index, raw in enumerate(limits):
            with each.row(f"limits[{index}]"):
                yield _limit(row_of(raw, "limit"), now)
        each.tell()

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent in cash, in yuan; nothing is told abroad."""
        if not self.tells_cash:
            return ()
        path = "/api/biz/account/query-customer-account-report"
        body = self.door.get(path, at=_ACCOUNT, verdicts=VERDICTS)
        now = self.door.clock.now()
        with answer_of("Zhipu", remedy=BALANCE_STAYS) as place:
            if flag(body, "success") is not True:
                raise FieldError("success", say("is not true"), body.get("success"))
            data = row_of(body.get("data"), "data")
            place.where = "data"
            left, _ = money(data, "availableBalance", "CNY", unit=UNITS)
            spent = maybe_nanos(data, "totalSpendAmount", unit=UNITS)
        return (BalanceReading(now, left, ever_spent=spent),)

    def test(self) -> tuple[Finding, ...]:
        """The plan's quotas and, on the mainland, the cash."""
        plan = tuple(self.quotas())
        findings = [
            Finding(True, say("The coding plan's quotas can be read."))
            if plan
            else Finding(False, say("This key has no coding plan of its own."), essential=False)
        ]
        if not self.tells_cash:
            return tuple(findings)
        try:
            self.balances()
        except REFUSED:
            findings.append(readable(say("The cash balance"), ok=False, essential=False))
        else:
            findings.append(readable(say("The cash balance"), ok=True))
        return tuple(findings)


def _limit(row: Row, now: datetime) -> QuotaReading:
    kind, unit, number = required_word(row, "type"), counter(row, "unit"), counter(row, "number")
    if (kind, unit, number) == _TOOLS_MONTH:
        window: str | None = "month"
    else:
        window = window_words(_LASTS.get(unit, timedelta(0)) * min(number, 1000))
    if window is None:
        raise FieldError("unit", say("is no length of time that is known"), unit)
    percent, limit, used = (amount(row, name) for name in ("percentage", "usage", "currentValue"))
    if not limit or used is None:
        limit = used = None
    if percent is None and limit is None:
        raise FieldError("percentage", say("is missing"))
    return QuotaReading(
        now,
        _NAMES.get(kind, kind),
        window,
        used_percent=percent,
        used=used,
        limit=limit,
        resets_at=starts_anew(row, "nextResetTime"),
    )


class Zhipu:
    """What can be known of Zhipu without asking it."""

    name = "zhipu"
    title = say("Zhipu and Z.ai")
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("Zhipu or Z.ai API key"),
        prefixes=("",),
        wrong=not_of(say("Zhipu or Z.ai")),
        needs=say("Any API key of the account that has the coding plan, for its own site."),
        help_url="https://bigmodel.cn/usercenter/proj-mgmt/apikeys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(balance=True, quota=True)
    revision_days = 0
    """Neither a balance nor a quota has days."""
    about = About(
        settings=(SITES.setting,),
        figures=say(
            "What is used of the coding plan, and of its tool calls; on the "
            "mainland what is left in cash, in yuan ({estimated}). Z.ai tells no "
            "balance. Tokens are told there without what was read apart from "
            "what was written, so they are left out.",
            estimated=ESTIMATED,
        ),
        undocumented=say("All of it comes from routes of the consoles that can change any day."),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def more_addresses(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """Where cash is told, of the mainland's accounts only."""
        mainland = settings.get(REGION) == SITES.sites[0].word
        return {_ACCOUNT: "https://www.bigmodel.cn"} if mainland else {}

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """The currency of the account's region or site, None where neither tells."""
        return SITES.currency(settings, address)

    def open(self, door: Door, settings: Mapping[str, str]) -> Plan:
        """The account behind a door; cash is asked for only where the region says the mainland."""
        return Plan(door, _ACCOUNT in self.more_addresses(settings))


CONNECTOR = Zhipu()
