"""Volcengine: Ark's bill by day and line, tokens by day and model, plans' quotas, and the balance.

API facts: https://www.volcengine.com/docs/6269/1127842 (ListBillDetail), .../6269/1278553
(QueryBalanceAcct) and https://www.volcengine.com/docs/82379 (Ark). Amounts are yuan, or units of
the currency beside them, as decimal text. Days are those of Beijing, as the bill cuts them; they
are kept as they are. The bill lists everything of the account: what has Ark or Doubao in its
product is of interest. `GetInferenceUsage` answers column by column, and no document of it was
found: its fields are those that clients read. A model key (ARK_API_KEY) reads none of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, beijing_day, month_before, month_of
from plimsoll.domain.errors import REFUSED, PageLoop
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    BalanceReading,
    Charge,
    Name,
    Slice,
    UsageRecord,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    DAYS_STAY,
    QUOTAS_STAY,
    Row,
    answer_of,
    counter,
    list_of,
    maybe_nanos,
    money,
    row_of,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import by_day, stretches
from plimsoll.sources.rows.volcengine import (
    UNITS,
    VERDICTS,
    agent_plan,
    bill_line,
    coding_plan,
    currency_of,
    rows_of,
    usage_row,
)
from plimsoll.sources.signing.sigv4 import VOLCENGINE, Scope, SignatureV4
from plimsoll.sources.trials import Ask, each_tried

if TYPE_CHECKING:
    from plimsoll.sources.http import Door


ROWS_ON_A_PAGE = 300
MOST_ROWS = 300_000
DAYS_OF_TOKENS = 28
MONTHS_KEPT = 24

_BILLING = "billing"


@dataclass(slots=True)
class Account:
    """One Volcengine account behind a door."""

    _door: Door
    _months: dict[date, dict[date, list[Charge]]] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The bill, which reaches back 24 months, and the tokens, which reach back a month."""
        today = self._today()
        first = month_before(today, MONTHS_KEPT - 1)
        return (
            Endpoint("bill", say("Bill"), first),
            Endpoint("tokens", say("Ark usage"), today - timedelta(days=30)),
        )

    def _today(self) -> date:
        """The day in Beijing."""
        return beijing_day(self._door.clock.now())

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days of Beijing up to today, as `base.Account.pull` promises."""
        reach = {one.name: one.reach for one in self.endpoints}[endpoint] or period.first
        asked = period.overlap(Period(reach, self._today()))
        if endpoint == "bill":
            for day in asked.days() if asked else ():
                charges = self._month(day).get(day, ())
                bills_by = frozenset({"project", "line_item"})
                yield Slice("bill", day, charges=tuple(charges), bills_by=bills_by)
            return
        for part in stretches(asked, DAYS_OF_TOKENS):
            found = self._tokens(part)
            for day in part.days():
                yield Slice("tokens", day, records=tuple(found.get(day, ())))

    # -- money -----------------------------------------------------------------------------------

    def _month(self, day: date) -> dict[date, list[Charge]]:
        """The bill of a day's month, which is asked for once."""
        first = day.replace(day=1)
        if first not in self._months:
            self._months[first] = by_day(self._bill(month_of(day)))
        return self._months[first]

    def _bill(self, month: Period) -> Iterator[tuple[date, Charge]]:
        seen = 0
        while seen < MOST_ROWS:
            asked = {
                "BillPeriod": f"{month.first:%Y-%m}",
                "GroupPeriod": 1,
                "GroupTerm": 0,
                "NeedRecordNum": 1,
                "Limit": ROWS_ON_A_PAGE,
                "Offset": seen,
            }
            body = self._ask("ListBillDetail", asked, at=_BILLING)
            with answer_of("Volcengine", remedy=DAYS_STAY) as place:
                result = row_of(body.get("Result"), "Result")
                rows = [] if result.get("List") is None else list_of(result, "List")
                total = counter(result, "Total")
                for index, raw in enumerate(rows):
                    place.where = f"List[{index}]"
                    found = bill_line(row_of(raw, "row"), month)
                    if found is not None:
                        yield found
            seen += len(rows)
            if seen >= total:
                return
            if not rows:
                break
        raise PageLoop(say("Volcengine sent a bill without an end."), remedy=DAYS_STAY)

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent, with the cash that it is made of."""
        body = self._ask("QueryBalanceAcct", None, at=_BILLING)
        now = self._door.clock.now()
        with answer_of("Volcengine", remedy=BALANCE_STAYS):
            result = row_of(body.get("Result"), "Result")
            left, _ = money(result, "AvailableBalance", currency_of(result), unit=UNITS)
            cash = maybe_nanos(result, "CashBalance", unit=UNITS)
        return (BalanceReading(now, left, topped_up=cash),)

    # -- tokens ----------------------------------------------------------------------------------

    def _tokens(self, days: Period) -> dict[date, list[UsageRecord]]:
        body = self._ask(
            "GetInferenceUsage",
            {
                "QueryInterval": "Day",
                "StartTime": days.first.isoformat(),
                "EndTime": days.last.isoformat(),
                "Filters": [{"FieldName": "ModelName"}],
                "ShowWindowDetail": False,
            },
        )
        found: dict[date, list[UsageRecord]] = {}
        with answer_of("Volcengine", remedy=DAYS_STAY) as place:
            result = row_of(body.get("Result"), "Result")
            for index, row in enumerate(rows_of(result)):
                place.where = f"row {index}"
                day, record = usage_row(row, days)
                if record is not None:
                    found.setdefault(day, []).append(record)
        return found

    # -- plans -----------------------------------------------------------------------------------

    def quotas(self) -> tuple[QuotaReading, ...]:
        """What is used of a coding plan and of an agent plan; nothing where there is none."""
        now = self._door.clock.now()
        found: list[QuotaReading] = []
        for action, read in (("GetCodingPlanUsage", coding_plan), ("GetAFPUsage", agent_plan)):
            try:
                body = self._ask(action, None)
            except REFUSED:
                continue
            with answer_of("Volcengine", remedy=QUOTAS_STAY):
                found += read(row_of(body.get("Result"), "Result"), now)
        return tuple(found)

    # -- the rest --------------------------------------------------------------------------------

    def names(self) -> tuple[Name, ...]:
        """Projects are told by their names."""
        return ()

    def organisation(self) -> str | None:
        """The number of the account, which stands beside its balance."""
        try:
            body = self._ask("QueryBalanceAcct", None, at=_BILLING)
        except REFUSED:
            return None
        number = row_of(body.get("Result") or {}, "Result").get("AccountID")
        return str(number) if number else None

    def test(self) -> tuple[Finding, ...]:
        """The balance, yesterday's bill, and the tokens of yesterday."""
        yesterday = self._today() - ONE_DAY
        bill = say("The bill by day (ListBillDetail)")
        tries: dict[str, Ask] = {
            say("The balance (QueryBalanceAcct)"): self.balances,
            bill: lambda: self._month(yesterday),
            say("Tokens by day and model (GetInferenceUsage)"): lambda: self._tokens(
                Period(yesterday, yesterday)
            ),
        }
        policy = say("Give the sub-user BillingCenterReadOnlyAccess and ArkReadOnlyAccess.")
        return each_tried(tries, essential=bill, remedy=policy)

    def _ask(self, action: str, body: Mapping[str, object] | None, *, at: str = "") -> Row:
        version = "2022-01-01" if at == _BILLING else "2024-01-01"
        params = (("Action", action), ("Version", version))
        return self._door.query("/", body or {}, params, at=at, verdicts=VERDICTS)


class Volcengine:
    """What can be known of Volcengine without asking it."""

    name = "volcengine"
    title = say("Volcengine Ark")
    base_url = "https://open.volcengineapi.com"
    key_shape = KeyShape(
        label=say("Volcengine access key"),
        prefixes=("AKLT", "AKTP"),
        wrong=not_of("Volcengine"),
        needs=say(
            "An access key (AKLT…) of a sub-user with BillingCenterReadOnlyAccess "
            "and ArkReadOnlyAccess. ARK_API_KEY calls models and reads neither "
            "usage nor money."
        ),
        help_url="https://console.volcengine.com/iam/keymanage",
        pair=("ACCESS KEY ID", "SECRET ACCESS KEY"),
    )
    key_header = SignatureV4(
        {"": Scope("ark", "cn-beijing"), _BILLING: Scope("billing", "cn-beijing")}, VOLCENGINE
    )
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(
        tokens=True, money=True, balance=True, quota=True, per_model=True, per_project=True
    )
    revision_days = 5
    """A day's bill is out on the next day, and goes on changing for a few."""
    about = About(
        figures=say(
            "The bill of 24 months by day (Beijing), project and line, in yuan; "
            "tokens by day and model of the last month; plans' quotas; what can "
            "be spent."
        ),
        undocumented=say(
            "The counts of tokens and the plans' quotas come from routes of "
            "the console that can change any day."
        ),
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def more_addresses(self, _settings: Mapping[str, str]) -> Mapping[str, str]:
        """The same server, asked with a signature that is good for billing."""
        return {_BILLING: self.base_url}

    def open(self, door: Door, _settings: Mapping[str, str]) -> Account:
        """The account behind a door; there is nothing to set."""
        return Account(door)


CONNECTOR = Volcengine()
