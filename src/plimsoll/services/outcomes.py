"""How syncs go and end, and what *Test* says; light, because every sync needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from plimsoll.domain.errors import FilesLeftUnread, OwnMistake
from plimsoll.domain.said import say

if TYPE_CHECKING:
    from plimsoll.domain.budget import Alert
    from plimsoll.domain.prepaid import Warned
    from plimsoll.services.overlaps import Overlap

REPORT_IT = say("Please report it.")


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is: a sentence that can be shown, and a share of 0 to 1 where it is known."""

    source: str
    sentence: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """How one source's sync ended: `failure` is empty when all went well."""

    source: str
    slices: int
    failure: str = ""
    title: str = ""
    not_before: datetime | None = None
    cancelled: bool = False
    mistake: OwnMistake | None = None
    """The bug of ours that is the failure; whoever ran the sync brings it to the edge."""

    @property
    def brought_nothing(self) -> bool:
        """Whether it failed as a whole; files that a reader broke on fail alone."""
        return bool(self.failure and not self.slices) and not isinstance(
            self.mistake, FilesLeftUnread
        )


def mistake_of(source: str, bug: Exception) -> OwnMistake:
    """That Plimsoll broke on what a source told it; the bug is its cause."""
    mistake = OwnMistake(
        say(
            "Plimsoll itself broke on what {source} told it ({kind}): what was stored stays, newer "
            "figures are missing.",
            source=source,
            kind=type(bug).__name__,
        ),
        remedy=REPORT_IT,
    )
    mistake.__cause__ = bug
    return mistake


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """How a whole sync ended, source by source, the alerts it made, and the sources that it found
    to see the same traffic and counts once from now on.
    """

    sources: tuple[SourceOutcome, ...] = ()
    alerts: tuple[Alert, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    warnings: tuple[Warned, ...] = ()
    """What it warns of balances."""
    left_out: tuple[str, ...] = ()
    """Sources that charge for each question and were asked today already."""

    @property
    def failed(self) -> tuple[SourceOutcome, ...]:
        """The sources that did not come through whole."""
        return tuple(s for s in self.sources if s.failure)


@dataclass(frozen=True, slots=True)
class TestLine:
    """One line of *Test*: what the key can (`ok`) or cannot read, and what to do about it."""

    ok: bool
    what: str
    remedy: str = ""
    essential: bool = True
