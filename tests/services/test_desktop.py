"""What doctor tells of the machine's surroundings and of the schedule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from made_up import NOW, SetClock

from plimsoll.domain.errors import KeyRejected, NoAnswer
from plimsoll.ledger import catalog, runs
from plimsoll.ledger.database import Ledger
from plimsoll.services import desktop, login
from plimsoll.services.doctor import Check, examine
from plimsoll.services.power import Power


def test_the_battery_in_words() -> None:
    assert desktop.power_sentence(Power()) == "The platform tells nothing of a battery."
    assert desktop.power_sentence(Power(on_battery=False, percent=90)) == (
        "On mains: sources are asked as usual."
    )
    assert desktop.power_sentence(Power(on_battery=True, percent=12)) == (
        "On battery at 12 %: sources are asked four times as seldom."
    )


@pytest.mark.parametrize(
    ("told", "said"), [(1, "is metered"), (3, "is metered"), (4, "not"), (0, "not told")]
)
def test_the_network_in_words(monkeypatch: pytest.MonkeyPatch, told: int, said: str) -> None:
    monkeypatch.setattr(desktop, "properties", lambda *_: {"Metered": told})
    assert said in desktop.network_sentence()


def test_the_tray_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert desktop.tray_sentence().startswith("No tray is told of here")
    monkeypatch.setattr(desktop, "properties", lambda *_: {"IsStatusNotifierHostRegistered": True})
    assert desktop.tray_sentence() == "This desktop has a tray."


def ran(ledger: Ledger, source: int, *, ok: bool, title: str = "") -> None:
    runs.finish_run(ledger, runs.start_run(ledger, source), ok=ok, title=title, sentence=title)


def checks(folder: Path, name: str) -> list[Check]:
    found = examine(folder, clock=SetClock(NOW + timedelta(minutes=20)), environ={})
    return [check for check in found.checks if check.name == name]


def test_doctor_says_when_each_source_is_asked_next(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path, clock=SetClock())
    for name, connector in (("Good", "openai"), ("Bad", "openai"), ("Ill", "deepseek")):
        catalog.add_source(ledger, name=name, connector=connector, key_tail="abcd")
    catalog.add_source(ledger, name="New", connector="bedrock", key_tail="abcd")
    ran(ledger, 1, ok=True)
    ran(ledger, 2, ok=False, title=KeyRejected.title)
    for _ in range(3):
        ran(ledger, 3, ok=False, title=NoAnswer.title)
    ledger.close()
    good, bad, ill, new = (check.sentence for check in checks(tmp_path, "schedule"))
    assert good.startswith("Good: is asked at 2026-11-20 10:3")
    assert good.endswith("UTC; every hour while the window runs.")
    assert bad == "Bad: waits for a key that works; it is not asked until then."
    assert ill.startswith("Ill: is asked at 2026-11-20 10:3")
    assert ill.endswith("after 3 times without an answer; every 15 minutes while the window runs.")
    assert new == "New: is due; every day while the window runs."


def test_doctor_says_what_starts_at_login_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    [off] = checks(tmp_path, "login")
    assert (off.ok, off.sentence) == (None, "Not started at login.")
    entry, command = login.entry_and_command(tmp_path)
    try:
        login.choose(entry, command, on=True)
        [on] = checks(tmp_path, "login")
        assert (on.ok, on.sentence) == (None, f"Started at login ({entry.where}).")
        login.choose(entry, ("/gone/plimsoll",), on=True)
        [gone] = checks(tmp_path, "login")
        assert gone.ok is False
        assert gone.sentence == "It is set to start something else: /gone/plimsoll."
        assert gone.remedy
    finally:
        login.choose(entry, command, on=False)
