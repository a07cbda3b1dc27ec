"""Kimi CLI's wire tells each step once; its model is the one of the settings, which is said."""

from __future__ import annotations

import json
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from log_kit import OTHER, SECRET, SESSION, WORK, Json, Logs, classes, total

KIMI = "kimi-cli"
NOON = 1788350400
PROJECT = f".kimi/sessions/{md5(WORK.encode()).hexdigest()}"
FILE = f"{PROJECT}/{SESSION}/wire.jsonl"
SETTINGS = b"""
default_model = "kimi-for-coding"
[models.kimi-for-coding]
provider = "managed:kimi-code"
model = "kimi-k2.5"
"""
METADATA = {"type": "metadata", "protocol_version": "1.10"}


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    made = Logs(tmp_path)
    made.write(".kimi/kimi.json", {"work_dirs": [{"path": "/x"}, {"path": WORK}]})
    made.write(".kimi/config.toml", SETTINGS)
    return made


def event(kind: str, second: float, **payload: Any) -> Json:
    return {"timestamp": NOON + second, "message": {"type": kind, "payload": payload}}


def usage(fresh: int = 100, read: int = 0, written: int = 0, out: int = 20) -> Json:
    return {
        "input_other": fresh,
        "input_cache_read": read,
        "input_cache_creation": written,
        "output": out,
    }


def status(number: str | None, second: float, counts: Json | None = None) -> Json:
    told = {"token_usage": usage() if counts is None else counts, "message_id": number}
    return event("StatusUpdate", second, context_usage=0.1, **told)


def turn(second: float) -> Json:
    return event("TurnBegin", second, user_input=SECRET)


def test_the_classes_are_disjoint_as_they_are_written(logs: Logs) -> None:
    logs.write(FILE, METADATA, turn(1), status("m1", 2.5, usage(100, 700, 30, 40)))
    (call,) = logs.calls(KIMI)
    assert classes([call]) == [(100, 700, 30, 0, 40)]
    assert call.at == NOON * 1000 + 2500  # seconds, not milliseconds


def test_a_status_that_comes_again_counts_once(logs: Logs) -> None:
    bare = event("StatusUpdate", 4, context_usage=0.2)
    logs.write(FILE, turn(1), status("m1", 2), status("m1", 3), bare, status("m2", 5))
    assert [call.origin.answered for call in logs.calls(KIMI)] == ["human", "tool_loop"]


def test_without_an_id_a_step_is_known_by_its_time_and_its_counts(logs: Logs) -> None:
    lines = [turn(1), status(None, 2), status(None, 3), status(None, 3, usage(7))]
    logs.write(FILE, *lines)
    logs.write(f"{PROJECT}/{OTHER}/wire.jsonl", *lines)  # a fork copies its lines as they are
    assert total(logs.calls(KIMI)) == 120 + 120 + 27


def test_a_forked_session_counts_what_it_added(logs: Logs) -> None:
    lines = [METADATA, turn(1), status("m1", 2), status("m2", 3)]
    logs.write(FILE, *lines)
    logs.write(f"{PROJECT}/{OTHER}/wire.jsonl", *lines[:3], turn(9), status("m3", 10))
    assert len(logs.calls(KIMI)) == 3


def test_a_subagent_and_its_mirror_in_the_session_count_once(logs: Logs) -> None:
    inner = status("m2", 3, usage(7))["message"]
    mirrored = event("SubagentEvent", 3.2, agent_id="explore-1", event=inner)
    logs.write(FILE, turn(1), status("m1", 2), mirrored)
    logs.write(f"{PROJECT}/{SESSION}/subagents/explore-1/wire.jsonl", status("m2", 3, usage(7)))
    calls = logs.calls(KIMI)
    assert total(calls) == 120 + 27
    assert [call.origin[:2] for call in calls] == [(SESSION, None), ("explore-1", SESSION)]
    assert [call.origin.answered for call in calls] == ["human", "subagent"]


def test_a_mirror_counts_where_the_subagent_has_no_file(logs: Logs) -> None:
    inner = status("m2", 3, usage(7))["message"]
    logs.write(FILE, turn(1), event("SubagentEvent", 3, parent_tool_call_id="t", event=inner))
    (call,) = logs.calls(KIMI)
    assert (call.tokens.total, call.origin.answered) == (27, "subagent")


def test_the_model_is_assumed_from_the_settings_once_for_each_session(logs: Logs) -> None:
    logs.write(FILE, turn(1), status("m1", 2))
    (call,) = logs.calls(KIMI)
    assert call.service == ("moonshot", "kimi-k2.5", None, (("flag", "model_assumed"),))
    logs.write(".kimi/config.toml", SETTINGS.replace(b"k2.5", b"k3"))
    logs.add(FILE, status("m2", 3))
    (later,) = logs.calls(KIMI)
    assert later.service.model == "kimi-k2.5"


@pytest.mark.parametrize("settings", [b"", b"= torn", b"default_model = 7"])
def test_without_settings_the_model_is_not_known(logs: Logs, settings: bytes) -> None:
    logs.write(".kimi/config.toml", settings)
    logs.write(FILE, status("m1", 2))
    (call,) = logs.calls(KIMI)
    assert call.service[:2] == ("moonshot", None)


def test_the_project_is_the_folder_whose_hash_names_the_sessions(logs: Logs) -> None:
    logs.write(FILE, status("m1", 1))
    logs.write(f".kimi/sessions/{'0' * 32}/{OTHER}/wire.jsonl", status("m2", 2))
    assert [call.origin.project for call in logs.calls(KIMI)] == [WORK, None]


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ({"custom_title": "Mend it", "title_generated": True}, ((SESSION, "Mend it"),)),
        ({"custom_title": SECRET, "title_generated": False}, ()),
        ({"custom_title": SECRET, "title_generated": True, "title_generate_attempts": 3}, ()),
        ({"custom_title": f"Fork: {SECRET}", "title_generated": True}, ()),
    ],
)
def test_a_title_that_is_only_the_beginning_of_a_prompt_is_not_kept(
    logs: Logs, state: Json, titles: object
) -> None:
    logs.write(f"{PROJECT}/{SESSION}/state.json", state)
    logs.write(FILE, turn(1), status("m1", 2), event("ContentPart", 3, text=SECRET))
    logs.read(KIMI)
    assert sum((harvest.titles for harvest in logs.harvests), ()) == titles
    assert SECRET not in repr(logs.harvests)


def test_bad_text_bad_lines_and_impossible_counters_stop_nothing(logs: Logs) -> None:
    torn = json.dumps(turn(1)).encode().replace(b"canary", b"\xff\xfe")
    null = {**usage(), "input_cache_read": None}
    logs.write(FILE, torn, b"{torn", status("m1", 2, usage(-1)), status("m2", 3, null))
    (call,) = logs.calls(KIMI)
    assert (call.tokens.total, call.origin.answered) == (120, "human")
    assert (logs.harvests[-1].state.bad_lines, logs.harvests[-1].state.bad_calls) == (1, 1)


def test_the_environment_says_where_the_sessions_are(
    logs: Logs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    logs.write(FILE, status("m1", 2))
    nowhere = tmp_path_factory.mktemp("nowhere")
    assert len(Logs(nowhere, KIMI_SHARE_DIR=f"{logs.home}/.kimi").calls(KIMI)) == 1
    assert len(Logs(nowhere).calls(KIMI)) == 0
    for given in ("", ".kimi", ".kimi/sessions"):
        assert len(Logs(nowhere).calls(KIMI, logs.home / given)) == 1
