"""What Tencent Cloud answers: series of TokenHub by the hour, and components of the bill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from plimsoll.domain.calendar import Period
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge, Tokens
from plimsoll.sources.fields import (
    MOST,
    FieldError,
    Row,
    list_of,
    money,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.verdicts import Verdicts

YUAN = Decimal(1)
"""Bills count whole yuan (or dollars, abroad), as decimal text."""

FEN = Decimal("0.01")
"""Balances count fen (or cents)."""

VERDICTS = Verdicts(
    code=("Response", "Error", "Code"),
    message=("Response", "Error", "Message"),
    fine=frozenset({""}),
    stands_for={
        "AuthFailure.UnauthorizedOperation": 403,
        "AuthFailure": 401,
        "UnauthorizedOperation": 403,
        "OperationDenied": 403,
        "RequestLimitExceeded": 429,
        "LimitExceeded": 429,
        "UnsupportedOperation": 404,
        "UnsupportedRegion": 404,
        "ResourceNotFound": 404,
        "InvalidAction": 404,
        "NoSuchVersion": 404,
        "InternalError": 500,
        "FailedOperation": 500,
    },
)

_OURS = ("hunyuan", "tokenhub", "混元", "大模型", "deepseek", "知识引擎", "llm")
"""What the products of interest have in their names; the bill lists the whole cloud."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Hour(NamedTuple):
    """What one model was used for in one hour."""

    start: datetime
    model: str
    tokens: Tokens
    requests: int


def usage_hours(answer: Row, days: Period) -> Iterator[Hour]:
    """The series of one page of `DescribeUsageRankList`; hours without use are left out."""
    times = [_instant(value, days) for value in list_of(answer, "Timestamps")]
    for raw in list_of(answer, "TopList"):
        row = row_of(raw, "TopList")
        model = word(row, "Key") or required_word(row, "Name")
        series = row_of(row.get("Series"), "Series")
        names = ("InputTotalToken", "CacheTotalToken", "OutputTotalToken", "RequestCount")
        counts = [_series(series, name, len(times)) for name in names]
        for start, read, cached, written, calls in zip(times, *counts, strict=True):
            if cached > read:
                raise FieldError("CacheTotalToken", say("is more than all input"), cached)
            tokens = Tokens(input=read - cached, cache_read=cached, output=written)
            if tokens.total or calls:
                yield Hour(start, model, tokens, calls)


def _instant(value: object, days: Period) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 4_102_444_800:
        raise FieldError("Timestamps", say("is not an instant in Unix seconds"), value)
    if value % 3600:
        raise FieldError("Timestamps", say("is not a whole hour"), value)
    instant = _EPOCH + timedelta(seconds=value)
    if instant.date() not in days:
        raise FieldError("Timestamps", say("is not of the days that were asked for"), value)
    return instant


def _series(series: Row, name: str, length: int) -> list[int]:
    """A series of counters, which is JSON within the JSON; null is an hour without use."""
    raw = series.get(name)
    try:
        found = json.loads(raw) if isinstance(raw, str) and raw else []
    except ValueError:
        raise FieldError(name, say("is no list of counters"), raw) from None
    if name == "CacheTotalToken" and not found:
        return [0] * length
    if not isinstance(found, list) or len(found) != length:
        raise FieldError(name, say("is not as long as the timestamps"))
    for value in found:
        if value is not None and not (type(value) is int and 0 <= value <= MOST):
            raise FieldError(name, say("is not a whole number from zero up"), value)
    return [value or 0 for value in found]


def bill_lines(row: Row, month: Period, currency: str) -> Iterator[tuple[date, Charge]]:
    """The components of one row of the bill, with its day; nothing where it is none of ours."""
    names = ("BusinessCodeName", "ProductCodeName", "BusinessCode", "ProductCode")
    product = " ".join(text for name in names if (text := word(row, name)))
    if not any(name in product.casefold() for name in _OURS):
        return
    text = required_word(row, "BillDay")
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise FieldError("BillDay", say("is not a day"), text) from None
    if day not in month:
        raise FieldError("BillDay", say("is not of the month that was asked for"), text)
    for raw in list_of(row, "ComponentSet"):
        part = row_of(raw, "ComponentSet")
        amount, written = money(part, "RealCost", currency, unit=YUAN)
        line = " · ".join(
            text
            for text in (word(row, "ProductCodeName"), word(part, "ItemCodeName"))
            if text is not None
        )
        details = {
            "resource": word(row, "ResourceName"),
            "quantity": word(part, "UsedAmount"),
            "quantity_unit": word(part, "UsedAmountUnit"),
            "list_amount": word(part, "Cost"),
        }
        of = Attribution(project=word(row, "ProjectName"), line_item=line or product)
        kept = tuple((name, value) for name, value in details.items() if value)
        yield day, Charge(of, amount, written, details=kept)
