"""`plimsoll change`: the whole way from what a provider serves to a sentence and a document."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

MODEL = "gpt-5.4-mini-2026-03-05"
CAUSES = ["volume", "price", "model_mix", "class_mix", "new", "ended", "residual"]
PERIODS = ("--from", "2026-11-01", "--to", "2026-11-19")


def fill(account: LoopbackOpenAI) -> None:
    """Twice the tokens in November, a web search a day more, and a project that is new."""
    for month, times in ((10, 1), (11, 2)):
        for number in range(1, 20):
            day = date(2026, month, number)
            at = datetime(2026, month, number, 10, tzinfo=UTC)
            account.cost(day, f"{times * 2}.000000001", line_item=f"{MODEL}, input")
            account.cost(day, str(times), line_item=f"{MODEL}, output")
            account.cost(day, f"0.{times}", line_item="web search")
            account.tokens(at, model=MODEL, input_tokens=900 * times, output_tokens=100 * times)
            if month == 11:
                account.cost(day, "0.75", line_item=f"{MODEL}, input", project="proj_2")
                account.tokens(
                    at, model=MODEL, input_tokens=7, output_tokens=3, project_id="proj_2"
                )


@pytest.fixture
def filled(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    fill(work)
    assert cli("sync", "--since", "2026-09-01").code == 0
    return work


def test_the_document_is_the_contracts(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("change", *PERIODS, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    assert answer["schema"] == 1
    assert [answer[k] for k in ("from", "to", "against_from", "against_to")] == [
        "2026-11-01",
        "2026-11-19",
        "2026-10-01",
        "2026-10-19",
    ]
    assert answer["gaps"] == []
    (change,) = answer["changes"]
    assert change["currency"] == "USD"
    assert [part["cause"] for part in change["parts"]] == CAUSES
    before, after = Decimal(change["before"]), Decimal(change["after"])
    assert before == 19 * Decimal("3.100000001")
    assert after == 19 * Decimal("6.950000001")
    assert Decimal(change["difference"]) == after - before
    assert sum(Decimal(part["amount"]) for part in change["parts"]) == after - before
    for part in change["parts"]:
        assert sum(Decimal(thing["amount"]) for thing in part["things"]) == Decimal(part["amount"])
    assert change["tokens"]["after"]["output"] == 19 * 203


def test_each_cause_has_its_own_money(cli: Any, filled: LoopbackOpenAI) -> None:
    (change,) = cli("change", *PERIODS, "--json").json["changes"]
    found = {part["cause"]: part for part in change["parts"]}
    assert found["new"]["amount"] == "14.25"
    assert found["new"]["things"] == [{"dimension": "project", "name": "proj_2", "amount": "14.25"}]
    assert found["residual"]["amount"] == "1.90"
    assert found["residual"]["things"][0]["name"] == "web search"
    # 19 nano-dollars a month did not double with the tokens: that is the price, to the unit.
    assert Decimal(found["volume"]["amount"]) + Decimal(found["price"]["amount"]) == 19 * 3
    assert abs(Decimal(found["price"]["amount"])) < Decimal("0.00000005")
    assert {found[name]["amount"] for name in ("model_mix", "class_mix", "ended")} == {"0"}


def test_exchanging_the_periods_negates_the_answer(cli: Any, filled: LoopbackOpenAI) -> None:
    other = ("--against-from", "2026-10-01", "--against-to", "2026-10-19")
    there = cli("change", *PERIODS, *other, "--json").json["changes"][0]
    swapped = ("--against-from", PERIODS[1], "--against-to", PERIODS[3])
    back = cli("change", "--from", other[1], "--to", other[3], *swapped, "--json").json
    mirror = {"new": "ended", "ended": "new"}
    amounts = {part["cause"]: Decimal(part["amount"]) for part in there["parts"]}
    assert {
        mirror.get(part["cause"], part["cause"]): -Decimal(part["amount"])
        for part in back["changes"][0]["parts"]
    } == amounts


def test_the_first_line_is_a_plain_sentence(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("change", *PERIODS)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == (
        "November 1–19 cost $73.15 more than October 1–19: more tokens (+$57.00), "
        "new: proj_2 (+$14.25), more that no tokens explain (+$1.90)."
    )
    assert any(line.startswith("New: proj_2") and "+$14.25" in line for line in lines)
    assert lines[2].split() == ["October", "1–19", "$58.90", "$58.90", "billed"]


def test_without_dates_the_months_complete_days_are_explained(
    cli: Any, filled: LoopbackOpenAI
) -> None:
    assert cli("change", "--json").json == cli("change", *PERIODS, "--json").json


def test_a_period_that_nobody_fetched_is_unknown(cli: Any, work: LoopbackOpenAI) -> None:
    answer = cli("change", *PERIODS, "--json").json
    assert answer["changes"] == []
    assert "no data" in answer["sentence"]
    assert {gap["source"] for gap in answer["gaps"]} == {"Work"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2026-11-05", "--to", "2026-11-01"),
        ("--from", "2026-11-01", "--to", "2026-11-05", "--against-from", "2026-10-01"),
        ("--from", "yesterday"),
    ],
)
def test_wrong_periods_are_wrong_use(cli: Any, arguments: tuple[str, ...]) -> None:
    ran = cli("change", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_it_loads_nothing_heavy(cli: Any, filled: LoopbackOpenAI) -> None:
    heavy = ("PySide6", "httpx2", "pydantic", "genai_prices", "keyring", "sqlite_utils")
    script = (
        "import sys; sys.argv = ['plimsoll', 'change']\n"
        "from plimsoll.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "more tokens" in run.stdout
    assert run.stdout.splitlines()[-1] == "[]", run.stderr


def test_a_condition_narrows_what_is_explained(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("change", *PERIODS, "--where", "project=proj_2", "--json")
    (change,) = ran.json["changes"]
    assert (change["before"], change["after"]) == ("0", "14.25")
    assert cli("change", *PERIODS, "--where", "colour=red").code == 2
