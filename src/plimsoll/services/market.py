"""Market: what the user pays for tokens, what prices did to their basket, and whom they buy from.

Everything is of one currency and of complete provider days (UTC). Quotes are of money that met its
tokens; plans buy no tokens. The rules of the index are in docs/decisions, 0021.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from plimsoll.analysis.change import CLASSES
from plimsoll.analysis.market import MILLION, START, index
from plimsoll.domain.calendar import ONE_DAY, Period, month_of, previous_month, utc_day
from plimsoll.domain.question import Question
from plimsoll.domain.tariff import Kind
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.presence import has_usage
from plimsoll.ledger.priced import PricedTokens
from plimsoll.prices.means import mean_prices
from plimsoll.prices.rates import Circumstances
from plimsoll.services.growth import chosen_currency, thirty_days
from plimsoll.services.market_answers import (
    BasketRow,
    IndexBasket,
    IndexPoint,
    Market,
)
from plimsoll.services.pricing import Pricing, currency_of
from plimsoll.services.purchases import Purchases, purchases
from plimsoll.services.quotes import Quotes, whole_quote
from plimsoll.services.sellers import Sellers
from plimsoll.services.spending import USUAL

MONTHS = 13
"""How many months the index looks back: a year, and the one that it began with."""

_WEEK = 7

_Good = tuple[str, str, str, str]
"""A source, a model, a tier and a token class."""


def market(ledger: Ledger, book: Pricing, *, now: datetime, currency: str | None = None) -> Market:
    """The Market page in a currency; in the most spent one unless another is known and named."""
    today = utc_day(now)
    known = answers.currencies(ledger)
    chosen = chosen_currency(known, currency)
    month, before = thirty_days(today)
    sellers = Sellers(ledger)
    quotes = Quotes(ledger, sellers, chosen, month, before, today=today)
    return Market(
        now=now,
        currency=chosen,
        currencies=known,
        period=month,
        tickers=quotes.tickers(),
        lines=quotes.lines(),
        sellers=quotes.sellers(),
        points=_Index(ledger, book, sellers, chosen, today).points(),
        not_priced_tokens=quotes.month.not_priced_tokens,
        has_data=bool(known) or has_usage(ledger),
        only_plan=not quotes.month.rows and _is_planned(ledger, month, today),
        titles=sellers.titles,
    )


def index_basket(
    ledger: Ledger, book: Pricing, *, month: date, currency: str, now: datetime
) -> IndexBasket | None:
    """The goods and prices behind the index of a month (its first day); None where it has none."""
    desk = _Index(ledger, book, Sellers(ledger), currency, utc_day(now))
    baskets = {basket.month.first: basket for basket in desk.baskets()}
    if month not in baskets:
        return None
    return desk.goods(next(iter(baskets.values())), baskets[month])


def _is_planned(ledger: Ledger, period: Period, today: date) -> bool:
    """Whether a subscription paid for tokens of a period."""
    total = answers.answer(ledger, Question(period), today=today).total
    return any(amounts.plan for amounts in total.amounts)


@dataclass
class _Basket:
    """One month's tokens by good, and what was paid for a token."""

    month: Period
    tokens: dict[_Good, int] = field(default_factory=lambda: defaultdict(int))
    paid: Fraction | None = None


@dataclass(frozen=True)
class _Index:
    """The index of one currency, under way."""

    ledger: Ledger
    book: Pricing
    sellers: Sellers
    currency: str
    today: date

    def bought(self, period: Period) -> Purchases:
        """What was bought over a period, in every currency."""
        return purchases(self.ledger, period, today=self.today)

    def points(self) -> tuple[IndexPoint, ...]:
        """Month by month from the first one with a basket of at most a year ago."""
        baskets = self.baskets()
        if not baskets:
            return ()
        start = baskets[0]
        goods = sorted({good for basket in baskets for good in basket.tokens})
        base = self._prices(goods, start.month)
        found = []
        for basket in baskets:
            prices = self._prices(goods, basket.month)
            found.append(
                IndexPoint(
                    month=basket.month.first,
                    index=index(base, start.tokens, prices, basket.tokens),
                    paid=START * basket.paid / start.paid if basket.paid and start.paid else None,
                )
            )
        return tuple(found) if any(point.index.laspeyres for point in found) else ()

    def baskets(self) -> list[_Basket]:
        """The months from the first with priced tokens on, the oldest first."""
        found: list[_Basket] = []
        month = month_of(self.today)
        for _ in range(MONTHS):
            if month.first < self.today:
                found.append(
                    self._basket(Period(month.first, min(month.last, self.today - ONE_DAY)))
                )
            month = previous_month(month.first)
        found.reverse()
        first = next((place for place, basket in enumerate(found) if basket.tokens), len(found))
        return found[first:]

    def goods(self, start: _Basket, basket: _Basket) -> IndexBasket:
        """Every good of two months, with its prices."""
        goods = sorted({*start.tokens, *basket.tokens})
        before, now = self._prices(goods, start.month), self._prices(goods, basket.month)
        rows = [
            BasketRow(
                *good,
                base_tokens=start.tokens.get(good, 0),
                tokens=basket.tokens.get(good, 0),
                base_price=_million(before.get(good)),
                price=_million(now.get(good)),
            )
            for good in goods
        ]
        rows.sort(key=lambda row: -row.value)
        return IndexBasket(start.month.first, basket.month.first, tuple(rows))

    def _basket(self, month: Period) -> _Basket:
        bought, basket = self.bought(month), _Basket(month)
        for group in bought.tokens:
            if group.model is None or not group.priced or self._currency(group) != self.currency:
                continue
            for name in CLASSES:
                count = getattr(group.tokens, name)
                if count:
                    basket.tokens[group.source, group.model, group.tier or "", name] += count
        paid = whole_quote(bought.of(self.currency))
        if paid.tokens:
            basket.paid = Fraction(paid.nanos, paid.tokens)
        return basket

    def _currency(self, group: PricedTokens) -> str:
        """The currency of tokens: of their price, else of their account; else the usual one."""
        source = self.sellers.source(group.source)
        if group.currency or source is None:
            return group.currency or USUAL
        return currency_of(source, self.sellers.of(group.source, group.model or "")) or USUAL

    def _prices(self, goods: Sequence[_Good], month: Period) -> dict[_Good, Fraction]:
        """Nano-units a token: the mean over the month's last seven days, each weekday once."""
        days = [month.last - timedelta(days=back) for back in range(min(_WEEK, len(month)))]
        services = {good[:3] for good in goods}
        known: dict[tuple[str, ...], Mapping[Kind, Fraction]] = {}
        for source, model, tier in services:
            prices = self._means(source, model, tier, days)
            if prices is not None:
                known[source, model, tier] = prices
        return {
            good: known[good[:3]][Kind(good[3])]
            for good in goods
            if good[:3] in known and Kind(good[3]) in known[good[:3]]
        }

    def _means(
        self, name: str, model: str, tier: str, days: Sequence[date]
    ) -> Mapping[Kind, Fraction] | None:
        source = self.sellers.source(name)
        if source is None:
            return None
        seller = self.sellers.of(name, model)
        asked = Circumstances(
            provider=seller,
            model=model,
            tier=tier,
            speed="",
            geo="",
            source=source.uid,
            currency=currency_of(source, seller) or "",
        )
        found = mean_prices(self.book.book, asked, days)
        return found[1] if found is not None and found[0] == self.currency else None


def _million(price: Fraction | None) -> int | None:
    return None if price is None else round(price * MILLION)
