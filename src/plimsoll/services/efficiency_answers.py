"""A week's efficiency, as the window and the command line are told it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from plimsoll.analysis.efficiency import Kind, Measure
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question


class Basis(StrEnum):
    """What a saving rests on: money that was billed or is estimated, or list prices; under a plan
    these are worth, and not owed.
    """

    BILLED = "billed"
    ESTIMATED = "estimated"
    BILLED_AND_ESTIMATED = "billed and estimated"
    LIST = "list price"
    PLAN = "plan"
    PARTLY_PLAN = "partly plan"


class Quiet(StrEnum):
    """Why a measure suggests nothing: it is as usual, or outside of it on the side that costs
    nothing; its history is too short, or it is not known; no part of it has money, prices and weeks
    enough that are all known; or no part that has a usual of its own lies beyond it; or it would
    not save a hundredth of the week's spend; or it is an indicator, behind which no money is known.
    """

    USUAL = "usual"
    COSTS_NOTHING = "costs nothing"
    TOO_SHORT = "too short"
    NOT_KNOWN = "not known"
    PARTS_NOT_KNOWN = "parts not known"
    NO_PART = "no part"
    TOO_SMALL = "too small"
    INDICATOR = "indicator"


class LeftOut(StrEnum):
    """Why days of a source are not in a measure."""

    TWO_CURRENCIES = "two currencies"
    NOT_PRICED = "not priced"
    PART_NOT_PRICED = "part not priced"
    """Only their tokens without a price are not; the money is for the others."""

    PLAN = "plan"
    NO_MONEY = "no money"
    NO_TOKENS = "no tokens"
    NO_REQUESTS = "no requests"
    NO_REASONING = "no reasoning"
    NO_LIST_PRICE = "no list price"
    PAID_ELSEWHERE = "paid elsewhere"


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to try for a measure: where, what it would have saved in the latest week and by
    what money that is said, and the rows behind it.

    `value` is the model, project or agent that `part` names, or the source itself where it is one.
    `now` beside `usual` is this part's own value and its median (None for writes never read):
    nano-units for a token of output, a request or a unit of work (`name`), or a share. `tokens` are
    those beyond the usual, where it is tokens that are saved.
    """

    kind: Kind
    source: str
    part: Dimension
    value: str
    saving: Money
    basis: Basis
    question: Question
    tokens: int = 0
    now: Fraction | None = None
    usual: Fraction | None = None
    name: str = ""

    @property
    def model(self) -> str | None:
        """The model, where it is one that the action is about."""
        return self.value if self.part is Dimension.MODEL else None


@dataclass(frozen=True, slots=True)
class Share:
    """What one source gave to a measure in the latest week, on so many days."""

    source: str
    top: int
    bottom: int
    days: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A measure with what to try, or why there is nothing; the sources in its latest week, and how
    many days of which sources are left out of it, and why.
    """

    measure: Measure
    action: Action | None = None
    quiet: Quiet | None = None
    shares: tuple[Share, ...] = ()
    left_out: tuple[tuple[str, LeftOut, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The latest whole week by every measure that can be taken; `weeks` has it last.

    `action` is the one that would have saved most. `not_final` says that the week can still change,
    `missing` that some of its days are not known; `left_out` are sources whose money or whose
    tokens are not known well enough to be divided.
    """

    weeks: tuple[Period, ...]
    findings: tuple[Finding, ...] = ()
    action: Action | None = None
    not_final: bool = False
    missing: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def latest(self) -> Period:
        """The week that is looked at."""
        return self.weeks[-1]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures alone."""
        return tuple(finding.measure for finding in self.findings)

    @property
    def actions(self) -> tuple[Action, ...]:
        """All there is to try, the one that would have saved most before the others."""
        found = [finding.action for finding in self.findings if finding.action is not None]
        return tuple(sorted(found, key=lambda action: action != self.action))
