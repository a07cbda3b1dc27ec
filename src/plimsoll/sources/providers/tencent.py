"""Tencent Cloud: TokenHub's tokens by hour and model, the bill by day, and what can be spent.

API facts: https://cloud.tencent.com/document/api/1823/132340 (DescribeUsageRankList),
https://cloud.tencent.com/document/product/881/20253 (DescribeAccountBalance) and
https://www.tencentcloud.com/document/product/555/30756 (DescribeBillDetail). Balances count fen
(cents abroad), bills whole yuan (dollars) as text. Mainland and international sites are separate
accounts with separate keys. Tokens are told by the hour of UTC, ten models a page; cached input is
a part of the input there. The bill is cut by the days of Beijing and lists the whole cloud: what
has Hunyuan, TokenHub or a language model in its product is of interest. A model key reads none of
this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import (
    ONE_DAY,
    Period,
    beijing_day,
    day_start,
    month_before,
    month_of,
    utc_day,
)
from plimsoll.domain.errors import REFUSED, NoAnswer, PageLoop, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
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
    Row,
    answer_of,
    counter,
    list_of,
    maybe_nanos,
    money,
    row_of,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import by_day, stretches, until_today
from plimsoll.sources.rows.tencent import FEN, VERDICTS, Hour, bill_lines, usage_hours
from plimsoll.sources.signing.tc3 import SignatureTc3
from plimsoll.sources.sites import Site, Sites
from plimsoll.sources.trials import Ask, each_tried

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

SITES = Sites(
    "Tencent Cloud",
    (
        Site("cn", "https://billing.tencentcloudapi.com", "CNY"),
        Site("intl", "https://billing.intl.tencentcloudapi.com", "USD"),
    ),
)
MONTHS_KEPT = 18
TOKENS_KEPT = timedelta(days=90)
DAYS_AT_ONCE = 9
"""Hours are told for ten days at most."""

MODELS_ON_A_PAGE = 10
ROWS_ON_A_PAGE = 300
MOST_ROWS = 300_000

_TOKENS = "tokenhub"
_REGIONS = {"CNY": "ap-guangzhou", "USD": "ap-singapore"}
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Account:
    """One Tencent Cloud account behind a door, billed in the currency of its site."""

    _door: Door
    _currency: str
    _months: dict[date, dict[date, list[Charge]]] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The bill, which reaches back 18 months, and the tokens of 90 days."""
        first = month_before(self._today(), MONTHS_KEPT - 1)
        tokens = utc_day(self._door.clock.now()) - TOKENS_KEPT
        return Endpoint("bill", say("Bill"), first), Endpoint("tokens", "TokenHub", tokens)

    def _today(self) -> date:
        """The day in Beijing, by which the bill is cut."""
        return beijing_day(self._door.clock.now())

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, as `base.Account.pull` promises."""
        reach = {one.name: one.reach for one in self.endpoints}[endpoint] or period.first
        asked = period.overlap(Period(reach, max(reach, self._today())))
        if endpoint == "bill":
            for day in asked.days() if asked else ():
                charges = self._month(day).get(day, ())
                bills_by = frozenset({"project", "line_item"})
                yield Slice("bill", day, charges=tuple(charges), bills_by=bills_by)
            return
        begun = until_today(asked, self._door.clock.now()) if asked else None
        for part in stretches(begun, DAYS_AT_ONCE):
            found: dict[date, list[UsageRecord]] = {day: [] for day in part.days()}
            for hour in self._hours(part):
                found[utc_day(hour.start)].append(_record(hour))
            for day, records in found.items():
                yield Slice("tokens", day, records=tuple(records))

    # -- tokens ----------------------------------------------------------------------------------

    def _hours(self, days: Period) -> Iterator[Hour]:
        seen = 0
        while True:
            asked = {
                "Dimension": "model",
                "MetricType": "tokens",
                "StartTime": _written(day_start(days.first)),
                "EndTime": _written(day_start(days.last + ONE_DAY)),
                "Period": 3600,
                "Offset": seen,
            }
            answer = self._ask("DescribeUsageRankList", asked, at=_TOKENS)
            with answer_of("Tencent", remedy=DAYS_STAY):
                total, page = counter(answer, "Total"), len(list_of(answer, "TopList"))
                yield from usage_hours(answer, days)
            seen += page
            if seen >= total:
                return
            if not page or seen > MOST_ROWS:
                raise PageLoop(
                    say("Tencent sent a list of models without an end."), remedy=DAYS_STAY
                )

    # -- money -----------------------------------------------------------------------------------

    def _month(self, day: date) -> dict[date, list[Charge]]:
        """The bill of a day's month, which is asked for once."""
        first = day.replace(day=1)
        if first not in self._months:
            self._months[first] = by_day(self._bill(month_of(day)))
        return self._months[first]

    def _bill(self, month: Period) -> Iterator[tuple[date, Charge]]:
        seen = 0
        while True:
            asked = {
                "Month": f"{month.first:%Y-%m}",
                "PeriodType": "byUsedTime",
                "NeedRecordNum": 1,
                "Offset": seen,
                "Limit": ROWS_ON_A_PAGE,
            }
            answer = self._ask("DescribeBillDetail", asked)
            with answer_of("Tencent", remedy=DAYS_STAY) as place:
                rows = [] if answer.get("DetailSet") is None else list_of(answer, "DetailSet")
                total = counter(answer, "Total")
                for index, raw in enumerate(rows):
                    place.where = f"DetailSet[{index}]"
                    yield from bill_lines(row_of(raw, "row"), month, self._currency)
            seen += len(rows)
            if seen >= total:
                return
            if not rows or seen > MOST_ROWS:
                raise PageLoop(say("Tencent sent a bill without an end."), remedy=DAYS_STAY)

    def balances(self) -> tuple[BalanceReading, ...]:
        """What can be spent, with the cash and the gifts that it is made of."""
        answer = self._ask("DescribeAccountBalance", {})
        now = self._door.clock.now()
        with answer_of("Tencent", remedy=BALANCE_STAYS):
            left, _ = money(answer, "Balance", self._currency, unit=FEN)
            cash = maybe_nanos(answer, "CashAccountBalance", unit=FEN)
            given = maybe_nanos(answer, "PresentAccountBalance", unit=FEN)
        return (BalanceReading(now, left, granted=given, topped_up=cash),)

    # -- the rest --------------------------------------------------------------------------------

    def names(self) -> tuple[Name, ...]:
        """Projects are told by their names."""
        return ()

    def organisation(self) -> str | None:
        """The account's number (UIN), where it stands beside the balance."""
        try:
            number = self._ask("DescribeAccountBalance", {}).get("Uin")
        except REFUSED:
            return None
        return str(number) if number else None

    def test(self) -> tuple[Finding, ...]:
        """The balance, this month's bill, and today's tokens."""
        today = utc_day(self._door.clock.now())
        bill = say("The bill by day (DescribeBillDetail)")
        tries: dict[str, Ask] = {
            say("The balance (DescribeAccountBalance)"): self.balances,
            bill: lambda: self._month(today),
            say("Tokens by hour and model (DescribeUsageRankList)"): lambda: list(
                self._hours(Period(today, today))
            ),
        }
        policy = say(
            "Give the sub-user QcloudFinanceBillReadOnlyAccess and read access to TokenHub."
        )
        return each_tried(tries, essential=bill, remedy=policy)

    def _ask(self, action: str, asked: Mapping[str, object], *, at: str = "") -> Row:
        version = "2026-03-22" if at == _TOKENS else "2018-07-09"
        headers = {
            "X-TC-Action": action,
            "X-TC-Version": version,
            "X-TC-Region": _REGIONS[self._currency],
        }
        body = self._door.query("/", asked, headers=headers, at=at, verdicts=VERDICTS)
        with answer_of("Tencent", remedy=DAYS_STAY):
            answer = row_of(body.get("Response"), "Response")
        if answer.get("Ready") == 0:
            raise NoAnswer(
                say("Tencent is still making this account's bill for the first time."),
                remedy=say("Try again in ten minutes."),
            )
        return answer


def _record(hour: Hour) -> UsageRecord:
    of = Attribution(model=hour.model)
    return UsageRecord(hour.start, hour.start + _HOUR, of, hour.tokens, requests=hour.requests)


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


class Tencent:
    """What can be known of Tencent Cloud without asking it."""

    name = "tencent"
    title = say("Tencent Cloud")
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("Tencent Cloud access key"),
        prefixes=("AKID", "IKID"),
        wrong=not_of("Tencent Cloud"),
        needs=say(
            "A SecretId (AKID…) and SecretKey of a sub-user with "
            "QcloudFinanceBillReadOnlyAccess and read access to TokenHub. A model "
            "key reads neither usage nor money."
        ),
        help_url="https://console.cloud.tencent.com/cam/capi",
        pair=("SECRET ID", "SECRET KEY"),
    )
    key_header = SignatureTc3({"": "billing", _TOKENS: "tokenhub"})
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(
        tokens=True,
        money=True,
        balance=True,
        per_model=True,
        per_project=True,
        hourly=True,
    )
    revision_days = 5
    """A day's bill is out on the next day, and goes on changing for a few."""
    about = About(
        settings=(SITES.setting,),
        figures=say(
            "The bill of 18 months by day (Beijing), project and line, in yuan "
            "or dollars; tokens by the hour and model of 90 days; what can be "
            "spent."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def more_addresses(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """TokenHub, at the same site."""
        home = SITES.address(settings, self.base_url if "region" not in settings else None)
        return {_TOKENS: home.replace("//billing.", "//tokenhub.")}

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """The currency of the account's region or site, None where neither tells."""
        return SITES.currency(settings, address)

    def open(self, door: Door, settings: Mapping[str, str]) -> Account:
        """The account behind a door, counting in the currency of its region or site.

        Raises `WrongUse` where neither tells it.
        """
        currency = SITES.currency(settings, door.host)
        if currency is None:
            raise WrongUse(
                say("It is not known whether this Tencent account counts in yuan or in dollars."),
                remedy=say("{say_which} Use `plimsoll source edit`.", say_which=SITES.say_which),
            )
        return Account(door, currency)


CONNECTOR = Tencent()
