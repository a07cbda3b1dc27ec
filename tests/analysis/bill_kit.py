"""Short words to write down a bill, and the tokens behind it, for the tests of the check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from plimsoll.analysis.bill import (
    CLASSES,
    STANDARD,
    BillLine,
    DayState,
    Quantity,
    Statement,
    Used,
)
from plimsoll.analysis.causes import Cause, Reconciled
from plimsoll.analysis.reconcile import reconcile
from plimsoll.domain.tokens import Tokens

FIRST = date(2026, 11, 1)

RATES: Mapping[str, Mapping[str, int]] = {
    "small": {"input": 750_000_000, "cache_read": 75_000_000, "output": 4_500_000_000},
    "large": {
        "input": 4_000_000_000,
        "cache_read": 400_000_000,
        "cache_write_5m": 5_000_000_000,
        "output": 20_000_000_000,
        "searches": 10_000_000_000_000,
    },
}
"""Nano-dollars for a million, by model and kind: $0.75 input and so on."""

USAGE = Tokens(input=4_000_000, cache_read=10_000_000, output=600_000)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def cost(model: str, kind: str, count: Quantity) -> int:
    """Nano-dollars at list price."""
    exact = RATES[model][kind] * count / 1_000_000
    assert exact == int(exact), "counts are chosen so that nothing needs rounding"
    return int(exact)


def tokens_used(
    model: str,
    tokens: Tokens = USAGE,
    *,
    on: int = 0,
    tier: str = STANDARD,
    is_priced: bool = True,
    off: int = 0,
    searches: int = 0,
    elsewhere: bool = False,
    times: int = 1,
) -> Used:
    """Usage at list price; `times` halves it for a batch (2)."""
    counts = [(kind, getattr(tokens, kind)) for kind in CLASSES]
    counts += [("searches", searches)] if searches else []
    worth = sum(cost(model, kind, count) for kind, count in counts if count) if is_priced else None
    return Used(
        day=day(on),
        tokens=tokens,
        model=model,
        tier=tier,
        worth=None if worth is None else worth // times,
        off=off,
        rates={k: r // times for k, r in RATES[model].items()} if is_priced else {},
        units=(("searches", searches),) if searches else (),
        elsewhere=elsewhere,
    )


def billed(
    model: str | None,
    kind: str,
    nanos: int,
    *,
    on: int = 0,
    tier: str | None = STANDARD,
    quantity: Quantity | None = None,
    listed: int | None = None,
    words: str = "",
) -> BillLine:
    return BillLine(day(on), nanos, words, model, kind, tier, quantity, listed)


def bill_for(rows: Iterable[Used], *, is_counted: bool) -> list[BillLine]:
    """The bill that such usage should have: one line for each kind of each row."""
    lines = []
    for row in rows:
        told = [(kind, getattr(row.tokens, kind), row.tier) for kind in CLASSES]
        told += [(unit, count, None) for unit, count in row.units]
        for kind, count, tier in told:
            if count:
                nanos = int(row.rates[kind] * count / 1_000_000)
                quantity = count if is_counted else None
                lines.append(BillLine(row.day, nanos, "", row.model, kind, tier, quantity))
    return lines


def compared(
    lines: Iterable[BillLine], used: Iterable[Used], *, states: Mapping[int, DayState] | None = None
) -> Reconciled:
    days = {day(number): state for number, state in (states or {}).items()}
    return reconcile(Statement(tuple(lines), tuple(used), days))


def causes(found: Reconciled) -> dict[Cause, int]:
    """Every cause with its nano-units."""
    return {part.cause: part.amount for part in found.parts}
