"""Cycles that hold widgets go on the GUI thread, whatever the lanes' threads allocate."""

from __future__ import annotations

import gc
import threading

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from plimsoll.ui import garbage
from plimsoll.ui.jobs import Job, Jobs

MANY = 50_000


def cycle_with_a_widget(destroyed_on: list[int]) -> None:
    label = QLabel("held by a cycle")
    label.destroyed.connect(lambda: destroyed_on.append(threading.get_ident()))
    holder: list[object] = [label]
    holder.append(holder)


def make_cycles(_job: Job) -> int:
    for _ in range(MANY):
        mine: list[object] = []
        mine.append(mine)
    return threading.get_ident()


def test_a_widget_in_a_cycle_outlives_the_work_of_the_lanes(
    qtbot: QtBot, qapp: QApplication
) -> None:
    destroyed_on: list[int] = []
    worked_on: list[int] = []
    jobs = Jobs()
    gc.collect()
    cycle_with_a_widget(destroyed_on)
    with qtbot.waitSignal(jobs.rested):
        jobs.ask(make_cycles, then=worked_on.append, failed=lambda _error: None)
    assert destroyed_on == []
    garbage.collect_if_due()
    assert destroyed_on == [threading.get_ident()] != worked_on
    assert jobs.close()


def test_nothing_is_looked_through_before_it_is_due(qapp: QApplication) -> None:
    gc.collect()
    before = [generation["collections"] for generation in gc.get_stats()]
    garbage.collect_if_due()
    assert [generation["collections"] for generation in gc.get_stats()] == before


def test_the_collector_comes_by_while_the_loop_runs(qtbot: QtBot, qapp: QApplication) -> None:
    destroyed_on: list[int] = []
    collector = garbage.Collector()
    collector._timer.setInterval(0)
    gc.collect()
    cycle_with_a_widget(destroyed_on)
    for _ in range(MANY):
        mine: list[object] = []
        mine.append(mine)
    qtbot.waitUntil(lambda: bool(destroyed_on))
    collector._timer.stop()


def test_the_usual_way_comes_back_afterwards() -> None:
    gc.enable()
    with garbage.kept_to_this_thread():
        assert not gc.isenabled()
    assert gc.isenabled()
