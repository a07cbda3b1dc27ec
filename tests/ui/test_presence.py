"""The life in the tray: hidden only where there is a way back, and gone when it is asked to go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes import FakeProgram

from plimsoll.ui import presence
from plimsoll.ui.presence import Presence
from plimsoll.ui.tray import Tray
from plimsoll.ui.window import MainWindow

WAIT = 5000

pytestmark = pytest.mark.qt_log_ignore(
    "systemTrayWindowChanged", "does not support raise", extend=True
)
"""What Qt's offscreen platform says of a tray, and of a window that comes to the front."""


class Desktop:
    """A desktop whose tray comes and goes."""

    has_tray = True


@pytest.fixture
def desktop(monkeypatch) -> Desktop:
    made = Desktop()
    monkeypatch.setattr(Tray, "is_available", staticmethod(lambda: made.has_tray))
    return made


@pytest.fixture
def window(qtbot, light, desktop) -> Iterator[MainWindow]:
    program = FakeProgram()
    program.kept = replace(program.kept, in_tray=True)
    made = MainWindow(program)
    qtbot.addWidget(made)
    yield made
    program.release.set()
    made.leave()
    qtbot.waitUntil(lambda: not made.isVisible(), timeout=WAIT)


def shown(qtbot, window: MainWindow) -> Presence:
    with qtbot.waitSignal(window.page_settled, timeout=WAIT):
        window.show()
    return Presence(window.shell, window)


def gone(qtbot, window: MainWindow) -> bool:
    ends: list[bool] = []
    window.left.connect(lambda: ends.append(True))
    window.close()
    return bool(ends)


def test_closing_hides_where_the_user_wants_it_and_a_tray_brings_the_window_back(qtbot, window):
    here = shown(qtbot, window)
    assert not gone(qtbot, window)
    assert not window.isVisible()
    here.tray.open_asked.emit()
    assert window.isVisible()


def test_without_the_users_wish_closing_ends_the_program(qtbot, window):
    window.program.kept = replace(window.program.kept, in_tray=False)
    window._settings = window.program.kept
    shown(qtbot, window)
    assert gone(qtbot, window)


def test_without_a_tray_closing_ends_the_program(qtbot, window, desktop):
    shown(qtbot, window)
    desktop.has_tray = False
    assert gone(qtbot, window)


def test_the_menu_ends_the_program_and_the_icon_goes(qtbot, window):
    here = shown(qtbot, window)
    window.close()
    with qtbot.waitSignal(window.left, timeout=WAIT):
        here.tray.quit_asked.emit()
    assert not here.tray.is_shown
    assert not here._look.isActive()


def test_ctrl_q_ends_the_program_during_a_sync_too(qtbot, window):
    shown(qtbot, window)
    window.program.hold = True
    window.shell.sync()
    qtbot.waitUntil(window.program.started.is_set, timeout=WAIT)
    with qtbot.waitSignal(window.left, timeout=WAIT):
        window.shell.leave_asked.emit()


def test_a_tray_that_comes_later_is_taken(qtbot, window, desktop):
    desktop.has_tray = False
    here = shown(qtbot, window)
    assert here.tray is None
    desktop.has_tray = True
    here._look.timeout.emit()
    assert here.tray is not None
    assert here.tray.state == window.shell.status.mood
    desktop.has_tray = False
    fresh = MainWindow(window.program)
    qtbot.addWidget(fresh)
    late = Presence(fresh.shell, fresh)
    desktop.has_tray = True
    assert late.may_hide(), "also in the moment of closing"
    assert late.tray is not None
    fresh.leave()


def test_a_tray_that_goes_gives_the_window_back_but_not_while_a_panel_starts_anew(
    qtbot, window, desktop
):
    here = shown(qtbot, window)
    window.close()
    desktop.has_tray = False
    here._look.timeout.emit()
    desktop.has_tray = True
    here._look.timeout.emit()
    assert not window.isVisible()
    desktop.has_tray = False
    here._look.timeout.emit()
    assert not window.isVisible()
    here._look.timeout.emit()
    assert window.isVisible()


def test_a_start_in_the_background_shows_no_window_and_tells_its_state(qtbot, window):
    here = Presence(window.shell, window)
    with qtbot.waitSignal(window.shell.status.changed, timeout=WAIT):
        here.begin_hidden()
    assert not window.isVisible()
    assert here.tray.state == "failed"
    window.program.asked.clear()
    window.shell.announce_change()
    qtbot.waitUntil(lambda: "overview" in window.program.names_asked(), timeout=WAIT)


def test_at_login_the_tray_is_waited_for_and_then_the_window_opens(qtbot, window, desktop, capsys):
    desktop.has_tray = False
    here = Presence(window.shell, window)
    here.begin_hidden()
    for _ in range(presence._LOOKS_AT_START - 1):
        here._look.timeout.emit()
        assert not window.isVisible()
    here._look.timeout.emit()
    assert window.isVisible()
    assert capsys.readouterr().err == "This desktop has no tray, so the window opens.\n"
    assert here._look.interval() == presence._LOOK_EVERY_MS


def test_a_tray_that_comes_in_time_keeps_the_window_hidden(qtbot, window, desktop):
    desktop.has_tray = False
    here = Presence(window.shell, window)
    here.begin_hidden()
    here._look.timeout.emit()
    desktop.has_tray = True
    for _ in range(2 * presence._LOOKS_AT_START):
        here._look.timeout.emit()
    assert not window.isVisible()
    assert here.tray is not None


def test_the_end_of_the_session_waits_for_no_sync_and_hides_nothing(qtbot, window):
    shown(qtbot, window)
    window.program.hold = True
    window.shell.sync()
    qtbot.waitUntil(window.program.started.is_set, timeout=WAIT)
    window.hurry()
    assert gone(qtbot, window)
