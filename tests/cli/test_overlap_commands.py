"""The same organisation added under two names costs what it costs under one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from openai_on_loopback import KEY, LoopbackOpenAI

LAST = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = [LAST - timedelta(days=back) for back in range(30, -1, -1)]
YEAR = ("--from", "2026-01-01", "--to", "2026-11-20")

Cli = Callable[..., Any]


def fill(account: LoopbackOpenAI) -> None:
    rng = Random(4)
    for day in DAYS:
        for hour in (9, 14):
            account.tokens(
                day + timedelta(hours=hour),
                model="gpt-4o-2024-08-06",
                input_tokens=rng.randrange(10_000, 900_000),
                output_tokens=rng.randrange(1_000, 90_000),
            )
        account.cost(day.date(), f"{rng.randrange(10**6)}e-4", line_item="gpt-4o-2024-08-06, input")


@pytest.fixture
def second(
    cli: Cli, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], dict[str, Any]]:
    """Sync Work alone, remember its figures, then add the same account as Second and sync again."""

    def add() -> dict[str, Any]:
        fill(work)
        assert cli("sync").code == 0
        alone = figures(cli)
        monkeypatch.setenv("PLIMSOLL_KEY_SECOND", KEY)
        added = cli("source", "add", "openai", "--name", "Second", "--base-url", work.base_url)
        assert added.code == 0, added.err
        return alone

    return add


def figures(cli: Cli) -> dict[str, Any]:
    return {
        "spend": cli("spend", "--json", *YEAR).json,
        "month so far": [end["spent"] for end in cli("forecast", "--json").json["month_end"]],
        "by day": cli("spend", "--json", "--by", "day,model", *YEAR).json,
    }


def test_one_organisation_under_two_names_costs_the_same(
    cli: Cli, work: LoopbackOpenAI, second: Callable[[], dict[str, Any]]
) -> None:
    work.organisation = "org-made-up"
    alone = second()
    assert Decimal(alone["spend"]["total"]["amounts"][0]["billed"]) > 0
    ran = cli("sync")
    assert ran.code == 0
    lines = [line for line in ran.err.splitlines() if "same traffic" in line]
    assert len(lines) == 1
    assert "counted once, paid by Work" in lines[0]
    assert figures(cli) == alone
    assert "same traffic" not in cli("sync").err, "it is told once"


def test_where_no_id_is_told_equal_days_tell_it(
    cli: Cli, second: Callable[[], dict[str, Any]]
) -> None:
    alone = second()
    ran = cli("sync", "--json")
    (found,) = ran.json["overlaps"]
    assert (found["payer"], found["explainer"], found["counted_once"]) == ("Work", "Second", True)
    assert (found["reason"], found["relation"]) == ("series", "same")
    assert found["days"] == found["days_equal_to_the_token"] == 27, "days that can change are not"
    assert figures(cli) == alone


def test_the_list_asks_once_and_says_how_to_answer(
    cli: Cli, work: LoopbackOpenAI, second: Callable[[], dict[str, Any]]
) -> None:
    work.organisation = "org-made-up"
    alone = second()
    cli("sync")
    listed = cli("source", "list")
    assert "Second (OpenAI): fresh" in listed.out
    assert "explains what Work pays" in listed.out
    assert "`plimsoll source edit Second --set explains=Work`" in listed.err
    document = cli("source", "list", "--json").json
    assert [source["explains"] for source in document["sources"]] == [[], ["Work"]]
    assert [pair["asked"] for pair in document["overlaps"]] == [True]

    assert cli("source", "edit", "Second", "--set", "explains=Work").code == 0
    assert cli("source", "list").err == ""
    assert figures(cli) == alone

    assert cli("source", "edit", "Second", "--set", "explains=").code == 0
    assert cli("source", "list").err == ""
    twice = cli("spend", "--json", *YEAR).json["total"]
    once = alone["spend"]["total"]
    assert Decimal(twice["amounts"][0]["billed"]) == 2 * Decimal(once["amounts"][0]["billed"])
    assert twice["tokens"]["total"] == 2 * once["tokens"]["total"]
    cli("sync")
    assert cli("source", "list").err == "", "who has answered is not asked again"


def test_asked_for_by_name_the_explaining_source_shows_tokens_and_worth(
    cli: Cli, work: LoopbackOpenAI, second: Callable[[], dict[str, Any]]
) -> None:
    work.organisation = "org-made-up"
    alone = second()
    cli("sync")
    row = cli("spend", "--json", *YEAR, "--where", "source=Second").json["total"]
    assert row["tokens"] == alone["spend"]["total"]["tokens"]
    (amounts,) = row["amounts"]
    assert (amounts["billed"], amounts["estimated"], amounts["plan"]) == ("0", "0", "0")
    assert amounts["worth"] == alone["spend"]["total"]["amounts"][0]["worth"]


def test_who_pays_can_be_turned_round(
    cli: Cli, work: LoopbackOpenAI, second: Callable[[], dict[str, Any]]
) -> None:
    work.organisation = "org-made-up"
    alone = second()
    cli("sync")
    assert cli("source", "edit", "Work", "--set", "explains=Second").code == 0
    listed = cli("source", "list", "--json").json
    assert [source["explains"] for source in listed["sources"]] == [["Second"], []]
    assert figures(cli)["spend"]["total"] == alone["spend"]["total"]


def test_a_source_can_be_added_that_only_explains(
    cli: Cli, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(work)
    cli("sync")
    alone = figures(cli)
    monkeypatch.setenv("PLIMSOLL_KEY_SECOND", KEY)
    add = ("source", "add", "openai", "--name", "Second", "--base-url", work.base_url, "--set")
    assert cli(*add, "explains=Nobody").code == 2
    assert cli(*add, "explains=Work").code == 0
    cli("sync")
    assert figures(cli) == alone


@pytest.mark.parametrize("setting", ["explains=Nobody", "explains=Work", "explains="])
def test_what_cannot_be_is_refused(cli: Cli, work: LoopbackOpenAI, setting: str) -> None:
    ran = cli("source", "edit", "Work", "--set", setting)
    assert ran.code == 2
    assert ran.err


def test_the_help_says_it(cli: Cli) -> None:
    assert "explains=OTHER" in cli("source", "edit", "--help").out
