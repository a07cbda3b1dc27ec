"""The tray and the desktop's notifications: states, one message a sync, and never a freeze."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes import FakeProgram
from limits import alert
from overviews import overview
from PySide6.QtWidgets import QSystemTrayIcon

from plimsoll.services.answers import SourceOutcome, SyncOutcome
from plimsoll.services.bus import properties
from plimsoll.ui import tray
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.presence import Presence
from plimsoll.ui.tray import Notifier, Tray, alert_words, notify_over_dbus
from plimsoll.ui.window import MainWindow

WAIT = 5000
DBUS = "org.freedesktop.DBus"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is Linux's")


@pytest.fixture
def jobs(qapp) -> Iterator[Jobs]:
    lanes = Jobs()
    yield lanes
    lanes.close()


class FakeTray:
    """A tray that is shown, and remembers what it was told."""

    is_shown = True

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def message(self, title: str, body: str) -> None:
        self.told.append((title, body))


def test_the_menu_opens_syncs_and_quits(qtbot, light):
    made = Tray()
    names = [action.text() for action in made.menu.actions()]
    assert names == ["Open Plimsoll", "Sync now", "Quit"]
    signals = (made.open_asked, made.sync_asked, made.quit_asked)
    for action, signal in zip(made.menu.actions(), signals, strict=True):
        with qtbot.waitSignal(signal, timeout=WAIT):
            action.trigger()


def test_the_menu_tells_the_day_the_month_its_end_and_the_worst_budget(qtbot, light):
    made = Tray()
    seen = overview()
    for answer in (replace(seen, today=None, month_end=None), seen):
        made.show_facts(answer)
        *facts, separator, _, _, _ = made.menu.actions()
        assert separator.isSeparator()
        assert not any(action.isEnabled() for action in facts)
    words = [action.text() for action in facts]
    assert [w.partition(":")[0] for w in words] == [
        *("Today", "This month", "Month's end", "Budget All models")
    ]
    made.show_facts(replace(seen, today=None, month_end=None, budget=None, has_figures=False))
    assert [a.text() for a in made.menu.actions()] == ["Open Plimsoll", "Sync now", "Quit"]


def test_a_tray_shows_a_state_in_words_and_colour_and_no_number(qtbot, look):
    made = Tray()
    pictures, words = set(), set()
    for state in tray.STATES:
        made.show_state(state)
        assert made.state == state
        words.add(made._icon.toolTip())
        pictures.add(bytes(made._icon.icon().pixmap(24, 24).toImage().constBits()))
    assert len(words) == len(pictures) == 3
    assert not re.search(r"\d", "".join(words))


def test_without_a_tray_nothing_is_shown_and_nothing_breaks(qtbot, light, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    made = Tray()
    made.show()
    assert not made.is_shown


def test_several_alerts_are_one_notification(jobs):
    fake = FakeTray()
    notifier = Notifier(jobs, tray=fake)
    notifier.tell(())
    assert fake.told == []
    notifier.tell((alert(50), alert(80)))
    assert fake.told == [("Budgets need attention", f"{alert(50).sentence}\n{alert(80).sentence}")]
    assert alert_words((alert(80),)) == ("Budget “All models”", alert(80).sentence)


@linux_only
def test_without_a_tray_the_bus_is_asked_on_another_thread(jobs, qtbot, monkeypatch):
    told = []

    def notify(title: str, body: str) -> bool:
        told.append((title, body, threading.current_thread().name))
        return True

    monkeypatch.setattr(tray, "notify_over_dbus", notify)
    Notifier(jobs).tell((alert(80),))
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    assert told[0][:2] == alert_words((alert(80),))
    assert told[0][2] == "plimsoll network"


@linux_only
def test_a_missing_bus_is_no_failure(monkeypatch):
    assert notify_over_dbus("Title", "Body", patience=0.5) is False
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert notify_over_dbus("Title", "Body", patience=0.5) is False


@pytest.fixture
def bus(monkeypatch) -> Iterator[str]:
    """A session bus of our own."""
    daemon = shutil.which("dbus-daemon")
    if sys.platform != "linux" or daemon is None:
        pytest.skip("there is no dbus-daemon here")
    command = [daemon, "--session", "--nofork", "--nopidfile", "--print-address=1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
        process.terminate()


def test_the_desktop_gets_exactly_what_its_specification_asks_for(bus):
    from jeepney import HeaderFields, MessageType, new_method_return
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    got = []

    with open_dbus_connection() as desktop:
        desktop.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))

        def serve() -> None:
            while not got:
                message = desktop.receive(timeout=10)
                if message.header.message_type is MessageType.method_call:
                    fields = message.header.fields
                    got.append((fields[HeaderFields.signature], message.body))
                    desktop.send(new_method_return(message, "u", (1,)))

        server = threading.Thread(target=serve)
        server.start()
        assert notify_over_dbus("Budget", "80 % of <b>$3,400</b> & more", patience=10)
        server.join()
    signature, body = got[0]
    assert signature == "susssasa{sv}i"
    assert body[0] == "Plimsoll"
    assert body[3] == "Budget"
    assert body[4] == "80 % of &lt;b&gt;$3,400&lt;/b&gt; &amp; more"


def test_properties_are_read_from_a_real_bus(bus):
    told = properties("SESSION", DBUS, "/org/freedesktop/DBus", DBUS)
    assert isinstance(told["Features"], list)
    assert properties("SESSION", "org.nobody.Here", "/here", "org.nobody.Here") == {}


def test_a_bus_without_a_desktop_is_no_failure(bus):
    assert notify_over_dbus("Title", "Body", patience=5) is False


@pytest.mark.parametrize("wanted", [True, False])
def test_an_alert_reaches_the_desktop_only_if_the_user_wants_it(qtbot, light, monkeypatch, wanted):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    told = []
    monkeypatch.setattr(tray, "notify_over_dbus", lambda *words: told.append(words) or True)
    monkeypatch.setattr(tray.sys, "platform", "linux")
    program = FakeProgram()
    program.kept = type(program.kept)(theme="light", language="en", notifications=wanted)
    program.outcome = SyncOutcome((SourceOutcome("OpenAI", 1),), (alert(80),))
    window = MainWindow(program)
    qtbot.addWidget(window)
    Presence(window.shell, window)
    with qtbot.waitSignal(window.page_settled, timeout=WAIT):
        window.show()
    with qtbot.waitSignal(window.shell.alerted, timeout=WAIT):
        window.shell.sync()
    if wanted:
        qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    assert bool(told) is wanted
    window.close()


def test_the_tray_takes_the_mood_of_what_needs_the_user(qtbot, light):
    window = MainWindow(FakeProgram())
    qtbot.addWidget(window)
    assert window.shell.status.mood == "calm"
    window.shell.status.take(overview())
    assert window.shell.status.mood == "failed"
    window.close()
