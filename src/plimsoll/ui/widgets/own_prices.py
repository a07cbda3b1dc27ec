"""Your prices: what you entered yourself, and what your contracts take off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from plimsoll.domain.tariff import Discount, Kind, PriceRow
from plimsoll.services.price_answers import PricesPage
from plimsoll.ui.price_words import (
    discount_days,
    has_more,
    holds_words,
    models_words,
    percent_text,
    rate_text,
)
from plimsoll.ui.widgets.buttons import LinkButton, QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.table import Column, Table
from plimsoll.ui.words import tr

_ROW = 30
_MOST_ROWS = 8


class OwnPricesCard(Card):
    """A table of prices and one of discounts; Enter, or a double click, edits a row.

    Signals:
        price_asked(PriceRow | None), discount_asked(Discount | None): edit it, or add one.
        remove_price_asked(PriceRow), remove_discount_asked(Discount): remove it.
        import_asked(), export_asked(): read prices from a file, or write them into one.
        log_asked(): show what changes of prices have done.
    """

    price_asked = Signal(object)
    discount_asked = Signal(object)
    remove_price_asked = Signal(object)
    remove_discount_asked = Signal(object)
    import_asked = Signal()
    export_asked = Signal()
    log_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Your prices"), parent=parent)
        self.log = LinkButton(tr("What changes did"))
        self.log.clicked.connect(self.log_asked)
        self.header.addWidget(self.log)
        self.sentence = Words(
            tr(
                "They go before every list, for all accounts of a provider or for one. Past days"
                " keep the price of their day."
            ),
            tone="muted",
            wrap=True,
        )
        self._titles: Mapping[str, str] = {}
        self.prices = _Editable(
            self._price_columns(), tr("Your prices"), add=tr("Add a price"), wide=0
        )
        self.discounts = _Editable(
            _discount_columns(), tr("Discounts"), add=tr("Add a discount"), wide=0
        )
        self.read = QuietButton(tr("Import …"))
        self.write = QuietButton(tr("Export …"), icon="export")
        self.read.clicked.connect(self.import_asked)
        self.write.clicked.connect(self.export_asked)
        self.prices.buttons.addWidget(self.read)
        self.prices.buttons.addWidget(self.write)
        self.prices.wanted.connect(self.price_asked)
        self.prices.removed.connect(self.remove_price_asked)
        self.discounts.wanted.connect(self.discount_asked)
        self.discounts.removed.connect(self.remove_discount_asked)
        self.discounts_title = Words(tr("Discounts of a contract"), weight=600)
        self.add(self.sentence)
        self.prices.put_into(self)
        self.body.addSpacing(10)
        self.add(self.discounts_title)
        self.discounts.put_into(self)

    def show_prices(self, page: PricesPage, *, titles: Mapping[str, str]) -> None:
        """Show what is kept; `titles` are what providers are called, by their word."""
        self._titles = titles
        self.prices.show_rows(page.own)
        self.discounts.show_rows(page.discounts)
        self.write.setEnabled(bool(page.own))
        self.discounts.add.setEnabled(bool(page.sources))
        self.log.setVisible(bool(page.log))

    def _price_columns(self) -> tuple[Column[PriceRow], ...]:
        def rate(title: str, kind: Kind) -> Column[PriceRow]:
            return Column(title, lambda row: rate_text(row, kind), numeric=True)

        return (
            Column(tr("Model"), models_words, tip=models_words),
            Column(tr("Provider"), self._provider, role=_muted),
            Column(tr("Account"), lambda row: row.source or tr("all"), role=_muted),
            Column(tr("Holds"), _holds, role=_muted),
            rate(tr("Input"), Kind.INPUT),
            rate(tr("Cached"), Kind.CACHE_READ),
            rate(tr("Output"), Kind.OUTPUT),
        )

    def _provider(self, row: PriceRow) -> str:
        return self._titles.get(row.provider, row.provider)


class _Editable(QWidget):
    """A table whose rows can be added, edited and removed.

    Signals:
        wanted(row | None): edit this row, or add one.
        removed(row): remove this row.
    """

    wanted = Signal(object)
    removed = Signal(object)

    def __init__(self, columns: Sequence[Column[Any]], name: str, *, add: str, wide: int) -> None:
        super().__init__()
        self.table = Table(columns, wide=wide)
        self.table.setAccessibleName(name)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.opened.connect(self.wanted)
        self.add = QuietButton(add, icon="plus")
        self.edit = QuietButton(tr("Edit"), icon="edit")
        self.remove = QuietButton(tr("Remove"), icon="trash")
        self.add.clicked.connect(lambda: self.wanted.emit(None))
        self.edit.clicked.connect(lambda: self.wanted.emit(self.chosen))
        self.remove.clicked.connect(lambda: self.removed.emit(self.chosen))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._say_chosen())
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        made: tuple[QPushButton, ...] = (self.add, self.edit, self.remove)
        for button in made:
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)

    def put_into(self, card: Card) -> None:
        """Put the table and its buttons at the end of a card."""
        card.add(self.table)
        card.body.addLayout(self.buttons)

    def show_rows(self, rows: Sequence[object]) -> None:
        """Show other rows; without any, the table takes no room."""
        self.table.show_rows(rows)
        self.table.setVisible(bool(rows))
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + min(len(rows), _MOST_ROWS) * _ROW + 2)
        for button in (self.edit, self.remove):
            button.setVisible(bool(rows))
        self._say_chosen()

    @property
    def chosen(self) -> object:
        """The selected row."""
        rows = self.table.selectionModel().selectedRows()
        row: object = self.table.rows_model.row_at(rows[0].row()) if rows else None
        return row

    def _say_chosen(self) -> None:
        one = self.chosen is not None
        self.edit.setEnabled(one)
        self.remove.setEnabled(one)


def _discount_columns() -> tuple[Column[Discount], ...]:
    return (
        Column(tr("Account"), lambda discount: discount.source),
        Column(tr("Holds"), discount_days, role=_muted),
        Column(tr("Percent off"), lambda discount: percent_text(discount.percent), numeric=True),
    )


def _holds(row: PriceRow) -> str:
    words = holds_words(row)
    return tr("{days}, with steps or hours", days=words) if has_more(row) else words


def _muted(_row: object) -> str:
    return "muted"
