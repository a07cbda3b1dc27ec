"""Copilot CLI's three records of a session are never added: its store comes before telemetry, and
telemetry before the sums at a session's end, whichever is read first.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from log_kit import OTHER, SECRET, SESSION, WORK, Insert, Json, Logs, classes, clock, execute, total

COPILOT = "copilot-cli"
STORE = ".copilot/session-store.db"
EVENTS = f".copilot/session-state/{SESSION}/events.jsonl"
TELEMETRY = ".copilot/otel/copilot-1.jsonl"
NOON = 1788350400
SCHEMA = (
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT, branch TEXT, created_at TEXT)",
    """
    CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT,
        turn_index INTEGER, model TEXT, input_tokens INTEGER, output_tokens INTEGER,
        cache_read_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER,
        total_nano_aiu INTEGER, agent_id TEXT, parent_tool_call_id TEXT, initiator TEXT,
        created_at TEXT)
    """,
    "CREATE TABLE turns (id INTEGER PRIMARY KEY, session_id TEXT, user_message TEXT)",
)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def session(number: str = SESSION) -> Insert:
    row = {"id": number, "cwd": WORK, "branch": "main", "created_at": clock(0)}
    return ("sessions", row)


def stored(
    second: float, sent: int = 100, out: int = 20, read: int = 0, written: int = 0, **more: Any
) -> Insert:
    row = {
        "session_id": SESSION,
        "turn_index": 0,
        "model": "claude-sonnet-4.5",
        "input_tokens": sent,
        "output_tokens": out,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
        "reasoning_tokens": 0,
        "created_at": clock(second),
    }
    return ("assistant_usage_events", {**row, **more})


def event(kind: str, second: float, **data: Any) -> Json:
    return {"type": kind, "timestamp": clock(second), "id": f"{second}", "data": data}


def begin(second: float = 0) -> Json:
    context = {"cwd": WORK, "branch": "main"}
    return event("session.start", second, sessionId=SESSION, context=context)


def spoken(second: float, out: int) -> Json:
    return event("assistant.message", second, content=SECRET, outputTokens=out)


def metrics(
    sent: int, out: int, read: int = 0, written: int = 0, requests: int = 1, reasoning: int = 0
) -> Json:
    usage = {
        "inputTokens": sent,
        "outputTokens": out,
        "cacheReadTokens": read,
        "cacheWriteTokens": written,
        "reasoningTokens": reasoning,
    }
    return {"requests": {"count": requests, "cost": 1}, "usage": usage}


def end(second: float, **models: Json) -> Json:
    named = {name.replace("_", "-"): told for name, told in models.items()}
    return event("session.shutdown", second, totalNanoAiu=10**9, modelMetrics=named)


def span(
    number: str, second: float, sent: int, out: int, /, name: str = "chat gpt-5.4", **more: Any
) -> Json:
    attributes = {
        "gen_ai.operation.name": name.partition(" ")[0],
        "gen_ai.response.model": "gpt-5.4",
        "gen_ai.conversation.id": SESSION,
        "gen_ai.usage.input_tokens": sent,
        "gen_ai.usage.output_tokens": out,
        **more,
    }
    return {
        "type": "span",
        "traceId": "trace-1",
        "spanId": number,
        "name": name,
        "startTime": [NOON + int(second), 0],
        "endTime": [NOON + int(second), 500_000_000],
        "attributes": attributes,
    }


# --- the store ---


def test_input_holds_both_caches_and_output_the_reasoning(logs: Logs) -> None:
    row = stored(1, 1000, 40, 700, 100, reasoning_tokens=25)
    logs.database(STORE, *SCHEMA, session(), row)
    (call,) = logs.calls(COPILOT)
    assert classes([call]) == [(200, 700, 100, 0, 40)]
    assert (call.reasoning, call.tokens.total) == (25, 1040)
    assert call.origin == (SESSION, None, WORK, "main", "human")


def test_a_models_name_is_its_makers_and_a_unit_is_a_cent(logs: Logs) -> None:
    row = stored(1, total_nano_aiu=250_000_000)
    logs.database(STORE, *SCHEMA, session(), row, stored(2, model="gpt-5.4"))
    first, second = logs.calls(COPILOT)
    assert first.service[:2] == ("anthropic", "claude-sonnet-4-5")
    assert first.cost == 2_500_000  # a quarter of a cent
    assert second.service[:2] == ("openai", "gpt-5.4")
    assert second.cost is None


@pytest.mark.parametrize(
    ("more", "answered"),
    [
        ({}, "tool_loop"),
        ({"turn_index": 1}, "human"),
        ({"turn_index": None}, "tool_loop"),
        ({"turn_index": 1, "agent_id": "review"}, "subagent"),
        ({"turn_index": 1, "parent_tool_call_id": "t"}, "subagent"),
        ({"initiator": "compaction"}, "auto"),
        ({"initiator": "user"}, "human"),
        ({"turn_index": 1, "initiator": "agent"}, "tool_loop"),
    ],
)
def test_the_store_says_who_is_answered(logs: Logs, more: Json, answered: str) -> None:
    logs.database(STORE, *SCHEMA, session(), stored(1), stored(2, **more))
    assert [call.origin.answered for call in logs.calls(COPILOT)] == ["human", answered]


def test_bad_rows_stop_no_other_and_times_without_a_zone_are_utc(logs: Logs) -> None:
    logs.database(
        STORE,
        *SCHEMA,
        session(),
        stored(1, created_at="2026-09-02 12:00:01"),
        stored(2, -1),
        stored(3, 100, 20, None, None),  # type: ignore[arg-type]
        stored(4, session_id=""),
        stored(5, created_at=None),
    )
    calls = logs.calls(COPILOT)
    assert [call.at for call in calls] == [(NOON + 1) * 1000] + [(NOON + 3) * 1000] * 2
    state = logs.harvests[-1].state
    assert (state.bad_calls, state.bad_lines) == (1, 1)


def test_an_older_store_without_a_ledger_of_calls_is_no_problem(logs: Logs) -> None:
    logs.database(STORE, SCHEMA[0], session())
    logs.write(EVENTS, begin(), end(9, gpt_5=metrics(100, 20)))
    assert total(logs.calls(COPILOT)) == 120
    assert not any(harvest.state.problem for harvest in logs.harvests)


# --- the sums at a session's end ---


def test_ends_add_up_where_each_process_counts_from_zero(logs: Logs) -> None:
    logs.write(
        EVENTS,
        begin(),
        spoken(1, 50),
        end(2, gpt_5=metrics(1000, 50, 700, 100, requests=3, reasoning=9)),
        event("session.resume", 3),
        spoken(4, 80),
        end(5, gpt_5=metrics(2000, 80, 1500, 100, requests=4)),
        end(6),  # left at once
        event("session.resume", 7),
        end(8, gpt_5=metrics(10, 5)),
    )
    calls = logs.calls(COPILOT)
    assert classes(calls) == [(200, 700, 100, 0, 50), (400, 1500, 100, 0, 80), (10, 0, 0, 0, 5)]
    assert [call.requests for call in calls] == [3, 4, 1]
    assert calls[0].reasoning == 9
    assert {call.service.details for call in calls} == {(("flag", "no_split"),)}
    assert calls[0].origin == (SESSION, None, WORK, "main", "tool_loop")


def test_ends_that_count_on_are_told_by_what_was_said_between(logs: Logs) -> None:
    later = end(5, gpt_5=metrics(3000, 130, 2500), gpt_6=metrics(7, 1))
    logs.write(
        EVENTS,
        begin(),
        spoken(1, 50),
        end(2, gpt_5=metrics(1000, 50, 700)),
        spoken(3, 30),
        spoken(4, 51),
        later,
        {**later, "timestamp": clock(6)},  # nothing was done between
    )
    calls = sorted(logs.calls(COPILOT), key=lambda call: call.output)
    assert classes(calls) == [(7, 0, 0, 0, 1), (300, 700, 0, 0, 50), (200, 1800, 0, 0, 80)]


def test_an_end_is_remembered_between_two_readings(logs: Logs) -> None:
    logs.write(EVENTS, begin(), spoken(1, 50), end(2, gpt_5=metrics(1000, 50)), spoken(3, 80))
    assert total(logs.calls(COPILOT)) == 1050
    logs.add(EVENTS, end(4, gpt_5=metrics(3000, 130)))
    (call,) = logs.calls(COPILOT)
    assert call.tokens.total == 2080


def test_several_models_of_an_end_are_several_sums(logs: Logs) -> None:
    both = end(2, claude_haiku_4_5=metrics(9, 1), gpt_5=metrics(7, 1))
    logs.write(EVENTS, begin(), both, end(3, gpt_5=metrics(-1, 1)), b"{torn")
    assert total(logs.calls(COPILOT)) == 18
    assert (logs.harvests[-1].state.bad_calls, logs.harvests[-1].state.bad_lines) == (1, 1)


# --- telemetry ---


def log(number: str, second: float, sent: int, out: int) -> Json:
    told = span(number, second, sent, out)
    attributes = {
        **told["attributes"],
        "event.name": "gen_ai.client.inference.operation.details",
    }
    context = {"traceId": "trace-1", "spanId": number}
    return {"hrTime": [NOON, 0], "spanContext": context, "attributes": attributes, "body": SECRET}


def test_spans_of_chats_come_before_logs_and_those_before_the_agents_sums(logs: Logs) -> None:
    agent = span("a", 3, 300, 40, name="invoke_agent GitHub Copilot")
    lines = [
        log("c1", 1, 100, 20),
        span("c1", 1, 100, 20),
        log("c2", 2, 200, 20),
        span("c2", 2, 200, 20),
        agent,
    ]
    for count, order in enumerate(itertools.permutations(lines)):
        made = Logs(logs.home / str(count))
        made.write(TELEMETRY, *order)
        assert total(made.calls(COPILOT)) == 340
    made.write(TELEMETRY, log("c1", 1, 100, 20), agent, log("c2", 2, 200, 20))
    assert total(Logs(made.home).calls(COPILOT)) == 340
    made.write(TELEMETRY, agent)
    (call,) = Logs(made.home).calls(COPILOT)
    assert (call.tokens.total, call.service.details) == (340, (("flag", "no_split"),))


def test_a_span_tells_its_classes_model_and_time(logs: Logs) -> None:
    more = {
        "gen_ai.usage.cache_read.input_tokens": 700,
        "gen_ai.usage.cache_creation.input_tokens": 100,
        "gen_ai.usage.reasoning.output_tokens": 25,
        "gen_ai.output.messages": SECRET,
    }
    note = f"id: {SESSION}\ncwd: {WORK}\n".encode()
    logs.write(f".copilot/session-state/{SESSION}/workspace.yaml", note)
    logs.write(TELEMETRY, span("c1", 1, 1000, 40, **more), span("c2", 2, 7, 1))
    first, second = logs.calls(COPILOT)
    assert classes([first]) == [(200, 700, 100, 0, 40)]
    assert (first.reasoning, first.at) == (25, (NOON + 1) * 1000 + 500)
    assert first.service[:2] == ("openai", "gpt-5.4")
    assert first.origin == (SESSION, None, WORK, None, "human")
    assert second.origin.answered == "tool_loop"


def test_a_response_that_two_files_tell_of_counts_once(logs: Logs) -> None:
    one = span("c1", 1, 100, 20, **{"gen_ai.response.id": "response-1"})
    logs.write(TELEMETRY, one, b"{gen_ai.usage. torn", {"name": "metric"})
    logs.write(".copilot/otel/old/copy.jsonl", {**one, "spanId": "c9"})
    assert total(logs.calls(COPILOT)) == 120
    assert sum(harvest.state.bad_lines for harvest in logs.harvests) == 1


def test_telemetry_may_be_written_elsewhere(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    logs = Logs(tmp_path, COPILOT_OTEL_FILE_EXPORTER_PATH=str(tmp_path / "out" / "spans.jsonl"))
    logs.write("out/spans.jsonl", span("c1", 1, 100, 20))
    logs.write("out/deep/down/other.jsonl", span("c2", 1, 100, 20))
    assert len(logs.calls(COPILOT)) == 1
    at_home = Logs(tmp_path, COPILOT_OTEL_FILE_EXPORTER_PATH=str(tmp_path / "spans.jsonl"))
    at_home.write("spans.jsonl", span("c4", 1, 100, 20))
    assert at_home.calls(COPILOT) == []  # a whole home folder is no root
    nowhere = tmp_path_factory.mktemp("nowhere")
    logs.write(TELEMETRY, span("c3", 1, 100, 20))
    assert len(Logs(nowhere, COPILOT_HOME=f"{tmp_path}/.copilot").calls(COPILOT)) == 1
    assert len(Logs(nowhere).calls(COPILOT, tmp_path)) == 1
    assert Logs(nowhere).calls(COPILOT) == []


# --- never added ---


@pytest.mark.parametrize("order", list(itertools.permutations(["store", "telemetry", "events"])))
def test_whatever_is_read_first_the_store_counts_before_telemetry_and_that_before_sums(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    """The figures differ on purpose, so that a sum of two of them would be seen."""
    logs = Logs(tmp_path)
    write = {
        "store": lambda: logs.database(STORE, *SCHEMA, session(), stored(1, 1000), stored(2, 2000)),
        "telemetry": lambda: logs.write(TELEMETRY, span("c1", 1, 500, 5)),
        "events": lambda: logs.write(EVENTS, begin(), end(9, gpt_5=metrics(77, 7))),
    }
    best = {"store": 3040, "telemetry": 505, "events": 84}
    known: dict[int, Any] = {}
    for place, name in enumerate(order):
        write[name]()
        known.update(logs.read(COPILOT))
        known = logs.standing(known)
        there = order[: place + 1]
        expected = next(best[word] for word in best if word in there)
        assert total(known.values()) == expected


def test_sessions_that_the_store_does_not_have_are_counted_from_elsewhere(logs: Logs) -> None:
    logs.database(STORE, *SCHEMA, session(), stored(1))
    events = f".copilot/session-state/{OTHER}/events.jsonl"
    logs.write(events, {**begin(), "data": {"sessionId": OTHER}}, end(9, gpt_5=metrics(77, 7)))
    logs.write(TELEMETRY, span("c1", 1, 500, 5, **{"gen_ai.conversation.id": "third"}))
    assert total(logs.calls(COPILOT)) == 120 + 84 + 505


def test_a_store_that_grows_is_read_again(logs: Logs) -> None:
    path = logs.database(STORE, *SCHEMA, session(), stored(1))
    first = logs.read(COPILOT)
    execute(path, [stored(2)])
    assert first.items() <= logs.read(COPILOT).items()


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    prompt = ("turns", {"session_id": SESSION, "user_message": SECRET})
    logs.database(STORE, *SCHEMA, session(), stored(1), prompt)
    logs.write(EVENTS, begin(), event("user.message", 1, content=SECRET), spoken(2, 5))
    logs.write(TELEMETRY, span("c1", 1, 5, 5, **{"gen_ai.input.messages": json.dumps(SECRET)}))
    assert len(logs.calls(COPILOT)) == 1
    assert SECRET not in repr(logs.harvests)
