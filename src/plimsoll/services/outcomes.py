"""How syncs go and end, and what *Test* says; light, because every sync needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plimsoll.domain.budget import Alert
    from plimsoll.domain.prepaid import Warned
    from plimsoll.services.overlaps import Overlap


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
