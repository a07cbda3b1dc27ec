"""aider's history and its log of analytics are counted by the rules that were worked out by hand,
each of which has a test that names it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, Json, Logs, classes, total
from test_cline import NOON

AIDER = "aider"
SHOP = "shop/.aider.chat.history.md"
ANALYTICS = "shop/aider-analytics.jsonl"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every chat here was held in Shanghai."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system does not take its zone from a program")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()


def chat(second: int = 0, model: str = "anthropic/claude-sonnet-4-5") -> list[bytes]:
    return [
        b"",
        b"# aider chat started at 2026-09-02 20:00:%02d" % second,
        b"",
        b"> /usr/bin/aider --model x",
        f"> Main model: {model} with diff edit format, 32k think tokens  ".encode(),
        b"> Weak model: claude-haiku-4-5  ",
    ]


def prompt(text: str = SECRET) -> list[bytes]:
    return [b"", f"#### {text}  ".encode(), b"", SECRET.encode(), b""]


def told(text: str, cost: str = "Cost: $0.04 message, $0.10 session.") -> bytes:
    return f"> Tokens: {text} {cost}  ".encode()


def read(logs: Logs) -> list[Any]:
    return logs.calls(AIDER, logs.home)


# --- the history ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("850 sent, 133 received.", (850, 0, 0, 0, 133)),
        ("12k sent, 133 received.", (12_000, 0, 0, 0, 133)),
        ("4.2k sent, 1.1k received.", (4_200, 0, 0, 0, 1_100)),
        ("12k sent, 3.4k cache hit, 133 received.", (8_600, 3_400, 0, 0, 133)),
        ("12k sent, 3.4k cache write, 133 received.", (8_600, 0, 3_400, 0, 133)),
        ("12k sent, 3k cache write, 5k cache hit, 133 received.", (4_000, 5_000, 3_000, 0, 133)),
        ("2k sent, 9k cache hit, 133 received.", (2_000, 9_000, 0, 0, 133)),
        ("12,345 sent, 1,033 received.", (12_345, 0, 0, 0, 1_033)),
    ],
)
def test_what_was_sent_holds_the_cache_where_it_can(
    logs: Logs, text: str, expected: tuple[int, ...]
) -> None:
    logs.write(SHOP, *chat(), *prompt(), told(text))
    assert classes(read(logs)) == [expected]


def test_rounded_counts_are_flagged_and_exact_ones_are_not(logs: Logs) -> None:
    logs.write(SHOP, *chat(), told("12k sent, 133 received."), told("850 sent, 133 received."))
    flags = {call.input: call.service.details for call in read(logs)}
    assert flags == {12_000: (("flag", "estimated"),), 850: ()}


def test_a_message_stands_at_the_beginning_of_its_chat_in_the_machines_zone(logs: Logs) -> None:
    logs.write(SHOP, *chat(5), told("1k sent, 1 received."), *chat(9), told("2k sent, 1 received."))
    assert [call.at for call in read(logs)] == [NOON + 5000, NOON + 9000]


def test_equal_messages_of_a_chat_are_two_and_copies_of_a_chat_are_one(logs: Logs) -> None:
    lines = [*chat(), told("12k sent, 133 received."), told("12k sent, 133 received.")]
    logs.write(SHOP, *lines)
    logs.write("copy/.aider.chat.history.md", *lines)
    assert len(read(logs)) == 2


def test_a_history_is_read_on_from_where_it_was_left(logs: Logs) -> None:
    logs.write(SHOP, *chat(), *prompt(), told("12k sent, 133 received."), *prompt())
    first = logs.read(AIDER, logs.home)
    logs.add(SHOP, told("12k sent, 133 received."), told("3k sent, 10 received."))
    second = logs.read(AIDER, logs.home)
    assert len(first) == 1
    assert first.keys().isdisjoint(second)
    answered = {call.input: call.origin.answered for call in second.values()}
    assert answered == {12_000: "human", 3_000: "tool_loop"}


def test_a_cost_on_a_line_of_its_own_and_no_cost_at_all_are_the_same(logs: Logs) -> None:
    logs.write(SHOP, *chat(), told("12k sent, 133 received.", ""), b"Cost: $0.04 message.")
    assert total(read(logs)) == 12_133


def test_what_only_quotes_a_count_is_none(logs: Logs) -> None:
    quoted = [b"Tokens: 12k sent, 133 received.", b"> > Tokens: 12k sent, 133 received."]
    asked = prompt("> Tokens: 12k sent, 133 received.")
    logs.write(SHOP, *chat(), *quoted, *asked, b"> Tokens: many sent, few received.")
    assert read(logs) == []


def test_what_cannot_be_is_counted_as_bad(logs: Logs) -> None:
    early = told("1k sent, 1 received.")
    odd = told("1.2.3k sent, 1 received."), told("9999999999 sent, 1 received.")
    logs.write(SHOP, early, *chat(), *odd, b"# aider chat started at 2026-99-99 20:00:00", early)
    assert read(logs) == []
    assert logs.harvests[-1].state.bad_calls == 4


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("gpt-5.4", "openai", "gpt-5.4"),
        ("gemini/gemini-2.5-pro", "google", "gemini-2.5-pro"),
        ("openrouter/anthropic/claude-sonnet-4", "openrouter", "anthropic/claude-sonnet-4"),
        ("vertex_ai/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("deepseek/deepseek-chat", "deepseek", "deepseek-chat"),
        ("ollama_chat/qwen3", "ollama_chat", "qwen3"),
        ("house-model", "aider", "house-model"),
    ],
)
def test_the_models_name_tells_whose_list_counts(
    logs: Logs, name: str, provider: str, model: str
) -> None:
    logs.write(SHOP, *chat(model=name), told("850 sent, 133 received."))
    (call,) = read(logs)
    assert (call.service.provider, call.service.model) == (provider, model)


def test_a_model_that_was_changed_counts_from_then_on(logs: Logs) -> None:
    change = b"> Model: gpt-5.4 with whole edit format"
    logs.write(SHOP, *chat(), told("1 sent, 1 received."), change, told("2 sent, 1 received."))
    models = {call.input: call.service.model for call in read(logs)}
    assert models == {1: "claude-sonnet-4-5", 2: "gpt-5.4"}


def test_a_chat_knows_its_project_and_session(logs: Logs) -> None:
    logs.write(SHOP, *chat(), told("850 sent, 133 received."))
    (call,) = read(logs)
    assert call.origin == (
        "shop 2026-09-02 20:00:00",
        None,
        f"{logs.home}/shop",
        None,
        "tool_loop",
    )


# --- the log of analytics ---


def sent(second: int, tokens: int = 12_345, out: int = 133, **more: Any) -> Json:
    properties = {
        "main_model": "anthropic/claude-sonnet-4-5",
        "edit_format": "diff",
        "prompt_tokens": tokens,
        "completion_tokens": out,
        "total_tokens": tokens + out,
        "cost": 0.04,
        "total_cost": 0.1,
        **more,
    }
    time_of = NOON // 1000 + second
    return {"event": "message_send", "properties": properties, "user_id": "u", "time": time_of}


def test_the_log_of_analytics_is_exact_and_knows_no_cache(logs: Logs) -> None:
    other = {"event": "launched", "properties": {"prompt_tokens": 9}, "time": NOON // 1000}
    logs.write(ANALYTICS, other, sent(5), sent(7, out=0, tokens=0), sent(9))
    calls = read(logs)
    assert classes(calls) == [(12_345, 0, 0, 0, 133)] * 2
    assert [call.at for call in calls] == [NOON + 5000, NOON + 9000]
    assert calls[0].service == ("anthropic", "claude-sonnet-4-5", None, (("flag", "no_split"),))
    assert calls[0].origin.answered is None


def test_where_there_is_a_log_of_analytics_histories_are_not_counted_too(logs: Logs) -> None:
    logs.write(SHOP, *chat(), told("12k sent, 133 received."))
    logs.write("elsewhere/deep/.aider.chat.history.md", *chat(), told("3k sent, 10 received."))
    assert total(read(logs)) == 12_133 + 3_010
    logs.write(ANALYTICS, sent(5))
    logs.write("more-aider.jsonl", sent(6))
    assert total(Logs(logs.home).calls(AIDER, logs.home)) == 2 * 12_478


@pytest.mark.parametrize("wrong", [-1, "12", None])
def test_an_impossible_event_is_dropped_alone(logs: Logs, wrong: object) -> None:
    bad = sent(6, prompt_tokens=wrong) if wrong is not None else {**sent(6), "time": None}
    logs.write(ANALYTICS, sent(5), bad, b"{", sent(7))
    assert len(read(logs)) == 2
    assert (logs.harvests[-1].state.bad_calls, logs.harvests[-1].state.bad_lines) == (1, 1)


# --- where they are ---


def test_only_what_the_user_names_is_looked_into(logs: Logs) -> None:
    logs.write(SHOP, *chat(), told("850 sent, 133 received."))
    assert logs.calls(AIDER) == []
    for given in (logs.home, logs.home / "shop"):
        assert len(Logs(logs.home).calls(AIDER, given)) == 1


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    logs.write(SHOP, *chat(), *prompt(), told("850 sent, 133 received."), *prompt())
    read(logs)
    logs.write(ANALYTICS, sent(5, error=SECRET))
    read(logs)
    assert SECRET not in repr(logs.harvests)
