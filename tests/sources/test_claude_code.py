"""Claude Code's transcripts are counted by the rules that were worked out by hand (C1 to C7, D1 to
D10), each of which has a test that names it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from log_kit import (
    CLAUDE,
    OTHER,
    SESSION,
    Logs,
    answer,
    classes,
    line,
    prompt,
    tool_result,
    total,
    usage,
)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def as_session(entry: dict[str, object], session: str, **more: object) -> dict[str, object]:
    return {**entry, "sessionId": session, **more}


# --- one answer, many lines ---


def test_classes_are_disjoint_and_the_split_of_cache_writes_is_kept(logs: Logs) -> None:
    split = {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 700}
    logs.claude(answer("1", 1, usage(10, 2000, 1000, 50, cache_creation=split)))
    assert classes(logs.calls(CLAUDE)) == [(10, 2000, 300, 700, 50)]


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        (None, (1000, 0)),
        ({"ephemeral_1h_input_tokens": 400}, (600, 400)),
        ({"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 400}, (600, 400)),
        ({"ephemeral_1h_input_tokens": 5000}, (0, 1000)),
    ],
)
def test_a_split_that_does_not_add_up_gives_way_to_the_sum(
    logs: Logs, split: dict[str, int] | None, expected: tuple[int, int]
) -> None:
    logs.claude(answer("1", 1, usage(write=1000, cache_creation=split)))
    (call,) = logs.calls(CLAUDE)
    assert (call.cache_write_5m, call.cache_write_1h) == expected


def test_c1_lines_of_one_message_are_one_call_whatever_the_request(logs: Logs) -> None:
    logs.claude(
        answer("1", 1, usage(out=3), requestId="req_1"),
        answer("1", 2, usage(out=90), requestId="req_2"),
        answer("1", 3, usage(out=90)),
    )
    assert classes(logs.calls(CLAUDE)) == [(10, 0, 0, 0, 90)]


def test_c1_a_gateways_short_ids_count_within_their_session(logs: Logs) -> None:
    short = answer("1", 1)
    short["message"]["id"] = "msg-1"
    logs.claude(short)
    logs.claude(as_session(short, OTHER), session=OTHER)
    assert len(logs.calls(CLAUDE)) == 2


def test_c2_without_a_message_id_the_lines_own_id_counts(logs: Logs) -> None:
    first, second = answer(None, 1), answer(None, 2)
    logs.claude(first, second)
    logs.claude(as_session(first, OTHER), as_session(second, OTHER), session=OTHER)
    assert len(logs.calls(CLAUDE)) == 2


def test_c2_without_any_id_equal_lines_are_one(logs: Logs) -> None:
    bare = {**answer(None, 1), "uuid": None}
    logs.claude(bare, bare, {**bare, "cwd": "/elsewhere"})
    assert len(logs.calls(CLAUDE)) == 2


def test_c3_the_line_with_the_most_output_counts_whole(logs: Logs) -> None:
    logs.claude(
        answer("1", 1, usage(10, 5000, 0, 4), model="claude-opus-4-6"),
        answer("1", 2, usage(12, 3000, 0, 800), model="claude-sonnet-4-6"),
        answer("1", 3, usage(11, 9000, 0, 8), model="claude-opus-4-6"),
    )
    (call,) = logs.calls(CLAUDE)
    assert classes([call]) == [(12, 3000, 0, 0, 800)]
    assert call.service.model == "claude-sonnet-4-6"


def test_c3_the_main_chain_beats_a_side_chain_that_replays_it(logs: Logs) -> None:
    logs.claude(
        answer("1", 1, usage(out=50), requestId="req_1"),
        answer("1", 9, usage(read=40_000, out=70), isSidechain=True, requestId="req_9"),
    )
    (call,) = logs.calls(CLAUDE)
    assert classes([call]) == [(10, 0, 0, 0, 50)]
    assert call.origin.answered != "subagent"


def test_c3_among_equal_outputs_the_larger_total_counts(logs: Logs) -> None:
    logs.claude(answer("1", 1, usage(10, out=7)), answer("1", 2, usage(900, out=7)))
    assert classes(logs.calls(CLAUDE)) == [(900, 0, 0, 0, 7)]


def test_c4_a_resumed_copy_counts_once_and_belongs_to_the_first_session(logs: Logs) -> None:
    first = [answer("1", 1, usage(out=2)), answer("1", 2, usage(out=500)), answer("2", 5)]
    logs.claude(*first)
    copied = [as_session(entry, OTHER, sessionKind="bg") for entry in first]
    logs.claude(copied[0], copied[2], answer("3", 9, sessionId=OTHER), session=OTHER)
    calls = logs.calls(CLAUDE)
    assert [(call.output, call.origin.session) for call in calls] == [
        (500, SESSION),
        (100, SESSION),
        (100, OTHER),
    ]


def test_c5_and_d6_a_call_stands_at_its_first_line(logs: Logs) -> None:
    late, early = answer("1", 30, usage(out=900)), answer("1", 1, usage(out=2))
    logs.claude(late, early)
    (call,) = logs.calls(CLAUDE)
    assert (call.at, call.output) == (1788350401000, 900)


@pytest.mark.parametrize(
    "entry",
    [
        answer("1", 1, model="<synthetic>"),
        answer("1", 1, usage(0, 0, 0, 0)),
        line("progress", 1, data={"message": answer("1", 1)}),
        tool_result(1, toolUseResult={"usage": usage(), "totalTokens": 999}),
        line("user", 1, message={"role": "user", "content": json.dumps(answer("1", 1))}),
        line("system", 1, content="usage", usage=usage()),
    ],
    ids=["synthetic", "all zero", "progress", "task result", "quoted", "system"],
)
def test_c6_what_only_looks_like_usage_is_passed_over(logs: Logs, entry: dict[str, object]) -> None:
    logs.claude(entry, answer("2", 5))
    calls = logs.calls(CLAUDE)
    assert len(calls) == 1
    assert calls[0].tokens.total == 110


def test_c7_an_advisor_is_one_more_call_of_its_own_model(logs: Logs) -> None:
    advisor = {"type": "advisor_message", "model": "claude-opus-4-8", **usage(900, 0, 0, 40)}
    inner = [{"type": "message", **usage(10, out=100)}, advisor]
    logs.claude(answer("1", 1, usage(iterations=inner)), answer("1", 2, usage(iterations=inner)))
    calls = logs.calls(CLAUDE)
    assert sorted((call.service.model, call.tokens.total) for call in calls) == [
        ("claude-opus-4-6", 110),
        ("claude-opus-4-8", 940),
    ]


# --- what prices depend on ---


def test_tier_speed_and_region_are_kept_where_they_change_a_price(logs: Logs) -> None:
    fast = usage(service_tier="priority", speed="fast", inference_geo="us")
    plain = usage(service_tier="standard", speed="standard", inference_geo="not_available")
    logs.claude(answer("1", 1, fast), answer("2", 2, plain))
    first, second = logs.calls(CLAUDE)
    assert first.service.tier == "priority"
    assert first.service.details == (("speed", "fast"), ("inference_geo", "us"))
    assert (second.service.tier, second.service.details) == ("standard", ())
    assert first.service.provider == "anthropic"


SEARCH = [{"type": "tool_use", "id": "toolu_s", "name": "WebSearch", "input": {"query": "tides"}}]


def test_a_web_search_is_counted_from_its_result_once(logs: Logs) -> None:
    found = tool_result(3, "toolu_s", toolUseResult={"query": "tides", "searchCount": 2})
    logs.claude(answer("1", 1, content=SEARCH), found)
    logs.claude(
        as_session(answer("1", 1, content=SEARCH), OTHER), as_session(found, OTHER), session=OTHER
    )
    units = [call.units for call in logs.calls(CLAUDE)]
    assert units == [(), (("searches", 2),)]
    assert total(logs.calls(CLAUDE)) == 0  # read on: nothing is new


def test_a_message_that_counts_its_searches_is_not_counted_again(logs: Logs) -> None:
    told = usage(server_tool_use={"web_search_requests": 3, "web_fetch_requests": 1})
    logs.claude(
        answer("1", 1, told, content=SEARCH),
        tool_result(3, "toolu_s", toolUseResult={"searchCount": 3}),
    )
    (call,) = logs.calls(CLAUDE)
    assert call.units == (("searches", 3),)


# --- who was answered ---


def test_the_first_answer_is_to_a_person_and_the_next_to_the_agent_itself(logs: Logs) -> None:
    logs.claude(
        prompt(1),
        answer("1", 2, usage(out=2)),
        answer("1", 3),
        tool_result(4),
        answer("2", 5),
        prompt(6, [{"type": "text", "text": "<system-reminder>x</system-reminder>And now?"}]),
        answer("3", 7),
        line("attachment", 8, attachment={"type": "queued_command", "prompt": "stop"}),
        answer("4", 9),
    )
    answered = [call.origin.answered for call in logs.calls(CLAUDE)]
    assert answered == ["human", "tool_loop", "human", "human"]


@pytest.mark.parametrize(
    "entry",
    [
        prompt(4, "This session is being continued from a previous conversation"),
        prompt(4, "[Request interrupted by user]"),
        prompt(4, "<task-notification>done</task-notification>"),
        prompt(4, "<local-command-stdout>x</local-command-stdout>"),
        prompt(4, "<system-reminder>only</system-reminder>"),
        prompt(4, "In a side chain", isSidechain=True),
        tool_result(4),
    ],
)
def test_what_no_person_typed_is_no_prompt(logs: Logs, entry: dict[str, object]) -> None:
    logs.claude(prompt(1), answer("1", 2), entry, answer("2", 5))
    assert [call.origin.answered for call in logs.calls(CLAUDE)] == ["human", "tool_loop"]


@pytest.mark.parametrize(
    "more", [{"isMeta": True}, {"isCompactSummary": True}, {"promptSource": "system"}]
)
def test_the_agents_own_upkeep_is_automatic(logs: Logs, more: dict[str, object]) -> None:
    logs.claude(prompt(1), answer("1", 2), prompt(3, "…", **more), answer("2", 4), answer("3", 5))
    answered = [call.origin.answered for call in logs.calls(CLAUDE)]
    assert answered == ["human", "auto", "tool_loop"]


def test_subagents_and_programs_are_told_apart(logs: Logs) -> None:
    logs.claude(prompt(1), answer("1", 2, isSidechain=True), answer("2", 3, entrypoint="sdk-cli"))
    logs.write(
        f".claude/projects/-home-dev-work-shop/{SESSION}/subagents/agent-1.jsonl", answer("3", 4)
    )
    logs.claude(
        prompt(5, promptSource="sdk", sessionId=OTHER),
        answer("4", 6, sessionId=OTHER),
        session=OTHER,
    )
    answered = [call.origin.answered for call in logs.calls(CLAUDE)]
    assert answered == ["subagent", "headless", "subagent", "headless"]


def test_a_call_knows_its_project_branch_and_session(logs: Logs) -> None:
    logs.claude(answer("1", 1))
    (call,) = logs.calls(CLAUDE)
    assert call.origin[:4] == (SESSION, None, "/home/dev/work/shop", "main")


def test_a_title_is_kept_and_nothing_that_was_asked_or_answered(logs: Logs) -> None:
    secret = "the canary sings at dawn"
    logs.claude(
        {"type": "ai-title", "aiTitle": "Mend  the\nlogin", "sessionId": SESSION},
        prompt(1, secret),
        answer("1", 2, content=[{"type": "text", "text": secret}]),
        tool_result(3, toolUseResult={"stdout": secret}),
    )
    logs.read(CLAUDE)
    (harvest,) = logs.harvests
    assert harvest.titles == ((SESSION, "Mend the login"),)
    assert secret not in repr(harvest)


# --- lines as they are in the world ---


def test_d1_bytes_that_are_no_text_lose_nothing(logs: Logs) -> None:
    torn = json.dumps(answer("1", 1)).encode().replace(b"\\u2026", b"\xff\xfe\xed\xa0\x80")
    half = json.dumps(answer("2", 2)).encode().replace(b"\\u2026", b"\\ud83d")
    logs.claude(torn, half)
    assert total(logs.calls(CLAUDE)) == 220
    assert logs.harvests[-1].state.bad_lines == 0


def test_d1_a_mark_and_carriage_returns_are_no_part_of_lines(logs: Logs) -> None:
    one = json.dumps(answer("1", 1)).encode()
    logs.claude(b"\xef\xbb\xbf" + one + b"\r", json.dumps(answer("2", 2)).encode() + b"\r")
    assert total(logs.calls(CLAUDE)) == 220


def test_d2_a_file_that_was_written_anew_with_spaces_and_sorted_is_read(logs: Logs) -> None:
    tool = [{"type": "tool_use", "id": "t", "name": "X", "input": {"type": "progress"}}]
    entries = [prompt(1), answer("1", 2, content=tool), tool_result(3), answer("2", 4)]
    logs.claude(*(json.dumps(entry, indent=None, sort_keys=True).encode() for entry in entries))
    calls = logs.calls(CLAUDE)
    assert [call.origin.answered for call in calls] == ["human", "tool_loop"]


def test_d2_usage_at_the_end_of_a_very_long_line_is_found(logs: Logs) -> None:
    text = 'a\\ "type":"progress" \n é' * 60_000
    logs.claude(answer("1", 1, content=[{"type": "text", "text": text}]), prompt(2, text))
    assert total(logs.calls(CLAUDE)) == 110


def test_d3_null_is_absent(logs: Logs) -> None:
    nothing = dict.fromkeys(("speed", "service_tier", "inference_geo", "iterations"))
    counts = {**usage(), **nothing, "cache_creation": None, "server_tool_use": None}
    counts["cache_read_input_tokens"] = None
    null = {"id": None, "cwd": None, "model": None, "costUSD": None, "version": None}
    content = [{"type": "tool_use", "id": "t", "name": "X", "input": null}]
    logs.claude(answer("1", 1, counts, content=content, gitBranch=None, requestId=None))
    assert total(logs.calls(CLAUDE)) == 110


@pytest.mark.parametrize("wrong", [-1, 10**9 + 1, "12", 1.5, True, [1]])
def test_an_impossible_counter_drops_its_call_alone(logs: Logs, wrong: object) -> None:
    logs.claude(answer("1", 1), answer("2", 2, {**usage(), "input_tokens": wrong}), answer("3", 3))
    assert len(logs.calls(CLAUDE)) == 2
    assert logs.harvests[-1].state.bad_calls == 1


def test_a_line_without_a_time_stands_at_the_one_before(logs: Logs) -> None:
    logs.claude(answer("1", 1, timestamp=None), answer("2", 2), answer("3", 3, timestamp="noon"))
    assert [call.at for call in logs.calls(CLAUDE)] == [1788350402000, 1788350402000]
    assert logs.harvests[-1].state.bad_calls == 1


# --- where they are ---


def test_both_usual_places_are_read_and_the_environment_replaces_them(tmp_path: Path) -> None:
    old, new, chosen = answer("1", 1), answer("2", 2), answer("3", 3)
    logs = Logs(tmp_path)
    logs.write(".config/claude/projects/p/a.jsonl", old)
    logs.write(".claude/projects/p/b.jsonl", new)
    logs.write("elsewhere/projects/p/c.jsonl", chosen)
    assert len(logs.calls(CLAUDE)) == 2
    named = Logs(tmp_path, CLAUDE_CONFIG_DIR=f"{tmp_path}/elsewhere, {tmp_path}/.claude/projects")
    assert len(named.calls(CLAUDE)) == 2
    assert len(Logs(tmp_path).calls(CLAUDE, tmp_path / "elsewhere")) == 1
    assert len(Logs(tmp_path / "nowhere").calls(CLAUDE, tmp_path)) == 1


def test_d9_a_session_in_two_roots_counts_once(logs: Logs) -> None:
    first = logs.claude(answer("1", 1), answer("2", 2))
    copy = logs.home / ".config/claude/projects/p"
    copy.mkdir(parents=True)
    shutil.copy(first, copy / "copy.jsonl")
    assert len(logs.calls(CLAUDE)) == 2
