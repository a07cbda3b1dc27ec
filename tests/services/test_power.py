"""The battery, as each platform tells of it; where it tells nothing, nothing is held back."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.services import power
from plimsoll.services.bus import properties
from plimsoll.services.power import Power, from_pmset, from_status, from_sys


def supply(folder: Path, name: str, **lines: str) -> None:
    (folder / name).mkdir()
    for file, text in lines.items():
        (folder / name / file).write_text(f"{text}\n", encoding="utf-8")


def test_linux_tells_by_the_kernels_files(tmp_path: Path) -> None:
    assert from_sys(tmp_path / "none") == Power()
    supply(tmp_path, "mouse", type="Battery", scope="Device", capacity="3", status="Discharging")
    assert from_sys(tmp_path) == Power(), "a mouse's battery does not feed the machine"
    supply(tmp_path, "AC", type="Mains", online="0")
    assert from_sys(tmp_path) == Power(on_battery=False)
    supply(tmp_path, "BAT0", type="Battery", capacity="17", status="Discharging")
    assert from_sys(tmp_path) == Power(on_battery=True, percent=17)
    (tmp_path / "AC" / "online").write_text("1", encoding="utf-8")
    assert from_sys(tmp_path) == Power(on_battery=False, percent=17)


def test_upower_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "/org/freedesktop/UPower": {"OnBattery": True},
        "/org/freedesktop/UPower/devices/DisplayDevice": {"IsPresent": True, "Percentage": 12.4},
    }
    monkeypatch.setattr(power, "properties", lambda _bus, _name, path, _face: told[path])
    assert power.from_upower() == Power(on_battery=True, percent=12)
    told["/org/freedesktop/UPower/devices/DisplayDevice"]["IsPresent"] = False
    assert power.from_upower() == Power(on_battery=True)
    told["/org/freedesktop/UPower"].clear()
    assert power.from_upower() == Power()


def test_without_a_bus_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    assert properties("SYSTEM", "a.b", "/a/b", "a.b") == {}
    assert properties("SESSION", "a.b", "/a/b", "a.b") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Now drawing from 'AC Power'\n -InternalBattery-0\t93%; charged;", Power(False, 93)),
        ("Now drawing from 'Battery Power'\n -InternalBattery-0\t7%; discharging;", Power(True, 7)),
        ("Now drawing from 'AC Power'\n", Power(False)),
        ("", Power()),
    ],
)
def test_macos_tells_by_pmset(text: str, told: Power) -> None:
    assert from_pmset(text) == told


def test_windows_says_255_for_what_it_does_not_know() -> None:
    assert from_status(0, 15) == Power(on_battery=True, percent=15)
    assert from_status(1, 100) == Power(on_battery=False, percent=100)
    assert from_status(255, 255) == Power()


def test_a_battery_is_low_only_where_it_feeds_the_machine() -> None:
    assert Power(on_battery=True, percent=20).is_low
    assert not Power(on_battery=True, percent=21).is_low
    assert not Power(on_battery=False, percent=5).is_low
    assert not Power(on_battery=True).is_low
    assert not Power().is_low
