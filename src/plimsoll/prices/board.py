"""Board: every model that some price list has, with what it costs now, cost before and will cost.

The prices are those of plain requests with short prompts; longer ones, tiers and hours are told
beside them. An offer is one model of one seller in one currency, by one list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import day_start, utc_day
from plimsoll.domain.tariff import TIERS, Kind, PriceRow
from plimsoll.prices import overlay
from plimsoll.prices.hours import Hours, hours_at
from plimsoll.prices.listed import CURRENCY, LISTS, bands_for, changes_of, model_of
from plimsoll.prices.rates import SCALE, Bands, Circumstances, NotPriced
from plimsoll.prices.rows import bands_of
from plimsoll.prices.shelf import names_for

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo

    from plimsoll.prices.snapshot import Snapshot

MILLION = 1_000_000

Prices = Mapping[Kind, Fraction]
"""Nano-units for one token (or unit) of each kind; a kind that is missing has no price."""


@dataclass(frozen=True, slots=True)
class Dated:
    """The prices that begin at an instant, UTC; None where they are the first that are known."""

    begins: datetime | None
    prices: Prices


@dataclass(frozen=True, slots=True)
class Offer:
    """One model on one list. `layer` is own, overlay or listed; `source` is the one account that an
    own price is for. `names` are `model` and its other spellings (`seed-2.1` and `seed-2-1`).

    `prices` hold now, in these `hours`, None where the hour makes no difference; where nobody knows
    which hours it is, they are those of peak hours. `otherwise` are the prices of the other hours.
    `steps` are the lengths of prompts (tokens) above which they are others, `tiers` the shares of
    the price that tiers cost. `past` are the prices that the list has dated, up to now, off-peak;
    `coming` those of later days, at the same hours as `prices`; both oldest first.
    """

    layer: str
    provider: str
    model: str
    currency: str
    prices: Prices
    names: tuple[str, ...]
    source: str | None = None
    hours: Hours | None = None
    otherwise: Prices | None = None
    steps: tuple[int, ...] = ()
    tiers: tuple[tuple[str, Fraction], ...] = ()
    past: tuple[Dated, ...] = ()
    coming: tuple[Dated, ...] = ()
    note: str = ""


def offers(
    own: Sequence[PriceRow], *, snapshot: Snapshot | None, now: datetime
) -> tuple[Offer, ...]:
    """Every offer that holds now: the user's own, Plimsoll's list, the package's."""
    return (
        *_of_rows("own", own, now),
        *_of_rows("overlay", overlay.rows(), now),
        *_listed(snapshot, utc_day(now)),
    )


def names_on_lists(provider: str, model: str, *, snapshot: Snapshot | None) -> frozenset[str]:
    """The names, in lower case, by one of which a list has the model that records name so."""
    found = model_of(provider, model, snapshot=snapshot) if provider in LISTS else None
    return frozenset((*names_for(model), *([found.id.casefold()] if found else [])))


# -- rows: the user's own, and the overlay -----------------------------------------------------


def _of_rows(layer: str, rows: Sequence[PriceRow], now: datetime) -> Iterator[Offer]:
    found: dict[tuple[str, tuple[str, ...], str, str | None], list[PriceRow]] = {}
    for row in rows:
        for names in _spellings(row.models):
            found.setdefault((row.provider, names, row.currency, row.source), []).append(row)
    for (provider, names, currency, source), mine in found.items():
        live = next((row for row in mine if row.holds_at(now)), None)
        if live is None:
            continue
        mine.sort(key=lambda row: row.effective_from or datetime.min.replace(tzinfo=UTC))
        hours = hours_at(live, now, overlay.holidays())
        peak = hours is None or hours.peak is not False
        yield Offer(
            layer=layer,
            provider=provider,
            model=names[0],
            names=names,
            currency=currency,
            source=source,
            prices=_prices(live, peak=peak),
            hours=hours,
            otherwise=None if hours is None else _prices(live, peak=not peak),
            steps=tuple(step.above for step in live.steps),
            tiers=tuple((tier, Fraction(share)) for tier, share in live.multipliers),
            past=tuple(
                Dated(row.effective_from, _prices(row, peak=False))
                for row in mine
                if row.effective_from is None or row.effective_from <= now
            ),
            coming=tuple(
                Dated(row.effective_from, _prices(row, peak=peak))
                for row in mine
                if row.effective_from is not None and row.effective_from > now
            ),
            note=live.note,
        )


def _spellings(models: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The names of a row, those together that are one name with points or with dashes."""
    found: dict[str, list[str]] = {}
    for model in models:
        found.setdefault(model.casefold().replace(".", "-"), []).append(model)
    return (tuple(names) for names in found.values())


def _prices(row: PriceRow, *, peak: bool) -> Prices:
    asked = _plain(row.provider, row.models[0])
    return _of_bands(bands_of(row, asked, lead="", peak=peak or row.schedule is None))


# -- the package -------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def _listed(snapshot: Snapshot | None, today: date) -> tuple[Offer, ...]:
    from genai_prices.data_snapshot import get_snapshot

    data = snapshot.prices if snapshot is not None else get_snapshot()
    words = {theirs: ours for ours, theirs in LISTS.items()}
    return tuple(
        offer
        for provider in data.providers
        if provider.id in words
        for model in provider.models
        for offer in _of_model(words[provider.id], model, snapshot, today)
    )


def _of_model(
    provider: str, model: ModelInfo, snapshot: Snapshot | None, today: date
) -> Iterator[Offer]:
    def bands(day: date, tier: str = "") -> Bands:
        try:
            return bands_for(_plain(provider, model.id, tier), day, snapshot=snapshot)
        except NotPriced:
            return ()

    now = bands(today)
    if not now or not now[0].rates:
        return
    days = changes_of(model)
    prices = _of_bands(now)
    tiers = [(tier, _share(bands(today, tier), now)) for tier in TIERS if model.price_variants]
    yield Offer(
        layer="listed",
        provider=provider,
        model=model.id,
        names=(model.id,),
        currency=CURRENCY,
        prices=prices,
        steps=tuple(band.above for band in now[1:]),
        tiers=tuple((tier, share) for tier, share in tiers if share is not None),
        past=tuple(
            Dated(None if day is None else day_start(day), _of_bands(bands(day or date.min)))
            for day in (None, *days)
            if days and (day is None or day <= today)
        ),
        coming=tuple(Dated(day_start(day), _of_bands(bands(day))) for day in days if day > today),
    )


def _share(tier: Bands, usual: Bands) -> Fraction | None:
    if not tier:
        return None
    mine, theirs = tier[0].rates.get(Kind.OUTPUT), usual[0].rates.get(Kind.OUTPUT)
    return Fraction(mine, theirs) if mine is not None and theirs else None


def _of_bands(bands: Bands) -> Prices:
    return {kind: Fraction(rate, SCALE) for kind, rate in bands[0].rates.items()} if bands else {}


def _plain(provider: str, model: str, tier: str = "") -> Circumstances:
    return Circumstances(provider, model, tier=tier, speed="", geo="", source="", currency="")


__all__ = ["MILLION", "Dated", "Offer", "Prices", "offers"]
