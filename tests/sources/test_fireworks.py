"""Fireworks: units and billionths make dollars, one account is meant, and a part is no bill."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fake_door import Call, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, PageLoop, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.fireworks import CONNECTOR, Account

DAY = date(2026, 11, 16)
GLM = "accounts/fireworks/models/glm-5p3"


def cost(units: Any = "12", nanos: Any = 500_000_000, **more: Any) -> dict[str, Any]:
    of = {"startTime": f"{DAY}T00:00:00Z", "model": GLM, **more}
    return {"dimensions": of, "subtotal": {"currencyCode": "USD", "units": units, "nanos": nanos}}


class Server:
    """Answers as the reference tells; `pages` by their tokens."""

    def __init__(self, *rows: dict[str, Any], accounts: Any = ("team",), **pages: Any) -> None:
        self.pages = {"": {"rows": list(rows)}, **pages}
        self.accounts = [{"name": f"accounts/{one}"} for one in accounts]
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/accounts":
            return {"accounts": self.accounts}
        body = call.body or {}
        assert call.path == "/accounts/team/usageCosts:query"
        assert (body["scope"], body["groupBy"]) == ("ACCOUNT", ["DAY", "MODEL"])
        if not body["startTime"].startswith(DAY.isoformat()):
            return {"rows": []}
        page: dict[str, Any] = self.pages[body.get("pageToken", "")]
        return page

    def account(self, **settings: str) -> Account:
        return CONNECTOR.open(self.door, settings)  # type: ignore[arg-type]


def the_day(server: Server) -> Slice:
    (found,) = server.account().pull("costs", Period(DAY, DAY))
    return found


@pytest.mark.parametrize(
    ("units", "nanos", "expected"),
    [
        ("12", 500_000_000, 12_500_000_000),
        (12, 0, 12_000_000_000),
        ("0", 1, 1),
        ("-1", -250_000_000, -1_250_000_000),
    ],
)
def test_units_and_billionths_make_dollars(units: Any, nanos: int, expected: int) -> None:
    (charge,) = the_day(Server(cost(units, nanos))).charges
    assert charge.amount == Money("USD", expected)
    assert charge.attribution.model == GLM


@pytest.mark.parametrize(
    "odd",
    [
        cost("12.5"),
        cost(None),
        cost(1.5),
        cost("1", -5),
        cost("1", 10**9),
        cost("1", "0"),
        cost(startTime=f"{DAY}T01:00:00Z"),
        cost(startTime="2026-11-17T00:00:00Z"),
        {**cost(), "subtotal": {"units": "1"}},
        {**cost(), "dimensions": None},
    ],
)
def test_a_row_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(odd))


def test_pages_are_followed_and_a_token_that_comes_twice_is_a_loop() -> None:
    pages = {"": {"rows": [cost("1")], "nextPageToken": "b"}, "b": {"rows": [cost("2")]}}
    assert len(the_day(Server(**pages)).charges) == 2
    with pytest.raises(PageLoop):
        the_day(
            Server(
                **{"": {"rows": [], "nextPageToken": "b"}, "b": {"rows": [], "nextPageToken": "b"}}
            )
        )


def test_no_rows_are_nothing_only_where_a_subtotal_says_so() -> None:
    assert the_day(Server(**{"": {"subtotal": {"units": "0"}}})).charges == ()
    with pytest.raises(SurprisingAnswer):
        the_day(Server(**{"": {}}))


def test_the_only_account_is_found_once_and_one_of_several_is_never_guessed() -> None:
    server = Server(cost())
    account = server.account()
    for _ in range(2):
        list(account.pull("costs", Period(DAY, DAY)))
    assert len(server.door.asked("/accounts")) == 1
    assert account.organisation() == "team"
    several = Server(cost(), accounts=("team", "other"))
    with pytest.raises(WrongUse, match="several accounts"):
        several.account().test()
    assert several.account(account="team").test()[0].ok
    with pytest.raises(WrongUse, match="no account at all"):
        Server(accounts=()).account().test()
    with pytest.raises(WrongUse, match="no id"):
        Server().account(account="../team")


def test_a_part_of_the_bill_is_not_taken_for_the_whole() -> None:
    server = Server()

    def refuse(call: Call) -> dict[str, Any]:
        if call.path == "/accounts":
            return {"accounts": server.accounts}
        assert (call.body or {})["scope"] == "ACCOUNT"
        raise MissingScope("Fireworks does not let this key read costs.")

    server.door.answer = refuse
    with pytest.raises(MissingScope):
        server.account().test()
