"""Kimi Code's wire tells each call once as a record of a turn; what else it tells is no call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, WORK, Json, Logs, classes, total

KIMI = "kimi-code"
NOON = 1788350400000
HOME = ".kimi-code/sessions/wd_shop_0123456789ab/session_one"
FORK = ".kimi-code/sessions/wd_shop_0123456789ab/session_two"
FILE = f"{HOME}/agents/main/wire.jsonl"
USER = {"kind": "user"}


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    made = Logs(tmp_path)
    made.write(f"{HOME}/state.json", {"title": SECRET, "workDir": WORK, "lastPrompt": SECRET})
    return made


def entry(kind: str, second: float, /, **more: Any) -> Json:
    return {"type": kind, **more, "time": NOON + int(second * 1000)}


def usage(fresh: int = 100, read: int = 0, written: int = 0, out: int = 20) -> Json:
    return {
        "inputOther": fresh,
        "output": out,
        "inputCacheRead": read,
        "inputCacheCreation": written,
    }


def record(second: float, counts: Json | None = None, scope: str = "turn", **more: Any) -> Json:
    told = {"model": "k3", "usage": counts or usage(), "usageScope": scope, **more}
    return entry("usage.record", second, **told)


def request(second: float, kind: str = "loop", model: str = "kimi-k3") -> Json:
    return entry("llm.request", second, kind=kind, provider="kimi", model=model, modelAlias="k3")


def prompt(second: float, origin: Json | None = None) -> Json:
    message = {"role": "user", "content": [{"type": "text", "text": SECRET}]}
    return entry("context.append_message", second, message={**message, "origin": origin or USER})


def step_end(second: float, counts: Json | None = None) -> Json:
    event = {"type": "step.end", "uuid": "s1", "turnId": "t1", "usage": counts or usage()}
    return entry("context.append_loop_event", second, event=event)


def test_the_end_of_a_step_and_its_record_are_one_call(logs: Logs) -> None:
    one = usage(100, 700, 30, 40)
    logs.write(FILE, prompt(1), request(1.1), step_end(2, one), record(2.1, one))
    (call,) = logs.calls(KIMI)
    assert classes([call]) == [(100, 700, 30, 0, 40)]
    assert call.at == NOON + 2100


def test_records_for_the_session_are_sums_and_no_calls(logs: Logs) -> None:
    logs.write(
        FILE,
        prompt(1),
        request(2),
        record(3),
        request(4),
        record(5, usage(200)),
        record(6, usage(300, out=40), scope="session"),
    )
    assert total(logs.calls(KIMI)) == 120 + 220


@pytest.mark.parametrize(
    "begin", [entry("full_compaction.begin", 4), request(4, kind="compaction")]
)
def test_a_compaction_is_a_call_of_its_own(logs: Logs, begin: Json) -> None:
    logs.write(
        FILE,
        prompt(1),
        request(2),
        record(3),
        begin,
        record(5, usage(900, out=70), scope="session"),
        record(6, usage(999), scope="session"),
        entry("full_compaction.complete", 7),
        request(8),
        record(9),
    )
    calls = logs.calls(KIMI)
    assert [call.tokens.total for call in calls] == [120, 970, 120]
    assert [call.origin.answered for call in calls] == ["human", "auto", "tool_loop"]


def test_the_model_is_the_one_that_was_asked_and_not_its_alias(logs: Logs) -> None:
    logs.write(
        FILE,
        record(1),
        request(2),
        record(3),
        request(4, model="glm-5"),
        record(5, model=None),
    )
    told = [call.service[:2] for call in logs.calls(KIMI)]
    assert told == [("moonshot", "k3"), ("moonshot", "kimi-k3"), ("zai", "glm-5")]


def test_a_forked_session_counts_what_it_added(logs: Logs) -> None:
    lines = [prompt(1), request(2), record(3), record(4, usage(7))]
    logs.write(FILE, *lines)
    fork = [*lines, entry("forked", 9), prompt(10), request(11), record(12, usage(8))]
    logs.write(f"{FORK}/agents/main/wire.jsonl", *fork)
    calls = logs.calls(KIMI)
    assert total(calls) == 120 + 27 + 28
    assert [call.origin.session for call in calls] == ["session_one"] * 2 + ["session_two"]


def test_other_agents_of_a_session_are_subagents(logs: Logs) -> None:
    logs.write(FILE, prompt(1), request(2), record(3))
    logs.write(f"{HOME}/agents/agent-0/wire.jsonl", prompt(4), request(5), record(6))
    calls = logs.calls(KIMI)
    assert [call.origin.answered for call in calls] == ["human", "subagent"]
    assert calls[1].origin[:3] == ("session_one/agent-0", "session_one", WORK)


@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        ({"kind": "user"}, "human"),
        ({"kind": "skill_activation", "trigger": "user-slash"}, "human"),
        ({"kind": "cron_job"}, "auto"),
        ({"kind": "task"}, "auto"),
        ({"kind": "injection"}, "tool_loop"),
        ({"kind": "compaction_summary"}, "tool_loop"),
    ],
)
def test_only_a_person_makes_a_prompt(logs: Logs, origin: Json, answered: str) -> None:
    logs.write(FILE, prompt(1), record(2), prompt(3, origin), record(4), record(5))
    found = [call.origin.answered for call in logs.calls(KIMI)]
    assert found == ["human", answered, "tool_loop"]


def test_old_logs_tell_who_asked_with_the_turn(logs: Logs) -> None:
    bare = entry("context.append_message", 1, message={"role": "user", "content": SECRET})
    logs.write(FILE, entry("turn.prompt", 1, input=[SECRET], origin=USER), bare, record(2))
    assert [call.origin.answered for call in logs.calls(KIMI)] == ["human"]


def test_what_was_read_before_is_remembered(logs: Logs) -> None:
    logs.write(FILE, entry("config.update", 0, cwd="/home/dev/other"), prompt(1), request(2))
    logs.read(KIMI)
    logs.add(FILE, record(3))
    (call,) = logs.calls(KIMI)
    assert (call.service.model, call.origin.answered) == ("kimi-k3", "human")
    assert call.origin.project == "/home/dev/other"


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ({"title": "Mend it", "isCustomTitle": True}, (("session_one", "Mend it"),)),
        ({"title": "Mend it", "titleKind": "generated"}, (("session_one", "Mend it"),)),
        ({"title": SECRET, "titleKind": "replaceable"}, ()),
        ({"title": SECRET, "isCustomTitle": False, "lastPrompt": SECRET}, ()),
    ],
)
def test_a_title_that_is_only_the_beginning_of_a_prompt_is_not_kept(
    logs: Logs, state: Json, titles: object
) -> None:
    logs.write(f"{HOME}/state.json", state)
    logs.write(FILE, prompt(1), request(2), record(3))
    logs.read(KIMI)
    assert sum((harvest.titles for harvest in logs.harvests), ()) == titles
    assert SECRET not in repr(logs.harvests)


def test_bad_text_bad_lines_and_impossible_counters_stop_nothing(logs: Logs) -> None:
    torn = json.dumps(prompt(1)).encode().replace(b"canary", b"\xff\xfe")
    null = {**usage(), "inputCacheRead": None}
    lines = [record(2, usage(-1)), record(3, null), {**record(4), "time": None}]
    logs.write(FILE, torn, b"{torn", *lines)
    (call,) = logs.calls(KIMI)
    assert (call.tokens.total, call.origin.answered) == (120, "human")
    assert (logs.harvests[-1].state.bad_lines, logs.harvests[-1].state.bad_calls) == (1, 2)


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", ".kimi-code"),
        ("linux", ".config/kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"),
        (
            "darwin",
            "Library/Application Support/kimi-desktop/daimon-share/daimon/runtime/kimi-code/home",
        ),
        ("win32", "AppData/Roaming/kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"),
    ],
)
def test_the_desktop_program_has_a_home_of_its_own(
    tmp_path: Path, platform: str, folder: str
) -> None:
    logs = Logs(tmp_path)
    logs.write(f"{folder}/sessions/wd_a_1/session_one/agents/main/wire.jsonl", record(1))
    assert len(logs.read(KIMI, platform=platform)) == 1
    named = Logs(tmp_path / "none", KIMI_CODE_HOME=str(tmp_path / folder))
    assert len(named.read(KIMI, platform=platform)) == 1
