"""Check: what was billed against what the tokens should have cost, and why they differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.services.answers import SourceCard, SourceState
from plimsoll.services.check_answers import (
    AccountCheck,
    CheckAnswer,
    CheckCause,
    CheckThing,
    Status,
)
from plimsoll.services.price_answers import NotPricedLine, PricesPage
from plimsoll.services.restated import Restated
from plimsoll.ui import asked, causes, evidence, listings
from plimsoll.ui.dialogs.price import Prefill
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.listings import Listing
from plimsoll.ui.moments import at, period_words
from plimsoll.ui.page import GAP, Page
from plimsoll.ui.price_editing import PriceEditing
from plimsoll.ui.widgets.account_check import AccountCard, NothingCard
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.days import DayRange
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.not_priced import NotPricedCard
from plimsoll.ui.widgets.notices import Banner, EmptyState
from plimsoll.ui.widgets.own_prices import OwnPricesCard
from plimsoll.ui.widgets.restated_card import RestatedCard
from plimsoll.ui.words import in_words, tr

WIDE = 1040

_YOUNG = 5
"""So many days into a month its bill has hardly begun: the page opens with the month before."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the page shows: the comparison, the sources whose figures it is made of, the prices
    that it compares with, and the settled days that were changed later.
    """

    now: datetime
    check: CheckAnswer
    sources: tuple[SourceCard, ...]
    prices: PricesPage
    restated: tuple[Restated, ...]

    def title_of(self, name: str) -> str:
        """The provider of a source, as it is called."""
        return next((s.title for s in self.sources if s.name == name and s.title != name), "")


class CheckPage(Page[Checked]):
    """A card for each account that sends a bill, the ones with open questions first."""

    name: ClassVar[str] = "check"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Check")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "Computed is what the tokens cost at the list prices of their days; billed is what"
                " the provider says. Between them stand the causes of the difference: they add up"
                " to it exactly, and what no cause explains is its own line."
            ),
            tr(
                "A bill agrees when all its causes together are within 1% of it, and is explained"
                " when at most 1% has no cause. A click on a cause shows what it is made of."
            ),
            tr(
                "Accounts without a bill, or without token counts, have nothing to compare."
                " Computed amounts are never added to what was billed."
            ),
        )

    def question(self) -> Callable[[], Checked]:
        """The accounts of the chosen days."""
        period = self.period
        program = self.program
        return lambda: Checked(
            program.clock.now(),
            program.check(period),
            program.source_cards(),
            program.prices.page(),
            program.restatements(),
        )

    @property
    def period(self) -> Period:
        """The chosen days."""
        if self.span.value == causes.CUSTOM:
            return self.days.period
        return causes.period_of(self.span.value, self._today())

    def build(self) -> None:
        """The frame of the page: it is filled by `show_answer`."""
        self._answer: Checked | None = None
        self._cards: list[AccountCard] = []
        self._wanted = ""
        self._is_stale_said = False
        self.editing = PriceEditing(self.program, self.jobs, self)
        self._build_period()
        self.banner = Banner()
        self.banner.acted.connect(self._banner_acted)
        self.empty = EmptyState(icon="check")
        self.empty.acted.connect(self._empty_acted)
        self.full = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(GAP)
        self._sides.addWidget(self._build_bills(), 16)
        self._sides.addWidget(self._build_beside(), 9)
        self.own = OwnPricesCard()
        column = QVBoxLayout(self.full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(self._sides)
        column.addWidget(self.own)
        column.addStretch(1)
        self.body.addWidget(self.days, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.full, 1)
        self.body.addWidget(self.empty, 1)
        self._connect()

    def show_answer(self, answer: Checked) -> None:
        """Fill the page."""
        self._answer = answer
        accounts = answer.check.accounts
        self.subtitle.setText(
            tr("{days} · provider days (UTC)", days=period_words(answer.check.period))
        )
        is_empty = not accounts
        self.full.setVisible(not is_empty)
        self.empty.setVisible(is_empty)
        if is_empty:
            self._show_empty(answer)
        self._show_stale(answer)
        self.headline.setText(causes.headline(accounts))
        self.tally.setText(causes.tally(accounts))
        self.tally.setVisible(bool(self.tally.text()))
        self._show_accounts(answer)
        self.nothing.show_accounts(accounts)
        self.editing.know(answer.prices, answer.sources)
        self.not_priced.show_lines(answer.prices.not_priced)
        self.restated.show_restated(answer.restated, now=answer.now)
        titles = {card.provider: in_words(card.title) for card in answer.sources}
        self.own.show_prices(answer.prices, titles=titles)
        if self._wanted:
            self._begin()
        if answer.restated:
            self.jobs.write(
                lambda _job: self.program.look_at_restatements(),
                then=lambda was_new: self.data_changed.emit() if was_new else None,
                failed=lambda _error: None,  # the first screen mentions them once more
                receiver=self,
            )

    @property
    def cards(self) -> tuple[AccountCard, ...]:
        """The card of every account that was compared."""
        return tuple(self._cards)

    def intend(self, intention: str) -> None:
        """`price` opens the form for a price, once the page knows what there is."""
        self._wanted = intention
        if self._answer is not None:
            self._begin()

    def take_focus(self) -> None:
        """The keyboard begins at the period."""
        self.span.button(self.span.value).setFocus()

    # --- building ----------------------------------------------------------------------------

    def _build_period(self) -> None:
        self.span = SegmentedControl(
            (
                ("month", tr("This month")),
                ("last_month", tr("Last month")),
                ("quarter", tr("3 months")),
                (causes.CUSTOM, tr("Custom")),
            ),
            name=tr("Period"),
        )
        if self._today().day <= _YOUNG:
            self.span.choose("last_month")
        self.days = DayRange()
        self.days.hide()
        self.controls.addWidget(self.span)

    def _build_bills(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self.headline = Words(size=18, weight=600, wrap=True)
        self.tally = Words(tone="muted", wrap=True)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.headline)
        head.addWidget(self.tally)
        self._list = QVBoxLayout()
        self._list.setSpacing(GAP)
        column.addLayout(head)
        column.addLayout(self._list)
        self.nothing = NothingCard()
        column.addWidget(self.nothing)
        column.addStretch(1)
        return side

    def _build_beside(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self.not_priced = NotPricedCard()
        self.restated = RestatedCard()
        column.addWidget(self.not_priced)
        column.addWidget(self.restated)
        column.addStretch(1)
        return side

    def _connect(self) -> None:
        self.span.chosen.connect(self._span_chosen)
        self.days.chosen.connect(lambda _period: self.refresh())
        self.not_priced.price_asked.connect(self._price_line)
        self.not_priced.table_asked.connect(self._list_not_priced)
        self.not_priced.own_asked.connect(self._show_own)
        self.restated.table_asked.connect(lambda: self._list_restated(""))
        self.own.price_asked.connect(self.editing.edit_price)
        self.own.remove_price_asked.connect(self.editing.remove_price)
        self.own.discount_asked.connect(self.editing.edit_discount)
        self.own.remove_discount_asked.connect(self.editing.remove_discount)
        self.own.import_asked.connect(self.editing.choose_file)
        self.own.export_asked.connect(self.editing.choose_new_file)
        self.own.log_asked.connect(self._list_log)
        self.editing.changed.connect(self.data_changed)
        self.editing.failed.connect(self._say)
        self.editing.written.connect(self._say_written)

    # --- showing -----------------------------------------------------------------------------

    def _show_empty(self, answer: Checked) -> None:
        if answer.sources:
            words, action = tr("No account has figures in this period."), tr("Sync now")
        else:
            words = tr("Once an account is added, its bill is checked here against its tokens.")
            action = tr("Add a source")
        self.empty.show_words(words, action=action)

    def _empty_acted(self) -> None:
        if self._answer is not None and self._answer.sources:
            self.sync_asked.emit(())
        else:
            self.page_asked.emit("sources", "add")

    def _show_stale(self, answer: Checked) -> None:
        """What is compared may be older than it looks."""
        compared = {a.source for a in answer.check.accounts if a.status is not Status.NOTHING}
        old = [
            s
            for s in answer.sources
            if s.name in compared and s.state in {SourceState.FAILED, SourceState.STALE}
        ]
        if not old:
            self.banner.clear()
            return
        source = old[0]
        if source.last_sync is None:
            words = tr("{source} was never fetched whole.", source=source.name)
        else:
            when = at(source.last_sync, answer.now)
            words = tr("{source} was last fetched {when}.", source=source.name, when=when)
        more = tr(" {count} more are as old.", count=len(old) - 1) if len(old) > 1 else ""
        self._is_stale_said = True
        self.banner.show_line(f"{words}{more}", action=tr("Go to the sources"))

    def _show_accounts(self, answer: Checked) -> None:
        for card in self._cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = []
        for account in answer.check.accounts:
            if account.status is Status.NOTHING:
                continue
            card = AccountCard(account, title=answer.title_of(account.source))
            card.explain_asked.connect(self._explain)
            card.table_asked.connect(self._list_cause)
            card.price_asked.connect(self._price_thing)
            card.restated_asked.connect(self._list_restated)
            self._cards.append(card)
            self._list.addWidget(card)

    # --- doing -------------------------------------------------------------------------------

    def _today(self) -> date:
        return utc_day(self.program.clock.now())

    def _explain(self, account: AccountCheck, what: str, anchor: QWidget) -> None:
        if self._answer is not None:
            period = self._answer.check.period
            lines = evidence.of_check(account, what, period)
            question = asked.of_account(account.source, period, account.currency)
            self.explain(anchor, lines, asked=question)

    def _span_chosen(self, span: str) -> None:
        custom = span == causes.CUSTOM
        if custom and self._answer is not None:
            self.days.show_period(self._answer.check.period)
        self.days.setVisible(custom)
        self.refresh()

    def _begin(self) -> None:
        wanted, self._wanted = self._wanted, ""
        if wanted == "price":
            self.editing.add_price()

    def _banner_acted(self) -> None:
        if self._is_stale_said:
            self.page_asked.emit("sources", "")
        else:
            self.banner.clear()

    def _say(self, error: PlimsollError) -> None:
        self._is_stale_said = False
        self.banner.show_line(in_words(error.words), tone=Tone.BAD, action=tr("Close"))

    def _say_written(self, file: str) -> None:
        self._is_stale_said = False
        words = tr("Your prices are in {file}.", file=file)
        self.banner.show_line(words, tone=Tone.GOOD, action=tr("Close"))

    def _price_line(self, line: NotPricedLine) -> None:
        self.editing.add_price(Prefill(line.provider, line.model or "", tier=line.tier or ""))

    def _price_thing(self, account: AccountCheck, thing: CheckThing) -> None:
        self.editing.add_price(Prefill(account.provider, thing.model or "", account.currency))

    def _show_own(self) -> None:
        self.scroller.ensureWidgetVisible(self.own)
        self.own.prices.add.setFocus()

    # --- everything, as a table --------------------------------------------------------------

    def _list_cause(self, account: AccountCheck, cause: CheckCause) -> None:
        self._open(causes.cause_title(cause.cause), listings.of_cause(cause, account.currency))

    def _list_not_priced(self) -> None:
        self._open(tr("Not priced"), listings.of_not_priced(self.not_priced.lines))

    def _list_restated(self, source: str) -> None:
        if self._answer is not None:
            found = [one for one in self._answer.restated if source in {"", one.source}]
            self._open(tr("Restated days"), listings.of_restated(found, now=self._answer.now))

    def _list_log(self) -> None:
        if self._answer is not None:
            log, now = self._answer.prices.log, self._answer.now
            listing = listings.of_log(log, now=now, today=self._today())
            self._open(tr("What changes of prices did"), listing)

    def _open(self, title: str, listing: Listing) -> None:
        TwinTable(title, listing, self, words=listing.words, wide=listing.wide).open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cards beside the bills where there is room, else below them."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        self._sides.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
