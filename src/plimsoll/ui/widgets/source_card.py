"""A source as a card: how it is doing, what it covers, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.domain.money import shown
from plimsoll.services.answers import SourceCard, SourceState, SyncProgress, TestLine
from plimsoll.ui.moments import ago, at, grouped
from plimsoll.ui.run_outs import lapse_words, range_words, when_words
from plimsoll.ui.widgets.amounts import AmountLabel
from plimsoll.ui.widgets.buttons import IconButton, LinkButton, QuietButton
from plimsoll.ui.widgets.card import Card, Chip
from plimsoll.ui.widgets.labels import ElidedWords, Tone, Words
from plimsoll.ui.widgets.money_notice import MoneyNotice
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.widgets.quota_lines import QuotaLines
from plimsoll.ui.widgets.source_marks import FindingLines, Monogram, gives_words
from plimsoll.ui.words import full_day, in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.prepaid import Prepaid
    from plimsoll.services.subscriptions import SubscriptionStanding
    from plimsoll.ui.widgets.subscription_view import SubscriptionView


class SourceView(Card):
    """One source.

    Signals:
        sync_asked(str), test_asked(str), edit_asked(str), remove_asked(str), key_asked(str):
            what the user wants done with the source of this name.
        stop_asked(): stop the sync.
        balance_asked(SourceCard, str, QWidget): say where the balance in this currency comes from.
        credit_asked(str): show the account book of this source.
        subscription_asked(str, Subscription | None): enter a flat fee, or change this one.
        subscription_removed(Subscription): remove this flat fee.
        money_said(str, str): a `plan` or an `api` key pays for this agent's tokens.
        payer_said(str, str): this account's bill holds this agent's calls; empty for none.
    """

    sync_asked = Signal(str)
    test_asked = Signal(str)
    edit_asked = Signal(str)
    remove_asked = Signal(str)
    key_asked = Signal(str)
    stop_asked = Signal()
    balance_asked = Signal(object, str, QWidget)
    credit_asked = Signal(str)
    subscription_asked = Signal(str, object)
    subscription_removed = Signal(object)
    money_said = Signal(str, str)
    payer_said = Signal(str, str)

    def __init__(
        self,
        card: SourceCard,
        *,
        now: datetime,
        prepaid: Sequence[Prepaid] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self.card = card
        self.prepaid = tuple(prepaid)
        self.setAccessibleName(card.name)
        self.state = Chip()
        self.sync = QuietButton(tr("Sync"), icon="sync")
        self.test = QuietButton(tr("Test"), icon="done")
        self.edit = IconButton("edit", tr("Edit {name}", name=card.name))
        self.remove = IconButton("trash", tr("Remove {name}", name=card.name))
        self.failure = Words(tone=Tone.BAD, wrap=True)
        self.retry = QuietButton(tr("Retry"), icon="sync")
        self.replace_key = QuietButton(tr("Replace key"), icon="key")
        self.subscribe = QuietButton(tr("Subscription …"), icon="plus")
        if "tokens" not in card.gives:
            self.subscribe.hide()
        if card.key_place == "file":  # there is nobody to ask
            self.sync.hide()
            self.test.setText(tr("Files"))
        self.credit = LinkButton(tr("Account book …"))
        self.credit.setAccessibleName(tr("Account book of {name}", name=card.name))
        self.subscriptions: tuple[SubscriptionView, ...] = ()
        self._subscribed = QVBoxLayout()
        self.findings = FindingLines()
        self.findings.hide()
        self.progress = ProgressLine()
        self.body.setSpacing(12)
        self.body.addLayout(self._top())
        self.body.addLayout(self._facts(now))
        self.quotas = QuotaLines(card.quotas, now=now)
        self.body.addWidget(self.quotas)
        self.body.addWidget(self._trouble(now))
        self.money = self._money_notice()
        self.body.addLayout(self._subscribed)
        self.body.addWidget(self.findings)
        self.body.addWidget(self.progress)
        self._connect()
        self._say_state(now)

    def show_syncing(self, progress: SyncProgress | None) -> None:
        """A sync of this source is under way."""
        self.state.show_words(tr("Syncing"), tone="accent")
        self.sync.setEnabled(False)
        self.retry.setEnabled(False)
        if progress is not None:
            self.progress.show_progress(in_words(progress.sentence), progress.share)

    def show_subscriptions(self, standings: Sequence[SubscriptionStanding]) -> None:
        """The flat fees of this source, the newest first; call once. While one has no end, there
        is no room for another.
        """
        from plimsoll.ui.widgets.subscription_view import SubscriptionView

        name = self.card.name
        self.subscriptions = tuple(SubscriptionView(standing) for standing in standings)
        for view in self.subscriptions:
            view.edit_asked.connect(lambda made: self.subscription_asked.emit(name, made))
            view.remove_asked.connect(self.subscription_removed)
            self._subscribed.addWidget(view)
        if any(standing.subscription.last is None for standing in standings):
            self.subscribe.hide()

    def show_testing(self) -> None:
        """The account is being asked what the key can read."""
        self.test.setEnabled(False)
        self.findings.show_lines(())
        self.progress.show_progress(tr("Asking {title} …", title=in_words(self.card.title)))
        self.progress.stop_button.hide()

    def show_findings(self, lines: tuple[TestLine, ...]) -> None:
        """What the key can read."""
        self.test.setEnabled(True)
        self.progress.stop_button.show()
        self.progress.finish()
        self.findings.show_lines(lines)

    def _connect(self) -> None:
        name = self.card.name
        self.sync.clicked.connect(lambda: self.sync_asked.emit(name))
        self.retry.clicked.connect(lambda: self.sync_asked.emit(name))
        self.test.clicked.connect(lambda: self.test_asked.emit(name))
        self.edit.clicked.connect(lambda: self.edit_asked.emit(name))
        self.remove.clicked.connect(lambda: self.remove_asked.emit(name))
        self.replace_key.clicked.connect(lambda: self.key_asked.emit(name))
        self.progress.cancelled.connect(self.stop_asked)
        self.credit.clicked.connect(lambda: self.credit_asked.emit(name))
        self.subscribe.clicked.connect(lambda: self.subscription_asked.emit(name, None))

    def _top(self) -> QHBoxLayout:
        name = Words(self.card.name, size=15, weight=600)
        where = in_words(self.card.title)
        if not self.card.default_base_url:
            where = f"{where} · {self.card.base_url}"
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(name)
        names.addWidget(ElidedWords(where, tone="muted", size=12))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Monogram(in_words(self.card.title)))
        row.addSpacing(4)
        row.addLayout(names)
        row.addSpacing(8)
        row.addWidget(self.state, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for button in (self.subscribe, self.sync, self.test, self.edit, self.remove):
            row.addWidget(button)
        return row

    def _facts(self, now: datetime) -> QGridLayout:
        card = self.card
        texts = [*_where_from(card, now), *_what_it_means(card)]
        facts: list[tuple[str, QWidget]] = [
            (label, Words(text, wrap=True)) for label, text in texts
        ]
        facts += self._credit_facts()
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        columns = 3
        for place, (label, fact) in enumerate(facts):
            row, column = divmod(place, columns)
            if row:
                grid.setRowMinimumHeight(3 * row - 1, 6)
            grid.addWidget(Words(label, tone="faint", size=12), 3 * row, column)
            grid.addWidget(fact, 3 * row + 1, column, Qt.AlignmentFlag.AlignTop)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        return grid

    def _money_notice(self) -> MoneyNotice | None:
        """What is still to be asked about an agent's money."""
        question, name = self.card.money_question, self.card.name
        if question is None:
            return None
        notice = MoneyNotice(question, title=in_words(self.card.title))
        notice.money_said.connect(lambda said: self.money_said.emit(name, said))
        notice.payer_said.connect(lambda payer: self.payer_said.emit(name, payer))
        self.body.addWidget(notice)
        return notice

    def _credit_facts(self) -> list[tuple[str, QWidget]]:
        facts = []
        derived = [(one.currency, one.left) for one in self.prepaid if one.derived]
        if self.card.balances:
            facts.append((tr("Balance"), self._credit(self.card.balances)))
        elif self._can_keep_a_book:
            label = tr("Balance, derived") if derived else tr("Balance")
            facts.append((label, self._credit(derived, self.credit)))
        if self.prepaid:
            facts.append((tr("Runs out"), self._run_outs()))
        return facts

    @property
    def _can_keep_a_book(self) -> bool:
        """Whether it is an account that bills and tells no balance."""
        card = self.card
        asked = card.key_place not in {"logs", "file"}
        return asked and "money" in card.gives and "balance" not in card.gives

    def _run_outs(self) -> QWidget:
        """When each balance runs out; by its currency where there are several."""
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for one in self.prepaid:
            words = " · ".join(filter(None, (when_words(one), range_words(one), lapse_words(one))))
            if len(self.prepaid) > 1:
                words = tr("{name}: {words}", name=one.currency, words=words)
            column.addWidget(Words(words, tone="warn" if one.is_pressing else "text", wrap=True))
        return box

    def _credit(self, balances: Sequence[tuple[str, int]], *more: QWidget) -> QWidget:
        """What is left, in each currency; a click says where it comes from."""
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.balances = {
            currency: AmountLabel(shown(nanos, currency), weight=400)
            for currency, nanos in balances
        }
        for currency, amount in self.balances.items():
            amount.clicked.connect(partial(self.balance_asked.emit, self.card, currency, amount))
            row.addWidget(amount)
        for widget in more:
            row.addWidget(widget)
        row.addStretch(1)
        return box

    def _trouble(self, now: datetime) -> QWidget:
        card = self.card
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.failure, 1)
        row.addWidget(self.retry)
        row.addWidget(self.replace_key)
        self.failure.setText(
            tr("{when}: {failure}", when=at(card.failed_at, now), failure=card.failure)
            if card.failed_at
            else in_words(card.failure)
        )
        self.retry.setEnabled(not self._must_wait(now))
        self.replace_key.setVisible(card.key_place not in {"environment", "logs", "file"})
        if not card.failure:
            box.hide()
        return box

    def _say_state(self, now: datetime) -> None:
        if self._must_wait(now) and self.card.not_before is not None:
            until = at(self.card.not_before, now)
            self.state.show_words(tr("Rate limited until {time}", time=until), tone="warn")
            self.sync.setEnabled(False)
            return
        if self.card.key_place == "file":
            self.state.show_words(tr("Imported file"), tone="muted")
            return
        words, tone = {
            SourceState.NEW: (tr("New, not synced yet"), "muted"),
            SourceState.FRESH: (tr("Fresh"), "good"),
            SourceState.STALE: (tr("Stale"), "warn"),
            SourceState.FAILED: (tr("Failed"), "bad"),
            SourceState.SYNCING: (tr("Syncing"), "accent"),
        }[self.card.state]
        self.state.show_words(words, tone=tone)

    def _must_wait(self, now: datetime) -> bool:
        return self.card.not_before is not None and self.card.not_before > now


def _where_from(card: SourceCard, now: datetime) -> list[tuple[str, str]]:
    """Where its figures come from, when they came, and of which days they are."""
    is_file = card.key_place == "file"
    synced = ago(card.last_sync, now) if card.last_sync else tr("never")
    last = (tr("Last import") if is_file else tr("Last sync"), synced)
    gives = (tr("Gives"), gives_words(card.gives))
    if card.key_place == "logs":
        days = [(tr("First day we have"), _first(card)), (tr("Stored"), _calls(card))]
    elif _has_days(card):
        days = [(tr("Days covered"), _days(card)), (tr("Stored"), _stored(card))]
    else:
        days = []
    key = [] if is_file or card.key_place == "logs" else [(tr("Key"), key_words(card))]
    return [*key, last, *days, gives]


def _what_it_means(card: SourceCard) -> list[tuple[str, str]]:
    """What pays for its tokens, what asking costs, whose traffic it explains."""
    texts = []
    if card.money == "plan":
        texts.append((tr("Tokens"), tr("Plan on every day: not owed")))
    if card.costs_money:
        texts.append((tr("Asking costs money"), in_words(card.costs_money)))
    if card.explains:
        payers = tr(", ").join(card.explains)
        texts.append((tr("Explains"), tr("what {name} pays", name=payers)))
    return texts


def key_words(card: SourceCard) -> str:
    """Where a source's key is, and its last four characters; never more of it."""
    tail = f"…{card.key_tail}" if card.key_tail else ""
    places = {
        "keyring": tr("{tail} in the keyring", tail=tail).strip(),
        "environment": tr("from the environment"),
        "memory": tr("{tail} in memory", tail=tail).strip(),
        "logs": tr("none needed"),
    }
    return places.get(card.key_place, tr("no key"))


def _has_days(card: SourceCard) -> bool:
    """Whether anything of it stands on days; a balance and a plan's quotas do not."""
    told = {"tokens", "units", "money"} & set(card.gives)
    return bool(told or card.records or card.charges)


def _days(card: SourceCard) -> str:
    if card.first_day is None or card.last_day is None:
        return tr("none yet")
    return tr("{first} to {last}", first=full_day(card.first_day), last=full_day(card.last_day))


def _first(card: SourceCard) -> str:
    return tr("none yet") if card.first_day is None else full_day(card.first_day)


def _calls(card: SourceCard) -> str:
    return tr("{count} calls", count=grouped(card.records))


def _stored(card: SourceCard) -> str:
    if "balance" in card.gives and not {"tokens", "money"} & set(card.gives):
        return tr("{count} daily amounts, from its balance", count=grouped(card.records))
    return tr(
        "{records} usage records, {charges} charges",
        records=grouped(card.records),
        charges=grouped(card.charges),
    )
