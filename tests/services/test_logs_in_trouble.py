"""Whatever state an agent's files are in, the others are read, what was read before stays, and the
doctor counts what was not read and says why.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_kit import NOW, PERIOD, Desk
from log_kit import SESSION, answer, prompt, usage
from made_up import SetClock

from plimsoll.domain.question import Question
from plimsoll.services.doctor import Diagnosis, examine

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from modes import modes_bind

FOLDER = ".claude/projects/p"
BAD = f"{FOLDER}/bad.jsonl"
PEAK = 100 * 2**20
"""Bytes that reading may need, whatever is in a file."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A transcript of 100 tokens that nothing is wrong with."""
    made = Desk(tmp_path)
    made.logs.claude(prompt(0), answer("1", 1, usage(0, out=100)))
    made.add(name="Claude")
    yield made
    assert made.program.ledger.check() == ()
    made.close()


def output(desk: Desk) -> int:
    """The tokens of the archive, after a sync that succeeds."""
    desk.sync()
    return desk.program.spend(Question(PERIOD)).total.tokens.total


def doctor(desk: Desk) -> Diagnosis:
    return examine(desk.program.data_dir, clock=SetClock(NOW), environ={})


def told(desk: Desk) -> list[str]:
    """The doctor's sentences about logs that could not be read."""
    found = [c.sentence for c in doctor(desk).checks if c.name == "logs" and c.ok is False]
    assert all(sentence.endswith(".") for sentence in found)
    return [sentence.removesuffix(".") for sentence in found]


def counted(desk: Desk) -> str:
    """What the doctor counts of the source's files."""
    [summary] = [c.sentence for c in doctor(desk).checks if "files known" in c.sentence]
    return summary


def bad(desk: Desk, *lines: bytes, end: bytes = b"\n") -> Path:
    return desk.logs.write(BAD, *lines, end=end)


def line(number: int) -> bytes:
    """A call of as many tokens as its number."""
    return json.dumps(answer(str(number), number, usage(0, out=number))).encode()


def test_a_file_that_may_not_be_read(desk: Desk) -> None:
    path = bad(desk, line(7))
    path.chmod(0)
    with modes_bind():
        assert output(desk) == 100
    assert told(desk) == [f"Claude: {path}: Permission denied"]
    assert "2 files known, 1 of them not readable" in counted(desk)
    path.chmod(0o600)
    assert output(desk) == 107
    assert told(desk) == []


def test_a_folder_that_may_not_be_looked_into(desk: Desk) -> None:
    folder = bad(desk, line(7)).parent
    folder.chmod(0)
    with modes_bind():
        assert output(desk) == 100
        assert told(desk) == [f"Claude: {folder}: Permission denied"]
    folder.chmod(0o700)
    assert output(desk) == 107


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a file that breaks at its pages")
def test_a_file_whose_disk_has_bad_blocks(desk: Desk) -> None:
    path = bad(desk).with_name("broken.jsonl")
    path.symlink_to("/proc/self/mem")  # a regular file whose beginning cannot be read
    assert output(desk) == 100
    assert told(desk) == [f"Claude: {path}: Input/output error"]


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_links_that_lead_in_circles(desk: Desk) -> None:
    folder = bad(desk, line(7)).parent
    (folder / "up").symlink_to(folder.parent, target_is_directory=True)
    (folder / "round.jsonl").symlink_to(folder / "round.jsonl")
    (folder / "nowhere.jsonl").symlink_to(folder / "gone.jsonl")
    assert output(desk) == 107
    [sentence] = told(desk)
    assert sentence.startswith(f"Claude: {folder}/round.jsonl: Too many levels of symbolic links")


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_two_roots_that_are_one_folder(desk: Desk) -> None:
    home = desk.logs.home
    (home / "other").symlink_to(home / ".claude", target_is_directory=True)
    roots = f"{home}/.claude,{home}/other,{home}/.claude/projects/.."
    desk.program.edit_source("Claude", settings={"root": roots})
    assert output(desk) == 100
    assert "1 files known, 0 of them not readable, 1 there now" in counted(desk)


def test_a_file_that_is_rotated(desk: Desk) -> None:
    path = bad(desk, line(7))
    assert output(desk) == 107
    path.rename(path.with_name("bad.jsonl.1"))
    bad(desk, line(8))
    assert output(desk) == 115
    assert told(desk) == []


def test_a_file_that_shrinks_keeps_what_it_told(desk: Desk) -> None:
    bad(desk, line(7), line(8), line(9))
    assert output(desk) == 124
    bad(desk, line(8))
    assert output(desk) == 124
    bad(desk, line(8), line(11), line(12), line(13))
    assert output(desk) == 160
    assert told(desk) == []


def test_a_file_that_vanishes_keeps_what_it_told(desk: Desk) -> None:
    path = bad(desk, line(7))
    assert output(desk) == 107
    path.unlink()
    assert output(desk) == 107
    assert "2 files known, 0 of them not readable, 1 there now" in counted(desk)


def test_logs_that_are_all_gone_fail_the_source_and_keep_what_they_told(desk: Desk) -> None:
    assert output(desk) == 100
    shutil.rmtree(desk.logs.home)
    [outcome] = desk.program.sync().failed
    assert "There are no logs of Claude Code here" in outcome.failure
    assert desk.program.spend(Question(PERIOD)).total.tokens.total == 100


def test_folders_that_cannot_be_looked_at_are_not_said_to_be_missing(desk: Desk) -> None:
    assert output(desk) == 100
    desk.logs.home.chmod(0)
    try:
        with modes_bind():
            [outcome] = desk.program.sync().failed
    finally:
        desk.logs.home.chmod(0o700)
    assert "cannot be looked at" in outcome.failure
    assert "Permission denied" in outcome.failure


def test_bytes_that_are_no_text_lose_no_call(desk: Desk) -> None:
    bad(desk, line(7).replace("…".encode(), b"\xff\xfe\xed\xa0\x80"), b"\xff\xfe", line(8))
    assert output(desk) == 115
    assert "passed over 1 lines that are not JSON" in counted(desk)


def test_a_line_without_an_end_needs_little_memory(desk: Desk) -> None:
    """A quarter of a gigabyte that a disk full of nothing holds, and no newline among them."""
    path = bad(desk, line(7))
    with path.open("r+b") as file:
        file.truncate(256 * 2**20)
    tracemalloc.start()
    try:
        assert output(desk) == 107
        assert tracemalloc.get_traced_memory()[1] < PEAK
    finally:
        tracemalloc.stop()
    desk.logs.add(BAD, b"", line(8))
    assert output(desk) == 115
    assert "passed over 1 lines that are not JSON" in counted(desk)


def test_a_packed_file_that_unfolds_without_end_needs_little_memory(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    desk = Desk(tmp_path)
    path = desk.logs.codex(prompt(0))
    nothing = zstandard.ZstdCompressor().compress(bytes(2**24)) * 24
    path.with_name(f"{path.name}.zst").write_bytes(nothing)
    desk.add("codex", name="Codex")
    tracemalloc.start()
    try:
        desk.sync()
        assert tracemalloc.get_traced_memory()[1] < PEAK
    finally:
        tracemalloc.stop()
        desk.close()


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_everything_at_once(desk: Desk) -> None:
    """One file of each kind of trouble stops none of the others."""
    folder = bad(desk, b"\x00\x01 no JSON", line(7), line(8)[:90], end=b"").parent
    locked = desk.logs.write(f"{FOLDER}/locked.jsonl", line(9))
    locked.chmod(0)
    (folder / "round.jsonl").symlink_to(folder / "round.jsonl")
    negative = line(10).replace(b'"output_tokens": 10', b'"output_tokens": -10')
    desk.logs.write(f"{FOLDER}/{SESSION}.jsonl", negative, line(11))
    with modes_bind():
        assert output(desk) == 100 + 7 + 11
    assert [sentence.rpartition(": ")[2] for sentence in sorted(told(desk))] == [
        "Permission denied",
        "Too many levels of symbolic links",
    ]
    assert "passed over 1 lines that are not JSON and 1 calls with impossible" in counted(desk)
