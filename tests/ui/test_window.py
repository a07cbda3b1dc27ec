"""The window: pages by keyboard, one sync at a time, safe closing, calm crashes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from august import NOW
from cards import sources_page
from fakes import FakeProgram
from limits import alert
from overviews import empty_overview
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from plimsoll.domain.errors import LedgerBroken, LedgerBusy
from plimsoll.services.answers import SourceOutcome, SyncOutcome
from plimsoll.services.outcomes import mistake_of
from plimsoll.services.schedule import SPREAD, Awake, Plan
from plimsoll.services.settings import Settings
from plimsoll.ui import theme, words
from plimsoll.ui.application import application_for
from plimsoll.ui.crash import CrashWatch, report_of
from plimsoll.ui.dialogs.crash import CrashDialog
from plimsoll.ui.dialogs.explain import Explain
from plimsoll.ui.dialogs.palette import Palette
from plimsoll.ui.network import Network
from plimsoll.ui.sidebar import WIDTH
from plimsoll.ui.widgets.notices import Banner
from plimsoll.ui.window import PANELS, SIDEBAR_WIDTH, MainWindow

WAIT = 5000

NO_POPUPS = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing the keyboard", extend=True
)
"""What Qt's offscreen platform says of a popup."""


@pytest.fixture
def program() -> FakeProgram:
    return FakeProgram()


@pytest.fixture
def window(qtbot, qapp, program) -> Iterator[MainWindow]:
    application_for(Settings(theme="light", language="en"))
    made = MainWindow(program)
    qtbot.addWidget(made)
    open_and_wait(qtbot, made)
    yield made
    program.release.set()
    finish(qtbot, made)


@pytest.fixture(autouse=True)
def _no_stray_windows(qapp) -> Iterator[None]:
    """A widget that is shown before it has a parent flashes up as a window of its own."""

    strays: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
                popup = watched.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
                meant = popup or isinstance(watched, MainWindow | QDialog)
                if watched.isWindow() and not meant:
                    strays.append(type(watched).__name__)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    yield
    qapp.removeEventFilter(watch)
    assert strays == []


def open_and_wait(qtbot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.page_settled, timeout=WAIT):
        window.show()
    with qtbot.waitActive(window, timeout=WAIT):
        window.activateWindow()


def finish(qtbot, window: MainWindow) -> None:
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)


def settle(qtbot, window: MainWindow, name: str) -> None:
    """Wait until a page shows the answer to its newest question."""
    qtbot.waitUntil(
        lambda: name in window.shell.pages and window.shell.pages[name].is_settled, timeout=WAIT
    )


def press(window: QWidget, keys: str) -> None:
    QTest.keySequence(window, QKeySequence(keys))


# --- pages ---


def test_the_first_frame_needs_no_page_and_the_page_follows_it(qtbot, qapp, program):
    made = MainWindow(program)
    qtbot.addWidget(made)
    assert made._shell is None
    assert program.asked == []
    open_and_wait(qtbot, made)
    assert list(made.shell.pages) == ["overview"]
    finish(qtbot, made)


def test_the_first_frame_has_the_colours_that_the_shell_will_have():
    for scheme, look in (("light", theme.LIGHT), ("dark", theme.DARK)):
        assert PANELS[scheme] == (look.window, look.card, look.border)
    assert SIDEBAR_WIDTH == WIDTH


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_frame_is_dark_where_the_user_wants_it_dark(qtbot, qapp, program, scheme):
    program.kept = replace(program.kept, theme=scheme)
    made = MainWindow(program)
    qtbot.addWidget(made)
    picture = made.grab().toImage()
    assert picture.pixelColor(4, 4).name().upper() == PANELS[scheme][1]
    assert picture.pixelColor(600, 300).name().upper() == PANELS[scheme][0]
    made.close()


def test_control_and_a_number_go_to_the_pages_and_alt_left_goes_back(qtbot, window):
    for keys, name in (
        *(
            ("Ctrl+2", "spend"),
            ("Ctrl+3", "budgets"),
            ("Ctrl+4", "check"),
            ("Ctrl+5", "market"),
            ("Ctrl+6", "sources"),
        ),
        ("Ctrl+,", "settings"),
    ):
        press(window, keys)
        assert window.shell.page_name == name
        settle(qtbot, window, name)
    press(window, "Alt+Left")
    assert window.shell.page_name == "sources"
    for _ in range(5):
        press(window, "Alt+Left")
    assert window.shell.page_name == "overview"
    press(window, "Alt+Left")
    assert window.shell.page_name == "overview"


def test_the_sidebar_marks_the_page_on_screen(qtbot, window):
    button = window.shell.sidebar.buttons["sources"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.shell.page_name == "sources"
    assert button.isChecked()
    assert not window.shell.sidebar.buttons["overview"].isChecked()
    settle(qtbot, window, "sources")


def test_an_unknown_page_changes_nothing(qtbot, window):
    window.shell.show_page("reports")
    assert window.shell.page_name == "overview"


def test_hidden_pages_ask_again_only_when_they_are_shown(qtbot, window, program):
    window.shell.show_page("budgets")
    settle(qtbot, window, "budgets")
    window.shell.show_page("overview")
    program.asked.clear()
    window.shell.announce_change()
    settle(qtbot, window, "overview")
    assert "budgets_page" not in program.names_asked()
    assert "overview" in program.names_asked()
    window.shell.show_page("budgets")
    settle(qtbot, window, "budgets")
    assert "budgets_page" in program.names_asked()


def test_f1_explains_every_page(qtbot, window):
    for name in ("overview", "budgets", "sources", "settings"):
        window.shell.show_page(name)
        settle(qtbot, window, name)
        press(window, "F1")
        dialog = window.findChild(Explain)
        assert dialog is not None
        assert dialog.isVisible()
        assert all(len(paragraph) > 40 for paragraph in dialog.paragraphs)
        dialog.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        with qtbot.waitActive(window, timeout=WAIT):
            window.activateWindow()


# --- the palette ---


@NO_POPUPS
def test_the_palette_finds_a_page_by_a_part_of_its_name(qtbot, window):
    press(window, "Ctrl+K")
    palette = window.findChild(Palette)
    assert palette is not None
    assert "Sources" in palette.titles
    qtbot.keyClicks(palette.field, "forec")
    assert palette.titles == ("Forecast & budgets",)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.shell.page_name == "budgets"
    settle(qtbot, window, "budgets")


@NO_POPUPS
def test_the_palette_runs_actions_and_says_nothing_of_what_it_does_not_find(qtbot, window):
    window.shell.open_palette()
    palette = window.findChild(Palette)
    qtbot.keyClicks(palette.field, "theme")
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    palette.field.setText("nothing like this")
    assert palette.titles == ()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.field.setText("dark theme")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert theme.current().dark
    qtbot.waitUntil(lambda: window.program.kept.theme == "dark", timeout=WAIT)
    window.shell.choose_theme("light")


# --- sync ---


def test_f5_syncs_everything_shows_progress_and_then_new_figures(qtbot, window, program):
    program.hold = True
    press(window, "F5")
    qtbot.waitUntil(lambda: "August" in window.shell.sidebar.status.sentence, timeout=WAIT)
    assert window.shell.sidebar.cancel.isVisible()
    assert ("sync", ()) in program.asked
    assert not window.shell.syncing.start()
    program.asked.clear()
    with qtbot.waitSignal(window.shell.data_changed, timeout=WAIT):
        program.release.set()
    settle(qtbot, window, "overview")
    assert "overview" in program.names_asked()
    assert not window.shell.sidebar.cancel.isVisible()
    assert window.shell.sidebar.status.sentence == "Synced 2 min ago · 2 sources"


def test_a_sync_can_be_stopped_from_the_sidebar(qtbot, window, program):
    program.hold = True
    window.shell.sync()
    qtbot.waitUntil(program.started.is_set, timeout=WAIT)
    with qtbot.waitSignal(window.shell.syncing.ended, timeout=WAIT) as ended:
        qtbot.mouseClick(window.shell.sidebar.cancel, Qt.MouseButton.LeftButton)
    assert ended.args[0].sources[0].cancelled
    assert not window.shell.syncing.is_running
    settle(qtbot, window, "overview")


def test_closing_during_a_sync_stops_it_first(qtbot, window, program):
    program.hold = True
    window.shell.sync()
    qtbot.waitUntil(program.started.is_set, timeout=WAIT)
    window.close()
    assert window.isVisible()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)
    assert not program.release.is_set()
    assert not window.shell.syncing.is_running


def test_closing_does_not_wait_for_ever_for_a_sync_that_does_not_stop(qtbot, qapp):
    class Deaf(FakeProgram):
        def sync(self, names=(), *, since=None, progress=None, cancelled=None):
            self.started.set()
            self.release.wait(30)
            return SyncOutcome()

    program = Deaf()
    window = MainWindow(program)
    qtbot.addWidget(window)
    window.shell._patience.setInterval(50)
    open_and_wait(qtbot, window)
    window.shell.sync()
    qtbot.waitUntil(program.started.is_set, timeout=WAIT)
    window.close()
    assert window.isVisible()
    threading.Timer(0.4, program.release.set).start()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)


def test_a_sync_that_cannot_be_done_is_said_in_a_banner(qtbot, window, program, monkeypatch):
    def busy(*_, **__):
        raise LedgerBusy("Another Plimsoll is writing.", remedy="Wait a little.")

    monkeypatch.setattr(program, "sync", busy)
    with qtbot.waitSignal(window.shell.syncing.stopped, timeout=WAIT):
        window.shell.sync()
    with qtbot.waitSignal(window.shell.syncing.stopped, timeout=WAIT):
        window.shell.sync()
    banner = window.findChild(Banner)
    sentences = [b.sentence for b in window.findChildren(Banner) if b.isVisible()]
    assert sentences == ["Another Plimsoll is writing. Wait a little."]
    assert banner is not None


def test_alerts_go_elsewhere_after_every_sync_and_on_another_thread(
    qtbot, window, program, monkeypatch
):
    threads = []

    def deliver(*, cancelled: Callable[[], bool]) -> tuple[object, ...]:
        assert not cancelled()
        threads.append(threading.current_thread())
        return ()

    monkeypatch.setattr(program, "deliver_alerts", deliver)
    window.shell.sync()
    qtbot.waitUntil(lambda: bool(threads), timeout=WAIT)
    assert threading.main_thread() not in threads


def test_an_alert_is_shown_in_the_window_and_told_on(qtbot, window, program):
    program.outcome = SyncOutcome((SourceOutcome("OpenAI", 1),), (alert(80),))
    with qtbot.waitSignal(window.shell.alerted, timeout=WAIT) as told:
        window.shell.sync()
    assert told.args[0] == (alert(80),)
    shown = [b for b in window.findChildren(Banner) if b.isVisible()]
    assert [b.sentence for b in shown] == [alert(80).sentence]
    qtbot.mouseClick(shown[0].action, Qt.MouseButton.LeftButton)
    assert window.shell.page_name == "budgets"
    assert not shown[0].isVisible()
    settle(qtbot, window, "budgets")


def test_the_clock_pulls_what_is_due_and_what_the_user_wants_meanwhile_follows(
    qtbot, window, program
):
    plans = [Plan(now=("OpenAI",))]
    program.plan_answer = lambda online, metered: plans.pop() if plans else Plan()
    program.hold = True
    window.shell.syncing.keep_fresh()
    qtbot.waitUntil(program.started.is_set, timeout=WAIT)
    assert ("sync", ("OpenAI",)) in program.asked
    assert window.shell.syncing.start(), "asking by hand is always possible"
    with qtbot.waitSignals([window.shell.syncing.ended] * 2, timeout=WAIT):
        program.release.set()
    assert [names for what, names in program.asked if what == "sync"] == [("OpenAI",), ()]
    settle(qtbot, window, "overview")


def test_the_schedule_is_looked_at_when_something_is_due_and_every_five_minutes(
    qtbot, window, program
):
    control = window.shell.syncing
    for wait, told in ((90, 90), (1, 60), (4000, 300), (None, 300)):
        at = None if wait is None else NOW + timedelta(seconds=wait)
        program.plan_answer = lambda online, metered, at=at: Plan(next_at=at)
        with qtbot.waitSignal(control.looked, timeout=WAIT):
            control.freshen() if control._awake else control.keep_fresh()
        qtbot.waitUntil(control._look.isActive, timeout=WAIT)
        assert control._look.interval() == told * 1000


def test_a_look_that_comes_late_says_that_the_machine_slept(qtbot, window, program):
    control = window.shell.syncing
    with qtbot.waitSignal(control.looked, timeout=WAIT):
        control.keep_fresh()
    assert control._awake.spread == timedelta(), "its user waits for the figures"
    qtbot.waitUntil(control._look.isActive, timeout=WAIT)
    program.clock._now = NOW + timedelta(hours=9)
    with qtbot.waitSignal(control.looked, timeout=WAIT):
        control.freshen()
    assert control._awake == Awake(NOW + timedelta(hours=9), SPREAD)


def test_without_a_network_it_is_said_and_when_it_comes_the_schedule_is_looked_at(
    qtbot, window, program, monkeypatch
):
    monkeypatch.setattr(QNetworkInformation, "loadDefaultBackend", lambda: False)
    network, control = Network(), window.shell.syncing
    assert (network.is_online, network.is_metered) == (True, False), "where nobody knows"
    network.take(is_online=False, is_metered=False)
    with qtbot.waitSignal(control.looked, timeout=WAIT):
        control.keep_fresh(network)
    assert "offline" in window.shell.status.sentence()
    with qtbot.waitSignal(control.looked, timeout=WAIT):
        network.take(is_online=True, is_metered=True)
    assert "metered network" in window.shell.status.sentence()
    control.rest()


# --- states ---


def test_the_first_start_says_that_there_is_no_source_and_leads_to_one(qtbot, qapp):
    program = FakeProgram(
        overview_answer=lambda span, currency: empty_overview(),
        sources_answer=lambda: sources_page(()),
    )
    window = MainWindow(program)
    qtbot.addWidget(window)
    open_and_wait(qtbot, window)
    assert window.shell.sidebar.status.sentence == "No source yet"
    page = window.shell.page
    assert page.empty.isVisible()
    assert not page.full.isVisible()
    qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert window.shell.page_name == "sources"
    qtbot.waitUntil(lambda: window.shell.page.adding is not None, timeout=WAIT)
    window.shell.page.adding.close()
    finish(qtbot, window)


def test_a_broken_archive_is_said_on_the_page_and_the_window_lives(qtbot, qapp):
    program = FakeProgram(failure=LedgerBroken("The archive is damaged.", remedy="Restore it."))
    window = MainWindow(program)
    qtbot.addWidget(window)
    open_and_wait(qtbot, window)
    assert window.shell.page.trouble == "The archive is damaged. Restore it."
    program.failure = None
    window.shell.announce_change()
    settle(qtbot, window, "overview")
    assert window.shell.page.trouble == ""
    finish(qtbot, window)


# --- settings ---


def test_a_theme_is_used_at_once_and_kept(qtbot, window, program):
    window.shell.show_page("settings")
    settle(qtbot, window, "settings")
    with qtbot.waitSignal(window.shell.page.settings_chosen, timeout=WAIT):
        qtbot.mouseClick(window.shell.page.theme.button("dark"), Qt.MouseButton.LeftButton)
    assert theme.current().dark
    qtbot.waitUntil(lambda: program.kept.theme == "dark", timeout=WAIT)
    qtbot.mouseClick(window.shell.page.theme.button("light"), Qt.MouseButton.LeftButton)
    assert not theme.current().dark


def test_another_language_makes_the_window_anew(qtbot, window, program):
    window.shell.show_page("settings")
    settle(qtbot, window, "settings")
    before = window.shell.page
    qtbot.mouseClick(before.language.button("zh_CN"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.shell.page is not before, timeout=WAIT)
    settle(qtbot, window, "settings")
    assert words.language() == "zh_CN"
    assert window.shell.page.title == "设置"
    assert window.shell.sidebar.buttons["overview"].accessibleName() == "概览"
    qtbot.waitUntil(lambda: program.kept.language == "zh_CN", timeout=WAIT)


def test_notifications_can_be_switched_off(qtbot, window, program):
    window.shell.show_page("settings")
    settle(qtbot, window, "settings")
    window.shell.page.notices.notifications.click()
    assert window.shell.settings.notifications is False
    qtbot.waitUntil(lambda: program.kept.notifications is False, timeout=WAIT)


def test_another_currency_to_show_all_in_makes_every_page_ask_again(qtbot, window, program):
    window.shell.show_page("settings")
    settle(qtbot, window, "settings")
    with qtbot.waitSignal(window.shell.data_changed, timeout=WAIT):
        window.shell.change_settings(replace(window.shell.settings, display_currency="CNY"))
    assert program.kept.display_currency == "CNY"
    settle(qtbot, window, "settings")
    assert window.shell.page.currencies.display.currentText() == "CNY"


# --- crashes ---


def test_a_bug_is_reported_once_without_the_key_and_the_program_lives(qtbot, qapp, capsys):
    watch = CrashWatch()
    reports = []
    watch.caught.connect(reports.append)
    bug = RuntimeError("went wrong with sk-admin-abcdefghijklmnopqrstuvwxyz3f9a")
    for _ in range(3):
        watch.catch(type(bug), bug, bug.__traceback__)
    assert len(reports) == 1
    assert "RuntimeError" in reports[0]
    assert "abcdefghijklmnop" not in reports[0]
    assert "abcdefghijklmnop" not in capsys.readouterr().err


def test_the_hooks_catch_threads_too_and_are_put_back(qtbot, qapp, capsys):
    before = (sys.excepthook, threading.excepthook)
    watch = CrashWatch()
    watch.install()
    try:
        with qtbot.waitSignal(watch.caught, timeout=WAIT) as caught:
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    finally:
        watch.uninstall()
    assert "ZeroDivisionError" in caught.args[0]
    assert (sys.excepthook, threading.excepthook) == before


def test_a_mistake_within_a_sync_is_reported_when_the_sync_is_over(
    qtbot, window, program, monkeypatch
):
    mistake = mistake_of("OpenAI", KeyError("usage"))
    program.outcome = SyncOutcome((SourceOutcome("OpenAI", 1, str(mistake), mistake=mistake),))
    bugs = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, bug, _trace: bugs.append(bug))
    with qtbot.waitSignal(window.shell.syncing.stopped, timeout=WAIT):
        window.shell.sync()
    assert bugs == [mistake]
    assert "KeyError: 'usage'" in report_of(mistake, None)


def test_the_report_can_be_copied(qtbot, window, qapp):
    window.show_crash("Plimsoll broke here")
    qtbot.waitUntil(lambda: window.findChild(CrashDialog) is not None, timeout=WAIT)
    dialog = window.findChild(CrashDialog)
    assert dialog.isVisible()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert qapp.clipboard().text() == "Plimsoll broke here"
    dialog.close()


# --- room ---


@pytest.mark.parametrize("size", [(1440, 940), (1024, 700)])
def test_nothing_is_wider_than_the_window(qtbot, look, window, size):
    window.resize(*size)
    for name in ("overview", "budgets", "sources", "settings"):
        window.shell.show_page(name)
        settle(qtbot, window, name)
        page = window.shell.page
        bar = page.scroller.horizontalScrollBar()
        qtbot.waitUntil(lambda bar=bar: bar.maximum() == 0, timeout=WAIT)
        room = page.scroller.viewport().width()
        wide = [
            (type(child).__name__, child.accessibleName())
            for child in page.content.findChildren(QWidget)
            if child.isVisible() and child.mapTo(page.content, child.rect().topRight()).x() > room
        ]
        assert wide == []
