"""Logs that grow are noticed by the system's own word, or by looking where it cannot tell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
from agent_kit import CLAUDE, CODEX, Desk
from log_kit import SESSION, answer, prompt

from plimsoll.services import watch
from plimsoll.services.watch import Growth, Watched

PATIENCE = 20.0
FILE = f".claude/projects/-home-dev-work-shop/{SESSION}.jsonl"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def grown() -> Queue[str]:
    return Queue()


@pytest.fixture
def started(
    desk: Desk, grown: Queue[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Growth]]:
    """A watch that has begun; it looks at what it is not told of all the time."""
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.02)
    made: list[Growth] = []

    def start() -> Growth:
        growth = desk.program.watch_logs(grown.put)
        made.append(growth)
        growth.start()
        assert growth.ready.wait(PATIENCE)
        return growth

    yield start
    for growth in made:
        growth.stop()


def by_word_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is seen by looking."""
    monkeypatch.setattr(Watched, "sizes", lambda self: frozenset())


def test_growth_is_told_by_the_source_and_only_for_what_is_read(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_word_of_the_system(monkeypatch)
    desk.logs.claude(prompt(0), answer("1", 1))
    desk.add(name="Claude")
    desk.add(CODEX, name="Codex")
    started()
    desk.logs.write(".codex/history.jsonl", {"text": "not a log that is read"})
    desk.logs.add(FILE, answer("2", 2))
    assert grown.get(timeout=PATIENCE) == "Claude"
    desk.logs.codex(prompt(0))
    assert grown.get(timeout=PATIENCE) == "Codex"


def test_a_new_folder_may_hold_what_nobody_told_of(desk: Desk) -> None:
    """Files that are written into it before the system watches it, as on every new day of Codex."""
    desk.logs.codex(prompt(0))
    desk.add(CODEX, name="Codex")
    (found,) = watch.watched(desk.program.ledger)
    root = Path(found.roots[0])
    (root / "sessions" / "2031").mkdir(parents=True)
    (root / "history.jsonl").touch()
    assert found.may_hold(str(root / "sessions" / "2031"))
    assert not found.may_hold(str(root / "history.jsonl"))
    assert not found.may_hold(str(root.parent / "elsewhere"))


def test_a_database_that_grows_beside_itself_is_the_agent_s(desk: Desk) -> None:
    desk.logs.claude(prompt(0))
    desk.add()
    (found,) = watch.watched(desk.program.ledger)
    root = found.roots[0]
    assert found.holds(f"{root}/projects/x/a.jsonl")
    assert found.holds(f"{root}/projects/x/a.jsonl-wal")
    assert not found.holds(f"{root}/projects/x/a.txt")
    assert not found.holds("/elsewhere/a.jsonl")


def test_a_folder_that_is_made_later_is_seen_by_looking_and_then_told_of(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth]
) -> None:
    root = desk.logs.home / ".claude"
    desk.program.add_source(CLAUDE, name="Claude", key=None, settings={"root": str(root)})
    growth = started()
    desk.logs.claude(prompt(0))
    assert grown.get(timeout=PATIENCE) == "Claude"
    assert growth.ready.wait(PATIENCE), "it is watched from now on"
    desk.logs.add(FILE, answer("2", 2))
    assert grown.get(timeout=PATIENCE) == "Claude"


def test_where_the_system_cannot_watch_it_is_looked_at(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    def refused(*_roots: str, **_more: object) -> Iterator[object]:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", refused)
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    started()
    desk.logs.add(FILE, answer("2", 2))
    assert grown.get(timeout=PATIENCE) == "Claude"


def test_a_source_that_is_added_meanwhile_is_watched_too(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_word_of_the_system(monkeypatch)
    growth = started()
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    growth.look_again()
    assert growth.ready.wait(PATIENCE)
    desk.logs.add(FILE, answer("2", 2))
    assert grown.get(timeout=PATIENCE) == "Claude"


def test_once_stopped_nothing_is_told_and_no_thread_is_left(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth]
) -> None:
    desk.logs.claude(prompt(0))
    desk.add()
    growth = started()
    growth.stop()
    desk.logs.add(FILE, answer("2", 2))
    with pytest.raises(Empty):
        grown.get_nowait()
    assert "plimsoll watch" not in {thread.name for thread in threading.enumerate()}


def test_an_archive_that_is_closed_meanwhile_stops_nothing_else(
    desk: Desk, started: Callable[[], Growth]
) -> None:
    desk.add()
    growth = started()
    desk.program.close()
    growth.look_again()
    growth.stop()
    assert "plimsoll watch" not in {thread.name for thread in threading.enumerate()}
