"""Baidu: yuan are yuan, a day is asked for when it is whole, and only Qianfan's lines count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from fake_door import Call, FakeDoor, StillClock

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    PageLoop,
    RateLimited,
    SurprisingAnswer,
    WrongKeyKind,
)
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.baidu import CONNECTOR, Account

DAY = date(2026, 11, 16)


def line(price: Any = 12.34, **more: Any) -> dict[str, Any]:
    return {
        "serviceType": "QIANFAN",
        "serviceTypeName": "千帆大模型平台",
        "chargeItemDesc": "ERNIE输入",
        "amount": "120.5",
        "amountUnit": "千tokens",
        "catalogPrice": 20.5,
        "financePrice": price,
        **more,
    }


class Server:
    """Answers as the reference tells; lines are those of one day, paid for after use."""

    day = DAY

    def __init__(self, *lines: dict[str, Any], size: int = 100) -> None:
        self.lines, self.size = list(lines), size
        self.cash: Any = 850.0
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/v1/finance/cash/balance":
            assert (call.method, call.body) == ("POST", None)
            return {"cashBalance": self.cash}
        asked = call["beginTime"] <= self.day.isoformat() <= call["endTime"]
        ours = asked and call["productType"] == "postpay"
        lines = self.lines if ours else []
        first = (int(call["pageNo"]) - 1) * self.size
        found = lines[first : first + self.size]
        return {"accountId": "a1", "totalCount": len(lines), "bills": found}

    @property
    def account(self) -> Account:
        return CONNECTOR.open(self.door, {})  # type: ignore[arg-type]


def the_day(server: Server) -> Slice:
    (found,) = server.account.pull("bill", Period(DAY, DAY))
    return found


@pytest.mark.parametrize("written", [12.34, "12.34", "1.234e1"])
def test_what_is_to_be_paid_counts_in_yuan_and_never_in_fen(written: Any) -> None:
    (charge,) = the_day(Server(line(written))).charges
    assert charge.amount == Money("CNY", 12_340_000_000)
    assert charge.attribution.line_item == "千帆大模型平台 · ERNIE输入"
    assert charge.attribution.model is None
    assert dict(charge.details)["list_amount"] == "20.5"
    (reading,) = Server().account.balances()
    assert reading.amount == Money("CNY", 850_000_000_000)


def test_only_qianfan_is_of_interest() -> None:
    others = [
        line(serviceType="BCC", serviceTypeName="云服务器BCC"),
        line(serviceType="BOS", serviceTypeName="对象存储"),
    ]
    ours = [line(serviceTypeName=None), line(serviceType="X", serviceTypeName="文心大模型")]
    assert len(the_day(Server(*others, *ours)).charges) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_both_ways_to_pay_are_asked_for_however_the_bill_is_paged(size: int) -> None:
    server = Server(line(1), line(2), line(3), size=size)
    assert sum(charge.amount.nanos for charge in the_day(server).charges) == 6 * 10**9
    assert {call["productType"] for call in server.door.calls} == {"postpay", "prepay"}


def test_a_bill_that_never_ends_is_a_loop() -> None:
    server = Server()
    server.door.answer = lambda _call: {"totalCount": 9, "bills": []}
    with pytest.raises(PageLoop):
        the_day(server)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 11, 24, 1, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 24, 16, 30, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_a_day_is_asked_for_from_ten_oclock_of_the_next_in_beijing(
    now: datetime, last: date
) -> None:
    server = Server()
    server.door.clock = StillClock(now)
    days = list(server.account.pull("bill", Period(date(2026, 11, 20), date(2026, 11, 30))))
    assert days[-1].day == last
    (endpoint,) = server.account.endpoints
    assert endpoint.reach == date(2025, 12, 1)


@pytest.mark.parametrize("odd", [None, "NaN", "12,34", True])
def test_an_amount_that_is_hidden_or_cannot_be_right_is_not_zero(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(line(odd)))
    server = Server()
    server.cash = odd
    with pytest.raises(SurprisingAnswer):
        server.account.balances()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidAccessKeyId", KeyRejected),
        ("SignatureDoesNotMatch", KeyRejected),
        ("AccessDenied", MissingScope),
        ("Throttling", RateLimited),
        ("SomethingNew", SurprisingAnswer),
    ],
)
def test_an_error_inside_an_answer_is_an_error(code: str, kind: type[Exception]) -> None:
    server = Server()
    server.door.answer = lambda _call: {"code": code, "message": "no", "cashBalance": 1}
    with pytest.raises(kind):
        server.account.balances()


def test_a_model_key_is_known_by_its_looks() -> None:
    with pytest.raises(WrongKeyKind, match="calls models"):
        CONNECTOR.key_shape.check(Secret("bce-v3/ALTAK-0123456789abcdef/0123456789"))


def test_the_account_is_known_by_its_id() -> None:
    server = Server()
    assert server.account.organisation() == "a1"
    assert len(server.door.calls) == 1


def test_of_months_that_are_over_only_those_with_lines_are_asked_day_by_day() -> None:
    server = Server(line())
    server.day = date(2026, 9, 16)
    summer = Period(date(2026, 7, 1), date(2026, 9, 30))
    days = list(server.account.pull("bill", summer))
    assert [day.day for day in days] == list(summer.days())
    assert [day.day for day in days if day.charges] == [server.day]
    assert len(server.door.calls) == 2 * 3 + 30, "two for each month, and September's days"


def test_the_month_under_way_is_asked_day_by_day() -> None:
    server = Server()
    days = list(server.account.pull("bill", Period(date(2026, 11, 1), date(2026, 11, 10))))
    assert len(days) == 10
    assert len(server.door.calls) == 2 * 10
