"""Logs that grow are noticed by the system's own word, or by looking where it cannot tell."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue

import pytest
from agent_kit import CLAUDE, CODEX, NOW, Desk
from log_kit import SESSION, answer, prompt
from made_up import SetClock

from plimsoll.services import watch
from plimsoll.services.doctor import examine
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
    monkeypatch.setattr(watch, "QUIET_MS", 20)
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
    monkeypatch.setattr(watch, "sizes_of", lambda found: frozenset())


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


# --- no more than is needed, and no less ---


def opencode(desk: Desk) -> Path:
    """OpenCode's folder: its store of messages, and much that is none of it."""
    root = desk.logs.home / ".local" / "share" / "opencode"
    for below in ("snapshot/p/objects/00", "log", "bin/deep/down", "storage/part/msg_1"):
        (root / below).mkdir(parents=True)
    for session in ("ses_1", "ses_2", "ses_3"):
        desk.logs.write(f".local/share/opencode/storage/message/{session}/msg_1.json", {})
    return root


def seen_of(desk: Desk, word: str, root: Path) -> Watched:
    desk.program.add_source(word, name=word, key=None, settings={"root": str(root)})
    return next(one for one in watch.watched(desk.program.ledger) if one.source.name == word)


def test_only_folders_that_lead_to_an_agents_files_are_watched(desk: Desk) -> None:
    root = opencode(desk)
    found = seen_of(desk, "opencode", root)
    assert sorted(os.path.relpath(folder, root) for folder in found.folders) == [
        ".",
        "storage",
        "storage/message",
        "storage/message/ses_1",
        "storage/message/ses_2",
        "storage/message/ses_3",
    ]


def test_of_many_folders_those_that_were_written_to_last_are_watched_and_all_are_looked_at(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = opencode(desk)
    found = seen_of(desk, "opencode", root)
    for age, session in enumerate(("ses_2", "ses_3", "ses_1")):
        os.utime(root / f"storage/message/{session}/msg_1.json", (1_000 - age, 1_000 - age))
    found = next(iter(watch.watched(desk.program.ledger)))
    assert [Path(folder).name for folder in found.told(5)[3:]] == ["ses_2", "ses_3"]
    assert (found.is_told(5), found.is_told(6)) == (False, True)
    monkeypatch.setattr(watch, "MOST_FOLDERS", 5)
    started()
    desk.logs.write(".local/share/opencode/storage/message/ses_1/msg_2.json", {})
    assert grown.get(timeout=PATIENCE) == "opencode"


def test_a_folder_that_is_new_among_the_logs_is_watched_from_then_on(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_word_of_the_system(monkeypatch)
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    monkeypatch.setattr(watch, "_ALL_EVERY", 10**9)
    started()
    for name in ("new", "newer", "newest"):
        path = f".claude/projects/{name}/one.jsonl"
        (desk.logs.home / path).parent.mkdir()
        told = 0
        for _ in range(20):  # of its own folder first, which is watched by and by
            desk.logs.write(path, answer("2", 2))
            told += growth_is_told(grown)
            if told == 4:
                break
        assert told == 4, f"{name} is not watched"


def growth_is_told(grown: Queue[str]) -> bool:
    try:
        return grown.get(timeout=0.5) == "Claude"
    except Empty:
        return False


def test_where_the_system_watches_few_folders_it_watches_those(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    by_word_of_the_system(monkeypatch)
    monkeypatch.setattr(watch, "FEW_FOLDERS", 3)
    real, asked = watchfiles.watch, []

    def limited(*places: str, **more: object) -> Iterator[object]:
        asked.append(len(places))
        if len(places) > 3:
            raise OSError(28, "OS file watch limit reached")
        return real(*places, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(watchfiles, "watch", limited)
    for number in range(5):
        desk.logs.write(f".claude/projects/p{number}/a.jsonl", prompt(0))
    path = desk.logs.claude(prompt(0))
    os.utime(path, (2**31, 2**31))
    desk.add(name="Claude")
    started()
    desk.logs.add(FILE, answer("2", 2))
    assert grown.get(timeout=PATIENCE) == "Claude"
    assert (max(asked), asked[1]) == (7, 3)


def test_what_was_written_between_a_look_and_the_watching_is_told(desk: Desk) -> None:
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    told: list[str] = []
    growth = Growth(tuple, told.append)
    growth._compare(watch.watched(desk.program.ledger))
    assert told == []
    desk.logs.add(FILE, answer("2", 2))
    growth._compare(watch.watched(desk.program.ledger))
    growth._compare(watch.watched(desk.program.ledger))
    assert told == ["Claude"]


def test_elsewhere_one_handle_watches_all_below_a_root(
    desk: Desk, grown: Queue[str], started: Callable[[], Growth], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_word_of_the_system(monkeypatch)
    monkeypatch.setattr(watch, "BY_FOLDER", False)
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    [found] = watch.watched(desk.program.ledger)
    assert found.told(9) == found.roots
    started()
    desk.logs.add(FILE, answer("2", 2))
    assert grown.get(timeout=PATIENCE) == "Claude"


def test_a_large_database_is_not_copied_again_and_again_while_its_agent_works(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(watch, "monotonic", lambda: now[0])
    root = opencode(desk)
    database = desk.logs.database(".local/share/opencode/opencode.db", "CREATE TABLE message (id)")
    found = seen_of(desk, "opencode", root)
    assert found.to_copy == database.stat().st_size
    large = replace(found, to_copy=90 * watch.COPIED_PER_S)
    told: list[str] = []
    growth = Growth(tuple, told.append)
    monkeypatch.setattr(growth, "_changes", lambda _places: iter(came))
    came = [frozenset[str]()]
    grows, rests = frozenset({str(database)}), frozenset({"/elsewhere"})
    for now[0], came[0], count in [
        (0, grows, 1),
        (5, grows, 1),
        (89, rests, 1),
        (91, rests, 2),
        (999, rests, 2),
    ]:
        growth._listen([large], 9)
        assert len(told) == count


# --- the doctor ---


def told_by_the_doctor(desk: Desk) -> str:
    found = examine(desk.program.data_dir, clock=SetClock(NOW), environ={})
    [check] = [check for check in found.checks if check.name == "watch"]
    assert check.ok is None, "nothing is lost where nothing is watched"
    return check.sentence


def test_the_doctor_says_that_growth_is_noticed(desk: Desk) -> None:
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    sentence = told_by_the_doctor(desk)
    assert sentence == "Growing logs are noticed within seconds while the window is open."


def test_the_doctor_says_what_is_only_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    desk.program.add_source(CODEX, name="Codex", key=None, settings={"root": "/nowhere"})
    assert told_by_the_doctor(desk).endswith("Of Codex some only every 30 seconds.")


def test_the_doctor_says_that_the_systems_limit_is_reached(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    def refused(*_places: str, **_more: object) -> Iterator[object]:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", refused)
    desk.logs.claude(prompt(0))
    desk.add(name="Claude")
    sentence = told_by_the_doctor(desk)
    assert "does not watch the agents' folders (OS file watch limit reached)" in sentence
    assert "every 30 seconds" in sentence
