"""Goose's ledger has a row for each call; sessions from before it have one sum, which is never
counted again when the ledger carries it forward.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, WORK, Insert, Json, Logs, classes, execute, total

GOOSE = "goose"
DATABASE = ".local/share/goose/sessions/sessions.db"
NOON = 1788350400
SESSIONS = """
    CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT, description TEXT, user_set_name BOOLEAN,
        session_type TEXT, working_dir TEXT, created_at TIMESTAMP, accumulated_total_tokens INTEGER,
        accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER,
        accumulated_cache_read_tokens INTEGER, accumulated_cache_write_tokens INTEGER,
        accumulated_cost REAL, schedule_id TEXT, provider_name TEXT, model_config_json TEXT,
        parent_session_id TEXT)
"""
OLD_SESSIONS = """
    CREATE TABLE sessions (id TEXT PRIMARY KEY, description TEXT, working_dir TEXT,
        created_at TIMESTAMP, accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER)
"""
LEDGER = """
    CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT,
        created_timestamp INTEGER, model TEXT, input_tokens INTEGER, output_tokens INTEGER,
        total_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, cost REAL,
        cost_source TEXT, is_compaction INTEGER DEFAULT 0)
"""
MESSAGES = """
    CREATE TABLE messages (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content_json TEXT,
        created_timestamp INTEGER)
"""
SCHEMA = (SESSIONS, LEDGER, MESSAGES)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def session(number: str = "20260902_1", **more: Any) -> Insert:
    row = {
        "id": number,
        "name": "Mend it",
        "session_type": "user",
        "working_dir": WORK,
        "created_at": "2026-09-02 11:00:00",
        "provider_name": "anthropic",
        "model_config_json": {"model_name": "claude-sonnet-4-6"},
    }
    return ("sessions", {**row, **more})


def used(sent: int, out: int, read: int = 0, written: int = 0) -> Json:
    """Counts of a session's sum."""
    counts = {"input": sent, "output": out, "cache_read": read, "cache_write": written}
    return {f"accumulated_{name}_tokens": value for name, value in counts.items()}


def call(
    second: float, sent: int = 100, out: int = 20, read: int = 0, written: int = 0, **more: Any
) -> Insert:
    row = {
        "session_id": "20260902_1",
        "created_timestamp": NOON + int(second),
        "model": "claude-sonnet-4-6",
        "input_tokens": sent,
        "output_tokens": out,
        "total_tokens": sent + out,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
    }
    return ("usage_ledger", {**row, **more})


def message(second: float, role: str = "user", kind: str = "text", **more: Any) -> Insert:
    row = {
        "session_id": "20260902_1",
        "role": role,
        "content_json": [{"type": kind, "text": SECRET}],
        "created_timestamp": NOON + int(second),
    }
    return ("messages", {**row, **more})


def test_input_holds_what_was_cached(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(), call(1, 1000, 40, 700, 100))
    (found,) = logs.calls(GOOSE)
    assert classes([found]) == [(200, 700, 100, 0, 40)]
    assert found.at == (NOON + 1) * 1000


def test_each_row_of_the_ledger_is_a_call_on_its_own_day(logs: Logs) -> None:
    day = 86_400
    logs.database(DATABASE, *SCHEMA, session(**used(999, 999)), call(1), call(day), call(2 * day))
    assert [found.at // 86_400_000 for found in logs.calls(GOOSE)] == [20698, 20699, 20700]
    assert total(logs.calls(GOOSE)) == 0
    assert total(Logs(logs.home).calls(GOOSE)) == 360


def test_what_is_carried_forward_is_the_sum_from_before_the_ledger_and_no_charge(
    logs: Logs,
) -> None:
    old = (OLD_SESSIONS, MESSAGES)
    before = {
        "id": "20260902_1",
        "working_dir": WORK,
        "created_at": "2026-09-02 11:00:00",
        "accumulated_input_tokens": 900,
        "accumulated_output_tokens": 90,
    }
    logs.database(DATABASE, *old, ("sessions", before))
    first = logs.read(GOOSE)
    assert classes(first.values()) == [(900, 0, 0, 0, 90)]
    carried = call(5, 900, 90, model=None, cost=1.5, cost_source="carried_forward")
    logs.database(DATABASE, *SCHEMA, session(**used(1000, 110)), carried, call(5))
    second = logs.read(GOOSE)
    assert first.keys() <= second.keys()
    assert total(second.values()) == 990 + 120
    (summed,) = (found for key, found in second.items() if key in first)
    assert (summed.requests, summed.cost) == (0, None)
    assert summed.service.details == (("flag", "no_split"),)
    assert summed.at == 1788346800000  # 11:00 UTC, when the session was made


def test_a_sum_that_grows_is_raised_and_stays_one(logs: Logs) -> None:
    logs.database(DATABASE, SESSIONS, session(**used(100, 10)))
    first = logs.read(GOOSE)
    logs.database(DATABASE, SESSIONS, session(**used(300, 30)))
    second = logs.read(GOOSE)
    assert first.keys() == second.keys()
    assert [found.rank for found in second.values()] > [found.rank for found in first.values()]
    assert total(second.values()) == 330


def test_a_number_that_two_databases_use_is_two_sessions(
    logs: Logs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Logs(tmp_path_factory.mktemp("other"))
    logs.database(DATABASE, *SCHEMA, session(), call(1))
    other.database(DATABASE, *SCHEMA, session(), call(2))
    assert len(logs.calls(GOOSE, logs.home, other.home)) == 2


@pytest.mark.parametrize(
    ("more", "answered"),
    [
        ({}, "human"),
        ({"session_type": "sub_agent"}, "subagent"),
        ({"parent_session_id": "20260902_0"}, "subagent"),
        ({"session_type": "scheduled"}, "headless"),
        ({"schedule_id": "nightly"}, "headless"),
        ({"session_type": "hidden"}, "auto"),
    ],
)
def test_a_session_says_who_is_answered(logs: Logs, more: Json, answered: str) -> None:
    logs.database(DATABASE, *SCHEMA, session(**more), message(1), call(2))
    (found,) = logs.calls(GOOSE)
    assert found.origin.answered == answered
    assert found.origin[:4] == ("20260902_1", more.get("parent_session_id"), WORK, None)


def test_the_first_call_after_a_prompt_answers_a_person(logs: Logs) -> None:
    logs.database(
        DATABASE,
        *SCHEMA,
        session(),
        message(1),
        call(2),
        message(3, kind="toolResponse"),
        call(4),
        call(5, is_compaction=1),
        message(6, role="assistant"),
        call(7),
        message(8, created_timestamp=(NOON + 8) * 1000),
        call(9),
    )
    answered = [found.origin.answered for found in logs.calls(GOOSE)]
    assert answered == ["human", "tool_loop", "auto", "tool_loop", "human"]


@pytest.mark.parametrize(
    ("service", "model", "provider"),
    [
        ("openai", "gpt-5.4", "openai"),
        ("github_copilot", "claude-sonnet-4.5", "anthropic"),
        ("gcp_vertex_ai", "gemini-2.5-pro", "google"),
        ("ollama", "qwen3", "ollama"),
    ],
)
def test_the_makers_prices_count(logs: Logs, service: str, model: str, provider: str) -> None:
    logs.database(DATABASE, *SCHEMA, session(provider_name=service), call(1, model=model))
    (found,) = logs.calls(GOOSE)
    assert found.service[:2] == (provider, model)


def test_a_cost_that_goose_tells_is_kept(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(), call(1, cost=0.25, cost_source="estimated"))
    assert [found.cost for found in logs.calls(GOOSE)] == [250_000_000]


@pytest.mark.parametrize("service", ["claude-code", "codex", "gemini-cli"])
def test_what_went_through_another_agent_stands_in_that_agents_logs(
    logs: Logs, service: str
) -> None:
    more = session("20260902_2", provider_name=service, **used(9, 9))
    logs.database(DATABASE, *SCHEMA, session(provider_name=service), call(1), more)
    assert logs.calls(GOOSE) == []


@pytest.mark.parametrize(
    ("more", "titles"),
    [
        ({}, (("20260902_1", "Mend it"),)),
        ({"name": "", "description": "Mend it"}, (("20260902_1", "Mend it"),)),
        ({"name": SECRET, "provider_name": "amp-acp"}, ()),
        (
            {"name": "Mine", "user_set_name": 1, "provider_name": "amp-acp"},
            (("20260902_1", "Mine"),),
        ),
    ],
)
def test_a_name_that_is_the_beginning_of_a_prompt_is_not_kept(
    logs: Logs, more: Json, titles: object
) -> None:
    logs.database(DATABASE, *SCHEMA, session(**more), message(1), call(2))
    logs.read(GOOSE)
    (harvest,) = logs.harvests
    assert harvest.titles == titles
    assert SECRET not in repr(harvest)


def test_bad_rows_stop_no_other(logs: Logs) -> None:
    logs.database(
        DATABASE,
        *SCHEMA,
        session(model_config_json="{torn"),
        message(1, content_json="{torn"),
        call(2, -1),
        call(3, 100, 20, None, None),  # type: ignore[arg-type]
        call(4, created_timestamp=None),
        call(5, session_id="20260902_9"),
        call(6, 0, 0),
    )
    found = logs.calls(GOOSE)
    assert total(found) == 240
    assert [one.origin.project for one in found] == [WORK, None]
    assert logs.harvests[-1].state.bad_calls == 2


def test_a_ledger_that_grows_is_read_again(logs: Logs) -> None:
    path = logs.database(DATABASE, *SCHEMA, session(), call(1))
    first = logs.read(GOOSE)
    execute(path, [call(2)])
    assert first.items() <= logs.read(GOOSE).items()


@pytest.mark.parametrize(
    ("platform", "folder", "environ"),
    [
        ("linux", ".local/share/goose/sessions", {}),
        ("linux", "data/goose/sessions", {"XDG_DATA_HOME": "{}/data"}),
        ("darwin", ".local/share/goose/sessions", {}),
        ("darwin", "Library/Application Support/Block/goose/data/sessions", {}),
        ("win32", "AppData/Roaming/Block/goose/data/sessions", {}),
        ("linux", "root/data/sessions", {"GOOSE_PATH_ROOT": "{}/root"}),
    ],
)
def test_each_platform_has_its_place_and_the_environment_replaces_it(
    tmp_path: Path, platform: str, folder: str, environ: dict[str, str]
) -> None:
    logs = Logs(tmp_path, **{name: text.format(tmp_path) for name, text in environ.items()})
    logs.database(f"{folder}/sessions.db", *SCHEMA, session(), call(1))
    assert len(logs.read(GOOSE, platform=platform)) == 1
