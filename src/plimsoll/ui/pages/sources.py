"""Sources: the accounts that figures come from, their keys' places, and the archive."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import shiboken6
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.subscription import Subscription
from plimsoll.services.answers import (
    ProviderCard,
    SourceCard,
    SourcesPage,
    SyncOutcome,
    SyncProgress,
    TestLine,
)
from plimsoll.ui.dialogs.account_book import AccountBookDialog
from plimsoll.ui.dialogs.add_source import AddSource
from plimsoll.ui.dialogs.edit_source import ChangedSource, EditSource
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.dialogs.remove_source import RemoveSource
from plimsoll.ui.dialogs.subscription import SubscriptionDialog
from plimsoll.ui.page import GAP, Page
from plimsoll.ui.source_adding import KEYRING_SECONDS, TEST_SECONDS, SourceAdding, apply_change
from plimsoll.ui.widgets.buttons import PrimaryButton, QuietButton
from plimsoll.ui.widgets.labels import Tone
from plimsoll.ui.widgets.notices import Banner, EmptyState
from plimsoll.ui.widgets.overlap_question import OverlapQuestion
from plimsoll.ui.widgets.source_card import SourceView
from plimsoll.ui.widgets.whereabouts import ArchiveCard, KeysCard
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.domain.prepaid import Credit
    from plimsoll.services.prepaid import Prepaid

WIDE = 880


class SourcesPageView(Page[SourcesPage]):
    """A card for each source; where the keys and the archive are, at the foot."""

    name: ClassVar[str] = "sources"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Sources")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "A source is one account of a provider, with its key. Keys live in this computer's"
                " keyring, or in the environment as PLIMSOLL_KEY_<NAME>; they go only to their own"
                " provider and are never shown again."
            ),
            tr(
                "Test asks cheaply what a key can read. Sync asks again for the recent days, which"
                " providers still change, and fills what is missing."
            ),
            tr(
                "Removing a source deletes its key. Its figures stay in totals and history unless"
                " you choose to forget them."
            ),
            tr(
                "Two sources can see the same traffic: a gateway and its provider, or one"
                " organisation under two keys. You are asked once; one of them pays, and the other"
                " only explains and is in no total."
            ),
            tr(
                "Where a flat subscription pays for a source's tokens, enter it: they are then"
                " Plan, their worth at list price stands against the fee, and neither is part of"
                " Spent."
            ),
        )

    def question(self) -> Callable[[], SourcesPage]:
        """What is set up."""
        return self.program.sources_page

    def build(self) -> None:
        """The frame of the page: it is filled by `show_answer`."""
        self._answer: SourcesPage | None = None
        self._wants_to_add = False
        self._views: dict[str, SourceView] = {}
        self.questions: tuple[OverlapQuestion, ...] = ()
        self._findings: dict[str, tuple[TestLine, ...]] = {}
        self._syncing: tuple[str, ...] | None = None
        self._adding = SourceAdding(self.program, self.jobs, self)
        self._adding.changed.connect(self.data_changed)
        self._adding.sync_asked.connect(lambda name: self.sync_asked.emit((name,)))
        self._adding.stop_asked.connect(self.stop_asked)
        self._adding.failed.connect(self._say)
        self.sync_all = QuietButton(tr("Sync all"), icon="sync")
        self.sync_all.clicked.connect(lambda: self.sync_asked.emit(()))
        self.add = PrimaryButton(tr("Add a source"), icon="plus")
        self.add.clicked.connect(self.add_source)
        self.import_file = QuietButton(tr("Import a file"), icon="folder")
        self.import_file.clicked.connect(self.import_asked)
        self.controls.addWidget(self.sync_all)
        self.controls.addWidget(self.import_file)
        self.controls.addWidget(self.add)
        self.banner = Banner()
        self.banner.acted.connect(self.banner.clear)
        self.empty = EmptyState(
            tr("No source yet. Add the account of a provider; its key stays in your keyring."),
            action=tr("Add a source"),
        )
        self.empty.acted.connect(self.add_source)
        self._list = QVBoxLayout()
        self._list.setSpacing(GAP)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.empty, 1)
        self.body.addLayout(self._list)
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._foot.setSpacing(GAP)
        self.keys, self.archive = KeysCard(), ArchiveCard()
        self._foot.addWidget(self.keys, 1)
        self._foot.addWidget(self.archive, 1)
        self.body.addLayout(self._foot)
        self.body.addStretch(1)

    def show_answer(self, answer: SourcesPage) -> None:
        """Fill the page."""
        self._answer = answer
        self.empty.setVisible(not answer.cards)
        self.sync_all.setVisible(bool(answer.cards))
        self._show_questions(answer)
        self._show_cards(answer)
        self.keys.show_keyring(in_words(answer.keyring), works=answer.keyring_works)
        self.archive.show_archive(answer.ledger_path, answer.ledger_bytes)
        if self._wants_to_add:
            self._wants_to_add = False
            self.add_source()

    def intend(self, intention: str) -> None:
        """`add` opens the dialog, once the page knows the providers."""
        if intention == "add":
            if self._answer is None:
                self._wants_to_add = True
            else:
                self.add_source()

    def view(self, name: str) -> SourceView:
        """The card of one source."""
        return self._views[name]

    # --- sync --------------------------------------------------------------------------------

    def sync_began(self, names: tuple[str, ...]) -> None:
        """Mark the cards that are being pulled."""
        self._syncing = names
        self.sync_all.setEnabled(False)
        self._mark_syncing()

    def sync_moved(self, progress: SyncProgress) -> None:
        """Show it on the source's card, and in the dialog that waits for it."""
        view = self._views.get(progress.source)
        if view is not None:
            view.show_syncing(progress)
        self._adding.show_sync(progress)

    def sync_ended(self, outcome: SyncOutcome | None) -> None:
        """The window asks the page anew; only the dialog must be told."""
        self._syncing = None
        self.sync_all.setEnabled(True)
        if outcome is None:
            self.refresh()
        self._adding.show_sync_ended(outcome)

    def _mark_syncing(self) -> None:
        for name, view in self._views.items():
            if self._syncing is not None and (not self._syncing or name in self._syncing):
                view.show_syncing(None)

    # --- adding and changing -----------------------------------------------------------------

    def add_source(self) -> None:
        """Open the dialog of three steps."""
        if self._answer is not None:
            self._adding.open(self._answer)

    @property
    def adding(self) -> AddSource | None:
        """The open dialog, if there is one."""
        return self._adding.dialog

    def _edit(self, name: str, *, key_only: bool = False) -> None:
        card = self._card(name)
        if card is None:
            return
        others = [c.name for c in self._answer.cards if c.name != name] if self._answer else []
        dialog = EditSource(
            card,
            self._provider(card),
            key_only=key_only,
            has_balance="balance" in card.gives or bool(self._prepaid(name)),
            others=others,
            parent=self,
        )

        def done(_nothing: object) -> None:
            if shiboken6.isValid(dialog):
                dialog.accept()
            self.data_changed.emit()

        def refused(error: PlimsollError) -> None:
            if shiboken6.isValid(dialog):
                dialog.show_refused(in_words(error.words))
            else:
                self._say(error)

        def keep(change: ChangedSource) -> None:
            self.jobs.keyring(
                lambda _job: self._apply(change),
                then=done,
                failed=refused,
                receiver=self,
                deadline=KEYRING_SECONDS,
            )

        dialog.chosen.connect(keep)
        dialog.settings.try_asked.connect(partial(self._try, dialog, card))
        dialog.open()

    def _try(self, dialog: EditSource, card: SourceCard, setting: str) -> None:
        """Try the text of a setting on one answer, with the key that is kept."""
        from plimsoll.ui.trying import try_text

        try_text(
            self.program,
            self.jobs,
            dialog,
            card.provider,
            setting,
            dialog.settings.values.get(setting, ""),
            source=card.name,
            take=lambda text: dialog.settings.set_text(setting, text),
        )

    def _apply(self, change: ChangedSource) -> None:
        apply_change(self.program, change)

    def _ask_to_remove(self, name: str) -> None:
        dialog = RemoveSource(name, self)
        dialog.chosen.connect(lambda forget: self._remove(name, forget=forget))
        dialog.open()

    def _remove(self, name: str, *, forget: bool) -> None:
        self.jobs.keyring(
            lambda _job: self.program.remove_source(name, forget=forget),
            then=lambda _: self.data_changed.emit(),
            failed=self._say,
            receiver=self,
            deadline=KEYRING_SECONDS,
        )

    def _edit_subscription(self, name: str, before: Subscription | None) -> None:
        if self._answer is None:
            return
        form = SubscriptionDialog(
            name,
            today=self._answer.now.date(),
            currencies=(self._answer.currency,),
            subscription=before,
            parent=self,
        )

        def keep(made: Subscription) -> None:
            first = before.first if before else None
            self._write(partial(self.program.set_subscription, made, instead_of=first))

        form.chosen.connect(keep)
        form.open()

    def _ask_to_unsubscribe(self, made: Subscription) -> None:
        question = Confirm(
            tr("Remove the subscription “{name}”?", name=made.name),
            tr("The tokens of its days are then estimated and part of Spent again."),
            action=tr("Remove"),
            parent=self,
        )
        question.accepted.connect(
            lambda: self._write(partial(self.program.remove_subscription, made))
        )
        question.open()

    def _say_money(self, name: str, money: str) -> None:
        self._write(partial(self.program.edit_source, name, settings={"money": money}))

    def _say_payer(self, name: str, payer: str) -> None:
        self._write(partial(self.program.say_payer, name, payer or None))

    def _write(self, work: Callable[[], None]) -> None:
        self.jobs.write(
            lambda _job: work(),
            then=lambda _: self.data_changed.emit(),
            failed=self._say,
            receiver=self,
        )

    def _test(self, name: str) -> None:
        self._views[name].show_testing()

        def found(lines: tuple[TestLine, ...]) -> None:
            self._findings[name] = lines
            if name in self._views:
                self._views[name].show_findings(lines)

        self.jobs.keyring(
            lambda _job: self.program.test_source(name),
            then=found,
            failed=lambda error: found((TestLine(False, error.sentence, error.remedy),)),
            receiver=self,
            deadline=TEST_SECONDS,
        )

    def _say(self, error: PlimsollError) -> None:
        self.banner.show_line(in_words(error.words), tone=Tone.BAD, action=tr("Close"))

    def _explain_balance(self, card: SourceCard, currency: str, anchor: QWidget) -> None:
        from plimsoll.ui import origin, run_outs

        now = self.program.clock.now()
        mine = (one for one in self._prepaid(card.name) if one.currency == currency)
        for one in mine:
            self.explain(anchor, run_outs.evidence_of(one, now))
        self.ask_more(
            lambda: self.program.balance_steps(card.name, currency),
            lambda popover, steps: popover.show_sections(origin.steps_of(steps, now)),
        )

    def _prepaid(self, name: str) -> tuple[Prepaid, ...]:
        found = self._answer.prepaid if self._answer else ()
        return tuple(one for one in found if one.source == name)

    def _show_book(self, name: str) -> None:
        if self._answer is None:
            return
        entries = [entry for one in self._prepaid(name) for entry in one.entries]
        book = AccountBookDialog(
            name, entries, today=utc_day(self._answer.now), currency=self._currency, parent=self
        )
        book.entered.connect(lambda made: self._write(partial(self._enter, name, made)))
        book.removed.connect(
            lambda number: self._write(partial(self.program.remove_credit, name, number))
        )
        book.open()

    def _enter(self, name: str, made: Credit) -> None:
        self.program.add_credit(name, made)

    @property
    def _currency(self) -> str:
        return self._answer.currency if self._answer else "USD"

    def _card(self, name: str) -> SourceCard | None:
        cards = self._answer.cards if self._answer else ()
        return next((card for card in cards if card.name == name), None)

    def _provider(self, card: SourceCard) -> ProviderCard | None:
        providers = self._answer.providers if self._answer else ()
        asked = card.key_place != "file"
        return next((p for p in providers if asked and p.name == card.provider), None)

    # --- building and showing ----------------------------------------------------------------

    def _show_questions(self, answer: SourcesPage) -> None:
        for asked in self.questions:
            self._list.removeWidget(asked)
            asked.hide()
            asked.deleteLater()
        self.questions = tuple(OverlapQuestion(overlap) for overlap in answer.overlaps)
        for place, asked in enumerate(self.questions):
            asked.settled.connect(self._settle)
            self._list.insertWidget(place, asked)

    def _settle(self, overlap_id: int, once: bool, payer: str) -> None:
        def failed(error: PlimsollError) -> None:
            self._say(error)
            self.refresh()

        self.jobs.write(
            lambda _job: self.program.settle_overlap(overlap_id, once=once, payer=payer),
            then=lambda _: self.data_changed.emit(),
            failed=failed,
            receiver=self,
        )

    def _show_cards(self, answer: SourcesPage) -> None:
        for view in self._views.values():
            self._list.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._views = {}
        for card in answer.cards:
            view = SourceView(card, now=answer.now, prepaid=self._prepaid(card.name))
            view.credit_asked.connect(self._show_book)
            view.sync_asked.connect(lambda name: self.sync_asked.emit((name,)))
            view.stop_asked.connect(self.stop_asked)
            view.test_asked.connect(self._test)
            view.edit_asked.connect(self._edit)
            view.key_asked.connect(lambda name: self._edit(name, key_only=True))
            view.remove_asked.connect(self._ask_to_remove)
            view.balance_asked.connect(self._explain_balance)
            view.subscription_asked.connect(self._edit_subscription)
            view.subscription_removed.connect(self._ask_to_unsubscribe)
            view.money_said.connect(self._say_money)
            view.payer_said.connect(self._say_payer)
            mine = [s for s in answer.subscriptions if s.subscription.source == card.name]
            view.show_subscriptions(mine)
            self._views[card.name] = view
            self._list.addWidget(view)
            if card.name in self._findings:
                view.show_findings(self._findings[card.name])
        self._mark_syncing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The two foot cards side by side where there is room."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        wide = self.width() >= WIDE
        self._foot.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
