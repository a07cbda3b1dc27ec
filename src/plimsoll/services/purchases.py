"""Purchases: what was bought over some days, money beside its tokens, model by model.

Money that was billed meets the tokens of days with charges; money that is estimated meets the
tokens of days without: the two kinds stand apart. A provider that bills by account only has its
charges shared out over its models by their worth, as everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plimsoll.analysis.change import CLASSES
from plimsoll.analysis.market import Bought
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, shares_of
from plimsoll.domain.question import Dimension, Question
from plimsoll.domain.usage import Evidence, Tokens
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.priced import PricedTokens, priced_tokens
from plimsoll.prices.words import class_rates

_BY = (Dimension.SOURCE, Dimension.MODEL, Dimension.LINE_ITEM)
_TO_NANOS = Fraction(NANO, 1_000_000)

_Charges = Mapping[tuple[str, str], list[tuple[str | None, str | None, int]]]
"""Model, line item and nano-units of every charge, by source and currency."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought of one model through one source, in one currency, by one kind of evidence."""

    source: str
    model: str | None
    currency: str
    evidence: Evidence
    bought: Bought


@dataclass(frozen=True, slots=True)
class Purchases:
    """All of a period: the purchases, the tokens by price, and the tokens that nobody can price."""

    rows: tuple[Purchase, ...]
    tokens: tuple[PricedTokens, ...]
    not_priced_tokens: int

    def of(self, currency: str, evidence: Evidence | None = None) -> list[Purchase]:
        """Those in one currency, of one kind of evidence or of both."""
        return [
            row
            for row in self.rows
            if row.currency == currency and evidence in (None, row.evidence)
        ]


def purchases(ledger: Ledger, period: Period, *, today: date) -> Purchases:
    """What was bought on the provider days (UTC) of a period; plans are no purchase of tokens."""
    groups = priced_tokens(ledger, period)
    table = answers.answer(ledger, Question(period, by=_BY), today=today)
    charges: dict[tuple[str, str], list[tuple[str | None, str | None, int]]] = defaultdict(list)
    for row in table.rows:
        source, model, line_item = row.key
        for amounts in row.amounts:
            if amounts.billed:
                charges[source or "", amounts.currency].append((model, line_item, amounts.billed))
    return Purchases(
        rows=(*_billed(charges, groups), *_estimated(groups)),
        tokens=groups,
        not_priced_tokens=sum(g.tokens.total for g in groups if not g.priced),
    )


def _estimated(groups: Iterable[PricedTokens]) -> list[Purchase]:
    found = []
    for group in groups:
        if group.charged or not group.priced or group.worth is None or not group.tokens.total:
            continue
        bought = Bought(group.worth - group.off, group.tokens, worths_of(group))
        place = (group.source, group.model, group.currency)
        found.append(Purchase(*place, Evidence.ESTIMATED, bought))
    return found


def _billed(charges: _Charges, groups: Sequence[PricedTokens]) -> list[Purchase]:
    used: dict[str, dict[str | None, list[PricedTokens]]] = defaultdict(lambda: defaultdict(list))
    for group in groups:
        if group.charged and group.priced and group.tokens.total:
            used[group.source][group.model].append(group)
    whose: dict[str, str] = {}
    for (source, currency), rows in charges.items():
        if source not in whose or _size(rows) > _size(charges[source, whose[source]]):
            whose[source] = currency
    found = []
    for (source, currency), rows in charges.items():
        models = used[source] if whose[source] == currency else {}
        worths = {name: sum(g.worth or 0 for g in mine) for name, mine in models.items()}
        money, aside = shared_out(rows, worths)
        if aside:
            lone = Bought(aside, None)
            found.append(Purchase(source, None, currency, Evidence.BILLED, lone))
        for model in sorted({*money, *models}, key=lambda name: (name is None, name or "")):
            nanos, mine = money.get(model), models.get(model, [])
            place = (source, model, currency, Evidence.BILLED)
            found.append(Purchase(*place, _bought(nanos, mine)))
    return found


def _size(rows: Iterable[tuple[str | None, str | None, int]]) -> int:
    return sum(abs(nanos) for _, _, nanos in rows)


def shared_out(
    rows: Sequence[tuple[str | None, str | None, int]], worths: Mapping[str | None, int]
) -> tuple[dict[str | None, int], int]:
    """One source's charges (model, line item, nano-units) by model, and those that are for
    something else than a model's tokens.

    Charges of a whole account are shared out over its models by their `worths`, nano-units at list
    price; where there are none, they are for something else.
    """
    money: dict[str | None, int] = defaultdict(int)
    aside = whole = 0
    by_model = any(model is not None for model, _, _ in rows)
    for model, line_item, nanos in rows:
        if model is not None:
            money[model] += nanos
        elif by_model or line_item is not None:
            aside += nanos
        else:
            whole += nanos
    if whole and sum(worths.values()):
        for name, share in zip(worths, shares_of(whole, list(worths.values())), strict=True):
            money[name] += share
    else:
        aside += whole
    return money, aside


def _bought(nanos: int | None, groups: Sequence[PricedTokens]) -> Bought:
    if not groups:
        return Bought(nanos, None)
    tokens = sum((group.tokens for group in groups), Tokens())
    each = [worths_of(group) for group in groups]
    known = [worths for worths in each if worths is not None]
    if len(known) < len(each):
        return Bought(nanos, tokens)
    worths = tuple(sum(one, Fraction(0)) for one in zip(*known, strict=True))
    return Bought(nanos, tokens, worths)


def worths_of(group: PricedTokens) -> tuple[Fraction, ...] | None:
    """The worths of the five classes at the price that the rows keep, in nano-units."""
    rates = class_rates(group.basis)
    if not rates:
        return None
    return tuple(
        getattr(group.tokens, name) * rates.get(name, Fraction(0)) * _TO_NANOS for name in CLASSES
    )
