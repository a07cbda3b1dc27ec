"""Crush's sessions are counted by their costs alone, in seconds, and only those that nobody else
started.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, Insert, Logs
from test_cline import NOON

CRUSH = "crush"
PROJECT = "work/shop"
DATABASE = f"{PROJECT}/.crush/crush.db"
REGISTRY = ".local/share/crush/projects.json"
DAY = 86_400

SCHEMA = (
    """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT NOT NULL,
        message_count INTEGER NOT NULL DEFAULT 0, prompt_tokens INTEGER NOT NULL DEFAULT 0,
        completion_tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0.0,
        updated_at INTEGER NOT NULL, created_at INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE messages (
        id TEXT PRIMARY KEY, session_id TEXT NOT NULL, role TEXT NOT NULL,
        parts TEXT NOT NULL DEFAULT '[]', model TEXT, provider TEXT,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, finished_at INTEGER
    )
    """,
)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    made = Logs(tmp_path)
    known = [{"path": f"{tmp_path}/{PROJECT}", "data_dir": f"{tmp_path}/{PROJECT}/.crush"}]
    made.write(REGISTRY, {"projects": [*known, {"path": "/gone", "data_dir": ".crush"}, {}]})
    return made


def session(number: str = "s1", cost: object = 0.25, **more: Any) -> Insert:
    return "sessions", {
        "id": number,
        "title": "Mend the login",
        "prompt_tokens": 41_000,
        "completion_tokens": 900,
        "cost": cost,
        "created_at": NOON // 1000,
        "updated_at": NOON // 1000 + 90,
        **more,
    }


_numbers = iter(range(10**6))


def message(role: str = "assistant", session: str = "s1", **more: Any) -> Insert:
    text = more.pop("text", SECRET)
    return "messages", {
        "id": f"m{next(_numbers)}",
        "session_id": session,
        "role": role,
        "parts": [{"type": "text", "data": {"text": text}}],
        "created_at": NOON // 1000,
        "updated_at": NOON // 1000,
        **({"model": "claude-sonnet-4-5", "provider": "anthropic"} if role == "assistant" else {}),
        **more,
    }


def test_only_the_cost_is_counted_and_no_tokens(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(), message("user"), message())
    (call,) = logs.calls(CRUSH)
    assert (call.tokens.total, call.cost, call.requests) == (0, 250_000_000, None)
    assert (call.service.provider, call.service.model) == ("anthropic", "claude-sonnet-4-5")


def test_times_are_seconds_and_milliseconds_are_known_by_their_size(logs: Logs) -> None:
    later = session("s2", updated_at=NOON + 90_000)
    logs.database(DATABASE, *SCHEMA, session(), later)
    assert [call.at for call in logs.calls(CRUSH)] == [NOON + 90_000] * 2


def test_a_session_that_another_one_started_is_within_its_cost(logs: Logs) -> None:
    child = session("m1$$t1", 0.1, parent_session_id="s1")
    title = session("title-s1", 0.01, parent_session_id="s1")
    logs.database(DATABASE, *SCHEMA, session(cost=0.35), child, title)
    (call,) = logs.calls(CRUSH)
    assert call.cost == 350_000_000


def test_a_session_that_goes_on_is_the_same_running_total(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(cost=0.1))
    first = logs.read(CRUSH)
    logs.database(DATABASE, *SCHEMA, session(cost=0.30000000000000004))
    second = logs.read(CRUSH)
    assert first.keys() == second.keys()
    assert [call.cost for call in second.values()] == [300_000_000]


def test_a_project_that_moved_brings_nothing_new(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session())
    logs.database(DATABASE.replace("shop", "moved"), *SCHEMA, session())
    assert len(logs.read(CRUSH, logs.home / "work")) == 1


def test_what_cost_nothing_is_not_told(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(cost=0), session("s2", cost=0.0))
    assert logs.calls(CRUSH) == []


def test_of_several_models_nobody_knows_which_cost_how_much(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(), message(), message(model="gpt-5.4"))
    (call,) = logs.calls(CRUSH)
    assert (call.service.provider, call.service.model) == ("crush", None)


@pytest.mark.parametrize("wrong", ["much", -1.0, 1e30])
def test_an_impossible_cost_drops_its_session_alone(logs: Logs, wrong: object) -> None:
    logs.database(DATABASE, *SCHEMA, session("s0", wrong), session())
    assert len(logs.calls(CRUSH)) == 1
    assert logs.harvests[-1].state.bad_calls == 1


def test_a_file_that_is_no_database_stops_nothing(logs: Logs) -> None:
    logs.write("work/other/.crush/crush.db", b"nonsense" * 1000)
    logs.database(DATABASE, *SCHEMA, session())
    assert len(logs.calls(CRUSH, logs.home / "work")) == 1
    assert [h.state.problem for h in logs.harvests if h.state.problem]


def test_an_older_schema_without_providers_is_read(logs: Logs) -> None:
    old = SCHEMA[1].replace("provider TEXT,", "")
    _, told = message()
    del told["provider"]
    logs.database(DATABASE, SCHEMA[0], old, session(), ("messages", told))
    (call,) = logs.calls(CRUSH)
    assert call.service.provider == "anthropic"


def test_a_session_knows_its_project_and_title(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(), message("user"))
    (call,) = logs.calls(CRUSH)
    assert call.origin == ("s1", None, f"{logs.home}/{PROJECT}", None, None)
    assert logs.harvests[-1].titles == (("s1", "Mend the login"),)


@pytest.mark.parametrize("title", [SECRET, f"{SECRET[:14]}…", "Untitled Session", "New Session"])
def test_a_title_that_is_but_the_prompt_is_none(logs: Logs, title: str) -> None:
    rows = (session(title=title), message("user"), message("user", text="More."))
    logs.database(DATABASE, *SCHEMA, *rows)
    logs.read(CRUSH)
    assert logs.harvests[-1].titles == ()


def test_projects_are_those_of_the_registry_or_of_the_user(tmp_path: Path, logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session())
    logs.database("other/.crush/crush.db", *SCHEMA, session("s2"))
    assert [call.origin.session for call in logs.calls(CRUSH)] == ["s1"]
    listed = {"projects": [{"path": f"{tmp_path}/other", "data_dir": ".crush"}]}
    for place in ("global", "data/crush", "AppData/Local/crush"):
        logs.write(f"{place}/projects.json", listed)
    chosen = Logs(tmp_path, CRUSH_GLOBAL_DATA=f"{tmp_path}/global").calls(CRUSH)
    data = Logs(tmp_path, XDG_DATA_HOME=f"{tmp_path}/data").calls(CRUSH)
    windows = Logs(tmp_path).read(CRUSH, platform="win32").values()
    assert {call.origin.session for call in (*chosen, *data, *windows)} == {"s2"}
    assert len(Logs(tmp_path / "nowhere").calls(CRUSH, tmp_path)) == 2
    assert Logs(tmp_path / "nowhere").calls(CRUSH) == []


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    logs.database(DATABASE, *SCHEMA, session(), message("user"), message())
    logs.read(CRUSH)
    assert SECRET not in repr(logs.harvests)
