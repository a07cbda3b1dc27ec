"""Tickers: the price of a million tokens as paid, and that of its classes, like a commodity's."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from plimsoll.analysis.market import moved
from plimsoll.services.market_answers import Market, Ticker
from plimsoll.ui import market_words as words
from plimsoll.ui.moments import share_words
from plimsoll.ui.widgets.card import FigureCard
from plimsoll.ui.words import short_day, tr

_GAP = 14
_TWO_ROWS = 820

CLASSES = ("input", "cache_read", "output")


class Tickers(QWidget):
    """Four cards in a row, or two and two: all tokens, fresh input, cached input, output.

    Signals:
        opened(QWidget, str): a card was opened: the card, and its class (empty for all tokens).
    """

    opened = Signal(QWidget, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.whole = FigureCard(tr("Effective price"))
        self.whole.opened.connect(lambda: self.opened.emit(self.whole, ""))
        self.classes = {name: FigureCard(words.class_words(name)) for name in CLASSES}
        for name, card in self.classes.items():
            card.opened.connect(lambda card=card, name=name: self.opened.emit(card, name))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self._columns = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.arrange(_TWO_ROWS)

    def arrange(self, width: int) -> None:
        """Stand in one row, or in two where there is less room."""
        columns = 4 if width >= _TWO_ROWS else 2
        if columns == self._columns:
            return
        self._columns = columns
        for place, card in enumerate((self.whole, *self.classes.values())):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def show_market(self, answer: Market) -> None:
        """Show the billed price where there is one, else the estimated one."""
        ticker = answer.tickers[0] if answer.tickers else None
        if ticker is None:
            self.whole.set_caption(tr("A million tokens"))
            self.whole.show_figure("–", sentence=words.no_quote(answer))
            self.whole.show_trend(())
        else:
            self._show_whole(ticker, answer.currency)
        for name, card in self.classes.items():
            self._show_class(card, name, ticker, answer.currency)

    def _show_whole(self, ticker: Ticker, currency: str) -> None:
        self.whole.set_caption(tr("A million tokens · {day}", day=short_day(ticker.day)))
        share = moved(ticker.latest.paid, ticker.before.paid)
        month = tr("30 days: {price}", price=words.price(ticker.month.paid, currency))
        if ticker.month.listed is not None:
            month = tr(
                "{month}, {change} against list",
                month=month,
                change=words.change(ticker.month.above_list),
            )
        compared = (
            tr("{change} against the 30 days before", change=words.change(share))
            if share is not None
            else tr("nothing known of the 30 days before")
        )
        self.whole.show_figure(
            words.price(ticker.latest.paid, currency),
            sentence=f"{compared}\n{month}",
            arrow="" if not share else "up" if share > 0 else "down",
            evidence=words.evidence_words(ticker.evidence),
        )
        self.whole.show_trend([week.paid for week in ticker.weeks])

    @staticmethod
    def _show_class(card: FigureCard, name: str, ticker: Ticker | None, currency: str) -> None:
        title = words.class_words(name)
        card.set_caption(tr("{what} · 30 days", what=title))
        one = words.of_class(ticker.month, name) if ticker else None
        if ticker is None or one is None or one.paid is None:
            card.show_figure("–", sentence=tr("No tokens of this kind with a known price."))
            card.show_trend(())
            return
        listed = tr("list {price}", price=words.price(one.listed, currency))
        before = words.of_class(ticker.before, name).paid
        share = moved(one.paid, before)
        compared = (
            tr("{change} against the 30 days before", change=words.change(share))
            if share is not None
            else tr("nothing known of the 30 days before")
        )
        part = share_words(one.tokens / ticker.month.listed_tokens)
        card.show_figure(
            words.price(one.paid, currency),
            sentence=f"{compared}\n"
            + tr("{listed} · {share} of tokens", listed=listed, share=part),
            arrow="" if not share else "up" if share > 0 else "down",
            evidence=words.evidence_words(ticker.evidence),
        )
        card.show_trend([words.of_class(week, name).paid for week in ticker.weeks])
