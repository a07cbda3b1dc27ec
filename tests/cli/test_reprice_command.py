"""`plimsoll reprice`: from what a provider serves to a range, its document, and plain refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

MONTH = ("--from", "2026-11-01", "--until", "2026-11-19")


@pytest.fixture
def filled(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    """A million tokens in and a tenth out in one hour, billed; and a search that is no token."""
    work.cost(date(2026, 11, 3), "2.80", line_item="gpt-4.1-2025-04-14, input")
    work.cost(date(2026, 11, 3), "0.25", line_item="web search")
    work.tokens(
        datetime(2026, 11, 3, 12, tzinfo=UTC),
        model="gpt-4.1-2025-04-14",
        input_tokens=1_000_000,
        output_tokens=100_000,
        num_model_requests=100,
    )
    assert cli("sync", "--since", "2026-11-01").code == 0
    return work


def test_the_document_has_each_offer_beside_what_was_spent(
    cli: Any, filled: LoopbackOpenAI
) -> None:
    ran = cli("reprice", "--to", "deepseek-flash", *MONTH, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    assert [answer[k] for k in ("schema", "from", "to", "share")] == [
        1,
        "2026-11-01",
        "2026-11-19",
        100,
    ]
    (spent,) = answer["spent"]
    assert (spent["billed"], spent["currency"]) == ("3.05", "USD")
    yuan, dollars = answer["scenarios"]
    assert (yuan["currency"], dollars["currency"]) == ("CNY", "USD")
    # Noon in UTC is off-peak: 1 and 4 yuan a million; 70 to 120 % of the tokens.
    assert (yuan["low"], yuan["high"]) == ("0.98", "1.68")
    assert (dollars["low"], dollars["high"]) == ("0.147", "0.252")
    assert sum(Decimal(kind["low"]) for kind in yuan["kinds"].values()) == Decimal("0.98")
    assert yuan["moved_tokens"] == 1_100_000
    assert yuan["moved_worth"] == [{"currency": "USD", "amount": "2.80"}]
    assert [(stay["reason"], stay["amount"]) for stay in yuan["cannot_move"]] == [
        ("line item", "0.25")
    ]
    assert answer["about_quality"].startswith("Prices of the same tokens, not of the same answers")


def test_a_person_reads_ranges_in_native_money(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("reprice", "--to", "deepseek-flash@deepseek", "--share", "50", *MONTH)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "1 November 2026 to 19 November 2026: 1,100,000 tokens, 50 % of it"
    assert "Spent: $1.52 billed" in lines
    assert "deepseek-flash at deepseek, CNY: ¥0.49 to ¥0.84" in lines
    assert any("no rate between CNY and USD" in line for line in lines)
    assert any("Cannot move: $0.25: web search" in line for line in lines)
    assert lines[-1].startswith("Prices of the same tokens, not of the same answers")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--to", "nobodys-model"), 2, "There is no list price of nobodys-model"),
        (("--to", "gpt-4.1@deepseek"), 2, "There is no list price of gpt-4.1 at deepseek"),
        ((), 2, "Say where to with --to MODEL, or ask for --off-peak."),
        (("--to", "glm-5.3", "--off-peak"), 2, "Say where to with --to MODEL"),
        (("--off-peak", "--share", "40"), 2, "--share and --tier go with --to"),
        (("--to", "glm-5.3", "--share", "0"), 2, "0 is not in the range"),
        (("--to", "deepseek-flsh"), 2, "Did you mean deepseek-flash"),
        (
            ("--to", "glm-5.3", "--until", "2026-10-01", "--from", "2026-11-01"),
            2,
            "before it begins",
        ),
        (
            ("--to", "glm-5.3", "--from", "2026-09-01", "--until", "2026-09-02"),
            1,
            "There is no usage from 2026-09-01 to 2026-09-02",
        ),
        (
            ("--to", "glm-5.3", "--where", "model=other"),
            1,
            "in this part of it: there is nothing to price anew",
        ),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    cli: Any, filled: LoopbackOpenAI, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = cli("reprice", *arguments)
    assert ran.code == code
    assert ran.out == ""
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_peak_hours_say_when_no_price_depends_on_them(cli: Any, filled: LoopbackOpenAI) -> None:
    ran = cli("reprice", "--off-peak", *MONTH)
    assert (ran.code, ran.err) == (0, "")
    assert "Nothing was used whose price depends on the hour." in ran.out
    assert cli("reprice", "--off-peak", *MONTH, "--json").json["off_peak"] == []


def test_the_help_says_why_the_last_day_is_until(cli: Any) -> None:
    ran = cli("reprice", "--help")
    assert "--until" in ran.out
    assert "quality" in ran.out
