"""Check: what was billed against what the tokens should have cost, and why they differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.services.answers import SourceCard, SourceState
from plimsoll.services.check_answers import AccountCheck, CheckAnswer, CheckCause, Status
from plimsoll.ui import causes, evidence
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.moments import at, period_words
from plimsoll.ui.page import GAP, Page
from plimsoll.ui.widgets.account_check import AccountCard, CauseTable
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.notices import Banner, EmptyState
from plimsoll.ui.words import tr

_YOUNG = 5
"""So many days into a month its bill has hardly begun: the page opens with the month before."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the page shows: the comparison, and the sources whose figures it is made of."""

    now: datetime
    check: CheckAnswer
    sources: tuple[SourceCard, ...]

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
        return lambda: Checked(program.clock.now(), program.check(period), program.source_cards())

    @property
    def period(self) -> Period:
        """The chosen days."""
        return causes.period_of(self.span.value, self._today())

    def build(self) -> None:
        """The frame of the page: it is filled by `show_answer`."""
        self._answer: Checked | None = None
        self._cards: list[AccountCard] = []
        self.span = SegmentedControl(
            (
                ("month", tr("This month")),
                ("last_month", tr("Last month")),
                ("quarter", tr("3 months")),
            ),
            name=tr("Period"),
        )
        if self._today().day <= _YOUNG:
            self.span.choose("last_month")
        self.span.chosen.connect(lambda _: self.refresh())
        self.controls.addWidget(self.span)
        self.banner = Banner()
        self.banner.acted.connect(lambda: self.page_asked.emit("sources", ""))
        self.empty = EmptyState(icon="check")
        self.empty.acted.connect(self._empty_acted)
        self.full = QWidget()
        column = QVBoxLayout(self.full)
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
        column.addWidget(self._build_nothing())
        column.addStretch(1)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.full, 1)
        self.body.addWidget(self.empty, 1)

    def show_answer(self, answer: Checked) -> None:
        """Fill the page."""
        self._answer = answer
        accounts = answer.check.accounts
        self.subtitle.setText(
            tr("{days} · provider days (UTC)", days=period_words(answer.check.period))
        )
        self.full.setVisible(bool(accounts))
        self.empty.setVisible(not accounts)
        if not accounts:
            self._show_empty(answer)
        self._show_stale(answer)
        self.headline.setText(causes.headline(accounts))
        self.tally.setText(causes.tally(accounts))
        self.tally.setVisible(bool(self.tally.text()))
        self._show_accounts(answer)
        self._show_nothing(answer)

    @property
    def cards(self) -> tuple[AccountCard, ...]:
        """The card of every account that was compared."""
        return tuple(self._cards)

    # --- building and showing ----------------------------------------------------------------

    def _build_nothing(self) -> QWidget:
        self.nothing = Card(tr("Nothing to compare"))
        self.nothing_lines = QVBoxLayout()
        self.nothing_lines.setSpacing(8)
        self.nothing.body.addLayout(self.nothing_lines)
        return self.nothing

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
            card.table_asked.connect(self._open_table)
            self._cards.append(card)
            self._list.addWidget(card)

    def _show_nothing(self, answer: Checked) -> None:
        while (item := self.nothing_lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        left = [a for a in answer.check.accounts if a.status is Status.NOTHING]
        self.nothing.setVisible(bool(left))
        for account in left:
            self.nothing_lines.addWidget(Words(account.source, weight=500))
            self.nothing_lines.addWidget(
                Words(tr(account.sentence), tone="muted", size=12, wrap=True)
            )

    # --- doing -------------------------------------------------------------------------------

    def _today(self) -> date:
        return utc_day(self.program.clock.now())

    def _explain(self, account: AccountCheck, what: str, anchor: QWidget) -> None:
        if self._answer is not None:
            self.explain(anchor, evidence.of_check(account, what, self._answer.check.period))

    def _open_table(self, account: AccountCheck, cause: CheckCause) -> None:
        table = CauseTable(cause, account.currency)
        TwinTable(causes.cause_title(cause.cause), table, self).open()
