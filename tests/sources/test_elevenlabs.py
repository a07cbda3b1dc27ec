"""ElevenLabs: credits or cost, whichever the workspace has, found by the units of the columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import KnownError, MissingScope, NotOffered, SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.elevenlabs import CONNECTOR, COST, CREDITS, Workspace

DAY = date(2026, 11, 16)


def table(*rows: Any, unit: str = "credits", **more: Any) -> dict[str, Any]:
    return {
        "columns": ["bucket", "product_type", "model", "total_usage"],
        "column_types": ["DateTime", "String", "String", "Float"],
        "column_units": [None, None, None, unit],
        "rows": list(rows),
        **more,
    }


def row(amount: Any = 1234.5, day: Any = "2026-11-16T00:00:00Z") -> list[Any]:
    return [day, "text_to_speech", "eleven_v3", amount]


class Server:
    def __init__(self, credits_: Any = None, cost: Any = None, **subscription: Any) -> None:
        self.tables = {CREDITS.path: credits_, COST.path: cost}
        self.subscription = subscription
        self.door = FakeDoor(self.answer)
        self.account: Workspace = CONNECTOR.open(self.door, {})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        if call.method == "GET":
            if not self.subscription:
                raise MissingScope("may not")
            return self.subscription
        told = self.tables[call.path]
        if told is None:
            raise refused(400)
        if isinstance(told, KnownError):
            raise told
        return told  # type: ignore[no-any-return]


def the_day(credits_: Any = None, cost: Any = None) -> Slice:
    (found,) = Server(credits_, cost).account.pull("usage", Period(DAY, DAY))
    return found


def test_credits_are_units_and_no_money() -> None:
    found = the_day(table(row(), row(0)))
    (record,) = found.records
    assert record.units == (("credits", Decimal("1234.5")),)
    assert (record.attribution.model, record.attribution.line_item) == (
        "eleven_v3",
        "text_to_speech",
    )
    assert found.charges == ()


@pytest.mark.parametrize(("unit", "currency"), [("usd", "USD"), ("eur", "EUR"), ("inr", "INR")])
def test_a_cost_has_the_currency_of_its_column_in_whole_units(unit: str, currency: str) -> None:
    (charge,) = the_day(None, table(row("0.42"), unit=unit)).charges
    assert charge.amount == Money(currency, 420_000_000)


def test_the_table_that_answered_is_asked_first_from_then_on() -> None:
    server = Server(None, table(unit="usd"))
    list(server.account.pull("usage", Period(date(2026, 10, 1), date(2026, 11, 30))))
    paths = [call.path for call in server.door.calls]
    assert paths == [CREDITS.path, COST.path, COST.path]


def test_milliseconds_and_whole_utc_days_are_asked() -> None:
    server = Server(table())
    list(server.account.pull("usage", Period(DAY, DAY)))
    (asked,) = server.door.calls
    assert asked.body is not None
    assert (asked.body["start_time"], asked.body["end_time"]) == (1794787200000, 1794873600000)
    assert asked.body["interval_seconds"] == 86400
    assert the_day(table(row(1, 1794787200000))).records[0].units == (("credits", Decimal(1)),)


def test_where_neither_is_offered_or_may_be_read_that_is_said() -> None:
    with pytest.raises(NotOffered):
        the_day()
    with pytest.raises(MissingScope, match="workspace analytics"):
        the_day(MissingScope("may not"))


@pytest.mark.parametrize(
    "odd",
    [
        table(column_units=[None, None, None, None]),
        table(column_units=[None, None, "credits", "credits"]),
        table(column_types=["String"] * 4),
        table(columns=["bucket"]),
        table(["2026-11-16T00:00:00Z"]),
        table(row("NaN")),
        table(row(-1)),
        table(row(1, "2026-11-17T00:00:00Z")),
        table(row(1, "2026-11-16T05:00:00Z")),
        table(row(1, None)),
    ],
    ids=range(10),
)
def test_a_table_that_could_be_read_in_two_ways_or_none_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer, match="ElevenLabs"):
        the_day(odd)


def test_the_plans_credits_are_a_quota_and_never_money() -> None:
    told = {"character_count": 30000, "character_limit": 100000}
    account = Server(table(), **told, next_character_count_reset_unix=1796083200).account
    (reading,) = account.quotas()
    assert (reading.at, reading.share) == (NOW, Decimal("30.0"))
    assert reading.resets_at is not None
    assert account.balances() == ()
    assert Server(table()).account.quotas() == ()
    assert Server(table(), **{**told, "character_limit": 0}).account.quotas() == ()
    with pytest.raises(SurprisingAnswer, match="character_count"):
        Server(table(), character_limit=5).account.quotas()


def test_before_the_first_day_that_may_be_asked_for_nothing_is() -> None:
    server = Server(table())
    assert list(server.account.pull("usage", Period(date(2019, 1, 1), date(2019, 12, 31)))) == []
    early = list(server.account.pull("usage", Period(date(2019, 12, 1), date(2020, 1, 2))))
    assert [day.day for day in early] == [date(2020, 1, 1), date(2020, 1, 2)]
    assert len(server.door.calls) == 1
