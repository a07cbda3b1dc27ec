"""One window for each data directory."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.ui import instance
from plimsoll.ui.instance import Instance, server_name


def test_the_first_start_gets_the_folder_and_a_second_one_does_not(tmp_path: Path, qtbot):
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim()
    assert not second.claim()
    first.release()
    assert second.claim()
    second.release()


def test_a_second_start_raises_the_first_window(tmp_path: Path, qtbot):
    with started(tmp_path, "background", "tray") as first:
        assert line(first) == "ready False"
        second = Instance(tmp_path)
        assert not second.claim()
        assert second.ask_to_raise()
        assert line(first) == "in front"


def test_a_window_that_hangs_is_not_taken_for_one_that_heard(tmp_path: Path, qtbot, monkeypatch):
    monkeypatch.setattr(instance, "_ANSWER_MS", 50)
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.claim()
    assert first.listen(), "but nobody turns its event loop"
    assert not second.claim()
    assert not second.ask_to_raise()
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


# --- real programs ---

STARTED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from plimsoll.services.clock import SystemClock
from plimsoll.services.program import Program
from plimsoll.ui import window
from plimsoll.ui.tray import Tray

folder, how = Path(sys.argv[1]), sys.argv[2:]
Tray.is_available = staticmethod(lambda: "tray" in how)
begin = window.MainWindow.__init__

def begun(self, *given, **named):
    begin(self, *given, **named)
    told = window.MainWindow.come_to_front
    def come_to_front():
        told(self)
        print("in front", flush=True)
        if "quit" in how:
            QTimer.singleShot(0, QApplication.quit)
    self.come_to_front = come_to_front

window.MainWindow.__init__ = begun
settle_in = window._settle_in

def settled(made, *given, **named):
    settle_in(made, *given, **named)
    made.may_hide = lambda: "tray" in how
    made.left.connect(lambda: print("left", flush=True))
    print("ready", made.isVisible(), flush=True)

window._settle_in = settled
sys.exit(window.run_window(Program(folder, clock=SystemClock()), background="background" in how))
"""


@contextlib.contextmanager
def started(folder: Path, *how: str) -> Iterator[subprocess.Popen[str]]:
    """A window of its own process; `how` are words such as `background`, `tray` and `quit`."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTED, str(folder), *how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_window_in_the_background_is_shown_by_a_second_start_and_ends_when_asked(tmp_path):
    with started(tmp_path, "background", "tray", "quit") as first:
        assert line(first) == "ready False"
        with started(tmp_path, "background", "tray") as login:
            assert login.wait(timeout=60) == 0, "a second start at login leaves it where it is"
        with started(tmp_path) as second:
            assert second.wait(timeout=60) == 0
            assert second.stderr is not None
            assert "already open" in second.stderr.read()
        assert line(first) == "in front"
        assert line(first) == "left", "the system's own quit is no hiding"
        assert first.wait(timeout=60) == 0


def test_a_killed_window_leaves_nothing_in_the_way_and_other_folders_are_free(tmp_path):
    with started(tmp_path / "one", "background", "tray") as first:
        assert line(first) == "ready False"
        with started(tmp_path / "other", "background", "tray") as other:
            assert line(other) == "ready False"
        first.kill()
        first.wait(timeout=60)
    with started(tmp_path / "one", "background", "tray", "quit") as again:
        assert line(again) == "ready False"
        with started(tmp_path / "one") as second:
            assert second.wait(timeout=60) == 0
        assert line(again) == "in front"
