"""Together: billed cost and tokens by day and model, through yesterday.

API facts: the official client, `organization.usage.costs` (together 3.1.1). Amounts are dollars as
decimal text. A month is asked at a time; its windows are whole UTC days, and only those that are
over are told. A line's quantity is in the product's own unit: where the product's name ends in
“Tokens” it counts tokens, of input, cached input or output, each billed apart. The model stands
among the line's dimensions or attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, month_of, utc_day
from plimsoll.domain.errors import MissingScope, PageLoop
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
    Row,
    answer_of,
    calendar_day,
    list_of,
    money,
    quantity,
    readable,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.rows.billed_lines import BilledLine, billed_day

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count dollars."""

DEAREST_TOKEN = Decimal("0.001")
"""Dollars: no token costs a thousand dollars a million, so that a dearer “token” is a bundle."""

ON_A_PAGE = 1000
MOST_PAGES = 40

_CLASSES = (("cached", "cache_read"), ("input", "input"), ("output", "output"))
_MODEL = ("model", "model_name", "model_id")


@dataclass(slots=True)
class Bill:
    """One Together organisation behind a door; each month is asked for once."""

    _door: Door
    _months: dict[date, dict[date, list[BilledLine]]] = field(default_factory=dict)
    _organisation: str | None = None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The billed usage."""
        return (Endpoint("usage", say("Billed usage")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days that are over, as `base.Account.pull` promises."""
        yesterday = utc_day(self._door.clock.now()) - ONE_DAY
        for day in period.days():
            if day <= yesterday:
                yield billed_day(endpoint, day, self._month(day).get(day, ()))

    def _month(self, day: date) -> dict[date, list[BilledLine]]:
        first = day.replace(day=1)
        if first not in self._months:
            self._months[first] = self._ask(month_of(day))
        return self._months[first]

    def _ask(self, month: Period) -> dict[date, list[BilledLine]]:
        asked = (
            ("month", f"{month.first:%Y-%m}"),
            ("granularity", "day"),
            ("limit", str(ON_A_PAGE)),
        )
        days: dict[date, list[BilledLine]] = {}
        cursors: set[str] = set()
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            params = asked if cursor is None else (*asked, ("after", cursor))
            cursor = self._read(self._get(params), month, days)
            if cursor is None:
                return days
            if cursor in cursors:
                break
            cursors.add(cursor)
        raise PageLoop(say("Together's bill of a month does not end."), remedy=DAYS_STAY)

    def _get(self, params: tuple[tuple[str, str], ...]) -> Row:
        try:
            return self._door.get("/billing/usage", params)
        except MissingScope as refusal:
            needs = say("The key must be one of the organisation's own.")
            raise MissingScope(refusal.sentence, remedy=needs) from None

    def _read(self, body: Row, month: Period, days: dict[date, list[BilledLine]]) -> str | None:
        """Keep a page's windows by day; gives the cursor of the next page, None after the last."""
        with answer_of("Together", remedy=DAYS_STAY) as at:
            _check_envelope(body)
            for index, raw in enumerate(list_of(body, "data")):
                at.where = f"data[{index}]"
                window = row_of(raw, "window")
                day = calendar_day(window, "date")
                if day not in month:
                    raise FieldError(
                        "date", say("is not of the month that was asked for"), str(day)
                    )
                if day in days:
                    raise FieldError("date", say("comes twice"), str(day))
                days[day] = []
                for number, line in enumerate(list_of(window, "line_items")):
                    at.where = f"data[{index}].line_items[{number}]"
                    days[day].append(_line(row_of(line, "line")))
            at.where = ""
            self._organisation = word(body, "organization_id") or self._organisation
            return word(body, "next_cursor")

    def names(self) -> tuple[Name, ...]:
        """The bill has names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """Together tells no balance."""
        return ()

    def organisation(self) -> str | None:
        """The organisation whose bill was read; None before."""
        return self._organisation

    def test(self) -> tuple[Finding, ...]:
        """The bill of this month, one window of it."""
        today = utc_day(self._door.clock.now())
        params = (("month", f"{today:%Y-%m}"), ("granularity", "day"), ("limit", "1"))
        self._read(self._get(params), month_of(today), {})
        return (readable(say("Billed usage (cost and tokens by day and model)"), ok=True),)


def _check_envelope(body: Row) -> None:
    if body.get("object") != "list":
        raise FieldError("object", say("is not “list”"), body.get("object"))
    if body.get("currency") != "USD":
        raise FieldError("currency", say("is not USD"), body.get("currency"))


def _line(row: Row) -> BilledLine:
    product = required_word(row, "product_name")
    amount, text = money(row, "cost", "USD", unit=UNITS)
    sold = quantity(row, "quantity")
    price = quantity(row, "unit_price")
    if sold is None:
        raise FieldError("quantity", say("is missing"))
    told = {
        **_told(row, "attributes"),
        **_told(row, "pricing_dimensions"),
        "quantity": sold,
        "unit_price": price,
        "applied_credit": _credit(row),
    }
    counts = _token_class(product, sold, price)
    return BilledLine(
        next((told[name] for name in _MODEL if told.get(name)), None),
        product,
        amount,
        text,
        tuple((name, value) for name, value in told.items() if value),
        counts=counts,
        tokens=int(Decimal(sold)) if counts else 0,
    )


def _told(row: Row, name: str) -> dict[str, str | None]:
    told = row.get(name)
    if told is None:
        return {}
    found = row_of(told, name)
    return {key: word(found, key) for key in found}


def _credit(row: Row) -> str | None:
    applied = row.get("applied_credit")
    return None if applied is None else word(row_of(applied, "applied_credit"), "type")


def _token_class(product: str, sold: str, price: str | None) -> str | None:
    """The token class that a line counts; None where it counts something else, or in bundles."""
    name = product.casefold()
    whole = Decimal(sold) == Decimal(sold).to_integral_value() and Decimal(sold) >= 0
    single = price is None or abs(Decimal(price)) < DEAREST_TOKEN
    if not (name.endswith("tokens") and whole and single):
        return None
    return next((counted for part, counted in _CLASSES if part in name), None)


class Together:
    """What can be known of Together without asking it."""

    name = "together"
    title = "Together"
    base_url = "https://api.together.ai/v1"
    key_shape = KeyShape(
        label=say("Together API key"),
        prefixes=("",),
        wrong=not_of("Together", own=("tgp_v1_",)),
        needs=say("Any API key of the organisation reads its bill."),
        help_url="https://api.together.ai/settings/api-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, money=True, per_model=True)
    revision_days = 3
    about = About(figures=say("Billed cost and tokens by UTC day and model, through yesterday."))
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Bill:
        """The organisation behind a door; there is nothing to set."""
        return Bill(door)


CONNECTOR = Together()
