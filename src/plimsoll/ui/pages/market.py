"""Market: what you pay for tokens, what prices did, what everybody asks, and how you grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.question import EVERYTHING, Dimension, Question, Scope
from plimsoll.services.market_answers import (
    BoardRow,
    Growth,
    Line,
    Market,
    PriceBoard,
    Ratio,
    Use,
)
from plimsoll.ui import dialogue_origin, growth_origin, market_origin
from plimsoll.ui import market_words as words
from plimsoll.ui.asked import Asked
from plimsoll.ui.charts.canvas import Elastic
from plimsoll.ui.charts.index_line import IndexChart
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.elsewhere import WhatIfCard
from plimsoll.ui.listings import Listing
from plimsoll.ui.market_listings import comparison, peers_listing
from plimsoll.ui.moments import period_words
from plimsoll.ui.origin import sections_of
from plimsoll.ui.page import GAP, Page
from plimsoll.ui.weekly import WeeklyCard
from plimsoll.ui.widgets.buttons import IconButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.currency_choice import CurrencyChoice
from plimsoll.ui.widgets.dialogue_card import DialogueCard
from plimsoll.ui.widgets.growth_card import GrowthCard
from plimsoll.ui.widgets.growth_weeks import ConcentrationCard, RegionsCard, WeeksCard
from plimsoll.ui.widgets.labels import Words, widen
from plimsoll.ui.widgets.notices import EmptyState
from plimsoll.ui.widgets.price_board import PriceBoardCard
from plimsoll.ui.widgets.provenance import Section
from plimsoll.ui.widgets.quote_table import QuoteTable
from plimsoll.ui.widgets.tickers import Tickers
from plimsoll.ui.widgets.time_of_use import TimeOfUseCard
from plimsoll.ui.words import tr

WIDE = 880


class MarketPage(Page[Market]):
    """Quotes on top, the index beside growth, the models one by one, then the price board."""

    name: ClassVar[str] = "market"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Market")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "The effective price is money ÷ tokens, where both are known: all classes of tokens"
                " count, cached ones too. Billed and estimated money have prices of their own, and"
                " plans buy no tokens."
            ),
            tr(
                "The index compares list prices of your own basket with those of its first month,"
                " 100. Laspeyres holds the first month's basket, Paasche the current one, Fisher is"
                " the root of their product. A model counts where it has a price on both dates."
            ),
            tr(
                "The dashed line is what you paid for a token. Where it leaves the index, you"
                " bought other models, classes or tiers, or had a discount."
            ),
            tr(
                "Growth counts all tokens, those of plans too, and money of one currency. A model"
                " belongs to the maker that its name begins with, whoever sells it; others are not"
                " known. A week with a day that some source gave no answer for is a gap, and"
                " hatched weeks can still change."
            ),
            tr(
                "What if? prices every record of these days at another model, as a range, because"
                " tokenizers, caches and hours differ; what cannot move is listed."
            ),
            tr(
                "Efficiency is the last whole week beside your own eight before it: a week is"
                " marked only outside of what was usual. Where that cost more, the one part is"
                " named that lies furthest beyond its own usual, with what that came to. Units of"
                " your own work, which you enter there, get a cost each."
            ),
            tr(
                "Dialogue against self-circulation: the solid line counts, by agents' logs, the"
                " tokens that answered no person. A dashed line is what a provider tells of who"
                " asked: an indicator, never added to the other."
            ),
            tr(
                "The price board has every model of every list, each in its own currency. Nothing"
                " on this page says that two models are equally good."
            ),
        )

    def question(self) -> Callable[[], Market]:
        """The page's answer in the chosen currency."""
        currency = self.currency.value or None
        return lambda: self.program.market(currency=currency)

    def build(self) -> None:
        """The frame of the page: it is filled by `show_answer`."""
        self._answer: Market | None = None
        self._growth: Growth | None = None
        self.currency = CurrencyChoice()
        self.currency.chosen.connect(lambda _: self.refresh())
        self.controls.addWidget(self.currency)
        self.empty = EmptyState(icon="market")
        self.empty.acted.connect(lambda: self.page_asked.emit("sources", ""))
        self.full = QWidget()
        self.cards = QVBoxLayout(self.full)
        self.cards.setContentsMargins(0, 0, 0, 0)
        self.cards.setSpacing(GAP)
        self.tickers = Tickers()
        self.tickers.opened.connect(self._explain_ticker)
        self.index = self._build_index()
        self.growth = GrowthCard()
        self.growth.asked.connect(self._explain_growth)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(GAP)
        self._sides.addWidget(self.index, 7)
        self._sides.addWidget(self.growth, 4)
        self._build_weeks()
        self.quotes = QuoteTable()
        self.quotes.explain_asked.connect(self._explain_line)
        self.quotes.what_if_asked.connect(self._ask_what_if)
        self.hours = TimeOfUseCard()
        self.board = PriceBoardCard()
        self.board.compared.connect(self._compare)
        self.board.peers_asked.connect(self._ask_peers)
        self.cards.addWidget(self.tickers)
        self.cards.addLayout(self._sides)
        self.cards.addLayout(self._years)
        self.cards.addWidget(self.dialogue)
        self.what_if = WhatIfCard(self)
        self.cards.addWidget(self.quotes)
        self.cards.addWidget(self.what_if)
        self.cards.addWidget(self.hours)
        self.weekly = WeeklyCard(self)
        self.cards.addWidget(self.weekly)
        self.cards.addWidget(self.board, 1)
        self.body.addWidget(self.empty)
        self.body.addWidget(self.full, 1)

    def _build_weeks(self) -> None:
        """What grows week by week: shares by region, the largest supplier, and who was answered."""
        self.regions = RegionsCard()
        self.concentration = ConcentrationCard()
        self._years = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._years.setSpacing(GAP)
        for card in (self.regions, self.concentration):
            self._years.addWidget(card, 1)
            self.give_twin(card, card.chart)
            card.week_asked.connect(
                lambda use, place, card=card: self._explain_week(card, use, place)
            )
        self.dialogue = DialogueCard()
        self.give_twin(self.dialogue, self.dialogue.chart)
        self.dialogue.week_asked.connect(self._explain_dialogue)

    def intend(self, intention: str) -> None:
        """`work` lets the user enter units of work."""
        if intention == "work":
            self.weekly.open_work()

    def show_answer(self, answer: Market) -> None:
        """Fill the page, and ask for the board, which takes longer."""
        self._answer = answer
        self.currency.show_currencies(answer.currencies, answer.currency)
        self.subtitle.setText(
            tr("{period}, complete days", period=period_words(answer.period))
            if answer.has_data
            else ""
        )
        self.tickers.setVisible(answer.has_data)
        self.index.setVisible(answer.has_data)
        for card in (self.growth, self.regions, self.concentration):
            card.setVisible(answer.has_data)
        self.quotes.setVisible(answer.has_data)
        self.empty.setVisible(not answer.has_data)
        if not answer.has_data:
            self.empty.show_words(
                tr("What you pay for tokens, and how prices move, comes with the first figures."),
                action=tr("Go to the sources"),
            )
        self.tickers.show_market(answer)
        self.index_chart.show_points(answer.points)
        self.index_chart.setVisible(bool(answer.points))
        self.sentence.setText(
            words.index_sentence(answer.points) if answer.points else words.no_index(answer)
        )
        for button in (self.index_how, self.index_table):
            button.setVisible(bool(answer.points))
        self.index.set_note(tr("start = 100") if answer.points else "")
        self.coverage.setText(words.coverage_words(answer.points))
        self.quotes.show_market(answer)
        self.what_if.setVisible(answer.has_data)
        if answer.has_data:
            self.what_if.show_period(answer.period)
        self.jobs.ask(
            lambda _job: self.program.growth(currency=answer.currency),
            then=self._show_growth,
            failed=self._show_no_growth,
            receiver=self,
        )
        self.jobs.ask(
            lambda _job: self.program.peak_hours(answer.period),
            then=self.hours.show_hours,
            failed=self._refused,
            receiver=self,
        )
        self.jobs.ask(
            lambda _job: self.program.price_board(),
            then=self._show_board,
            failed=self.board.show_trouble,
            receiver=self,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Growth beside the index where there is room, else below it."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        for row in (self._sides, self._years):
            row.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self.tickers.arrange(self.width())

    # --- building ----------------------------------------------------------------------------

    def _build_index(self) -> Card:
        card = Card(tr("Price index of your basket"))
        self.sentence = Words(weight=500, wrap=True)
        widen(self.sentence)
        self.coverage = Words(tone="faint", size=12, wrap=True)
        self.index_chart = IndexChart()
        self.index_chart.setMinimumHeight(220)
        self.index_chart.chosen.connect(self._explain_month)
        self.index_table = self.give_twin(card, self.index_chart)
        self.index_how = IconButton("info", tr("How do we know?"))
        self.index_how.clicked.connect(self._explain_latest)
        card.header.addWidget(self.index_how)
        card.add(self.sentence)
        card.add(Elastic(self.index_chart), 1)
        card.add(self.coverage)
        return card

    def _show_growth(self, growth: Growth) -> None:
        self._growth = growth
        for card in (self.growth, self.regions, self.concentration):
            card.show_growth(growth)
        self.dialogue.show_dialogue(growth.dialogue)

    def _show_no_growth(self, error: PlimsollError) -> None:
        for card in (self.growth, self.regions, self.concentration):
            card.show_trouble(error)

    def _show_board(self, board: PriceBoard) -> None:
        self.board.show_board(board)

    # --- How do we know? ---------------------------------------------------------------------

    def _explain_ticker(self, card: QWidget, name: str) -> None:
        answer = self._answer
        if answer is not None:
            asked = Asked(Question(answer.period), (answer.currency,))
            self.explain(card, market_origin.of_ticker(answer, name), asked=asked)

    def _explain_line(self, line: Line, place: QRect) -> None:
        answer = self._answer
        if answer is not None:
            conditions: list[tuple[Dimension, tuple[str | None, ...]]] = [
                (Dimension.SOURCE, line.sources)
            ]
            if not line.is_whole:
                conditions.append((Dimension.MODEL, (line.model,)))
            self.explain(
                self.quotes.table.viewport(),
                market_origin.of_line(answer, line),
                asked=Asked(
                    Question(answer.period, scope=Scope(tuple(conditions))), (answer.currency,)
                ),
                place=place,
            )

    def _explain_latest(self) -> None:
        if self._answer is not None and self._answer.points:
            self._explain_point(len(self._answer.points) - 1, self.index_how)

    def _explain_month(self, index: int) -> None:
        self._explain_point(index, self.index_chart, self.index_chart.spot_of(index))

    def _explain_point(self, index: int, anchor: QWidget, place: QRect | None = None) -> None:
        answer = self._answer
        if answer is None:
            return
        point, currency = answer.points[index], answer.currency
        self.explain(anchor, market_origin.of_point(answer, point), place=place)
        self.ask_more(
            lambda: self.program.index_basket(point.month, currency=currency),
            lambda popover, found: popover.show_sections(market_origin.basket_of(found, currency)),
        )

    def _explain_growth(self, anchor: QWidget, what: str) -> None:
        growth = self._growth
        if growth is None:
            return
        self.explain(anchor, growth_origin.lines_of(what, growth))
        self._add_sections(
            growth_origin.asked_of(what, growth), growth_origin.sections_of(what, growth)
        )

    def _explain_week(self, card: WeeksCard, use: Use, place: QRect) -> None:
        growth = self._growth
        if growth is None:
            return
        lines = growth_origin.lines_of_week(use, growth, money=card.by_money)
        self.explain(card.chart, lines, place=place)
        self._add_sections(
            Asked(Question(use.period), (growth.currency,)),
            (growth_origin.sellers_of(use, growth), growth_origin.models_of(use, growth)),
        )

    def _explain_dialogue(self, index: int, place: QRect) -> None:
        growth = self._growth
        if growth is None or growth.dialogue is None:
            return
        lines = dialogue_origin.lines_of_week(growth.dialogue, index)
        asked = dialogue_origin.asked_of_week(growth.dialogue, index, growth.currency)
        self.explain(self.dialogue.chart, lines, asked=asked, place=place)

    def _add_sections(self, asked: Asked, first: Sequence[Section]) -> None:
        """What is known already, and the sources, prices and rows behind it."""
        question, (currency,) = asked
        self.ask_more(
            lambda: self.program.provenance(question, currency=currency),
            lambda popover, found: popover.show_sections((*first, *sections_of(found))),
        )

    def _ask_what_if(self) -> None:
        if self._answer is not None:
            self.what_if_asked.emit(self._answer.period, EVERYTHING)

    # --- side by side ------------------------------------------------------------------------

    def _compare(self, rows: Sequence[BoardRow]) -> None:
        title = rows[0].model if len(rows) == 1 else tr("Models side by side")
        self._open(title, comparison(rows))

    def _ask_peers(self) -> None:
        def show(ratios: Sequence[Ratio]) -> None:
            self._open(tr("Mainland beside overseas"), peers_listing(ratios))

        self.jobs.ask(
            lambda _job: self.program.peer_ratios(),
            then=show,
            failed=self.board.show_trouble,
            receiver=self,
        )

    def _open(self, title: str, listing: Listing) -> None:
        TwinTable(title, listing, self, words=listing.words, wide=listing.wide).open()
