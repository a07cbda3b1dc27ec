"""A week's efficiency, as the window and the command line are told it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.analysis.efficiency import Kind, Measure
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Question


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to try: by which measure, where, what it would have saved in the latest week
    at list price, and the rows behind it.
    """

    kind: Kind
    source: str
    model: str
    tokens: int
    saving: Money
    question: Question


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The latest whole week by every measure that can be taken; `weeks` has it last.

    `not_final` says that it can still change, `missing` that some of its days are not known;
    `left_out` are sources whose money or whose tokens are not known well enough to be divided.
    """

    weeks: tuple[Period, ...]
    measures: tuple[Measure, ...] = ()
    action: Action | None = None
    not_final: bool = False
    missing: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def latest(self) -> Period:
        """The week that is looked at."""
        return self.weeks[-1]
