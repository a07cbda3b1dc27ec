"""What the tests of the window stand on: a clean look, and nothing left running behind."""

from __future__ import annotations

import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator

import pytest
import shiboken6
from fakes import FakeProgram
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from plimsoll.services.program import Program
from plimsoll.services.settings import Settings
from plimsoll.ui import garbage, theme, words
from plimsoll.ui.application import application_for
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.market import MarketPage
from plimsoll.ui.window import MainWindow

WAIT = 5000

_LANES = "plimsoll "
"""How the names of our own threads begin."""


@pytest.fixture(autouse=True)
def _fresh_words_and_colours() -> Iterator[None]:
    theme.forget_series()
    words.use_language("en")
    yield
    theme.forget_series()
    words.use_language("en")


@pytest.fixture(autouse=True)
def _cycles_go_on_this_thread() -> Iterator[None]:
    """As in the window: a lane's thread must not destroy what an earlier test left in a cycle."""
    with garbage.kept_to_this_thread():
        yield
        garbage.collect_if_due()


@pytest.fixture(autouse=True)
def _no_dangling_threads() -> Iterator[None]:
    """Every lane that a test opened must be closed by it."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 3
    mine = [t for t in threading.enumerate() if t not in before and t.name.startswith(_LANES)]
    for thread in mine:
        thread.join(max(0.0, until - time.monotonic()))
    left = [thread.name for thread in mine if thread.is_alive()]
    assert not left, f"still running: {left}; close the Jobs of this test"


@pytest.fixture(autouse=True)
def _no_dangling_timers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every timer that a test started must be stopped, or gone with its widget."""
    started: dict[int, tuple[weakref.ref[QTimer], str]] = {}
    start = QTimer.start

    def recorded(timer: QTimer, *arguments: int) -> None:
        where = "".join(traceback.format_stack(limit=4)[:-1])
        started[id(timer)] = (weakref.ref(timer), where)
        start(timer, *arguments)

    monkeypatch.setattr(QTimer, "start", recorded)
    yield
    for reference, where in started.values():
        timer = reference()
        running = timer is not None and shiboken6.isValid(timer) and timer.isActive()
        assert not running, f"a timer still runs; it was started at\n{where}"


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[theme.Theme]:
    """Both themes, one after the other, on the running application."""
    yield theme.use(request.param)
    theme.use("light")


@pytest.fixture
def light(qapp: QApplication) -> theme.Theme:
    """The light theme on the running application."""
    return theme.use("light")


@pytest.fixture
def show_market(qtbot: QtBot, look: object) -> Iterator[Callable[..., MarketPage]]:
    """Makes a Market page that shows what its program answers, in both themes, with its board."""
    jobs = Jobs()

    def make(**given: object) -> MarketPage:
        page = MarketPage(FakeProgram(**given), jobs)
        qtbot.addWidget(page)
        page.resize(1160, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        qtbot.waitUntil(lambda: jobs.is_idle, timeout=WAIT)
        return page

    yield make
    jobs.close()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, program: Program) -> Iterator[MainWindow]:
    """The window over the `program` of a test, light and in English, with its first page there."""
    application_for(Settings(theme="light", language="en"))
    shown = MainWindow(program)
    qtbot.addWidget(shown)
    with qtbot.waitSignal(shown.page_settled, timeout=WAIT):
        shown.show()
    yield shown
    shown.close()
    qtbot.waitUntil(lambda: not shown.isVisible(), timeout=WAIT)
