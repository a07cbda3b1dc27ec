"""Gemini CLI's recordings are counted by the rules that were worked out by hand (G1 to G5), each of
which has a test that names it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from log_kit import OTHER, SECRET, SESSION, Json, Logs, classes, clock, total

GEMINI = "gemini-cli"
CHATS = ".gemini/tmp/shop/chats"
FILE = f"{CHATS}/session-2026-09-02T12-00-5e551000.jsonl"
OLD = f"{CHATS}/session-2026-09-02T12-00-5e551000.json"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    made = Logs(tmp_path)
    made.write(".gemini/tmp/shop/.project_root", b"/home/dev/work/shop", end=b"")
    return made


def tokens(
    sent: int = 100, cached: int = 0, out: int = 20, thoughts: int = 0, tool: int = 0, **more: Any
) -> Json:
    """Gemini's counts, as the recorder writes them."""
    return {
        "input": sent,
        "output": out,
        "cached": cached,
        "thoughts": thoughts,
        "tool": tool,
        "total": sent + out + thoughts + tool,
        **more,
    }


def begin(session: str = SESSION, **more: Any) -> Json:
    return {"sessionId": session, "projectHash": "c0ffee", "startTime": clock(0), **more}


def user(number: str, second: float, text: object = SECRET) -> Json:
    return {"id": number, "timestamp": clock(second), "type": "user", "content": text}


def gemini(number: str, second: float, counts: Json | None = None, **more: Any) -> Json:
    return {
        "id": number,
        "timestamp": clock(second),
        "type": "gemini",
        "content": SECRET,
        "model": "gemini-2.5-pro",
        "thoughts": [{"subject": SECRET}],
        "toolCalls": [{"id": "t", "name": "read_file", "result": [{"text": SECRET}]}],
        "tokens": counts,
        **more,
    }


# --- counting ---


def test_g1_a_message_that_is_told_again_counts_once_with_its_last_tokens(logs: Logs) -> None:
    logs.write(
        FILE,
        begin(),
        user("u1", 1),
        gemini("g1", 2),
        gemini("g1", 2, tokens(100, out=30)),
        gemini("g1", 2, tokens(100, out=20)),
        gemini("g1", 2),  # tools' results arrived; a null erases nothing
    )
    assert classes(logs.calls(GEMINI)) == [(100, 0, 0, 0, 20)]


def test_g1_a_checkpoint_without_tokens_erases_nothing(logs: Logs) -> None:
    restated = [user("u1", 1), {k: v for k, v in gemini("g1", 2).items() if k != "tokens"}]
    logs.write(
        FILE,
        begin(),
        user("u1", 1),
        gemini("g1", 2, tokens()),
        {"$set": {"messages": restated, "lastUpdated": clock(9)}},
        gemini("g2", 10, tokens(200)),
    )
    assert classes(logs.calls(GEMINI)) == [(100, 0, 0, 0, 20), (200, 0, 0, 0, 20)]
    assert [call.origin.answered for call in Logs(logs.home).calls(GEMINI)] == [
        "human",
        "tool_loop",
    ]


def test_g1_a_checkpoint_may_be_all_that_tells_of_a_message(logs: Logs) -> None:
    logs.write(FILE, begin(), {"$set": {"messages": [user("u", 1), gemini("g", 2, tokens())]}})
    assert classes(logs.calls(GEMINI)) == [(100, 0, 0, 0, 20)]


def test_g2_what_is_rewound_stays_billed(logs: Logs) -> None:
    logs.write(
        FILE,
        begin(),
        user("u1", 1),
        gemini("g1", 2, tokens()),
        {"$rewindTo": "u1"},
        user("u2", 3),
        gemini("g2", 4, tokens(50)),
        {"$set": {"messages": [user("u2", 3)]}},
    )
    assert total(logs.calls(GEMINI)) == 120 + 70


def test_g3_an_old_document_and_the_log_that_goes_on_with_it_count_once(logs: Logs) -> None:
    messages = [user("u1", 1), gemini("g1", 2, tokens()), gemini("g2", 3, tokens(200))]
    logs.write(OLD, json.dumps(begin(messages=messages), indent=2).encode(), end=b"")
    assert total(logs.calls(GEMINI)) == 120 + 220
    logs.write(FILE, begin(), *messages, user("u3", 4), gemini("g3", 5, tokens(300)))
    later = logs.calls(GEMINI)
    assert total(later) == 120 + 220 + 320
    assert total(Logs(logs.home).calls(GEMINI)) == 120 + 220 + 320


def test_g4_input_holds_what_was_cached_and_tools_and_thoughts_are_apart(logs: Logs) -> None:
    logs.write(FILE, begin(), gemini("g1", 2, tokens(1000, 700, 40, thoughts=25, tool=60)))
    (call,) = logs.calls(GEMINI)
    assert classes([call]) == [(360, 700, 0, 0, 65)]
    assert (call.reasoning, call.tokens.total) == (25, 1125)


def test_g4_old_documents_with_input_net_of_the_cache_are_told_by_the_total(logs: Logs) -> None:
    net = tokens(300, 700, 40, thoughts=25, tool=60, total=1125)
    logs.write(OLD, begin(messages=[gemini("g1", 2, net)]), end=b"")
    assert classes(logs.calls(GEMINI)) == [(360, 700, 0, 0, 65)]


def test_g4_without_a_total_what_was_cached_is_in_the_input(logs: Logs) -> None:
    aborted = {"input": 100, "output": 0, "cached": 60, "thoughts": None, "tool": None}
    logs.write(FILE, begin(), gemini("g1", 2, aborted))
    assert classes(logs.calls(GEMINI)) == [(40, 60, 0, 0, 0)]


def test_g5_the_agent_says_that_calls_without_a_message_are_missing() -> None:
    from plimsoll.sources.agents.gemini_cli import AGENT

    assert "no message followed" in AGENT.missing


# --- who was answered, and where ---


@pytest.mark.parametrize(
    "text",
    ["/stats", "?", "<session_context>x", "<hook_context>x", "  ", [{"functionResponse": {}}]],
)
def test_what_no_person_typed_is_no_prompt(logs: Logs, text: object) -> None:
    logs.write(
        FILE,
        begin(),
        user("u1", 1, [{"text": "Mend "}, {"text": "it"}]),
        gemini("g1", 2, tokens()),
        user("u2", 3, text),
        gemini("g2", 4, tokens()),
    )
    assert [call.origin.answered for call in logs.calls(GEMINI)] == ["human", "tool_loop"]


def test_a_subagent_knows_its_parent(logs: Logs) -> None:
    logs.write(FILE, begin(), user("u1", 1), gemini("g1", 2, tokens()))
    logs.write(
        f"{CHATS}/{SESSION}/{OTHER}.jsonl",
        begin(OTHER, kind="subagent", directories=["/home/dev/work/shop"]),
        user("u1", 3),
        gemini("g1", 4, tokens(7)),
    )
    calls = logs.calls(GEMINI)
    assert [call.origin.answered for call in calls] == ["human", "subagent"]
    assert calls[1].origin[:3] == (OTHER, SESSION, "/home/dev/work/shop")


def test_a_checkpoint_between_a_prompt_and_its_answer_changes_nothing(logs: Logs) -> None:
    logs.write(
        FILE,
        begin(),
        user("u1", 1),
        gemini("g1", 2, tokens()),
        user("u2", 3),
        {"$set": {"messages": [user("u1", 1), gemini("g1", 2), user("u2", 3)]}},
        gemini("g2", 4, tokens()),
        gemini("g3", 5, tokens()),
    )
    answered = [call.origin.answered for call in logs.calls(GEMINI)]
    assert answered == ["human", "human", "tool_loop"]


def test_a_long_conversation_that_is_told_again_begins_nothing_anew(logs: Logs) -> None:
    """The first prompt is forgotten by then, and its answer is not."""
    messages = [user("u1", 0), *(gemini(f"g{n}", n, tokens()) for n in range(1, 65))]
    logs.write(FILE, begin(), *messages)
    logs.read(GEMINI)
    logs.add(FILE, {"$set": {"messages": messages}}, gemini("g65", 70, tokens()))
    answered = [call.origin.answered for call in logs.calls(GEMINI)]
    assert answered[-1] == "tool_loop"
    assert len(answered) == 65


def test_who_is_answered_is_remembered_between_two_readings(logs: Logs) -> None:
    logs.write(FILE, begin(), user("u1", 1))
    assert logs.calls(GEMINI) == []
    logs.add(FILE, gemini("g1", 2))
    assert logs.calls(GEMINI) == []
    logs.add(FILE, gemini("g2", 3, tokens()), gemini("g1", 2, tokens()))
    calls = logs.calls(GEMINI)
    assert [call.origin.answered for call in calls] == ["human", "tool_loop"]
    assert {call.origin.session for call in calls} == {SESSION}


@pytest.mark.parametrize(
    ("folder", "beside", "directories", "project"),
    [
        ("shop", {}, None, "shop"),
        ("shop", {"projects": {"/home/dev/work/shop": "shop"}}, None, "/home/dev/work/shop"),
        ("0" * 64, {}, None, None),
        ("0" * 64, {}, ["/home/dev/other"], "/home/dev/other"),
    ],
)
def test_the_project_is_told_by_what_lies_beside(
    tmp_path: Path, folder: str, beside: Json, directories: list[str] | None, project: str | None
) -> None:
    logs = Logs(tmp_path)
    logs.write(".gemini/projects.json", beside)
    more = {"directories": directories} if directories else {}
    logs.write(
        f".gemini/tmp/{folder}/chats/session-1.jsonl", begin(**more), gemini("g", 1, tokens())
    )
    (call,) = logs.calls(GEMINI)
    assert call.origin.project == project


def test_a_call_is_googles_and_has_no_word_of_anybodys(logs: Logs) -> None:
    logs.write(
        FILE,
        begin(),
        user("u1", 1),
        gemini("g1", 2, tokens()),
        {"$set": {"summary": "Mend the\nlogin"}},
        {"id": "i1", "timestamp": clock(3), "type": "info", "content": SECRET},
    )
    (call,) = logs.calls(GEMINI)
    assert (call.service.provider, call.service.model) == ("google", "gemini-2.5-pro")
    assert call.origin[:2] == (SESSION, None)
    (harvest,) = logs.harvests
    assert harvest.titles == ((SESSION, "Mend the login"),)
    assert SECRET not in repr(harvest)


# --- files ---


def test_bad_text_bad_lines_and_impossible_counters_stop_nothing(logs: Logs) -> None:
    torn = json.dumps(gemini("g1", 2, tokens())).encode().replace(b"canary", b"\xff\xfe")
    logs.write(
        FILE, begin(), torn, b"{torn", gemini("g2", 3, tokens(-1)), gemini("g3", 4, tokens(7))
    )
    assert total(logs.calls(GEMINI)) == 120 + 27
    assert (logs.harvests[-1].state.bad_lines, logs.harvests[-1].state.bad_calls) == (1, 1)


def test_a_mark_before_an_old_document_is_no_part_of_it(logs: Logs) -> None:
    content = json.dumps(begin(messages=[gemini("g1", 2, tokens())])).encode()
    logs.write(OLD, b"\xef\xbb\xbf" + content, end=b"")
    logs.write(f"{CHATS}/session-x.json", b'{"sessionId": "torn', end=b"")
    assert total(logs.calls(GEMINI)) == 120
    assert sum(harvest.state.bad_lines for harvest in logs.harvests) == 1


def test_what_is_no_recording_is_not_read(logs: Logs) -> None:
    path = logs.write(FILE, begin(), gemini("g1", 2, tokens()))
    for name in (f"{path.name}.unreadable-1", f"{path.name}.tmp-77", "logs.json"):
        shutil.copy(path, path.with_name(name))
    logs.read(GEMINI)
    assert len(logs.harvests) == 1


@pytest.mark.parametrize(
    "environ", [{"GEMINI_CLI_HOME": "{}"}, {"GEMINI_DATA_DIR": "{}/.gemini/tmp"}]
)
def test_the_environment_replaces_the_home_folder(
    logs: Logs, tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]
) -> None:
    logs.write(FILE, begin(), gemini("g1", 2, tokens()))
    nowhere = tmp_path_factory.mktemp("nowhere")
    told = {name: text.format(logs.home) for name, text in environ.items()}
    assert len(Logs(nowhere, **told).calls(GEMINI)) == 1
    assert len(Logs(nowhere).calls(GEMINI)) == 0
    for given in ("", ".gemini", ".gemini/tmp", CHATS):
        assert len(Logs(nowhere).calls(GEMINI, logs.home / given)) == 1
