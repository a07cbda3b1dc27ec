"""The crew reads for several agents: one that is given up leaves its room to the next, and a bug in
one of its processes is told where the sync runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

import pytest
from log_kit import CLAUDE, SECRET, Logs, answer, prompt, usage

from plimsoll.domain.calls import Harvest
from plimsoll.sources.logs import crew, reading
from plimsoll.sources.logs.agent import Place, agent_named
from plimsoll.sources.logs.crew import Crew, work
from plimsoll.sources.logs.find import search
from plimsoll.sources.logs.packing import pack, unpack
from plimsoll.sources.logs.reading import Task, tasks_of

WAIT = 20.0


class Worker:
    """A process of the crew, in this one."""

    def ask(self, group: list[Task], _seconds: float) -> bytes:
        return pack([harvest for task in group for harvest in reading.read(task)])

    def end(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    """Eight transcripts of one call each."""
    logs = Logs(tmp_path)
    for name in "abcdefgh":
        lines = (prompt(0), answer(name, 1, usage(out=1)))
        logs.write(f".claude/projects/{name}/{name}.jsonl", *lines)
    found = search(agent_named(CLAUDE), Place({}, logs.home, "linux"))
    return tasks_of(CLAUDE, found.files, {})


@pytest.fixture
def reading_crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """A crew of two that has room for two files only."""
    monkeypatch.setattr(crew, "_Worker", Worker)
    monkeypatch.setattr(crew, "_GROUP_FILES", 1)
    monkeypatch.setattr(crew, "_AHEAD", 2)
    monkeypatch.setattr(crew.os, "cpu_count", lambda: 2)
    with Crew(lambda: False, little=-1) as made:
        yield made


@pytest.mark.parametrize("taken", [0, 1, 3, 8])
def test_an_agent_that_is_given_up_holds_up_no_other(
    reading_crew: Crew, tasks: list[Task], taken: int
) -> None:
    first, second = reading_crew.gather(tasks), reading_crew.gather(tasks)
    with closing(first):
        come = [harvest.calls for harvest, _ in zip(first, range(taken), strict=False)]
    assert len(come) == taken
    assert [len(queue.begun) for queue in reading_crew._queues] == [0, 2], "all the room is its own"
    with ThreadPoolExecutor(1) as thread:
        found: list[Harvest] = thread.submit(list, second).result(timeout=WAIT)
    assert [len(harvest.calls) for harvest in found] == [1] * 8


def test_a_bug_in_a_process_is_told_without_a_word_of_the_file(
    tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(reading, "_gathered", broken)
    ours, theirs = Pipe()
    process = Thread(target=work, args=(theirs,))
    process.start()
    ours.send(tasks[:1])
    packed, bug = ours.recv()
    ours.close()
    process.join(WAIT)
    theirs.close()
    assert bug is None
    [harvest] = unpack(packed)
    assert harvest.state.problem == f"{reading.BROKE} (ValueError)"
    assert "test_crew.py" in harvest.broke
    assert SECRET not in harvest.broke
