"""Offers: where a model can be had, by which list and in which currency; each is one of its own.

A maker with a site on the mainland and one abroad makes two offers, in yuan and in dollars. Neither
is made of the other: where the book has only one, the other is said to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache

from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say, together
from plimsoll.domain.tariff import PriceRow
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.own_prices import own_prices
from plimsoll.prices import overlay
from plimsoll.prices.book import PriceBook
from plimsoll.prices.listed import CURRENCY, LISTS
from plimsoll.prices.rates import Circumstances, NotPriced
from plimsoll.prices.shelf import names_for
from plimsoll.services.pricing import rows_of
from plimsoll.services.reprice_words import MissingOffer

_SITES: tuple[tuple[str, tuple[str, str], tuple[str, str]], ...] = (
    ("DeepSeek", ("deepseek", "CNY"), ("deepseek", "USD")),
    ("Qwen", ("alibaba", "CNY"), ("alibaba", "USD")),
    ("Kimi", ("moonshot", "CNY"), ("moonshot", "USD")),
    ("GLM", ("zhipu", "CNY"), ("zai", "USD")),
    ("MiniMax", ("minimax", "CNY"), ("minimax", "USD")),
    ("Doubao", ("volcengine", "CNY"), ("byteplus", "USD")),
)
"""Makers with two sites: their word, and whose list holds on the mainland and abroad."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One model at one provider, by its list in one currency."""

    provider: str
    model: str
    currency: str

    @property
    def words(self) -> str:
        """As it is told from the others: `deepseek-flash at deepseek, CNY`."""
        return say(
            "{model} at {provider}, {currency}",
            model=self.model,
            provider=self.provider,
            currency=self.currency,
        )


def offers_of(
    asked: str, *, ledger: Ledger, book: PriceBook, period: Period, now: datetime
) -> tuple[Offer, ...]:
    """Every offer of `MODEL` or `MODEL@PROVIDER` that has a price now or had one in the period.

    Raises `WrongUse` where there is none.
    """
    rows = (*rows_of(own_prices(ledger)), *overlay.rows())
    providers = sorted({*LISTS, *(row.provider for row in rows)})
    model, at, named = asked.rpartition("@")
    if not at or named not in providers:
        model, named = asked, ""
    days = (now, day_start(period.first), day_start(period.last + ONE_DAY))
    found = tuple(
        Offer(provider, model, currency)
        for provider in ([named] if named else providers)
        for currency in _currencies(rows, provider)
        if any(_has_price(book, Offer(provider, model, currency), day) for day in days)
    )
    if not model or not found:
        raise _unknown(model or asked, named, rows, providers)
    return found


def _unknown(
    model: str, provider: str, rows: Iterable[PriceRow], providers: Iterable[str]
) -> WrongUse:
    """That nobody has a price of it, and which names come near."""
    from plimsoll.prices.snapshot import listed_models

    known = {name for row in rows for name in row.models} | set(listed_models(None))
    close = get_close_matches(model.casefold(), known, n=3, cutoff=0.75)
    meant = say("Did you mean {models}?", models=", ".join(close)) if close else ""
    where = say(" at {name}", name=provider) if provider else ""
    return WrongUse(
        say(
            "There is no list price of {model}{where}, so that nothing can be priced there.",
            model=model,
            where=where,
        ),
        remedy=together(
            [
                meant,
                say(
                    "Use a model's exact name (plimsoll prices MODEL shows what is "
                    "known of it), or set a price of your own. Providers with prices: "
                    "{names}.",
                    names=", ".join(providers),
                ),
            ]
        ),
    )


def same_maker(one: str, other: str) -> bool:
    """Whether two providers are one maker's two sites, or one."""
    return one == other or any({one, other} == {home[0], away[0]} for _, home, away in _SITES)


def same_model(one: str, other: str) -> bool:
    """Whether two names are of one model: gateways write its maker before it, records often a date
    behind it, and some makers points as dashes.
    """
    return not _names(one).isdisjoint(_names(other))


@lru_cache(maxsize=4096)
def _names(model: str) -> frozenset[str]:
    bare = model.rpartition("/")[2]
    return frozenset(name.replace(".", "-") for name in names_for(bare))


def missing_sites(offers: Iterable[Offer]) -> Iterator[MissingOffer]:
    """The other sites of makers that have two, as far as the book has no price of the model."""
    known = {(offer.provider, offer.model, offer.currency) for offer in offers}
    for provider, model, currency in sorted(known):
        for maker, home, away in _SITES:
            if (provider, currency) not in (home, away):
                continue
            other = away if (provider, currency) == home else home
            if (other[0], model, other[1]) not in known:
                yield MissingOffer(maker, model, abroad=other == away)


def _currencies(rows: Sequence[PriceRow], provider: str) -> list[str]:
    found = {row.currency for row in rows if row.provider == provider and row.source is None}
    return sorted(found | ({CURRENCY} if provider in LISTS else set()))


def _has_price(book: PriceBook, offer: Offer, instant: datetime) -> bool:
    asked = Circumstances(
        offer.provider, offer.model, tier="", speed="", geo="", source="", currency=offer.currency
    )
    try:
        return bool(book.prices_over(asked, instant, instant))
    except NotPriced:
        return False
