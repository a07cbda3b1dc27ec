"""The price board: every model that some list has, searched, sorted and set side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelection, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.services.market_answers import BoardRow, PriceBoard
from plimsoll.ui import market_words as words
from plimsoll.ui import theme as look
from plimsoll.ui.charts.sparkline import SMALL, small_line
from plimsoll.ui.moments import grouped, share_words
from plimsoll.ui.widgets.buttons import LinkButton, QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.named_table import NamedTable
from plimsoll.ui.widgets.table import Column
from plimsoll.ui.words import full_day, in_words, tr

_HEIGHT = 420
_MOST = 4
"""More models than these cannot be read side by side."""

ALL, USED, COMING = "all", "used", "coming"


class PriceBoardCard(Card):
    """A search, a choice and the table; Enter or a double click opens one model, the button the
    two to four that are chosen.

    Signals:
        compared(tuple): set these rows side by side.
        peers_asked(): show mainland models beside their overseas peers.
    """

    compared = Signal(object)
    peers_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Price board"), parent=parent)
        self._board: PriceBoard | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search models, sellers, currencies"))
        self.search.setAccessibleName(tr("Search the price board"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            look.icon("search", "faint", look.current()), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(lambda _: self._fill())
        self.which = SegmentedControl(
            (
                (ALL, tr("All models")),
                (USED, tr("Your models")),
                (COMING, tr("Announced changes")),
            ),
            name=tr("Which models"),
        )
        self.which.chosen.connect(lambda _: self._fill())
        self.compare = QuietButton(tr("Compare"))
        self.compare.setToolTip(tr("Choose two to four models with Ctrl and click"))
        self.compare.setEnabled(False)
        self.compare.clicked.connect(lambda: self.compared.emit(self.chosen))
        self.peers = LinkButton(tr("Mainland beside overseas"))
        self.peers.clicked.connect(self.peers_asked)
        self.header.addWidget(self.peers)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        row.addWidget(self.which)
        row.addWidget(self.compare)
        self.body.addLayout(row)
        self.state = Words(tr("Reading the price lists …"), tone="muted", wrap=True)
        self.table = NamedTable(_columns(), wide=1)
        self.table.setIconSize(SMALL)
        self.table.setMinimumHeight(_HEIGHT)
        self.table.setAccessibleName(tr("Price board"))
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        self.table.opened.connect(lambda row: self.compared.emit((row,)))
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.table.hide()
        self.foot = Words(tone="faint", size=12, wrap=True)
        self.add(self.state)
        self.add(self.table, 1)
        self.add(self.foot)

    @property
    def chosen(self) -> tuple[BoardRow, ...]:
        """The rows that are selected, from the top."""
        lines = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return tuple(self.table.rows_model.row_at(line) for line in lines)

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """The rows that are shown."""
        return self.table.rows_model.rows

    def show_board(self, board: PriceBoard) -> None:
        """Show another board; search and order stay, and one that is the same stays as it is."""
        if board == self._board:
            return
        self._board = board
        self._fill()

    def show_trouble(self, error: PlimsollError) -> None:
        """Say why there is no board."""
        self._board = None
        self.table.hide()
        self.state.setText(in_words(error.words))
        self.state.show()

    def _fill(self) -> None:
        board = self._board
        if board is None:
            return
        wanted = self.search.text().casefold().split()
        which = self.which.value
        rows = [
            row
            for row in board.rows
            if (which == ALL or (row.used if which == USED else row.coming))
            and all(
                word in " ".join((row.model, *row.names, row.provider, row.currency)).casefold()
                for word in wanted
            )
        ]
        rows.sort(key=lambda row: (not row.used, row.layer == "listed", row.provider, row.model))
        self.table.show_rows(rows)
        self.table.setVisible(bool(rows))
        self.state.setVisible(not rows)
        self.state.setText(
            tr("No model of the last 30 days is on a price list.")
            if which == USED and not wanted
            else tr("No price list announces a change.")
            if which == COMING and not wanted
            else tr("No model of the price lists matches.")
        )
        self.set_note(tr("{count} models", count=grouped(len(rows))))
        marked = any(words.name_words(row) != row.model for row in rows)
        mark = tr("{mark} not certain, see its tip.", mark=words.NOT_CERTAIN) if marked else ""
        self.foot.setText("\n".join(filter(None, (_mix_words(board), mark))))

    def _chosen_changed(self, _new: QItemSelection, _old: QItemSelection) -> None:
        self.compare.setEnabled(2 <= len(self.chosen) <= _MOST)

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme: the small lines are painted again."""
        if event.type() in look.THEME_EVENTS and hasattr(self, "table"):
            self.table.viewport().update()
        super().changeEvent(event)


def _mix_words(board: PriceBoard) -> str:
    if not board.shares:
        return tr("Without tokens in the last 30 days there is no mix of yours to price.")
    parts = tr(", ").join(
        f"{words.class_words(name)} {share_words(float(share))}"
        for name, share in board.shares.items()
    )
    return tr(
        "For a million tokens, native currencies, short prompts. Your mix of 30 days: {parts}. A"
        " class that a list does not name counts as fresh input.",
        parts=parts,
    )


def _columns() -> Sequence[Column[BoardRow]]:
    def money(name: str) -> Column[BoardRow]:
        titles = {
            "input": tr("Input"),
            "cache_read": tr("Cached"),
            "output": tr("Output"),
            "mix": tr("At your mix"),
        }
        return Column(
            titles[name],
            lambda row: words.price(getattr(row, name), row.currency),
            lambda row: _sortable(row, getattr(row, name)),
            numeric=True,
            spare=5 if name == "cache_read" else 0,
        )

    return (
        Column(tr("Seller"), lambda row: row.provider, role=lambda _: "muted", spare=4),
        Column(
            tr("Model"),
            words.name_words,
            lambda row: row.model.casefold(),
            tip=_about,
        ),
        money("input"),
        money("cache_read"),
        money("output"),
        money("mix"),
        Column(
            tr("12 months"),
            lambda _: "",
            lambda row: len(row.history) or None,
            mark=_trend,
            spare=3,
        ),
        Column(
            tr("Batch"), words.batch_words, tip=words.terms_words, role=lambda _: "muted", spare=2
        ),
        Column(tr("Hours"), words.hour_words, tip=_other_hours, role=lambda _: "muted"),
        Column(tr("Coming"), _day, _next, tip=words.coming_words, role=lambda _: "warn"),
        Column(tr("Then"), words.then_words, role=lambda _: "muted", numeric=True, spare=1),
    )


def _sortable(row: BoardRow, nanos: int | None) -> tuple[str, int] | None:
    """Within its currency: amounts of different ones cannot be ranked."""
    return None if nanos is None else (row.currency, nanos)


def _about(row: BoardRow) -> str:
    """Who sells it, whose list the price is from, and what is to be known of it."""
    return "\n".join(filter(None, (row.provider, words.layer_words(row), words.note_words(row))))


def _day(row: BoardRow) -> str:
    return full_day(row.coming[0].at.date()) if row.coming else ""


def _next(row: BoardRow) -> object:
    return row.coming[0].at if row.coming else None


def _other_hours(row: BoardRow) -> str:
    if row.other_hours is None:
        return ""
    prices = " / ".join(words.price(nanos, row.currency) for nanos in row.other_hours)
    others = tr("At the other hours: {prices}", prices=prices)
    return "\n".join(filter(None, (in_words(row.doubt), words.until_words(row), others)))


def _trend(row: BoardRow) -> QPixmap | None:
    """The price at the user's mix over the last twelve months, where it changed."""
    return small_line(row.history, look.current()) if row.history else None
