"""Roo Code's and Kilo Code's tasks are counted by the rules that were worked out by hand, each of
which has a test that names it; what they share with Cline is held there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, WORK, Json, Logs, classes, total
from test_cline import NOON, ask, request, say, spent

ROO, KILO = "roo-code", "kilo-code"
STORAGE = {
    ROO: ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline",
    KILO: ".config/Code/User/globalStorage/kilocode.kilo-code",
}
TASK = "0199a000-0000-7000-8000-000000000001"
OCTOBER = 1_761_900_000_000
"""31 October 2025, 08:40 UTC: before `tokensIn` came to be all of the input."""


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def asked(second: float, sent: int = 100, **more: Any) -> Json:
    """A request as Roo writes it."""
    told = {**spent(sent), "apiProtocol": "anthropic", **more}
    told.pop("request")
    return request(second, told)


def earlier(message: Json) -> Json:
    """The same, before the meaning of `tokensIn` changed."""
    return {**message, "ts": OCTOBER + message["ts"] - NOON}


def task(logs: Logs, *messages: Json, word: str = ROO, number: str = TASK) -> Path:
    path = f"{STORAGE[word]}/tasks/{number}/ui_messages.json"
    return logs.write(path, json.dumps(messages).encode(), end=b"")


def item(logs: Logs, word: str = ROO, **more: Any) -> None:
    told = {"id": TASK, "task": SECRET, "workspace": WORK, **more}
    logs.write(f"{STORAGE[word]}/tasks/{TASK}/history_item.json", told)


def conversation(logs: Logs, *told: tuple[float, str], word: str = ROO) -> None:
    """What the model was told, and of itself: when, and which model it is."""
    messages = []
    for second, model in told:
        mode = f"# Current Mode\n<slug>code</slug>\n<model>{model}</model>\n"
        where = f"# Current Workspace Directory ({WORK}) Files\n"
        block = f"<environment_details>\n{mode}\n{where}</environment_details>"
        said = [{"type": "text", "text": f"<model>wrong</model>{SECRET}"}]
        content = [*said, {"type": "text", "text": block}]
        ts = NOON + round(second * 1000)
        messages.append({"role": "user", "content": content, "ts": ts})
        messages.append({"role": "assistant", "content": SECRET, "ts": ts + 1})
    path = f"{STORAGE[word]}/tasks/{TASK}/api_conversation_history.json"
    logs.write(path, json.dumps(messages).encode(), end=b"")


# --- what `tokensIn` means ---


@pytest.mark.parametrize("protocol", ["anthropic", "openai", None])
def test_since_the_end_of_october_2025_the_input_is_all_of_it(
    logs: Logs, protocol: str | None
) -> None:
    task(logs, asked(1, 2310, cacheReads=2000, cacheWrites=300, apiProtocol=protocol))
    assert classes(logs.calls(ROO)) == [(10, 2000, 300, 0, 20)]


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("openai", (300, 2000, 0, 0, 20)),
        ("anthropic", (2300, 2000, 0, 0, 20)),
        (None, (2300, 2000, 0, 0, 20)),
    ],
)
def test_before_that_the_protocol_tells(
    logs: Logs, protocol: str | None, expected: tuple[int, ...]
) -> None:
    task(logs, earlier(asked(1, 2300, cacheReads=2000, apiProtocol=protocol)))
    assert classes(logs.calls(ROO)) == [expected]


@pytest.mark.parametrize("protocol", ["anthropic", "openai", None])
@pytest.mark.parametrize("when", [earlier, dict])
def test_a_cache_that_is_more_than_the_input_is_apart(
    logs: Logs, protocol: str | None, when: Any
) -> None:
    task(logs, when(asked(1, 10, cacheReads=2000, cacheWrites=300, apiProtocol=protocol)))
    assert classes(logs.calls(ROO)) == [(10, 2000, 300, 0, 20)]


def test_a_request_without_usage_is_flagged_where_it_has_tokens_and_passed_over_where_not(
    logs: Logs,
) -> None:
    empty = asked(2, 0, tokensOut=0, cost=None, usageMissing=True)
    task(logs, asked(1, usageMissing=True), empty, asked(3, usageMissing=False), word=KILO)
    calls = logs.calls(KILO)
    assert [call.service.details for call in calls] == [(("flag", "estimated"),), ()]
    assert total(calls) == 240


def test_a_placeholder_counts_when_it_has_ended(logs: Logs) -> None:
    task(logs, request(1, {"apiProtocol": "anthropic"}))
    assert logs.calls(ROO) == []
    task(logs, request(1, {"apiProtocol": "anthropic", **spent()}))
    assert total(logs.calls(ROO)) == 120


# --- beside the requests ---


def test_condensing_costs_money_and_is_automatic(logs: Logs) -> None:
    condensed = say("condense_context", 2, contextCondense={"cost": 0.125, "summary": SECRET})
    idle = say("condense_context", 3, contextCondense={"cost": 0})
    task(logs, asked(1), condensed, idle, say("condense_context", 4), asked(5))
    calls = logs.calls(ROO)
    assert [(call.tokens.total, call.cost) for call in calls] == [
        (120, None),
        (0, 125_000_000),
        (120, None),
    ]
    assert [call.origin.answered for call in calls] == ["human", "auto", "tool_loop"]


def test_what_was_deleted_is_counted_by_its_sum(logs: Logs) -> None:
    task(logs, asked(1), say("api_req_deleted", 2, spent(2310, 2000, 300, 40)), asked(3))
    calls = logs.calls(ROO)
    assert classes(calls)[1] == (10, 2000, 300, 0, 40)
    assert calls[1].requests is None


def test_a_subtask_is_a_subagents_but_for_what_a_person_says_in_it(logs: Logs) -> None:
    item(logs, parentTaskId="parent-task", rootTaskId="root-task")
    said = say("user_feedback", 3)
    task(logs, say("text", 0), asked(1), asked(2), said, asked(4), asked(5))
    calls = logs.calls(ROO)
    assert [c.origin.answered for c in calls] == ["subagent", "subagent", "human", "subagent"]
    assert calls[0].origin[:3] == (TASK, "parent-task", WORK)


def test_people_are_asked_and_answer(logs: Logs) -> None:
    task(logs, asked(1), ask("followup", 2), asked(3), ask("command", 4), asked(5))
    answered = [call.origin.answered for call in logs.calls(ROO)]
    assert answered == ["human", "human", "tool_loop"]


# --- which model, and where ---


def test_the_model_is_the_one_that_was_told_of_itself_after_the_request_was_noted(
    logs: Logs,
) -> None:
    task(logs, asked(1), asked(3), asked(5), asked(9))
    conversation(logs, (2, "claude-sonnet-4-5"), (4, "anthropic/claude-opus-4"), (6, "odd-model"))
    services = [call.service for call in logs.calls(ROO)]
    assert [(service.provider, service.model) for service in services] == [
        ("anthropic", "claude-sonnet-4-5"),
        ("openrouter", "anthropic/claude-opus-4"),
        ("roo-code", "odd-model"),
        ("roo-code", "odd-model"),
    ]


def test_without_a_conversation_the_model_is_unknown(logs: Logs) -> None:
    task(logs, asked(1), word=KILO)
    (call,) = logs.calls(KILO)
    assert (call.service.provider, call.service.model) == ("kilo-code", None)


@pytest.mark.parametrize("known", [True, False])
def test_the_folder_is_the_tasks_or_the_one_that_the_model_was_told(
    logs: Logs, *, known: bool
) -> None:
    task(logs, asked(1))
    if known:
        item(logs)
    conversation(logs, (2, "claude-sonnet-4-5"))
    (call,) = logs.calls(ROO)
    assert call.origin.project == WORK


@pytest.mark.parametrize("word", [ROO, KILO])
def test_a_copied_task_counts_once_wherever_it_lies(tmp_path: Path, word: str) -> None:
    logs = Logs(tmp_path)
    path = task(logs, asked(1), asked(2), word=word)
    copy = f"{STORAGE[word]}/tasks/{TASK}/ui_messages.json".replace("/Code/", "/Code - Insiders/")
    logs.write(copy, path.read_bytes(), end=b"")
    assert total(logs.calls(word)) == 240
    assert len(Logs(tmp_path / "nowhere").calls(word, tmp_path / STORAGE[word])) == 2
    assert len(Logs(tmp_path / "nowhere").calls(word, tmp_path / ".config/Code")) == 2


@pytest.mark.parametrize("word", [ROO, KILO])
def test_nothing_that_was_asked_or_answered_is_kept(tmp_path: Path, word: str) -> None:
    logs = Logs(tmp_path)
    item(logs, word)
    conversation(logs, (2, "claude-sonnet-4-5"), word=word)
    task(logs, say("text", 0), asked(1), say("user_feedback", 2), asked(3), word=word)
    assert total(logs.calls(word)) == 240
    assert SECRET not in repr(logs.harvests)
