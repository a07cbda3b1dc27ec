"""`plimsoll growth`: the document, in words, and what each small archive makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

from plimsoll.cli import growth
from plimsoll.cli.growth import document
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO
from plimsoll.services.market_answers import Growth, Part, Use

MODEL = "gpt-5.4-mini"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))


@pytest.fixture
def filled(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    """Three weeks and four days of a dollar and a thousand tokens a day."""
    for offset in range(25):
        day = date(2026, 10, 26) + timedelta(days=offset)
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        work.tokens(at, model=MODEL, input_tokens=900, output_tokens=100, num_model_requests=20)
        work.cost(day, "1.00", line_item=f"{MODEL}, input")
    assert cli("sync", "--since", "2026-10-26").code == 0
    return work


def test_the_document_is_the_contracts(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("growth", "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    assert (answer["schema"], answer["currency"]) == (1, "USD")
    assert (answer["from"], answer["to"]) == ("2026-10-21", "2026-11-19")
    assert (answer["doubling"], answer["doubling_reason"]) == (None, "too_short")
    assert answer["own_loop"] == []
    use = answer["use"]
    assert use["tokens"] == {
        "by_region": {"mainland": 0, "overseas": 25000, "not_known": 0},
        "by_seller": {"openai": 25000},
        "shares": {"mainland": "0.000000", "overseas": "1.000000", "not_known": "0.000000"},
        "concentration": {"largest": "openai", "share": "1.000000", "herfindahl": "1.000000"},
    }
    assert use["money"]["by_region"]["overseas"] == "25.00"
    assert answer["before"]["tokens"]["shares"] is None, "nothing was used: no share is zero"
    assert [(week["from"], week["days"]) for week in answer["weeks"]] == [
        ("2026-10-26", 7),
        ("2026-11-02", 7),
        ("2026-11-09", 7),
        ("2026-11-16", 4),
    ]
    assert answer["weeks"][-1]["not_final"] > 0


def test_a_week_with_a_gap_has_amounts_and_no_shares() -> None:
    whole = Use(WEEK, (Part("openai", MODEL, "overseas", 1000, NANO),))
    gap = replace(whole, missing=1)
    made = Growth(NOW, "USD", ("USD",), None, whole, whole, (whole, gap), (), {})
    full, missing = document(made)["weeks"]
    assert full["tokens"]["shares"]["overseas"] == "1.000000"
    assert missing["missing"] == 1
    assert missing["tokens"]["by_region"]["overseas"] == 1000
    for side in ("tokens", "money"):
        assert (missing[side]["shares"], missing[side]["concentration"]) == (None, None)


def test_a_week_with_a_gap_says_so_in_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    whole = Use(WEEK, (Part("openai", MODEL, "overseas", 1000, NANO),))
    gap = replace(whole, missing=1)
    growth._print(Growth(NOW, "USD", ("USD",), None, gap, whole, (whole, gap), (), {}))
    printed = capsys.readouterr()
    first, second = (line for line in printed.out.splitlines() if line.startswith("2026-11-09"))
    assert first.endswith("100.0%   1.000  openai, by USD")
    assert second.endswith("–       –  no shares: some source gave no answer for 1 day")
    assert "Some source gave no answer for 1 of the 7 days." in printed.err


def test_in_words(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("growth")
    assert ran.code == 0
    assert "Growth, 21 October to 19 November (complete days, UTC)" in ran.out
    assert "  How fast tokens double cannot be said: it takes eight weeks of use." in ran.out
    assert "  Region of maker, tokens: overseas 100.0%" in ran.out
    assert (
        "  Largest supplier, money in USD: OpenAI 100.0%; Herfindahl-Hirschman index 1.000, "
        "1 is a single supplier"
    ) in ran.out
    assert (
        "2026-11-16        0.0%    100.0%       0.0%   100.0%   1.000  OpenAI, by USD; under way"
    ) in ran.out


def test_money_of_another_currency_is_asked_for_by_name(cli: Any, filled: LoopbackOpenAI) -> None:
    assert cli("growth", "--currency", "usd", "--json").json["currency"] == "USD"
    refused = cli("growth", "--currency", "CNY")
    assert refused.code == 2
    assert "Nothing was billed or estimated in CNY. Money is known in USD." in refused.err


def test_an_empty_archive_says_so(cli: Any) -> None:
    ran = cli("growth")
    assert ran.code == 0
    assert "No tokens in these days." in ran.out
    assert "No usage is stored, or none within a year: there are no weeks to show." in ran.err
    answer = cli("growth", "--json").json
    assert answer["weeks"] == []
    assert answer["use"]["tokens"]["shares"] is None
