"""Whatever happens to an agent's files between two syncs, its calls stay the same: they come in
parts and in any order, some twice and some cut, and nothing of what was said in them is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from every_home import HOMES
from hypothesis import given, settings
from hypothesis import strategies as st
from log_kit import SECRET, Logs
from mangled import mangle

from plimsoll.domain.calls import Call, merged
from plimsoll.sources.logs import reading
from plimsoll.sources.logs.agent import Place, agent_named, agent_names
from plimsoll.sources.logs.find import search
from plimsoll.sources.logs.packing import pack, unpack

AGENTS = sorted(HOMES)


def figures(calls: Iterable[Call]) -> list[tuple[object, ...]]:
    """What calls say, but for where and when they were first seen."""
    return sorted((call[5:], call.service, call.origin.answered) for call in calls)


@cache
def whole(word: str) -> dict[int, Call]:
    """The calls of an agent's files, read once when all of them are there."""
    with TemporaryDirectory() as folder:
        logs = Logs(Path(folder))
        home = HOMES[word]()
        home.write_all(logs)
        return logs.read(word, *(logs.home / name for name in home.given))


def test_every_agent_has_a_home_here() -> None:
    """An agent without one would not be held to any of this."""
    assert set(HOMES) == set(agent_names())


@pytest.mark.parametrize("word", AGENTS)
def test_the_calls_are_those_that_were_counted_by_hand(word: str) -> None:
    home, calls = HOMES[word](), whole(word)
    assert (sum(call.tokens.total for call in calls.values()), len(calls)) == (
        home.tokens,
        home.calls,
    )


@pytest.mark.parametrize("word", AGENTS)
@settings(max_examples=25)
@given(data=st.data())
def test_shuffled_split_copied_and_cut_files_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, word: str, data: st.DataObject
) -> None:
    home, logs = HOMES[word](), Logs(tmp_path_factory.mktemp("parts"))
    given = [logs.home / name for name in home.given]
    home.write_beside(logs)
    known: dict[int, Call] = {}

    def sync() -> None:
        for key, call in logs.read(word, *given).items():
            known[key] = merged(known[key], call) if key in known else call
        standing = logs.standing(known)
        known.clear()
        known.update(standing)

    shares = dict.fromkeys(home.paths, 0.0)
    for _ in range(data.draw(st.integers(0, 3))):
        for path in data.draw(st.permutations(home.paths)):
            shares[path] = data.draw(st.floats(shares[path], 1.0))
            home.write(logs, path, shares[path])
        sync()
    for place, path in enumerate(data.draw(st.permutations(home.paths))):
        home.write(logs, path)
        if (logs.home / path).is_file():
            os.utime(logs.home / path, (place + 1, place + 1))
    for path, copy in home.copied.items():
        if data.draw(st.booleans()):
            cut = data.draw(st.floats(0, 1)) if path in home.lines else 1.0
            content = (logs.home / path).read_bytes()
            logs.write(copy, content[: round(len(content) * cut)], end=b"")
    sync()
    sync()
    assert figures(known.values()) == figures(whole(word).values())
    assert SECRET not in repr(logs.harvests)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("word", AGENTS)
def test_d4_no_value_that_cannot_be_stops_the_reading(tmp_path: Path, word: str, seed: int) -> None:
    logs, home = Logs(tmp_path), HOMES[word]()
    home.write_all(logs)
    mangle(tmp_path, Random(f"{word} {seed}"))
    calls = logs.read(word, *(logs.home / name for name in home.given))
    assert all(0 <= count < 2**63 for call in calls.values() for count in call[5:11])
    assert all(call.reasoning <= call.output for call in calls.values())
    assert unpack(pack(logs.harvests)) == logs.harvests, "as it comes from another process"


@pytest.mark.parametrize("word", AGENTS)
def test_on_a_machine_without_an_agent_nobody_s_folders_are_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    (tmp_path / "letters" / "chats").mkdir(parents=True)
    (tmp_path / "letters" / "chats" / "session-1.jsonl").write_bytes(b"{}")
    for folder in (".config", ".local/share", ".gemini", ".codex", ".claude"):
        (tmp_path / folder).mkdir(parents=True)
    looked: list[str] = []
    scandir = os.scandir

    def noted(folder: str) -> object:
        looked.append(os.path.relpath(folder, tmp_path))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", noted)
    search(agent_named(word), Place({}, tmp_path, "linux"))
    assert not [folder for folder in looked if folder.startswith("letters")]


@pytest.mark.parametrize("word", AGENTS)
def test_what_has_not_changed_is_neither_opened_nor_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    logs, home = Logs(tmp_path), HOMES[word]()
    given = [logs.home / name for name in home.given]
    home.write_all(logs)
    assert logs.read(word, *given)
    monkeypatch.setattr(reading, "opened", lambda path: pytest.fail(f"{path} was opened"))
    monkeypatch.setattr(shutil, "copyfile", lambda path, _: pytest.fail(f"{path} was copied"))
    assert logs.read(word, *given) == {}


@pytest.mark.parametrize("word", AGENTS)
def test_an_agent_says_its_name_and_what_its_logs_do_not_hold(word: str) -> None:
    agent = agent_named(word)
    assert agent.name == word
    assert agent.title
    assert agent.missing.endswith(".")
