"""What AWS answers: groups of Cost Explorer and series of CloudWatch, read strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.sources.fields import FieldError, Row, counter, list_of, money, required_word, row_of
from plimsoll.sources.verdicts import Verdicts

UNITS = Decimal(1)
"""Amounts count whole units of the currency beside them."""

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "InputTokenCount": "input",
        "CacheReadInputTokenCount": "cache_read",
        "CacheWriteInputTokenCount": "cache_write_5m",
        "OutputTokenCount": "output",
        "Invocations": "requests",
        "OutputImageCount": "images",
    }
)
"""CloudWatch's metrics in AWS/Bedrock, and what each counts. Input is what neither came from the
cache nor went into it; how long a write is kept is not told.
"""

VERDICTS = Verdicts(
    code=("__type",),
    message=("message",),
    fine=frozenset({""}),
    stands_for={
        "AccessDeniedException": 403,
        "UnrecognizedClientException": 401,
        "InvalidClientTokenId": 401,
        "InvalidSignatureException": 401,
        "ExpiredTokenException": 401,
        "IncompleteSignatureException": 401,
        "LimitExceededException": 429,
        "ThrottlingException": 429,
        "Throttling": 429,
        "DataUnavailableException": 404,
        "ValidationException": 404,
        "InvalidParameterValueException": 404,
        "RequestChangedException": 500,
        "InternalServiceFault": 500,
    },
)
"""What the names of AWS's errors stand for; they come beside status 400."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SECONDS = 4_102_444_800


class Group(NamedTuple):
    """What one group of one day cost: its keys, and AWS's own writing of the amount."""

    keys: tuple[str, ...]
    amount: Money
    text: str


class Point(NamedTuple):
    """What one metric of one model counted in one hour."""

    hour: datetime
    model: str
    metric: str
    counted: int


def read_groups(body: Row, asked: Period) -> Iterator[tuple[date, list[Group]]]:
    """The days of one page of `GetCostAndUsage`, each with its groups."""
    for raw in list_of(body, "ResultsByTime"):
        row = row_of(raw, "ResultsByTime")
        day = _day(row_of(row.get("TimePeriod"), "TimePeriod"), asked)
        groups = [row_of(one, "Groups") for one in list_of(row, "Groups")]
        yield day, [_group(group) for group in groups]


def _day(row: Row, asked: Period) -> date:
    text, end = row.get("Start"), row.get("End")
    try:
        day = date.fromisoformat(text) if isinstance(text, str) else None
        after = date.fromisoformat(end) if isinstance(end, str) else None
    except ValueError:
        day = after = None
    if day is None or after != day + timedelta(days=1):
        raise FieldError("TimePeriod", say("is not one day"), text)
    if day not in asked:
        raise FieldError("Start", say("is not a day that was asked for"), text)
    return day


def _group(row: Row) -> Group:
    keys = list_of(row, "Keys")
    if not all(isinstance(key, str) for key in keys):
        raise FieldError("Keys", say("are not texts"))
    metrics = row_of(row.get("Metrics"), "Metrics")
    cost = row_of(metrics.get("UnblendedCost"), "UnblendedCost")
    amount, text = money(cost, "Amount", cost.get("Unit"), unit=UNITS)
    return Group(tuple(keys), amount, text)


def read_points(body: Row, asked: Period) -> Iterator[Point]:
    """The series of one page of `GetMetricData`: hours of UTC, one metric and model each."""
    for raw in list_of(body, "MetricDataResults"):
        row = row_of(raw, "MetricDataResults")
        model = required_word(row, "Label")
        metric = _metric(required_word(row, "Id"))
        times, values = list_of(row, "Timestamps"), list_of(row, "Values")
        if len(times) != len(values):
            raise FieldError("Values", say("are not as many as the timestamps"))
        for time, value in zip(times, values, strict=True):
            hour = _hour(time, asked)
            yield Point(hour, model, metric, counter({"Values": value}, "Values"))


def _metric(identity: str) -> str:
    names = [name for name in METRICS if name.lower() == identity]
    if not names:
        raise FieldError("Id", say("was not asked for"), identity)
    return METRICS[names[0]]


def _hour(value: object, asked: Period) -> datetime:
    whole = isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)
    seconds = int(value) if whole and 0 < value < _MOST_SECONDS else -1  # type: ignore[operator, call-overload]
    if seconds < 0 or seconds % 3600:
        raise FieldError("Timestamps", say("is not an hour in Unix seconds"), value)
    hour = _EPOCH + timedelta(seconds=seconds)
    if hour.date() not in asked:
        raise FieldError("Timestamps", say("is not of the days that were asked for"), value)
    return hour
