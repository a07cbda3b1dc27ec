"""A database is copied as it stood at one moment, while its agent goes on writing, and only where
there is room.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from plimsoll.sources.logs import copies
from plimsoll.sources.logs.copies import copied


class Disk(NamedTuple):
    free: int


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """An agent that keeps its database open, its last rows in the write-ahead log."""
    made = sqlite3.connect(tmp_path / "agent.db", isolation_level=None)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("PRAGMA wal_autocheckpoint = 0")
    made.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT)")
    write(made, 20)
    yield made
    made.close()


def write(agent: sqlite3.Connection, rows: int) -> None:
    for _ in range(rows):
        agent.execute("INSERT INTO message (text) VALUES (?)", ("x" * 900,))


def rows_of(copy: Path) -> int:
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (count,) = connection.execute("SELECT count(*) FROM message").fetchone()
    connection.close()
    return int(count)


def meanwhile(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], object]) -> list[str]:
    """Let the agent do these between a copy of the file and one of its log, once each; the names
    of what was copied.
    """
    waiting, names, copyfile = list(steps), [], shutil.copyfile

    def slow(source: Path, target: Path) -> None:
        copyfile(source, target)
        names.append(source.name)
        if source.name == "agent.db" and waiting:
            waiting.pop(0)()

    monkeypatch.setattr(shutil, "copyfile", slow)
    return names


def test_the_log_is_part_of_the_copy_which_is_gone_in_the_end(
    agent: sqlite3.Connection, tmp_path: Path
) -> None:
    with copied(tmp_path / "agent.db") as copy:
        assert rows_of(copy) == 20
    assert not copy.exists()
    write(agent, 1)


def test_an_agent_that_goes_on_writing_is_no_reason_to_copy_again(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = meanwhile(monkeypatch, lambda: write(agent, 30))
    with copied(tmp_path / "agent.db") as copy:
        assert rows_of(copy) == 50
    assert names == ["agent.db", "agent.db-wal"]


def test_a_log_that_is_cut_in_the_middle_ends_with_something_whole(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(agent, 30)
    copyfile = shutil.copyfile

    def torn(source: Path, target: Path) -> None:
        copyfile(source, target)
        if source.name.endswith("-wal"):
            target.write_bytes(source.read_bytes()[:-1700])

    monkeypatch.setattr(shutil, "copyfile", torn)
    with copied(tmp_path / "agent.db") as copy:
        assert 20 <= rows_of(copy) < 50


@pytest.mark.parametrize("how", ["PASSIVE", "RESTART", "TRUNCATE"])
def test_a_log_that_was_written_back_is_copied_again(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def write_back() -> None:
        agent.execute(f"PRAGMA wal_checkpoint({how})")
        write(agent, 5)

    names = meanwhile(monkeypatch, write_back)
    with copied(tmp_path / "agent.db") as copy:
        assert rows_of(copy) == 25
    assert names.count("agent.db") == 2


def test_an_agent_that_never_rests_is_told(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_back() -> None:
        write(agent, 1)
        agent.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    meanwhile(monkeypatch, *[write_back] * 9)
    with pytest.raises(OSError, match="all the time"), copied(tmp_path / "agent.db"):
        pytest.fail("it was copied")


def test_without_room_nothing_is_copied(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(agent, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Disk(free=1000))
    with pytest.raises(OSError, match="no room for a copy"), copied(tmp_path / "agent.db"):
        pytest.fail("it was copied")


def test_a_large_copy_is_kept_out_of_memory(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(agent, 1)
    monkeypatch.setattr(copies, "_LARGE", 100)
    monkeypatch.setattr(copies, "_ON_DISK", tmp_path / "disk")
    with copied(tmp_path / "agent.db") as copy:
        assert not copy.is_relative_to(tmp_path / "disk")
    (tmp_path / "disk").mkdir()
    with copied(tmp_path / "agent.db") as copy:
        assert copy.is_relative_to(tmp_path / "disk")


def test_a_copy_that_was_left_behind_is_cleared_away_and_one_in_use_is_not(
    agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its maker was ended while it read: the words of a prompt may be in it."""
    room = tmp_path / "room"
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    left, in_use = room / "plimsoll-copy-left", room / "plimsoll-copy-in-use"
    for folder in (left, in_use):
        folder.mkdir(parents=True)
        (folder / "copy.db").write_bytes(b"words")
    os.utime(left, (1, 1))
    with copied(tmp_path / "agent.db") as copy:
        assert rows_of(copy) == 20
        assert copy.is_relative_to(room)
    assert [folder.name for folder in room.iterdir()] == [in_use.name]
