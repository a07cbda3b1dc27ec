"""`plimsoll estimate`: tokens and their price before they are spent, and a sentence where not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openai_on_loopback import LoopbackOpenAI

MODEL = "gpt-5.4-mini"


@pytest.fixture
def prompt(tmp_path: Path) -> str:
    file = tmp_path / "prompt.txt"
    file.write_text("The quick brown fox jumps over the lazy dog.", encoding="utf-8")
    return str(file)


def test_the_document_says_what_is_exact_and_what_is_not(cli: Any, prompt: str) -> None:
    ran = cli("estimate", prompt, "--model", "gpt-4o", "--model", "claude-opus-4-8", "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    assert (answer["schema"], answer["title"], answer["characters"]) == (1, "prompt.txt", 44)
    exact, approximate = answer["models"]
    assert (exact["model"], exact["encoding"], exact["exact"]) == ("gpt-4o", "o200k_base", True)
    assert exact["tokens"] == exact["tokens_low"] == exact["tokens_high"] == 10
    assert exact["expected_output"] is None
    price = next(p for p in exact["prices"] if p["provider"] == "openai")
    assert (price["currency"], Decimal(price["input_low"])) == ("USD", Decimal("0.000025"))
    assert price["total_low"] is None
    assert approximate["exact"] is False
    assert approximate["tokens_low"] < approximate["tokens_high"]


def test_in_words_an_approximation_is_called_one(cli: Any, prompt: str) -> None:
    ran = cli("estimate", prompt, "--model", "gpt-4o", "--model", "nobody-9")
    assert "gpt-4o: 10 tokens (exact, o200k_base)" in ran.out
    assert (
        "nobody-9: 7 to 14 tokens (approximation: 70 to 135 % of o200k_base, as for English, "
        "Chinese and code)"
    ) in ran.out
    assert "not priced: no list knows this model" in ran.out


def test_what_of_a_chat_is_not_counted_or_not_exact_is_said(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "chat.json"
    parts = [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "x"}}]
    tools = [{"type": "function", "function": {"name": "look_up"}}]
    file.write_text(
        json.dumps({"messages": [{"role": "user", "content": parts}], "tools": tools}),
        encoding="utf-8",
    )
    told = cli("estimate", str(file), "--model", "gpt-4o").out
    assert "Not counted: 1 of the chat's parts, no text (pictures" in told
    assert "Tools and calls of tools are counted as the JSON that they are" in told
    assert "(approximation, o200k_base)" in told
    answer = cli("estimate", str(file), "--model", "gpt-4o", "--json").json
    assert (answer["messages"], answer["tools"], answer["left_out"]) == (1, 1, 1)
    assert answer["models"][0]["exact"] is False


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
def test_a_pipe_and_a_device_are_refused_and_not_waited_for(cli: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        ran = cli("estimate", str(path), "--model", "gpt-4o")
        assert (ran.code, ran.out) == (1, "")
        assert "is a pipe or a device, which may never end" in ran.err


def test_a_standard_input_that_is_closed_is_said_to_be(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plimsoll.cli.estimate.sys", SimpleNamespace(stdin=None))
    ran = cli("estimate", "-", "--model", "gpt-4o")
    assert (ran.code, ran.err.strip()) == (1, "There is no standard input.")


def test_models_in_use_and_their_own_answers_are_taken_from_the_archive(
    cli: Any, work: LoopbackOpenAI, prompt: str
) -> None:
    at = datetime(2026, 11, 10, 10, tzinfo=UTC)
    work.tokens(at, model=MODEL, input_tokens=9000, output_tokens=4000, num_model_requests=40)
    work.cost(date(2026, 11, 10), "1.00", line_item=f"{MODEL}, input")
    assert cli("sync", "--since", "2026-11-01").code == 0
    (model,) = cli("estimate", prompt, "--json").json["models"]
    assert model["model"] == MODEL
    assert model["expected_output"] == {"tokens": 100, "requests": 40, "of": MODEL}
    price = model["prices"][0]
    assert Decimal(price["total_low"]) > Decimal(price["input_low"]) > 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\x00\x01", "is not text in UTF-8 or UTF-16"),
        (None, "cannot be read"),
    ],
)
def test_what_cannot_be_counted_is_one_sentence(
    cli: Any, tmp_path: Path, data: bytes | None, sentence: str
) -> None:
    file = tmp_path / "thing"
    if data is not None:
        file.write_bytes(data)
    ran = cli("estimate", str(file), "--model", "gpt-4o", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_without_a_model_and_without_history_it_asks_for_one(cli: Any, prompt: str) -> None:
    ran = cli("estimate", prompt)
    assert ran.code == 2
    assert "--model" in ran.err


def test_a_text_comes_on_standard_input_too(tmp_path: Path) -> None:
    for data, code in (("天地玄黄".encode(), 0), (b"a\0b", 1), (b"\xff\xfe", 1)):
        command = [sys.executable, "-m", "plimsoll", "--data-dir", str(tmp_path), "estimate"]
        ran = subprocess.run(
            [*command, "-", "--model", "gpt-4o", "--json"],
            input=data,
            capture_output=True,
            check=False,
        )
        assert ran.returncode == code, ran.stderr
        if code == 0:
            assert json.loads(ran.stdout)["characters"] == 4
        else:
            assert b"is not text" in ran.stderr
