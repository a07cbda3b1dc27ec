"""Priced: tokens by project, model, tier and the price that each row keeps, to explain money."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import EVERYTHING, Dimension, Question, Scope
from plimsoll.domain.usage import Tokens
from plimsoll.ledger.asking import Asking, sources_in
from plimsoll.ledger.database import Ledger

_BY = (Dimension.PROJECT, Dimension.MODEL, Dimension.TIER)

_COLUMNS = (
    *(f"a.{dimension.value}" for dimension in _BY),
    "ifnull((SELECT text FROM phrase WHERE id = u.basis), '')",
    "ifnull((SELECT text FROM phrase WHERE id = u.currency AND u.worth IS NOT NULL), '')",
    "c.day IS NOT NULL",
    "NOT u.billed_elsewhere AND (c.day IS NOT NULL OR u.worth IS NOT NULL)",
    "sum(u.worth)",
    "sum(u.off)",
    *(f"sum(u.{name})" for name in ("input", "cache_read", "cache_write_5m", "cache_write_1h")),
    "sum(u.output)",
    "sum(u.reasoning)",
)
_GROUPS = "GROUP BY 1, 2, 3, u.basis, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7"


@dataclass(frozen=True, slots=True)
class PricedTokens:
    """Tokens of one source, project, model, tier and price, on days with or without charges.

    `worth` is in nano-units of `currency`, None where no list price is known, of which the
    account's contract takes `off` away; `basis` says in words which price it is. `charged` tokens
    are on days whose money is what was billed; `priced` is False where nobody knows what they cost.
    """

    source: str
    project: str | None
    model: str | None
    tier: str | None
    basis: str
    currency: str
    charged: bool
    priced: bool
    worth: int | None
    off: int
    tokens: Tokens


def priced_tokens(
    ledger: Ledger, period: Period, scope: Scope = EVERYTHING
) -> tuple[PricedTokens, ...]:
    """The tokens of the provider days (UTC) of `period`, by what they are priced at.

    A row without tokens bears the worth of units that are not tokens. Days that a subscription pays
    are left out unless they have charges: what is *plan* is not spent. So are days that another
    source pays for, and within a `scope` what stands on other rows than its money.
    """
    found: list[PricedTokens] = []
    question = Question(period, scope=scope)
    with ledger.reading() as connection:
        for source in sources_in(connection, scope):
            asking = Asking(ledger, connection, source, question)
            if asking.wanted is None or asking.owes_apart:
                continue
            key = Asking(ledger, connection, source, replace(question, by=_BY)).key
            spent = f"c.day IS NOT NULL OR NOT ({asking.sums.plan})"
            rows = asking.sums.usage_rows(asking.wanted, _COLUMNS, such=spent, tail=_GROUPS)
            found.extend(_read(source.name, row, *key(row[:3])) for row in rows)
    return tuple(found)


def _read(
    source: str, row: tuple[object, ...], project: str | None, model: str | None, tier: str | None
) -> PricedTokens:
    _, _, _, basis, currency, charged, priced, worth, off, *classes = row
    return PricedTokens(
        source=source,
        project=project,
        model=model,
        tier=tier,
        basis=str(basis),
        currency=str(currency),
        charged=bool(charged),
        priced=bool(priced),
        worth=worth if isinstance(worth, int) else None,
        off=off if isinstance(off, int) else 0,
        tokens=Tokens(*(count for count in classes if isinstance(count, int))),
    )
