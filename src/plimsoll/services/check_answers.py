"""The frozen answers of Check: what was billed against what the tokens should have cost, and why.

Amounts are nano-units of the account's currency. A difference and its causes are *billed less
computed*: more on the bill is positive. `Cause` and `Status` are words for the window to translate;
the sentences beside them are English.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from plimsoll.analysis.causes import Cause, KnownFrom, Status
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Gap

__all__ = [
    "AccountCheck",
    "Cause",
    "CheckAnswer",
    "CheckCause",
    "CheckThing",
    "KnownFrom",
    "Status",
]


@dataclass(frozen=True, slots=True)
class CheckThing:
    """One thing that a cause is made of: `amount` nano-units over `days` days from `first` on.

    `words` say what it is (`gpt-5.4-mini, cached input`), and hold no amount. `kind` is a token
    class, `tokens` where the class is not told, a unit (`searches`), or empty; `against` is what
    the usage calls that which the bill calls `tier` or `kind`. `quantity` counts tokens or units.
    The two prices, on average, are in units of the currency for one `priced_by` (`million tokens`,
    `search`). A discount says where it is `known_from`, and of what `percent` of list price it is.
    """

    words: str
    amount: int
    first: date
    last: date
    days: int
    model: str | None = None
    line_item: str | None = None
    kind: str = ""
    tier: str | None = None
    against: str | None = None
    quantity: Decimal | None = None
    billed_price: Decimal | None = None
    list_price: Decimal | None = None
    priced_by: str = ""
    known_from: KnownFrom | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CheckCause:
    """One cause of a difference, in a plain sentence; its things sum to `amount`, largest first."""

    cause: Cause
    amount: int
    sentence: str
    things: tuple[CheckThing, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """One account in one period and currency: the causes sum exactly to `difference`.

    `billed` is None where the account sends no bill, `computed` where it tells no tokens: there is
    nothing to compare then, no cause, and `currency` may be empty. `computed` is what is priced:
    `not_priced_tokens` are those that it knows nothing of, which is not zero. `unexplained` is the
    amount of that cause, `unexplained_parts` its things without their signs: parts that cancel each
    other out are not explained by it. `not_final_from` is the first day that can still change.
    """

    source: str
    provider: str
    currency: str
    billed: int | None
    computed: int | None
    status: Status
    sentence: str
    causes: tuple[CheckCause, ...] = ()
    not_priced_tokens: int = 0
    unexplained: int = 0
    unexplained_parts: int = 0
    not_final_from: date | None = None
    gaps: tuple[Gap, ...] = ()
    restated_days: int = 0

    @property
    def difference(self) -> int | None:
        """Billed less computed; None where there is nothing to compare."""
        if self.billed is None or self.computed is None:
            return None
        return self.billed - self.computed


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """Every account of a period (provider days, UTC), and one sentence over all of them.

    An account that is billed in two currencies is there once for each. Those that are compared come
    first, the ones with something unexplained before the others.
    """

    period: Period
    sentence: str
    accounts: tuple[AccountCheck, ...] = ()
