"""One window for each data directory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.ui.instance import Instance, server_name


def test_the_first_start_gets_the_folder_and_a_second_one_does_not(tmp_path: Path, qtbot):
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim()
    assert not second.claim()
    first.release()
    assert second.claim()
    second.release()


def test_a_second_start_raises_the_first_window(tmp_path: Path, qtbot):
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim()
    assert first.listen()
    assert not second.claim()
    with qtbot.waitSignal(first.raise_asked, timeout=3000):
        assert second.ask_to_raise()
    first.release()


def test_two_folders_do_not_know_each_other(tmp_path: Path, qtbot):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    first, second = Instance(one), Instance(other)
    assert first.claim()
    assert second.claim()
    assert server_name(one) != server_name(other)
    first.release()
    second.release()


def test_a_lock_left_by_a_killed_window_is_taken_over(tmp_path: Path, qtbot):
    script = (
        "import os, sys; from pathlib import Path;"
        "from plimsoll.ui.instance import Instance;"
        "i = Instance(Path(sys.argv[1])); assert i.claim(); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == 9
    assert (tmp_path / "window.lock").exists()
    late = Instance(tmp_path)
    assert late.claim()
    late.release()


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path, qtbot):
    (tmp_path / "a file").touch()
    missing = Instance(tmp_path / "a file" / "away")
    with pytest.raises(LedgerUnreadable, match="cannot be written"):
        missing.claim()


def test_the_folder_of_a_first_start_is_made(tmp_path: Path, qtbot):
    first = Instance(tmp_path / "new" / "folder")
    assert first.claim()
    assert (tmp_path / "new" / "folder").is_dir()
    first.release()
