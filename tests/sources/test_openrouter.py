"""OpenRouter: thirty days that are over, to the nano-dollar, cut by key without losing any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, came_before, refused

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
from plimsoll.domain.usage import NameKind, Slice, Tokens
from plimsoll.sources.base import Account
from plimsoll.sources.providers.openrouter import CONNECTOR

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
FIRST = TODAY - timedelta(days=30)
ALL = Period(FIRST, YESTERDAY)
HOME, LAB = "ws-home", "ws-lab"


def row(day: date = YESTERDAY, **more: Any) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "model": "openai/gpt-4.1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14",
        "endpoint_id": "endpoint-1",
        "provider_name": "OpenAI",
        "usage": 1.25,
        "byok_usage_inference": 0,
        "requests": 10,
        "prompt_tokens": 1000,
        "completion_tokens": 300,
        "reasoning_tokens": 100,
        "cached_tokens": 400,
        "workspace_id": HOME,
        **more,
    }


def of_key(part: dict[str, Any], share: float) -> dict[str, Any]:
    """A key's share of a row."""
    counted = ("requests", "prompt_tokens", "completion_tokens", "reasoning_tokens")
    shares = {name: int(part[name] * share) for name in (*counted, "cached_tokens")}
    return {**part, **shares, "usage": part["usage"] * share}


class Server:
    """Answers as the documents say; `mine` are the rows of each key's own activity."""

    def __init__(self, *rows: dict[str, Any], **mine: list[dict[str, Any]]) -> None:
        self.rows, self.mine = list(rows), mine
        self.refuse: dict[str, Exception] = {}
        self.credits: Any = {"total_credits": 100.5, "total_usage": 25.75}
        self.key: dict[str, Any] = {"is_management_key": True}
        self.keys = [{"hash": key, "name": key.title(), "usage": 1} for key in mine]
        self.page = 100
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path in self.refuse:
            raise self.refuse[call.path]
        if call.path == "/activity":
            key = call.get("api_key_hash")
            return {"data": self.rows if key is None else self.mine[key]}
        if call.path == "/keys":
            first = int(call.get("offset") or 0)
            found = [] if call.get("workspace_id") else self.keys[first : first + self.page]
            return {"data": found}
        others: dict[str, Any] = {
            "/credits": {"data": self.credits},
            "/key": {"data": self.key},
            "/workspaces": {"data": [{"id": HOME, "name": "Home"}, {"id": LAB, "slug": "lab"}]},
        }
        return others[call.path]  # type: ignore[no-any-return]

    @property
    def account(self) -> Account:
        return CONNECTOR.open(self.door, {})  # type: ignore[arg-type]


def pulled(server: Server, period: Period = ALL) -> list[Slice]:
    return list(server.account.pull("activity", period))


def yesterday(server: Server) -> Slice:
    (day,) = pulled(server, Period(YESTERDAY, YESTERDAY))
    return day


# --- which days ---


def test_thirty_days_that_are_over_and_never_today() -> None:
    server = Server(row(FIRST), row(TODAY), row(FIRST - timedelta(days=1)))
    days = pulled(server, Period(date(2026, 1, 1), date(2026, 12, 31)))
    assert [day.day for day in days] == list(ALL.days())
    assert len(days) == 30
    assert [day.day for day in days if day.charges] == [FIRST]
    assert server.account.endpoints[0].reach == FIRST
    assert pulled(server, Period(TODAY, TODAY)) == []
    assert pulled(server, Period(date(2026, 1, 1), date(2026, 1, 31))) == []


def test_the_day_may_be_written_with_its_midnight() -> None:
    for written in (f"{YESTERDAY} 00:00:00", f"{YESTERDAY}T00:00:00Z"):
        assert yesterday(Server(row(date=written))).charges


def test_one_account_asks_for_its_activity_once() -> None:
    server = Server(row(), shop=[row()])
    account = server.account
    for day in (FIRST, YESTERDAY):
        list(account.pull("activity", Period(day, day)))
    account.names()
    assert len(server.door.asked("/activity")) == 2  # the whole, and one key
    assert len(server.door.asked("/keys")) == 3  # the default workspace and both by name


# --- one row ---


def test_tokens_are_disjoint_and_reasoning_is_a_part_of_the_output() -> None:
    (record,) = yesterday(Server(row())).records
    assert record.tokens == Tokens(input=600, cache_read=400, output=300, reasoning=100)
    assert record.requests == 10
    assert record.start == datetime(2026, 11, 23, tzinfo=UTC)
    assert record.end - record.start == timedelta(days=1)
    assert record.attribution.model == "openai/gpt-4.1"
    assert record.attribution.project == HOME


def test_more_cached_than_prompt_takes_nothing_off() -> None:
    (record,) = yesterday(Server(row(cached_tokens=1500))).records
    assert (record.tokens.input, record.tokens.cache_read) == (1000, 1500)


def test_amounts_are_dollars_not_cents() -> None:
    (charge,) = yesterday(Server(row(usage=123.45))).charges
    assert charge.amount == Money("USD", 123_450_000_000)
    assert charge.text == "123.45"
    assert charge.attribution.line_item == "OpenAI"


@pytest.mark.parametrize(
    ("written", "nanos"), [("2.5", 2_500_000_000), (0, 0), ("1e-7", 100), (-0.5, -500_000_000)]
)
def test_an_amount_may_be_text_or_number(written: Any, nanos: int) -> None:
    (charge,) = yesterday(Server(row(usage=written))).charges
    assert charge.amount.nanos == nanos


def test_what_the_provider_behind_took_is_kept_and_never_added() -> None:
    day = yesterday(Server(row(usage=0.05, byok_usage_inference=7.5)))
    assert [charge.amount.nanos for charge in day.charges] == [50_000_000]
    assert ("byok_usage_inference", "7.50") in day.records[0].details


def test_older_answers_without_workspaces_and_cache_are_read() -> None:
    old = {k: v for k, v in row().items() if k not in ("workspace_id", "cached_tokens")}
    server = Server(old)
    whole = server.answer

    def answer(call: Call) -> dict[str, Any]:
        if call.get("group_by"):
            raise refused(400)
        return whole(call)

    server.door.answer = answer
    day = yesterday(server)
    assert day.records[0].tokens.input == 1000
    assert day.bills_by == {"model", "line_item"}


@pytest.mark.parametrize(
    "more",
    [
        {"usage": None},
        {"usage": "NaN"},
        {"usage": True},
        {"usage": "1e30"},
        {"usage": "about 3"},
        {"byok_usage_inference": "free"},
        {"prompt_tokens": -1},
        {"prompt_tokens": None},
        {"prompt_tokens": 1.5},
        {"completion_tokens": "12"},
        {"reasoning_tokens": 301},
        {"requests": -2},
        {"model": None},
        {"date": "yesterday"},
        {"date": "2026-11-31"},
        {"date": None},
        {"date": "2026-11-25"},
    ],
    ids=str,
)
def test_a_row_that_cannot_be_right_stops_everything(more: dict[str, Any]) -> None:
    server = Server(row(FIRST), row(**more))
    days, error = came_before(server.account.pull("activity", ALL))
    assert days == []
    assert isinstance(error, SurprisingAnswer)
    assert "data[1]." in str(error)


def test_an_empty_list_is_thirty_days_without_anything() -> None:
    days = pulled(Server())
    assert len(days) == 30
    assert not any(day.records or day.charges for day in days)


# --- by key ---


def test_each_key_has_its_own_and_the_rest_stays_without_one() -> None:
    day = yesterday(Server(row(), shop=[of_key(row(), 0.5)], lab=[of_key(row(), 0.2)]))
    billed = {charge.attribution.key: charge.amount.nanos for charge in day.charges}
    assert billed == {"shop": 625_000_000, "lab": 250_000_000, None: 375_000_000}
    tokens = {record.attribution.key: record.tokens.total for record in day.records}
    assert tokens == {"shop": 650, "lab": 260, None: 390}
    assert sum(record.requests or 0 for record in day.records) == 10
    assert "key" in day.bills_by


def test_keys_that_account_for_everything_leave_no_rest() -> None:
    day = yesterday(Server(row(), shop=[of_key(row(), 0.5)], lab=[of_key(row(), 0.5)]))
    assert {charge.attribution.key for charge in day.charges} == {"shop", "lab"}


@pytest.mark.parametrize("whole", ["0.1000000015", "0.1000000005", "0.0999999995"])
def test_rounding_each_share_never_moves_the_sum(whole: str) -> None:
    share = of_key(row(), 0.5) | {"usage": "0.0500000005"}
    day = yesterday(Server(row(usage=whole), shop=[share], lab=[share]))
    (alone,) = yesterday(Server(row(usage=whole))).charges
    assert sum(charge.amount.nanos for charge in day.charges) == alone.amount.nanos
    assert {charge.attribution.key for charge in day.charges} == {"shop", "lab"}


@pytest.mark.parametrize(
    "mine",
    [
        {"shop": [row()], "lab": [row()]},  # a server that does not know the filter
        {"shop": [row(), row(model="openai/gpt-5")]},
        {"shop": [row(usage=2)]},
        {"shop": [row(prompt_tokens=1001)]},
    ],
    ids=["twice", "other rows", "more money", "more tokens"],
)
def test_keys_that_claim_more_than_there_is_are_not_believed(mine: Any) -> None:
    day = yesterday(Server(row(), **mine))
    assert [charge.amount.nanos for charge in day.charges] == [1_250_000_000]
    assert day.charges[0].attribution.key is None
    assert "key" not in day.bills_by


@pytest.mark.parametrize("refusal", [refused(400), refused(404), MissingScope("No.")], ids=str)
def test_where_a_key_s_own_activity_is_refused_the_day_stays_whole(refusal: Exception) -> None:
    server = Server(row(), shop=[row()])
    whole = server.answer

    def answer(call: Call) -> dict[str, Any]:
        if call.get("api_key_hash"):
            raise refusal
        return whole(call)

    server.door.answer = answer
    day = yesterday(server)
    assert [charge.attribution.key for charge in day.charges] == [None]
    assert day.bills_by == {"model", "line_item", "project"}


def test_keys_that_cannot_have_been_used_are_not_asked_for() -> None:
    server = Server(row(), shop=[row()])
    server.keys += [
        {"hash": "never", "name": "Never", "usage": 0, "byok_usage": 0},
        {"hash": "old", "name": "Old", "usage": 5, "last_used_at": "2026-01-02T03:04:05Z"},
    ]
    pulled(server)
    assert [call.get("api_key_hash") for call in server.door.asked("/activity")] == [None, "shop"]


def test_with_too_many_keys_the_money_stays_whole() -> None:
    server = Server(row(), **{f"key{n}": [] for n in range(61)})
    assert [charge.attribution.key for charge in yesterday(server).charges] == [None]
    assert len(server.door.asked("/activity")) == 1


# --- names ---


def test_workspaces_and_keys_get_their_names() -> None:
    server = Server(shop=[])
    server.keys.append({"hash": "f00", "name": "", "label": "sk-or-v1-abc...xyz"})
    named = {(name.kind, name.id): name.name for name in server.account.names()}
    assert named == {
        (NameKind.PROJECT, HOME): "Home",
        (NameKind.PROJECT, LAB): "lab",
        (NameKind.KEY, "shop"): "Shop",
        (NameKind.KEY, "f00"): "sk-or-v1-abc...xyz",
    }


def test_keys_are_followed_page_by_page_to_the_end() -> None:
    server = Server()
    server.keys = [{"hash": f"{n:03d}", "name": f"Key {n}", "usage": 0} for n in range(250)]
    assert len([n for n in server.account.names() if n.kind is NameKind.KEY]) == 250


def test_a_list_that_never_ends_is_refused() -> None:
    server = Server()
    server.keys = [{"hash": f"{n:03d}", "name": "x", "usage": 0} for n in range(100)]
    whole = server.answer
    server.door.answer = lambda call: whole(Call(call.path, ()))
    with pytest.raises(PageLoop):
        server.account.names()


def test_names_that_may_not_be_read_are_left_out() -> None:
    server = Server()
    server.refuse = {"/keys": MissingScope("No."), "/workspaces": refused(404)}
    assert server.account.names() == ()


# --- credits ---


def test_the_balance_is_credits_less_usage_in_dollars() -> None:
    (reading,) = Server().account.balances()
    assert reading.amount == Money("USD", 74_750_000_000)
    assert reading.at == NOW
    assert reading.ever_added is not None
    assert reading.ever_spent is not None
    assert reading.ever_added - reading.ever_spent == reading.amount.nanos


def test_the_balance_may_be_negative_and_its_parts_text() -> None:
    server = Server()
    server.credits = {"total_credits": "5", "total_usage": "5.000000001"}
    assert server.account.balances()[0].amount.nanos == -1


@pytest.mark.parametrize(
    "credit", [None, {}, {"total_credits": 5}, {"total_credits": "NaN", "total_usage": 1}], ids=str
)
def test_credits_that_cannot_be_right_are_no_balance(credit: Any) -> None:
    server = Server()
    server.credits = credit
    with pytest.raises(SurprisingAnswer):
        server.account.balances()


# --- which key can read what ---


def ordinary(server: Server, *, with_credits: bool = True) -> Server:
    no = MissingScope("OpenRouter says that this key may not read this.")
    server.refuse = {"/activity": no, "/keys": no, "/workspaces": no}
    server.key = {"is_management_key": False, "is_provisioning_key": False}
    if not with_credits:
        server.refuse["/credits"] = no
    return server


def test_a_management_key_reads_everything() -> None:
    findings = Server().account.test()
    assert all(finding.ok for finding in findings)
    assert "management key" in findings[0].what
    old = Server()
    old.key = {"is_provisioning_key": True}
    assert "management key" in old.account.test()[0].what


def test_an_ordinary_key_reads_its_balance_and_says_what_is_missing() -> None:
    account = ordinary(Server()).account
    kind, activity, balance, names = account.test()
    assert "ordinary" in kind.what
    assert (activity.ok, activity.essential) == (False, True)
    assert "management key" in activity.remedy
    assert balance.ok
    assert (names.ok, names.essential) == (False, False)
    days, error = came_before(account.pull("activity", ALL))
    assert days == []
    assert isinstance(error, MissingScope)
    assert "management key" in str(error)
    assert account.balances()


def test_a_key_that_reads_nothing_fails_the_test() -> None:
    account = ordinary(Server(), with_credits=False).account
    with pytest.raises(MissingScope):
        account.test()
    assert account.balances() == ()


@pytest.mark.parametrize(
    "error", [KeyRejected("OpenRouter refused the key."), RateLimited("Wait.", until=NOW)], ids=str
)
def test_a_wrong_key_and_a_full_queue_are_errors(error: Exception) -> None:
    server = Server(row())
    server.refuse = dict.fromkeys(("/activity", "/credits", "/key", "/keys", "/workspaces"), error)
    account = server.account
    asks: list[Callable[[], object]] = [account.test, account.balances, account.names]
    for ask in (*asks, lambda: list(account.pull("activity", ALL))):
        with pytest.raises(type(error)):
            ask()


@pytest.mark.parametrize("beginning", ["sk-ant-", "sk-proj-", "sk-", "AIza"])
def test_keys_of_others_are_known_by_their_looks(beginning: str) -> None:
    with pytest.raises(WrongKeyKind, match="Nothing was sent"):
        CONNECTOR.key_shape.check(Secret(f"{beginning}0123456789abcdef0123456789"))
