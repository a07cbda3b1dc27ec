"""Reconcile: why a bill differs from its tokens at list price, in causes that add up exactly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plimsoll.analysis.bill import CLASSES, TOKENS, DayState, Statement

AGREES_WITHIN = 100
"""One part in a hundred of the larger side: a smaller difference is agreement."""


class Cause(StrEnum):
    """Why billed and computed differ, in the order in which the causes are told."""

    NOT_TOKENS = "not_tokens"
    PRICE_UNKNOWN = "price_unknown"
    BILLED_ELSEWHERE = "billed_elsewhere"
    TIER = "tier"
    CACHE_CLASS = "cache_class"
    PRICE_DIFFERS = "price_differs"
    DISCOUNT = "discount"
    FREE_TIER = "free_tier"
    NOT_FINAL = "not_final"
    GAP = "gap"
    UNEXPLAINED = "unexplained"


class Status(StrEnum):
    """How a comparison ended."""

    AGREES = "agrees"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    NOTHING = "nothing to compare"


@dataclass(frozen=True, slots=True)
class Thing:
    """What a cause is made of: nano-units of one line, over `days` days from `first` to `last`.

    The prices are nano-units for one token or unit, where the two sides have one each; `quantity`
    is of tokens or units, `against` what the usage calls that which the bill calls tier or kind.
    """

    amount: int
    first: date
    last: date
    days: int
    words: str = ""
    model: str | None = None
    kind: str = ""
    tier: str | None = None
    against: str | None = None
    quantity: Fraction | None = None
    billed_price: Fraction | None = None
    list_price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One cause and its nano-units, billed less computed; its things sum to it, largest first."""

    cause: Cause
    amount: int
    things: tuple[Thing, ...] = ()

    @property
    def gross(self) -> int:
        """The things without their signs: what cancels out is not small."""
        return sum(abs(thing.amount) for thing in self.things)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Billed, computed, and the causes of the difference: their amounts sum exactly to it."""

    billed: int
    computed: int
    parts: tuple[Part, ...] = ()

    @property
    def difference(self) -> int:
        """More on the bill is positive."""
        return self.billed - self.computed

    @property
    def unexplained(self) -> Part:
        """What no cause explains; of nothing where there is none."""
        found = (part for part in self.parts if part.cause is Cause.UNEXPLAINED)
        return next(found, Part(Cause.UNEXPLAINED, 0))

    @property
    def status(self) -> Status:
        """Agreement asks that the causes are small without their signs, and not only their sum."""
        most = max(abs(self.billed), abs(self.computed))
        if sum(part.gross for part in self.parts) * AGREES_WITHIN <= most:
            return Status.AGREES
        if self.unexplained.gross * AGREES_WITHIN <= most:
            return Status.EXPLAINED
        return Status.UNEXPLAINED


_STATE_CAUSES = {
    DayState.OPEN: Cause.NOT_FINAL,
    DayState.NO_BILL: Cause.GAP,
    DayState.NO_USAGE: Cause.GAP,
    DayState.NOTHING: Cause.GAP,
}


def reconcile(statement: Statement) -> Reconciled:
    """Why a statement's bill differs from its tokens at list price."""
    money: dict[tuple[Cause, str | None, str], dict[date, int]] = defaultdict(dict)
    sides: dict[tuple[date, str | None], int] = defaultdict(int)
    unpriced = {(row.day, row.model) for row in statement.used if row.worth is None}
    for line in statement.lines:
        state = statement.days.get(line.day, DayState.FINAL)
        if line.kind not in (*CLASSES, TOKENS):
            _add(money, (Cause.NOT_TOKENS, line.model, line.words), line.day, line.nanos)
        elif (line.day, line.model) in unpriced and state is not DayState.NO_USAGE:
            _add(money, (Cause.PRICE_UNKNOWN, line.model, line.words), line.day, line.nanos)
        else:
            sides[line.day, line.model] += line.nanos
    for row in statement.used:
        sides[row.day, row.model] -= row.worth or 0
    for (day, model), nanos in sides.items():
        state = statement.days.get(day, DayState.FINAL)
        _add(money, (_STATE_CAUSES.get(state, Cause.UNEXPLAINED), model, ""), day, nanos)
    things: dict[Cause, list[Thing]] = defaultdict(list)
    for (cause, model, words), days in money.items():
        thing = Thing(sum(days.values()), min(days), max(days), len(days), words, model)
        things[cause].append(thing)
    return Reconciled(
        statement.billed,
        statement.computed,
        tuple(
            Part(
                cause,
                sum(thing.amount for thing in things[cause]),
                tuple(
                    sorted(things[cause], key=lambda t: (-abs(t.amount), t.model or "", t.words))
                ),
            )
            for cause in Cause
            if things[cause]
        ),
    )


def _add(
    money: dict[tuple[Cause, str | None, str], dict[date, int]],
    key: tuple[Cause, str | None, str],
    day: date,
    nanos: int,
) -> None:
    if nanos:
        money[key][day] = money[key].get(day, 0) + nanos
