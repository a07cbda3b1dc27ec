"""While the window is open, logs that grow are read within seconds, quietly; a real folder."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[1] / room) for room in ("services", "sources")]
from agent_kit import PERIOD, Desk
from log_kit import SESSION, answer, prompt, usage

from plimsoll.domain.errors import LedgerBusy
from plimsoll.domain.question import Question
from plimsoll.services import watch
from plimsoll.services.program import Program
from plimsoll.ui import syncing
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.syncing import SyncControl

WAIT = 20_000
FILE = f".claude/projects/-home-dev-work-shop/{SESSION}.jsonl"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.logs.claude(prompt(0), answer("1", 1, usage(0, out=100)))
    made.add(name="Claude")
    made.sync()
    yield made
    made.close()


@pytest.fixture
def control(qtbot, qapp, desk, monkeypatch) -> Iterator[SyncControl]:
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(syncing, "_CALM_MS", 1)
    jobs = Jobs()
    made = SyncControl(desk.program, jobs)
    yield made
    made.rest()
    jobs.close()


def test_what_is_logged_while_the_window_is_open_is_in_the_figures(qtbot, desk, control):
    began: list[object] = []
    control.began.connect(began.append)
    control.keep_fresh()
    assert control._growth.ready.wait(WAIT / 1000)
    with qtbot.waitSignal(control.ended, timeout=WAIT):
        desk.logs.add(FILE, answer("2", 2, usage(0, out=900)))
    assert desk.program.spend(Question(PERIOD)).total.tokens.total == 1000
    assert began == [], "nobody asked for it, and nothing flickers"


def test_a_sync_that_is_asked_for_meanwhile_follows(qtbot, desk, control, monkeypatch):
    asked: list[tuple[str, ...]] = []
    release = threading.Event()
    real = Program.sync

    def slow(self, names=(), **more):
        asked.append(tuple(names))
        assert release.wait(WAIT / 1000)
        return real(self, names, **more)

    monkeypatch.setattr(Program, "sync", slow)
    control.grew.emit("Claude")
    qtbot.waitUntil(lambda: control.is_running, timeout=WAIT)
    assert control.start(()) is True
    with qtbot.waitSignals([control.ended, control.began, control.ended], timeout=WAIT):
        release.set()
    assert asked == [("Claude",), ()]


def test_growth_during_a_sync_is_read_after_it(qtbot, desk, control, monkeypatch):
    asked: list[tuple[str, ...]] = []
    release = threading.Event()
    real = Program.sync

    def slow(self, names=(), **more):
        asked.append(tuple(names))
        assert release.wait(WAIT / 1000)
        return real(self, names, **more)

    monkeypatch.setattr(Program, "sync", slow)
    control.start(())
    control.grew.emit("Claude")
    with qtbot.waitSignals([control.ended, control.ended], timeout=WAIT):
        release.set()
    assert asked == [(), ("Claude",)]


def test_trouble_with_what_nobody_asked_for_is_not_shouted(qtbot, control, monkeypatch):
    def busy(self, names=(), **more):
        raise LedgerBusy("Another program writes.")

    monkeypatch.setattr(Program, "sync", busy)
    failures: list[object] = []
    control.failed.connect(failures.append)
    with qtbot.waitSignal(control.stopped, timeout=WAIT):
        control.grew.emit("Claude")
    assert failures == []


def test_nothing_is_watched_once_the_window_rests(desk, control):
    control.keep_fresh()
    control.rest()
    assert "plimsoll watch" not in {thread.name for thread in threading.enumerate()}
