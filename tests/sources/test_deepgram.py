"""Deepgram: dollars by line item and key, hours as seconds, and days that are really days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import BalanceReading, Slice, Tokens
from plimsoll.sources.providers.deepgram import CONNECTOR, Projects

DAY = date(2026, 11, 16)
ONE_DAY = {"units": "day", "amount": 1}


def bill(dollars: Any = 0.25, **group: Any) -> dict[str, Any]:
    usual = {"start": "2026-11-16", "end": "2026-11-16", "line_item": "streaming::nova-3"}
    return {"dollars": dollars, "grouping": {**usual, "accessor": "key1", **group}}


def use(**more: Any) -> dict[str, Any]:
    counts = {"hours": 1.5, "agent_hours": 0, "tokens_in": 12.0, "tokens_out": 3}
    group = {"start": "2026-11-16", "end": "2026-11-16", "models": ["nova-3"]}
    return {**counts, "tts_characters": 9158, "requests": 373, "grouping": group, **more}


class Server:
    def __init__(self, *rows: Any, resolution: Any = ONE_DAY, **refuse: bool) -> None:
        self.rows, self.resolution, self.refuse = list(rows), resolution, refuse
        self.balances: list[Any] = [
            {"amount": 191.75, "units": "USD"},
            {"amount": 3, "units": "hour"},
        ]
        self.door = FakeDoor(self.answer)
        self.account: Projects = CONNECTOR.open(self.door, {})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        last = call.path.rpartition("/")[2]
        if self.refuse.get(call.path.split("/")[-2]) or self.refuse.get(last):
            raise MissingScope("Deepgram does not let this key read that.")
        if last == "projects":
            return {"projects": [{"project_id": "p1", "name": "Phone"}]}
        if last == "balances":
            return {"balances": self.balances}
        if last == "keys":
            return {"api_keys": [{"api_key": {"api_key_id": "key1", "comment": "Kiosk"}}]}
        rows = [
            row
            for row in self.rows
            if call["start"] <= (row["grouping"].get("start") or call["start"]) <= call["end"]
        ]
        return {"resolution": self.resolution, "results": rows}


def the_day(endpoint: str, *rows: Any) -> Slice:
    (found,) = Server(*rows).account.pull(endpoint, Period(DAY, DAY))
    return found


def test_a_line_item_has_its_model_behind_the_colons_and_dollars_stay_dollars() -> None:
    streamed, agent = the_day("billing", bill(), bill("0.0125", line_item="agent")).charges
    assert streamed.amount == Money("USD", 250_000_000)
    assert agent.amount == Money("USD", 12_500_000)
    of = streamed.attribution
    assert (of.model, of.line_item, of.key, of.project) == (
        "nova-3",
        "streaming::nova-3",
        "key1",
        "p1",
    )
    assert agent.attribution.model is None


def test_null_groups_are_kept() -> None:
    (charge,) = the_day("billing", bill(line_item=None, accessor=None)).charges
    assert charge.attribution.line_item is None
    assert charge.amount.nanos == 250_000_000


def test_hours_are_seconds_and_tokens_are_tokens() -> None:
    (record,) = the_day("usage", use()).records
    assert dict(record.units) == {"seconds": Decimal(5400), "characters": Decimal(9158)}
    assert record.tokens == Tokens(input=12, output=3)
    assert record.requests == 373
    nothing = use(hours=0, tokens_in=0, tokens_out=0, tts_characters=0, requests=0)
    assert the_day("usage", nothing).records == ()


@pytest.mark.parametrize("resolution", [{"units": "week", "amount": 1}, None, {"units": "day"}])
def test_where_rows_are_longer_than_a_day_each_day_is_asked_by_itself(resolution: Any) -> None:
    server = Server(bill(), bill(start="2026-11-17"), resolution=resolution)
    days = list(server.account.pull("billing", Period(DAY, date(2026, 11, 18))))
    assert [len(day.charges) for day in days] == [1, 1, 0]
    spans = [(call["start"], call["end"]) for call in server.door.calls if call.params]
    assert spans[1:] == [(f"2026-11-{n}", f"2026-11-{n}") for n in (16, 17, 18)]
    days_told = Server(bill(), bill(start="2026-11-17"))
    assert list(days_told.account.pull("billing", Period(DAY, date(2026, 11, 18)))) == days
    assert len([call for call in days_told.door.calls if call.params]) == 1


def test_only_dollars_are_a_balance() -> None:
    server = Server()
    assert server.account.balances() == (BalanceReading(NOW, Money("USD", 191_750_000_000)),)
    server.balances = [{"amount": 3, "units": "hour"}]
    assert server.account.balances() == ()


def test_the_test_says_which_right_is_missing() -> None:
    cost, usage, _ = Server(billing=True).account.test()
    assert not cost.ok
    assert "billing:read" in cost.remedy
    assert usage.ok
    with pytest.raises(MissingScope, match="billing:read"):
        Server(billing=True, usage=True).account.test()


def test_a_refused_list_of_keys_leaves_ids() -> None:
    assert [name.name for name in Server().account.names()] == ["Phone", "Kiosk"]
    assert [name.name for name in Server(keys=True).account.names()] == ["Phone"]


@pytest.mark.parametrize(
    ("endpoint", "row"),
    [
        ("billing", bill(None)),
        ("billing", bill("NaN")),
        ("billing", {"dollars": 1}),
        ("billing", bill(line_item=7)),
        ("usage", use(hours=-1)),
        ("usage", use(tokens_in=1.5)),
        ("usage", {**use(), "grouping": {"models": "nova-3"}}),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_right_stores_nothing(endpoint: str, row: dict[str, Any]) -> None:
    body = {"resolution": ONE_DAY, "results": [row]}
    projects = {"projects": [{"project_id": "p1"}]}
    door = FakeDoor(lambda call: projects if call.path == "/projects" else body)
    account = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    with pytest.raises(SurprisingAnswer, match="Deepgram"):
        list(account.pull(endpoint, Period(DAY, DAY)))
