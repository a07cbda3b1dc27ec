"""From the key to the figure: the whole way through real HTTP and a real archive."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openai_on_loopback import KEY, LoopbackOpenAI

MODEL = "gpt-5.4-mini-2026-03-05"


def fill(account: LoopbackOpenAI, days: int = 40, *, until: date = date(2026, 11, 19)) -> None:
    """Ten dollars and a bit a day, and tokens at ten in the morning."""
    for back in range(days):
        day = until - timedelta(days=back)
        account.cost(day, "10.000000000123", line_item=f"{MODEL}, input")
        account.cost(day, 0.5, line_item=f"{MODEL}, output")
        account.cost(day, "0.25", line_item="web search")
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        account.tokens(
            at, model=MODEL, input_tokens=1_000, output_tokens=100, input_cached_tokens=400
        )


def amounts(row: dict[str, Any]) -> dict[str, Decimal]:
    found = [a for a in row["amounts"] if a["currency"] == "USD"]
    return {k: Decimal(v) for k, v in found[0].items() if k != "currency"} if found else {}


def test_what_the_provider_billed_is_what_is_shown(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    assert cli("sync").code == 0
    answer = cli("spend", "--json").json
    assert (answer["schema"], answer["from"], answer["to"]) == (1, "2026-11-01", "2026-11-30")
    # 19 days of 10.000000000123 (rounded once to 10 nano-exact), 0.5 and 0.25.
    assert amounts(answer["total"])["billed"] == 19 * Decimal("10.75")
    assert answer["total"]["tokens"]["input"] == 19 * 600
    assert answer["total"]["tokens"]["cache_read"] == 19 * 400
    assert answer["total"]["tokens"]["total"] == 19 * 1_100
    assert answer["total"]["requests"] == 19


def test_rows_sum_to_the_total_by_every_cut(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    for by in ("day", "model", "project", "key", "user", "tier", "line_item", "hour", "day,model"):
        answer = cli("spend", "--by", by, "--json").json
        for name in ("billed", "estimated", "worth"):
            parts = sum(amounts(row).get(name, Decimal(0)) for row in answer["rows"])
            assert parts == amounts(answer["total"])[name], (by, name)
        tokens = sum(row["tokens"]["total"] for row in answer["rows"])
        assert tokens == answer["total"]["tokens"]["total"], by


def test_the_model_is_the_front_of_the_line_item(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    rows = {r["model"]: r for r in cli("spend", "--by", "model", "--json").json["rows"]}
    assert amounts(rows[MODEL])["billed"] == 19 * Decimal("10.5")
    assert amounts(rows[None])["billed"] == 19 * Decimal("0.25")


def test_a_charged_day_has_no_estimate_and_an_uncharged_one_has(
    cli: Any, work: LoopbackOpenAI
) -> None:
    fill(work)
    today = datetime(2026, 11, 20, 8, tzinfo=UTC)
    work.tokens(today, model="gpt-5.4-mini", input_tokens=1_000_000, output_tokens=0)
    cli("sync")
    rows = {r["day"]: r for r in cli("spend", "--by", "day", "--json").json["rows"]}
    assert amounts(rows["2026-11-19"])["estimated"] == 0
    assert amounts(rows["2026-11-20"])["estimated"] == Decimal("0.75")
    assert amounts(rows["2026-11-20"])["billed"] == 0


def test_syncing_twice_equals_syncing_once(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    once = cli("spend", "--by", "day,model,key", "--json").out
    cli("sync")
    cli("sync", "--since", "2026-10-01")
    assert cli("spend", "--by", "day,model,key", "--json").out == once


def test_the_first_fill_walks_back_until_twelve_empty_months(
    cli: Any, work: LoopbackOpenAI
) -> None:
    work.cost(date(2025, 12, 24), "7", line_item=None)  # eleven months back: found
    work.cost(date(2024, 11, 24), "9", line_item=None)  # thirteen months further: not asked
    cli("sync")
    answer = cli("spend", "--from", "2024-01-01", "--json").json
    assert amounts(answer["total"])["billed"] == 7
    asked = len(work.requests)
    cli("sync")
    assert len(work.requests) - asked < 40, "a second sync asks for the recent days only"
    cli("sync", "--since", "2024-11-01")
    answer = cli("spend", "--from", "2024-01-01", "--json").json
    assert amounts(answer["total"])["billed"] == 16


def test_a_revised_day_is_replaced_whole(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    work.costs[date(2026, 11, 18)] = []
    work.cost(date(2026, 11, 18), "3", line_item="another model, input", project="proj_2")
    cli("sync")
    rows = {r["day"]: r for r in cli("spend", "--by", "day", "--json").json["rows"]}
    assert amounts(rows["2026-11-18"])["billed"] == 3
    assert cli("spend", "--json").json["not_final_from"] <= "2026-11-18"


def test_the_zone_moves_hours_and_never_charges(cli: Any, work: LoopbackOpenAI) -> None:
    work.cost(date(2026, 11, 10), "5", line_item=None)
    at = datetime(2026, 11, 10, 20, tzinfo=UTC)
    work.tokens(at, model=MODEL, input_tokens=10, output_tokens=0)
    cli("sync")
    answer = cli("spend", "--by", "day", "--zone", "Asia/Shanghai", "--json").json
    rows = {r["day"]: r for r in answer["rows"]}
    assert amounts(rows["2026-11-10"])["billed"] == 5
    assert rows["2026-11-11"]["tokens"]["total"] == 10
    hours = {r["hour"]: r for r in cli("spend", "--by", "hour", "--json").json["rows"]}
    assert amounts(hours[None])["billed"] == 5
    [instant] = [hour for hour in hours if hour]
    assert datetime.fromisoformat(instant) == at


def test_days_never_fetched_are_gaps_not_zero(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    gaps = cli("spend", "--json").json["gaps"]
    assert gaps[0]["source"] == "Work"
    assert (gaps[0]["from"], gaps[0]["to"]) == ("2026-11-01", "2026-11-20")
    cli("sync")
    assert cli("spend", "--json").json["gaps"] == []


def test_a_failing_source_is_one_line_and_loses_nothing(
    cli: Any, work: LoopbackOpenAI, tmp_path: Path
) -> None:
    fill(work)
    cli("sync")
    before = cli("spend", "--by", "day,line_item", "--json").json["rows"]

    def html(_path: str, _query: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "text/html"}, b"<html>Please log in to the hotel</html>"

    work.fault = html
    ended = cli("sync")
    assert ended.code == 1
    assert ended.err.strip().startswith("Work: ")
    assert len(ended.err.strip().splitlines()) == 1
    assert cli("spend", "--by", "day,line_item", "--json").json["rows"] == before
    assert cli("report", str(tmp_path / "out.csv")).code == 0


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e999", "", None, True, "12,5", "1_000", [], {}]
)
def test_an_amount_that_is_none_stops_its_slice(
    cli: Any, work: LoopbackOpenAI, value: object
) -> None:
    fill(work)
    cli("sync")
    before = cli("spend", "--json").json["total"]
    work.cost(date(2026, 11, 18), value, line_item="odd")
    ended = cli("sync")
    assert ended.code in {1, 4}
    assert "Work: " in ended.err
    assert cli("spend", "--json").json["total"] == before


def test_a_page_loop_ends_with_a_sentence(cli: Any, work: LoopbackOpenAI) -> None:
    def loop(path: str, _query: object) -> tuple[int, dict[str, str], bytes] | None:
        if not path.endswith("/costs"):
            return None
        page = {"object": "page", "data": [], "has_more": True, "next_page": "again"}
        return 200, {"Content-Type": "application/json"}, json.dumps(page).encode()

    work.fault = loop
    ended = cli("sync")
    assert ended.code in {1, 4}
    assert "Work: " in ended.err
    assert amounts(cli("spend", "--json").json["total"]) == {}


def test_a_rate_limit_beyond_our_patience_names_its_end(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)

    def limited(path: str, _query: object) -> tuple[int, dict[str, str], bytes] | None:
        if path.endswith("/costs"):
            return None
        return 429, {"Retry-After": "3600", "Content-Type": "application/json"}, b"{}"

    work.fault = limited
    ended = cli("sync", "--json")
    [source] = ended.json["sources"]
    assert ended.code == 4, "the costs that came are kept"
    assert datetime.fromisoformat(source["not_before"]) >= datetime(
        2026, 11, 20, 10, 30, tzinfo=UTC
    )
    assert amounts(cli("spend", "--json").json["total"])["billed"] > 0


def test_a_key_of_the_wrong_kind_is_never_sent(cli: Any, account: LoopbackOpenAI) -> None:
    ended = cli(
        *("source", "add", "openai", "--name", "Other", "--base-url", account.base_url),
        "--key-stdin",
        stdin="sk-proj-abcdefghijklmnopqrstuvwxyz\n",
    )
    assert ended.code == 1
    assert "sk-proj-abc" not in ended.err
    assert account.requests == []


def test_a_wrong_key_is_told_and_nothing_is_lost(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(work)
    cli("sync")
    total = cli("spend", "--json").json["total"]
    monkeypatch.setenv("PLIMSOLL_KEY_WORK", "sk-admin-somebody-elses-key-000000")
    ended = cli("sync")
    assert ended.code == 1
    assert "somebody-elses" not in ended.err + ended.out
    assert cli("spend", "--json").json["total"] == total


def test_the_key_is_in_no_file(cli: Any, work: LoopbackOpenAI, tmp_path: Path) -> None:
    fill(work)
    cli("sync")
    cli("report", str(tmp_path / "data" / "out.json"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_names_come_from_the_providers_lists(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    work.projects.append({"id": "proj_1", "name": "Harbour", "object": "organization.project"})
    cli("sync")
    rows = cli("spend", "--by", "project", "--json").json["rows"]
    assert [row["project"] for row in rows] == ["Harbour"]
    for said in ("Harbour", "proj_1"):
        found = cli("spend", "--where", f"project={said}", "--json").json
        assert amounts(found["total"])["billed"] == 19 * Decimal("10.75")


def test_the_month_end_has_ordered_ranges_or_a_reason(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work, days=3)
    cli("sync")
    [thin] = cli("forecast", "--json").json["month_end"]
    assert thin["low80"] is None
    assert thin["reason"]
    fill(work, days=60, until=date(2026, 11, 16))
    cli("sync", "--since", "2026-08-01")
    [end] = cli("forecast", "--json").json["month_end"]
    names = ("low95", "low80", "low50", "median", "high50", "high80", "high95")
    ordered = [Decimal(end[name]) for name in names]
    assert ordered == sorted(ordered)
    assert ordered[0] >= Decimal(end["spent"]) > 0
    assert end["track_record"] is None, "two months are too few"


def test_the_forecast_says_how_it_did_and_gives_days_when_asked(
    cli: Any, work: LoopbackOpenAI
) -> None:
    fill(work, days=320, until=date(2026, 11, 16))
    cli("sync", "--since", "2026-01-01")
    plain = cli("forecast", "--json").json
    [end] = plain["month_end"]
    record = end["track_record"]
    assert record["months"] == 6
    assert 0 <= record["held80"] <= 6
    assert record["typical_miss"] >= 0
    assert isinstance(record["beats_run_rate"], bool)
    assert "daily" not in end
    assert end["doubling_days"] is None
    assert plain["tokens_doubling_days"] is None
    [end] = cli("forecast", "--daily", "--json").json["month_end"]
    assert [len(end["daily"]), end["daily"][0]["day"]] == [90, "2026-11-21"]
    first = [Decimal(end["daily"][0][name]) for name in ("low95", "low80", "median", "high95")]
    assert first == sorted(first)
    said = cli("forecast").out
    assert "In the last 6 months the 80% range held" in said
    assert "Tokens: not growing measurably." in said


def test_a_budget_has_the_period_that_is_asked_for(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    periods = ("week@sun", "month@15", "30d", "2026-11-01..2026-12-15")
    for period in periods:
        done = cli("budget", "set", period, "--amount", "5000", "--period", period)
        assert done.code == 0, done.err
    cli("budget", "set", "Tokens", "--amount", "1000000", "--currency", "tokens", "--carry-over")
    found = {b["name"]: b for b in cli("budget", "list", "--json").json["budgets"]}
    assert [found[period]["period"] for period in periods] == list(periods)
    assert (found["month@15"]["from"], found["month@15"]["to"]) == ("2026-11-15", "2026-12-14")
    tokens = found["Tokens"]
    assert (tokens["amount"], tokens["currency"]) == ("1000000", "tokens")
    assert (tokens["carried_over"], tokens["billed"]) == ("0", None)
    assert int(tokens["spent"]) > 0


def test_limits_set_at_the_provider_are_proposed_and_never_imposed(
    cli: Any, work: LoopbackOpenAI
) -> None:
    """OpenAI counts limits in cents, of all of it and of a project by its id."""
    fill(work)
    work.projects = [{"id": "proj_1", "name": "Web shop"}]
    work.limits = {"/spend_limit": 250_000, "/projects/proj_1/spend_limit": 12_345}
    cli("sync")
    assert cli("budget", "list", "--json").json["budgets"] == []
    found = cli("budget", "propose", "--json").json["proposals"]
    limits = [(p["name"], p["amount"], p["where"]) for p in found if p["from"] == "provider"]
    assert limits == [
        ("Work limit", "2500.00", {"source": ["Work"]}),
        ("Web shop limit", "123.45", {"source": ["Work"], "project": ["Web shop"]}),
    ]
    said = cli("budget", "propose").out
    line = next(line for line in said.splitlines() if "123.45 --" in line)
    assert cli(*shlex.split(line)[1:]).code == 0, "what is said can be run as it stands"
    (budget,) = cli("budget", "list", "--json").json["budgets"]
    assert (budget["name"], budget["amount"]) == ("Web shop limit", "123.45")
    assert float(budget["spent"]) > 0
    again = cli("budget", "propose", "--json").json["proposals"]
    assert [p["name"] for p in again if p["from"] == "provider"] == ["Work limit"]


def test_a_pace_is_checked_where_it_is_asked_for(cli: Any, work: LoopbackOpenAI) -> None:
    """Forty a day for eight days, of a month that would last at eleven a day."""
    for back in range(1, 9):
        work.cost(date(2026, 11, 20 - back), "40", line_item=None)
    cli("sync")
    more = ("--warn", "", "--warn-forecast", "", "--warn-burn", "3")
    cli("budget", "set", "Month", "--amount", "330", *more)
    checked = cli("budget", "check", "--json")
    (budget,) = checked.json["budgets"]
    assert (budget["thresholds"], budget["crossed"]) == (["burn:3"], ["burn:3"])
    assert budget["pace"] == "3.64"
    assert checked.code == 3
    said = cli("budget", "check").out
    assert "spent 3.6 times as fast as would last the period; $320.00 of $330.00 is gone" in said
    cli("budget", "set", "Month", "--amount", "330", *more[:-1], "3.7")
    assert cli("budget", "check").code == 0
    for wrong in ("1", "0", "101", "fast"):
        assert cli("budget", "set", "X", "--amount", "9", "--warn-burn", wrong).code == 2
    day = cli("budget", "set", "X", "--amount", "9", "--period", "day", "--warn-burn", "3")
    assert day.code == 2


def test_what_fired_is_listed_and_a_budget_can_be_snoozed(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    assert cli("alert", "list", "--json").json == {
        "schema": 1,
        "alerts": [],
        "snoozed": [],
        "balances": [],
    }
    cli("budget", "set", "Tight", "--amount", "210", "--warn", "90", "--warn-forecast", "")
    (alert,) = cli("alert", "list", "--json").json["alerts"]
    assert (alert["budget"], alert["threshold"], alert["state"]) == ("Tight", "actual:90", "fired")
    assert alert["told_at"] is None, "what a form crosses is not announced"
    assert "Tight: " in cli("alert", "list").out
    snoozed = cli("alert", "snooze", "Tight", "--until", "2026-12-24", "--json").json
    assert snoozed["snoozed"] == {"budget": "Tight", "until": "2026-12-24T00:00:00+00:00"}
    assert cli("alert", "list", "--json").json["snoozed"] == [snoozed["snoozed"]]
    assert cli("alert", "snooze", "Tight", "--until", "2026-11-20").code == 2
    assert cli("alert", "snooze", "Nobody", "--until", "2026-12-24").code == 2


def test_a_crossed_budget_is_exit_three(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    assert cli("budget", "set", "Roomy", "--amount", "100000").code == 0
    assert cli("budget", "check").code == 0
    cli("budget", "set", "Tight", "--amount", "210", "--warn", "90")
    checked = cli("budget", "check", "--json")
    assert checked.code == 3
    found = {b["name"]: b for b in checked.json["budgets"]}
    assert "actual:90" in found["Tight"]["crossed"]
    assert found["Roomy"]["crossed"] == []
    cli("budget", "remove", "Tight")
    assert cli("budget", "check").code == 0


def test_a_removed_source_keeps_its_figures_unless_forgotten(
    cli: Any, work: LoopbackOpenAI
) -> None:
    fill(work)
    cli("sync")
    total = cli("spend", "--json").json["total"]
    cli("source", "remove", "Work")
    assert cli("spend", "--json").json["total"] == total
    cli("source", "add", "openai", "--name", "Work", "--base-url", work.base_url)
    cli("sync")
    cli("source", "remove", "Work", "--forget")
    assert cli("source", "list", "--json").json["sources"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("spend", "--by", "colour"),
        ("spend", "--zone", "Mars/Olympus"),
        ("spend", "--from", "2026-11-20", "--to", "2026-11-01"),
        ("spend", "--where", "model"),
        ("source", "add", "nobody", "--name", "X"),
        ("source", "test", "Nowhere"),
        ("budget", "set", "B", "--amount", "-5"),
        ("budget", "set", "B", "--amount", "5", "--warn", "many"),
        ("budget", "set", "B", "--amount", "5", "--period", "month@32"),
        ("budget", "set", "B", "--amount", "5.5", "--currency", "tokens"),
        ("budget", "set", "B", "--amount", "5", "--period", "30d", "--carry-over"),
        ("report", "out.docx"),
        ("sync", "Nowhere"),
        ("source", "add", "openai", "--name", "X", "--set", "speed=fast", "--key-stdin"),
        ("nonsense",),
    ],
)
def test_wrong_use_is_exit_two_and_one_sentence(cli: Any, arguments: tuple[str, ...]) -> None:
    ended = cli(*arguments, stdin="sk-admin-0123456789abcdef0123")
    assert ended.code == 2
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert ended.err.strip()


def test_options_stand_before_or_after_the_command(cli: Any, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    before = cli("--data-dir", elsewhere, "--json", "spend")
    after = cli("spend", "--data-dir", elsewhere, "--json")
    assert before.json == after.json
    assert (tmp_path / "elsewhere" / "plimsoll.db").exists()
    assert not (tmp_path / "data").exists()


def test_a_broken_archive_is_left_untouched(cli: Any, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "plimsoll.db").write_bytes(b"this is no archive, but somebody's letter" * 100)
    before = (folder / "plimsoll.db").read_bytes()
    ended = cli("spend")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert (folder / "plimsoll.db").read_bytes() == before
    doctor = cli("doctor", "--json")
    assert doctor.code == 1
    assert doctor.json["ok"] is False


def test_a_data_directory_that_is_a_file_is_told(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    ended = cli("spend")
    assert ended.code == 1
    assert ended.err.strip()
    assert "Traceback" not in ended.err


def test_a_second_instance_may_read_and_write(cli: Any, work: LoopbackOpenAI) -> None:
    fill(work)
    cli("sync")
    csv_text = cli("spend", "--by", "day", "--csv").out
    assert csv_text.splitlines()[0].startswith("day,currency,billed,estimated,plan,worth,input")
    assert len(csv_text.splitlines()) == 1 + len(cli("spend", "--by", "day", "--json").json["rows"])


def test_the_doctor_tells_and_makes_nothing(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = cli("doctor", "--json")
    assert told.code == 0
    assert {"program", "connectors", "archive", "keyring"} <= {
        c["name"] for c in told.json["checks"]
    }
    assert not (tmp_path / "data").exists()


def test_the_doctor_says_which_place_each_key_comes_from(
    cli: Any, work: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [s["key"] for s in cli("doctor", "--json").json["sources"]] == ["environment"]
    monkeypatch.delenv("PLIMSOLL_KEY_WORK")
    told = cli("doctor", "--json")
    assert [s["key"] for s in told.json["sources"]] == ["none"]
    assert told.code == 1
    assert work.requests == [], "the doctor asks no provider"
