"""Mistral: billed cost and tokens by day and model, read with the admin key of an Enterprise plan.

API facts: https://docs.mistral.ai/admin/admin-api/usage-metrics. A month is asked at a time; its
answer is cut into categories, and these into models and lanes of entries, each with its time. What
stands inside the categories is in no document; it is as in Mistral's own console. No amount is
told: an entry costs its `value_paid` times the price that the answer itself lists for its event,
metric and group, in the answer's currency (often euros), a unit each. What is left out of
`value_paid` is free. Lanes of completions count tokens, fresh input and cached input apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calendar import Period, month_of, utc_day
from plimsoll.domain.money import Money, NotAnAmount, nanos_of, read_amount, read_currency
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    BalanceReading,
    Name,
    Slice,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Place,
    Row,
    answer_of,
    calendar_day,
    counter,
    list_of,
    readable,
    required_word,
    rfc3339_instant,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import until_today
from plimsoll.sources.rows.billed_lines import BilledLine, billed_day

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

TOKENS = "completion"
"""The category whose lanes count tokens."""

_CATEGORIES = ("chat", "completion", "ocr", "audio", "connectors")
_NESTED = {"libraries_api": ("pages", "tokens")}
_TRAINING = ("training", "storage")
_LANES = {"input": "input", "cached": "cache_read", "output": "output"}

Kind = tuple[str | None, str | None, str | None]
"""What a price is for: an event, a metric and a group."""


class _Prices(NamedTuple):
    """What one unit of each kind costs, exact, in one currency."""

    currency: str
    of: Mapping[Kind, Decimal]


@dataclass(slots=True)
class Organisation:
    """One Mistral organisation behind a door; each month is asked for once."""

    _door: Door
    _months: dict[date, dict[date, list[BilledLine]]] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The billing usage."""
        return (Endpoint("usage", say("Billing usage")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, a month a question, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        for day in asked.days() if asked else ():
            yield billed_day(endpoint, day, self._month(day).get(day, ()))

    def _month(self, day: date) -> dict[date, list[BilledLine]]:
        first = day.replace(day=1)
        if first not in self._months:
            params = (("month", str(day.month)), ("year", str(day.year)))
            self._months[first] = _read(self._door.get("/usage", params), month_of(day))
        return self._months[first]

    def names(self) -> tuple[Name, ...]:
        """The answer has names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """No prepaid credit is told to an admin key."""
        return ()

    def organisation(self) -> None:
        """The answer does not tell whose it is."""

    def test(self) -> tuple[Finding, ...]:
        """This month's usage."""
        self._month(utc_day(self._door.clock.now()))
        return (readable(say("Billing usage (cost and tokens by day and model)"), ok=True),)


def _read(body: Row, month: Period) -> dict[date, list[BilledLine]]:
    with answer_of("Mistral", remedy=DAYS_STAY) as at:
        prices = _prices(body, at)
        found: dict[date, list[BilledLine]] = {}
        for category, models in _all_models(body, at):
            for model, lanes in models.items():
                for lane, entries in row_of(lanes, model).items():
                    at.where = f"{category}.{lane}"
                    for raw in _entries(entries, lane):
                        entry = row_of(raw, "entry")
                        day = _day(entry)
                        if day not in month:
                            raise FieldError(
                                "timestamp", say("is not of the month that was asked for")
                            )
                        line = _line(entry, category, model, lane, prices)
                        found.setdefault(day, []).append(line)
        return found


def _all_models(body: Row, at: Place) -> Iterator[tuple[str, Row]]:
    """Every category that the answer has, with its models; one that is null has none."""
    if not any(name in body for name in _CATEGORIES):
        raise FieldError("completion", say("is missing"))
    for name in _CATEGORIES:
        at.where = name
        if body.get(name) is not None:
            yield name, _models(row_of(body[name], name))
    for name, parts in _NESTED.items():
        outer = row_of(body.get(name) or {}, name)
        for part in parts:
            at.where = f"{name}.{part}"
            if outer.get(part) is not None:
                yield f"{name} {part}", _models(row_of(outer[part], part))
    training = row_of(body.get("fine_tuning") or {}, "fine_tuning")
    for part in _TRAINING:
        at.where = f"fine_tuning.{part}"
        yield f"fine_tuning {part}", row_of(training.get(part) or {}, part)


def _entries(entries: object, lane: str) -> list[object]:
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise FieldError(lane, say("is not a list"), entries)
    return entries


def _models(category: Row) -> Row:
    return row_of(category.get("models") or {}, "models")


def _prices(body: Row, at: Place) -> _Prices:
    """The price of one unit of everything that the answer lists."""
    try:
        currency = read_currency(body.get("currency"))
    except NotAnAmount as problem:
        raise FieldError(
            "currency", say("is {problem}", problem=problem.args[0]), body.get("currency")
        ) from None
    found: dict[Kind, Decimal] = {}
    for index, raw in enumerate(list_of(body, "prices")):
        at.where = f"prices[{index}]"
        price = row_of(raw, "price")
        found[_kind(price)] = _exact(price, "price")
    at.where = ""
    return _Prices(currency, found)


def _kind(row: Row) -> Kind:
    return word(row, "event_type"), word(row, "billing_metric"), word(row, "billing_group")


def _exact(row: Row, name: str) -> Decimal:
    value = row.get(name)
    if value is None:
        raise FieldError(name, say("is missing"))
    try:
        return read_amount(value)
    except NotAnAmount as problem:
        raise FieldError(
            name, say("is {partition}", partition=str(problem).partition(":")[0]), value
        ) from None


def _line(row: Row, category: str, model: str, lane: str, prices: _Prices) -> BilledLine:
    """What one entry says; what is owed for it is exact until it is rounded, once."""
    value, paid = counter(row, "value"), counter(row, "value_paid")
    price = prices.of.get(_kind(row))
    if price is None and paid:
        raise FieldError("value_paid", say("has no price in the answer"), paid)
    try:
        owed = nanos_of(paid * (price or Decimal(0)))
    except NotAnAmount:
        raise FieldError("value_paid", say("times its price is out of range"), paid) from None
    told = {
        "value": str(value),
        "value_paid": str(paid),
        "price": None if price is None else f"{price:f}",
        "billing_metric": word(row, "billing_metric"),
    }
    return BilledLine(
        model,
        f"{category} {lane}",
        Money(prices.currency, owed),
        f"{paid} x {price:f}" if price is not None else "0",
        tuple((name, text) for name, text in told.items() if text is not None),
        counts=_LANES.get(lane) if category == TOKENS else None,
        tokens=value,
    )


def _day(row: Row) -> date:
    text = required_word(row, "timestamp")
    return (
        calendar_day(row, "timestamp")
        if len(text) == 10
        else utc_day(rfc3339_instant(row, "timestamp"))
    )


class Mistral:
    """What can be known of Mistral's billing without asking it."""

    name = "mistral"
    title = "Mistral"
    base_url = "https://api.mistral.ai/v1/admin"
    key_shape = KeyShape(
        label=say("Mistral admin key"),
        prefixes=("",),
        wrong=not_of("Mistral"),
        needs=say(
            "An admin key, which only an Enterprise plan has, made in the Admin "
            "Panel. A key for calling models looks the same and is refused."
        ),
        help_url="https://admin.mistral.ai/",
    )
    key_header = KeyHeader("x-api-key")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, money=True, per_model=True)
    revision_days = 3
    about = About(
        figures=say(
            "Billed cost by UTC day, model and kind, in the organisation's "
            "currency, tokens of completions. What Vibe used of its plan is not "
            "read."
        ),
        undocumented=say(
            "What stands inside Mistral's usage answer is in no document and can change any day."
        ),
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Organisation:
        """The organisation behind a door; there is nothing to set."""
        return Organisation(door)


CONNECTOR = Mistral()
