"""Priced: tokens by project, model, tier and the price that each row keeps, to explain money."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import EVERYTHING, Dimension, Question
from plimsoll.domain.usage import Tokens
from plimsoll.ledger.asking import Asking, sources_in
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import number_of
from plimsoll.ledger.plan import plan_days

_ROWS = """
    SELECT a.project, a.model, a.tier, ifnull(b.text, ''), ifnull(p.text, ''), c.day IS NOT NULL,
        NOT u.billed_elsewhere AND (c.day IS NOT NULL OR u.worth IS NOT NULL),
        sum(u.worth), sum(u.off), sum(u.input), sum(u.cache_read), sum(u.cache_write_5m),
        sum(u.cache_write_1h), sum(u.output), sum(u.reasoning)
    FROM slice s
    JOIN usage u ON u.slice = s.id
    JOIN attribution a ON a.id = u.attribution
    LEFT JOIN phrase b ON b.id = u.basis
    LEFT JOIN phrase p ON p.id = u.currency AND u.worth IS NOT NULL
    LEFT JOIN charged_day c ON c.source = s.source AND c.day = s.day
    WHERE s.source = ? AND s.day BETWEEN ? AND ? AND (c.day IS NOT NULL OR NOT (:plan))
        AND s.day NOT IN (SELECT value FROM json_each(?))
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
"""


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


def priced_tokens(ledger: Ledger, period: Period) -> tuple[PricedTokens, ...]:
    """All tokens of the provider days (UTC) of `period`, by what they are priced at.

    A row without tokens bears the worth of units that are not tokens. Days that a subscription pays
    are left out unless they have charges: what is *plan* is not spent. So are days that another
    source pays for.
    """
    by = (Dimension.PROJECT, Dimension.MODEL, Dimension.TIER)
    found: list[PricedTokens] = []
    with ledger.reading() as connection:
        for source in sources_in(connection, EVERYTHING):
            key = Asking(ledger, connection, source, Question(period, by=by)).key
            explained = json.dumps(sorted(source.explained))
            query = _ROWS.replace(":plan", plan_days(connection, source.id))
            rows = connection.execute(query, (source.id, *_days(period), explained))
            found.extend(_read(source.name, row, *key(row[:3])) for row in rows)
    return tuple(found)


def _days(period: Period) -> Iterator[int]:
    yield number_of(period.first)
    yield number_of(period.last)


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
