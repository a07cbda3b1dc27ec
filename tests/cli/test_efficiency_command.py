"""`plimsoll efficiency`: the document of a week, in words, and units of work by hand."""

from __future__ import annotations

import shlex
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from anthropic_on_loopback import LoopbackAnthropic, error
from openai_on_loopback import LoopbackOpenAI

from plimsoll.analysis.efficiency import Kind
from plimsoll.cli.efficiency import rows_command
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.services.efficiency_answers import Action, Basis
from plimsoll.services.spend import read_scope

MODEL = "gpt-5.4-mini"


@pytest.fixture
def filled(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    """Nine weeks of a dollar and a thousand tokens of output a day; the last one has three times
    as many.
    """
    for offset in range(63):
        day = date(2026, 9, 14) + timedelta(days=offset)
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        output = 3000 if day >= date(2026, 11, 9) else 1000
        work.tokens(at, model=MODEL, input_tokens=9000, output_tokens=output, num_model_requests=20)
        work.cost(day, "1.00", line_item=f"{MODEL}, input")
    assert cli("sync", "--since", "2026-09-14").code == 0
    return work


def test_an_empty_archive_says_that_nothing_of_the_week_is_known(cli: Any) -> None:
    ran = cli("efficiency")
    assert ran.code == 0
    assert "Nothing of this week is known." in ran.err


def test_the_document_is_the_contracts(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("efficiency", "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    assert (answer["schema"], answer["from"], answer["to"]) == (1, "2026-11-09", "2026-11-15")
    assert len(answer["weeks"]) == 9
    by_name = {one["measure"]: one for one in answer["measures"]}
    output = by_name["output_per_money"]
    assert (output["currency"], output["standing"]) == ("USD", "above")
    assert Decimal(output["value"]) == 3000
    assert Decimal(output["usual"]["median"]) == 1000
    assert Decimal(by_name["cost_per_request"]["value"]) == Decimal("0.05")
    assert by_name["cost_per_request"]["standing"] == "usual"
    assert by_name["own_loop"]["value"] is None
    assert by_name["own_loop"]["standing"] == "not_known"
    assert answer["action"] is None
    assert (output["action"], output["no_action"]) == (None, "costs_nothing")
    assert by_name["cost_per_request"]["no_action"] == "usual"
    assert output["divided"] == {"top": 21000, "bottom": "7.00"}
    assert output["sources"] == [{"source": "Work", "days": 7, "top": 21000, "bottom": "7.00"}]
    assert output["left_out"] == []


def test_in_words_a_week_is_marked_only_outside_of_what_is_usual(
    cli: Any, filled: LoopbackOpenAI
) -> None:
    ran = cli("efficiency")
    assert "Output tokens per USD: 3,000, higher than usual; usually 940 to 1,060" in ran.out
    assert "Cost per request: $0.0500, as usual, $0.0470 to $0.0530" in ran.out
    assert "Own loop" not in ran.out, "what is not known is not told"


@pytest.fixture
def dearer(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    """Nine weeks of a thousand tokens of output a day for a dollar; in the last one for three."""
    for offset in range(63):
        day = date(2026, 9, 14) + timedelta(days=offset)
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        work.tokens(at, model=MODEL, input_tokens=900, output_tokens=1000, num_model_requests=20)
        cost = "3.00" if day >= date(2026, 11, 9) else "1.00"
        work.cost(day, cost, line_item=f"{MODEL}, input")
    assert cli("sync", "--since", "2026-09-14").code == 0
    return work


def test_each_measure_that_costs_more_has_one_action_with_its_saving_and_its_rows(
    cli: Any, dearer: LoopbackOpenAI
) -> None:
    answer = cli("efficiency", "--json").json
    by_name = {one["measure"]: one for one in answer["measures"]}
    for name in ("output_per_money", "cost_per_request"):
        action = by_name[name]["action"]
        assert by_name[name]["no_action"] is None
        assert (action["source"], action["part"], action["value"]) == ("Work", "model", MODEL)
        assert (action["saving"], action["currency"], action["basis"]) == ("14.00", "USD", "billed")
        assert action["rows"] == {
            "from": "2026-11-09",
            "to": "2026-11-15",
            "where": ["source=Work", f"model={MODEL}"],
        }
    assert answer["action"] in (one["action"] for one in answer["measures"])


def test_the_command_that_is_printed_shows_the_rows_behind(
    cli: Any, dearer: LoopbackOpenAI
) -> None:
    out = cli("efficiency").out
    assert "To try: a request of gpt-5.4-mini (Work) cost $0.1500, usually $0.0500." in out
    assert "that week would have cost $14.00 less, by what was billed." in out
    printed = [line.split("rows: ")[1] for line in out.splitlines() if "rows: " in line]
    plimsoll, *words = shlex.split(printed[0])
    assert plimsoll == "plimsoll"
    assert cli(*words, "--json").json["total"]["amounts"][0]["billed"] == "21.00"


@pytest.mark.parametrize("name", ["O'Brien", "a b", "$(id)", "x;y", 'say "hi"', "=", "产品"])
def test_no_name_breaks_out_of_the_printed_command(name: str) -> None:
    scope = Scope(((Dimension.SOURCE, (name,)), (Dimension.PROJECT, (name,))))
    question = Question(Period(date(2026, 11, 9), date(2026, 11, 15)), scope=scope)
    saving, basis = Money("USD", NANO), Basis.BILLED
    action = Action(Kind.OUTPUT_PER_MONEY, name, Dimension.PROJECT, name, saving, basis, question)
    words = shlex.split(rows_command(action))
    assert words[-4:] == ["--where", f"source={name}", "--where", f"project={name}"]
    assert read_scope([words[-3], words[-1]]) == scope


def test_work_is_entered_listed_divided_and_removed(cli: Any, filled: LoopbackOpenAI) -> None:
    added = cli("efficiency", "add", "tickets", "14", "--on", "2026-11-12", "--json")
    assert added.json == {
        "schema": 1,
        "number": 1,
        "name": "tickets",
        "day": "2026-11-12",
        "count": 14,
    }
    assert "14 tickets" in cli("efficiency", "work").out
    assert (
        "Cost per unit of tickets: $0.5000 (all that was spent); too few" in cli("efficiency").out
    )
    assert cli("efficiency", "remove", "1").code == 0
    assert cli("efficiency", "remove", "1").code == 2
    none = cli("efficiency", "work", "--json").json
    assert (none["schema"], none["work"], none["reported"], none["notes"]) == (1, [], [], [])


def test_work_that_is_none_is_wrong_use(cli: Any) -> None:
    assert cli("efficiency", "add", "tickets", "0").code == 2
    assert cli("efficiency", "add", "tickets", "many").code == 2


def test_what_a_provider_counted_is_divided_into_its_own_estimate(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    for offset in range(63):
        day = date(2026, 9, 14) + timedelta(days=offset)
        claude.work(day, commits=4, pulls=1, added=200, cents=250)
    claude.work(date(2026, 11, 12), kind="subscription", commits=30, cents=900)
    assert cli("sync").code == 0
    by_name = {
        (one["unit"], one["cost"]): one
        for one in cli("efficiency", "--json").json["measures"]
        if one["measure"] == "cost_per_unit"
    }
    commits = by_name["commits", "estimated"]
    assert (commits["origin"], commits["currency"]) == ("Claude", "USD")
    assert Decimal(commits["value"]) == Decimal("0.625")
    assert commits["standing"] == "usual"
    assert Decimal(by_name["pull requests", "estimated"]["value"]) == Decimal("2.5")
    assert Decimal(by_name["commits", "plan"]["value"]) == Decimal("0.30")
    said = cli("efficiency").out
    assert "Cost per commit: $0.6250 (as Claude estimates it, paid by use)" in said
    assert "Cost per commit: $0.3000 (as Claude estimates it, under a plan: not owed)" in said
    assert (
        cli("spend", "--from", "2026-11-09", "--to", "2026-11-15", "--json").json["total"][
            "amounts"
        ]
        == []
    ), "an estimate is no spend"


def test_what_was_counted_is_listed_with_its_origin(cli: Any, claude: LoopbackAnthropic) -> None:
    claude.work(date(2026, 11, 12), commits=4, cents=250)
    assert cli("sync").code == 0
    ran = cli("efficiency", "work")
    assert "Counted for you, by weeks from 14 September to 15 November (UTC):" in ran.out
    assert "  commits, counted by Claude: 0, 0, 0, 0, 0, 0, 0, 0, 4\n" in ran.out
    (line,) = (one for one in ran_json(cli)["reported"] if one["name"] == "commits")
    assert line == {
        "origin": "Claude",
        "name": "commits",
        "counts": [0] * 8 + [4],
        "cost": "estimated",
        "currency": "USD",
        "amounts": ["0"] * 8 + ["2.50"],
    }
    assert cli("source", "remove", "Claude").code == 0
    assert ran_json(cli)["reported"] == []


def ran_json(cli: Any) -> Any:
    return cli("efficiency", "work", "--json").json


def test_a_report_that_is_refused_is_a_note_and_no_failure(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    claude.cost(date(2026, 11, 12), "123.45")
    claude.fault = lambda path, _query: error(403, "no") if path.endswith("/claude_code") else None
    assert cli("sync", "--since", "2026-11-01").code == 0
    assert "Claude did not tell on 20 November what was done." in cli("efficiency", "work").err
    ran = cli("source", "test", "Claude")
    assert ran.code == 0
    assert "What Claude Code did (commits, pull requests, lines) cannot be read." in (
        ran.out + ran.err
    )
