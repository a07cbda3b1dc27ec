"""One account's check as a card: billed, computed, and a bridge of named causes between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from plimsoll.domain.money import shown
from plimsoll.services.check_answers import AccountCheck, Cause, CheckCause, CheckThing, Status
from plimsoll.ui.causes import (
    cause_detail,
    cause_title,
    days_words,
    kind_text,
    mean_text,
    share_words,
    status_words,
)
from plimsoll.ui.moments import brief
from plimsoll.ui.price_words import quantity_words, signed
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.bridge import Bridge, Step
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.card import Card, Chip
from plimsoll.ui.widgets.labels import ElidedWords, Words
from plimsoll.ui.words import counted, in_words, short_day, tr

COMPUTED, BILLED, DIFFERENCE = "computed", "billed", "difference"

_SHOWN = 6
"""So many things of a cause are listed in the card; a table has them all."""


class AccountCard(Card):
    """One account that has both sides.

    Signals:
        explain_asked(AccountCheck, str, QWidget): say where an amount comes from, beside a widget;
            the word is `billed`, `computed`, `difference`, or a cause.
        table_asked(AccountCheck, CheckCause): show everything that a cause is made of.
        price_asked(AccountCheck, CheckThing): the user wants to enter a price that is not known.
        restated_asked(str): show the days of this account that were changed later.
    """

    explain_asked = Signal(object, str, object)
    table_asked = Signal(object, object)
    price_asked = Signal(object, object)
    restated_asked = Signal(str)

    def __init__(self, account: AccountCheck, *, title: str, parent: QWidget | None = None) -> None:
        super().__init__(account.source, note=title, parent=parent)
        self.account = account
        self._causes = {cause.cause.value: cause for cause in _causes(account)}
        self.status = Chip()
        self.header.addWidget(self.status)
        words, tone, icon = status_words(account)
        self.status.show_words(words, tone=tone, icon=icon)
        self.body.setSpacing(10)
        self.body.addLayout(self._figures())
        self.why = LinkButton(icon="chevron-right")
        self.why.clicked.connect(self._toggle)
        self.bridge = Bridge()
        self.bridge.show_steps(self._steps())
        self.bridge.opened.connect(self._open)
        self.bridge.explain_asked.connect(self._explain)
        self.body.addWidget(self.why, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.bridge)
        self.body.addLayout(self._foot())
        # A bill that agrees needs no reasons; they are one click away.
        self.show_causes(shown=account.status is not Status.AGREES)
        self.setAccessibleDescription(words)

    def show_causes(self, *, shown: bool) -> None:
        """Show or hide the causes of an account that agrees; others always show them."""
        agrees = self.account.status is Status.AGREES
        self.bridge.setVisible(shown)
        self.why.setVisible(agrees)
        self.why.setText(tr("Hide the causes") if shown else tr("Show the causes"))
        self.why.set_icon("chevron-down" if shown else "chevron-right")

    def open_cause(self, cause: Cause) -> None:
        """Show what a cause is made of."""
        if not self.bridge.line(cause.value).is_open:
            self._open(cause.value)

    # --- building ----------------------------------------------------------------------------

    def _figures(self) -> QHBoxLayout:
        account = self.account
        billed, computed = account.billed or 0, account.computed or 0
        difference = billed - computed
        row = QHBoxLayout()
        row.setSpacing(28)
        self.amounts: dict[str, AmountLabel] = {}
        for key, caption, text in (
            (BILLED, tr("Billed"), shown(billed, account.currency)),
            (COMPUTED, tr("Computed"), computed_words(account)),
            (DIFFERENCE, tr("Difference"), signed(difference, account.currency)),
        ):
            share = share_words(difference, computed) if key == DIFFERENCE and difference else ""
            row.addLayout(self._figure(key, caption, text, share))
        row.addStretch(1)
        return row

    def _figure(self, key: str, caption: str, text: str, share: str) -> QVBoxLayout:
        amount = AmountLabel(text, size=20)
        amount.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        amount.clicked.connect(lambda: self._explain(key, amount))
        self.amounts[key] = amount
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(amount)
        if share:
            beside = Words(share, tone="muted", size=12, weight=500)
            beside.setContentsMargins(0, 5, 0, 0)
            line.addWidget(beside)
        line.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Words(caption, tone="muted", size=12))
        column.addLayout(line)
        return column

    def _steps(self) -> list[Step]:
        account = self.account
        steps = [
            Step(
                COMPUTED,
                tr("Tokens at list price"),
                computed_words(account),
                detail=_without_price(account),
                total=True,
            )
        ]
        for key, cause in self._causes.items():
            odd = cause.cause is Cause.UNEXPLAINED
            role = "accent" if cause.amount > 0 else "other"
            steps.append(
                Step(
                    key,
                    cause_title(cause.cause),
                    signed(cause.amount, account.currency),
                    amount=cause.amount,
                    detail=cause_detail(cause, account.currency),
                    role="warn" if odd else role,
                    can_open=bool(cause.things),
                )
            )
        steps.append(
            Step(BILLED, tr("Billed"), shown(account.billed or 0, account.currency), total=True)
        )
        return steps

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        words = open_ends(self.account)
        self.open_ends = Words(words, tone="faint", size=12, wrap=True)
        self.open_ends.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        if not words:
            self.open_ends.hide()
        row.addWidget(self.open_ends, 1)
        count = self.account.restated_days
        self.restated = LinkButton(
            counted(count, "1 day was restated", "{count} days were restated")
        )
        self.restated.clicked.connect(lambda: self.restated_asked.emit(self.account.source))
        if not count:
            self.restated.hide()
        row.addWidget(self.restated)
        return row

    # --- doing -------------------------------------------------------------------------------

    def _toggle(self) -> None:
        self.show_causes(shown=self.bridge.isHidden())

    def _open(self, key: str) -> None:
        cause = self._causes[key]
        if self.bridge.line(key).is_open:
            self.bridge.put_below(key, None)
            return
        things = Things(cause, self.account.currency)
        things.table_asked.connect(lambda: self.table_asked.emit(self.account, cause))
        things.price_asked.connect(lambda thing: self.price_asked.emit(self.account, thing))
        self.bridge.put_below(key, things)

    def _explain(self, key: str, anchor: QWidget) -> None:
        self.explain_asked.emit(self.account, key, anchor)


class NothingCard(Card):
    """The accounts that have nothing to compare, each with the reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Nothing to compare"), parent=parent)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.body.addLayout(self._lines)

    def show_accounts(self, accounts: Sequence[AccountCheck]) -> None:
        """Show those of some accounts; without any, take no room."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        left = [account for account in accounts if account.status is Status.NOTHING]
        self.setVisible(bool(left))
        for account in left:
            self._lines.addWidget(Words(account.source, weight=500))
            self._lines.addWidget(
                Words(in_words(account.sentence), tone="muted", size=12, wrap=True)
            )


class Things(QWidget):
    """What a cause is made of, the largest things first.

    Signals:
        table_asked(): show all of them as a table.
        price_asked(CheckThing): enter a price for this one.
    """

    table_asked = Signal()
    price_asked = Signal(object)

    def __init__(self, cause: CheckCause, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        headers, rows = thing_table(cause.things[:_SHOWN], currency)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(3)
        right = Qt.AlignmentFlag.AlignRight
        for column, title in enumerate(headers):
            side = right if column else Qt.AlignmentFlag(0)
            grid.addWidget(Words(title, tone="faint", size=12), 0, column, side)
        for row, texts in enumerate(rows, start=1):
            grid.addWidget(ElidedWords(texts[0], size=12, middle=True), row, 0)
            for column, text in enumerate(texts[1:], start=1):
                weight = 500 if column == len(texts) - 1 else 400
                tone = "text" if column == len(texts) - 1 else "muted"
                words = Words(text, tone=tone, size=12, weight=weight)
                grid.addWidget(words, row, column, right)
        grid.setColumnStretch(0, 1)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(24, 2, 0, 10)
        column_layout.setSpacing(4)
        column_layout.addLayout(grid)
        column_layout.addLayout(self._links(cause))

    def _links(self, cause: CheckCause) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        if len(cause.things) > _SHOWN:
            self.all = LinkButton(tr("All {count} as a table", count=len(cause.things)))
            self.all.clicked.connect(self.table_asked)
            row.addWidget(self.all)
        if cause.cause is Cause.PRICE_UNKNOWN:
            thing = cause.things[0]
            self.price = LinkButton(tr("Add a price"), icon="plus")
            self.price.clicked.connect(lambda: self.price_asked.emit(thing))
            row.addWidget(self.price)
        row.addStretch(1)
        return row


def thing_table(
    things: Sequence[CheckThing], currency: str
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Things as a table: only columns that one of them has something in; the amount is last."""
    has_other = any(thing.against for thing in things)
    has_quantity = any(thing.quantity is not None for thing in things)
    has_prices = any(t.billed_price is not None or t.list_price is not None for t in things)
    headers = [tr("What"), *([tr("Used as")] if has_other else []), tr("Days")]
    if has_quantity:
        headers.append(tr("Quantity"))
    if has_prices:
        headers += [tr("Billed price"), tr("List price")]
    headers.append(tr("Amount"))
    rows = []
    for thing in things:
        row = [in_words(thing.words), *([kind_text(thing.against or "–")] if has_other else [])]
        row.append(days_words(thing.first, thing.last))
        if has_quantity:
            row.append(quantity_words(thing.quantity))
        if has_prices:
            row.append(mean_text(thing.billed_price, currency))
            row.append(mean_text(thing.list_price, currency))
        row.append(signed(thing.amount, currency))
        rows.append(tuple(row))
    return tuple(headers), rows


def computed_words(account: AccountCheck) -> str:
    """What the tokens cost at list price; where none of them has a price, that is not zero."""
    if not account.computed and account.not_priced_tokens:
        return tr("Not priced")
    return shown(account.computed or 0, account.currency)


def _without_price(account: AccountCheck) -> str:
    if not account.not_priced_tokens:
        return ""
    return tr("{count} tokens are not priced", count=brief(account.not_priced_tokens))


def open_ends(account: AccountCheck) -> str:
    """What can still change, and what is missing."""
    told = []
    if account.not_final_from is not None:
        day = short_day(account.not_final_from)
        told.append(tr("Days from {day} can still change.", day=day))
    missing = sum(len(gap.period) for gap in account.gaps)
    if missing:
        told.append(counted(missing, "1 day without data.", "{count} days without data."))
    return tr(" ").join(told)


def _causes(account: AccountCheck) -> list[CheckCause]:
    """The causes, and the unexplained one last, even where it is nothing."""
    named = [cause for cause in account.causes if cause.cause is not Cause.UNEXPLAINED]
    odd = [cause for cause in account.causes if cause.cause is Cause.UNEXPLAINED]
    return named + (odd or [CheckCause(Cause.UNEXPLAINED, 0, "")])
