"""Board: every price that is known at an instant, to be looked through and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.money import NANO
from plimsoll.domain.tariff import PRICE_PLACES, PRICED_PER, UNITS, Kind, PriceRow, Rates, Step
from plimsoll.prices import listed, overlay
from plimsoll.prices.rates import SCALE, Bands, NotPriced
from plimsoll.prices.snapshot import Snapshot


class Origin(StrEnum):
    """Who says what a price is."""

    OWN = "own price"
    OVERLAY = "Plimsoll's list"
    PACKAGE = "genai-prices"


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """One price that holds at the instant asked, the standard one where there are several tiers.

    `edition` is the edition of the package for prices of its; ours and the user's have the day on
    which they were checked in their `row`.
    """

    row: PriceRow
    origin: Origin
    edition: str = ""


def known_prices(
    own: Sequence[PriceRow], *, model: str, at: datetime, snapshot: Snapshot | None
) -> Iterator[KnownPrice]:
    """The prices of models with `model` in their names (all where it is empty), ours first.

    A price of the package that one of ours goes before is left out.
    """
    part = model.casefold()
    seen: set[tuple[str, str]] = set()
    for origin, rows in ((Origin.OWN, own), (Origin.OVERLAY, overlay.rows())):
        for row in rows:
            if row.holds_at(at) and any(part in name.casefold() for name in row.models):
                seen.update((row.provider, name.casefold()) for name in row.models)
                yield KnownPrice(row, origin)
    edition = listed.edition(snapshot)
    for provider, names in listed.models(snapshot):
        for name in names:
            if part in name.casefold() and (provider, name.casefold()) not in seen:
                standard = _row(provider, name, at, snapshot)
                if standard is not None:
                    yield KnownPrice(standard, Origin.PACKAGE, edition)


def _row(provider: str, name: str, at: datetime, snapshot: Snapshot | None) -> PriceRow | None:
    try:
        bands = listed.standard_bands(provider, name, utc_day(at), snapshot=snapshot)
    except NotPriced:
        return None
    first, *longer = bands
    return PriceRow(
        provider=provider,
        models=(name,),
        currency=first.currency,
        rates=tuple(_prices(bands, 0)),
        steps=tuple(
            Step(band.above, _of_tokens(_prices(bands, number)))
            for number, band in enumerate(longer, 1)
        ),
    )


def _prices(bands: Bands, number: int) -> Iterator[tuple[Kind, Decimal]]:
    for kind, rate in bands[number].rates.items():
        price = Fraction(rate * PRICED_PER[kind], NANO * SCALE)
        yield kind, round(Decimal(price.numerator) / price.denominator, PRICE_PLACES).normalize()


def _of_tokens(prices: Iterator[tuple[Kind, Decimal]]) -> Rates:
    return tuple((kind, price) for kind, price in prices if kind not in UNITS)


__all__ = ["KnownPrice", "Origin", "known_prices"]
