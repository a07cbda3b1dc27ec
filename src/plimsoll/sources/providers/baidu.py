"""Baidu AI Cloud: Qianfan's lines of the bill by day, and the cash that is left.

API facts: https://cloud.baidu.com/doc/Finance/s/cjxedqyml (GetResourceMonthBill) and
https://cloud.baidu.com/doc/Finance/s/Skhtyytwu (the balance). What was prepaid and what is paid
after use are asked each by itself. A line does not say of which day it is, so that a day of Beijing
with lines costs a question of its own; of a month that is over it is first asked whether there is
any. A day is told from ten o'clock of the next one. How far back a day can be asked for, no
document says: twelve months are. Amounts are whole yuan as JSON numbers; no currency is told. The
balance is cash alone: vouchers and packs are not in it.

The bill lists the whole cloud: what has Qianfan, Wenxin, ERNIE or large models in its product is of
interest. Its lines name resources and items and no model in a form that is certain, so none is
told. A member of a finance circle gets no amounts, which is an error here and not zero. A model key
(`bce-v3/…`) reads none of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, beijing_day, by_month, month_before, month_of
from plimsoll.domain.errors import REFUSED, PageLoop
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, BalanceReading, Charge, Name, Slice
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    BALANCE_STAYS,
    DAYS_STAY,
    Row,
    answer_of,
    counter,
    list_of,
    money,
    quantity,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.signing.bce import SignatureBce
from plimsoll.sources.trials import Ask, each_tried
from plimsoll.sources.verdicts import Verdicts

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole yuan, never fen."""

TOLD_FROM = timedelta(hours=10)
"""When, on the next day in Beijing, a day's bill is whole."""

MONTHS_ASKED = 12
ROWS_ON_A_PAGE = 100
MOST_ROWS = 100_000
PAID = ("postpay", "prepay")

VERDICTS = Verdicts(
    code=("code",),
    message=("message",),
    fine=frozenset({""}),
    stands_for={
        "InvalidAccessKeyId": 401,
        "SignatureDoesNotMatch": 401,
        "InvalidHTTPAuthHeader": 401,
        "RequestExpired": 401,
        "AccessDenied": 403,
        "RequestLimitExceeded": 429,
        "Throttling": 429,
        "InternalError": 500,
        "ServiceUnavailable": 500,
    },
)

_OURS = ("qianfan", "wenxin", "ernie", "千帆", "文心", "大模型")
_BILL = "/v1/bill/resource/month"


@dataclass(frozen=True, slots=True)
class Account:
    """One Baidu AI Cloud account behind a door."""

    _door: Door

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The bill of twelve months."""
        first = month_before(self._last_day(), MONTHS_ASKED - 1)
        return (Endpoint("bill", say("Bill"), first),)

    def _last_day(self) -> date:
        """The last day of Beijing whose bill is whole."""
        return beijing_day(self._door.clock.now() - TOLD_FROM) - ONE_DAY

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days of Beijing whose bill is whole, as `base.Account.pull` promises."""
        reach = self.endpoints[0].reach or period.first
        asked = period.overlap(Period(reach, max(reach, self._last_day())))
        for part in by_month(asked):
            told = [paid for paid in PAID if self._may_hold(part, paid)]
            for day in part.days():
                one = Period(day, day)
                charges = [charge for paid in told for charge in self._lines(one, paid)]
                bills_by = frozenset({"line_item"})
                yield Slice(endpoint, day, charges=tuple(charges), bills_by=bills_by)

    def _may_hold(self, days: Period, paid: str) -> bool:
        """Whether a part of a month is to be asked day by day: of one that is over, only if there
        is a line of ours in it at all.
        """
        is_over = month_of(days.first).last < self._last_day()
        return len(days) == 1 or not is_over or any(True for _ in self._lines(days, paid))

    def _lines(self, days: Period, paid: str) -> Iterator[Charge]:
        """The lines of these days, which do not say of which of them they are."""
        seen, page = 0, 0
        while True:
            page += 1
            body = self._page(days, paid, page=page)
            with answer_of("Baidu", remedy=DAYS_STAY) as place:
                total, rows = counter(body, "totalCount"), list_of(body, "bills")
                for index, raw in enumerate(rows):
                    place.where = f"bills[{index}]"
                    charge = _line(row_of(raw, "line"))
                    if charge is not None:
                        yield charge
            seen += len(rows)
            if seen >= total:
                return
            if not rows or seen > MOST_ROWS:
                raise PageLoop(say("Baidu sent a bill without an end."), remedy=DAYS_STAY)

    def _page(self, days: Period, paid: str, *, page: int) -> Row:
        asked = {
            "beginTime": days.first.isoformat(),
            "endTime": days.last.isoformat(),
            "productType": paid,
            "pageNo": str(page),
            "pageSize": str(ROWS_ON_A_PAGE),
        }
        return self._door.get(_BILL, asked.items(), verdicts=VERDICTS)

    def balances(self) -> tuple[BalanceReading, ...]:
        """The cash that is left, in yuan."""
        body = self._door.query("/v1/finance/cash/balance", verdicts=VERDICTS)
        now = self._door.clock.now()
        with answer_of("Baidu", remedy=BALANCE_STAYS):
            left, _ = money(body, "cashBalance", "CNY", unit=UNITS)
        return (BalanceReading(now, left),)

    def names(self) -> tuple[Name, ...]:
        """Nothing is told by an id that has a name."""
        return ()

    def organisation(self) -> str | None:
        """The account's id, which stands above its bill."""
        try:
            last = Period(self._last_day(), self._last_day())
            number = self._page(last, PAID[0], page=1).get("accountId")
        except REFUSED:
            return None
        return str(number) if number else None

    def test(self) -> tuple[Finding, ...]:
        """The cash, and the last day's bill."""
        last = Period(self._last_day(), self._last_day())
        bill = say("The bill by day (GetResourceMonthBill)")
        tries: dict[str, Ask] = {
            say("The cash balance"): self.balances,
            bill: lambda: list(self._lines(last, PAID[0])),
        }
        policy = say("Give the sub-user the policy FCFullControlPolicy.")
        return each_tried(tries, essential=bill, remedy=policy)


def _line(row: Row) -> Charge | None:
    """A line of one day's bill; None where it is none of Plimsoll's business."""
    names = [text for name in ("serviceType", "serviceTypeName") if (text := word(row, name))]
    product = " ".join(names)
    if not any(name in product.casefold() for name in _OURS):
        return None
    amount, text = money(row, "financePrice", "CNY", unit=UNITS)
    item = word(row, "chargeItemDesc") or word(row, "chargeItem")
    line = " · ".join(part for part in (word(row, "serviceTypeName"), item) if part) or product
    details = {
        "product": word(row, "serviceType"),
        "instance": word(row, "instanceId"),
        "paid": word(row, "productType"),
        "quantity": word(row, "amount"),
        "quantity_unit": word(row, "amountUnit"),
        "list_amount": quantity(row, "catalogPrice"),
        "coupon": quantity(row, "couponPrice"),
    }
    kept = tuple((name, value) for name, value in details.items() if value)
    return Charge(Attribution(line_item=line), amount, text, details=kept)


class Baidu:
    """What can be known of Baidu AI Cloud without asking it."""

    name = "baidu"
    title = say("Baidu Qianfan")
    base_url = "https://billing.baidubce.com"
    key_shape = KeyShape(
        label=say("Baidu AI Cloud access key"),
        prefixes=("",),
        wrong=(
            ("bce-v3/", say("This key calls models; it reads neither usage nor money.")),
            *not_of("Baidu's billing", own=("bce-v3/",)),
        ),
        needs=say(
            "An access key of a sub-user with FCFullControlPolicy, which Baidu "
            "demands and which allows more than reading. A model key (bce-v3/…) "
            "reads neither usage nor money."
        ),
        help_url="https://console.bce.baidu.com/iam/#/iam/accesslist",
        pair=("ACCESS KEY ID", "SECRET ACCESS KEY"),
    )
    key_header = SignatureBce()
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(money=True, balance=True)
    revision_days = 5
    """A day's bill is out on the next day, and goes on changing for a few."""
    about = About(
        figures=say(
            "Qianfan's lines of the bill of 12 months, by day (Beijing) and "
            "item, in yuan, each day from ten o'clock of the next; the cash that "
            "is left in the whole cloud, without vouchers and packs. Neither "
            "tokens nor models are told."
        ),
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Account:
        """The account behind a door; there is nothing to set."""
        return Account(door)


CONNECTOR = Baidu()
