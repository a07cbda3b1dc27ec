"""Amp's old threads are counted by the rules that were worked out by hand, each of which has a test
that names it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, WORK, Json, Logs, classes, clock, total
from test_cline import NOON

AMP = "amp"
THREAD = "T-5e551000-0000-4000-8000-000000000001"
FILE = f".local/share/amp/threads/{THREAD}.json"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def user(number: int, kind: str = "text") -> Json:
    return {"role": "user", "messageId": number, "content": [{"type": kind, "text": SECRET}]}


def answer(
    number: int,
    fresh: int = 100,
    read: int = 0,
    write: int = 0,
    out: int = 20,
    second: float | None = None,
    **more: Any,
) -> Json:
    """A message with its usage, as the newer of the old versions wrote it."""
    told = {
        "model": "claude-sonnet-4-5",
        "inputTokens": fresh,
        "cacheReadInputTokens": read,
        "cacheCreationInputTokens": write,
        "outputTokens": out,
        **({"timestamp": clock(second)} if second is not None else {}),
        **more,
    }
    said = [{"type": "text", "text": SECRET}]
    return {"role": "assistant", "messageId": number, "content": said, "usage": told}


def event(number: int | None, second: float, fresh: int = 100, out: int = 20, **more: Any) -> Json:
    """The same call in the thread's ledger."""
    return {
        "id": f"event-{second}",
        "timestamp": clock(second),
        "model": "claude-sonnet-4-5",
        "credits": 1.5,
        "tokens": {"input": fresh, "output": out},
        **({"toMessageId": number} if number is not None else {}),
        **more,
    }


def thread(
    logs: Logs, *messages: Json, events: list[Json] | None = None, file: str = FILE, **more: Any
) -> Path:
    tree = {
        "displayName": "shop",
        "uri": f"file://{WORK}",
        "repository": {"type": "git", "ref": "refs/heads/main"},
    }
    told = {
        "id": THREAD,
        "created": NOON,
        "title": "Mend the login",
        "messages": list(messages),
        "env": {"initial": {"trees": [tree]}},
        **more,
    }
    if events is not None:
        told["usageLedger"] = {"events": events}
    return logs.write(file, told)


# --- two records of one call ---


def test_a_call_that_both_tell_counts_once_with_the_cache_and_the_time(logs: Logs) -> None:
    thread(logs, user(0), answer(1, 10, 2000, 300, 50), events=[event(1, 5, 10, 50)])
    (call,) = logs.calls(AMP)
    assert classes([call]) == [(10, 2000, 300, 0, 50)]
    assert (call.at, call.origin.answered) == (NOON + 5000, "human")


def test_a_partial_ledger_hides_no_message(logs: Logs) -> None:
    thread(logs, answer(1, second=1), answer(3, second=3), events=[event(3, 3), event(5, 5, 7)])
    assert sorted(classes(logs.calls(AMP))) == [
        (7, 0, 0, 0, 20),
        (100, 0, 0, 0, 20),
        (100, 0, 0, 0, 20),
    ]


def test_an_event_without_a_message_id_is_known_by_its_model_and_output(logs: Logs) -> None:
    alike = answer(1, 10, 2000, 0, 50, 1)
    other = answer(3, 10, 2000, 0, 60, 3)
    thread(logs, alike, other, events=[event(None, 1, 10, 50), event(None, 9, 10, 70)])
    assert total(logs.calls(AMP)) == 2060 + 2070 + 80


def test_a_message_that_was_tried_twice_is_two_calls(logs: Logs) -> None:
    thread(logs, answer(1, out=50), events=[event(1, 1, out=30), event(1, 2, out=50)])
    assert total(logs.calls(AMP)) == 130 + 150


def test_a_title_is_made_by_an_automatic_call_of_its_own(logs: Logs) -> None:
    titled = event(1, 2, 30, 5, operationType="title-generation", model="claude-haiku-4-5")
    usual = event(1, 1, operationType="inference")
    thread(logs, user(0), answer(1), events=[usual, titled])
    calls = logs.calls(AMP)
    assert [call.origin.answered for call in calls] == ["human", "auto"]
    assert total(calls) == 120 + 35


def test_a_thread_that_was_written_anew_adds_only_what_is_new(logs: Logs) -> None:
    thread(logs, events=[event(1, 1)])
    first = logs.read(AMP)
    thread(logs, answer(1, 100, 900, second=1), answer(3, second=3), events=[event(1, 1)])
    second = logs.read(AMP)
    assert first.keys() < second.keys()
    assert total(second.values()) == 1020 + 120


def test_openais_fresh_input_stands_where_the_cache_is_written(logs: Logs) -> None:
    thread(logs, answer(1, 0, 2000, 300, 50, 1, model="gpt-5.2"))
    (call,) = logs.calls(AMP)
    assert classes([call]) == [(300, 2000, 0, 0, 50)]
    assert call.service.provider == "openai"


def test_without_any_time_a_call_stands_at_the_beginning_of_its_thread(logs: Logs) -> None:
    thread(logs, answer(1))
    (call,) = logs.calls(AMP)
    assert call.at == NOON
    thread(logs, answer(1), answer(3), created=None)
    assert logs.calls(AMP) == []
    assert logs.harvests[-1].state.bad_calls == 2


@pytest.mark.parametrize("wrong", [-1, "12", 1.5])
def test_an_impossible_counter_drops_its_call_alone(logs: Logs, wrong: object) -> None:
    thread(logs, answer(1), answer(3, outputTokens=wrong), {"role": None}, answer(5, out=21))
    assert total(logs.calls(AMP)) == 120 + 121
    assert logs.harvests[-1].state.bad_calls == 1


# --- who was answered, and where ---


def test_the_first_call_answers_a_person_and_the_next_the_agent_itself(logs: Logs) -> None:
    thread(
        logs,
        user(0),
        answer(1, second=1),
        user(2, "tool_result"),
        answer(3, second=3),
        user(4),
        answer(5, second=5),
    )
    answered = [call.origin.answered for call in logs.calls(AMP)]
    assert answered == ["human", "tool_loop", "human"]


@pytest.mark.parametrize(
    ("tree", "project"),
    [
        ({"uri": "file:///home/dev/my%20shop"}, "/home/dev/my shop"),
        ({"uri": "file:///C:/code/shop"}, "C:/code/shop"),
        ({"displayName": "shop"}, "shop"),
        ({}, None),
    ],
)
def test_a_call_knows_its_project(logs: Logs, tree: Json, project: str | None) -> None:
    thread(logs, answer(1), env={"initial": {"trees": [tree]}})
    (call,) = logs.calls(AMP)
    assert call.origin.project == project


def test_a_call_knows_its_thread_branch_and_title(logs: Logs) -> None:
    thread(logs, answer(1))
    (call,) = logs.calls(AMP)
    assert call.origin[:4] == (THREAD, None, WORK, "main")
    assert logs.harvests[-1].titles == ((THREAD, "Mend the login"),)


def test_newer_threads_without_tokens_are_nothing(logs: Logs) -> None:
    thread(logs, user(0), {"role": "assistant", "messageId": 1, "content": []})
    assert logs.calls(AMP) == []
    assert logs.harvests[-1].state.bad_lines == 0


def test_a_damaged_thread_is_counted_as_such(logs: Logs) -> None:
    logs.write(FILE, b"{", end=b"")
    assert logs.calls(AMP) == []
    assert logs.harvests[-1].state.bad_lines == 1


def test_threads_are_where_amp_or_the_user_says(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    thread(logs, answer(1))
    thread(logs, answer(1), file=f"else/threads/{THREAD}.json", id="T-other")
    assert len(logs.calls(AMP)) == 1
    named = Logs(tmp_path, AMP_DATA_DIR=f"{tmp_path}/else, {tmp_path}/.local/share/amp")
    assert len(named.calls(AMP)) == 2
    assert len(Logs(tmp_path, XDG_DATA_HOME=f"{tmp_path}/.local/share").calls(AMP)) == 1
    for given in (tmp_path, tmp_path / "else", tmp_path / "else/threads"):
        assert len(Logs(tmp_path / "nowhere").calls(AMP, given)) == 1


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    thread(logs, user(0), answer(1), events=[event(1, 1), event(3, 3)])
    logs.read(AMP)
    assert SECRET not in repr(logs.harvests)
