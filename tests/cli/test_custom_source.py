"""A custom source and a mapped file, end to end, by a mapping and a real server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from loopback import Reply, served

KEY = "gateway-0123456789abcdef"

MAPPING = """\
title = "Team gateway"
address = "ADDRESS"
header = "X-Api-Key"
provider = "anthropic"
currency = "USD"
unit = "0.01"

[rows]
ask = "/usage?from={first}&to={last}"
in = "data[]"
day = "day"
cost = "cents"
model = "model"
input = "tokens"

[balance]
ask = "/credits"
amount = "left"
"""


@contextmanager
def gateway(requests: list[str], heads: list[Mapping[str, str]]) -> Iterator[str]:
    def answer(path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        heads.append(headers)
        body: dict[str, Any] = {"left": 4200}
        if path == "/api/usage":
            row = {"day": "2026-11-18", "cents": "12345", "model": "claude-opus-5", "tokens": 10}
            wanted = query["from"][0] <= "2026-11-18" <= query["to"][0]
            body = {"data": [row] if wanted else []}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    with served(answer, requests=requests) as address:
        yield f"{address}/api"


@pytest.fixture
def heads() -> list[Mapping[str, str]]:
    return []


@pytest.fixture
def added(
    cli: Any, tmp_path: Path, heads: list[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A gateway on loopback, added as Gateway; its mapping's file is gone afterwards."""
    with gateway([], heads) as address:
        monkeypatch.setenv("PLIMSOLL_KEY_GATEWAY", KEY)
        file = tmp_path / "gateway.toml"
        file.write_text(MAPPING.replace("ADDRESS", address), encoding="utf-8")
        ran = cli("source", "add", "custom", "--name", "Gateway", "--set", f"map={file}")
        assert ran.code == 0, ran.err
        file.unlink()
        yield address


def test_a_custom_source_brings_money_tokens_and_a_balance_in_its_unit(
    cli: Any, added: str, heads: list[Mapping[str, str]]
) -> None:
    assert cli("sync").code == 0
    total = cli("spend", "--json", "--from", "2026-11-01", "--to", "2026-11-20").json["total"]
    assert total["amounts"][0]["billed"] == "123.45"
    assert total["tokens"]["input"] == 10
    (balance,) = cli("source", "list", "--json").json["balances"]
    assert (balance["amount"], balance["currency"]) == ("42.00", "USD")
    assert {head.get("X-Api-Key") for head in heads} == {KEY}
    assert {head.get("Authorization") for head in heads} == {None}


def test_where_only_calls_are_told_no_tokens_are_claimed(
    cli: Any, added: str, tmp_path: Path
) -> None:
    file = tmp_path / "calls.toml"
    text = MAPPING.replace("ADDRESS", added).replace("input = ", "requests = ")
    file.write_text(text, encoding="utf-8")
    assert cli("source", "edit", "Gateway", "--set", f"map={file}").code == 0
    cli("sync")
    shown = cli("spend", "--from", "2026-11-01", "--to", "2026-11-20").out
    assert "$123.45 billed  10 requests" in shown
    assert "tokens" not in shown


def test_its_tokens_have_the_prices_of_the_provider_that_is_named(cli: Any, added: str) -> None:
    cli("sync")
    total = cli("spend", "--json", "--from", "2026-11-01", "--to", "2026-11-20").json["total"]
    assert total["amounts"][0]["worth"] == "0.00005"  # ten tokens at $5 a million


def test_a_test_says_what_the_mapping_makes_of_an_answer(cli: Any, added: str) -> None:
    told = cli("source", "test", "Gateway").out
    assert "$123.45 billed, 10 tokens, from 2026-11-18 to 2026-11-18" in told
    assert "$42.00 is left" in told


def test_a_mapping_is_read_again_when_it_is_given_again(
    cli: Any, added: str, tmp_path: Path
) -> None:
    file = tmp_path / "dollars.toml"
    text = MAPPING.replace("ADDRESS", added).replace('unit = "0.01"\n', "")
    file.write_text(text, encoding="utf-8")
    assert cli("source", "edit", "Gateway", "--set", f"map={file}").code == 0
    cli("sync")
    total = cli("spend", "--json", "--from", "2026-11-01", "--to", "2026-11-20").json["total"]
    assert total["amounts"][0]["billed"] == "12345.00"


def test_another_address_in_the_mapping_needs_the_key_again(
    cli: Any, added: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLIMSOLL_KEY_GATEWAY")
    file = tmp_path / "other.toml"
    file.write_text(MAPPING.replace("ADDRESS", "https://elsewhere.example"), encoding="utf-8")
    ran = cli("source", "edit", "Gateway", "--set", f"map={file}")
    assert ran.code == 1
    assert "needs the key" in ran.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title = ", "is not TOML"),
        (MAPPING.replace("ADDRESS", "http://x.example"), "http://"),
        (MAPPING.replace('in = "data[]"', 'in = "data"'), "Line 10: in does not end with []"),
    ],
)
def test_a_wrong_mapping_sets_nothing_up(
    cli: Any, tmp_path: Path, text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_GATEWAY", KEY)
    file = tmp_path / "bad.toml"
    file.write_text(text, encoding="utf-8")
    ran = cli("source", "add", "custom", "--name", "Gateway", "--set", f"map={file}")
    assert ran.code == 2
    assert says in ran.err
    assert cli("source", "list", "--json").json["sources"] == []


def test_a_mapping_that_is_not_there_is_said_plainly(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIMSOLL_KEY_GATEWAY", KEY)
    ran = cli("source", "add", "custom", "--name", "Gateway", "--set", f"map={tmp_path / 'no'}")
    assert (ran.code, "cannot be read" in ran.err) == (2, True)


def test_any_csv_comes_in_by_a_mapping_of_its_columns(cli: Any, tmp_path: Path) -> None:
    sheet = tmp_path / "bill.csv"
    sheet.write_text("Tag;Modell;Cent\n05.11.2026;gpt-5;1250\n06.11.2026;gpt-5;50\n", "utf-8")
    mapping = tmp_path / "bill.toml"
    mapping.write_text(
        'title = "Reseller"\ncurrency = "EUR"\nunit = "0.01"\nday_form = "%d.%m.%Y"\n'
        '[columns]\nday = "Tag"\ncost = "Cent"\nmodel = "Modell"\n',
        "utf-8",
    )
    assert cli("import", str(sheet)).code == 1
    for _ in range(2):
        ran = cli("import", str(sheet), "--map", str(mapping))
        assert ran.code == 0, ran.err
    total = cli("spend", "--json", "--from", "2026-11-01", "--to", "2026-11-20").json["total"]
    assert [(a["currency"], a["billed"]) for a in total["amounts"]] == [("EUR", "13.00")]
    (source,) = cli("source", "list", "--json").json["sources"]
    assert source["name"] == "Reseller export"


def test_two_calls_of_one_day_that_are_alike_both_count(cli: Any, tmp_path: Path) -> None:
    sheet, mapping = tmp_path / "calls.csv", tmp_path / "calls.toml"
    sheet.write_text("d,c\n2026-11-01,0.01\n2026-11-01,0.01\n2026-11-01,0.02\n", "utf-8")
    mapping.write_text('title = "R"\ncurrency = "USD"\n[columns]\nday = "d"\ncost = "c"\n', "utf-8")
    for _ in range(2):
        ran = cli("import", str(sheet), "--map", str(mapping))
        assert "all of them count" in ran.err
        total = cli("spend", "--json").json["total"]
        assert total["amounts"][0]["billed"] == "0.04"


def test_a_row_that_the_mapping_cannot_read_names_its_line(cli: Any, tmp_path: Path) -> None:
    sheet = tmp_path / "bill.csv"
    sheet.write_text("d,c\n2026-11-05,1\n2026-11-06,much\n", "utf-8")
    mapping = tmp_path / "bill.toml"
    mapping.write_text('title = "R"\ncurrency = "USD"\n[columns]\nday = "d"\ncost = "c"\n', "utf-8")
    ran = cli("import", str(sheet), "--map", str(mapping))
    assert ran.code == 1
    assert ran.err.startswith("Line 3: c is not an amount")
    mapping.write_text(
        'title = "R"\ncurrency = "USD"\n[columns]\nday = "d"\ncost = "price"\n', "utf-8"
    )
    assert "These must be there: d, price" in cli("import", str(sheet), "--map", str(mapping)).err
