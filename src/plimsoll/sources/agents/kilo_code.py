"""Kilo Code: tasks of its extension for editors, in the dialect of Roo Code, of which it is a fork.

Units, as its log writes them: see `logs/roo_tasks.py`; output includes reasoning. A request with
`usageMissing` got no count from the service: where it has one all the same, it is flagged as
estimated. Newer versions keep their sessions with those of its command line, which is another agent
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, Place
from plimsoll.sources.logs.editors import storage_within, storages
from plimsoll.sources.logs.roo_tasks import roo_dialect
from plimsoll.sources.logs.tasks import MESSAGES

NAME = "kilo-code"

_EXTENSION = "kilocode.kilo-code"


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [root for folder in given for root in storage_within(folder, (_EXTENSION,))]
    return storages(place, _EXTENSION)


AGENT = Agent(
    name=NAME,
    title="Kilo Code",
    roots=_roots,
    files=(Documents(MESSAGES, roo_dialect(NAME).read),),
    missing=say(
        "Tasks that were deleted before the first sync, and requests that ended "
        "without a count of tokens, are not in its logs."
    ),
)
