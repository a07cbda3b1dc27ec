"""Peers: list prices of mainland models beside those of overseas ones, measured and not quoted."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.exchange import Exchange
from plimsoll.domain.said import say
from plimsoll.domain.tariff import Kind
from plimsoll.ledger.database import Ledger
from plimsoll.prices.board import Offer, offers
from plimsoll.prices.overlay import CURRENCIES
from plimsoll.services.fetched_prices import fetched_prices
from plimsoll.services.market_answers import Ratio
from plimsoll.services.spending import rates_of
from plimsoll.shipped import resource


def peer_ratios(ledger: Ledger, folder: Path, *, now: datetime) -> tuple[Ratio, ...]:
    """Every mainland model of the table of peers beside each overseas one, at list prices now.

    A mainland list in another currency is compared at the rate that the user set, and without one
    it is not compared. A maker's list in its other currency that does not have the model is said.
    """
    found = offers((), snapshot=fetched_prices(folder).snapshot, now=now)
    return ratios_of(found, rates_of(ledger), day=utc_day(now))


def ratios_of(found: Iterable[Offer], exchange: Exchange, *, day: date) -> tuple[Ratio, ...]:
    """The ratios of these offers, at the rates of a day; a model with two lists has two of each."""
    known: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in found:
        known[offer.provider, offer.model].append(offer)
    table = tomllib.loads(resource("market/peers.toml").read_text(encoding="utf-8"))
    return tuple(
        _ratio(group["name"], mine, theirs, exchange, day)
        for group in table["class"]
        for mine in _of(group["mainland"], known)
        for theirs in _of(group["overseas"], known)
    )


def _of(
    names: Sequence[tuple[str, str]], known: Mapping[tuple[str, str], Sequence[Offer]]
) -> Iterator[Offer]:
    """What is on offer of these models; where a list has no price now, an offer without prices."""
    for provider, model in names:
        found = known.get((provider, model), ())
        yield from found
        listed = {offer.currency for offer in found}
        for currency in CURRENCIES.get(provider, () if found else ("",)):
            if currency not in listed:
                yield Offer("", provider, model, currency, {}, (model,))


def _ratio(group: str, mine: Offer, theirs: Offer, exchange: Exchange, day: date) -> Ratio:
    why, factor = "", None
    if not mine.prices or not theirs.prices:
        lacking = theirs if mine.prices else mine
        why = _no_price(lacking.model, lacking.currency)
    elif mine.hours is not None and mine.hours.doubt:
        why = mine.hours.doubt
    else:
        factor = exchange.factor(day, mine.currency, theirs.currency)
        if factor is None:
            why = say(
                "No rate from {currency} to {other} is set.",
                currency=mine.currency,
                other=theirs.currency,
            )
    return Ratio(
        group=group,
        provider=mine.provider,
        model=mine.model,
        currency=mine.currency,
        peer_provider=theirs.provider,
        peer=theirs.model,
        input=_share(mine, theirs, Kind.INPUT, factor),
        output=_share(mine, theirs, Kind.OUTPUT, factor),
        peak=mine.hours.peak if mine.hours else None,
        why=why,
    )


def _no_price(model: str, currency: str) -> str:
    what = f"{model} in {currency}" if currency else model
    return say("There is no list price for {what}.", what=what)


def _share(mine: Offer, theirs: Offer, kind: Kind, factor: Fraction | None) -> Fraction | None:
    price, peer = mine.prices.get(kind), theirs.prices.get(kind)
    return price * factor / peer if factor is not None and price is not None and peer else None
