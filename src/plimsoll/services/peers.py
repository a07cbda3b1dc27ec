"""Peers: list prices of mainland models beside those of overseas ones, measured and not quoted."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.exchange import Exchange
from plimsoll.domain.tariff import Kind
from plimsoll.ledger.database import Ledger
from plimsoll.prices.board import Offer, offers
from plimsoll.services.fetched_prices import fetched_prices
from plimsoll.services.market_answers import Ratio
from plimsoll.services.spending import rates_of
from plimsoll.shipped import resource


def peer_ratios(ledger: Ledger, folder: Path, *, now: datetime) -> tuple[Ratio, ...]:
    """Every mainland model of the table of peers beside each overseas one, at list prices now.

    A mainland list in another currency is compared at the rate that the user set, and without one
    it is not compared.
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


def _of(names: Sequence[tuple[str, str]], known: dict[tuple[str, str], list[Offer]]) -> list[Offer]:
    """What is on offer of these models; one that has no price now is an offer without prices."""
    return [
        offer
        for provider, model in names
        for offer in known.get((provider, model)) or [Offer("", provider, model, "", {})]
    ]


def _ratio(group: str, mine: Offer, theirs: Offer, exchange: Exchange, day: date) -> Ratio:
    why, factor = "", None
    if not mine.prices or not theirs.prices:
        why = f"There is no list price for {theirs.model if mine.prices else mine.model} now."
    else:
        factor = exchange.factor(day, mine.currency, theirs.currency)
        if factor is None:
            why = f"No rate from {mine.currency} to {theirs.currency} is set."
    return Ratio(
        group=group,
        provider=mine.provider,
        model=mine.model,
        currency=mine.currency,
        peer_provider=theirs.provider,
        peer=theirs.model,
        input=_share(mine, theirs, Kind.INPUT, factor),
        output=_share(mine, theirs, Kind.OUTPUT, factor),
        why=why,
    )


def _share(mine: Offer, theirs: Offer, kind: Kind, factor: Fraction | None) -> Fraction | None:
    price, peer = mine.prices.get(kind), theirs.prices.get(kind)
    return price * factor / peer if factor is not None and price is not None and peer else None
