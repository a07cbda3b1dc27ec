"""`plimsoll check`: from what a provider serves to causes that add up, as text and as JSON."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from anthropic_on_loopback import LoopbackAnthropic
from openai_on_loopback import LoopbackOpenAI

MODEL = "gpt-5.4-mini"
DAYS = range(1, 20)
PERIOD = ("--from", "2026-11-01", "--to", "2026-11-19")


def sold(value: str, line_item: str, quantity: int, unit: str = "tokens") -> dict[str, object]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        "line_item": line_item,
        "project_id": "proj_1",
        "api_key_id": "key_1",
        "quantity": quantity,
        "quantity_unit": unit,
    }


def fill(account: LoopbackOpenAI) -> None:
    """$0.75 a million in, $4.50 out, at list price; storage, and a night's batch that usage does
    not tell.
    """
    for number in DAYS:
        day = date(2026, 11, number)
        account.costs[day] = [
            sold("3.0", f"{MODEL}, input", 4_000_000),
            sold("0.9", f"{MODEL}, output", 200_000),
            sold("0.25", "file search storage", 60, "gibibyte_hours"),
        ]
        tokens = {"input_tokens": 4_000_000, "output_tokens": 200_000}
        if number == 5:
            account.costs[day].append(sold("0.375", f"{MODEL}, input, batch", 1_000_000))
            tokens["input_tokens"] += 1_000_000
        account.tokens(datetime(2026, 11, number, 10, tzinfo=UTC), model=MODEL, **tokens)


@pytest.fixture
def filled(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    fill(work)
    assert cli("sync", "--since", "2026-11-01").code == 0
    return work


def test_the_document_is_the_contracts(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("check", *PERIOD, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    assert [answer[k] for k in ("schema", "from", "to")] == [1, "2026-11-01", "2026-11-19"]
    (account,) = answer["accounts"]
    assert [account[k] for k in ("source", "provider", "currency")] == ["Work", "openai", "USD"]
    assert Decimal(account["billed"]) == 19 * Decimal("4.15") + Decimal("0.375")
    assert Decimal(account["computed"]) == 19 * Decimal("3.9") + Decimal("0.75")
    assert account["difference"] == "4.375"
    assert (account["status"], account["unexplained"]) == ("explained", "0")
    assert account["gaps"] == []
    assert account["not_final_from"] == "2026-11-17"
    assert {c["cause"]: c["amount"] for c in account["causes"]} == {
        "not_tokens": "4.75",
        "tier": "-0.375",
    }
    for cause in account["causes"]:
        assert sum(Decimal(t["amount"]) for t in cause["things"]) == Decimal(cause["amount"])
    (thing,) = account["causes"][1]["things"]
    assert thing == {
        "words": f"{MODEL}, input, batch",
        "amount": "-0.375",
        "from": "2026-11-05",
        "to": "2026-11-05",
        "days": 1,
        "model": MODEL,
        "line_item": None,
        "kind": "input",
        "tier": "batch",
        "against": "standard",
        "quantity": "1000000",
        "billed_price": "0.375",
        "list_price": "0.75",
        "priced_by": "million tokens",
        "known_from": None,
        "percent": None,
    }


def test_the_text_leads_from_the_tokens_to_the_bill(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("check", *PERIOD)
    assert ran.code == 0
    lines = [line.split("  ") for line in ran.out.splitlines()]
    rows = [[part.strip() for part in line if part.strip()] for line in lines]
    assert rows[0] == ["1 bill of November 1–19 compared; 1 explained."]
    assert ["Tokens at list price", "$74.85"] in rows
    assert ["Billed", "$79.22"] in rows
    told = {row[0]: row[1:] for row in rows if len(row) == 3}
    assert told["Not tokens"] == ["+$4.75", "File search storage: $4.75 that is not for tokens."]
    assert told["Tier or batch"] == [
        "−$0.38",
        f"{MODEL}, input, batch: billed as batch, used as standard: $0.38 less.",
    ]


def test_billed_is_what_spend_says(cli: Any, filled: LoopbackOpenAI) -> None:
    spend = cli("spend", *PERIOD, "--json").json["total"]["amounts"][0]
    (account,) = cli("check", *PERIOD, "--json").json["accounts"]
    assert (account["billed"], account["computed"]) == (spend["billed"], spend["worth"])


def test_without_days_it_is_this_month_so_far(cli: Any, filled: LoopbackOpenAI) -> None:
    answer = cli("check", "--json").json
    assert (answer["from"], answer["to"]) == ("2026-11-01", "2026-11-20")


def test_in_the_first_days_of_a_month_it_is_the_month_before(
    cli: Any, filled: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_NOW", "2026-12-05T08:00:00+00:00")
    answer = cli("check", "--json").json
    assert (answer["from"], answer["to"]) == ("2026-11-01", "2026-11-30")
    monkeypatch.setenv("PLIMSOLL_NOW", "2026-12-06T08:00:00+00:00")
    answer = cli("check", "--json").json
    assert (answer["from"], answer["to"]) == ("2026-12-01", "2026-12-06")


def test_a_day_that_could_not_be_fetched_is_a_gap_in_both_places(
    cli: Any, filled: LoopbackOpenAI
) -> None:
    (account,) = cli("check", "--from", "2026-10-30", "--to", "2026-11-19", "--json").json[
        "accounts"
    ]
    (gap,) = [cause for cause in account["causes"] if cause["cause"] == "gap"]
    assert gap["amount"] == "0"
    assert (gap["things"][0]["from"], gap["things"][0]["to"]) == ("2026-10-30", "2026-10-31")
    assert [(g["from"], g["to"]) for g in account["gaps"]] == [("2026-10-30", "2026-10-31")]


def test_list_and_net_amounts_of_one_provider_are_a_discount(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    """Fifteen dollars at list price, told in cents, ten percent off by the bill's own word."""
    claude.newer_costs, claude.newer_usage = {}, {}
    for number in (3, 4):
        claude.newer_cost(
            date(2026, 11, number),
            "675",
            listed="750",
            token_type="output_tokens",
            model="claude-sonnet-4-5",
        )
        claude.newer_tokens(datetime(2026, 11, number, 9, tzinfo=UTC), fresh=0, output=500_000)
    assert cli("sync", "--since", "2026-11-01").code == 0
    (account,) = cli("check", "--to", "2026-11-10", "--json").json["accounts"]
    assert (account["billed"], account["computed"]) == ("13.50", "15.00")
    (cause,) = account["causes"]
    assert (cause["cause"], cause["amount"]) == ("discount", "-1.50")
    assert cause["sentence"] == "The bill takes 10% off list price: $1.50 less."
    assert {(t["known_from"], t["percent"]) for t in cause["things"]} == {("bill", "10")}


@pytest.mark.parametrize(
    "arguments", [("--from", "2026-11-05", "--to", "2026-11-01"), ("--from", "yesterday")]
)
def test_wrong_days_are_wrong_use(cli: Any, arguments: tuple[str, ...]) -> None:
    ran = cli("check", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_it_loads_nothing_heavy(cli: Any, filled: LoopbackOpenAI) -> None:
    heavy = ("PySide6", "httpx2", "pydantic", "genai_prices", "keyring", "sqlite_utils")
    script = (
        "import sys; sys.argv = ['plimsoll', 'check']\n"
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
    assert "compared" in run.stdout
    assert run.stdout.splitlines()[-1] == "[]", run.stderr
