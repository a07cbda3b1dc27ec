"""Billed lines: a bill by model, some of whose lines count the tokens that they are for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plimsoll.domain.calendar import ONE_DAY, day_start
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Attribution, Charge, Slice, Tokens, UsageRecord


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of a bill: `amount`, and `text` as the provider wrote it, for `item` of a model.
    `counts` is the class of `tokens` that it is for, None for what is no tokens.
    """

    model: str | None
    item: str
    amount: Money
    text: str
    details: tuple[tuple[str, str], ...]
    counts: str | None = None
    tokens: int = 0


def billed_day(endpoint: str, day: date, lines: Iterable[BilledLine]) -> Slice:
    """A UTC day of such a bill: every line is a charge, and the tokens of a model one record."""
    counts: dict[str | None, dict[str, int]] = {}
    charges = []
    for line in lines:
        of = Attribution(model=line.model, line_item=line.item)
        charges.append(Charge(of, line.amount, line.text, details=line.details))
        if line.counts is not None:
            mine = counts.setdefault(line.model, {})
            mine[line.counts] = mine.get(line.counts, 0) + line.tokens
    start, end = day_start(day), day_start(day + ONE_DAY)
    return Slice(
        endpoint,
        day,
        records=tuple(
            UsageRecord(start, end, Attribution(model=model), Tokens(**classes))
            for model, classes in counts.items()
            if any(classes.values())
        ),
        charges=tuple(charges),
        bills_by=frozenset({"model", "line_item"}),
    )
