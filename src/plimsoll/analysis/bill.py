"""Bill: the two sides that a check compares: lines of a bill, and tokens with their list price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plimsoll.domain.tokens import Tokens

Quantity = int | Fraction
"""Of tokens or units, exact."""


def plus(one: Quantity | None, other: Quantity | None) -> Quantity | None:
    """Two quantities together; what is not told once is not known of both."""
    return None if one is None or other is None else one + other


INPUT_CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
CLASSES = (*INPUT_CLASSES, "output")
"""The five disjoint token classes, which are kinds of a bill's lines."""

TOKENS = "tokens"
"""The kind of a line that is for tokens, but does not tell of which class."""

STANDARD = "standard"
"""The tier of what has no tier of its own."""


class DayState(StrEnum):
    """What a day's two sides are worth: both told for good, or not."""

    FINAL = "final"
    OPEN = "open"
    """It can still change: usage and bill need not be whole yet."""
    NO_BILL = "no bill"
    NO_USAGE = "no usage"
    """There is no answer of one side: what it holds of the day is unknown, not zero."""
    NOTHING = "nothing"
    """There is no answer of either."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """What one day's bill says of one line: `nanos` nano-units, called by its own `words`.

    `kind` is a token class, `TOKENS`, a unit as usage tells it (`searches`), or empty for what is
    neither. `tier` is None where the bill does not tell tiers. `quantity` counts tokens or units,
    None where it is not told; `listed` is the amount before a discount that the bill itself takes.
    """

    day: date
    nanos: int
    words: str = ""
    model: str | None = None
    kind: str = ""
    tier: str | None = None
    quantity: Quantity | None = None
    listed: int | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens and units of one day, model and tier at one price.

    `worth` is their list price in nano-units, None where no price is known (in the bill's
    currency); `off` is what a contract that the user entered takes off it. `rates` are nano-units
    for a million, of tokens by class and of units by their word, as far as the price tells them.
    `elsewhere` marks what the bill leaves out by rule.
    """

    day: date
    tokens: Tokens = field(default_factory=Tokens)
    model: str | None = None
    tier: str | None = None
    worth: int | None = None
    off: int = 0
    rates: Mapping[str, Quantity] = field(default_factory=dict)
    units: tuple[tuple[str, Quantity], ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """Both sides of one account in one period and currency; days that are not named are final.

    Days are there to be named, too, where neither side holds anything of them.
    """

    lines: Sequence[BillLine] = ()
    used: Sequence[Used] = ()
    days: Mapping[date, DayState] = field(default_factory=dict)

    @property
    def billed(self) -> int:
        """Nano-units on the bill."""
        return sum(line.nanos for line in self.lines)

    @property
    def computed(self) -> int:
        """Nano-units that tokens and units cost at list price, as far as one is known."""
        return sum(row.worth or 0 for row in self.used)
