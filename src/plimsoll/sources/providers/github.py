"""GitHub: what Copilot and Models cost by day, product and, where it is told, by model.

API facts: https://docs.github.com/en/rest/billing/usage. Amounts are dollars; what is owed is
`netAmount`, because `grossAmount` counts what the plan includes as well. The usage report tells a
month day by day, without models. Models are told for premium requests (until 31 May 2026) and for
AI credits (since), each for its own era and only a day at a time: a day's line is cut by model
where the models' lines sum to no more than it, and what they leave stays without a model. No tokens
are told. A seat that a company pays is on the company's bill, never on the user's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, month_before, month_of, utc_day
from plimsoll.domain.errors import REFUSED, KnownError, MissingScope, NotOffered, WrongUse
from plimsoll.domain.money import Money, NotAnAmount, decimal_text, read_amount
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    Slice,
    UsageRecord,
)
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    list_of,
    money,
    readable,
    required_word,
    row_of,
    surprise,
    word,
)

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count dollars."""

CURRENCY = "USD"

CREDITS_SINCE = date(2026, 6, 1)
"""From this day on Copilot counts AI credits, before it premium requests."""

MONTHS_KEPT = 24

_OURS = ("copilot", "model", "spark")
"""What the products of interest have in their names; the bill lists Actions and storage, too."""

_SLACK_NANOS = 5_000_000
"""Half a cent: GitHub rounds a day's line, so the models' lines may sum to a little more."""

_NONE = Decimal(0)
_NEEDS_USER = say("A user's own bill needs a fine-grained token with Plan: read.")
_COMPANY = say(
    "A seat that a company pays is on the company's bill: use --set org=NAME with a "
    "token of the organisation's own (Administration: read)."
)


class Item(NamedTuple):
    """A line of the bill: `net` is what is owed, `text` GitHub's own writing of it."""

    product: str
    sku: str
    model: str | None
    net: Money
    text: str
    quantity: Decimal
    unit: str
    details: tuple[tuple[str, str], ...]

    @property
    def line(self) -> tuple[str, str]:
        """What a line is the line of, however it is written."""
        return self.product.casefold(), self.sku.casefold()


@dataclass(slots=True)
class Bill:
    """The billing account of one organisation, enterprise or user, behind a door."""

    _door: Door
    _settings: Mapping[str, str]
    _home: str = ""
    _tells_models: bool = True
    _months: dict[date, dict[date, list[Item]]] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The usage report, which reaches back 24 months."""
        return (Endpoint("usage", say("Billed usage"), self._reach()),)

    def _reach(self) -> date:
        return month_before(utc_day(self._door.clock.now()), MONTHS_KEPT - 1)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, a month in one answer, as `base.Account.pull` promises."""
        asked = period.overlap(Period(self._reach(), utc_day(self._door.clock.now())))
        for day in asked.days() if asked else ():
            items = self._month(day).get(day, [])
            yield _slice(endpoint, day, self._by_model(day, items))

    def _month(self, day: date) -> dict[date, list[Item]]:
        first = day.replace(day=1)
        if first not in self._months:
            asked = (("year", str(day.year)), ("month", str(day.month)))
            self._months[first] = _read_month(self._ask_bill(asked), month_of(day))
        return self._months[first]

    def _by_model(self, day: date, items: Sequence[Item]) -> list[Item]:
        """The day's lines, cut by model where GitHub tells the models."""
        if not self._tells_models or not any(_is_counted(item) for item in items):
            return list(items)
        era = "ai_credit/usage" if day >= CREDITS_SINCE else "premium_request/usage"
        asked = tuple((name, str(getattr(day, name))) for name in ("year", "month", "day"))
        try:
            body = self._ask(era, asked)
        except REFUSED:
            self._tells_models = False
            return list(items)
        return _cut(items, _read_models(body))

    def _ask_bill(self, params: tuple[tuple[str, str], ...]) -> Row:
        """The usage report; a refusal of a user's own says where else the money may be."""
        try:
            return self._ask("usage", params)
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=self._advice(refusal)) from None
        except NotOffered as refusal:
            advice = self._advice(refusal)
            raise NotOffered(refusal.sentence, status=refusal.status, remedy=advice) from None

    def _advice(self, refusal: KnownError) -> str:
        own = self._home.startswith("/users/")
        return together([_NEEDS_USER, _COMPANY]) if own else refusal.remedy

    def _ask(self, what: str, params: tuple[tuple[str, str], ...] = ()) -> Row:
        return self._door.get(f"{self._billing()}/{what}", params)

    def _billing(self) -> str:
        """Where the bill is: that of who was set, else of the user whose token it is."""
        self._home = (
            self._home or _home(self._settings) or f"/users/{quote(self._login(), safe='')}"
        )
        return f"{self._home}/settings/billing"

    def _login(self) -> str:
        try:
            return required_word(self._door.get("/user"), "login")
        except FieldError as problem:
            raise surprise("GitHub", problem, remedy=DAYS_STAY) from None

    def names(self) -> tuple[Name, ...]:
        """The bill has names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """GitHub bills afterwards; what a plan includes is in no answer."""
        return ()

    def organisation(self) -> str:
        """The organisation, enterprise or user that is billed, by its own address."""
        return self._billing().removesuffix("/settings/billing").strip("/").casefold()

    def test(self) -> tuple[Finding, ...]:
        """The bill of this month, and whether models are told."""
        now = utc_day(self._door.clock.now())
        month = (("year", str(now.year)), ("month", str(now.month)))
        _read_month(self._ask_bill(month), month_of(now))
        told: KnownError | None = None
        try:
            _read_models(self._ask("ai_credit/usage", (*month, ("day", str(now.day)))))
        except REFUSED as refusal:
            told = refusal
        return (
            readable(
                say(
                    "The bill of {organisation} (day by day, in dollars)",
                    organisation=self.organisation(),
                ),
                ok=True,
            ),
            readable(
                say("Copilot's AI credits by model"),
                ok=told is None,
                remedy=say("Without them money is told by product only."),
                essential=False,
            ),
        )


def _home(settings: Mapping[str, str]) -> str:
    found = [
        f"/{kind}/{quote(settings[name], safe='')}"
        for name, kind in (("org", "organizations"), ("enterprise", "enterprises"))
        if settings.get(name)
    ]
    return found[0] if found else ""


# -- one answer ----------------------------------------------------------------------------------


def _read_month(body: Row, month: Period) -> dict[date, list[Item]]:
    days: dict[date, list[Item]] = {}
    where = ""
    try:
        for index, raw in enumerate(list_of(body, "usageItems")):
            where = f"usageItems[{index}]"
            row = row_of(raw, "row")
            day = _day(row, month)
            if _is_ours(row):
                days.setdefault(day, []).append(_item(row))
    except FieldError as problem:
        raise surprise("GitHub", problem, where=where, remedy=DAYS_STAY) from None
    return days


def _read_models(body: Row) -> list[Item]:
    where = ""
    items = []
    try:
        for index, raw in enumerate(list_of(body, "usageItems")):
            where = f"usageItems[{index}]"
            row = row_of(raw, "row")
            required_word(row, "model")
            items.append(_item(row))
    except FieldError as problem:
        raise surprise("GitHub", problem, where=where, remedy=DAYS_STAY) from None
    return items


def _day(row: Row, month: Period) -> date:
    text = row.get("date")
    try:
        day = date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is None or str(text)[10:] not in {"", "T00:00:00Z"}:
        raise FieldError("date", say("is not a day"), text)
    if day not in month:
        raise FieldError("date", say("is not of the month that was asked for"), text)
    return day


def _is_ours(row: Row) -> bool:
    product = required_word(row, "product").casefold()
    return any(name in product for name in _OURS)


def _item(row: Row) -> Item:
    net, text = money(row, "netAmount", CURRENCY, unit=UNITS)
    count = "netQuantity" if "quantity" not in row else "quantity"
    gross = {name: _written(row, name) for name in ("grossAmount", "discountAmount")}
    places = {
        "repository": word(row, "repositoryName"),
        "organization": word(row, "organizationName"),
    }
    told = {**gross, **places}
    return Item(
        product=required_word(row, "product"),
        sku=required_word(row, "sku"),
        model=word(row, "model"),
        net=net,
        text=text,
        quantity=_quantity(row, "grossQuantity" if "grossQuantity" in row else count),
        unit=(word(row, "unitType") or "units").casefold().replace(" ", "_").replace("-", "_"),
        details=tuple((name, value) for name, value in told.items() if value),
    )


def _written(row: Row, name: str) -> str | None:
    """An amount that is kept beside, as GitHub writes it."""
    value = row.get(name)
    return None if value is None else str(value)


def _quantity(row: Row, name: str) -> Decimal:
    value = row.get(name)
    if value is None:
        raise FieldError(name, say("is missing"))
    try:
        amount = read_amount(value)
    except NotAnAmount as problem:
        raise FieldError(name, str(problem).partition(":")[0], value) from None
    if amount < 0:
        raise FieldError(name, say("is below zero"), value)
    return amount


def _is_counted(item: Item) -> bool:
    """Whether models can be told of a line: Copilot's requests and credits, not its seats."""
    counted = "request" in item.unit or "credit" in item.unit
    return counted and "copilot" in item.product.casefold() and item.quantity > 0


def _cut(items: Sequence[Item], parts: Sequence[Item]) -> list[Item]:
    """Lines cut by model. They always sum to the day's own lines: what the models' parts leave
    stays without a model, and parts that claim more than there is are not believed.
    """
    whole: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        whole.setdefault(item.line, []).append(item)
    of_line: dict[tuple[str, str], list[Item]] = {}
    for part in parts:
        of_line.setdefault(part.line, []).append(part)
    found: list[Item] = []
    for line, lines in whole.items():
        mine = of_line.get(line, [])
        rest = sum(i.net.nanos for i in lines) - sum(p.net.nanos for p in mine)
        left = sum((i.quantity for i in lines), _NONE) - sum((p.quantity for p in mine), _NONE)
        if not mine or rest < -_SLACK_NANOS or left < 0:
            found += lines
            continue
        found += mine
        if rest or left:
            money_left = Money(CURRENCY, rest)
            found.append(lines[0]._replace(net=money_left, text=decimal_text(rest), quantity=left))
    return found


def _slice(endpoint: str, day: date, items: Sequence[Item]) -> Slice:
    start, end = day_start(day), day_start(day + ONE_DAY)
    return Slice(
        endpoint,
        day,
        records=tuple(
            UsageRecord(start, end, _of(item), units=((item.unit, item.quantity),))
            for item in items
            if item.quantity
        ),
        charges=tuple(
            Charge(_of(item), item.net, item.text, details=_details(item)) for item in items
        ),
        bills_by=frozenset({"line_item", "model"}),
    )


def _of(item: Item) -> Attribution:
    return Attribution(model=item.model, line_item=item.sku)


def _details(item: Item) -> tuple[tuple[str, str], ...]:
    return (
        ("product", item.product),
        ("quantity", f"{item.quantity:f}"),
        ("quantity_unit", item.unit),
        *item.details,
    )


class GitHub:
    """What can be known of GitHub's billing without asking it."""

    name = "github"
    title = "GitHub"
    base_url = "https://api.github.com"
    key_shape = KeyShape(
        label=say("GitHub personal access token"),
        prefixes=("github_pat_", "ghp_"),
        wrong=(
            ("gho_", say("This is a login token of a program, which reads no bill.")),
            ("ghu_", say("This is a user token of a GitHub app, which reads no bill.")),
            ("ghs_", say("This is a token of a GitHub app or workflow, which reads no bill.")),
            ("ghr_", say("This is a refresh token, which reads nothing.")),
            ("sk-", say("This is a key of another provider, not of GitHub.")),
        ),
        needs=say(
            "A fine-grained token (github_pat_…) with Administration: read of the "
            "organisation, or Plan: read of the user; an enterprise's bill needs a "
            "classic token (ghp_…) of one who manages its billing."
        ),
        help_url="https://github.com/settings/personal-access-tokens/new",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({"X-GitHub-Api-Version": "2026-03-10"})
    gives = Gives(units=True, money=True, per_model=True)
    revision_days = 3
    """A day's lines come in for some hours, and no document says for how long. An answer tells the
    whole month, so nothing more is asked for longer days.
    """
    about = About(
        settings=(
            Setting(
                "org",
                say("Organisation"),
                say("whose bill it is; yours without it."),
                example="acme",
            ),
            Setting(
                "enterprise",
                say("Enterprise"),
                say("whose bill it is, of all of it."),
                example="acme",
            ),
        )
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one. Raises `WrongUse` for two bills at once."""
        if settings.get("org") and settings.get("enterprise"):
            raise WrongUse(
                say("An organisation and an enterprise are two bills."),
                remedy=say(
                    "Say --set org=NAME or --set enterprise=NAME, and add the other "
                    "as a source of its own."
                ),
            )
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> Bill:
        """The bill of who was set, else of the token's own user."""
        return Bill(door, settings)


CONNECTOR = GitHub()
