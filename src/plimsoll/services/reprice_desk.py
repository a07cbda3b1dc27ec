"""One offer: what record after record of a slice would have cost at it, and why some stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.analysis.at_offer import SAME_TOKENS, Load, Price, Step, Yield, yield_of
from plimsoll.analysis.reprice import Reason, Repricing, Stay
from plimsoll.domain.tariff import Kind
from plimsoll.domain.usage import UsageRecord
from plimsoll.prices.caching import cache_rules
from plimsoll.prices.rates import SCALE, Bands, Circumstances, NotPriced
from plimsoll.prices.terms import unusual_words
from plimsoll.prices.tokenizer import USUAL, tokenizer_of
from plimsoll.services.offers import Offer, same_maker, same_model
from plimsoll.services.pricing import Pricing
from plimsoll.services.reprice_words import Note, Why

STANDARD = "standard"
"""The word for asking that everything is priced without a tier."""

_OLD_ENCODINGS = (95, 145)
"""Percent of `o200k_base`'s count that OpenAI's older encodings come to: little more for English
and code, much more for Chinese."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record on its way to the offers; `stays` says why it cannot move to any."""

    record: UsageRecord
    provider: str
    model: str | None
    terms: tuple[str, str]
    load: Load
    answers: bool
    stays: tuple[Reason, str] | None = None
    extra: tuple[Stay, ...] = ()


class Desk:
    """One offer, to which record after record is taken."""

    def __init__(self, book: Pricing, offer: Offer, tier: str) -> None:
        self.offer = offer
        self.tier = tier
        self.sums = Repricing(cache_rules(offer.provider), parts=SCALE)
        self._book = book.book
        self._steps: dict[int, tuple[Bands, Price]] = {}
        self._yields: dict[str | None, Yield] = {}
        self._percents = _percents(offer.model)
        self._hours = self._lengths = self._cached = self._reads = False

    def take(self, item: Item) -> None:
        """Price a record here, or say why it stays."""
        for stay in item.extra:
            self.sums.add_stay(stay)
        named = item.model is not None and same_model(item.model, self.offer.model)
        same = named and same_maker(item.provider, self.offer.provider)
        if item.stays is not None:
            self.sums.stay(item.load, *item.stays)
            return
        if not item.answers and not same and item.record.tokens.total:
            self.sums.stay(item.load, Reason.NO_OUTPUT, item.model or "")
            return
        terms = item.terms if not self.tier else ("" if self.tier == STANDARD else self.tier, "")
        try:
            prices = self._prices(item.record, *terms)
        except NotPriced as missing:
            self.sums.stay(item.load, *self._why_not(item.record, terms, str(missing)))
            return
        load = item.load
        self._hours |= len(prices) > 1
        self._lengths |= load.shortest != load.longest and any(
            load.longest > step.above >= load.shortest for price in prices for step in price[1:]
        )
        reads = bool(load.counts.get(Kind.CACHE_READ))
        self._cached |= not same and reads
        self._reads |= reads and any(Kind.CACHE_READ not in s.rates for p in prices for s in p)
        tokens = SAME_TOKENS if named else self._yield(item.model)
        self.sums.move(load, prices, tokens, same=same)

    def notes(self) -> Iterator[Note]:
        """Why the answer is a range, as far as it is one."""
        widest = [share for share in self._yields.values() if share.low != share.high]
        if widest:
            low, high = min(share.low for share in widest), max(share.high for share in widest)
            yield Note(Why.TOKENIZERS, low, high)
        for why, holds in (
            (Why.CACHE, self._cached),
            (Why.READS, self._reads),
            (Why.HOURS, self._hours),
            (Why.LENGTHS, self._lengths),
        ):
            if holds:
                yield Note(why)

    def _why_not(
        self, record: UsageRecord, terms: tuple[str, str], words: str
    ) -> tuple[Reason, str]:
        unusual = unusual_words(self._asked(*terms))
        if unusual:
            try:
                self._prices(record, "", "")
            except NotPriced as missing:
                return Reason.NO_PRICE, str(missing)
            return Reason.TIER, ", ".join(unusual)
        return Reason.NO_PRICE, words

    def _asked(self, tier: str, speed: str) -> Circumstances:
        offer = self.offer
        return Circumstances(
            offer.provider, offer.model, tier, speed, geo="", source="", currency=offer.currency
        )

    def _prices(self, record: UsageRecord, tier: str, speed: str) -> tuple[Price, ...]:
        found = self._book.prices_over(self._asked(tier, speed), record.start, record.end)
        return tuple(self._price(bands) for bands in found)

    def _price(self, bands: Bands) -> Price:
        known = self._steps.get(id(bands))
        if known is None:
            price = tuple(Step(band.above, band.rates) for band in bands)
            known = self._steps[id(bands)] = (bands, price)  # kept, so that its id stays its own
        return known[1]

    def _yield(self, model: str | None) -> Yield:
        share = self._yields.get(model)
        if share is None:
            share = self._yields[model] = yield_of(self._percents, _percents(model or ""))
        return share


def _percents(model: str) -> tuple[int, int]:
    """How many tokens a model's tokenizer makes, in percent of what `o200k_base` makes."""
    tokenizer = tokenizer_of(model)
    if not tokenizer.exact:
        return tokenizer.fewest, tokenizer.most
    return (100, 100) if tokenizer.encoding.startswith(USUAL[:5]) else _OLD_ENCODINGS
