"""Vercel: what the gateway takes, not the worth elsewhere, and no question nobody wants."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading, Slice, Tokens
from plimsoll.sources.about import about_of
from plimsoll.sources.providers.vercel import CONNECTOR, Team

DAY = date(2026, 11, 16)


def row(**more: Any) -> dict[str, Any]:
    return {
        "day": "2026-11-16",
        "model": "anthropic/claude-sonnet-5.5",
        "total_cost": 1.25,
        "market_cost": 1.5,
        "input_tokens": 42000,
        "output_tokens": 9800,
        "cached_input_tokens": 16000,
        "cache_creation_input_tokens": 3800,
        "reasoning_tokens": 520,
        "request_count": 84,
        **more,
    }


class Server:
    def __init__(self, *rows: dict[str, Any], **settings: str) -> None:
        self.rows = list(rows)
        self.door = FakeDoor(self.answer)
        self.account: Team = CONNECTOR.open(self.door, settings)  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/credits":
            return {"balance": "95.50", "total_used": "4.50"}
        return {"results": self.rows}


def the_day(*rows: dict[str, Any]) -> Slice:
    (found,) = Server(*rows).account.pull("report", Period(DAY, DAY))
    return found


def test_cached_tokens_are_a_part_of_the_input_and_dollars_stay_dollars() -> None:
    found = the_day(row())
    assert found.records[0].tokens == Tokens(22200, 16000, 3800, 0, 9800, 520)
    assert found.charges[0].amount == Money("USD", 1_250_000_000)
    assert dict(found.charges[0].details) == {"market_cost": "1.5"}
    assert the_day(row(total_cost="1.25")).charges[0].amount == found.charges[0].amount


def test_should_they_be_more_than_the_input_nothing_is_taken_off() -> None:
    (record,) = the_day(row(input_tokens=100)).records
    assert record.tokens == Tokens(100, 16000, 3800, 0, 9800, 520)


def test_calls_under_a_key_of_ones_own_cost_nothing_here() -> None:
    (charge,) = the_day(row(total_cost=0)).charges
    assert charge.amount == Money("USD", 0)


def test_a_range_is_one_question_and_days_to_come_are_left_out() -> None:
    server = Server(row())
    found = list(server.account.pull("report", Period(date(2026, 11, 1), date(2026, 12, 31))))
    assert [day.day for day in found] == list(Period(date(2026, 11, 1), NOW.date()).days())
    (asked,) = server.door.calls
    assert (asked["start_date"], asked["end_date"]) == ("2026-11-01", "2026-11-24")
    assert [day.day for day in found if day.charges] == [DAY]


def test_asking_costs_money_and_is_said_to_and_the_test_asks_nothing_that_costs() -> None:
    server = Server()
    findings = server.account.test()
    assert [call.path for call in server.door.calls] == ["/credits"]
    assert "$0.005" in findings[1].what
    assert "$5 for 1,000" in about_of(CONNECTOR).costs_money


def test_the_report_can_be_set_off() -> None:
    server = Server(report="off")
    assert server.account.endpoints == ()
    assert len(server.account.test()) == 1
    assert CONNECTOR.address({"report": "off"}, None) == "https://ai-gateway.vercel.sh/v1"
    with pytest.raises(WrongUse, match="no report called maybe"):
        CONNECTOR.address({"report": "maybe"}, None)


def test_what_is_left_and_what_was_ever_used_are_dollars() -> None:
    reading = BalanceReading(NOW, Money("USD", 95_500_000_000), ever_spent=4_500_000_000)
    assert Server().account.balances() == (reading,)


def test_a_team_without_the_report_is_told_what_it_needs() -> None:
    def refuse(_: Call) -> dict[str, Any]:
        raise MissingScope("Vercel does not let this key read that.")

    account = CONNECTOR.open(FakeDoor(refuse), {})  # type: ignore[arg-type]
    with pytest.raises(MissingScope, match="Pro or Enterprise"):
        list(account.pull("report", Period(DAY, DAY)))


@pytest.mark.parametrize(
    "rows",
    [
        [row(total_cost=None)],
        [row(total_cost="NaN")],
        [row(input_tokens=-1)],
        [row(reasoning_tokens=9801)],
        [row(day="2026-11-15")],
        [row(day="2026-11-16T09:00:00Z")],
        [row(), row()],
        [7],
    ],
    ids=str,
)
def test_rows_that_cannot_be_right_store_nothing(rows: list[Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="Vercel"):
        the_day(*rows)


def test_a_row_without_a_model_is_kept() -> None:
    found = the_day(row(), row(model=None))
    assert [charge.attribution.model for charge in found.charges][1] is None
