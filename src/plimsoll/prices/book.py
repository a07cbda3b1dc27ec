"""The price book: what a usage record is worth at list price, or that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, day_start, utc_day
from plimsoll.domain.calls import PRICED_AS
from plimsoll.domain.money import MAX_NANOS, Money, nanos_of
from plimsoll.domain.said import say
from plimsoll.domain.tariff import Discount, Holidays, HolidaysUnknown, Kind, PriceRow
from plimsoll.domain.usage import REPORTED_USD, Computed, Tokens, UsageRecord
from plimsoll.prices import edition
from plimsoll.prices.days import Stretch, over, stretches_of
from plimsoll.prices.rates import (
    Band,
    Bands,
    Circumstances,
    NotPriced,
    counts_of,
    nanos_of_counts,
)
from plimsoll.prices.rows import bands_of
from plimsoll.prices.shelf import Rank, Shelf, name_in

if TYPE_CHECKING:
    from plimsoll.prices.snapshot import Snapshot

_WINDOW = re.compile(r"(\d{1,6})([kM]?)-(\d{1,6})([kM])", re.ASCII)
_THOUSANDS = {"": 1, "k": 1000, "M": 1_000_000}

BY_THE_GATEWAY = say("as the gateway itself estimated it")
"""The basis of a worth where no list has a price, and a gateway reported one."""

LOWER_RATE = say("the lower rate, because the lengths of the single prompts are not reported")


NOTHING_USED = say("nothing was used")
"""The basis of a record without tokens and units."""


@dataclass(frozen=True, slots=True)
class InHours:
    """Whether a record was used in peak hours, None where it may have been in both; and what it
    would be worth off-peak, in nano-units, None where that is not known.
    """

    peak: bool | None
    currency: str
    off_peak: int | None


class PriceBook:
    """Prices by provider, account, model, instant, tier and length of the prompt.

    Asked in this order: the user's `own` prices for the account, their own prices for all accounts,
    the overlay that comes with Plimsoll, and the package genai-prices (or a newer `snapshot` of it)
    for the providers whose list there is in dollars and right. Everybody else's records are *not
    priced*, never zero. `discounts` come off whatever price was found. Safe to use from several
    threads.
    """

    def __init__(
        self,
        own: Sequence[PriceRow] = (),
        discounts: Sequence[Discount] = (),
        *,
        snapshot: Snapshot | None = None,
    ) -> None:
        self._own_rows = tuple(own)
        self._own = Shelf(own, own=True)
        self._discounts = tuple(discounts)
        self._snapshot = snapshot
        self._days: dict[tuple[Circumstances, date], tuple[Stretch, ...]] = {}

    @cached_property
    def edition(self) -> str:
        """Which prices these are, to be kept beside every amount that they made."""
        own = self._own_rows or self._discounts
        return edition.joined(
            self._snapshot.label if self._snapshot else edition.listed(),
            edition.overlay(),
            _digest(self._own_rows, self._discounts) if own else "",
        )

    def compute(
        self, record: UsageRecord, *, provider: str, source: str = "", currency: str | None = None
    ) -> Computed:
        """What a record is worth at the price of its time, and in words which price it was.

        `source` is the account's name, `currency` what it is billed in (None where nobody said,
        which is enough where the provider has a single list). `worth` is in the currency of the
        price; it is None, with the reason, where any part of the record has no known price, and
        where the price changes within the record's time. Where a gateway told its own estimate,
        that stands in for a price that is not known.
        """
        reported = dict(record.details).get(REPORTED_USD)
        if not record.tokens.total and not any(quantity for _, quantity in record.units):
            none = Computed(Money(currency or "USD", 0), NOTHING_USED)
            return _reported(reported) if reported else none
        try:
            return self._priced(record, provider, source, currency or "")
        except NotPriced as unknown:
            return _reported(reported) if reported else Computed(None, str(unknown))

    def has_discount(self, source: str) -> bool:
        """Whether a contract takes something off an account's amounts on some day."""
        return any(discount.source == source for discount in self._discounts)

    def bands_all_day(self, circumstances: Circumstances, day: date) -> Bands:
        """The price that holds all of a UTC day; nothing where it changes or there is none."""
        first, *others = self._day(circumstances, day)
        return () if others or isinstance(first.price, NotPriced) else first.price

    def stretches_on(self, circumstances: Circumstances, day: date) -> tuple[Stretch, ...]:
        """The prices of a UTC day, cut wherever they change."""
        return self._day(circumstances, day)

    def prices_over(
        self, circumstances: Circumstances, start: datetime, end: datetime
    ) -> tuple[Bands, ...]:
        """Every price that holds at some instant of `[start, end)`; raises `NotPriced` where there
        is none at one of them.
        """
        return tuple(stretch.bands for stretch in self._stretches(circumstances, start, end))

    def hours_of(
        self, record: UsageRecord, *, provider: str, source: str = "", currency: str | None = None
    ) -> InHours | None:
        """Whether a record was in its price's peak hours; None for a price without such hours.

        The hours of a maker's two lists are the same: they are known where the currency is not.
        """
        from plimsoll.prices import overlay

        if record.attribution.model is None:
            return None
        circumstances = circumstances_of(record, provider, source, currency or "")
        ranks = (*self._own.ranks(circumstances), *overlay.shelf().ranks(circumstances))
        live = [row for rank in ranks for row in rank.rows if row.holds_at(record.start)]
        if not live or live[0].schedule is None:
            return None
        row, known = live[0], {other.currency for other in live} == {live[0].currency}
        try:
            peak = _was_peak(row, record.start, record.end, overlay.holidays())
            if not known:
                return InHours(peak, "", None)
            bands = bands_of(row, circumstances, lead="", peak=False)
            details = dict(record.details)
            band, _ = band_for(bands, *prompt_lengths(record, details))
            nanos = nanos_of_counts(counts_of(record, details), band)
            return InHours(peak, row.currency, nanos)
        except NotPriced:
            return InHours(None, row.currency if known else "", None)

    def _priced(self, record: UsageRecord, provider: str, source: str, currency: str) -> Computed:
        details = dict(record.details)
        attribution = record.attribution
        if details.get("classes") == "unknown":
            raise NotPriced(say("Only the sum of these tokens is known, not their classes."))
        if attribution.model is None:
            raise NotPriced(say("The provider does not say which model this was."))
        circumstances = circumstances_of(record, provider, source, currency)
        counts, lengths = counts_of(record, details), prompt_lengths(record, details)
        stretches = self._stretches(circumstances, record.start, record.end)
        band, certain = _oneband_for(stretches, counts, lengths)
        nanos = nanos_of_counts(counts, band)
        if nanos > MAX_NANOS:
            raise NotPriced(say("The amount is out of range."))
        worth, basis = Money(band.currency, nanos), _basis(record, band, certain=certain)
        discount = self._discount(source, record.start)
        if discount is None:
            return Computed(worth, basis)
        words = f"{basis}; less {discount.percent.normalize():f} % by contract"
        return Computed(worth, words, off=discount.off(nanos))

    def _discount(self, source: str, start: datetime) -> Discount | None:
        for discount in self._discounts:
            if discount.source == source and discount.holds_on(utc_day(start)):
                return discount
        return None

    # -- which price holds when ------------------------------------------------------------------

    def _stretches(
        self, circumstances: Circumstances, start: datetime, end: datetime
    ) -> Sequence[Stretch]:
        """The prices that hold over `[start, end)`, at least one."""
        day = utc_day(start)
        whole = self._day(circumstances, day)
        if len(whole) == 1 and end <= whole[0].end:
            return whole
        found = list(over(whole, start, end))
        while day_start(day + ONE_DAY) < end:
            day += ONE_DAY
            found.extend(over(self._day(circumstances, day), start, end))
        return found

    def _day(self, circumstances: Circumstances, day: date) -> tuple[Stretch, ...]:
        known = self._days.get((circumstances, day))
        if known is None:
            known = self._days[circumstances, day] = self._looked_up(circumstances, day)
        return known

    def _looked_up(self, circumstances: Circumstances, day: date) -> tuple[Stretch, ...]:
        from plimsoll.prices import overlay

        ranks = (*self._own.ranks(circumstances), *overlay.shelf().ranks(circumstances))

        def price_at(instant: datetime) -> Bands:
            return self._price_at(circumstances, instant, ranks)

        return stretches_of(
            day_start(day),
            day_start(day + ONE_DAY),
            rows=[row for rank in ranks for row in rank.rows],
            price_at=price_at,
        )

    def _price_at(
        self, circumstances: Circumstances, instant: datetime, ranks: Iterable[Rank]
    ) -> Bands:
        from plimsoll.prices import listed, overlay

        for rank in ranks:
            row = rank.row_at(instant)
            if row is not None:
                peak = _is_peak(row, instant, overlay.holidays())
                lead = _lead(row, circumstances.model, own=rank.own)
                return bands_of(row, circumstances, lead=lead, peak=peak)
        currency = circumstances.currency
        if currency in ("", listed.CURRENCY) and circumstances.provider in listed.LISTS:
            return listed.bands_for(circumstances, utc_day(instant), snapshot=self._snapshot)
        words = f"{circumstances.model} in {currency}" if currency else circumstances.model
        raise NotPriced(f"There is no list price for {words}{' at that time' if ranks else ''}.")


def circumstances_of(
    record: UsageRecord, provider: str, source: str, currency: str
) -> Circumstances:
    """What the price of a record of a named model depends on."""
    details = dict(record.details)
    return Circumstances(
        provider=details.get("provider", provider),  # an agent's call names whose prices count
        model=details.get(PRICED_AS, record.attribution.model or ""),
        tier=record.attribution.tier or "",
        speed=details.get("speed", ""),
        geo=details.get("inference_geo", ""),
        source=source,
        currency=currency,
    )


def _is_peak(row: PriceRow, instant: datetime, holidays: Holidays) -> bool:
    try:
        return row.schedule is None or row.schedule.is_peak(instant, holidays)
    except HolidaysUnknown as unknown:
        raise NotPriced(str(unknown)) from None


def _was_peak(row: PriceRow, start: datetime, end: datetime, holidays: Holidays) -> bool | None:
    """Whether all of `[start, end)` was in peak hours, or none of it; None for some of it."""
    if row.schedule is None or (end > start and not row.holds_at(end - timedelta(microseconds=1))):
        return None
    begins = _is_peak(row, start, holidays)
    edges = row.schedule.edges(day_start(utc_day(start)), day_start(utc_day(end) + ONE_DAY))
    inside = (edge for edge in edges if start < edge < end)
    return begins if all(_is_peak(row, edge, holidays) is begins for edge in inside) else None


def _lead(row: PriceRow, model: str, *, own: bool) -> str:
    """Whose price of what it is; what is not certain about one of ours is said."""
    if own:
        whose = "for this account" if row.source else "for all accounts"
        return f"own price of {model} ({whose})"
    said = f"Plimsoll's list; {row.note}" if row.note else "Plimsoll's list"
    return f"list price of {name_in(row, model)} ({said})"


def _reported(dollars: str) -> Computed:
    return Computed(Money("USD", nanos_of(Decimal(dollars))), BY_THE_GATEWAY)


def _digest(own: Sequence[PriceRow], discounts: Sequence[Discount]) -> str:
    """The user's own prices and discounts, told from others of another time by eight letters."""
    from plimsoll.prices.pricefile import write_prices

    text = "\n".join((write_prices(own), *map(repr, discounts)))
    return f"own prices {sha256(text.encode()).hexdigest()[:8]}"


def _basis(record: UsageRecord, band: Band, *, certain: bool) -> str:
    if certain and not record.units:
        return band.words
    units = band.unit_words if record.units else ""
    return "; ".join(filter(None, (band.words, units, "" if certain else LOWER_RATE)))


def _oneband_for(
    stretches: Sequence[Stretch], counts: Mapping[Kind, object], lengths: tuple[int, int]
) -> tuple[Band, bool]:
    """The band that prices a record at every instant of its time; raises `NotPriced` if several."""
    first, *others = stretches
    band, certain = band_for(first.bands, *lengths)
    for other in others:
        later, _ = band_for(other.bands, *lengths)
        if _asked(later, counts) != _asked(band, counts):
            raise NotPriced(
                say(
                    "The price changes at {time} UTC, within the time of this record.",
                    time=f"{other.start:%H:%M}",
                )
            )
    return band, certain


def _asked(band: Band, counts: Mapping[Kind, object]) -> tuple[str, list[int | None]]:
    return band.currency, [band.rates.get(kind) for kind in counts]


def band_for(bands: Bands, shortest: int, longest: int) -> tuple[Band, bool]:
    """The band for prompts of these lengths: the lower one where they may lie in several."""
    lower = higher = bands[0]
    for band in bands[1:]:
        if shortest > band.above:
            lower = band
        if longest > band.above:
            higher = band
    return lower, lower is higher


def prompt_lengths(record: UsageRecord, details: Mapping[str, str]) -> tuple[int, int]:
    """The shortest and longest that a prompt of this record can be, in tokens.

    A record of one request has its length. Otherwise the provider's context window gives bounds
    (`200k-1M`), and no prompt is longer than all of the record's input.
    """
    whole = _input_of(record.tokens)
    if record.requests == 1:
        return whole, whole
    window = details.get("context_window")
    if window is None:
        return 0, whole
    match = _WINDOW.fullmatch(window)
    if match is None:
        raise NotPriced(
            say("There is no list price for the context window {window}.", window=window)
        )
    low, low_unit, high, high_unit = match.groups()
    shortest = int(low) * _THOUSANDS[low_unit]
    longest = int(high) * _THOUSANDS[high_unit]
    return shortest + 1 if shortest else 0, min(longest, max(whole, shortest + 1))


def _input_of(tokens: Tokens) -> int:
    return tokens.total - tokens.output
