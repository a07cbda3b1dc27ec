"""`plimsoll import`, end to end: what comes in, once, and what is said before it does."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

import exports as made

ANTHROPIC_DAY = (
    "2026-11-0{day},claude-haiku-4-5-20251001,k,Default,standard,,{tokens},0,0,0,10,0,global,"
)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(content: str | bytes, name: str = "export.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return written


def spent(cli: Any, *more: str) -> dict[str, Any]:
    ran = cli("spend", "--json", "--from", "2025-01-01", "--to", "2026-11-20", *more)
    assert ran.code == 0, ran.err
    return ran.json["total"]  # type: ignore[no-any-return]


def test_costs_come_in_as_billed_and_once_however_often_they_are_imported(
    cli: Any, write: Any
) -> None:
    file = write(made.COSTS)
    for _ in range(3):
        assert cli("import", file).code == 0
    (amounts,) = spent(cli)["amounts"]
    assert (amounts["billed"], amounts["estimated"]) == ("2.645874", "0")
    (source,) = cli("source", "list", "--json").json["sources"]
    assert (source["name"], source["provider"], source["key"]) == (
        "OpenAI export",
        "openai",
        "file",
    )


def test_a_factor_of_a_hundred_would_be_seen(cli: Any, write: Any) -> None:
    cli("import", write(made.text(made.OPENAI_COSTS, made.openai_cost(0, "12.34", "a, input"))))
    assert spent(cli)["amounts"][0]["billed"] == "12.34"


def test_usage_is_priced_by_our_book(cli: Any, write: Any) -> None:
    row = ANTHROPIC_DAY.format(day=3, tokens=1_000_000)
    assert cli("import", write(made.text(made.ANTHROPIC_USAGE, row))).code == 0
    total = spent(cli)
    assert total["tokens"]["input"] == 1_000_000
    assert total["amounts"][0]["estimated"] == "1.00005"  # $1 in, $5 out a million
    assert total["amounts"][0]["billed"] == "0"


def test_a_dry_run_says_what_would_come_in_and_changes_nothing(cli: Any, write: Any) -> None:
    ran = cli("import", write(made.COSTS), "--dry-run", "--json")
    assert ran.code == 0
    assert ran.json["taken"] is False
    (sheet,) = ran.json["sheets"]
    assert (sheet["days"], sheet["days_new"], sheet["days_replaced"]) == (3, 3, 0)
    assert sheet["billed"] == [{"currency": "USD", "amount": "2.645874"}]
    assert "$2.65 billed" in ran.err
    assert cli("source", "list", "--json").json["sources"] == []


def test_a_newer_export_replaces_whole_days_and_says_so_first(cli: Any, write: Any) -> None:
    cli("import", write(made.COSTS))
    newer = made.text(made.OPENAI_COSTS, made.openai_cost(0, "3", "gpt-5-mini, input"))
    ran = cli("import", write(newer, "newer.csv"))
    assert "replaces 1 day kept otherwise: $2.15 becomes $3.00" in ran.err
    assert spent(cli)["amounts"][0]["billed"] == "3.50"
    again = cli("import", write(newer, "newer.csv"), "--dry-run")
    assert "Every day is kept already" in again.err
    assert "This very file was imported" in again.err


def test_costs_and_usage_of_one_account_are_one_source(cli: Any, write: Any) -> None:
    cost = "2026-11-03,Claude Haiku 4.5,Default,k,message,,output,0.07,0.07,token,,,,"
    row = ANTHROPIC_DAY.format(day=3, tokens=1_000_000)
    cli("import", write(made.text(made.ANTHROPIC_USAGE, row)))
    cli("import", write(made.text(made.ANTHROPIC_COST, cost)))
    (amounts,) = spent(cli)["amounts"]
    assert (amounts["billed"], amounts["estimated"]) == ("0.07", "0")
    assert len(cli("source", "list", "--json").json["sources"]) == 1


def test_deepseeks_archive_brings_yuan_that_are_never_added_to_dollars(
    cli: Any, write: Any
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "cost.csv",
            made.text(
                made.DEEPSEEK_COST,
                "u,20261101,deepseek-v4-pro,Paid,7.58,CNY",
                "u,20261101,deepseek-v4-pro,Paid,1.10,USD",
            ),
        )
    assert cli("import", write(packed.getvalue(), "usage.zip")).code == 0
    amounts = {a["currency"]: a["billed"] for a in spent(cli)["amounts"]}
    assert amounts == {"CNY": "7.58", "USD": "1.10"}


def test_yuan_usage_is_priced_by_the_yuan_list_once_the_bill_tells_the_currency(
    cli: Any, write: Any
) -> None:
    amount = made.text(
        made.DEEPSEEK_AMOUNT,
        "u,20261101,deepseek-v4-pro,first,sk,output_tokens,0.000006,1000000",
    )
    cost = made.text(made.DEEPSEEK_COST, "u,20261108,deepseek-v4-pro,Paid,7.58,CNY")
    cli("import", write(amount))
    assert spent(cli)["not_priced_tokens"] == 1_000_000
    cli("import", write(cost))
    cli("import", write(amount))
    total = spent(cli)
    assert total["not_priced_tokens"] == 0
    (amounts,) = total["amounts"]
    assert (amounts["currency"], amounts["billed"]) == ("CNY", "7.58")
    assert amounts["estimated"] != "0"


def test_a_file_of_another_account_needs_another_name(cli: Any, write: Any) -> None:
    cli("import", write(made.COSTS))
    other = made.COSTS.replace("org-acme", "org-other")
    ran = cli("import", write(other))
    assert ran.code == 2
    assert "another account" in ran.err
    assert cli("import", write(other), "--name", "Other").code == 0
    assert spent(cli)["amounts"][0]["billed"] == "5.291748"


def test_a_name_that_another_source_has_is_refused(
    cli: Any, write: Any, work: LoopbackOpenAI
) -> None:
    ran = cli("import", write(made.COSTS), "--name", "Work")
    assert ran.code == 2
    assert "not made of exports" in ran.err


def test_an_odd_row_leaves_the_archive_as_it_was(cli: Any, write: Any) -> None:
    cli("import", write(made.COSTS))
    before = spent(cli)
    ran = cli("import", write(made.COSTS.replace("0.5,usd", "0.5x,usd")))
    assert ran.code == 1
    assert ran.err.startswith("Line 5: amount_value is not an amount")
    assert spent(cli) == before


def costs_of(work: LoopbackOpenAI) -> str:
    """The export of a loopback account's costs, older days included that its API did not tell."""
    rows = [made.openai_cost(0, "100", "gpt-5-mini, input")]
    for day, costs in work.costs.items():
        for cost in costs:
            amount = str(cost["amount"]["value"])  # type: ignore[index]
            number = (day - date(2025, 10, 5)).days
            rows.append(made.openai_cost(number, amount, str(cost["line_item"])))
    return made.text(made.OPENAI_COSTS, *rows)


def test_an_import_of_a_live_account_is_counted_once_and_the_live_one_pays(
    cli: Any, write: Any, work: LoopbackOpenAI
) -> None:
    work.organisation = "org-acme"
    for day in range(1, 11):
        work.cost(date(2026, 11, day), f"{day}.50", line_item="gpt-5-mini, output")
    assert cli("sync", "Work", "--since", "2026-11-01").code == 0
    assert spent(cli)["amounts"][0]["billed"] == "60.00"
    ran = cli("import", write(costs_of(work)))
    assert ran.code == 0, ran.err
    assert "Work is asked for the same provider" in ran.err
    assert "it is counted once, paid by Work" in ran.err
    (overlap,) = cli("source", "list", "--json").json["overlaps"]
    assert (overlap["payer"], overlap["explainer"]) == ("Work", "OpenAI export")
    # What only the file knows is counted; what both know is not counted twice.
    assert spent(cli)["amounts"][0]["billed"] == "160.00"


def test_a_file_is_nobody_to_ask(cli: Any, write: Any) -> None:
    cli("import", write(made.COSTS))
    ran = cli("sync", "OpenAI export")
    assert (ran.code, "nobody to ask" in ran.err) == (2, True)
    assert cli("sync").code == 0
    assert cli("source", "edit", "OpenAI export", "--rename", "Old bills").code == 0
    assert cli("source", "test", "Old bills").out.count("lines 2 to 5, 3 days") == 1


def test_doctor_tells_the_files_their_lines_and_days(cli: Any, write: Any) -> None:
    cli("import", write(made.COSTS, "costs.csv"))
    newer = made.text(made.OPENAI_COSTS, made.openai_cost(0, "3", "gpt-5-mini, input"))
    cli("import", write(newer, "newer.csv"))
    told = cli("doctor").out
    assert "costs.csv, imported 2026-11-20" in told
    assert "lines 4 to 5, 2 days from 2025-10-06 to 2025-10-07" in told
    assert "newer.csv" in told
    assert "lines 2 to 2, 1 day from" in told


def test_removing_it_and_importing_again_counts_once(cli: Any, write: Any) -> None:
    file = write(made.COSTS)
    cli("import", file)
    assert cli("source", "remove", "OpenAI export").code == 0
    assert cli("import", file).code == 0
    assert spent(cli)["amounts"][0]["billed"] == "2.645874"
