"""Reprice: what a slice of real usage would have cost at other offers, as one frozen answer.

Every record is priced at the list of its own time there, so that it stands beside what was spent.
Amounts stay in the offer's own currency; only a rate that the user set puts them beside another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from plimsoll.analysis.at_offer import PLAIN, Load
from plimsoll.analysis.reprice import KindCost, Reason, Repriced, Stay, part_of
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import Cancelled, KnownError
from plimsoll.domain.exchange import converted
from plimsoll.domain.money import shares_of
from plimsoll.domain.question import (
    EVERYTHING,
    Amounts,
    Dimension,
    Gap,
    Question,
    Scope,
    Table,
)
from plimsoll.domain.said import say
from plimsoll.domain.tariff import UNITS, Kind
from plimsoll.domain.usage import Tokens, UsageRecord
from plimsoll.ledger import answers
from plimsoll.ledger.accounts import Source, sources
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.exchange import exchange
from plimsoll.ledger.moving import Held, held_records
from plimsoll.prices.book import band_for, circumstances_of, prompt_lengths
from plimsoll.prices.rates import SCALE, Circumstances, NotPriced, counts_of
from plimsoll.services.offers import Offer, missing_sites, offers_of
from plimsoll.services.pricing import Pricing, currency_of, seller_of
from plimsoll.services.reprice_desk import STANDARD, Desk, Item
from plimsoll.services.reprice_words import MissingOffer, Note, Why, no_usage_words

_TOLD_EVERY = 5_000
"""Records from one word of progress to the next."""

_UNIT_WORDS = frozenset(kind.value for kind in UNITS)
_BY = (Dimension.SOURCE, Dimension.MODEL, Dimension.LINE_ITEM)


class NoUsage(KnownError):
    """There is nothing in the asked slice that could be priced anew."""

    title = say("No usage")


@dataclass(frozen=True, slots=True)
class Scenario:
    """The slice at one offer, the asked share of it: `low` to `high` nano-units of its currency for
    the `moved` tokens, which were worth `worths` (list price, by currency) where they were used.

    `kinds` sum to the two ends. `stays` is what cannot move. `beside` are the ends in the currency
    of the worth by the user's own rate, where that is another one and there is one. `notes` say why
    it is a range and what is missing for a comparison. `worth` of `unpriced` tokens is not known.
    """

    offer: Offer
    tier: str
    low: int
    high: int
    kinds: tuple[KindCost, ...]
    moved: int
    unpriced: int
    worths: tuple[tuple[str, int], ...]
    stays: tuple[Stay, ...]
    notes: tuple[Note, ...]
    beside: tuple[str, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Repricings:
    """A slice of usage (provider days, UTC) and what a share of it would cost at several offers.

    `spent` and `tokens` are those of the whole slice, `spent_share` of the asked share. `missing`
    are offers that the price book does not have.
    """

    period: Period
    scope: Scope
    share: int
    tokens: Tokens
    spent: tuple[Amounts, ...]
    spent_share: tuple[Amounts, ...]
    scenarios: tuple[Scenario, ...]
    missing: tuple[MissingOffer, ...]
    gaps: tuple[Gap, ...]
    not_final_from: date | None


def reprice(
    ledger: Ledger,
    book: Pricing,
    *,
    period: Period,
    to: Sequence[str],
    scope: Scope = EVERYTHING,
    share: int = 100,
    tier: str = "",
    now: datetime,
    progress: Callable[[float], None] = lambda _share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Repricings:
    """What `share` percent of a slice would have cost at every offer of each of `to`.

    With a `tier` everything is priced in it (`standard` is none); without one, every record keeps
    its own, and stays where the offer has none. `progress` hears the share of the tokens that is
    done. Raises `NoUsage`, `WrongUse` for a model that nobody has a price of, and `Cancelled`.
    """
    offers = tuple(
        dict.fromkeys(
            offer
            for asked in to
            for offer in offers_of(asked, ledger=ledger, book=book.book, period=period, now=now)
        )
    )
    table = answers.answer(ledger, Question(period, _BY, scope), today=utc_day(now))
    if not table.total.tokens.total and not any(a.spent for a in table.total.amounts):
        raise NoUsage(no_usage_words(period, in_part=bool(scope)))
    desks = [Desk(book, offer, tier) for offer in offers]
    slice_ = _Slice(ledger, book, table)
    done, whole = 0, table.total.tokens.total
    for count, item in enumerate(slice_.items(held_records(ledger, period, scope)), 1):
        if cancelled():
            raise Cancelled(say("Stopped; nothing was priced."))
        done += item.record.tokens.total
        if count % _TOLD_EVERY == 0 and whole:
            progress(min(done / whole, 1.0))
        for desk in desks:
            desk.take(item)
    for desk in desks:
        for stay in slice_.without_tokens():
            desk.sums.add_stay(stay)
    scenarios = tuple(_scenario(ledger, desk, share, utc_day(now)) for desk in desks)
    return Repricings(
        period=period,
        scope=scope,
        share=share,
        tokens=table.total.tokens,
        spent=table.total.amounts,
        spent_share=tuple(_part_of(amounts, share) for amounts in table.total.amounts),
        scenarios=scenarios,
        missing=tuple(missing_sites(offers)),
        gaps=table.gaps,
        not_final_from=table.not_final_from,
    )


def _part_of(amounts: Amounts, share: int) -> Amounts:
    return Amounts(
        amounts.currency,
        part_of(amounts.billed, share),
        part_of(amounts.estimated, share),
        part_of(amounts.plan, share),
        part_of(amounts.worth, share),
    )


def _scenario(ledger: Ledger, desk: Desk, share: int, today: date) -> Scenario:
    result = _shared(desk.sums.result(), share)
    currency = desk.offer.currency
    others = [code for code, _ in result.worths if code != currency]
    notes, beside = list(desk.notes()), None
    if others and len(result.worths) == 1:
        factor = exchange(ledger).factor(today, currency, others[0])
        if factor is None:
            notes.append(Note(Why.NO_RATE, currency=currency, other=others[0]))
        else:
            low, high = converted(result.low, factor), converted(result.high, factor)
            beside = (others[0], low, high)
    elif others:
        notes.append(Note(Why.SEVERAL_CURRENCIES, currency=currency))
    return Scenario(
        offer=desk.offer,
        tier=desk.tier,
        low=result.low,
        high=result.high,
        kinds=result.kinds,
        moved=result.moved,
        unpriced=result.unpriced,
        worths=result.worths,
        stays=result.stays,
        notes=tuple(notes),
        beside=beside,
    )


def _shared(result: Repriced, share: int) -> Repriced:
    """The asked share of everything that can move; its kinds still sum to both ends."""
    if share == 100:
        return result
    low, high = part_of(result.low, share), part_of(result.high, share)
    return replace(
        result,
        low=low,
        high=high,
        kinds=tuple(
            KindCost(kind.kind, one, other)
            for kind, one, other in zip(
                result.kinds,
                shares_of(low, [kind.low for kind in result.kinds]),
                shares_of(high, [kind.high for kind in result.kinds]),
                strict=True,
            )
        ),
        moved=part_of(result.moved, share),
        unpriced=part_of(result.unpriced, share),
        worths=tuple((currency, part_of(nanos, share)) for currency, nanos in result.worths),
    )


# -- the slice, record by record ----------------------------------------------------------------


class _Slice:
    """The records of a slice, as the offers need them."""

    def __init__(self, ledger: Ledger, book: Pricing, table: Table) -> None:
        self._sources: Mapping[int, Source] = {s.id: s for s in sources(ledger, removed=True)}
        self._currencies: dict[tuple[int, str], str] = {}
        self._book = book
        self._rows = table.rows
        writes, answering = set(), set()
        for row in table.rows:
            place = row.key[:2]
            if row.tokens.cache_write_5m or row.tokens.cache_write_1h:
                writes.add(place)
            if row.tokens.output:
                answering.add(place)
        self._writes, self._answering = frozenset(writes), frozenset(answering)

    def items(self, records: Iterable[Held]) -> Iterator[Item]:
        """Every record that holds something."""
        for held in records:
            record = held.record
            if record.tokens.total or any(quantity for _, quantity in record.units):
                yield self._item(held, self._sources[held.source])

    def without_tokens(self) -> Iterator[Stay]:
        """Money that no tokens stand behind: lines of bills that name models, but not there; and
        the money of sources that tell no tokens at all.
        """
        counted = {row.key[0] for row in self._rows if row.tokens.total or row.units}
        by_model = {
            row.key[0] for row in self._rows if row.key[1] and any(a.billed for a in row.amounts)
        }
        for row in self._rows:
            source, model, line_item = row.key
            if row.tokens.total:
                continue
            for amounts in row.amounts:
                if source not in counted and amounts.spent:
                    what = line_item or model or source or ""
                    yield Stay(Reason.NO_TOKENS, what, amounts.currency, amounts.spent)
                elif source in by_model and model is None and line_item and amounts.billed:
                    yield Stay(Reason.LINE_ITEM, line_item, amounts.currency, amounts.billed)

    def _item(self, held: Held, source: Source) -> Item:
        record, details = held.record, dict(held.record.details)
        known = tuple(unit for unit in record.units if unit[0] in _UNIT_WORDS)
        extra = tuple(
            Stay(Reason.UNIT, unit, quantity=quantity)
            for unit, quantity in record.units
            if quantity and unit not in _UNIT_WORDS
        )
        if len(known) < len(record.units):
            record = replace(record, units=known)
        place = (source.name, record.attribution.model)
        lists = source.id, seller_of(record, source.connector)
        if lists not in self._currencies:
            self._currencies[lists] = currency_of(source, lists[1]) or ""
        asked = circumstances_of(record, source.connector, source.uid, self._currencies[lists])
        item = Item(
            record=record,
            provider=asked.provider,
            model=record.attribution.model and asked.model,
            terms=(asked.tier, asked.speed),
            load=Load({Kind.INPUT: record.tokens.total}, worth=held.worth, currency=held.currency),
            answers=place in self._answering,
            extra=extra,
        )
        if details.get("classes") == "unknown":
            return replace(item, stays=(Reason.NO_CLASSES, ""))
        try:
            counts, lengths = counts_of(record, details), prompt_lengths(record, details)
        except NotPriced:
            return replace(item, stays=(Reason.NO_CLASSES, ""))
        prompt = record.tokens.total - record.tokens.output
        load = Load(
            counts=counts,
            shortest=lengths[0],
            longest=lengths[1],
            average=prompt // record.requests if record.requests else None,
            tells_writes=place in self._writes,
            worth=held.worth,
            currency=held.currency,
        )
        beside = counts.keys() - PLAIN
        if beside and held.worth is not None and record.attribution.model is not None:
            load = replace(load, apart=dict(self._apart(record, asked, load, beside)))
        return replace(item, load=load)

    def _apart(
        self, record: UsageRecord, asked: Circumstances, load: Load, beside: Iterable[Kind]
    ) -> Iterator[tuple[Kind, int | None]]:
        """What each kind beside plain text was worth, where one price held."""
        try:
            prices = self._book.book.prices_over(asked, record.start, record.end)
        except NotPriced:
            return
        band, _ = band_for(prices[0], load.shortest, load.longest)
        for kind in beside:
            rate = band.rates.get(kind)
            certain = rate is not None and (len(prices) == 1 or kind in UNITS)
            if rate is not None and certain:
                yield kind, round(Fraction(load.counts[kind]) * rate / SCALE)


__all__ = ["STANDARD", "NoUsage", "Repricings", "Scenario", "reprice"]
