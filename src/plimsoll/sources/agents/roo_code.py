"""Roo Code: tasks of its extension for editors, in the format that it shares with Cline.

Units, as its log writes them: see `logs/roo_tasks.py`; output includes reasoning. A task that
another one started is a subagent's. What condensing a conversation cost is told in dollars only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, Place
from plimsoll.sources.logs.editors import storage_within, storages
from plimsoll.sources.logs.roo_tasks import roo_dialect
from plimsoll.sources.logs.tasks import MESSAGES

NAME = "roo-code"

_EXTENSION = "rooveterinaryinc.roo-cline"


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [root for folder in given for root in storage_within(folder, (_EXTENSION,))]
    return storages(place, _EXTENSION)


AGENT = Agent(
    name=NAME,
    title="Roo Code",
    roots=_roots,
    files=(Documents(MESSAGES, roo_dialect(NAME).read),),
    missing=say(
        "Tasks that were deleted before the first sync, and requests that ended "
        "without a count of tokens, are not in its logs."
    ),
)
