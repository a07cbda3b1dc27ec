"""Codex's rollouts are counted by the rules that were worked out by hand (X1 to X7, F1 to F4), each
of which has a test that names it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from log_kit import (
    CODEX,
    OTHER,
    SESSION,
    Json,
    Logs,
    asked,
    classes,
    clock,
    counted,
    entry,
    meta,
    plus,
    total,
    turn,
    vector,
)

A, B, C = vector(1000, 0, 50), vector(200, 1000, 60, 20), vector(300, 1200, 70)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def session(*, numbered: bool = True) -> list[Json]:
    """Two turns of one and two calls."""
    return [
        meta(),
        turn(1, "turn-1" if numbered else None),
        asked(2),
        counted(3, A, A),
        turn(4, "turn-2" if numbered else None),
        asked(5),
        counted(6, B, plus(A, B)),
        counted(7, C, plus(A, B, C)),
    ]


def restamped(lines: list[Json], second: float) -> list[Json]:
    """Lines as a fork copies them: all of one time, their own forgotten."""
    return [{**line, "timestamp": clock(second)} for line in lines]


# --- counting ---


def test_x1_what_is_told_again_counts_once(logs: Logs) -> None:
    logs.codex(
        meta(),
        turn(1),
        counted(2, A, A),
        counted(3, A, A),
        entry("event_msg", 4, {"type": "token_count", "info": None, "rate_limits": {}}),
        counted(5, B, plus(A, B)),
        counted(6, B, plus(A, B)),
    )
    assert classes(logs.calls(CODEX)) == [(1000, 0, 0, 0, 50), (200, 1000, 0, 0, 60)]


def test_x1_two_calls_of_one_size_are_two(logs: Logs) -> None:
    logs.codex(meta(), turn(1), counted(2, A, A), counted(3, A, plus(A, A)))
    assert len(logs.calls(CODEX)) == 2


@pytest.mark.parametrize("number", ["turn-1", None])
def test_x2_old_logs_without_the_last_call_tell_it_by_the_rise(
    logs: Logs, number: str | None
) -> None:
    logs.codex(meta(), turn(1, number), counted(2, None, A), counted(3, None, plus(A, B)))
    logs.add(logs_of(logs), counted(4, None, plus(A, B)), counted(5, None, C))  # it went down
    assert classes(logs.calls(CODEX)) == [
        (1000, 0, 0, 0, 50),
        (200, 1000, 0, 0, 60),
        (300, 1200, 0, 0, 70),
    ]


def logs_of(logs: Logs) -> str:
    (path,) = logs.home.rglob("rollout-*.jsonl")
    return str(path.relative_to(logs.home))


def test_x3_bookkeeping_counts_nothing_though_it_sets_the_totals_back(logs: Logs) -> None:
    window = {**vector(0), "total_tokens": 258400}
    estimate = {**vector(0), "total_tokens": 9000}
    logs.codex(
        meta(),
        turn(1),
        counted(2, A, A),
        counted(3, estimate, A),
        counted(4, {**vector(0), "total_tokens": 257350}, window),
        counted(5, B, plus(window, B)),
    )
    assert classes(logs.calls(CODEX)) == [(1000, 0, 0, 0, 50), (200, 1000, 0, 0, 60)]


def test_x4_streams_that_interleave_are_told_apart(logs: Logs) -> None:
    logs.codex(
        meta(),
        turn(1),
        counted(2, A, A),
        counted(3, B, B),  # a reviewer begins
        counted(4, A, A),  # told again
        counted(5, C, plus(A, C)),
        counted(6, C, plus(B, C)),
        counted(7, C, plus(A, C)),
    )
    assert total(logs.calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C, C))


def test_x5_input_holds_both_caches_and_output_the_reasoning(logs: Logs) -> None:
    one = vector(100, 2000, 80, 30, written=500)
    logs.codex(meta(), turn(1, model="gpt-5.6"), counted(2, one, one))
    (call,) = logs.calls(CODEX)
    assert classes([call]) == [(100, 2000, 500, 0, 80)]
    assert (call.reasoning, call.tokens.total) == (30, one["total_tokens"])


def test_x6_the_model_is_the_newest_turns_or_the_events_own(logs: Logs) -> None:
    settings = {"type": "thread_settings_applied", "model": "gpt-5.5", "service_tier": "priority"}
    other = counted(6, C, plus(A, A, A, C))
    other["payload"]["info"]["model"] = "gpt-5.4-mini"
    logs.codex(
        meta(),
        counted(1, A, A),
        turn(2, model="gpt-5.4"),
        counted(3, A, plus(A, A)),
        entry("event_msg", 4, settings),
        counted(5, A, plus(A, A, A)),
        other,
    )
    told = [(c.service.model, c.service.tier, c.service.details) for c in logs.calls(CODEX)]
    assert told == [
        ("gpt-5", None, (("flag", "model_assumed"),)),
        ("gpt-5.4", None, ()),
        ("gpt-5.5", "priority", ()),
        ("gpt-5.4-mini", "priority", ()),
    ]


def record(second: float, number: str, counts: Json) -> Json:
    return entry("token_usage_record", second, {"response_id": number, "usage": counts})


def test_x7_records_count_instead_of_token_counts_and_once_everywhere(logs: Logs) -> None:
    lines = [
        meta(),
        turn(1),
        record(2, "resp_1", A),
        counted(3, A, A),
        record(4, "resp_2", B),  # a compaction: no token count follows
        entry("compacted", 5, {"latest_token_usage_record": {"response_id": "resp_2", "usage": B}}),
        record(6, "resp_2", B),
    ]
    logs.codex(*lines)
    logs.codex(meta(7, OTHER), *lines[1:], thread=OTHER)
    assert classes(logs.calls(CODEX)) == [(1000, 0, 0, 0, 50), (200, 1000, 0, 0, 60)]


def test_x7_a_session_that_goes_on_with_records_counts_both_halves(logs: Logs) -> None:
    logs.codex(
        meta(),
        turn(1),
        counted(2, A, A),
        counted(3, B, plus(A, B)),
        record(4, "resp_2", B),
        record(5, "resp_3", C),
        counted(6, C, plus(A, B, C)),
    )
    assert total(logs.calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C))


def test_totals_may_be_larger_than_any_call(logs: Logs) -> None:
    long_ago = vector(3_000_000_000)
    logs.codex(meta(), turn(1), counted(2, A, plus(long_ago, A)), counted(3, vector(-5), A))
    assert classes(logs.calls(CODEX)) == [(1000, 0, 0, 0, 50)]
    assert logs.harvests[-1].state.bad_calls == 1


# --- forks and subagents ---


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("with_meta", [True, False])
@pytest.mark.parametrize("length", [8, 4], ids=["whole", "from an earlier point"])
def test_f2_a_fork_counts_only_what_it_added(
    logs: Logs, *, numbered: bool, with_meta: bool, length: int
) -> None:
    parent = session(numbered=numbered)
    logs.codex(*parent)
    before = total(logs.calls(CODEX))
    copied = restamped(parent[:length] if with_meta else parent[1:length], 60)
    so_far = plus(A, B, C) if length == 8 else A
    own = [
        turn(61, "turn-9" if numbered else None),
        counted(62, vector(77, 0, 7), plus(so_far, vector(77, 0, 7))),
    ]
    logs.codex(meta(60, OTHER, forked_from_id=SESSION), *copied, *own, thread=OTHER)
    everything = Logs(logs.home).calls(CODEX)
    assert total(everything) == before + 84
    assert [c.origin.session for c in everything if c.tokens.total == 84] == [OTHER]
    assert {c.origin.session for c in everything if c.tokens.total != 84} == {SESSION}


def test_f2_a_fork_that_is_read_before_its_parent_changes_nothing(logs: Logs) -> None:
    parent = session()
    logs.codex(meta(60, OTHER, forked_from_id=SESSION), *restamped(parent, 60), thread=OTHER)
    first = logs.read(CODEX)
    logs.codex(*parent)
    second = logs.read(CODEX)
    assert first.keys() == second.keys()
    assert max(call.at for call in second.values()) < min(call.at for call in first.values())


def test_f1_a_subagents_history_is_known_by_its_ordinals(logs: Logs) -> None:
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": SESSION, "depth": 1}}}
    copied = [{**line, "ordinal": n} for n, line in enumerate(restamped(session()[1:], 60))]
    own = counted(62, vector(77, 0, 7), plus(A, B, C, vector(77, 0, 7)), ordinal=20)
    start = {"source": spawn, "subagent_history_start_ordinal": 10}
    logs.codex(meta(60, OTHER, **start), *copied, own, thread=OTHER)
    (call,) = logs.calls(CODEX)
    assert call.tokens.total == 84
    assert (call.origin.answered, call.origin.parent) == ("subagent", SESSION)


def test_f2_a_subagent_that_starts_at_zero_is_all_its_own(logs: Logs) -> None:
    logs.codex(*session())
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": SESSION}}}
    logs.codex(meta(60, OTHER, source=spawn), turn(61, "turn-9"), counted(62, A, A), thread=OTHER)
    assert total(logs.calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C, A))


@pytest.mark.parametrize("numbered", [True, False])
def test_f3_without_the_parent_its_part_counts_once_among_its_forks(
    logs: Logs, *, numbered: bool
) -> None:
    copied = session(numbered=numbered)[1:]
    for second, thread, own in ((60, OTHER, vector(77)), (70, SESSION[::-1], vector(88))):
        logs.codex(
            meta(second, thread, forked_from_id=SESSION),
            *restamped(copied, second),
            turn(second + 1, thread if numbered else None),
            counted(second + 2, own, plus(A, B, C, own)),
            thread=thread,
        )
    assert total(logs.calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C)) + 77 + 88


@pytest.mark.parametrize("numbered", [True, False])
def test_f4_equal_calls_of_two_sessions_are_two(logs: Logs, *, numbered: bool) -> None:
    for thread in (SESSION, OTHER):
        first = turn(1, thread if numbered else None)
        logs.codex(meta(0, thread), first, counted(2, A, A), thread=thread)
    assert len(logs.calls(CODEX)) == 2


# --- files ---


def test_an_archived_session_counts_once_and_the_longer_file_wins(logs: Logs) -> None:
    path = logs.codex(*session()[:7])
    logs.write(f".codex/archived_sessions/{path.name}", *session())
    assert total(logs.calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C))


def test_compressed_rollouts_are_read_and_their_plain_siblings_with_them(logs: Logs) -> None:
    zstandard = pytest.importorskip("zstandard")
    path = logs.codex(*session())
    packed = path.with_name(f"{path.name}.zst")
    packed.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    assert total(logs.calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C))
    path.unlink()
    assert total(Logs(logs.home).calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C))
    packed.write_bytes(packed.read_bytes()[:-30])
    torn = Logs(logs.home)
    torn.read(CODEX)
    assert torn.harvests  # what it held, and no crash


@pytest.mark.parametrize(
    ("day", "priced_as"),
    [
        ("2026-09-02", "gpt-5.5"),
        ("2026-04-23", "gpt-5.5"),
        ("2026-04-22", "gpt-5.4"),
        ("2026-02-28", "gpt-5.3-codex"),
        ("2025-08-07", "gpt-5"),
        ("2025-08-06", None),
    ],
)
def test_x6_a_reviewers_label_is_priced_as_the_newest_model_of_its_day(
    logs: Logs, day: str, priced_as: str | None
) -> None:
    lines = [meta(), turn(1, "turn-1", "codex-auto-review"), counted(2, A, A)]
    logs.codex(*[{**line, "timestamp": f"{day}T00:00:01Z"} for line in lines])
    (call,) = logs.calls(CODEX)
    assert call.service.model == "codex-auto-review"
    assert dict(call.service.details).get("priced_as") == priced_as
    assert dict(call.service.details)["flag"] == "model_assumed"


def test_pages_of_a_thread_are_one_session(logs: Logs) -> None:
    path = logs.codex(*session()[:4])
    page = path.with_name(path.name.replace(".jsonl", "_2.jsonl"))
    logs.write(str(page.relative_to(logs.home)), *session()[4:])
    found = logs.calls(CODEX)
    assert total(found) == sum(v["total_tokens"] for v in (A, B, C))
    assert {call.origin.session for call in found} == {SESSION}
    assert logs.floors.keys() == {SESSION}


def test_codex_home_replaces_the_usual_place(tmp_path: Path) -> None:
    Logs(tmp_path / "a").codex(*session())
    named = Logs(tmp_path / "b", CODEX_HOME=str(tmp_path / "a" / ".codex"))
    assert len(named.calls(CODEX)) == 3
    assert len(Logs(tmp_path / "b").calls(CODEX, tmp_path / "a")) == 3
    shutil.rmtree(tmp_path / "a")
    assert named.calls(CODEX) == []


# --- who was answered, and where ---


def answered(logs: Logs) -> list[str]:
    return [call.origin.answered for call in logs.calls(CODEX)]


def test_the_first_call_answers_a_person_and_the_next_the_agent_itself(logs: Logs) -> None:
    logs.codex(*session())
    assert answered(logs) == ["human", "human", "tool_loop"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"originator": "codex_exec"}, "headless"),
        ({"source": "exec"}, "headless"),
        ({"source": {"subagent": "review"}}, "subagent"),
        ({"thread_source": "guardian_review"}, "subagent"),
    ],
)
def test_programs_and_subagents_are_told_apart(
    logs: Logs, more: dict[str, Any], expected: str
) -> None:
    logs.codex(meta(0, SESSION, **more), *session()[1:])
    assert set(answered(logs)) == {expected}


def test_an_envelope_of_the_harness_is_automatic(logs: Logs) -> None:
    envelope = asked(2, "<environment_context>cwd</environment_context>")
    logs.codex(meta(), turn(1), envelope, counted(3, A, A), counted(4, B, plus(A, B)))
    assert answered(logs) == ["auto", "tool_loop"]


def test_a_call_knows_its_project_branch_and_session(logs: Logs) -> None:
    logs.codex(*session())
    assert {c.origin[:4] for c in logs.calls(CODEX)} == {
        (SESSION, None, "/home/dev/work/shop", "main")
    }


def test_a_web_search_is_counted_beside_the_tokens(logs: Logs) -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    logs.codex(*session(), entry("response_item", 9, search), entry("response_item", 10, search))
    assert [call.units for call in logs.calls(CODEX)][-1] == (("searches", 1),)
    assert total(Logs(logs.home).calls(CODEX)) == sum(v["total_tokens"] for v in (A, B, C))


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    secret = "the canary sings at dawn"
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": secret}]}
    logs.codex(*session(), asked(8, secret), entry("response_item", 9, said))
    logs.read(CODEX)
    assert secret not in repr(logs.harvests)
