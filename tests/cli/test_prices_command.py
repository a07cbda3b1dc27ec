"""`plimsoll prices`: own prices from a file, discounts, updates over HTTP, and what each does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

from loopback import Reply, served
from plimsoll.prices.listed import LISTS
from plimsoll.prices.snapshot import PUBLISHED_AT

OWN = """
[[price]]
provider = "openai"
models = ["in-house-1"]
currency = "USD"
input = 2.5
output = 10
"""


@pytest.fixture
def synced(cli: Any, work: LoopbackOpenAI) -> LoopbackOpenAI:
    """An account whose tokens have no bill: two models, one of them unknown."""
    for month in (10, 11):
        at = datetime(2026, month, 5, 9, tzinfo=UTC)
        work.tokens(at, model="gpt-4.1", input_tokens=100_000, output_tokens=0)
        work.tokens(at, model="in-house-1", input_tokens=200_000, output_tokens=10_000)
    assert cli("sync", "--since", "2026-10-01").code == 0
    return work


def estimated(cli: Any) -> str:
    answer = cli("spend", "--from", "2026-10-01", "--to", "2026-11-30", "--json").json
    return str(next((a["estimated"] for a in answer["total"]["amounts"]), "0"))


def file_of(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_is_not_priced_is_listed_with_its_tokens_and_why(
    cli: Any, synced: LoopbackOpenAI
) -> None:
    (line,) = cli("prices", "--json").json["not_priced"]
    assert line == {
        "provider": "openai",
        "source": "Work",
        "model": "in-house-1",
        "tier": None,
        "reason": "There is no list price for in-house-1.",
        "tokens": 420_000,
        "missing_tokens": 420_000,
        "units": {},
        "days": 2,
        "from": "2026-10-05",
        "to": "2026-11-05",
        "can_be_priced": True,
    }
    told = cli("prices").out
    assert (
        "  Work, in-house-1: 420,000 tokens from 5 October 2026 to 5 November 2026. "
        "There is no list price for in-house-1." in told
    )
    assert "Your own prices: none" in told


def test_the_price_board_has_the_models_in_use_with_what_they_cost_now(
    cli: Any, synced: LoopbackOpenAI
) -> None:
    unknown, known = cli("prices", "--json").json["in_use"]
    assert (unknown["model"], unknown["priced"]) == ("in-house-1", False)
    assert (known["model"], known["tokens"], known["priced"]) == ("gpt-4.1", 200_000, True)
    assert "$2 input" in known["words"]


def test_own_prices_come_from_a_file_and_show_what_they_do(
    cli: Any, synced: LoopbackOpenAI, tmp_path: Path
) -> None:
    own = file_of(tmp_path, OWN)
    assert estimated(cli) == "0.40"
    seen = cli("prices", "--own", own, "--dry-run")
    assert seen.code == 0
    sentence, *months = seen.out.splitlines()
    assert sentence == (
        "1 own price added; your October: +$0.60, November: +$0.60; "
        "420,000 tokens that had no price have one."
    )
    assert months == [
        "  2026-10  estimated +$0.60, worth +$0.60",
        "  2026-11  estimated +$0.60, worth +$0.60",
        "Nothing was changed.",
    ]
    assert estimated(cli) == "0.40"
    made = cli("prices", "--own", own, "--json").json
    assert made["taken"] is True
    assert made["effect"] == {
        "records": 2,
        "slices": 2,
        "from": "2026-10-05",
        "to": "2026-11-05",
        "not_priced_tokens": -420_000,
        "months": [
            {
                "month": month,
                "currency": "USD",
                "estimated": "0.60",
                "plan": "0",
                "worth": "0.60",
            }
            for month in ("2026-10", "2026-11")
        ],
    }
    assert estimated(cli) == "1.60"
    (kept,) = cli("prices", "--json").json["own"]
    assert (kept["models"], kept["prices"]) == (["in-house-1"], {"input": "2.5", "output": "10"})
    assert "openai: in-house-1: $2.5 input, $10 output per million tokens" in cli("prices").out


def test_a_sync_uses_the_own_prices_too(cli: Any, synced: LoopbackOpenAI, tmp_path: Path) -> None:
    cli("prices", "--own", file_of(tmp_path, OWN))
    at = datetime(2026, 11, 19, 9, tzinfo=UTC)
    synced.tokens(at, model="in-house-1", input_tokens=1_000_000, output_tokens=0)
    cli("sync")
    assert estimated(cli) == "4.10"


def test_a_wrong_file_is_refused_whole_with_its_line(
    cli: Any, synced: LoopbackOpenAI, tmp_path: Path
) -> None:
    wrong = file_of(tmp_path, OWN + OWN.replace("2.5", "-1").replace("in-house-1", "b"))
    refused = cli("prices", "--own", wrong)
    assert refused.code == 1
    assert "own.toml cannot be used; line 13: " in refused.err
    assert refused.out == ""
    assert cli("prices", "--json").json["own"] == []
    assert cli("prices", "--own", str(tmp_path / "no.toml")).code == 2


def test_own_prices_are_exported_as_they_were_given(
    cli: Any, synced: LoopbackOpenAI, tmp_path: Path
) -> None:
    cli("prices", "--own", file_of(tmp_path, OWN))
    target = tmp_path / "out.toml"
    assert cli("prices", "--export", str(target)).out == f"1 own price written to {target}.\n"
    again = cli("prices", "--own", str(target))
    assert again.out.startswith("Nothing changed; no stored sum changes.")


def test_a_discount_is_set_replaced_and_taken_away(cli: Any, synced: LoopbackOpenAI) -> None:
    made = cli("prices", "--discount", "Work=25%", "--from", "2026-11-01")
    assert made.out.startswith("1 discount added; your November: −$0.05.")
    assert estimated(cli) == "0.35"
    cli("prices", "--discount", "Work=50", "--from", "2026-11-01", "--to", "2026-11-30")
    assert cli("prices", "--json").json["discounts"] == [
        {"source": "Work", "percent": "50", "from": "2026-11-01", "to": "2026-11-30"}
    ]
    assert "  Work: 50 % from 2026-11-01 to 2026-11-30" in cli("prices").out
    cli("prices", "--discount", "Work=0")
    assert cli("prices", "--json").json["discounts"] == []
    assert estimated(cli) == "0.40"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--discount", "Work"), "SOURCE=PERCENT"),
        (("--discount", "Work=lots"), "SOURCE=PERCENT"),
        (("--discount", "Work=120"), "between 0 and 100"),
        (("--discount", "Nobody=5"), "no source called Nobody"),
        (("--discount", "Work=5", "--from", "2026-02-01", "--to", "2026-01-01"), "first day"),
        (("--from", "2026-02-01"), "are for --discount"),
        (("--yes",), "are for --update"),
        (("--dry-run",), "is for --own"),
        (("gpt-4.1", "--log"), "one of these"),
        (("--update", "--address", "http://example.com/data.json"), "https://"),
    ],
)
def test_wrong_words_are_wrong_use(
    cli: Any, synced: LoopbackOpenAI, arguments: tuple[str, ...], words: str
) -> None:
    refused = cli("prices", *arguments)
    assert refused.code == 2
    assert words in refused.err
    assert cli("prices", "--json").json["discounts"] == []


def test_the_known_prices_of_a_model_are_those_of_every_list(
    cli: Any, synced: LoopbackOpenAI, tmp_path: Path
) -> None:
    cli("prices", "--own", file_of(tmp_path, OWN.replace("in-house-1", "gpt-4.1")))
    own, listed = cli("prices", "gpt-4.1-2025-04-14", "--json").json["prices"]
    assert (own["layer"], own["provider"], own["currency"]) == ("own", "openai", "USD")
    assert own["words"] == ["gpt-4.1-2025-04-14: $2.5 input, $10 output per million tokens"]
    assert (listed["layer"], listed["provider"]) == ("listed", "openai")
    assert "$2 input" in listed["words"][0]
    assert "openai (your own)" in cli("prices", "gpt-4.1").out
    nobody = cli("prices", "gpt-99")
    assert (nobody.code, nobody.out) == (0, "")
    assert "Nobody's price for gpt-99 is known." in nobody.err


def test_a_price_by_the_hour_says_which_hours_they_are_and_what_holds_now(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def head(now: str) -> str:
        monkeypatch.setenv("PLIMSOLL_NOW", now)
        told = cli("prices", "deepseek-flash").out.splitlines()
        hours = "09:00-12:00 and 14:00-18:00, Asia/Shanghai, Monday to Friday"
        assert f"  Peak hours: {hours}, not on public holidays." in told
        (found,) = {line.partition("now ")[2].partition(", from")[0] for line in told} - {""}
        return str(found)

    assert head("2026-11-20T00:59:59Z") == "off-peak until 2026-11-20 01:00 UTC"
    assert head("2026-11-20T01:00:00Z") == "in peak hours until 2026-11-20 04:00 UTC"
    assert head("2026-11-20T10:00:00Z") == "off-peak until 2026-11-23 01:00 UTC"
    doubt = "peak or off-peak: the holidays of 2027 are not known"
    assert head("2027-01-01T02:00:00Z") == doubt
    price = cli("prices", "deepseek-flash", "--json").json["prices"][-1]
    assert (price["holds"], price["peak"], price["peak_changes"]) == (
        True,
        None,
        "2027-01-01T04:00:00Z",
    )


def test_a_price_that_is_announced_is_told_with_its_day(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, later = cli("prices", "gemini-4-argon", "--json").json["prices"]
    assert (now["holds"], now["from"], now["to"]) == (True, None, "2026-12-01T00:00:00Z")
    assert (later["holds"], later["from"], later["to"]) == (False, "2026-12-01T00:00:00Z", None)
    monkeypatch.setenv("PLIMSOLL_NOW", "2026-12-01T00:00:00Z")
    (only,) = cli("prices", "gemini-4-argon", "--json").json["prices"]
    assert (only["holds"], only["words"]) == (True, later["words"])


def test_the_log_tells_every_change(cli: Any, synced: LoopbackOpenAI, tmp_path: Path) -> None:
    assert cli("prices", "--log").err == "No price has changed yet.\n"
    cli("prices", "--own", file_of(tmp_path, OWN))
    cli("prices", "--discount", "Work=25", "--from", "2026-11-01")
    discount, own = cli("prices", "--log", "--json").json["changes"]
    assert own["sentence"] == "1 own price added."
    assert [m["estimated"] for m in own["effect"]["months"]] == ["0.60", "0.60"]
    assert [m["estimated"] for m in discount["effect"]["months"]] == ["-0.20"]
    assert cli("prices", "--log").out.splitlines() == [
        "2026-11-20 09:30 UTC  1 discount added.",
        "  2026-11  estimated −$0.20",
        "2026-11-20 09:30 UTC  1 own price added.",
        "  2026-10  estimated +$0.60, worth +$0.60",
        "  2026-11  estimated +$0.60, worth +$0.60",
    ]


# --- over the network ---


def published(*, dollars: str = "3") -> bytes:
    """A price list as the package's makers publish it: gpt-4.1 costs something else."""

    def model(name: str, price: str) -> dict[str, object]:
        prices = {"input_mtok": float(price), "output_mtok": 8}
        return {"id": name, "match": {"starts_with": name}, "prices": prices}

    return json.dumps(
        [
            {
                "id": provider,
                "name": provider,
                "api_pattern": f"https://api\\.{provider}\\.com",
                "models": [model("gpt-4.1", dollars) if provider == "openai" else model("m", "1")],
            }
            for provider in sorted(set(LISTS.values()))
        ]
    ).encode()


Answering = Callable[[Reply], str]


@pytest.fixture
def mirror() -> Iterator[Answering]:
    """`mirror(reply)` → the address of a mirror that answers so."""
    reply: list[Reply] = []
    asked: list[str] = []
    with served(lambda _path, _query, _headers: reply[-1], requests=asked) as address:

        def answering(chosen: Reply) -> str:
            reply.append(chosen)
            return f"{address}/prices/data.json"

        yield answering


def test_fetched_prices_show_their_effect_before_they_are_taken(
    cli: Any, synced: LoopbackOpenAI, mirror: Answering
) -> None:
    address = mirror((200, {"Content-Type": "text/plain"}, published()))
    looked = cli("prices", "--update", "--address", address, "--dry-run", "--json").json
    assert looked["taken"] is False
    assert "openai gpt-4.1" in looked["changed"]
    assert looked["effect"]["months"][0]["estimated"] == "0.10"
    assert estimated(cli) == "0.40"

    refused = cli("prices", "--update", "--address", address, stdin="n\n")
    assert refused.code == 0
    assert "your October: +$0.10, November: +$0.10" in refused.err
    assert refused.out.endswith("Nothing was changed.\n")
    assert estimated(cli) == "0.40"

    taken = cli("prices", "--update", "--address", address, stdin="y\n")
    assert taken.code == 0
    assert estimated(cli) == "0.60"
    page = cli("prices", "--json").json
    assert page["updates"]["in_use"] == looked["edition"]
    assert page["updates"]["fetched_at"].startswith("2026-11-20T09:3")
    assert page["updates"]["allowed"] is False
    cli("sync")
    assert estimated(cli) == "0.60"
    (entry,) = cli("prices", "--log", "--json").json["changes"]
    assert entry["sentence"].endswith(f" prices changed with {looked['edition']}.")

    back = cli("prices", "--forget-update")
    assert "your October: −$0.10, November: −$0.10" in back.out
    assert estimated(cli) == "0.40"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((200, {}, b"[{"), "not a list of prices"),
        ((200, {}, b'{"prices": 1}'), "not a list of prices"),
        ((200, {}, b"[]"), "lack the prices of anthropic"),
        ((200, {}, published(dollars="-3")), "below zero"),
        ((200, {}, b"<html>log in</html>"), "is a web page"),
        ((404, {}, b""), "status 404"),
        ((302, {"Location": "https://example.com/data.json"}, b""), "on to example.com"),
        ((200, {"Content-Encoding": "gzip"}, b"x"), "damaged"),
    ],
)
def test_what_is_no_price_list_is_refused(
    cli: Any, synced: LoopbackOpenAI, mirror: Answering, reply: Reply, words: str
) -> None:
    refused = cli("prices", "--update", "--address", mirror(reply), "--yes")
    assert refused.code == 1
    assert words in refused.err
    assert cli("prices", "--json").json["updates"]["fetched_at"] is None


def test_a_huge_answer_is_refused(cli: Any, synced: LoopbackOpenAI, mirror: Answering) -> None:
    huge = gzip.compress(b"[" + b" " * (33 * 2**20) + b"]")
    address = mirror((200, {"Content-Encoding": "gzip"}, huge))
    refused = cli("prices", "--update", "--address", address, "--yes")
    assert refused.code == 1
    assert "larger than 32 MB" in refused.err


def test_a_stored_file_that_broke_is_told_and_the_built_in_prices_are_used(
    cli: Any, synced: LoopbackOpenAI, mirror: Answering, tmp_path: Path
) -> None:
    address = mirror((200, {}, published()))
    cli("prices", "--update", "--address", address, "--yes")
    assert estimated(cli) == "0.60"
    stored = tmp_path / "data" / "fetched-prices.json"
    stored.write_bytes(stored.read_bytes()[:-10])
    told = cli("prices")
    assert "fetched-prices.json, is damaged; it is not used" in told.err
    checks = cli("doctor", "--json").json["checks"]
    assert [c["ok"] for c in checks if c["name"] == "prices"] == [False]
    assert cli("prices", "--json").json["updates"]["problem"]
    cli("sync")
    assert estimated(cli) == "0.40"


def test_a_newer_program_knows_more_than_what_was_fetched_over_an_older_one(
    cli: Any, synced: LoopbackOpenAI, mirror: Answering, tmp_path: Path
) -> None:
    cli("prices", "--update", "--address", mirror((200, {}, published())), "--yes")
    stored = tmp_path / "data" / "fetched-prices.json"
    head, _, data = stored.read_bytes().partition(b"\n")
    told = json.loads(head) | {"over": "genai-prices 0.2.0"}
    stored.write_bytes(json.dumps(told).encode() + b"\n" + data)
    cli("sync")
    assert estimated(cli) == "0.40"
    updates = cli("prices", "--json").json["updates"]
    assert updates["in_use"].startswith("genai-prices 0.2.")
    assert updates["problem"] is None


def test_the_usual_address_is_the_packages_own() -> None:
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    assert PUBLISHED_AT == DEFAULT_UPDATE_URL


def test_amounts_are_exact(cli: Any, synced: LoopbackOpenAI, tmp_path: Path) -> None:
    before = Decimal(estimated(cli))
    made = cli("prices", "--own", file_of(tmp_path, OWN.replace("2.5", "0.000001")), "--json").json
    months = made["effect"]["months"]
    assert before + sum(Decimal(m["estimated"]) for m in months) == Decimal(estimated(cli))


def test_peers_are_measured_from_the_book(cli: Any) -> None:
    ratios = cli("prices", "--peers", "--json").json["ratios"]
    found = {(r["model"], r["currency"], r["peer"]): r for r in ratios}
    equal = found["kimi-k3.1-pro", "USD", "gpt-6.1-sol"]
    assert (equal["input"], equal["output"], equal["reason"]) == ("1.0000", "1.0000", None)
    yuan = found["kimi-k3", "CNY", "gpt-6-astra"]
    assert (yuan["input"], yuan["reason"]) == (None, "No rate from CNY to USD is set.")
    spoken = cli("prices", "--peers").out
    assert "moonshot kimi-k3.1-pro (USD) to gpt-6.1-sol: input 1.0000, output 1.0000" in spoken
