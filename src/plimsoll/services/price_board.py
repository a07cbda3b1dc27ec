"""Price board: every model of the price book, and what a million tokens cost at the user's mix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from plimsoll.analysis.change import CLASSES
from plimsoll.domain.calendar import ONE_DAY, Period, day_start, previous_month, utc_day
from plimsoll.domain.question import Dimension, Question
from plimsoll.domain.tariff import Kind
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.own_prices import own_prices
from plimsoll.prices.board import Dated, Offer, Prices, names_on_lists, offers
from plimsoll.prices.snapshot import Snapshot
from plimsoll.services.fetched_prices import fetched_prices
from plimsoll.services.market_answers import BoardRow, Coming, PriceBoard
from plimsoll.services.pricing import Accounts, pricing_with, rows_of
from plimsoll.services.sellers import Sellers

_MILLION = 1_000_000
_MONTHS = 12
_DAYS = 30


def price_board(ledger: Ledger, folder: Path, *, now: datetime) -> PriceBoard:
    """All models with their prices now, those in use marked; asks no network."""
    own, snapshot = own_prices(ledger), fetched_prices(folder).snapshot
    accounts = Accounts(ledger)
    rows = tuple(accounts.row_by_name(row) for row in rows_of(own))
    shares, used = _mix(ledger, snapshot, now)
    return PriceBoard(
        rows=tuple(
            _row(offer, shares, now=now, used=_is_used(offer, used))
            for offer in offers(rows, snapshot=snapshot, now=now)
        ),
        shares=shares,
        edition=pricing_with(own, snapshot).book.edition,
    )


def _mix(
    ledger: Ledger, snapshot: Snapshot | None, now: datetime
) -> tuple[dict[str, Fraction], frozenset[tuple[str, str]]]:
    """The classes' shares of the last thirty days' tokens, whatever paid for them, and whose models
    had some, by the names that lists have of them.
    """
    today = utc_day(now)
    period = Period(today - timedelta(days=_DAYS), today - ONE_DAY)
    question = Question(period, (Dimension.SOURCE, Dimension.MODEL))
    table = answers.answer(ledger, question, today=today)
    counts = {name: getattr(table.total.tokens, name) for name in CLASSES}
    whole = sum(counts.values())
    shares = {name: Fraction(count, whole) for name, count in counts.items() if count}
    sellers = Sellers(ledger)
    places = {(row.key[0] or "", row.key[1]) for row in table.rows if row.tokens.total}
    named = {(sellers.of(source, model), model) for source, model in places if model}
    return shares, frozenset(
        (provider, name)
        for provider, model in named
        for name in names_on_lists(provider, model, snapshot=snapshot)
    )


def _is_used(offer: Offer, used: frozenset[tuple[str, str]]) -> bool:
    return any((offer.provider, name.casefold()) in used for name in offer.names)


def _row(offer: Offer, shares: Mapping[str, Fraction], *, now: datetime, used: bool) -> BoardRow:
    prices, others, hours = offer.prices, offer.otherwise, offer.hours
    return BoardRow(
        layer=offer.layer,
        provider=offer.provider,
        model=offer.model,
        names=offer.names,
        currency=offer.currency,
        source=offer.source,
        input=_of(prices, Kind.INPUT),
        cache_read=_of(prices, Kind.CACHE_READ),
        cache_write=_of(prices, Kind.CACHE_WRITE_5M),
        output=_of(prices, Kind.OUTPUT),
        mix=at_mix(prices, shares),
        peak=hours.peak if hours else None,
        doubt=hours.doubt if hours else "",
        until=hours.until if hours else None,
        other_hours=None if others is None else (_of(others, Kind.INPUT), _of(others, Kind.OUTPUT)),
        steps=offer.steps,
        tiers=offer.tiers,
        coming=tuple(
            Coming(one.begins, _of(one.prices, Kind.INPUT), _of(one.prices, Kind.OUTPUT))
            for one in offer.coming
            if one.begins is not None
        ),
        history=_history(offer.past, shares, now),
        used=used,
        note=offer.note,
    )


def at_mix(prices: Prices, shares: Mapping[str, Fraction]) -> int | None:
    """Nano-units for a million tokens of these classes; None where there is no mix or no price."""
    fresh = prices.get(Kind.INPUT)
    if not shares or fresh is None:
        return None
    if Kind.OUTPUT.value in shares and Kind.OUTPUT not in prices:
        return None
    return round(
        sum((share * prices.get(Kind(name), fresh) for name, share in shares.items()), Fraction(0))
        * _MILLION
    )


def _history(
    past: Iterable[Dated], shares: Mapping[str, Fraction], now: datetime
) -> tuple[int | None, ...]:
    month = previous_month(utc_day(now))
    ends = [now]
    for _ in range(_MONTHS - 1):
        ends.append(day_start(month.last))
        month = previous_month(month.first)
    dated = list(past)
    if len(dated) < 2:
        return ()

    def price_at(instant: datetime) -> int | None:
        live = [one for one in dated if one.begins is None or one.begins <= instant]
        return at_mix(live[-1].prices, shares) if live else None

    found = tuple(price_at(instant) for instant in reversed(ends))
    return found if len(set(found)) > 1 else ()


def _of(prices: Prices, kind: Kind) -> int | None:
    price = prices.get(kind)
    return None if price is None else round(price * _MILLION)
