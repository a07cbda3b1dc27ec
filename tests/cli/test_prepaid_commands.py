"""Prepaid accounts on the command line: run-out, warnings, and the account book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plimsoll.demo.server import DemoWorld

NOW = datetime.fromisoformat("2026-11-20T09:30:00+00:00")


class Days:
    """The world's present, moved on by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def world(days: Days) -> Iterator[DemoWorld]:
    with DemoWorld(seed=7, now=days) as served:
        yield served


@pytest.fixture
def kimi(cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    account = next(one for one in world.accounts if one.provider == "moonshot")
    monkeypatch.setenv("PLIMSOLL_KEY_KIMI", account.key)
    made = cli(
        "source", "add", "moonshot", "--name", "kimi", "--base-url", account.base_url,
        "--set", "region=cn",
    )  # fmt: skip
    assert made.code == 0


def sync(cli: Any, days: Days, monkeypatch: pytest.MonkeyPatch, at: datetime) -> Any:
    days.now = at
    monkeypatch.setenv("PLIMSOLL_NOW", at.isoformat())
    return cli("sync", "--json")


def test_what_is_left_runs_out_on_days_that_are_told_with_their_range(
    cli: Any, days: Days, kimi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(cli, days, monkeypatch, NOW - timedelta(days=30))
    (early,) = cli("forecast", "--json").json["run_out"]
    assert (early["state"], early["median"], early["probability"]) == ("unknown", None, None)
    for back in range(29, -1, -1):
        sync(cli, days, monkeypatch, NOW - timedelta(days=back))
    (found,) = cli("forecast", "--json").json["run_out"]
    assert (found["source"], found["currency"], found["derived"]) == ("kimi", "CNY", False)
    assert found["state"] == "dates"
    assert NOW.date().isoformat() <= found["low80"] <= found["median"]
    left, burn = Decimal(found["left"]), Decimal(found["burn_per_day"])
    plain = NOW.date() + timedelta(days=int(left / burn))
    assert abs((datetime.fromisoformat(found["median"]).date() - plain).days) <= 6
    assert "runs out about" in cli("forecast").out
    spent = cli("spend", "--json").json["total"]["amounts"]
    assert [amounts["currency"] for amounts in spent] == ["CNY"]
    assert cli("forecast", "--where", "provider=moonshot", "--json").json["run_out"] == []


def test_a_budget_in_yuan_watches_what_a_balance_loses(
    cli: Any, days: Days, kimi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in (30, 20, 10, 0):
        sync(cli, days, monkeypatch, NOW - timedelta(hours=hours))
    where = ("--currency", "CNY", "--where", "provider=moonshot", "--warn", "100")
    cli("budget", "set", "Kimi", "--amount", "500", *where)
    assert cli("budget", "check").code == 0
    cli("budget", "set", "Kimi", "--amount", "0.5", *where)
    assert cli("budget", "check").code == 3


def test_an_archive_that_holds_what_a_balance_lost_is_whole(
    cli: Any, days: Days, kimi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in (50, 26, 0):
        sync(cli, days, monkeypatch, NOW - timedelta(hours=hours))
    assert cli("spend", "--json").json["total"]["amounts"]
    checks = {check["name"]: check for check in cli("doctor", "--json").json["checks"]}
    assert checks["integrity"]["ok"], checks["integrity"]["sentence"]


def test_a_low_balance_is_told_by_the_sync_that_sees_it_and_listed(
    cli: Any, days: Days, kimi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sync(cli, days, monkeypatch, NOW - timedelta(days=1))
    assert first.json["balances"] == []
    (left,) = cli("source", "list", "--json").json["balances"]
    mark = Decimal(left["amount"]) - 1
    assert cli("source", "edit", "kimi", "--set", f"low_balance={mark}").code == 0
    told = sync(cli, days, monkeypatch, NOW)
    (warning,) = told.json["balances"]
    assert warning["threshold"] == f"balance:{mark}"
    assert warning["sentence"] in told.err
    assert sync(cli, days, monkeypatch, NOW + timedelta(hours=1)).json["balances"] == []
    (listed,) = cli("alert", "list", "--json").json["balances"]
    assert (listed["source"], listed["state"]) == ("kimi", "fired")


def test_a_mark_that_is_already_passed_tells_nothing_when_it_is_set(
    cli: Any, days: Days, kimi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(cli, days, monkeypatch, NOW)
    cli("source", "edit", "kimi", "--set", "low_balance=100000")
    assert sync(cli, days, monkeypatch, NOW + timedelta(hours=1)).json["balances"] == []
    assert len(cli("alert", "list", "--json").json["balances"]) == 1


def test_an_account_can_be_snoozed(cli: Any, kimi: None) -> None:
    assert cli("alert", "snooze", "kimi", "--until", "2026-11-25").code == 0
    (snoozed,) = cli("alert", "list", "--json").json["snoozed"]
    assert snoozed["budget"] == "kimi"
    assert cli("alert", "snooze", "nobody", "--until", "2026-11-25").code == 2


@pytest.mark.parametrize("said", ["low_balance=much", "low_balance=120%", "run_out_days=soon"])
def test_marks_that_mean_nothing_are_refused(cli: Any, kimi: None, said: str) -> None:
    ended = cli("source", "edit", "kimi", "--set", said)
    assert ended.code == 2
    assert said.partition("=")[0] in ended.err


# --- the account book -------------------------------------------------------------------------


@pytest.fixture
def openai(cli: Any, world: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    account = world.accounts[0]
    monkeypatch.setenv("PLIMSOLL_KEY_OPENAI", account.key)
    assert (
        cli("source", "add", "openai", "--name", "openai", "--base-url", account.base_url).code == 0
    )
    assert cli("sync", "--since", "2026-11-01").code == 0


def test_what_was_entered_is_drawn_down_by_what_was_spent(cli: Any, openai: None) -> None:
    spent = cli("spend", "--from", "2026-11-10", "--json").json["total"]["amounts"][0]
    spend = Decimal(spent["billed"]) + Decimal(spent["estimated"])
    cli("source", "top-up", "openai", "--start", "--amount", "1000", "--on", "2026-11-10")
    grant = ("--grant", "--amount", "50", "--on", "2026-11-12", "--expires", "2027-02-01")
    book = cli("source", "top-up", "openai", *grant, "--json").json
    (left,) = book["derived"]
    assert Decimal(left["left"]) == 1050 - spend
    assert Decimal(left["spent"]) == spend
    assert [entry["kind"] for entry in book["entries"]] == ["start", "grant"]
    (runs_out,) = cli("forecast", "--json").json["run_out"]
    assert (runs_out["derived"], runs_out["left"]) == (True, left["left"])
    assert cli("source", "list", "--json").json["balances"] == []
    number = str(book["entries"][1]["number"])
    book = cli("source", "top-up", "openai", "--remove", number, "--json").json
    assert Decimal(book["derived"][0]["left"]) == 1000 - spend
    assert cli("source", "top-up", "openai", "--remove", number).code == 2


def test_an_account_that_tells_its_balance_has_no_book(
    cli: Any, days: Days, kimi: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(cli, days, monkeypatch, NOW)
    ended = cli("source", "top-up", "kimi", "--amount", "50", "--currency", "CNY")
    assert ended.code == 2
    assert "tells its own balance" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("--amount", "0"),
        ("--amount", "many"),
        ("--amount", "5", "--on", "2026-11-10", "--expires", "2026-11-09"),
        ("--amount", "5", "--grant", "--start"),
        ("--amount", "5", "--currency", "dollars"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(
    cli: Any, openai: None, words: tuple[str, ...]
) -> None:
    assert cli("source", "top-up", "openai", *words).code == 2
    assert cli("source", "top-up", "openai", "--json").json["entries"] == []
