"""Gateways: records of calls that went on to others, with what the gateway takes them to cost.

A gateway that computes money from a price list of its own bills nobody: its figure is an estimate.
Such a record is priced as any other, by the list of whoever made the model; the gateway's own
figure is kept beside it, and counts where no list has a price.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from plimsoll.domain.calls import PRICED_AS
from plimsoll.domain.money import NotAnAmount, nanos_of, read_amount
from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import REPORTED_USD, Attribution, UsageRecord
from plimsoll.sources.fields import MOST, FieldError, quantity
from plimsoll.sources.logs.makers import whose_prices

CLASSES_UNKNOWN = ("classes", "unknown")
"""Some gateways do not tell cached input from fresh: a price by class would be a wrong one."""


def record_of(
    start: datetime,
    end: datetime,
    of: Attribution,
    tokens: Tokens,
    *,
    requests: int | None,
    dollars: Decimal | None,
    knows_classes: bool,
    service: str = "",
) -> UsageRecord | None:
    """What went through a gateway in `[start, end)`; None for nothing.

    `dollars` are the gateway's own estimate, of which none, or zero, says that it has no price.
    `knows_classes` says that cached input is told from fresh; `service` is the gateway's word for
    whom it called. A model that is named by its way (`azure/gpt-5.4`) is priced by its bare name.
    """
    if not (tokens.total or requests or dollars):
        return None
    details = [("provider", whose_prices(service, of.model))]
    bare = (of.model or "").rpartition("/")[2]
    if bare and bare != of.model:
        details.append((PRICED_AS, bare))
    if not knows_classes:
        details.append(CLASSES_UNKNOWN)
    if dollars:
        details.append((REPORTED_USD, f"{dollars:f}"))
    return UsageRecord(start, end, of, tokens, requests=requests, details=tuple(details))


def split_input(whole: int, *, read: int, written: int, output: int, reasoning: int = 0) -> Tokens:
    """Tokens whose input holds what was read from a cache and written to it; should it be less than
    those, they are taken as apart.
    """
    cached = read + written
    return Tokens(
        input=whole - cached if cached <= whole else whole,
        cache_read=read,
        cache_write_5m=written,
        output=output,
        reasoning=reasoning,
    )


def told_dollars(row: Mapping[str, Any], name: str) -> Decimal | None:
    """An estimate in dollars that need not be told; below zero it cannot be right."""
    value = row.get(name)
    if value is None:
        return None
    try:
        amount = read_amount(value)
        nanos_of(amount)
    except NotAnAmount as problem:
        raise FieldError(
            name, say("is {partition}", partition=str(problem).partition(":")[0]), value
        ) from None
    if amount < 0:
        raise FieldError(name, say("is below zero"), value)
    return amount


def told_count(row: Mapping[str, Any], name: str) -> int:
    """A counter that may be number or text; nothing where it is null. It must be there."""
    if name not in row:
        raise FieldError(name, say("is missing"))
    counted = Decimal(quantity(row, name) or 0)
    if not 0 <= counted <= MOST or counted != counted.to_integral_value():
        raise FieldError(name, say("is not a whole number from zero up"), row[name])
    return int(counted)
