"""Power: whether this machine runs on a battery, and how full it is, where the platform tells."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from plimsoll.services.bus import properties

LOW_PERCENT = 20
"""At and below this a battery is low, as UPower has it (`PercentageLow`)."""

SUPPLIES = Path("/sys/class/power_supply")

_UPOWER = "org.freedesktop.UPower"
_DISPLAY = f"/{_UPOWER.replace('.', '/')}/devices/DisplayDevice"
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Power:
    """What the platform tells of the battery; None where it tells nothing."""

    on_battery: bool | None = None
    percent: int | None = None

    @property
    def is_low(self) -> bool:
        """Whether a battery feeds this machine and is nearly empty; not where nobody knows."""
        return bool(self.on_battery) and self.percent is not None and self.percent <= LOW_PERCENT


def power() -> Power:
    """The battery as it is now; waits two seconds at most, for whoever is asked."""
    if sys.platform == "win32":
        return _from_windows()
    if sys.platform == "darwin":
        return from_pmset(_pmset())
    told = from_upower()
    return from_sys(SUPPLIES) if told.on_battery is None else told


def from_upower() -> Power:
    """What UPower tells over the system bus: it reads more kinds of batteries than we could."""
    whole = properties("SYSTEM", _UPOWER, "/org/freedesktop/UPower", _UPOWER)
    on_battery = whole.get("OnBattery")
    if not isinstance(on_battery, bool):
        return Power()
    battery = properties("SYSTEM", _UPOWER, _DISPLAY, f"{_UPOWER}.Device")
    percent = battery.get("Percentage") if battery.get("IsPresent") is True else None
    return Power(on_battery, round(percent) if isinstance(percent, float) else None)


def from_sys(supplies: Path) -> Power:
    """What the kernel tells: https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-power

    Batteries of mice and headsets (scope `Device`) do not feed the machine.
    """
    try:
        found = sorted(supplies.iterdir())
    except OSError:
        return Power()
    machine = [one for one in found if _line(one / "scope") != "Device"]
    mains = [_line(one / "online") for one in machine if _line(one / "type") in {"Mains", "USB"}]
    batteries = [one for one in machine if _line(one / "type") == "Battery"]
    if not batteries:
        return Power(on_battery=False) if mains else Power()
    levels = [level for one in batteries if (level := _line(one / "capacity")).isdigit()]
    discharging = any(_line(one / "status") == "Discharging" for one in batteries)
    on_battery = discharging and "1" not in mains
    return Power(on_battery, max(map(int, levels), default=None))


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def from_pmset(text: str) -> Power:
    """What `pmset -g batt` of macOS prints: `Now drawing from 'Battery Power'`, then ` 17%;`."""
    source = re.search(r"drawing from '([^']+)'", text)
    if source is None:
        return Power()
    level = re.search(r"(\d{1,3})%", text)
    return Power(source[1] == "Battery Power", int(level[1]) if level else None)


def _pmset() -> str:
    import subprocess

    try:
        run = subprocess.run(
            ["/usr/bin/pmset", "-g", "batt"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout


def from_status(line: int, percent: int) -> Power:
    """What `SYSTEM_POWER_STATUS` of Windows holds: ACLineStatus and BatteryLifePercent, each 255
    where it is not known.
    https://learn.microsoft.com/windows/win32/api/winbase/ns-winbase-system_power_status
    """
    return Power({0: True, 1: False}.get(line), percent if percent <= 100 else None)


if sys.platform == "win32":

    def _from_windows() -> Power:
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = (
                *((name, ctypes.c_ubyte) for name in ("line", "flag", "percent", "saver")),
                *((name, ctypes.c_ulong) for name in ("seconds", "seconds_full")),
            )

        status = Status()
        if not ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
            return Power()
        return from_status(status.line, status.percent)
