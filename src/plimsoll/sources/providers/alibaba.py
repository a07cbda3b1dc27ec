"""Alibaba Cloud: Model Studio's (Bailian's, DashScope's) bill by day, model and workspace, and the
balance.

API facts: BssOpenApi of 2017-12-14: https://help.aliyun.com/document_detail/87997.html
(QueryAccountBalance) and
https://www.alibabacloud.com/help/en/boa/latest/api-query-instance-billing-service
(DescribeInstanceBill). Mainland and international sites are separate accounts with separate keys.
Amounts are whole yuan or dollars; balances are text that may have commas between thousands. Days
are those of Beijing, on both sites, as the bill cuts them; they are kept as they are. The bill
lists the whole cloud: only Model Studio's lines are of interest (`rows.alibaba`). A daily bill is
told for one day a question, so that a day with lines costs one; of a month that is over it is first
asked whether there is any.

An item names its model and workspace inside its `InstanceID` (`n;workspace;model;kind;…`): that is
no document's word, but what programs that read real bills agree on. An item that is written in
another way has no model here. The bill's quantities are kept beside the money and are not counted
as tokens. A model key (sk-…) reads none of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, beijing_day, by_month, month_before, month_of
from plimsoll.domain.errors import REFUSED, PageLoop
from plimsoll.domain.said import say
from plimsoll.domain.usage import BalanceReading, Charge, Name, Slice
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    flag,
    list_of,
    maybe_nanos,
    money,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.rows.alibaba import UNITS, VERDICTS, bill_item, is_ours, ungrouped
from plimsoll.sources.signing.acs3 import SignatureAcs3
from plimsoll.sources.sites import Site, Sites
from plimsoll.sources.trials import Ask, each_tried

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

SITES = Sites(
    "Alibaba Cloud",
    (
        Site("cn", "https://business.aliyuncs.com", "CNY"),
        Site("intl", "https://business.ap-southeast-1.aliyuncs.com", "USD"),
    ),
)
MONTHS_KEPT = 18
ROWS_ON_A_PAGE = 300
MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Account:
    """One Alibaba Cloud account behind a door."""

    _door: Door

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The bill, which reaches back 18 months."""
        first = month_before(self._today(), MONTHS_KEPT - 1)
        return (Endpoint("bill", say("Bill"), first),)

    def _today(self) -> date:
        """The day in Beijing, by which the bill is cut."""
        return beijing_day(self._door.clock.now())

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days of Beijing up to today, as `base.Account.pull` promises."""
        reach = self.endpoints[0].reach or period.first
        asked = period.overlap(Period(reach, self._today()))
        for part in by_month(asked):
            may_hold = self._may_hold(part)
            for day in part.days():
                bills_by = frozenset({"model", "project", "line_item"})
                charges = tuple(self._day(day)) if may_hold else ()
                yield Slice(endpoint, day, charges=charges, bills_by=bills_by)

    def _may_hold(self, days: Period) -> bool:
        """Whether a part of a month is to be asked day by day: of one that is over, only if the
        month has a line of ours at all.
        """
        month = month_of(days.first)
        if len(days) == 1 or month.last >= self._today():
            return True
        with answer_of("Alibaba Cloud", remedy=DAYS_STAY) as place:
            for place.where, item in self._items({"Granularity": "MONTHLY"}, month.first):
                if is_ours(item):
                    return True
        return False

    def _day(self, day: date) -> Iterator[Charge]:
        asked = {"Granularity": "DAILY", "BillingDate": day.isoformat()}
        for where, item in self._items(asked, day):
            with answer_of("Alibaba Cloud", remedy=DAYS_STAY, where=where):
                charge = bill_item(item, day)
            if charge is not None:
                yield charge

    def _items(self, cut: Mapping[str, str], day: date) -> Iterator[tuple[str, Row]]:
        """The items of the bill of a day's month, cut as wanted, each with its place."""
        asked = {
            "BillingCycle": f"{day:%Y-%m}",
            **cut,
            "IsBillingItem": "true",
            "MaxResults": str(ROWS_ON_A_PAGE),
        }
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            data = self._ask("DescribeInstanceBill", asked, remedy=DAYS_STAY)
            with answer_of("Alibaba Cloud", remedy=DAYS_STAY):
                items = [row_of(raw, "item") for raw in list_of(data, "Items")]
                token = word(data, "NextToken")
            for index, item in enumerate(items):
                yield f"Items[{index}]", item
            if token is None:
                return
            if token in seen:
                break
            seen.add(token)
            asked["NextToken"] = token
        raise PageLoop(say("Alibaba Cloud sent a bill without an end."), remedy=DAYS_STAY)

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent, with the cash that is a part of it; credit lines are in the first."""
        with SITES.one_key_each():
            data = self._ask("QueryAccountBalance", {}, remedy=BALANCE_STAYS)
        now = self._door.clock.now()
        with answer_of("Alibaba Cloud", remedy=BALANCE_STAYS, where="Data"):
            currency = required_word(data, "Currency")
            row = ungrouped(ungrouped(data, "AvailableAmount"), "AvailableCashAmount")
            left, _ = money(row, "AvailableAmount", currency, unit=UNITS)
            cash = maybe_nanos(row, "AvailableCashAmount", unit=UNITS)
        return (BalanceReading(now, left, topped_up=cash),)

    def names(self) -> tuple[Name, ...]:
        """Workspaces are told by their ids only."""
        return ()

    def organisation(self) -> str | None:
        """The number of the account, which stands above its bill."""
        asked = {"BillingCycle": f"{self._today():%Y-%m}", "MaxResults": "1"}
        try:
            data = self._ask("DescribeInstanceBill", asked, remedy=DAYS_STAY)
        except REFUSED:
            return None
        number = data.get("AccountID")
        return str(number) if number else None

    def test(self) -> tuple[Finding, ...]:
        """The balance, and yesterday's bill."""
        yesterday = self._today() - ONE_DAY
        bill = say("The bill by day (DescribeInstanceBill)")
        tries: dict[str, Ask] = {
            say("The balance (QueryAccountBalance)"): self.balances,
            bill: lambda: list(self._day(yesterday)),
        }
        policy = say("Give the RAM user the policy AliyunBSSReadOnlyAccess.")
        return each_tried(tries, essential=bill, remedy=policy)

    def _ask(self, action: str, asked: Mapping[str, str], *, remedy: str) -> Row:
        headers = {"x-acs-action": action, "x-acs-version": "2017-12-14"}
        body = self._door.query("/", None, asked.items(), headers=headers, verdicts=VERDICTS)
        with answer_of("Alibaba Cloud", remedy=remedy):
            if flag(body, "Success") is not True:
                raise FieldError("Success", say("is not true"), body.get("Success"))
            return row_of(body.get("Data"), "Data")


class Alibaba:
    """What can be known of Alibaba Cloud without asking it."""

    name = "alibaba"
    title = say("Alibaba Cloud Model Studio")
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("Alibaba Cloud access key"),
        prefixes=("LTAI",),
        wrong=not_of(say("Alibaba Cloud's billing")),
        needs=say(
            "An AccessKey (LTAI…) of a RAM user with AliyunBSSReadOnlyAccess. A "
            "model key (sk-…) reads neither usage nor money."
        ),
        help_url="https://ram.console.aliyun.com/manage/ak",
        pair=("ACCESSKEY ID", "ACCESSKEY SECRET"),
    )
    key_header = SignatureAcs3()
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(money=True, balance=True, per_model=True, per_project=True)
    revision_days = 5
    """A day's bill is out a day later, and goes on changing for a few."""
    about = About(
        settings=(SITES.setting,),
        figures=say(
            "Model Studio's (Bailian's) lines of the bill of 18 months, by day "
            "(Beijing), workspace, model where the line names it, and item, "
            "before tax, in yuan or dollars, a day late; what can be spent in "
            "the whole cloud. Free quotas and tokens are not told."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """The currency of the account's region or site, None where neither tells."""
        return SITES.currency(settings, address)

    def open(self, door: Door, _settings: Mapping[str, str]) -> Account:
        """The account behind a door; every answer names its currency."""
        return Account(door)


CONNECTOR = Alibaba()
