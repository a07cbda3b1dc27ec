"""What each model and each seller cost: paid beside list, class by class, and its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QRect, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from plimsoll.analysis.market import moved
from plimsoll.services.market_answers import Line, Market
from plimsoll.ui import market_words as words
from plimsoll.ui import theme as look
from plimsoll.ui.charts.sparkline import SMALL, small_line
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.named_table import NamedTable
from plimsoll.ui.widgets.table import Column
from plimsoll.ui.words import tr

MODELS, SELLERS = "models", "sellers"

_ROW = 30
_MOST_ROWS = 9


class QuoteTable(Card):
    """A line a model and kind of evidence; a click, or Enter, asks how we know.

    Signals:
        explain_asked(Line, QRect): say where a line is from, beside a place of `table`.
        what_if_asked(): show what the same tokens would have cost elsewhere.
    """

    explain_asked = Signal(object, QRect)
    what_if_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What you pay for a million tokens"), parent=parent)
        self._answer: Market | None = None
        self._currency = "USD"
        self._titles: Mapping[str, str] = {}
        self.which = SegmentedControl(
            ((MODELS, tr("By model")), (SELLERS, tr("By seller"))), name=self.title
        )
        self.which.chosen.connect(self._choose)
        self.table = NamedTable(self._columns(), wide=0)
        self.table.setIconSize(SMALL)
        self.table.setAccessibleName(self.title)
        self.table.doubleClicked.disconnect()
        self.table.clicked.connect(self._ask)
        self.table.opened.connect(self._ask_row)
        self.what_if = LinkButton(tr("What if …"))
        self.what_if.setToolTip(tr("What the same tokens would have cost elsewhere"))
        self.what_if.clicked.connect(self.what_if_asked)
        self.header.addWidget(self.what_if)
        self.header.addWidget(self.which)
        self.none = Words(tone="muted", wrap=True)
        self.foot = Words(
            tr(
                "All five classes are in the denominator; the change is against the 30 days before."
                " Bills name a model, not its classes: these share the bill by their worth at list"
                " price."
            ),
            tone="faint",
            size=12,
            wrap=True,
        )
        self.left_out = Words(tone="muted", size=12, wrap=True)
        self.add(self.none)
        self.add(self.table)
        self.add(self.left_out)
        self.add(self.foot)

    def show_market(self, answer: Market) -> None:
        """Show other lines."""
        self._currency, self._titles = answer.currency, answer.titles
        self._answer = answer
        self._fill()
        ticker = answer.tickers[0] if answer.tickers else None
        told = (
            words.left_out_words(ticker, answer.currency, answer.not_priced_tokens)
            if ticker
            else ""
        )
        self.left_out.setText(told)
        self.left_out.setVisible(bool(told))

    def _choose(self, _value: str) -> None:
        self.table.rows_model.set_columns(self._columns())
        self._fill()

    def _fill(self) -> None:
        answer = self._answer
        if answer is None:
            return
        found = answer.sellers if self.which.value == SELLERS else answer.lines
        lines = [line for line in found if line.quote.tokens]
        self.table.show_rows(lines)
        self.table.setFixedHeight(_ROW * (min(len(lines), _MOST_ROWS) + 1) + 8)
        self.table.setVisible(bool(lines))
        self.none.setText(words.no_quote(answer))
        self.none.setVisible(not lines)
        self.what_if.setVisible(bool(lines))
        self.foot.setVisible(bool(lines))
        self.which.setVisible(bool(lines))

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are shown."""
        return self.table.rows_model.rows

    def _ask(self, index: QModelIndex) -> None:
        if index.isValid():
            line = self.table.rows_model.row_at(index.row())
            self.explain_asked.emit(line, self.table.visualRect(index))

    def _ask_row(self, _line: Line) -> None:
        self._ask(self.table.currentIndex())

    def _trend_words(self, line: Line) -> str:
        weeks = [words.price(paid, self._currency) for paid in line.weeks if paid is not None]
        return tr("{first} to {last}", first=weeks[0], last=weeks[-1]) if len(weeks) > 1 else ""

    def _columns(self) -> Sequence[Column[Line]]:
        def money(title: str, name: str) -> Column[Line]:
            return Column(
                title,
                lambda line: words.price(words.of_class(line.quote, name).paid, self._currency),
                lambda line: words.of_class(line.quote, name).paid,
                numeric=True,
            )

        def seller(line: Line) -> str:
            return self._titles.get(line.provider, line.provider)

        sold = Column(tr("Seller"), seller)
        named = (
            (sold,)
            if self.which.value == SELLERS
            else (
                Column(tr("Model"), lambda line: line.model or tr("several"), tip=seller),
                replace(sold, role=lambda _: "muted", spare=2),
            )
        )
        return (
            *named,
            Column(
                tr("Kind"), lambda line: words.evidence_words(line.evidence), role=lambda _: "muted"
            ),
            Column(
                tr("Paid"),
                lambda line: words.price(line.quote.paid, self._currency),
                lambda line: line.quote.paid,
                numeric=True,
            ),
            Column(
                tr("List"),
                lambda line: words.price(line.quote.listed, self._currency),
                lambda line: line.quote.listed,
                numeric=True,
                role=lambda _: "muted",
            ),
            Column(
                tr("Change"),
                lambda line: words.change(moved(line.quote.paid, line.before)),
                lambda line: moved(line.quote.paid, line.before),
                numeric=True,
            ),
            Column(
                tr("13 weeks"),
                lambda _: "",
                lambda line: moved(line.quote.paid, line.before),
                mark=_trend,
                says=self._trend_words,
                spare=1,
            ),
            money(tr("Input"), "input"),
            money(tr("Cached"), "cache_read"),
            money(tr("Output"), "output"),
        )


def _trend(line: Line) -> QPixmap | None:
    """The price of each of the last weeks, where there are two at least."""
    known = [paid for paid in line.weeks if paid is not None]
    return small_line(line.weeks, look.current()) if len(known) > 1 else None
