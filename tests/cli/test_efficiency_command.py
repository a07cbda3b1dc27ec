"""`plimsoll efficiency`: the document of a week, in words, and units of work by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

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


def test_in_words_a_week_is_marked_only_outside_of_what_is_usual(
    cli: Any, filled: LoopbackOpenAI
) -> None:
    ran = cli("efficiency")
    assert "Output tokens per USD: 3,000, higher than usual; usually 940 to 1,060" in ran.out
    assert "Cost per request: $0.0500; usually" in ran.out
    assert "Own loop" not in ran.out, "what is not known is not told"


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
    assert "Cost per unit of tickets: $0.5000; too few weeks" in cli("efficiency").out
    assert cli("efficiency", "remove", "1").code == 0
    assert cli("efficiency", "remove", "1").code == 2
    assert cli("efficiency", "work", "--json").json == {"schema": 1, "work": []}


def test_work_that_is_none_is_wrong_use(cli: Any) -> None:
    assert cli("efficiency", "add", "tickets", "0").code == 2
    assert cli("efficiency", "add", "tickets", "many").code == 2
