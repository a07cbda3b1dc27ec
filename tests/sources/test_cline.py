"""Cline's tasks and sessions are counted by the rules that were worked out by hand, each of which
has a test that names it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, WORK, Json, Logs, classes, total

CLINE = "cline"
STORAGE = ".config/Code/User/globalStorage/saoudrizwan.claude-dev"
TASK = "1788350400000"
FILE = f"{STORAGE}/tasks/{TASK}/ui_messages.json"
ROOT = "1788350400000_shop"
SESSIONS = ".cline/data/sessions"
MESSAGES = f"{SESSIONS}/{ROOT}/{ROOT}.messages.json"
SEVERAL = f"""# Workspace Configuration
{{
  "workspaces": {{
    "{WORK}": {{"hint": "shop"}},
    "/home/dev/work/other": {{}}
# Current Working Directory (Primary: shop) Files
"""
NOON = 1_788_350_400_000
"""2 September 2026, noon UTC."""


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def say(said: str, second: float, text: object = SECRET, **more: Any) -> Json:
    told = text if isinstance(text, str) else json.dumps(text)
    return {"ts": NOON + round(second * 1000), "type": "say", "say": said, "text": told, **more}


def ask(asked: str, second: float, **more: Any) -> Json:
    ts = NOON + round(second * 1000)
    return {"ts": ts, "type": "ask", "ask": asked, "text": SECRET, **more}


def spent(sent: int = 100, read: int = 0, write: int = 0, out: int = 20, **more: Any) -> Json:
    """What a request says of its tokens once it has ended."""
    return {
        "request": f"<task>{SECRET}</task>",
        "tokensIn": sent,
        "tokensOut": out,
        "cacheWrites": write,
        "cacheReads": read,
        "cost": 0.0123,
        **more,
    }


def request(second: float, info: Json | None = None, **more: Any) -> Json:
    return say("api_req_started", second, spent() if info is None else info, **more)


def by(service: str, model: str) -> Json:
    return {"modelInfo": {"providerId": service, "modelId": model, "mode": "act"}}


def task(logs: Logs, *messages: Json, file: str = FILE) -> Path:
    return logs.write(file, json.dumps(messages).encode(), end=b"")


def usage_of(logs: Logs, *told: tuple[float, str, str]) -> None:
    """What `task_metadata.json` says of the models: when, which service, which model."""
    entries = [
        {"ts": NOON + round(s * 1000), "model_provider_id": service, "model_id": model}
        for s, service, model in told
    ]
    logs.write(f"{STORAGE}/tasks/{TASK}/task_metadata.json", {"model_usage": entries})


# --- tasks: counting ---


def test_classes_are_disjoint_as_cline_writes_them(logs: Logs) -> None:
    task(logs, request(1, spent(10, 2000, 300, 50)))
    assert classes(logs.calls(CLINE)) == [(10, 2000, 300, 0, 50)]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("anthropic", (2600, 2000, 300, 0, 50)),
        ("openrouter", (2600, 2000, 300, 0, 50)),
        ("openai", (300, 2000, 300, 0, 50)),
        ("litellm", (300, 2000, 300, 0, 50)),
        ("xai", (300, 2000, 300, 0, 50)),
    ],
)
def test_some_services_have_the_cache_within_their_input(
    logs: Logs, service: str, expected: tuple[int, ...]
) -> None:
    task(logs, request(1, spent(2600, 2000, 300, 50), **by(service, "some-model")))
    assert classes(logs.calls(CLINE)) == [expected]


def test_a_cache_that_is_more_than_the_input_is_apart_whoever_answered(logs: Logs) -> None:
    task(logs, request(1, spent(10, 2000, 300, 50), **by("openai", "claude-sonnet-4-5")))
    assert classes(logs.calls(CLINE)) == [(10, 2000, 300, 0, 50)]


def test_a_cancelled_request_is_billed_if_it_has_tokens(logs: Logs) -> None:
    task(
        logs,
        request(1, spent(cancelReason="user_cancelled")),
        request(2, {"request": SECRET, "cancelReason": "streaming_failed"}),
        request(3, {"request": SECRET}),
    )
    assert classes(logs.calls(CLINE)) == [(100, 0, 0, 0, 20)]


def test_a_file_that_was_written_anew_adds_only_what_is_new(logs: Logs) -> None:
    task(logs, request(1), request(2, {"request": SECRET}))
    first = logs.read(CLINE)
    task(logs, request(1), request(2, spent(7, out=3)), request(4))
    second = logs.read(CLINE)
    assert len(first) == 1
    assert first.keys() < second.keys()
    assert total(second.values()) == 120 + 10 + 120


def test_a_copied_task_counts_once(logs: Logs) -> None:
    task(logs, request(1), request(2))
    task(logs, request(1), file=FILE.replace("/Code/", "/Cursor/"))
    assert total(logs.calls(CLINE)) == 240


def test_what_a_subagent_used_is_told_as_a_sum_of_many_calls(logs: Logs) -> None:
    used = {**spent(400, 30, 20, 60), "source": "subagents"}
    task(logs, request(1), say("subagent_usage", 3, used), request(4))
    calls = logs.calls(CLINE)
    assert classes(calls)[1] == (400, 30, 20, 0, 60)
    assert [(c.origin.answered, c.requests) for c in calls][1] == ("subagent", None)


def test_what_was_deleted_counts_once_whether_it_was_read_before_or_not(logs: Logs) -> None:
    gone = say("deleted_api_reqs", 5, spent(200, 0, 0, 40))
    before, after = [request(1), request(2), request(3)], [request(1), gone, request(6)]
    task(logs, *after)
    assert total(logs.calls(CLINE)) == 240 + 240  # two requests are there, two only in the sum
    again = Logs(logs.home)
    task(again, *before)
    first = again.read(CLINE)
    task(again, *after)
    second = again.read(CLINE)
    assert total({**first, **second}.values()) == 3 * 120 + 120
    task(again, request(1), say("deleted_api_reqs", 5, spent(300, 0, 0, 60)))
    third = again.read(CLINE)
    assert total({**first, **second, **third}.values()) == 3 * 120 + 120


def test_a_cost_without_tokens_counts_as_money(logs: Logs) -> None:
    task(logs, request(1, {"cost": 0.25}))
    (call,) = logs.calls(CLINE)
    assert (call.tokens.total, call.cost) == (0, 250_000_000)


@pytest.mark.parametrize("wrong", [-1, 10**9 + 1, "12", 1.5, True])
def test_an_impossible_counter_drops_its_call_alone(logs: Logs, wrong: object) -> None:
    task(logs, request(1), request(2, spent(tokensIn=wrong)), request(3))
    assert len(logs.calls(CLINE)) == 2
    assert logs.harvests[-1].state.bad_calls == 1


def test_null_is_absent_and_what_is_no_request_is_passed_over(logs: Logs) -> None:
    nothing = spent(cacheWrites=None, cacheReads=None, cost=None)
    quoted = say("text", 3, json.dumps(request(3)))
    task(logs, request(1, nothing), say("api_req_started", 2, "{"), quoted, {"ts": None}, {})
    assert classes(logs.calls(CLINE)) == [(100, 0, 0, 0, 20)]
    assert logs.harvests[-1].state.bad_lines == 1


def test_d1_bytes_that_are_no_text_lose_nothing(logs: Logs) -> None:
    whole = json.dumps([say("task", 0, "x…"), request(1)]).encode()
    logs.write(FILE, whole.replace(b"\\u2026", b"\xff\xed\xa0\x80"), end=b"")
    assert total(logs.calls(CLINE)) == 120


def test_a_file_that_is_being_written_is_read_when_it_is_whole(logs: Logs) -> None:
    whole = json.dumps([request(1)]).encode()
    logs.write(FILE, whole[:50], end=b"")
    assert logs.calls(CLINE) == []
    assert logs.harvests[-1].state.bad_lines == 1
    logs.write(FILE, whole, end=b"")
    assert total(logs.calls(CLINE)) == 120


# --- tasks: who, where, which model ---


def test_the_first_request_answers_a_person_and_the_next_the_agent_itself(logs: Logs) -> None:
    task(
        logs,
        say("task", 0),
        request(1, {"request": SECRET}),  # it failed: nobody was answered
        request(2),
        ask("tool", 3),
        request(4),
        ask("followup", 5),
        say("user_feedback", 6),
        request(7),
        request(8),
        ask("resume_task", 9),
        request(10),
    )
    answered = [call.origin.answered for call in logs.calls(CLINE)]
    assert answered == ["human", "tool_loop", "human", "tool_loop", "human"]


def test_the_model_is_told_by_the_time_or_by_the_message_itself(logs: Logs) -> None:
    usage_of(logs, (0, "anthropic", "claude-sonnet-4-5"), (5, "cline", "x-ai/grok-4"))
    task(
        logs,
        request(1),
        request(6),
        request(7, **by("openai-native", "gpt-5.4")),
        request(8, **by("openai", "glm-4.6")),
        request(9, **by("bedrock", "anthropic.claude-sonnet-4-5-v1:0")),
        request(10, **by("openai", "house-model")),
    )
    services = [call.service for call in logs.calls(CLINE)]
    assert [(service.provider, service.model) for service in services] == [
        ("anthropic", "claude-sonnet-4-5"),
        ("openrouter", "x-ai/grok-4"),
        ("openai", "gpt-5.4"),
        ("zai", "glm-4.6"),
        ("anthropic", "anthropic.claude-sonnet-4-5-v1:0"),
        ("cline", "house-model"),
    ]


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        (f"# Current Working Directory ({WORK}) Files\na.py", WORK),
        ("# Current Working Directory (C:/work (old)/shop) Files\n", "C:/work (old)/shop"),
        (
            SEVERAL,
            WORK,
        ),
        ("nothing of the kind", None),
    ],
)
def test_a_call_knows_its_project_and_session(
    logs: Logs, environment: str, folder: str | None
) -> None:
    told = f"<environment_details>\n{environment}\n</environment_details>"
    task(logs, request(1, spent(request=told)), request(2))
    assert {call.origin[:4] for call in logs.calls(CLINE)} == {(TASK, None, folder, None)}


# --- sessions of the command line and of newer versions ---


def metrics(sent: int = 100, read: int = 0, write: int = 0, out: int = 20) -> Json:
    return {
        "inputTokens": sent,
        "outputTokens": out,
        "cacheReadTokens": read,
        "cacheWriteTokens": write,
        "cost": 0.01,
    }


def answer(number: str | None, second: float, told: Json | None = None, **more: Any) -> Json:
    return {
        "id": number,
        "role": "assistant",
        "content": [{"type": "text", "text": SECRET}],
        "ts": NOON + round(second * 1000),
        "modelInfo": {"id": "claude-sonnet-4-5", "provider": "anthropic"},
        "metrics": metrics() if told is None else told,
        **more,
    }


def user(text: str = SECRET, **more: Any) -> Json:
    return {"id": "msg_u", "role": "user", "content": [{"type": "text", "text": text}], **more}


def result() -> Json:
    block = {"type": "tool_result", "tool_use_id": "t", "content": SECRET}
    return {"id": "msg_t", "role": "user", "content": [block]}


def session(logs: Logs, *messages: Json, file: str = MESSAGES, **more: Any) -> Path:
    number = Path(file).name.removesuffix(".messages.json")
    told = {"version": 1, "agent": "lead", "sessionId": number, "messages": messages, **more}
    return logs.write(file, json.dumps(told, indent=2).encode(), end=b"\n")


def manifest(logs: Logs, **more: Any) -> None:
    told = {"session_id": ROOT, "cwd": WORK, "prompt": SECRET, "interactive": True, **more}
    logs.write(f"{SESSIONS}/{ROOT}/{ROOT}.json", {**told, "metadata": {"title": SECRET}})


def test_a_sessions_input_holds_both_caches(logs: Logs) -> None:
    session(logs, user(), answer("msg_1", 1, metrics(2310, 2000, 300, 50)))
    assert classes(logs.calls(CLINE)) == [(10, 2000, 300, 0, 50)]


def test_a_forked_session_counts_only_what_it_added(logs: Logs) -> None:
    session(logs, user(), answer("msg_1", 1), answer("msg_2", 2))
    fork = f"{SESSIONS}/fork/fork.messages.json"
    session(logs, user(), answer("msg_1", 1), answer("msg_2", 2), answer("msg_3", 9), file=fork)
    calls = logs.calls(CLINE)
    assert total(calls) == 3 * 120
    assert [call.origin.session for call in calls][-1] == "fork"


def test_a_session_that_goes_on_with_an_older_task_does_not_count_it_again(logs: Logs) -> None:
    warning = "Warning: this is a legacy conversation, which means tool names may have changed."
    sums = answer("msg_1", 1, metrics(90_000, 0, 0, 9_000), modelInfo=None)
    session(logs, user(), sums, user(warning), user(), answer("msg_2", 9))
    assert total(logs.calls(CLINE)) == 120


def test_a_compacted_copy_of_a_session_is_not_read(logs: Logs) -> None:
    path = session(logs, user(), answer("msg_1", 1))
    shutil.copy(path, path.with_name(f"{ROOT}.compaction.json"))
    assert total(logs.calls(CLINE)) == 120
    assert len(logs.harvests) == 1


def test_a_sessions_calls_answer_people_and_the_loop(logs: Logs) -> None:
    manifest(logs)
    folded = user(metadata={"kind": "compaction"})
    session(
        logs, user(), answer("msg_1", 1), result(), answer("msg_2", 2), folded, answer("msg_3", 3)
    )
    calls = logs.calls(CLINE)
    assert [call.origin.answered for call in calls] == ["human", "tool_loop", "auto"]
    assert {call.origin[:4] for call in calls} == {(ROOT, None, WORK, None)}


def test_subagents_and_programs_are_told_apart(logs: Logs) -> None:
    manifest(logs, interactive=False)
    session(logs, user(), answer("msg_1", 1))
    side = f"{SESSIONS}/{ROOT}/agent-1.messages.json"
    session(
        logs,
        user(),
        answer("msg_2", 2),
        file=side,
        agent="subagent",
        sessionId=f"{ROOT}__agent-1",
        origin={"parentThreadId": ROOT},
    )
    calls = logs.calls(CLINE)
    assert [call.origin.answered for call in calls] == ["headless", "subagent"]
    assert calls[1].origin[:3] == (f"{ROOT}__agent-1", ROOT, WORK)


def test_without_a_model_of_its_own_a_message_has_the_sessions(logs: Logs) -> None:
    manifest(logs, provider="gemini", model="gemini-2.5-pro")
    session(logs, user(), answer("msg_1", 1, modelInfo=None))
    (call,) = logs.calls(CLINE)
    assert (call.service.provider, call.service.model) == ("google", "gemini-2.5-pro")


@pytest.mark.parametrize("wrong", [-1, "12", 1.5])
def test_an_impossible_message_is_dropped_alone(logs: Logs, wrong: object) -> None:
    bad = {**metrics(), "outputTokens": wrong}
    session(logs, answer("msg_1", 1), answer("msg_2", 2, bad), answer(None, 3), {"role": 5})
    assert total(logs.calls(CLINE)) == 120
    assert logs.harvests[-1].state.bad_calls == 2


# --- where they are ---


def test_every_editor_of_the_family_is_looked_into(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    below = "User/globalStorage/saoudrizwan.claude-dev/tasks"
    for number, place in enumerate(
        (
            ".config/VSCodium",
            ".config/Any Editor",
            ".vscode-server/data",
            ".local/share/code-server",
        )
    ):
        task(logs, request(number), file=f"{place}/{below}/{number}/ui_messages.json")
    task(logs, request(9), file=".cline/data/tasks/9/ui_messages.json")
    assert total(logs.calls(CLINE)) == 5 * 120


@pytest.mark.parametrize(
    ("platform", "place"),
    [("darwin", "Library/Application Support"), ("win32", "AppData/Roaming")],
)
def test_every_platform_has_its_own_place(tmp_path: Path, platform: str, place: str) -> None:
    logs = Logs(tmp_path)
    task(logs, request(1), file=FILE.replace(".config", place))
    assert total(logs.read(CLINE, platform=platform).values()) == 120


def test_the_environment_and_the_user_name_other_places(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    session(logs, answer("msg_1", 1), file="data/sessions/a/a.messages.json")
    session(logs, answer("msg_2", 2), file="elsewhere/b/b.messages.json")
    task(logs, request(3))
    assert len(logs.calls(CLINE)) == 1
    named = Logs(
        tmp_path,
        CLINE_DATA_DIR=f"{tmp_path}/data",
        CLINE_SESSION_DATA_DIR=f"{tmp_path}/elsewhere",
    )
    assert len(named.calls(CLINE)) == 3
    assert len(Logs(tmp_path, CLINE_DIR=str(tmp_path)).calls(CLINE)) == 2
    for given in (STORAGE, f"{STORAGE}/tasks", ".config/Code", ".config"):
        assert len(Logs(tmp_path).calls(CLINE, tmp_path / given)) == 1
    assert len(Logs(tmp_path).calls(CLINE, tmp_path / "data")) == 1
    assert Logs(tmp_path).calls(CLINE, tmp_path / "nowhere") == []


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    manifest(logs)
    task(logs, say("task", 0), request(1), say("text", 2), say("deleted_api_reqs", 3, spent()))
    session(logs, user(), answer("msg_1", 1), result())
    assert total(logs.calls(CLINE)) > 0
    assert SECRET not in repr(logs.harvests)
