"""Causes: why a bill differs from its tokens at list price, how that is summed up, and judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plimsoll.analysis.bill import Quantity, plus

AGREES_WITHIN = 100
"""One part in a hundred of the larger side: a smaller difference is agreement."""


class Cause(StrEnum):
    """Why billed and computed differ, in the order in which the causes are told."""

    NOT_TOKENS = "not_tokens"
    """Lines that no usage with a price stands behind: storage, sessions, images."""
    PRICE_UNKNOWN = "price_unknown"
    """Billed for tokens that have no known list price."""
    BILLED_ELSEWHERE = "billed_elsewhere"
    """Tokens that the provider leaves out of this bill by rule."""
    TIER = "tier"
    """One side names a tier, or batch, that the other does not."""
    CACHE_CLASS = "cache_class"
    """One side tells cached or written input that the other does not."""
    PRICE_DIFFERS = "price_differs"
    """The same tokens at another price."""
    DISCOUNT = "discount"
    """Off every list price: by the bill's own word, by a contract that was entered, or likely."""
    FREE_TIER = "free_tier"
    """Billed at nothing, and worth something."""
    NOT_FINAL = "not_final"
    """The day can still change, and the two sides are not whole yet."""
    GAP = "gap"
    """One side, or both, have no answer for the day."""
    ROUNDING = "rounding"
    """Less than a millionth: amounts are rounded in other places."""
    UNEXPLAINED = "unexplained"


class Status(StrEnum):
    """How a comparison ended."""

    AGREES = "agrees"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    NOTHING = "nothing to compare"


class KnownFrom(StrEnum):
    """Where a discount is known from."""

    BILL = "bill"
    """The bill tells the amount before it."""
    CONTRACT = "contract"
    """The user entered it."""
    RATIO = "ratio"
    """Every line is below its list price by the same share."""


@dataclass(frozen=True, slots=True)
class What:
    """What a piece of a difference is about: pieces about the same things are summed over days.

    `words` are the bill's own, where a line is all there is. `against` is what the usage calls that
    which the bill calls `tier` or `kind`.
    """

    model: str | None = None
    kind: str = ""
    tier: str | None = None
    against: str | None = None
    words: str = ""
    known_from: KnownFrom | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """What a cause is made of: nano-units of one thing, over `days` days from `first` to `last`.

    `quantity` is of tokens or units, where it is known; `billed` and `listed` are the two amounts
    for it that were compared, nano-units at most as exact as a division by the quantity needs them.
    """

    what: What
    amount: int
    first: date
    last: date
    days: int
    quantity: Quantity | None = None
    billed: Quantity | None = None
    listed: Quantity | None = None

    @property
    def billed_price(self) -> Fraction | None:
        """Nano-units for one token or unit on the bill, on average."""
        return _each(self.billed, self.quantity)

    @property
    def list_price(self) -> Fraction | None:
        """Nano-units for one token or unit at list price, on average."""
        return _each(self.listed, self.quantity)


def _each(nanos: Quantity | None, quantity: Quantity | None) -> Fraction | None:
    return Fraction(nanos) / quantity if nanos is not None and quantity else None


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


class _Sum:
    """One thing on one day while it is summed up."""

    __slots__ = ("amount", "billed", "is_told", "listed", "quantity")

    def __init__(self) -> None:
        self.amount = 0
        self.quantity: Quantity | None = 0
        self.billed: Quantity | None = 0
        self.listed: Quantity | None = 0
        self.is_told = False
        """Even if it comes to nothing."""

    def add(self, other: _Sum) -> None:
        self.amount += other.amount
        self.is_told |= other.is_told
        self.quantity = plus(self.quantity, other.quantity)
        self.billed = plus(self.billed, other.billed)
        self.listed = plus(self.listed, other.listed)


class Tally:
    """Causes while they are found, day by day."""

    def __init__(self) -> None:
        self._days: dict[tuple[Cause, What], dict[date, _Sum]] = {}

    def add(
        self,
        cause: Cause,
        what: What,
        day: date,
        amount: int,
        *,
        quantity: Quantity | None = None,
        billed: int | None = None,
        listed: int | None = None,
        even_nothing: bool = False,
    ) -> None:
        """Nano-units of one cause on one day; a day of nothing is told only where so it is said.

        A quantity, or an amount, that is not told once is not known of the whole.
        """
        piece = _Sum()
        piece.amount, piece.is_told = amount, even_nothing
        piece.quantity, piece.billed, piece.listed = quantity, billed, listed
        days = self._days.setdefault((cause, what), {})
        if day in days:
            days[day].add(piece)
        else:
            days[day] = piece

    def parts(self) -> tuple[Part, ...]:
        """Every cause that was found, its things the largest first."""
        things: dict[Cause, list[Thing]] = {cause: [] for cause in Cause}
        for (cause, what), days in self._days.items():
            told = {day: found for day, found in days.items() if found.amount or found.is_told}
            whole = _Sum()
            for found in told.values():
                whole.add(found)
            if whole.amount or whole.is_told:
                things[cause].append(
                    Thing(
                        what,
                        whole.amount,
                        min(told),
                        max(told),
                        len(told),
                        whole.quantity,
                        whole.billed,
                        whole.listed,
                    )
                )
        return tuple(_part(cause, found) for cause, found in things.items() if found)


def _part(cause: Cause, things: Iterable[Thing]) -> Part:
    ordered = tuple(sorted(things, key=_largest_first))
    return Part(cause, sum(thing.amount for thing in ordered), ordered)


def _largest_first(thing: Thing) -> tuple[object, ...]:
    what = thing.what
    texts = (what.model, what.kind, what.tier, what.against, what.words, what.known_from)
    return (-abs(thing.amount), *((text is not None, text or "") for text in texts))
