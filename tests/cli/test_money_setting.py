"""What tokens cost is said once, with `--set money=`, and what was billed stays billed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

MODEL = "gpt-5.4-mini"
KINDS = ("billed", "estimated", "plan")


def fill(work: LoopbackOpenAI) -> None:
    """A day that is billed and one whose bill has not come, a million fresh tokens each."""
    work.cost(date(2026, 11, 18), "3.00", line_item=f"{MODEL}, input")
    for day in (18, 19):
        at = datetime(2026, 11, day, 10, tzinfo=UTC)
        work.tokens(at, model=MODEL, input_tokens=1_000_000, output_tokens=0)


def money(answer: Any) -> dict[str, Decimal]:
    [amounts] = answer.json["total"]["amounts"]
    return {kind: Decimal(amounts[kind]) for kind in KINDS}


def test_tokens_under_a_plan_are_plan_and_a_bill_stays_a_bill(
    cli: Any, work: LoopbackOpenAI
) -> None:
    fill(work)
    assert cli("sync").code == 0
    api = {"billed": Decimal(3), "estimated": Decimal("0.75"), "plan": Decimal(0)}
    assert money(cli("spend", "--json")) == api
    assert cli("source", "edit", "Work", "--set", "money=plan").code == 0
    plan = api | {"estimated": Decimal(0), "plan": Decimal("0.75")}
    assert money(cli("spend", "--json")) == plan
    assert "$3.00 billed, $0.75 plan" in cli("spend").out
    assert [s["money"] for s in cli("source", "list", "--json").json["sources"]] == ["plan"]
    assert cli("sync").code == 0
    assert money(cli("spend", "--json")) == plan, "a sync changes nothing of it"
    assert cli("source", "edit", "Work", "--set", "money=api").code == 0
    assert money(cli("spend", "--json")) == api


def test_neither_a_budget_nor_a_forecast_holds_plan(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    cli("source", "edit", "Work", "--set", "money=plan")
    cli("budget", "set", "Team", "--amount", "3.50", "--warn", "90", "--warn-forecast", "")
    [budget] = cli("budget", "list", "--json").json["budgets"]
    assert Decimal(budget["spent"]) == 3
    assert cli("budget", "check").code == 0
    [under_plan] = cli("forecast", "--json").json["month_end"]
    cli("source", "edit", "Work", "--set", "money=api")
    assert cli("budget", "check").code == 3
    [paid_for] = cli("forecast", "--json").json["month_end"]
    assert Decimal(under_plan["median"]) < Decimal(paid_for["median"])


@pytest.mark.parametrize("value", ["", "free", "PLAN"])
def test_a_word_that_means_nothing_is_refused(cli: Any, work: LoopbackOpenAI, value: str) -> None:
    refused = cli("source", "edit", "Work", "--set", f"money={value}")
    assert refused.code == 2
    assert "money is plan or api" in refused.err


def test_a_source_without_tokens_has_no_such_setting(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_DEEP", "sk-0123456789abcdefghij0123456789ab")
    refused = cli("source", "add", "deepseek", "--name", "Deep", "--set", "money=plan")
    assert refused.code == 2
    assert "DeepSeek has no setting called money" in refused.err
