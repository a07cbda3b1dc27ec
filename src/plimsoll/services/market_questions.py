"""Market questions: everything that the Market page and its commands ask; no Qt, no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plimsoll.services.questions import Questions

if TYPE_CHECKING:
    from datetime import date

    from plimsoll.services.market_answers import Growth, IndexBasket, Market, PriceBoard, Ratio


class MarketQuestions(Questions):
    """One data directory, opened, as far as the market is asked about."""

    def market(self, *, currency: str | None = None) -> Market:
        """The Market page but for growth and its board: quotes, and the index of the basket."""
        from plimsoll.services.market import market
        from plimsoll.services.pricing import pricing

        book = pricing(self.ledger, self.data_dir)
        return market(self.ledger, book, now=self.clock.now(), currency=currency)

    def index_basket(self, month: date, *, currency: str) -> IndexBasket | None:
        """The goods and prices behind a month of the price index, named by its first day."""
        from plimsoll.services.market import index_basket
        from plimsoll.services.pricing import pricing

        book = pricing(self.ledger, self.data_dir)
        now = self.clock.now()
        return index_basket(self.ledger, book, month=month, currency=currency, now=now)

    def growth(self, *, currency: str | None = None) -> Growth:
        """How consumption grows, and from whom it is bought, week by week."""
        from plimsoll.services.growth import growth

        return growth(self.ledger, now=self.clock.now(), currency=currency)

    def price_board(self) -> PriceBoard:
        """Every model of the price book with its prices now; takes a moment, once a day."""
        from plimsoll.services.price_board import price_board

        return price_board(self.ledger, self.data_dir, now=self.clock.now())

    def peer_ratios(self) -> tuple[Ratio, ...]:
        """List prices of mainland models, as shares of their overseas peers'."""
        from plimsoll.services.peers import peer_ratios

        return peer_ratios(self.ledger, self.data_dir, now=self.clock.now())
