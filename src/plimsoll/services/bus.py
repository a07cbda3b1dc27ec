"""The desktop's buses: what Linux's services tell over D-Bus, asked with short patience."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

_NOTHING: Mapping[str, object] = MappingProxyType({})
PATIENCE = 1.0
"""Seconds: a service on this machine answers at once, or not at all."""


def properties(
    bus: Literal["SYSTEM", "SESSION"], service: str, path: str, interface: str
) -> Mapping[str, object]:
    """All properties of one object; none where there is no bus, no such service, or no answer."""
    if sys.platform != "linux":
        return _NOTHING
    try:
        from jeepney import DBusAddress, Properties  # type: ignore[import-untyped]
        from jeepney.io.blocking import (  # type: ignore[import-untyped]
            open_dbus_connection,
        )

        address = DBusAddress(path, bus_name=service, interface=interface)
        with open_dbus_connection(bus) as connection:
            reply = connection.send_and_get_reply(Properties(address).get_all(), timeout=PATIENCE)
    except (ImportError, OSError, KeyError, ValueError, RuntimeError):
        return _NOTHING
    if reply.header.message_type.name != "method_return":
        return _NOTHING
    return {name: value for name, (_, value) in reply.body[0].items()}
