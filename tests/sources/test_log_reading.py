"""Logs are found and read on by their new bytes only, whatever state their files are in (D4, D8,
D9), and nothing that is wrong with one file stops another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_kit import CLAUDE, SESSION, Logs, answer, prompt, total, usage

from plimsoll.domain.calls import Harvest
from plimsoll.domain.errors import Cancelled
from plimsoll.sources.logs import reading
from plimsoll.sources.logs.agent import Place, agent_named
from plimsoll.sources.logs.crew import LITTLE, Crew
from plimsoll.sources.logs.find import search
from plimsoll.sources.logs.reading import Task, tasks_of

HEAVY = {"PySide6", "sqlite3", "pydantic", "genai_prices", "httpx2", "click"}
FILE = f".claude/projects/-home-dev-work-shop/{SESSION}.jsonl"
ONE, TWO, THREE = (answer(n, int(n), usage(out=int(n))) for n in "123")


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def gather(
    tasks: list[Task], *, cancelled: Callable[[], bool] = lambda: False, little: int = LITTLE
) -> list[Harvest]:
    with Crew(cancelled, little=little) as crew:
        return list(crew.gather(tasks))


def outputs(logs: Logs) -> list[int]:
    return [call.output for call in logs.calls(CLAUDE)]


# --- reading on ---


def test_d8_what_was_read_is_not_read_again(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.write(FILE, prompt(0), ONE)
    assert outputs(logs) == [1]
    logs.add(FILE, TWO)
    (harvest_before,) = logs.harvests
    assert outputs(logs) == [2]
    assert logs.harvests[-1].state.offset > harvest_before.state.offset
    monkeypatch.setattr(reading, "opened", lambda path: pytest.fail("it was opened"))
    assert outputs(logs) == []


def test_d8_who_is_answered_is_remembered_between_two_readings(logs: Logs) -> None:
    logs.write(FILE, prompt(0))
    assert outputs(logs) == []
    logs.add(FILE, ONE, TWO)
    assert [call.origin.answered for call in logs.calls(CLAUDE)] == ["human", "tool_loop"]
    logs.add(FILE, answer("2", 9, usage(out=9)))
    assert [call.origin.answered for call in logs.calls(CLAUDE)] == ["tool_loop"]


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda path: path.write_bytes(path.read_bytes().replace(b'tokens":1}', b'tokens":7}')),
        lambda path: path.write_bytes(json.dumps(TWO).encode() + b"\n"),
        lambda path: path.write_bytes(b"\n" * 40 + path.read_bytes()),
    ],
    ids=["same size", "shorter", "longer, another beginning"],
)
def test_d8_a_file_that_was_written_anew_is_read_whole(logs: Logs, rewrite: object) -> None:
    path = logs.write(FILE, ONE)
    logs.read(CLAUDE)
    rewrite(path)  # type: ignore[operator]
    os.utime(path, ns=(1, 1))
    assert len(outputs(logs)) == 1


def test_d8_another_file_of_the_same_name_is_read_whole(logs: Logs) -> None:
    path = logs.write(FILE, ONE)
    logs.read(CLAUDE)
    path.rename(path.with_name("old.jsonl.1"))
    logs.write(FILE, ONE, TWO)
    assert outputs(logs) == [1, 2]


def test_d4_a_line_that_is_being_written_comes_when_it_is_whole(logs: Logs) -> None:
    whole = json.dumps(TWO).encode()
    logs.write(FILE, ONE, whole[:50], end=b"")
    assert outputs(logs) == [1]
    assert logs.harvests[-1].state.bad_lines == 0
    logs.add(FILE, whole[50:])
    assert outputs(logs) == [2]


def test_d4_a_last_line_without_an_end_counts_and_is_not_counted_twice(logs: Logs) -> None:
    logs.write(FILE, prompt(0), ONE, end=b"")
    first = logs.read(CLAUDE)
    logs.add(FILE, b"", TWO)
    second = logs.read(CLAUDE)
    assert first.keys() <= second.keys()
    assert [call.origin.answered for call in second.values()] == ["human", "tool_loop"]


def test_d4_a_bad_line_is_passed_over_and_counted(logs: Logs) -> None:
    logs.write(FILE, ONE, b'{"type":"assistant",', b"\x00\x00", b"[1]", b"", TWO)
    assert outputs(logs) == [1, 2]
    assert logs.harvests[-1].state.bad_lines == 3
    logs.add(FILE, b"more that is bad", THREE)
    logs.read(CLAUDE)
    assert logs.harvests[-1].state.bad_lines == 4


def test_an_endless_line_is_passed_over_in_small_steps(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)
    logs.write(FILE, ONE, b'{"type":"assistant","x":"' + b"y" * 4321, end=b"")
    assert outputs(logs) == [1]
    logs.add(FILE, b"y" * 700, end=b"")
    assert outputs(logs) == []
    read_to = logs.harvests[-1].state.offset
    logs.add(FILE, b'y"}', TWO)
    assert outputs(logs) == [2]
    assert read_to > 4321
    assert logs.harvests[-1].state.bad_lines == 1


def test_a_long_file_is_read_in_parts_that_can_be_stored(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_CHUNK_LINES", 4)
    monkeypatch.setattr(reading, "_CHUNK_CALLS", 4)
    logs.write(FILE, prompt(0), *(answer(str(n), n, usage(out=n)) for n in range(1, 20)))
    assert outputs(logs) == list(range(1, 20))
    assert len(logs.harvests) == 5
    first, second, *_ = logs.harvests
    logs.states = {second.state.path: second.state}  # stopped when two parts were stored
    again = logs.calls(CLAUDE)
    stored = len(first.calls) + len(second.calls)
    assert [call.output for call in again] == list(range(stored + 1, 20))
    assert {call.origin.answered for call in again} == {"tool_loop"}


@settings(max_examples=60)
@given(cuts=st.lists(st.integers(0, 4000), max_size=6))
def test_wherever_a_growing_file_is_cut_its_calls_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    lines = [prompt(0), ONE, answer("1", 2, usage(out=5)), prompt(3), TWO, THREE, b"{bad"]
    content = b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )
    logs = Logs(tmp_path_factory.mktemp("home"))
    path = logs.write(FILE, b"", end=b"")
    seen: dict[int, object] = {}
    for cut in [*sorted(min(cut, len(content)) for cut in cuts), len(content)]:
        path.write_bytes(content[:cut])
        seen.update({key: call[3:] for key, call in logs.read(CLAUDE).items()})
    whole = Logs(logs.home)
    everything = whole.read(CLAUDE)
    assert sorted(seen) == sorted(everything)
    assert {key: call[5:] for key, call in everything.items()} == {
        key: value[2:]
        for key, value in seen.items()  # type: ignore[index]
    }
    assert {k: c.origin.answered for k, c in everything.items()} == {
        k: v[0].answered
        for k, v in seen.items()  # type: ignore[index]
    }


# --- what lies there ---


def test_what_cannot_be_read_stops_nothing_else_and_is_told(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.write(FILE, ONE)
    locked = logs.write(".claude/projects/p/locked.jsonl", TWO)
    opened = reading.opened

    def refuse(path: str) -> object:
        if path == str(locked):
            raise PermissionError(13, "Permission denied")
        return opened(path)

    monkeypatch.setattr(reading, "opened", refuse)
    assert outputs(logs) == [1]
    assert [h.state.problem for h in logs.harvests if h.state.problem] == ["Permission denied"]
    monkeypatch.setattr(reading, "opened", opened)
    assert outputs(logs) == [2]
    assert logs.harvests[-1].state.problem == ""


def test_a_file_that_vanishes_meanwhile_is_no_problem(logs: Logs) -> None:
    path = logs.write(FILE, ONE)
    found = search(agent_named(CLAUDE), Place({}, logs.home, "linux"))
    path.unlink()
    assert gather(tasks_of(CLAUDE, found.files, {})) == []


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_d9_loops_links_and_pipes_are_harmless(logs: Logs) -> None:
    path = logs.write(FILE, ONE)
    project = path.parent
    (project / "loop").symlink_to(project.parent, target_is_directory=True)
    (project / "self").symlink_to(project / "self")
    (project / "again.jsonl").symlink_to(path)
    os.link(path, project / "hard.jsonl")
    os.mkfifo(project / "pipe.jsonl")
    outside = logs.write("elsewhere/far.jsonl", TWO)
    (project.parent / "linked").symlink_to(outside.parent, target_is_directory=True)
    (logs.home / "config").symlink_to(logs.home / ".claude", target_is_directory=True)
    found = search(
        agent_named(CLAUDE),
        Place({}, logs.home, "linux"),
        [logs.home / "config", logs.home / ".claude", logs.home / "nowhere"],
    )
    assert (len(found.roots), len(found.files)) == (1, 2)
    assert sorted(problem.partition(": ")[0] for problem in found.problems) == [
        str(project / "pipe.jsonl"),
        str(project / "self"),
    ]
    assert outputs(logs) == [1, 2]


def test_folders_that_no_file_of_an_agent_is_in_are_not_entered(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.write(".copilot/session-state/one/events.jsonl", b"{}")
    logs.write(".copilot/pkg/deep/down/events.jsonl", b"{}")
    logs.write(".copilot/session-state/one/files/down/events.jsonl", b"{}")
    entered: list[str] = []
    scandir = os.scandir

    def noted(folder: str) -> object:
        entered.append(os.path.relpath(folder, logs.home))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", noted)
    found = search(agent_named("copilot-cli"), Place({}, logs.home, "linux"))
    assert [one.file.below for one in found.files] == ["session-state/one/events.jsonl"]
    assert sorted(entered) == [
        ".copilot",
        ".copilot/session-state",
        ".copilot/session-state/one",
    ]


def test_names_that_are_no_text_are_read_too(logs: Logs) -> None:
    logs.write(FILE, ONE)
    odd = os.fsdecode(b"\xff\xfe.jsonl")
    try:
        (logs.home / ".claude/projects/p").mkdir()
        (logs.home / ".claude/projects/p" / odd).write_bytes(json.dumps(TWO).encode() + b"\n")
    except OSError:
        pytest.skip("this file system has no such names")
    assert outputs(logs) == [1, 2]


# --- several processes ---


def test_a_crew_brings_what_one_process_would_in_the_same_order(logs: Logs) -> None:
    for number in range(12):
        name = f".claude/projects/p{number % 3}/{number}.jsonl"
        logs.write(name, prompt(0), answer(str(number), number, usage(out=number + 1)))
        os.utime(logs.home / name, ns=(number, number))
    found = search(agent_named(CLAUDE), Place({}, logs.home, "linux"))
    tasks = tasks_of(CLAUDE, found.files, {})
    alone = gather(tasks)
    together = gather(tasks, little=-1)
    assert alone == together
    assert [h.calls[0].output for h in together] == list(range(1, 13))


def test_a_stopped_reading_ends(logs: Logs) -> None:
    logs.write(FILE, ONE)
    found = search(agent_named(CLAUDE), Place({}, logs.home, "linux"))
    tasks = tasks_of(CLAUDE, found.files, {})
    for little in (0, 10**9):
        with pytest.raises(Cancelled):
            gather(tasks, cancelled=lambda: True, little=little)


def test_a_process_of_the_crew_loads_neither_qt_nor_sqlite() -> None:
    agents = ("claude_code", "codex", "gemini_cli", "kimi_cli", "kimi_code", "qwen_code")
    modules = ", ".join(f"plimsoll.sources.agents.{name}" for name in agents)
    code = (
        f"import sys, plimsoll.sources.logs.crew, {modules}; "
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_reading_twice_gives_nothing_new(logs: Logs) -> None:
    logs.write(FILE, ONE, TWO)
    assert total(logs.calls(CLAUDE)) > 0
    assert logs.calls(CLAUDE) == []
