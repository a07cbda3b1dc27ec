"""Lanes of work: answers on the GUI thread, nothing after a page is gone, nothing waits in vain."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from plimsoll.domain.errors import Cancelled, NoAnswer, PlimsollError, VaultSilent
from plimsoll.ui.jobs import Job, Jobs

PATIENCE = 5.0
"""Seconds that a test would wait at most; none does."""


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close(PATIENCE), "a lane did not end"


class Answers(QObject):
    """Keeps what came, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []
        self.refused: list[PlimsollError] = []
        self.news: list[Any] = []
        self.on_gui_thread: list[bool] = []

    def then(self, answer: object) -> None:
        self.got.append(answer)
        self.on_gui_thread.append(QThread.currentThread() is self.thread())

    def failed(self, error: PlimsollError) -> None:
        self.refused.append(error)
        self.on_gui_thread.append(QThread.currentThread() is self.thread())

    def told(self, news: object) -> None:
        self.news.append(news)
        self.on_gui_thread.append(QThread.currentThread() is self.thread())


@pytest.fixture
def answers(qapp: QApplication) -> Answers:
    return Answers()


Lane = Callable[..., Job]


@pytest.fixture(params=["download", "write", "ask", "keyring"])
def lane(request: pytest.FixtureRequest, jobs: Jobs) -> Lane:
    return getattr(jobs, request.param)  # type: ignore[no-any-return]


def settle(qtbot: QtBot, jobs: Jobs) -> None:
    """Until everything that was posted has been delivered: the reading lane comes last."""
    done: list[int] = []
    jobs.ask(lambda _: 1, then=done.append, failed=lambda _: None)
    qtbot.waitUntil(lambda: bool(done))


def test_an_answer_comes_back_on_the_gui_thread(qtbot: QtBot, lane: Lane, answers: Answers) -> None:
    worked_on: list[int] = []

    def work(_: Job) -> str:
        worked_on.append(threading.get_ident())
        return "answer"

    job = lane(work, then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: bool(answers.got))
    assert answers.got == ["answer"]
    assert answers.on_gui_thread == [True]
    assert worked_on != [threading.get_ident()]
    assert job.is_settled


def test_the_lanes_rest_when_the_last_answer_was_given_and_not_before(
    qtbot: QtBot, jobs: Jobs, answers: Answers
) -> None:
    """What an answer asks for in its turn is under way, too."""

    def ask_again(_answer: object) -> None:
        jobs.ask(lambda _job: 2, then=answers.then, failed=answers.failed)

    assert jobs.is_idle
    with qtbot.waitSignal(jobs.rested):
        jobs.write(lambda _job: 1, then=ask_again, failed=answers.failed, receiver=answers)
        assert not jobs.is_idle
    assert (answers.got, jobs.is_idle) == ([2], True)


def test_a_known_error_goes_to_failed(qtbot: QtBot, lane: Lane, answers: Answers) -> None:
    error = NoAnswer("No network.")

    def work(_: Job) -> None:
        raise error

    lane(work, then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: bool(answers.refused))
    assert answers.refused == [error]
    assert answers.got == []
    assert answers.on_gui_thread == [True]


def test_our_bug_goes_to_the_edge_and_nowhere_else(
    qtbot: QtBot, lane: Lane, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge: list[BaseException] = []

    def hook(
        _kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
    ) -> None:
        edge.append(error)

    monkeypatch.setattr(sys, "excepthook", hook)
    lane(lambda _: {}["nothing"], then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: bool(edge))
    assert isinstance(edge[0], KeyError)
    assert edge[0].__traceback__ is not None
    assert (answers.got, answers.refused) == ([], [])


def test_of_many_reports_the_newest_is_told(qtbot: QtBot, jobs: Jobs, answers: Answers) -> None:
    reported = threading.Event()

    def work(job: Job) -> str:
        for count in range(1000):
            job.report(count)
        reported.set()
        return "done"

    jobs.download(work, then=answers.then, failed=answers.failed, progress=answers.told)
    assert reported.wait(PATIENCE)
    qtbot.waitUntil(lambda: bool(answers.got))
    assert answers.news == [999]
    assert all(answers.on_gui_thread)


def test_cancelled_work_may_still_say_what_came(qtbot: QtBot, jobs: Jobs, answers: Answers) -> None:
    began, told = threading.Event(), threading.Event()

    def work(job: Job) -> str:
        began.set()
        told.wait(PATIENCE)
        return "half" if job.is_cancelled() else "whole"

    job = jobs.download(work, then=answers.then, failed=answers.failed)
    assert began.wait(PATIENCE)
    job.cancel()
    told.set()
    qtbot.waitUntil(lambda: bool(answers.got))
    assert answers.got == ["half"]


def test_work_cancelled_before_it_began_is_never_done(
    qtbot: QtBot, jobs: Jobs, answers: Answers
) -> None:
    gate, done = threading.Event(), []
    jobs.write(lambda _: gate.wait(PATIENCE), failed=answers.failed)
    job = jobs.write(lambda _: done.append(1), then=answers.then, failed=answers.failed)
    job.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(answers.refused))
    assert isinstance(answers.refused[0], Cancelled)
    assert done == []


def test_a_forgotten_job_never_answers(qtbot: QtBot, jobs: Jobs, answers: Answers) -> None:
    gate = threading.Event()
    job = jobs.ask(lambda _: gate.wait(PATIENCE), then=answers.then, failed=answers.failed)
    job.forget()
    gate.set()
    settle(qtbot, jobs)
    assert (answers.got, answers.refused) == ([], [])
    assert job.is_settled


def test_a_destroyed_page_gets_no_callback(qtbot: QtBot, jobs: Jobs) -> None:
    page = QLabel()
    gate, called = threading.Event(), []
    jobs.ask(lambda _: gate.wait(PATIENCE), then=called.append, failed=called.append, receiver=page)
    with qtbot.waitSignal(page.destroyed):
        page.deleteLater()
    gate.set()
    settle(qtbot, jobs)
    assert called == []


def test_the_owner_of_a_method_is_its_receiver(qtbot: QtBot, jobs: Jobs, answers: Answers) -> None:
    gate = threading.Event()
    jobs.ask(lambda _: gate.wait(PATIENCE), then=answers.then, failed=answers.failed)
    got = answers.got
    with qtbot.waitSignal(answers.destroyed):
        answers.deleteLater()
    gate.set()
    settle(qtbot, jobs)
    assert got == []


@pytest.mark.parametrize("name", ["write", "ask"])
def test_ledger_work_is_done_one_after_the_other(
    qtbot: QtBot, jobs: Jobs, answers: Answers, name: str
) -> None:
    inside: list[int] = []
    lock = threading.Lock()

    def work(number: int) -> Callable[[Job], int]:
        def one(_: Job) -> int:
            assert lock.acquire(blocking=False), "two at once"
            inside.append(number)
            lock.release()
            return number

        return one

    for number in range(50):
        getattr(jobs, name)(work(number), then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: len(answers.got) == 50)
    assert answers.got == inside == list(range(50))


def test_reading_does_not_wait_for_a_writer_nor_for_the_network(
    qtbot: QtBot, jobs: Jobs, answers: Answers
) -> None:
    gate = threading.Event()
    for _ in range(9):
        jobs.download(lambda _: gate.wait(PATIENCE), failed=answers.failed)
    jobs.write(lambda _: gate.wait(PATIENCE), failed=answers.failed)
    jobs.ask(lambda _: "read", then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: answers.got == ["read"])
    gate.set()


def test_four_downloads_run_at_once(qtbot: QtBot, jobs: Jobs, answers: Answers) -> None:
    meeting = threading.Barrier(4)
    for _ in range(4):
        jobs.download(lambda _: meeting.wait(PATIENCE), then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: len(answers.got) == 4)


def test_a_silent_keyring_is_given_up_and_costs_nothing_else(
    qtbot: QtBot, jobs: Jobs, answers: Answers
) -> None:
    gate = threading.Event()
    job = jobs.keyring(
        lambda _: gate.wait(PATIENCE), then=answers.then, failed=answers.failed, deadline=0.01
    )
    qtbot.waitUntil(lambda: bool(answers.refused))
    assert isinstance(answers.refused[0], VaultSilent)
    jobs.keyring(lambda _: "second", then=answers.then, failed=answers.failed)
    qtbot.waitUntil(lambda: bool(answers.got))
    gate.set()
    settle(qtbot, jobs)
    assert answers.got == ["second"], "a late answer is no answer"
    assert len(answers.refused) == 1
    assert job.is_settled


def test_a_callback_may_run_an_event_loop_of_its_own(
    qtbot: QtBot, jobs: Jobs, answers: Answers
) -> None:
    def ask_again(_: object) -> None:
        jobs.ask(lambda _: "inner", then=answers.then, failed=answers.failed)
        qtbot.waitUntil(lambda: "inner" in answers.got)  # a nested loop, as a dialog has
        answers.then("outer")

    jobs.ask(lambda _: 0, then=ask_again, failed=answers.failed)
    qtbot.waitUntil(lambda: "outer" in answers.got)
    assert answers.got == ["inner", "outer"]


def test_closing_during_work_waits_a_little_and_answers_nothing_more(
    qtbot: QtBot, qapp: QApplication, answers: Answers
) -> None:
    jobs = Jobs()
    began, gate = threading.Event(), threading.Event()

    def work(job: Job) -> str:
        began.set()
        gate.wait(PATIENCE)
        job.report("late news")
        return "late"

    working = jobs.write(work, then=answers.then, failed=answers.failed, progress=answers.told)
    waiting = jobs.write(lambda _: "never", then=answers.then, failed=answers.failed)
    assert began.wait(PATIENCE)
    assert not jobs.close(0.0), "it still works"
    assert working.is_cancelled()
    gate.set()
    assert jobs.close(PATIENCE)
    qapp.processEvents()
    assert (answers.got, answers.refused, answers.news) == ([], [], [])
    assert waiting.is_settled


def test_after_closing_nothing_is_begun(qtbot: QtBot, qapp: QApplication, answers: Answers) -> None:
    jobs = Jobs()
    jobs.close(0.0)
    job = jobs.ask(lambda _: 1, then=answers.then, failed=answers.failed)
    jobs.keyring(lambda _: 1, then=answers.then, failed=answers.failed)
    assert job.is_settled
    assert answers.got == []


def test_a_widget_held_by_a_job_is_never_destroyed_on_a_lane(qtbot: QtBot, jobs: Jobs) -> None:
    died_on: list[int] = []

    class Held:
        def __del__(self) -> None:
            died_on.append(threading.get_ident())

    for _ in range(20):
        held, done = Held(), []
        jobs.ask(lambda _, held=held: held is None, then=done.append, failed=lambda _: None)
        del held
        qtbot.waitUntil(lambda done=done: bool(done))
        settle(qtbot, jobs)
    assert len(died_on) == 20
    assert set(died_on) == {threading.get_ident()}
