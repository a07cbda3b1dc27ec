"""Droid's sessions are counted by the running total that each keeps, whatever else is not told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from log_kit import OTHER, SECRET, SESSION, WORK, Json, Logs, classes, clock, total
from test_cline import NOON

DROID = "droid"
FOLDER = ".factory/sessions/-home-dev-work-shop"
FILE = f"{FOLDER}/{SESSION}.settings.json"
TRANSCRIPT = f"{FOLDER}/{SESSION}.jsonl"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def used(fresh: int = 100, read: int = 0, write: int = 0, out: int = 20, thinking: int = 0) -> Json:
    return {
        "inputTokens": fresh,
        "outputTokens": out,
        "cacheCreationTokens": write,
        "cacheReadTokens": read,
        "thinkingTokens": thinking,
    }


def settings(counts: Json | None = None, **more: Any) -> Json:
    return {
        "assistantActiveTimeMs": 12_000,
        "model": "claude-sonnet-4-5-20250929",
        "providerLock": "anthropic",
        "providerLockTimestamp": clock(0),
        "tokenUsage": used() if counts is None else counts,
        **more,
    }


def start(**more: Any) -> Json:
    told = {"type": "session_start", "id": SESSION, "cwd": WORK, "title": SECRET}
    return {**told, "sessionTitle": "Mend the login", **more}


def said(role: str, second: float, **more: Any) -> Json:
    message = {"role": role, "content": [{"type": "text", "text": SECRET}], **more}
    return {"type": "message", "id": f"m-{second}", "timestamp": clock(second), "message": message}


def test_classes_are_disjoint_and_thinking_is_output(logs: Logs) -> None:
    logs.write(FILE, settings(used(10, 2000, 300, 50, 7)))
    (call,) = logs.calls(DROID)
    assert classes([call]) == [(10, 2000, 300, 0, 57)]
    assert call.reasoning == 7


def test_a_session_is_one_running_total(logs: Logs) -> None:
    logs.write(FILE, settings())
    first = logs.read(DROID)
    logs.write(FILE, settings(used(300, out=60)))
    second = logs.read(DROID)
    assert first.keys() == second.keys()
    (call,) = second.values()
    assert (call.tokens.total, call.requests) == (360, None)
    assert call.service.details == (("flag", "no_split"),)


def test_a_total_may_be_larger_than_any_call(logs: Logs) -> None:
    logs.write(FILE, settings(used(3_000_000_000)))
    assert total(logs.calls(DROID)) == 3_000_000_020


def test_it_stands_at_the_last_message_or_when_the_session_began(logs: Logs) -> None:
    logs.write(FILE, settings())
    assert [call.at for call in logs.calls(DROID)] == [NOON]
    logs.write(TRANSCRIPT, start(), said("user", 5), said("assistant", 9), b'{"half', end=b"")
    logs.write(FILE, settings(used(101)))
    assert [call.at for call in logs.calls(DROID)] == [NOON + 9000]
    logs.write(TRANSCRIPT, start(), said("assistant", 11, x="y" * 300_000), said("assistant", 12))
    logs.write(FILE, settings(used(102)))
    assert [call.at for call in logs.calls(DROID)] == [NOON + 12_000]


def test_its_transcript_tells_the_folder_the_title_and_who_called(logs: Logs) -> None:
    logs.write(TRANSCRIPT, start(callingSessionId=OTHER, callingToolUseId="t"), said("user", 1))
    logs.write(FILE, settings())
    (call,) = logs.calls(DROID)
    assert call.origin == (SESSION, OTHER, WORK, None, "subagent")
    assert logs.harvests[-1].titles == ((SESSION, "Mend the login"),)


def test_without_a_caller_nobody_knows_whom_its_calls_answered(logs: Logs) -> None:
    logs.write(TRANSCRIPT, start(), said("user", 1))
    logs.write(FILE, settings())
    (call,) = logs.calls(DROID)
    assert call.origin == (SESSION, None, WORK, None, None)


@pytest.mark.parametrize(
    ("model", "lock", "provider"),
    [
        ("claude-sonnet-4-5", None, "anthropic"),
        ("gpt-5.1-codex", "openai", "openai"),
        ("custom:GLM-4.6-[Z.AI]-0", "generic-chat-completion-api", "zai"),
        ("custom:house-model-0", "generic-chat-completion-api", "generic_chat_completion_api"),
        ("droid-core", "factory", "factory"),
        ("house-model", "claude", "anthropic"),
    ],
)
def test_the_list_that_counts_is_the_makers_or_the_services(
    logs: Logs, model: str, lock: str | None, provider: str
) -> None:
    logs.write(FILE, settings(model=model, providerLock=lock))
    (call,) = logs.calls(DROID)
    assert (call.service.provider, call.service.model) == (provider, model)


def test_without_a_model_in_the_settings_the_last_message_tells_it(logs: Logs) -> None:
    first, last = said("assistant", 1, modelId="gpt-5"), said("assistant", 2, modelId="gpt-5.1")
    logs.write(TRANSCRIPT, start(), first, last, said("user", 3))
    logs.write(FILE, settings(model=None, providerLock=None))
    (call,) = logs.calls(DROID)
    assert call.service.model == "gpt-5.1"


@pytest.mark.parametrize(
    ("content", "lines", "calls"),
    [
        (b"{", 1, 0),
        (b"[]", 1, 0),
        (settings({**used(), "inputTokens": -1}), 0, 1),
        (settings({**used(), "inputTokens": "9"}), 0, 1),
        (settings(providerLockTimestamp=None), 0, 1),
        (settings({}), 0, 0),
        ({"model": "claude-sonnet-4-5", "tokenUsage": None}, 0, 0),
    ],
)
def test_one_damaged_file_stops_no_other(
    logs: Logs, content: Json | bytes, lines: int, calls: int
) -> None:
    logs.write(f"{FOLDER}/{OTHER}.settings.json", content)
    logs.write(FILE, settings())
    assert total(logs.calls(DROID)) == 120
    states = [harvest.state for harvest in logs.harvests]
    assert sum(state.bad_lines for state in states) == lines
    assert sum(state.bad_calls for state in states) == calls


def test_sessions_are_where_droid_or_the_user_says(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    logs.write(FILE, settings())
    logs.write(f"else/sessions/a/{OTHER}.settings.json", settings())
    assert len(logs.calls(DROID)) == 1
    named = Logs(tmp_path, FACTORY_DIR=f"{tmp_path}/else").calls(DROID)
    assert [call.origin.session for call in named] == [OTHER]
    for given in (tmp_path, tmp_path / ".factory", tmp_path / FOLDER):
        assert len(Logs(tmp_path / "nowhere").calls(DROID, given)) == 1


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    logs.write(TRANSCRIPT, start(), said("user", 1), said("assistant", 2))
    logs.write(FILE, settings())
    logs.read(DROID)
    assert SECRET not in repr(logs.harvests)
