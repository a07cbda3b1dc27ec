"""What Volcengine answers: lines of the bill, Ark's columns of usage, and plans' windows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge, Tokens, UsageRecord
from plimsoll.sources.fields import (
    FieldError,
    Row,
    counter,
    list_of,
    money,
    quantity,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.verdicts import Verdicts

UNITS = Decimal(1)
"""Amounts count whole yuan, never fen."""

VERDICTS = Verdicts(
    code=("ResponseMetadata", "Error", "Code"),
    message=("ResponseMetadata", "Error", "Message"),
    fine=frozenset({""}),
    stands_for={
        "SignatureDoesNotMatch": 401,
        "InvalidAccessKey": 401,
        "InvalidCredential": 401,
        "MissingAuthenticationToken": 401,
        "InvalidSecretToken": 401,
        "AccessDenied": 403,
        "FlowLimitExceeded": 429,
        "AccountFlowLimitExceeded": 429,
        "RequestLimitExceeded": 429,
        "InternalError": 500,
        "InternalServiceError": 500,
        "ServiceUnavailable": 500,
    },
)

_PRODUCTS = ("ark", "doubao", "方舟", "豆包", "火山方舟")

_WINDOWS = {"session": "5 hours", "weekly": "week", "monthly": "month"}

_AFP = {
    "AFPFiveHour": "5 hours",
    "AFPDaily": "day",
    "AFPWeekly": "week",
    "AFPMonthly": "month",
}


def currency_of(row: Row) -> object:
    """The currency beside an amount; yuan where none is told."""
    return row.get("Currency") or "CNY"


def bill_line(row: Row, month: Period) -> tuple[date, Charge] | None:
    """A line of the bill and its day; None where it is none of Plimsoll's business."""
    product = " ".join(text for name in ("Product", "ProductZh") if (text := word(row, name)))
    if not any(name in product.casefold() for name in _PRODUCTS):
        return None
    day = _day(required_word(row, "ExpenseDate"), "ExpenseDate", month)
    amount, text = money(row, "PayableAmount", currency_of(row), unit=UNITS)
    details = {
        "product": word(row, "Product"),
        "instance": word(row, "InstanceName"),
        "quantity": quantity(row, "Count") if row.get("Count") not in (None, "", "-") else None,
        "quantity_unit": word(row, "Unit"),
        "list_amount": word(row, "OriginalBillAmount"),
        "coupon": word(row, "CouponAmount"),
    }
    parts = (word(row, "ConfigName"), word(row, "Element"))
    line = " · ".join(part for part in parts if part) or product
    of = Attribution(project=word(row, "Project"), line_item=line)
    kept = tuple((name, value) for name, value in details.items() if value)
    return day, Charge(of, amount, text, details=kept)


def _day(text: str, name: str, asked: Period) -> date:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise FieldError(name, say("is not a day"), text) from None
    if day not in asked:
        raise FieldError(name, say("is not a day that was asked for"), text)
    return day


def rows_of(result: Row) -> Iterator[Row]:
    """The rows of an answer by the names of its columns, whichever way it tells them: values
    beside each column, or records of their own, which may be JSON within the JSON.
    """
    fields = [] if result.get("Fields") is None else list_of(result, "Fields")
    columns = [row_of(one, "Fields") for one in fields]
    names = [required_word(column, "Metric") for column in columns]
    if result.get("Records") is not None:
        for raw in list_of(result, "Records"):
            yield _recorded(names, raw)
        return
    values = [list_of(column, "Values") for column in columns if column.get("Values") is not None]
    if len(values) not in {0, len(names)}:
        raise FieldError("Fields", say("have values for some columns only"))
    if len({len(column) for column in values}) > 1:
        raise FieldError("Fields", say("have columns of different lengths"))
    for cells in zip(*values, strict=True):
        yield dict(zip(names, cells, strict=True))


def _recorded(names: Sequence[str], raw: object) -> Row:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw, parse_float=Decimal)
        except ValueError:
            raise FieldError("Records", say("holds text that is no JSON")) from None
    record = row_of(raw, "Records")
    if "Values" not in record:
        return record
    cells = list_of(record, "Values")
    if len(cells) != len(names):
        raise FieldError("Records", say("holds a row that does not fit its columns"))
    return dict(zip(names, cells, strict=True))


def usage_row(row: Row, days: Period) -> tuple[date, UsageRecord | None]:
    """One model's tokens of one day; no record where it was not used."""
    day = _day(required_word(row, "Day"), "Day", days)
    tokens = Tokens(input=_count(row, "InputTokens"), output=_count(row, "OutputTokens"))
    requests = _count(row, "ReqCnt") if "ReqCnt" in row else None
    if not (tokens.total or requests):
        return day, None
    of = Attribution(model=required_word(row, "ModelName"))
    start, end = day_start(day), day_start(day + ONE_DAY)
    return day, UsageRecord(start, end, of, tokens, requests=requests)


def _count(row: Row, name: str) -> int:
    """A counter, which comes as a number or as text; a column that is not told is a surprise."""
    value = row.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return counter({name: int(value)}, name)
    return counter(row, name)


def coding_plan(result: Row, now: datetime) -> Iterator[QuotaReading]:
    """A coding plan's windows; it has none once it has been reclaimed."""
    levels = [] if result.get("QuotaUsage") is None else list_of(result, "QuotaUsage")
    for raw in levels:
        row = row_of(raw, "QuotaUsage")
        level = required_word(row, "Level")
        resets = _instant(row.get("ResetTimestamp"), per_second=1)
        percent = Decimal(required_quantity(row, "Percent"))
        window = _WINDOWS.get(level, level)
        yield QuotaReading(now, say("Coding plan"), window, used_percent=percent, resets_at=resets)


def agent_plan(result: Row, now: datetime) -> Iterator[QuotaReading]:
    """An agent plan's windows."""
    for name, window in _AFP.items():
        if result.get(name) is None:
            continue
        row = row_of(result[name], name)
        used, limit = (Decimal(required_quantity(row, part)) for part in ("Used", "Quota"))
        if limit <= 0:
            continue
        resets = _instant(row.get("ResetTime"), per_second=1000)
        yield QuotaReading(now, say("Agent plan"), window, used=used, limit=limit, resets_at=resets)


def required_quantity(row: Row, name: str) -> str:
    """A figure that must be there and is not below zero."""
    text = quantity(row, name)
    if text is None or text.startswith("-"):
        raise FieldError(name, say("is missing or below zero"), row.get(name))
    return text


def _instant(value: object, *, per_second: int) -> datetime | None:
    """An instant in seconds or milliseconds; None where there is none (0 or −1)."""
    if value is None or value in (0, -1):
        return None
    most = 4_102_444_800 * per_second
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < most:
        raise FieldError("ResetTime", say("is not an instant"), value)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value // per_second)
