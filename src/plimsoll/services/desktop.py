"""Desktop: what can be told of the battery, the network, the tray and the schedule, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from plimsoll.services.bus import properties
from plimsoll.services.power import Power
from plimsoll.services.schedule import Turn

_NETWORK = "org.freedesktop.NetworkManager"
_METERED = {1: True, 2: False, 3: True, 4: False}
"""NMMetered: yes, no, a guess of either: https://networkmanager.dev/docs/api/latest/nm-dbus-types.html"""

_SPARING = "sources are asked four times as seldom"
_WATCHER = "org.kde.StatusNotifierWatcher"


def power_sentence(power: Power) -> str:
    """What is known of the battery, and what follows."""
    if power.on_battery is None:
        return "The platform tells nothing of a battery."
    level = "" if power.percent is None else f" at {power.percent} %"
    fed = f"On battery{level}" if power.on_battery else "On mains"
    return f"{fed}: {_SPARING if power.is_low else 'sources are asked as usual'}."


def network_sentence() -> str:
    """Whether NetworkManager says that the network is metered."""
    told = properties("SYSTEM", _NETWORK, f"/{_NETWORK.replace('.', '/')}", _NETWORK)
    word = told.get("Metered")
    metered = _METERED.get(word) if isinstance(word, int) else None
    if metered is None:
        return "Whether the network is metered is not told here; the window asks the system itself."
    return f"The network is metered: {_SPARING}." if metered else "The network is not metered."


def tray_sentence() -> str:
    """Whether the desktop has a tray of the kind that is told of over the session's bus."""
    told = properties("SESSION", _WATCHER, "/StatusNotifierWatcher", _WATCHER)
    if told.get("IsStatusNotifierHostRegistered") is True:
        return "This desktop has a tray."
    return "No tray is told of here; an older kind shows itself only to the window."


def turn_sentence(turn: Turn, now: datetime) -> str:
    """When a source is asked next."""
    if turn.at is None:
        return f"{turn.name}: waits for a key that works; it is not asked until then."
    when = "is due" if turn.at <= now else f"is asked at {turn.at:%Y-%m-%d %H:%M} UTC"
    after = "" if not turn.failures else f", after {_times(turn.failures)} without an answer"
    return f"{turn.name}: {when}{after}; every {_span(turn.rhythm)} while the window runs."


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


def _span(rhythm: timedelta) -> str:
    if rhythm >= timedelta(days=1):
        days = round(rhythm / timedelta(days=1))
        return "day" if days == 1 else f"{days} days"
    minutes = round(rhythm / timedelta(minutes=1))
    return "hour" if minutes == 60 else f"{minutes} minutes"
