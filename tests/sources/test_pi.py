"""pi's and omp's sessions are counted by the rules that were worked out by hand, each of which has
a test that names it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from log_kit import OTHER, SECRET, SESSION, WORK, Json, Logs, classes, clock, total
from test_cline import NOON

PI = "pi"
FOLDER = ".pi/agent/sessions/--home-dev-work-shop--"
FILE = f"{FOLDER}/2026-09-02T12-00-00-000Z_{SESSION}.jsonl"
FORK = f"{FOLDER}/2026-09-02T13-00-00-000Z_{OTHER}.jsonl"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def header(session: str = SESSION, **more: Any) -> Json:
    start = {"type": "session", "version": 3, "id": session, "timestamp": clock(0), "cwd": WORK}
    return {**start, **more}


def entry(kind: str, second: float, **more: Any) -> Json:
    return {
        "type": kind,
        "id": f"{round(second):08x}",
        "parentId": None,
        "timestamp": clock(second),
        **more,
    }


def said(role: str, second: float, **more: Any) -> Json:
    content = [{"type": "text", "text": SECRET}]
    told = {"role": role, "content": content, "timestamp": NOON + round(second * 1000) - 3}
    return entry("message", second, message={**told, **more})


def usage(fresh: int = 100, read: int = 0, write: int = 0, out: int = 20) -> Json:
    return {
        "input": fresh,
        "output": out,
        "cacheRead": read,
        "cacheWrite": write,
        "totalTokens": fresh + read + write + out,
        "cost": {"input": 0.1, "output": 0.1, "total": 0.2},
    }


def answer(second: float, counts: Json | None = None, **more: Any) -> Json:
    counts = usage() if counts is None else counts
    told = {"provider": "anthropic", "model": "claude-sonnet-4-5", "stopReason": "toolUse"}
    return said("assistant", second, **{**told, "usage": counts, **more})


# --- counting ---


def test_classes_are_disjoint_as_pi_writes_them(logs: Logs) -> None:
    logs.write(FILE, header(), answer(1, usage(10, 2000, 300, 50)))
    assert classes(logs.calls(PI)) == [(10, 2000, 300, 0, 50)]


@pytest.mark.parametrize("more", [{"parentSession": f"/x/{Path(FILE).name}"}, {}])
def test_a_fork_a_clone_and_a_branch_count_only_what_they_added(
    logs: Logs, more: dict[str, Any]
) -> None:
    first = [said("user", 1), answer(2), answer(3)]
    logs.write(FILE, header(), *first)
    logs.write(FORK, header(OTHER, cwd="/elsewhere", **more), *first[:2], answer(9))
    calls = logs.calls(PI)
    assert total(calls) == 3 * 120
    assert [call.origin.session for call in calls] == [SESSION, SESSION, OTHER]
    assert calls[-1].origin.parent == (SESSION if more else None)


def test_an_old_file_whose_entries_got_ids_counts_once(logs: Logs) -> None:
    bare = [{k: v for k, v in answer(n).items() if k not in {"id", "parentId"}} for n in (1, 2)]
    logs.write(FILE, header(version=1), *bare)
    first = logs.read(PI)
    named = [{**line, "id": f"new-{place}"} for place, line in enumerate(bare)]
    logs.write(FILE, header(), *named)
    assert logs.read(PI).keys() == first.keys()


def test_two_calls_of_one_size_are_two(logs: Logs) -> None:
    logs.write(FILE, header(), answer(1), answer(2))
    assert len(logs.calls(PI)) == 2


def test_what_has_no_usage_is_passed_over_and_what_was_broken_off_is_billed(logs: Logs) -> None:
    empty = answer(2, usage(0, out=0))
    broken = answer(3, stopReason="aborted")
    details = {"usage": usage(999), "results": [answer(5)]}
    logs.write(
        FILE,
        header(),
        said("assistant", 1),
        empty,
        broken,
        said("toolResult", 4, details=details),
        entry("compaction", 5, summary=SECRET, tokensBefore=50_000),
        entry("custom", 6, data={"message": answer(6)}),
    )
    assert total(logs.calls(PI)) == 120


@pytest.mark.parametrize("wrong", [-1, "12", 1.5, True])
def test_an_impossible_counter_drops_its_call_alone(logs: Logs, wrong: object) -> None:
    bad = {**usage(), "cacheRead": wrong}
    timeless = answer(3)
    timeless["timestamp"] = timeless["message"]["timestamp"] = None
    logs.write(FILE, header(), answer(1), answer(2, bad), timeless, b"{", answer(4))
    assert len(logs.calls(PI)) == 2
    assert (logs.harvests[-1].state.bad_calls, logs.harvests[-1].state.bad_lines) == (2, 1)


def test_null_is_absent(logs: Logs) -> None:
    counts = {**usage(), "cacheRead": None, "cost": None}
    logs.write(FILE, header(cwd=None), answer(1, counts, model=None, provider=None))
    (call,) = logs.calls(PI)
    assert (call.tokens.total, call.service.model, call.origin.project) == (120, None, None)


@pytest.mark.parametrize(
    ("service", "model", "provider"),
    [
        ("openai", "gpt-5.4", "openai"),
        ("openai-codex", "gpt-5.4", "openai"),
        ("openrouter", "anthropic/claude-sonnet-4", "openrouter"),
        ("github-copilot", "claude-sonnet-4.5", "anthropic"),
        ("google-gemini-cli", "gemini-2.5-pro", "google"),
        ("amazon-bedrock", "us.anthropic.claude-sonnet-4-5-v1:0", "anthropic"),
        ("kimi-coding", "kimi-k2", "moonshot"),
        ("zai", "glm-4.6", "zai"),
        ("house", "gpt-5.4", "house"),
    ],
)
def test_the_list_that_counts_is_the_services_or_the_makers(
    logs: Logs, service: str, model: str, provider: str
) -> None:
    logs.write(FILE, header(), answer(1, provider=service, model=model))
    (call,) = logs.calls(PI)
    assert (call.service.provider, call.service.model) == (provider, model)


# --- who was answered, and where ---


def test_the_first_call_answers_a_person_and_the_next_the_agent_itself(logs: Logs) -> None:
    logs.write(
        FILE,
        header(),
        said("user", 1),
        entry("custom_message", 2, content=SECRET),
        answer(3),
        said("toolResult", 4),
        answer(5),
        entry("custom_message", 6, content=SECRET, display=False),
        answer(7),
        answer(8),
    )
    answered = [call.origin.answered for call in logs.calls(PI)]
    assert answered == ["human", "tool_loop", "auto", "tool_loop"]


def test_who_is_answered_is_remembered_between_two_readings(logs: Logs) -> None:
    logs.write(FILE, header(), said("user", 1))
    assert logs.calls(PI) == []
    logs.add(FILE, answer(2))
    (call,) = logs.calls(PI)
    assert call.origin == (SESSION, None, WORK, None, "human")


def test_a_subagent_of_omp_has_a_file_in_its_sessions_folder(logs: Logs) -> None:
    folder = f".omp/agent/sessions/--shop--/2026-09-02T12-00-00-000Z_{SESSION}"
    logs.write(f"{folder}.jsonl", header(title="Mend  the login"), answer(1))
    inner = header(OTHER, parentSession="/x/2026_other-session.jsonl")
    logs.write(f"{folder}/explore-1.jsonl", inner, said("user", 2), answer(3))
    calls = logs.calls(PI)
    assert calls[1].origin == (OTHER, SESSION, WORK, None, "subagent")
    assert [h.titles for h in logs.harvests if h.titles] == [((SESSION, "Mend the login"),)]


def test_a_session_that_was_named_has_its_name(logs: Logs) -> None:
    logs.write(FILE, header(), answer(1), entry("session_info", 2, name="Refactor auth"))
    logs.read(PI)
    assert logs.harvests[-1].titles == ((SESSION, "Refactor auth"),)


def test_both_usual_places_are_read_and_the_environment_replaces_them(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    logs.write(FILE, header(), answer(1))
    logs.write(FILE.replace(".pi", ".omp"), header(), answer(2))
    logs.write(f"else/sessions/x/2026_{OTHER}.jsonl", header(), answer(3))
    assert len(logs.calls(PI)) == 2
    assert len(Logs(tmp_path, PI_CODING_AGENT_DIR=f"{tmp_path}/else").calls(PI)) == 2
    assert len(Logs(tmp_path, PI_CODING_AGENT_DIR="~/else").calls(PI)) == 2
    nowhere = Logs(tmp_path / "nowhere")
    for given in (tmp_path / "else", tmp_path / ".pi/agent", tmp_path / FOLDER):
        assert len(Logs(nowhere.home).calls(PI, given)) == 1
    assert len(nowhere.calls(PI, tmp_path)) == 2


def test_bytes_that_are_no_text_and_a_cut_line_lose_nothing(logs: Logs) -> None:
    torn = json.dumps(answer(1)).encode().replace(SECRET.encode(), b"\xff\xed\xa0\x80")
    whole = json.dumps(answer(2)).encode()
    logs.write(FILE, header(), torn, whole[:70], end=b"")
    assert total(logs.calls(PI)) == 120
    logs.add(FILE, whole[70:])
    assert total(logs.calls(PI)) == 120
    assert logs.harvests[-1].state.bad_lines == 0


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    logs.write(FILE, header(), said("user", 1), answer(2), said("toolResult", 3))
    logs.read(PI)
    assert SECRET not in repr(logs.harvests)
