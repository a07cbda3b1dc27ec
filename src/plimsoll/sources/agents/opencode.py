"""OpenCode: messages in files, or in a database of one of two versions (logs/opencode_store.py)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Place
from plimsoll.sources.logs.opencode_store import Store, data_roots

NAME = "opencode"


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    return data_roots(place, given, folder="opencode", variable="OPENCODE_DATA_DIR")


AGENT = Agent(
    name=NAME,
    title="OpenCode",
    roots=_roots,
    files=Store(NAME, "opencode").files,
    missing=say(
        "Calls that make titles, and sessions that were deleted before the first "
        "sync, are not in its store."
    ),
)
