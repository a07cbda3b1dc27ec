"""OpenCode's messages are counted by the rules that were worked out by hand (O1 to O5), each of
which has a test that names it, in all three generations of its store, and in Kilo CLI's.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from log_kit import SECRET, WORK, Insert, Json, Logs, classes, execute, total

OPENCODE, KILO = "opencode", "kilo-cli"
HOME = ".local/share/opencode"
DATABASE = f"{HOME}/opencode.db"
NOON = 1788350400000
V1 = (
    """
    CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT,
        title TEXT, version TEXT, cost REAL, tokens_input INTEGER, time_created INTEGER)
    """,
    "CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT)",
    "CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, data TEXT)",
)
V2 = (
    """
    CREATE TABLE session_v2 (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT,
        fork_session_id TEXT, fork_boundary INTEGER, time_created INTEGER)
    """,
    """
    CREATE TABLE session_message (id TEXT PRIMARY KEY, session_id TEXT, type TEXT, seq INTEGER,
        time_created INTEGER, data TEXT)
    """,
)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def tokens(fresh: int = 100, read: int = 0, written: int = 0, out: int = 20, **more: int) -> Json:
    cache = {"read": read, "write": written}
    return {"input": fresh, "output": out, "reasoning": 0, "cache": cache, **more}


def message(second: float, counts: Json | None = None, **more: Any) -> Json:
    """An assistant's message as version 1 writes it; it took half a second."""
    created = NOON + int(second * 1000)
    return {
        "role": "assistant",
        "parentID": "msg_1",
        "modelID": "claude-sonnet-4-6",
        "providerID": "anthropic",
        "mode": "build",
        "path": {"cwd": WORK, "root": WORK},
        "cost": 0,
        "tokens": tokens() if counts is None else counts,
        "time": {"created": created, "completed": created + 500},
        **more,
    }


def prompt(second: float) -> Json:
    return {"role": "user", "time": {"created": NOON + int(second * 1000)}, "agent": "build"}


def session(number: str = "ses_1", second: float = 0, **more: Any) -> Insert:
    created = NOON + int(second * 1000)
    row = {"id": number, "directory": WORK, "title": "Mend it", "time_created": created, **more}
    return ("session", row)


def row(number: str, data: Json | str, owner: str = "ses_1", second: float = 0) -> Insert:
    created = NOON + int(second * 1000)
    return (
        "message",
        {"id": number, "session_id": owner, "time_created": created, "data": data},
    )


def part(number: str, owner: str, data: Json) -> Insert:
    return ("part", {"id": number, "message_id": owner, "data": data})


def step(number: str, owner: str, counts: Json) -> Insert:
    return part(number, owner, {"type": "step-finish", "reason": "stop", "tokens": counts})


def text(number: str, owner: str, **more: Any) -> Insert:
    return part(number, owner, {"type": "text", "text": f"{SECRET} step-finish", **more})


def newer(number: str, kind: str, place: int, data: Json, owner: str = "ses_1") -> Insert:
    told = {"id": number, "session_id": owner, "type": kind, "seq": place, "data": data}
    return ("session_message", {**told, "time_created": NOON + place})


def newer_session(number: str = "ses_1", second: float = 0, **more: Any) -> Insert:
    return ("session_v2", session(number, second, **more)[1])


def newer_answer(second: float, counts: Json | None = None, **more: Any) -> Json:
    """An assistant's message as version 2 writes it."""
    created = NOON + int(second * 1000)
    return {
        "agent": "build",
        "model": {"id": "claude-sonnet-4-6", "providerID": "anthropic"},
        "content": [{"type": "text", "text": SECRET}],
        "cost": 0,
        "tokens": tokens() if counts is None else counts,
        "time": {"created": created, "completed": created + 500},
        **more,
    }


def file(logs: Logs, owner: str, number: str, data: Json) -> None:
    told = {"id": number, "sessionID": owner, **data}
    logs.write(f"{HOME}/storage/message/{owner}/{number}.json", told, end=b"")


def part_file(logs: Logs, owner: str, number: str, data: Json) -> None:
    logs.write(f"{HOME}/storage/part/{owner}/{number}.json", data, end=b"")


# --- which message is which ---


def test_o1_a_message_counts_once_across_files_and_databases(logs: Logs) -> None:
    file(logs, "ses_1", "msg_2", message(1))
    logs.database(DATABASE, *V1, session(), row("msg_2", message(1)), row("msg_3", message(2)))
    logs.database(f"{HOME}/opencode-beta.db", *V1, session(), row("msg_2", message(1)))
    assert len(logs.calls(OPENCODE)) == 2
    logs.database(
        DATABASE,
        *V1,
        *V2,
        session(),
        row("msg_2", message(1)),
        row("msg_3", message(2)),
        newer_session(),
        newer("msg_2", "assistant", 1, newer_answer(1)),
        newer("msg_3", "assistant", 2, newer_answer(2)),
        newer("msg_4", "assistant", 3, newer_answer(3)),
    )
    everything = Logs(logs.home)
    assert len(everything.calls(OPENCODE)) == 3
    assert len(logs.read(OPENCODE)) == 3


def test_one_table_of_a_database_is_read_and_the_newer_once_it_has_answers(logs: Logs) -> None:
    frozen = message(1, time={"created": NOON + 1000, "completed": NOON + 9999})
    asked = newer("msg_9", "user", 9, {"text": SECRET})
    logs.database(DATABASE, *V1, *V2, session(), row("msg_2", frozen), asked)
    assert total(logs.calls(OPENCODE)) == 120
    logs.database(
        DATABASE,
        *V1,
        *V2,
        session(),
        row("msg_2", frozen),
        newer("msg_2", "assistant", 1, newer_answer(1, tokens(7))),
    )
    assert total(logs.calls(OPENCODE)) == 27


def test_o2_a_fork_copies_messages_under_new_ids_that_count_once(logs: Logs) -> None:
    logs.database(
        DATABASE,
        *V1,
        session("ses_2", 60),
        row("msg_a", prompt(1), "ses_2"),
        row("msg_b", message(2, parentID="msg_a"), "ses_2"),
        row("msg_c", message(3, tokens(7), parentID="msg_a"), "ses_2"),
        row("msg_d", message(70, tokens(8), parentID="msg_a"), "ses_2"),
        session("ses_1", 0),
        row("msg_1", prompt(1)),
        row("msg_2", message(2)),
        row("msg_3", message(3, tokens(7))),
    )
    calls = logs.calls(OPENCODE)
    assert total(calls) == 120 + 27 + 28
    assert [call.origin.session for call in calls] == ["ses_1", "ses_1", "ses_2"]


def test_o2_a_fork_in_files_counts_once(logs: Logs) -> None:
    for owner, ids in (("ses_1", "23"), ("ses_2", "bc")):
        for number, second in zip(ids, (2, 3), strict=True):
            file(logs, owner, f"msg_{number}", message(second))
    assert len(logs.calls(OPENCODE)) == 2


def test_o2_the_newer_store_says_how_far_a_fork_is_a_copy(logs: Logs) -> None:
    copied = newer_answer(50)  # a copy that got a time of its own
    logs.database(
        DATABASE,
        *V2,
        newer_session(),
        newer("msg_2", "assistant", 2, newer_answer(2)),
        newer_session("ses_2", 60, fork_session_id="ses_1", fork_boundary=2),
        newer("msg_b", "assistant", 2, copied, "ses_2"),
        newer("msg_c", "assistant", 3, newer_answer(70, tokens(8)), "ses_2"),
    )
    assert total(logs.calls(OPENCODE)) == 120 + 28


def test_o2_a_fork_whose_first_session_was_deleted_is_all_there_is(logs: Logs) -> None:
    logs.database(
        DATABASE,
        *V2,
        newer_session("ses_2", 60, fork_session_id="ses_1", fork_boundary=2),
        newer("msg_b", "assistant", 2, newer_answer(2), "ses_2"),
    )
    assert total(logs.calls(OPENCODE)) == 120


def test_two_subagents_that_began_in_one_millisecond_are_two(logs: Logs) -> None:
    one, two = message(1), message(1, time={"created": NOON + 1000, "completed": NOON + 1501})
    logs.database(DATABASE, *V1, session(), row("msg_2", one), row("msg_3", two))
    assert len(logs.calls(OPENCODE)) == 2


# --- what a message spent ---


def test_o3_the_steps_of_a_message_are_summed(logs: Logs) -> None:
    last = tokens(50, 300, 0, 30)
    logs.database(
        DATABASE,
        *V1,
        session(),
        row("msg_2", message(1, last)),
        step("prt_1", "msg_2", tokens(100, 200, 10, 20)),
        step("prt_2", "msg_2", last),
        text("prt_3", "msg_2"),
        row("msg_3", message(2, tokens(0, out=0))),
        step("prt_4", "msg_3", tokens(7)),
        row("msg_4", message(3, tokens(8))),
        step("prt_5", "msg_4", tokens(8)),
    )
    assert classes(logs.calls(OPENCODE)) == [
        (150, 500, 10, 0, 50),
        (7, 0, 0, 0, 20),
        (8, 0, 0, 0, 20),
    ]


def test_o3_the_steps_of_a_message_in_files_are_summed(logs: Logs) -> None:
    last = tokens(50, 300, 0, 30)
    file(logs, "ses_1", "msg_2", message(1, last))
    for number, counts in enumerate((tokens(100), last)):
        part_file(logs, "msg_2", f"prt_{number}", {"type": "step-finish", "tokens": counts})
    part_file(logs, "msg_2", "prt_9", {"type": "text", "text": f"{SECRET} step-finish"})
    assert classes(logs.calls(OPENCODE)) == [(150, 300, 0, 0, 50)]


@pytest.mark.parametrize(
    ("counts", "older", "newest"),
    [
        (tokens(100, 10, 5, 50, reasoning=30, total=195), 80, 80),  # apart
        (tokens(100, 10, 5, 50, reasoning=30, total=165), 50, 50),  # inside
        (tokens(100, 10, 5, 50, reasoning=30), 50, 80),  # nobody says
        (tokens(100, 10, 5, 20, reasoning=30), 50, 50),  # more than could be inside
    ],
)
def test_o4_the_total_tells_where_reasoning_is(
    logs: Logs, counts: Json, older: int, newest: int
) -> None:
    logs.database(DATABASE, *V1, session(), row("msg_2", message(1, counts)))
    (call,) = logs.calls(OPENCODE)
    assert (call.output, call.reasoning) == (older, 30)
    logs.database(
        DATABASE, *V2, newer_session(), newer("msg_2", "assistant", 1, newer_answer(1, counts))
    )
    (call,) = Logs(logs.home).calls(OPENCODE)
    assert (call.output, call.reasoning) == (newest, 30)


def test_o5_what_runs_is_no_call_and_what_it_had_spent_counts_once(logs: Logs) -> None:
    running = {"created": NOON + 1000}
    base = (*V1, session())
    logs.database(DATABASE, *base, row("msg_2", message(1, tokens(0, out=0), time=running)))
    assert logs.calls(OPENCODE) == []
    logs.database(DATABASE, *base, row("msg_2", message(1, tokens(100), time=running)))
    first = logs.read(OPENCODE)
    assert total(first.values()) == 120
    logs.database(DATABASE, *base, row("msg_2", message(1, tokens(300, out=50))))
    ended = logs.read(OPENCODE)
    assert ended.keys() == first.keys()
    assert total(ended.values()) == 350
    fork = (session("ses_2", 60), row("msg_b", message(1, tokens(300, out=50)), "ses_2"))
    logs.database(DATABASE, *base, row("msg_2", message(1, tokens(300, out=50))), *fork)
    assert logs.read(OPENCODE).keys() == first.keys()


@pytest.mark.parametrize(
    ("cost", "nanos"), [(0.0123, 12_300_000), (0, None), (None, None), (-1, None), ("x", None)]
)
def test_o5_a_cost_is_the_agents_own_word_where_it_is_above_nothing(
    logs: Logs, cost: object, nanos: int | None
) -> None:
    logs.database(DATABASE, *V1, session(), row("msg_2", message(1, cost=cost)))
    assert [call.cost for call in logs.calls(OPENCODE)] == [nanos]


@pytest.mark.parametrize(
    ("service", "model", "provider"),
    [
        ("anthropic", "claude-sonnet-4-6", "anthropic"),
        ("github-copilot", "claude-sonnet-4.6", "anthropic"),
        ("opencode", "gpt-5.4", "openai"),
        ("zai-coding-plan", "glm-5", "zai"),
        ("moonshotai", "kimi-k2.5", "moonshot"),
        ("openrouter", "anthropic/claude-opus-4.6", "openrouter"),
        ("my-own-proxy", "claude-sonnet-4-6", "my-own-proxy"),
    ],
)
def test_o5_plans_and_resellers_are_worth_what_the_maker_asks(
    logs: Logs, service: str, model: str, provider: str
) -> None:
    data = message(1, providerID=service, modelID=model)
    logs.database(DATABASE, *V1, session(), row("msg_2", data))
    (call,) = logs.calls(OPENCODE)
    assert call.service[:2] == (provider, model)


def test_sums_of_a_session_are_not_used(logs: Logs) -> None:
    logs.database(DATABASE, *V1, session(cost=9.9, tokens_input=999), row("msg_2", message(1)))
    assert total(logs.calls(OPENCODE)) == 120


# --- who was answered, and where ---


def test_the_first_answer_is_to_a_person_and_the_next_to_the_agent_itself(logs: Logs) -> None:
    logs.database(
        DATABASE,
        *V1,
        session(),
        row("msg_1", prompt(1)),
        text("prt_1", "msg_1"),
        row("msg_2", message(2)),
        row("msg_3", message(3)),
        row("msg_4", prompt(4)),
        text("prt_2", "msg_4", synthetic=True),
        row("msg_5", message(5, parentID="msg_4")),
        row("msg_6", prompt(6)),
        text("prt_3", "msg_6", synthetic=True),
        text("prt_4", "msg_6"),
        row("msg_7", message(7, parentID="msg_6")),
        row("msg_8", message(8, parentID="msg_6", summary=True)),
        row("msg_9", message(9, parentID="msg_9", mode="compaction")),
    )
    answered = [call.origin.answered for call in logs.calls(OPENCODE)]
    assert answered == ["human", "tool_loop", "auto", "human", "auto", "auto"]


def test_in_files_the_first_answer_is_told_by_the_names_beside(logs: Logs) -> None:
    for number, data in {
        "msg_1": prompt(1),
        "msg_2": message(2),
        "msg_3": message(3),
        "msg_4": prompt(4),
        "msg_5": message(5, parentID="msg_4"),
    }.items():
        file(logs, "ses_1", number, data)
    part_file(logs, "msg_1", "prt_1", {"type": "text", "text": SECRET})
    part_file(logs, "msg_4", "prt_2", {"type": "text", "text": SECRET, "synthetic": True})
    answered = [call.origin.answered for call in logs.calls(OPENCODE)]
    assert answered == ["human", "tool_loop", "auto"]


def test_the_newer_store_tells_by_what_stands_before(logs: Logs) -> None:
    rows = [
        ("user", {"text": SECRET}),
        ("assistant", newer_answer(2)),
        ("idle", {"outcome": "succeeded"}),
        ("assistant", newer_answer(4)),
        ("synthetic", {"text": SECRET}),
        ("assistant", newer_answer(6)),
        ("compaction", newer_answer(7, tokens(900), status="completed", summary=SECRET)),
        ("assistant", newer_answer(8)),
    ]
    inserts = [newer(f"msg_{n}", kind, n, data) for n, (kind, data) in enumerate(rows)]
    logs.database(DATABASE, *V2, newer_session(), *inserts)
    calls = logs.calls(OPENCODE)
    answered = [call.origin.answered for call in calls]
    assert answered == ["human", "tool_loop", "auto", "auto", "tool_loop"]
    assert calls[3].tokens.total == 920
    assert SECRET not in repr(logs.harvests)


@pytest.mark.parametrize("generation", ["files", "v1", "v2"])
def test_a_subagent_knows_its_parent_and_a_call_its_place(logs: Logs, generation: str) -> None:
    if generation == "files":
        told = {"id": "ses_1", "directory": WORK, "title": "Mend it", "parentID": "ses_0"}
        logs.write(f"{HOME}/storage/session/project/ses_1.json", told, end=b"")
        file(logs, "ses_1", "msg_2", message(1, path=None))
    elif generation == "v1":
        logs.database(
            DATABASE, *V1, session(parent_id="ses_0"), row("msg_2", message(1, path=None))
        )
    else:
        answer = newer("msg_2", "assistant", 1, newer_answer(1))
        logs.database(DATABASE, *V2, newer_session(parent_id="ses_0"), answer)
    (call,) = logs.calls(OPENCODE)
    assert call.origin == ("ses_1", "ses_0", WORK, None, "subagent")
    assert sum((harvest.titles for harvest in logs.harvests), ()) == (("ses_1", "Mend it"),)


def test_nothing_that_was_asked_or_answered_is_kept(logs: Logs) -> None:
    logs.database(
        DATABASE,
        *V1,
        session(title="New session - 2026-09-02T12:00:00.000Z"),
        row("msg_1", {**prompt(1), "system": SECRET, "summary": {"title": SECRET}}),
        row("msg_2", message(2, system=[SECRET], error={"data": {"message": SECRET}})),
        text("prt_1", "msg_2"),
    )
    file(logs, "ses_3", "msg_9", message(9, system=[SECRET]))
    assert len(logs.calls(OPENCODE)) == 2
    assert SECRET not in repr(logs.harvests)
    assert sum((harvest.titles for harvest in logs.harvests), ()) == ()


# --- files and databases as they are in the world ---


def test_d4_a_malformed_row_stops_no_other(logs: Logs) -> None:
    torn = '{"role":"assistant","tokens":'
    odd = ("message", {"id": None, "session_id": "ses_1", "data": "[1]"})
    logs.database(
        DATABASE,
        *V1,
        session(),
        row("msg_2", message(1)),
        row("msg_3", torn),
        odd,
        row("msg_4", message(2, tokens(-1))),
        row("msg_5", message(3)),
        part("prt_1", "msg_5", {"type": "step-finish", "tokens": None}),
        ("part", {"id": "prt_2", "message_id": "msg_5", "data": "{torn step-finish"}),
    )
    assert total(logs.calls(OPENCODE)) == 240
    state = logs.harvests[-1].state
    assert (state.bad_lines, state.bad_calls) == (2, 1)


def test_d4_rows_that_are_no_text_stop_no_other(logs: Logs) -> None:
    path = logs.database(DATABASE, *V1, session(), row("msg_2", message(1)))
    connection = sqlite3.connect(path)
    with connection:
        bad = "INSERT INTO message VALUES (?, 'ses_1', 0, CAST(x'fffe7b' AS TEXT))"
        connection.execute(bad, ("msg_3",))
        connection.execute("INSERT INTO message VALUES ('msg_4', 'ses_1', 0, x'00ff')")
    connection.close()
    assert total(logs.calls(OPENCODE)) == 120
    assert logs.harvests[-1].state.bad_lines == 2


def test_d8_rows_in_the_write_ahead_log_count_and_the_agents_files_stay_as_they_are(
    logs: Logs,
) -> None:
    path = logs.database(DATABASE, *V1, session())
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    with connection:
        connection.execute(
            "INSERT INTO message VALUES ('msg_2', 'ses_1', 0, ?)",
            ('{"role":"assistant","time":{"created":1},"tokens":{"input":5}}',),
        )
    before = {name.name: name.read_bytes() for name in path.parent.iterdir()}
    assert {"opencode.db-wal", "opencode.db-shm"} <= before.keys()
    assert total(logs.calls(OPENCODE)) == 5
    assert {name.name: name.read_bytes() for name in path.parent.iterdir()} == before
    assert logs.read(OPENCODE) == {}
    with connection:
        connection.execute(
            "INSERT INTO message VALUES ('msg_3', 'ses_1', 0, ?)",
            ('{"role":"assistant","time":{"created":2},"tokens":{"input":7}}',),
        )
    assert path.read_bytes() == before["opencode.db"]
    assert total(logs.calls(OPENCODE)) == 12
    connection.close()


@pytest.mark.parametrize("content", [b"", b"this is no database", b"SQLite format 3\x00" * 90])
def test_a_file_that_is_no_database_is_told_and_stops_nothing(logs: Logs, content: bytes) -> None:
    logs.database(DATABASE, *V1, session(), row("msg_2", message(1)))
    logs.write(f"{HOME}/opencode-dev.db", content, end=b"")
    assert total(logs.calls(OPENCODE)) == 120
    problems = [harvest.state.problem for harvest in logs.harvests if harvest.state.problem]
    assert len(problems) == (1 if content else 0)


def test_a_damaged_database_gives_what_can_be_read(logs: Logs) -> None:
    rows = [row(f"msg_{n:04}", message(n, tokens(n + 1))) for n in range(400)]
    path = logs.database(DATABASE, *V1, session(), *rows)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(whole)
    found = len(logs.read(OPENCODE))
    assert 0 < found < 400
    assert logs.harvests[-1].state.bad_lines > 0


def test_a_changed_database_is_read_again_and_changes_nothing_that_is_known(logs: Logs) -> None:
    path = logs.database(DATABASE, *V1, session(), row("msg_2", message(1)))
    first = logs.read(OPENCODE)
    execute(path, [row("msg_3", message(2))])
    second = logs.read(OPENCODE)
    assert first.items() <= second.items()
    assert len(second) == 2
    assert logs.read(OPENCODE) == {}


@pytest.mark.parametrize("agent", [OPENCODE, KILO])
def test_kilo_cli_keeps_the_same_store_under_a_name_of_its_own(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, agent: str
) -> None:
    word = "opencode" if agent == OPENCODE else "kilo"
    logs = Logs(tmp_path)
    logs.database(f".local/share/{word}/{word}.db", *V1, session(), row("msg_2", message(1)))
    nowhere = tmp_path_factory.mktemp("nowhere")
    home = f"{tmp_path}/.local/share"
    assert len(logs.calls(agent)) == 1
    assert len(Logs(nowhere, XDG_DATA_HOME=home).calls(agent)) == 1
    assert len(Logs(nowhere, **{f"{word.upper()}_DATA_DIR": f"{home}/{word}"}).calls(agent)) == 1
    assert len(Logs(nowhere).calls(agent)) == 0
    assert len(Logs(nowhere).calls(agent, tmp_path)) == 1
    assert len(Logs(tmp_path).calls(KILO if agent == OPENCODE else OPENCODE)) == 0
