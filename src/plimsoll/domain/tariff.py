"""Tariff: what is asked for tokens and calls, by whom, in which currency, and when it holds.

A price of 0 means free; a price that is absent means that nobody knows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo

from plimsoll.domain.currencies import CODES
from plimsoll.domain.said import say

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
DAY_MINUTES = 24 * 60

HIGHEST = Decimal(1_000_000_000)
"""No price and no multiplier is as high as this; one that is has its decimal point misplaced."""

PRICE_PLACES = 9
MULTIPLIER_PLACES = 4
"""Decimal places that prices and multipliers may have, so that their products stay exact."""

HOLIDAY_CALENDARS = frozenset({"cn"})
"""Words for the tables of public holidays that a schedule may name."""

TIERS = ("batch", "flex", "priority", "fast")
"""What a price can have a multiplier for: service tiers, and the speed `fast`."""


class Kind(StrEnum):
    """What is priced apart, by its word in price files."""

    INPUT = "input"
    INPUT_AUDIO = "input_audio"
    INPUT_IMAGE = "input_image"
    CACHE_READ = "cache_read"
    CACHE_READ_AUDIO = "cache_read_audio"
    CACHE_READ_IMAGE = "cache_read_image"
    CACHE_WRITE_5M = "cache_write_5m"
    CACHE_WRITE_1H = "cache_write_1h"
    CACHE_WRITE_12H = "cache_write_12h"
    OUTPUT = "output"
    OUTPUT_AUDIO = "output_audio"
    OUTPUT_IMAGE = "output_image"
    SEARCHES = "searches"
    FETCHES = "fetches"
    CHARACTERS = "characters"
    SECONDS = "seconds"


PRICED_PER: Mapping[Kind, int] = {
    kind: {
        Kind.SEARCHES: 1000,
        Kind.FETCHES: 1000,
        Kind.CHARACTERS: 1_000_000,
        Kind.SECONDS: 3600,
    }.get(kind, 1_000_000)
    for kind in Kind
}
"""How many of each kind its price is for: a million tokens, a thousand calls, an hour of audio."""

UNITS = frozenset({Kind.SEARCHES, Kind.FETCHES, Kind.CHARACTERS, Kind.SECONDS})
"""The kinds that are not tokens: neither multipliers nor steps nor hours change their price."""

_KIND_WORDS = frozenset(kind.value for kind in Kind)

Rates = tuple[tuple[Kind, Decimal], ...]
"""Prices by kind, each for as many as `PRICED_PER` says; a kind that is missing is unknown."""

Holidays = Mapping[str, Mapping[int, frozenset[date]]]
"""Public holidays by calendar and year; a year that is missing is unknown, not free of them."""


class BadPrice(ValueError):
    """A price that cannot be: `field` is its word in price files, the text says what is wrong."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


class HolidaysUnknown(ValueError):
    """Whether an instant is in peak hours depends on holidays that no table tells."""


@dataclass(frozen=True, slots=True)
class Step:
    """The token prices of a request whose prompt is longer than `above` tokens, all of it.

    Token prices that a step does not name are unknown there; units cost what they always do.
    """

    above: int
    rates: Rates

    def __post_init__(self) -> None:
        if self.above < 1:
            raise BadPrice("above", say("must be at least 1"))
        _check_rates(self.rates)
        if any(kind in UNITS for kind, _ in self.rates):
            raise BadPrice("step", say("has prices of tokens only"))


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of the day at which the peak price holds; at all others it is off-peak.

    `peak` are windows of minutes after midnight in `zone`, the end not included, on `weekdays` (1
    is Monday) that are no holiday of the calendar `holidays`; without one, holidays are as others.
    """

    zone: str
    peak: tuple[tuple[int, int], ...]
    weekdays: tuple[int, ...] = EVERY_DAY
    holidays: str = ""

    def __post_init__(self) -> None:
        try:
            _zone(self.zone)
        except (ValueError, KeyError, OSError):
            raise BadPrice("zone", say("there is no time zone {zone}", zone=self.zone)) from None
        if not self.peak or any(not 0 <= a < b <= DAY_MINUTES for a, b in self.peak):
            raise BadPrice("peak", say("must be windows of one day that end after they begin"))
        if not self.weekdays or not set(self.weekdays) <= set(EVERY_DAY):
            raise BadPrice("weekdays", say("must be numbers from 1 (Monday) to 7 (Sunday)"))
        if self.holidays and self.holidays not in HOLIDAY_CALENDARS:
            raise BadPrice(
                "holidays", say("there is no table of holidays {holidays}", holidays=self.holidays)
            )

    def is_peak(self, instant: datetime, holidays: Holidays) -> bool:
        """Whether an instant lies in peak hours.

        Raises `HolidaysUnknown` where that hangs on the holidays of a year that no table has.
        """
        local = instant.astimezone(_zone(self.zone))
        minute = local.hour * 60 + local.minute
        if local.isoweekday() not in self.weekdays or not any(
            start <= minute < end for start, end in self.peak
        ):
            return False
        if not self.holidays:
            return True
        days = holidays.get(self.holidays, {}).get(local.year)
        if days is None:
            raise HolidaysUnknown(say("The holidays of {year} are not known.", year=local.year))
        return local.date() not in days

    def edges(self, first: datetime, until: datetime) -> Iterator[datetime]:
        """The instants in `[first, until)`, UTC, at which the price may change; in no order.

        Both bounds are whole minutes, and clocks change at most once between them.
        """
        zone = _zone(self.zone)
        day, last = first.astimezone(zone).date(), until.astimezone(zone).date()
        minutes = {0, *(minute for window in self.peak for minute in window)}
        while day <= last:
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock
            for minute, fold in product(minutes, (0, 1)):
                wall = midnight + timedelta(minutes=minute)
                edge = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
                if first <= edge < until:
                    yield edge
            day += timedelta(days=1)
        yield from _clock_change(zone, first, until)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price: what one provider asks for some models, in one currency, over a span of time.

    `provider` is our word for it, `models` the exact names of models (upper and lower case are the
    same; a name with a date behind it is the name without). It holds over `[effective_from,
    effective_to)`, UTC, None being open. `multipliers` are (tier, share) of the token prices. With
    a `schedule` the rates and steps are those of peak hours; off-peak they are multiplied by
    `off_peak_multiplier`, or are the `off_peak` rates. `source` is the name of the one account that
    the price is for, None for all. `link` is where it was read, `checked` the day that it was, and
    `note` says what is not certain about it.
    """

    provider: str
    models: tuple[str, ...]
    currency: str
    rates: Rates
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    steps: tuple[Step, ...] = ()
    multipliers: tuple[tuple[str, Decimal], ...] = ()
    schedule: Schedule | None = None
    off_peak_multiplier: Decimal | None = None
    off_peak: Rates = ()
    source: str | None = None
    link: str = ""
    checked: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for field in ("provider", "source", "link", "note"):
            if not (getattr(self, field) or "").isprintable():
                raise BadPrice(field, say("must be text on one line"))
        if not self.provider:
            raise BadPrice("provider", say("is missing"))
        names = [name.casefold() for name in self.models]
        if not names or not all(name and name.isprintable() for name in names):
            raise BadPrice("models", say("needs the name of a model"))
        if len(set(names)) < len(names):
            raise BadPrice("models", say("names a model twice"))
        if self.currency not in CODES:
            raise BadPrice(
                "currency", say("there is no currency {currency}", currency=self.currency)
            )
        _check_span(self.effective_from, self.effective_to)
        _check_rates(self.rates)
        _check_steps(self.steps)
        _check_multipliers(self.multipliers)
        _check_off_peak(self)

    def holds_at(self, instant: datetime) -> bool:
        """Whether this price holds at an instant."""
        return (self.effective_from is None or self.effective_from <= instant) and (
            self.effective_to is None or instant < self.effective_to
        )


@dataclass(frozen=True, slots=True)
class Discount:
    """What one account's contract takes off every price, in percent.

    It holds for records that begin on the days (UTC) from `first` to `last`, both included; None
    is open.
    """

    source: str
    percent: Decimal
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if not self.percent.is_finite() or not 0 <= self.percent <= 100:
            raise BadPrice("percent", say("must be between 0 and 100"))
        if self.first and self.last and self.last < self.first:
            raise BadPrice("last", say("must not be earlier than the first day"))

    def holds_on(self, day: date) -> bool:
        """Whether it holds for records that begin on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def meets(self, other: Discount) -> bool:
        """Whether another is for the same account on some of the same days."""
        return (
            self.source == other.source
            and (self.first or date.min) <= (other.last or date.max)
            and (other.first or date.min) <= (self.last or date.max)
        )

    def off(self, nanos: int) -> int:
        """The nano-units taken off a worth, rounded once, half to even."""
        return round(Fraction(self.percent) * nanos / 100)


def first_overlap(rows: Sequence[PriceRow]) -> tuple[int, int] | None:
    """The positions of two rows that price one model of one account in one currency at one time.

    A row for all accounts and a row for one of them do not overlap: the account's own goes first.
    """
    seen: dict[tuple[str, str, str, str | None], list[int]] = {}
    for position, row in enumerate(rows):
        for name in row.models:
            others = seen.setdefault((row.provider, name.casefold(), row.currency, row.source), [])
            for other in others:
                if _meet(rows[other], row):
                    return other, position
            others.append(position)
    return None


def _meet(one: PriceRow, other: PriceRow) -> bool:
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: PriceRow, other: PriceRow) -> bool:
    begin, end = one.effective_from, other.effective_to
    return begin is None or end is None or begin < end


def check_number(field: str, number: Decimal) -> None:
    """Raise `BadPrice` for a price, or a multiplier of prices, that cannot be."""
    if not number.is_finite() or number.is_signed():
        raise BadPrice(field, say("must be a number that is not negative"))
    if number >= HIGHEST:
        raise BadPrice(field, say("must be less than {highest}", highest=f"{HIGHEST:,}"))
    places = PRICE_PLACES if field in _KIND_WORDS else MULTIPLIER_PLACES
    if number != round(number, places):
        raise BadPrice(field, say("must have at most {places} decimal places", places=places))


# -- what a row may not be -----------------------------------------------------------------------


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _clock_change(zone: ZoneInfo, first: datetime, until: datetime) -> Iterator[datetime]:
    """The minute in `[first, until)` at which a zone's clocks are put forward or back, if any."""
    before = first.astimezone(zone).utcoffset()
    if until.astimezone(zone).utcoffset() == before:
        return
    early, late = 0, int((until - first).total_seconds()) // 60
    while late - early > 1:
        middle = (early + late) // 2
        if (first + timedelta(minutes=middle)).astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    yield first + timedelta(minutes=late)


def _check_span(begin: datetime | None, end: datetime | None) -> None:
    for field, instant in (("effective_from", begin), ("effective_to", end)):
        if instant is not None and instant.tzinfo is not UTC:
            raise BadPrice(field, say("must be in UTC"))
    if begin is not None and end is not None and end <= begin:
        raise BadPrice("effective_to", say("must be later than effective_from"))


def _check_rates(rates: Rates) -> None:
    kinds = [kind for kind, _ in rates]
    if len(set(kinds)) < len(kinds):
        raise BadPrice("rates", say("names a price twice"))
    for kind, price in rates:
        check_number(kind, price)


def _check_steps(steps: tuple[Step, ...]) -> None:
    lengths = [step.above for step in steps]
    if lengths != sorted(set(lengths)):
        raise BadPrice("step", say("must each be above more tokens than the one before"))


def _check_multipliers(multipliers: tuple[tuple[str, Decimal], ...]) -> None:
    tiers = [tier for tier, _ in multipliers]
    for tier, share in multipliers:
        if tier not in TIERS:
            raise BadPrice(
                tier,
                say("there is no tier {tier}, only {names}", tier=tier, names=", ".join(TIERS)),
            )
        check_number(tier, share)
    if len(set(tiers)) < len(tiers):
        raise BadPrice("multipliers", say("names a tier twice"))


def _check_off_peak(row: PriceRow) -> None:
    share, rates = row.off_peak_multiplier, row.off_peak
    if share is not None:
        check_number("off_peak_multiplier", share)
    _check_rates(rates)
    if row.schedule is None:
        if share is not None or rates:
            raise BadPrice("schedule", say("is missing, and tells the hours of off-peak prices"))
    elif (share is None) == (not rates):
        raise BadPrice("schedule", say("needs either off_peak_multiplier or a table off_peak"))
    elif rates and row.steps:
        raise BadPrice("off_peak", say("cannot be beside steps; off_peak_multiplier can"))
    elif any(kind in UNITS for kind, _ in rates):
        raise BadPrice("off_peak", say("has prices of tokens only"))


__all__ = [
    "EVERY_DAY",
    "HOLIDAY_CALENDARS",
    "PRICED_PER",
    "TIERS",
    "UNITS",
    "BadPrice",
    "Discount",
    "Holidays",
    "HolidaysUnknown",
    "Kind",
    "PriceRow",
    "Rates",
    "Schedule",
    "Step",
    "check_number",
    "first_overlap",
]
