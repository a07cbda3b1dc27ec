"""A disk that does not answer, and what is no file, stop nothing else: what hangs is left behind in
a thread that ends with the program, and is told.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import pytest
from log_kit import CLAUDE, CODEX, SESSION, Logs, answer, prompt, usage
from test_codex import session as codex_session

from plimsoll.domain.calls import Harvest
from plimsoll.sources.logs import crew, patience, reading
from plimsoll.sources.logs.agent import Place, agent_named
from plimsoll.sources.logs.copies import copied
from plimsoll.sources.logs.crew import IMPATIENCE, PATIENCE, Crew
from plimsoll.sources.logs.find import Search, search
from plimsoll.sources.logs.patience import SILENCE, each_within, within
from plimsoll.sources.logs.reading import Task, tasks_of
from plimsoll.sources.logs.worktrees import repository_of

FILE = f".claude/projects/-home-dev-work-shop/{SESSION}.jsonl"


class Disk:
    """A disk that does not answer for some paths until the test is over, and whose time has passed
    as soon as somebody waits for it.
    """

    def __init__(self, *paths: Path) -> None:
        self.paths = {str(path) for path in paths}
        self.waited: list[float] = []
        self.over = Event()
        self._asked = 0
        self._in_vain: set[Event] = set()

    def ask(self, path: object) -> None:
        """Hang, if the disk does not answer for this path."""
        if str(getattr(path, "path", path)) in self.paths:
            self._asked += 1
            self.over.wait()
            raise OSError("the test is over")

    def slow(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that asks the disk first."""

        def asking(path: object, *more: Any, **named: Any) -> Any:
            self.ask(path)
            return function(path, *more, **named)

        return asking

    def has_ended(self, event: Event, seconds: float) -> bool:
        self.waited.append(seconds)
        while event not in self._in_vain:
            if event.wait(0.001):
                return True
            if self._asked > len(self._in_vain):
                self._in_vain.add(event)
        return False


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Disk]]:
    made: list[Disk] = []

    def hang(*paths: Path) -> Disk:
        disk = Disk(*paths)
        made.append(disk)
        monkeypatch.setattr(patience, "has_ended", disk.has_ended)
        return disk

    yield hang
    for disk in made:
        disk.over.set()


def find(logs: Logs, word: str = CLAUDE, *given: Path) -> Search:
    return search(agent_named(word), Place({}, logs.home, "linux"), given)


def tasks(logs: Logs) -> list[Task]:
    return tasks_of(CLAUDE, find(logs).files, {})


def gather(found: list[Task], *, little: int = crew.LITTLE) -> list[Harvest]:
    with Crew(lambda: False, little=little) as reading_crew:
        return list(reading_crew.gather(found))


def projects(logs: Logs, *names: str) -> list[Path]:
    """A transcript in each of these projects."""
    return [
        logs.write(
            f".claude/projects/{name}/{name}.jsonl", prompt(0), answer(name, 1, usage(out=1))
        )
        for name in names
    ]


# --- what does not answer ---


def test_work_that_hangs_is_left_behind_and_the_rest_is_done(
    silent: Callable[..., Disk],
) -> None:
    disk, done = silent(Path("b"), Path("d")), []

    def work(item: str) -> None:
        disk.ask(item)
        done.append((item, current_thread().daemon))

    assert each_within(9.0, deque("abcde"), work, most=3) == ["b", "d"]
    assert done == [("a", True), ("c", True), ("e", True)]


def test_after_a_few_that_hang_the_rest_is_left_for_the_next_time(
    silent: Callable[..., Disk],
) -> None:
    disk, items = silent(*map(Path, "abc")), deque("abcde")
    assert each_within(9.0, items, disk.ask, most=3) == ["a", "b", "c"]
    assert list(items) == ["d", "e"]


def test_what_work_raises_is_raised_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        within(9.0, lambda: 1 // 0)
    with pytest.raises(IndexError):
        each_within(9.0, deque([[]]), lambda empty: empty[0], most=1)


def test_a_folder_that_does_not_answer_hides_no_other(
    logs: Logs, silent: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = projects(logs, "a", "b", "c")
    disk = silent(paths[1].parent)
    monkeypatch.setattr(os, "scandir", disk.slow(os.scandir))
    found = find(logs)
    assert sorted(one.file.path for one in found.files) == [str(paths[0]), str(paths[2])]
    assert found.problems == (f"{paths[1].parent}: {SILENCE}",)


def test_a_file_that_does_not_answer_hides_no_other(
    logs: Logs, silent: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = projects(logs, "a", "b", "c")
    disk = silent(paths[0], paths[2])
    monkeypatch.setattr(os, "stat", disk.slow(os.stat))
    found = find(logs)
    monkeypatch.undo()
    assert [one.file.path for one in found.files] == [str(paths[1])]
    assert set(found.problems) == {f"{paths[0]}: {SILENCE}", f"{paths[2]}: {SILENCE}"}


def test_a_root_that_does_not_answer_hides_no_other(
    logs: Logs, silent: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = projects(logs, "a")
    mount = logs.home / "mount"
    monkeypatch.setattr(os.path, "realpath", silent(mount).slow(os.path.realpath))
    found = find(logs, CLAUDE, mount, logs.home / ".claude")
    assert [one.file.path for one in found.files] == [str(path)]
    assert found.problems == (f"{mount}: {SILENCE}",)


def test_where_much_does_not_answer_the_rest_is_said_not_to_be_looked_at(
    logs: Logs, silent: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = projects(logs, "a", "b", "c", "d", "e")
    monkeypatch.setattr(os, "stat", silent(*paths).slow(os.stat))
    problems = find(logs).problems
    monkeypatch.undo()
    assert [problem.endswith(SILENCE) for problem in problems] == [True, True, True, False]
    assert problems[-1].endswith("not looked at")


def test_a_file_that_hangs_while_it_is_read_stops_no_other_and_is_tried_again(
    logs: Logs, silent: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = projects(logs, "a", "b", "c", "d")
    found = tasks(logs)
    disk = silent(paths[1], paths[2])
    monkeypatch.setattr(reading, "opened", disk.slow(reading.opened))
    harvests = {one.state.path: one for one in gather(found)}
    assert [len(harvests[str(path)].calls) for path in paths] == [1, 0, 0, 1]
    assert {harvests[str(path)].state.problem for path in paths[1:3]} == {SILENCE}
    states = {path: one.state for path, one in harvests.items()}
    again = tasks_of(CLAUDE, find(logs).files, states)
    assert sorted(task.found.file.path for task in again) == [str(paths[1]), str(paths[2])]


def test_once_a_disk_was_silent_its_other_files_are_tried_and_not_waited_for_long(
    logs: Logs, silent: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = projects(logs, "a", "b", "c")
    found = tasks(logs)
    disk = silent(paths[0])
    monkeypatch.setattr(reading, "opened", disk.slow(reading.opened))
    assert sum(len(one.calls) for one in gather(found)) == 2
    assert {round(seconds) for seconds in disk.waited} == {round(PATIENCE), round(IMPATIENCE)}


def test_a_process_that_hangs_is_ended_and_its_other_files_are_read(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = projects(logs, "a", "b", "c")
    ended: list[object] = []

    class Worker:
        """A process that hangs at one file."""

        def ask(self, group: list[Task], seconds: float) -> bytes:
            if any(task.found.file.path == str(paths[1]) for task in group):
                raise TimeoutError(SILENCE)
            return crew.pack([one for task in group for one in reading.read(task)])

        def end(self) -> None:
            ended.append(self)

    monkeypatch.setattr(crew, "_Worker", Worker)
    harvests = {one.state.path: one for one in gather(tasks(logs), little=-1)}
    assert [len(harvests[str(path)].calls) for path in paths] == [1, 0, 1]
    assert harvests[str(paths[1])].state.problem == SILENCE
    assert len(ended) >= 2


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_the_program_ends_though_something_hangs_for_ever(tmp_path: Path) -> None:
    """Opening a pipe that nobody writes to hangs in the system itself."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = f"""
from plimsoll.sources.logs.patience import within
try:
    within(0.01, lambda: open({str(pipe)!r}, "rb").read())
except TimeoutError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == SILENCE


# --- what is no file ---

needs_pipes = pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and devices of POSIX")


@needs_pipes
def test_pipes_and_devices_among_the_logs_are_never_opened(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = projects(logs, "a")
    os.mkfifo(path.with_name("pipe.jsonl"))
    path.with_name("null.jsonl").symlink_to("/dev/null")
    path.with_name("zero.jsonl").symlink_to("/dev/zero")
    found = find(logs)
    assert [one.file.path for one in found.files] == [str(path)]
    assert sorted(found.problems) == [
        f"{path.with_name(name)}: it is no regular file"
        for name in ("null.jsonl", "pipe.jsonl", "zero.jsonl")
    ]


@needs_pipes
def test_a_log_that_became_a_pipe_since_it_was_found_is_a_problem_of_its_own(logs: Logs) -> None:
    first, second = projects(logs, "a", "b")
    found = tasks(logs)
    first.unlink()
    os.mkfifo(first)
    harvests = {one.state.path: one for one in gather(found)}
    assert harvests[str(first)].state.problem == "it is no regular file"
    assert len(harvests[str(second)].calls) == 1


@needs_pipes
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_stands_in_the_place_of_a_databases_log_is_not_copied(
    tmp_path: Path, kind: str
) -> None:
    database, log = tmp_path / "agent.db", tmp_path / "agent.db-wal"
    database.write_bytes(b"pages")
    if kind == "pipe":
        os.mkfifo(log)
    else:
        log.symlink_to("/dev/zero")
    with copied(database) as copy:
        assert copy.read_bytes() == b"pages"
        assert not copy.with_name("copy.db-wal").exists()


@needs_pipes
def test_a_pipe_beside_a_log_is_as_good_as_nothing(logs: Logs) -> None:
    for name in (".claude.json", ".claude/settings.json", ".codex/config.toml"):
        (logs.home / name).parent.mkdir(exist_ok=True)
        os.mkfifo(logs.home / name)
    projects(logs, "a")
    logs.codex(*codex_session())
    assert len(logs.calls(CLAUDE)) == 1
    assert len(logs.calls(CODEX)) == 3


@needs_pipes
def test_a_pipe_in_the_place_of_gits_pointers_is_passed_over(tmp_path: Path) -> None:
    top = tmp_path / "tree"
    top.mkdir()
    (top / ".git").write_text(f"gitdir: {tmp_path}/own")
    (tmp_path / "own").mkdir()
    os.mkfifo(tmp_path / "own" / "commondir")
    assert repository_of(str(top), home=tmp_path / "home") == str(top)
