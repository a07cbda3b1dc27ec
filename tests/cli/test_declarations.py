"""What a connector declares (settings, quotas, what asking costs, what it rests on), on the command
line, by a made-up provider that declares all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from plimsoll.domain.calendar import Period
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.usage import Name, Slice
from plimsoll.sources import base
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.signing.basic import Basic
from plimsoll.sources.sites import Site, Sites

SITES = Sites(
    "Paid Cloud",
    (
        Site("cn", "https://api.paid.example/v1", "CNY"),
        Site("intl", "https://api.paid.example.net/v1", "USD"),
    ),
)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Account:
    door: object
    endpoints: tuple[Endpoint, ...] = ()

    def test(self) -> tuple[Finding, ...]:
        return (Finding(True, "The plan can be read."),)

    def names(self) -> tuple[Name, ...]:
        return ()

    def pull(self, endpoint: str, period: Period) -> list[Slice]:
        return []

    def balances(self) -> tuple[()]:
        return ()

    def organisation(self) -> None:
        asked.append(self.door.host)  # type: ignore[attr-defined]

    def quotas(self) -> tuple[QuotaReading, ...]:
        counted = QuotaReading(
            NOON, "MCP calls", "month", used=Decimal(30), limit=Decimal(4000), resets_at=NOON
        )
        return (QuotaReading(NOON, "Model calls", "5 hours", Decimal("42.5")), counted)


class PaidCloud:
    name = "paid-cloud"
    title = "Paid Cloud"
    base_url = SITES.sites[0].address
    key_shape = KeyShape("access key", ("AK",), needs="Read.", pair=("ID", "SECRET"))
    key_header = Basic()
    headers: dict[str, str] = {}  # noqa: RUF012
    gives = Gives(quota=True)
    revision_days = 0
    about = About(
        settings=(
            SITES.setting,
            Setting("project", "Project", "the project to ask for.", required=True, example="p-1"),
        ),
        costs_money="Paid Cloud charges $0.01 for each request.",
        undocumented="Its plan route is not documented and can change any day.",
    )
    setting_names = about.setting_names

    def address(self, settings: dict[str, str], given: str | None) -> str:
        return SITES.address(settings, given)

    def open(self, door: object, settings: dict[str, str]) -> Account:
        return Account(door)


asked: list[str] = []
Cli = Callable[..., Any]
KEY = "AKID0123:5ecret-5ecret-5ecret"


@pytest.fixture(autouse=True)
def paid_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("plimsoll.sources.providers.paid_cloud")
    module.CONNECTOR = PaidCloud()  # type: ignore[attr-defined]
    known = (*base.provider_names(), "paid-cloud")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(base, "provider_names", lambda: known)
    monkeypatch.setenv("PLIMSOLL_KEY_CLOUD", KEY)
    asked.clear()


def added(cli: Cli, *settings: str) -> None:
    ran = cli("source", "add", "paid-cloud", "--name", "cloud", *sets(*settings))
    assert ran.code == 0, ran.err


def sets(*settings: str) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["project=p-1"], "Paid Cloud needs to know: which of its sites"),
        (["region=cn"], "Paid Cloud needs to know: the project to ask for. Say --set project=p-1"),
        (["region=eu", "project=p-1"], "no region called eu. Say region=cn or region=intl"),
        (["region=cn", "project="], "Paid Cloud needs to know: the project"),
        (["region=cn", "project=p-1", "colour=red"], "no setting called colour"),
    ],
)
def test_a_setting_that_is_missing_or_cannot_be_is_said(
    cli: Cli, settings: list[str], said: str
) -> None:
    ran = cli("source", "add", "paid-cloud", "--name", "cloud", *sets(*settings))
    assert ran.code != 0
    assert said in ran.err
    assert cli("source", "list", "--json").json["sources"] == []


def test_an_address_stands_for_the_site(cli: Cli) -> None:
    address = ("--base-url", "https://api.paid.example.net/v1")
    ran = cli("source", "add", "paid-cloud", "--name", "cloud", *address, *sets("project=p-1"))
    assert ran.code == 0, ran.err
    wrong = cli("source", "edit", "cloud", *sets("region=cn"))
    assert wrong.code != 0
    assert "not the one of region=cn" in wrong.err


def test_what_everybody_runs_at_home_needs_its_address(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PaidCloud, "about", About(own_server="the address of your own cloud"))
    monkeypatch.setattr(PaidCloud, "setting_names", ())
    words = ("source", "add", "paid-cloud", "--name", "cloud")
    refused = cli(*words)
    assert "needs to know the address of your own cloud. Say it with --base-url." in refused.err
    assert cli(*words, "--base-url", "https://cloud.home.example").code == 0


def test_an_empty_value_takes_a_setting_back(cli: Cli) -> None:
    address = ("--base-url", "https://api.paid.example.net/v1")
    words = ("source", "add", "paid-cloud", "--name", "cloud", *address)
    assert cli(*words, *sets("region=intl", "project=p-1")).code == 0
    assert cli("source", "edit", "cloud", *sets("region=")).code == 0
    refused = cli("source", "edit", "cloud", *sets("project="))
    assert "needs to know: the project" in refused.err


@pytest.mark.parametrize("key", ["AKID0123456", "AKID0123:", "BKID0123:5ecret"])
def test_half_a_pair_of_keys_is_refused_before_anything_is_kept(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_CLOUD", key)
    ran = cli("source", "add", "paid-cloud", "--name", "cloud", *sets("region=cn", "project=p"))
    assert ran.code != 0
    assert "Nothing was sent" in ran.err
    assert key not in ran.err
    if key.startswith("AK"):
        assert "two halves, which are given as one: ID:SECRET" in ran.err


def test_what_asking_costs_and_rests_on_is_said_before_the_first_call(cli: Cli) -> None:
    ran = cli("source", "add", "paid-cloud", "--name", "cloud", *sets("region=cn", "project=p"))
    assert "cloud: Paid Cloud charges $0.01 for each request." in ran.err
    assert "not documented and can change any day" in ran.err
    assert asked == []
    tried = cli("source", "test", "cloud")
    assert "charges $0.01" in tried.err
    assert "not documented and can change any day" in tried.out
    assert tried.code == 0


def test_a_paid_account_is_asked_once_a_day_unless_it_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(cli, "region=cn", "project=p")
    assert cli("sync").code == 0
    once = len(asked)
    again = cli("sync", "--json")
    assert again.code == 0
    assert again.json["left_out"] == ["cloud"]
    assert "cloud: asked today already, and asking costs money." in again.err
    assert len(asked) == once
    cli("sync", "cloud")
    assert len(asked) == 2 * once
    cli("sync", "--since", "2026-11-01")
    assert len(asked) == 3 * once
    monkeypatch.setenv("PLIMSOLL_NOW", "2026-11-21T00:00:01+00:00")
    cli("sync")
    assert len(asked) == 4 * once


def test_quotas_are_kept_and_listed_and_are_no_money(cli: Cli) -> None:
    added(cli, "region=intl", "project=p")
    assert cli("sync").code == 0
    listed = cli("source", "list", "--json").json
    assert listed["balances"] == []
    assert listed["quotas"] == [
        {
            "source": "cloud",
            "name": "Model calls",
            "window": "5 hours",
            "used_percent": "42.5",
            "used": None,
            "limit": None,
            "resets_at": None,
            "at": "2026-11-20T12:00:00+00:00",
        },
        {
            "source": "cloud",
            "name": "MCP calls",
            "window": "month",
            "used_percent": "0.8",
            "used": "30",
            "limit": "4000",
            "resets_at": "2026-11-20T12:00:00+00:00",
            "at": "2026-11-20T12:00:00+00:00",
        },
    ]
    assert "Model calls (5 hours) 42.5% used" in cli("source", "list").out
    assert cli("spend", "--json").json["total"]["amounts"] == []
    cli("source", "remove", "cloud", "--forget")
    assert cli("source", "list", "--json").json["quotas"] == []


def test_a_key_that_is_a_whole_file_is_read_from_standard_input(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLIMSOLL_KEY_CLOUD")
    monkeypatch.setattr(PaidCloud, "key_shape", KeyShape("file", ('{"type":',), needs="A file."))
    monkeypatch.setattr(PaidCloud, "key_header", KeyHeader("x-key"))
    file = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN-----"\n}\n'
    words = ("source", "add", "paid-cloud", "--name", "cloud", "--key-stdin")
    ran = cli(*words, *sets("region=cn", "project=p"), stdin=file)
    assert "keeps nothing" in ran.err  # it came as far as the tests' keyring
    half = cli(*words[:-2], "other", "--key-stdin", *sets("region=cn", "project=p"), stdin="{\n")
    assert "whole JSON object" in half.err


@pytest.mark.parametrize(
    "numbers", [{}, {"used": Decimal(1)}, {"used": Decimal(1), "limit": Decimal(0)}]
)
def test_a_quota_of_nothing_is_our_own_mistake(numbers: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="a quota needs"):
        QuotaReading(NOON, "Calls", "week", **numbers)  # type: ignore[arg-type]
