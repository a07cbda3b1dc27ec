"""Numbers that other programs of this kind get wrong: one test for each, from the provider to the
answer, so that none of them can come back here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from anthropic_on_loopback import LoopbackAnthropic
from openai_on_loopback import LoopbackOpenAI, _json

from plimsoll.demo.server import DemoWorld

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
"""Where `cli` sets the clock."""

TENTH = date(2026, 11, 10)
MORNING = datetime(2026, 11, 10, 9, tzinfo=UTC)


def money(document: Any, kind: str = "billed", currency: str = "USD") -> Decimal:
    """An amount of a row of an answer, in units of the currency; zero where it names none."""
    found = [a for a in document["amounts"] if a["currency"] == currency]
    return Decimal(found[0][kind]) if found else Decimal(0)


def rows_by(cli: Any, dimension: str, *words: str) -> dict[Any, Any]:
    answer = cli("spend", "--by", dimension, "--json", *words).json
    return {row[dimension]: row for row in answer["rows"]}


def total(cli: Any, *words: str) -> Any:
    return cli("spend", "--json", *words).json["total"]


# --- what is asked of the provider ---


def test_every_page_is_followed_and_the_largest_pages_are_asked_for(
    cli: Any, work: LoopbackOpenAI
) -> None:
    """Days come seven at a time unless asked otherwise, hours a week: the rest is not zero."""
    for back in range(300):
        day = date(2026, 11, 19) - timedelta(days=back)
        work.cost(day, "1", line_item=None)
        at = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
        work.tokens(at, model="gpt-5.4-mini", input_tokens=10, output_tokens=0)
    assert cli("sync").code == 0
    told = total(cli, "--from", "2025-11-01")
    assert (money(told), told["tokens"]["input"]) == (300, 3000)
    assert all("limit=" in request for request in work.requests if "_time=" in request)
    assert any("page=" in request for request in work.requests if "completions" in request)


def test_usage_beyond_completions_counts(cli: Any, work: LoopbackOpenAI) -> None:
    """Embeddings, images, speech and sessions are usage, too."""
    start = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp())
    common = {"project_id": "proj_1", "api_key_id": "key_1", "user_id": None}
    work.usage["embeddings"] = {
        start: [
            {
                **common,
                "model": "text-embedding-3-small",
                "input_tokens": 5000,
                "num_model_requests": 2,
            }
        ]
    }
    work.usage["images"] = {
        start: [{**common, "model": "gpt-image-2", "images": 3, "num_model_requests": 3}]
    }
    work.usage["audio_transcriptions"] = {
        start: [{**common, "model": "whisper-1", "seconds": 90, "num_model_requests": 1}]
    }
    work.usage["code_interpreter_sessions"] = {start: [{"project_id": "proj_1", "num_sessions": 4}]}
    assert cli("sync").code == 0
    told = total(cli)
    assert told["tokens"]["input"] == 5000
    assert (told["units"]["images"], told["units"]["seconds"]) == (3, 90)
    assert told["units"]["sessions"] == 4


def test_no_call_that_costs_money_is_made(cli: Any, work: LoopbackOpenAI) -> None:
    """A meter that sends a completion to read its headers spends what it measures."""
    assert cli("sync").code == 0
    assert cli("source", "test", "Work").code == 0
    assert work.requests
    assert all(request.startswith("/v1/organization/") for request in work.requests)


# --- what an amount is ---


def test_anthropics_amounts_are_cents_with_fractions_as_text(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    """`"123.45"` is one dollar and 23.45 cents: neither nothing nor a hundred times as much."""
    claude.cost(TENTH, "123.45")
    assert cli("sync").code == 0
    assert money(total(cli)) == Decimal("1.2345")


def test_an_error_body_is_never_zero(cli: Any, work: LoopbackOpenAI) -> None:
    """A body without its envelope is a failure: what was stored stays, and nothing new is 0."""
    work.cost(TENTH, "5", line_item=None)
    assert cli("sync").code == 0

    def error(path: str, _query: object) -> tuple[int, dict[str, str], bytes] | None:
        body = {"error": {"message": "something broke", "type": "server_error"}}
        return _json(body) if path.endswith("/costs") else None

    work.fault = error
    assert cli("sync").code in {1, 4}
    assert money(total(cli)) == 5


def test_a_charge_that_matches_no_usage_still_counts(cli: Any, claude: LoopbackAnthropic) -> None:
    """Web search and code execution are on the bill though no tokens go with them."""
    claude.tokens(MORNING, fresh=1000)
    claude.cost(TENTH, "100")
    claude.cost(TENTH, "40", cost_type="web_search", model=None, description="Web Search Usage")
    claude.cost(
        TENTH, "7", cost_type="code_execution", model=None, description="Code Execution Usage"
    )
    assert cli("sync").code == 0
    assert money(total(cli)) == Decimal("1.47")
    assert money(rows_by(cli, "model")[None]) == Decimal("0.47")


def test_a_model_is_matched_by_its_whole_name(cli: Any, work: LoopbackOpenAI) -> None:
    """`gpt-4o` does not swallow the money of `gpt-4o-mini`."""
    work.cost(TENTH, "8", line_item="gpt-4o, input")
    work.cost(TENTH, "3", line_item="gpt-4o-mini, input")
    assert cli("sync").code == 0
    assert money(total(cli, "--where", "model=gpt-4o")) == 8
    assert money(total(cli, "--where", "model=gpt-4o-mini")) == 3
    assert {model: money(row) for model, row in rows_by(cli, "model").items()} == {
        "gpt-4o": 8,
        "gpt-4o-mini": 3,
    }


def test_an_amount_keeps_every_digit_the_provider_writes(cli: Any, work: LoopbackOpenAI) -> None:
    """Text and numbers are read exactly: three tenths of a cent thrice are nine tenths."""
    for value in ("0.003", 0.003, "0.0030000000"):
        work.cost(TENTH, value, line_item=None)
    assert cli("sync").code == 0
    assert total(cli)["amounts"][0]["billed"] == "0.009"


# --- what a token is, and what it costs ---


def test_a_cache_write_of_an_hour_is_dearer_than_one_of_five_minutes(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    """At the price of the short one an hour's write would be 37.5 % too cheap."""
    short = {"ephemeral_5m_input_tokens": 1_000_000, "ephemeral_1h_input_tokens": 0}
    long = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 1_000_000}
    claude.tokens(MORNING, fresh=0, cache_creation=short, api_key_id="apikey_short")
    claude.tokens(MORNING, fresh=0, cache_creation=long, api_key_id="apikey_long")
    assert cli("sync").code == 0
    rows = rows_by(cli, "key")
    assert rows["apikey_short"]["tokens"]["cache_write_5m"] == 1_000_000
    assert rows["apikey_long"]["tokens"]["cache_write_1h"] == 1_000_000
    assert money(rows["apikey_short"], "estimated") == Decimal("3.75")
    assert money(rows["apikey_long"], "estimated") == 6


def test_reasoning_is_a_part_of_output_and_priced_once(cli: Any, work: LoopbackOpenAI) -> None:
    """Neither left out of the money nor added to it a second time."""
    work.tokens(
        MORNING,
        model="gpt-5.4-mini",
        input_tokens=0,
        output_tokens=1_000_000,
        output_reasoning_tokens=700_000,
    )
    assert cli("sync").code == 0
    told = total(cli)
    assert (told["tokens"]["output"], told["tokens"]["reasoning"]) == (1_000_000, 700_000)
    assert told["tokens"]["total"] == 1_000_000
    assert money(told, "estimated") == Decimal("4.50")


def test_cached_input_is_cheaper_and_batch_is_half(cli: Any, work: LoopbackOpenAI) -> None:
    """All input at its full price would be twice and ten times too much."""
    work.tokens(
        MORNING,
        model="gpt-5.4-mini",
        input_tokens=1_000_000,
        output_tokens=0,
        input_cached_tokens=1_000_000,
    )
    later = MORNING + timedelta(hours=1)
    work.tokens(later, model="gpt-5.4-mini", input_tokens=1_000_000, output_tokens=0, batch=True)
    assert cli("sync").code == 0
    rows = rows_by(cli, "tier")
    assert money(rows[None], "estimated") == Decimal("0.075")
    assert money(rows["batch"], "estimated") == Decimal("0.375")


def test_an_unknown_price_is_not_priced_and_not_nothing(cli: Any, work: LoopbackOpenAI) -> None:
    work.tokens(MORNING, model="gpt-of-tomorrow", input_tokens=1000, output_tokens=1)
    assert cli("sync").code == 0
    told = total(cli)
    assert told["not_priced_tokens"] == 1001
    assert told["amounts"] == []


def test_a_day_keeps_the_price_of_its_day(cli: Any, work: LoopbackOpenAI) -> None:
    """The price of gpt-5.6-sol fell on 21 August 2026: the days before cost what they cost."""
    for day in (date(2026, 8, 20), date(2026, 8, 21)):
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        work.tokens(at, model="gpt-5.6-sol", input_tokens=100_000, output_tokens=0)
    assert cli("sync", "--since", "2026-08-01").code == 0
    rows = rows_by(cli, "day", "--from", "2026-08-01", "--to", "2026-08-31")
    assert money(rows["2026-08-20"], "estimated") == Decimal("0.50")
    assert money(rows["2026-08-21"], "estimated") == Decimal("0.40")


def test_tokens_that_the_bill_leaves_out_by_rule_are_not_priced(
    cli: Any, claude: LoopbackAnthropic
) -> None:
    """Anthropic's cost report has no Priority Tier: its tokens are not paid by what is on it."""
    claude.tokens(MORNING, fresh=1000)
    claude.tokens(MORNING, fresh=500, service_tier="priority")
    claude.cost(TENTH, "100")
    assert cli("sync").code == 0
    told = total(cli)
    assert money(told) == 1
    assert money(told, "estimated") == 0
    assert told["not_priced_tokens"] == 500
    assert "1,500 tokens, 500 not priced" in cli("spend").out


# --- balances ---


@pytest.fixture
def wallets(cli: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoWorld]:
    """Simulated DeepSeek and Moonshot accounts, added and pulled."""
    with DemoWorld(seed=7, now=NOW) as world:
        for account in world.accounts:
            if account.provider in {"deepseek", "moonshot"}:
                monkeypatch.setenv(f"PLIMSOLL_KEY_{account.provider.upper()}", account.key)
                settings = [f"--set={key}={value}" for key, value in account.settings.items()]
                address = ("--base-url", account.base_url)
                words = ("add", account.provider, "--name", account.provider, *address)
                assert cli("source", *words, *settings).code == 0
        assert cli("sync").code == 0
        yield world


def test_yuan_and_dollars_are_told_apart(cli: Any, wallets: DemoWorld) -> None:
    """An account can hold both; neither is printed as the other, nor added to it."""
    told = cli("source", "list", "--json").json["balances"]
    held = {(b["source"], b["currency"]): Decimal(b["amount"]) for b in told}
    truth = {("deepseek", m.currency): m.amount for m in wallets.deepseek.balances}
    assert {key: amount for key, amount in held.items() if key[0] == "deepseek"} == truth
    assert {currency for _, currency in truth} == {"CNY", "USD"}


def test_a_balance_that_is_read_again_is_no_spend(cli: Any, wallets: DemoWorld) -> None:
    """Readings are of one moment: they are never summed up, and what is granted and paid in is not
    what was spent.
    """
    before = cli("source", "list", "--json").json["balances"]
    assert cli("sync").code == 0
    assert cli("source", "list", "--json").json["balances"] == before
    assert total(cli, "--from", "2026-01-01")["amounts"] == []


# --- days ---


def test_idle_days_count_in_the_run_rate(cli: Any, work: LoopbackOpenAI) -> None:
    """The mean of the days with spend, times all days, says too much."""
    for day in (2, 9):
        work.cost(date(2026, 11, day), "10", line_item=None)
    assert cli("sync").code == 0
    [end] = cli("forecast", "--json").json["month_end"]
    assert Decimal(end["spent"]) == 20
    assert Decimal(end["run_rate"]) < 40, "two days of ten dollars are not thirty"


def test_the_last_and_first_hours_of_a_month_are_in_their_months(
    cli: Any, work: LoopbackOpenAI
) -> None:
    for at in (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, 0, tzinfo=UTC)):
        work.tokens(at, model="gpt-5.4-mini", input_tokens=1000, output_tokens=0)
    assert cli("sync", "--since", "2026-10-01").code == 0
    both = ("--from", "2026-10-01", "--to", "2026-11-30")
    months = rows_by(cli, "month", *both)
    assert {month: row["tokens"]["total"] for month, row in months.items()} == {
        "2026-10": 1000,
        "2026-11": 1000,
    }
    # At midnight in Berlin an hour later, both are in November; in New York, both in October.
    for zone, month in (("Europe/Berlin", "2026-11"), ("America/New_York", "2026-10")):
        local = rows_by(cli, "month", *both, "--zone", zone)
        assert {m: row["tokens"]["total"] for m, row in local.items()} == {month: 2000}


def test_the_hour_that_comes_twice_is_counted_twice(cli: Any, work: LoopbackOpenAI) -> None:
    """In Berlin 25 October 2026 has 25 hours."""
    first = datetime(2026, 10, 24, 22, tzinfo=UTC)
    for hour in range(25):
        at = first + timedelta(hours=hour)
        work.tokens(at, model="gpt-5.4-mini", input_tokens=1, output_tokens=0)
    assert cli("sync", "--since", "2026-10-01").code == 0
    local = ("--from", "2026-10-24", "--to", "2026-10-26", "--zone", "Europe/Berlin")
    rows = rows_by(cli, "day", *local)
    assert {day: row["tokens"]["total"] for day, row in rows.items()} == {"2026-10-25": 25}
    assert len(rows_by(cli, "hour", *local)) == 25


# --- one number, once ---


def test_an_alert_comes_once_however_often_the_clock_moves(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known by its budget, period and threshold, not by a time that drifts."""
    work.cost(TENTH, "60", line_item=None)
    cli("budget", "set", "Team", "--amount", "100", "--warn", "50")
    first = cli("sync", "--json").json
    assert len(first["alerts"]) == 1
    for minutes in (1, 59, 60 * 24):
        monkeypatch.setenv("PLIMSOLL_NOW", (NOW + timedelta(minutes=minutes)).isoformat())
        assert cli("sync", "--json").json["alerts"] == []


def test_one_number_on_every_surface(cli: Any, work: LoopbackOpenAI, tmp_path: Path) -> None:
    """The table, the report, the forecast and the budget read the same figures."""
    for day in range(1, 20):
        work.cost(date(2026, 11, day), "3.07", line_item="gpt-5.4-mini, input")
    today = datetime(2026, 11, 20, 8, tzinfo=UTC)
    work.tokens(today, model="gpt-5.4-mini", input_tokens=1_000_000, output_tokens=0)
    assert cli("sync").code == 0
    cli("budget", "set", "Team", "--amount", "100")
    spent = 19 * Decimal("3.07") + Decimal("0.75")
    told = total(cli)
    assert money(told) + money(told, "estimated") == spent
    [end] = cli("forecast", "--json").json["month_end"]
    assert Decimal(end["spent"]) == spent
    [budget] = cli("budget", "list", "--json").json["budgets"]
    assert Decimal(budget["spent"]) == spent
    assert cli("report", str(tmp_path / "november.csv")).code == 0
    text = (tmp_path / "november.csv").read_text("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert sum(Decimal(x["billed"]) + Decimal(x["estimated"]) for x in lines) == spent
