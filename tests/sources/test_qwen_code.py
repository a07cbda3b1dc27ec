"""Qwen Code's chats are counted as its makers count them: each message once, what was cached apart
from what was not, and nothing of what telemetry repeats.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from log_kit import OTHER, SECRET, SESSION, WORK, Json, Logs, classes, clock, total

QWEN = "qwen-code"
PROJECT = ".qwen/projects/-home-dev-work-shop"
FILE = f"{PROJECT}/chats/{SESSION}.jsonl"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def line(kind: str, number: str, second: float, **more: Any) -> Json:
    """One line of a chat, as recent versions write it."""
    return {
        "uuid": number,
        "parentUuid": None,
        "sessionId": SESSION,
        "timestamp": clock(second),
        "type": kind,
        "cwd": WORK,
        "version": "0.21.14",
        "gitBranch": "main",
        **more,
    }


def said(text: str = SECRET, role: str = "user") -> Json:
    return {"role": role, "parts": [{"text": text}]}


def user(number: str, second: float, **more: Any) -> Json:
    return line("user", number, second, **{"message": said(), **more})


def usage(
    sent: int = 100, cached: int = 0, out: int = 20, thoughts: int = 0, total: int | None = None
) -> Json:
    return {
        "promptTokenCount": sent,
        "candidatesTokenCount": out,
        "thoughtsTokenCount": thoughts,
        "cachedContentTokenCount": cached,
        "totalTokenCount": sent + out + thoughts if total is None else total,
    }


def answer(number: str, second: float, counts: Json | None = None, **more: Any) -> Json:
    told = {"message": said(role="model"), "model": "qwen3-coder-plus", **more}
    return line("assistant", number, second, usageMetadata=counts or usage(), **told)


def test_what_was_cached_is_part_of_the_prompt(logs: Logs) -> None:
    logs.write(FILE, user("u1", 1), answer("a1", 2, usage(1000, 700, 40)))
    assert classes(logs.calls(QWEN)) == [(300, 700, 0, 0, 40)]


@pytest.mark.parametrize(
    ("counts", "output"),
    [
        (usage(100, out=50, thoughts=30), 80),  # apart
        (usage(100, out=50, thoughts=30, total=150), 50),  # inside
        (usage(100, out=50, thoughts=30, total=0), 80),  # nobody says: apart
        (usage(100, out=20, thoughts=30, total=120), 50),  # more than could be inside
    ],
)
def test_the_total_tells_whether_thoughts_are_apart(logs: Logs, counts: Json, output: int) -> None:
    logs.write(FILE, answer("a1", 2, counts))
    (call,) = logs.calls(QWEN)
    assert (call.output, call.reasoning) == (output, 30)


def test_telemetry_repeats_a_message_and_is_not_counted(logs: Logs) -> None:
    event = {"event.name": "qwen-code.api_response", "input_token_count": 100}
    logs.write(
        FILE,
        user("u1", 1),
        answer("a1", 2),
        line("system", "s1", 3, subtype="ui_telemetry", systemPayload={"uiEvent": event}),
        line("tool_result", "t1", 4, message=said()),
    )
    assert classes(logs.calls(QWEN)) == [(100, 0, 0, 0, 20)]


def test_a_branched_session_copies_messages_that_count_once(logs: Logs) -> None:
    first = [user("u1", 1), answer("a1", 2)]
    logs.write(FILE, *first, answer("a2", 3, usage(7)))
    copied = [
        {**entry, "sessionId": OTHER, "forkedFrom": {"sessionId": SESSION}} for entry in first
    ]
    logs.write(f"{PROJECT}/chats/{OTHER}.jsonl", *copied, answer("a3", 4, sessionId=OTHER))
    calls = logs.calls(QWEN)
    assert total(calls) == 120 + 27 + 120
    assert [call.origin.session for call in calls] == [SESSION, SESSION, OTHER]


def test_what_is_rewound_stays_billed(logs: Logs) -> None:
    logs.write(
        FILE,
        user("u1", 1),
        answer("a1", 2),
        line("system", "r1", 3, subtype="rewind", systemPayload={"truncatedCount": 2}),
        user("u2", 4),
        answer("a2", 5),
    )
    assert total(logs.calls(QWEN)) == 240


def test_archived_chats_count_once(logs: Logs) -> None:
    logs.write(FILE, answer("a1", 2))
    logs.write(f"{PROJECT}/chats/archive/{SESSION}.jsonl", answer("a1", 2), answer("a2", 3))
    assert len(logs.calls(QWEN)) == 2


def test_the_first_answer_is_to_a_person_and_the_next_to_the_agent_itself(logs: Logs) -> None:
    logs.write(
        FILE,
        user("u1", 1),
        answer("a1", 2),
        line("tool_result", "t1", 3, message=said()),
        answer("a2", 4),
        user("u2", 5, subtype="notification"),
        answer("a3", 6),
        user("u3", 7, provenance="real_user", subtype="mid_turn_user_message"),
        answer("a4", 8),
        user("u4", 9, message={"role": "user", "parts": [{"functionResponse": {}}]}),
        answer("a5", 10),
    )
    answered = [call.origin.answered for call in logs.calls(QWEN)]
    assert answered == ["human", "tool_loop", "auto", "human", "tool_loop"]


def test_who_is_answered_is_remembered_between_two_readings(logs: Logs) -> None:
    logs.write(FILE, user("u1", 1))
    logs.read(QWEN)
    logs.add(FILE, answer("a1", 2), answer("a2", 3))
    assert [call.origin.answered for call in logs.calls(QWEN)] == ["human", "tool_loop"]


def test_subagents_are_told_by_their_lines_and_by_their_place(logs: Logs) -> None:
    logs.write(FILE, user("u1", 1), answer("a1", 2, isSidechain=True))
    logs.write(f"{PROJECT}/subagents/{SESSION}/explore-7f.jsonl", answer("a2", 3))
    assert {call.origin.answered for call in logs.calls(QWEN)} == {"subagent"}


def test_a_call_knows_where_it_was_made_and_whose_prices_count(logs: Logs) -> None:
    logs.write(
        FILE,
        line("system", "p", 0, subtype="parent_session", systemPayload={"parentSessionId": "up"}),
        line("system", "t", 0, subtype="custom_title", systemPayload={"customTitle": "Mend it"}),
        user("u1", 1),
        answer("a1", 2),
        answer("a2", 3, model="glm-5"),
        answer("a3", 4, model="my-own"),
    )
    calls = logs.calls(QWEN)
    assert {call.origin[:4] for call in calls} == {(SESSION, "up", WORK, "main")}
    assert [call.service.provider for call in calls] == ["alibaba", "zai", "alibaba"]
    (harvest,) = logs.harvests
    assert harvest.titles == ((SESSION, "Mend it"),)
    assert SECRET not in repr(harvest)


def test_bad_text_bad_lines_and_impossible_counters_stop_nothing(logs: Logs) -> None:
    torn = json.dumps(answer("a1", 2)).encode().replace(b"canary", b"\xff\xfe")
    bad, null = usage(-1), {**usage(), "thoughtsTokenCount": None, "cachedContentTokenCount": None}
    logs.write(FILE, torn, b"{torn", answer("a2", 3, bad), answer("a3", 4, null))
    assert total(logs.calls(QWEN)) == 240
    assert (logs.harvests[-1].state.bad_lines, logs.harvests[-1].state.bad_calls) == (1, 1)


def test_the_environment_says_where_the_chats_are(
    logs: Logs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    logs.write(FILE, answer("a1", 2))
    nowhere, home = tmp_path_factory.mktemp("nowhere"), f"{logs.home}/.qwen"
    assert len(Logs(nowhere, QWEN_HOME=home).calls(QWEN)) == 1
    assert len(Logs(nowhere, QWEN_RUNTIME_DIR=home, QWEN_HOME="/none").calls(QWEN)) == 1
    assert len(Logs(nowhere).calls(QWEN)) == 0
    for given in ("", ".qwen", PROJECT):
        assert len(Logs(nowhere).calls(QWEN, logs.home / given)) == 1
