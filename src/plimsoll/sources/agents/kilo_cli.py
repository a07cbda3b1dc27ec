"""Kilo CLI: a fork of OpenCode with a store like OpenCode's (logs/opencode_store.py)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Place
from plimsoll.sources.logs.opencode_store import Store, data_roots

NAME = "kilo-cli"


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    return data_roots(place, given, folder="kilo", variable="KILO_DATA_DIR")


AGENT = Agent(
    name=NAME,
    title="Kilo CLI",
    roots=_roots,
    files=Store(NAME, "kilo").files,
    missing=say(
        "Calls that make titles, and sessions that were deleted before the first "
        "sync, are not in its store."
    ),
)
